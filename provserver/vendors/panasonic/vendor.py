"""Panasonic, as one value."""

from __future__ import annotations

import re
from collections.abc import Mapping

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.formats import check_fits
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, FileRule, NotifyEvents, Simulation, Vendor
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.panasonic.accounts import ACCOUNT_ROWS
from provserver.vendors.panasonic.boot import boot, user_agent
from provserver.vendors.panasonic.files import AGENTS, FILES, QUOTED
from provserver.vendors.panasonic.keys import KEY_ROWS
from provserver.vendors.panasonic.models import MODELS, header
from provserver.vendors.panasonic.system import SYSTEM_ROWS

_RAW = re.compile(r"[A-Z][A-Z0-9_]{0,31}")  # KX-UT670 administrator guide 5.2.1: at most 32 characters
_OURS = frozenset({"CFG_STANDARD_FILE_PATH", "CFG_PRODUCT_FILE_PATH", "CFG_MASTER_FILE_PATH"})


def _check(view: DeviceView) -> None:
    """Refuse raw names that are no names, and texts that a file cannot carry."""
    for name in view.raw:
        if not _RAW.fullmatch(name):
            raise InvalidValue(f"raw.{name}", "is not a name of capital letters, digits and underscores")
        if name in _OURS:
            raise InvalidValue(f"raw.{name}", "is an address at this server, which is written by itself")
    check_fits(view, QUOTED)


def _variables(view: DeviceView, _rule: FileRule) -> Mapping[str, object]:
    return {"header": header(view.model)}


VENDOR = Vendor(
    slug="panasonic",
    name="Panasonic",
    ouis=frozenset({"0080f0", "080023", "bcc342"}),  # sheet panasonic 3 (H)
    agents=AGENTS,
    files=FILES,
    parameters=(*ACCOUNT_ROWS, *KEY_ROWS, *SYSTEM_ROWS),
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason='the maker says to list only what changes; SIP_PASS_n="" would empty the password, so it is left out',
        source="sheet panasonic 6; KX-UT670 administrator guide 5.2.1",
        confidence="H",
        unproven=True,
    ),
    notify=NotifyEvents(resync="check-sync", reboot=None, source="sheet panasonic 10", confidence="H"),
    simulation=Simulation(model="KX-HDV230", firmware="07.150", user_agent=user_agent, boot=boot),
    variables=_variables,
    check=_check,
    login=HTTPLogin(
        # By a URL with name and password in it, which we do not write: the token is proof enough.
        schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
        source="sheet panasonic 7",
        confidence="M",
    ),
    bootstrap=(
        BootstrapWay(
            way=Way.DHCP,
            text="Hand out {url} in option 160, or in 159 or 66; the phone asks for a file called after its model.",
            dhcp_option=160,
            dhcp_also=(159, 66),
            source="sheet panasonic 11",
            confidence="H",
        ),
        BootstrapWay(
            way=Way.PNP,
            text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}.",
            source="sheet panasonic 11",
            confidence="H",
        ),
        BootstrapWay(
            way=Way.REDIRECT,
            text="Enter {url} for the MAC in the maker's redirection portal; no public call does it.",
            source="sheet panasonic 9",
            confidence="L",
        ),
        BootstrapWay(
            way=Way.HAND,
            text="On the web page, Maintenance, Provisioning: enter {url}Config{MAC}.cfg as Standard File URL.",
            source="KX-UT administrator guide, web user interface",
            confidence="M",
        ),
    ),
    sources=(
        "KX-UT123, KX-UT670 and KX-UTG300 administrator guides: files, formats, priorities",
        "wazo-provd-plugins wazo_panasonic",
        "fusionpbx panasonic ut670 and tgp500; SARK panasonic templates",
    ),
)
