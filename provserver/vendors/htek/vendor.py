"""Htek, as one value."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.htek.accounts import ACCOUNT_ROWS, MAX_ACCOUNTS, PROFILES, profile_of
from provserver.vendors.htek.boot import boot, user_agent
from provserver.vendors.htek.files import AGENTS, FILES
from provserver.vendors.htek.keys import KEY_ROWS
from provserver.vendors.htek.models import MODELS
from provserver.vendors.htek.phonebook import PHONEBOOK
from provserver.vendors.htek.system import SYSTEM_ROWS

_RAW = re.compile(r"P[1-9]\d{0,5}")
_OURS = "P237"


def _check(view: DeviceView) -> None:
    """Refuse raw names that are no numbers, and lines for which no number is known."""
    for name in view.raw:
        if not _RAW.fullmatch(name):
            raise InvalidValue(f"raw.{name}", "is not the number of a parameter, with a P before it")
        if name == _OURS:
            raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")
    for line in view.lines:
        if line.number > MAX_ACCOUNTS:
            raise InvalidValue("line", f"{line.number} is beyond {MAX_ACCOUNTS}, the last whose parameters are known")
        if profile_of(line, view) is None:
            problem = f"of line {line.number} is that of no line from 1 to {PROFILES}, and there is no place for it"
            raise InvalidValue("registrar", problem)


VENDOR = Vendor(
    slug="htek",
    name="Htek",
    ouis=frozenset({"001fc1"}),  # sheet htek 3 (H)
    agents=AGENTS,
    files=FILES,
    parameters=(*ACCOUNT_ROWS, *KEY_ROWS, *SYSTEM_ROWS),
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.OMIT,
        reason="elements that a file does not list keep their value; an empty P34 would empty the password",
        source="sheet htek 6; htekdesk, files with the minimum of settings",
        confidence="M",
        unproven=True,
    ),
    notify=NotifyEvents(resync="check-sync", reboot=None, source="sheet htek 10; wazo_htek", confidence="M"),
    simulation=Simulation(model="UC926", firmware="2.0.4.6.41", user_agent=user_agent, boot=boot),
    check=_check,
    login=HTTPLogin(
        schemes=frozenset({AuthScheme.DIGEST, AuthScheme.BASIC}),
        source="sheet htek 7; fusionpbx uc926: P1360, P1361",
        confidence="M",
    ),
    bootstrap=(
        BootstrapWay(
            way=Way.REDIRECT,
            text="Create a server with {url} in the portal of Htek RPS (rps.htek.com), and register the MAC for it.",
            source="sheet htek 9",
            confidence="H",
        ),
        BootstrapWay(
            way=Way.DHCP,
            text="Hand out {url} in option 66; the first request may come five minutes after the phone's start.",
            dhcp_option=66,
            source="sheet htek 11",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.PNP,
            text="Answer the phone's multicast SUBSCRIBE (Event: ua-profile) with {url}.",
            source="sheet htek 11",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.HAND,
            text="On the web page, Management, Auto Provision: enter {url} as Config Server Path.",
            source="htekdesk, UC900 provisioning; fusionpbx uc926",
            confidence="M",
        ),
    ),
    phonebook=PHONEBOOK,
    sources=(
        "htekdesk.atlassian.net: UC900 Series IP Phones Provisioning, RPS Work Process",
        "wazo-provd-plugins wazo_htek",
        "fusionpbx htek uc926, app/htek, table of key types",
    ),
)
