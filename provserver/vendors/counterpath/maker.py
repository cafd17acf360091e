"""What CounterPath declares: the answer to Bria's login, and its remote update, by a generated id."""

from __future__ import annotations

import re

from provserver.domain.artefact import TextFormat
from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.formats import check_fits, escape_key_value
from provserver.domain.identity import AuthScheme, HTTPLogin, LoginForm
from provserver.domain.vendor import (
    AfterDeletion,
    AfterDeletionRule,
    AgentPattern,
    FileRule,
    Model,
    NotifyEvents,
    Simulation,
    Vendor,
)
from provserver.domain.view import DeviceView
from provserver.vendors.counterpath.boot import VERSION, boot, user_agent
from provserver.vendors.counterpath.rows import PARAMETERS, place_raw

_GUIDES = "Bria Provisioning Guides 2.5, 3.0 and 4"


def escape_quoted(value: str) -> str:
    """
    Check *value* for a line ``name="value"``. How a quotation mark would be escaped is nowhere said, so it is refused.

    So is a backslash before the closing one. Raises ValueError without quoting it.
    """
    if '"' in value or value.endswith("\\"):
        msg = "holds a quotation mark or ends with a backslash, which the file has no way to carry"
        raise ValueError(msg)
    return escape_key_value(value)


# "Text or XML", says the guide; the last line is dropped unless it ends with CRLF (H).
INI = TextFormat(
    name="counterpath_ini", content_type="text/plain; charset=utf-8", escape=escape_quoted, line_end="\r\n"
)

AGENTS = (
    AgentPattern(
        words=("bria",),
        pattern=re.compile(
            r"^(?P<model>Bria(?: \d| Mobile)?(?: iOS| Android)?) release (?P<fw>\d[\d.]*)(?: stamp \d[\d.]*)?$",
            re.ASCII,
        ),
        source="public SIP captures; what it says in HTTP is not documented (sheet counterpath 2)",
        confidence="M",
    ),
)

FILES = (
    FileRule(
        name="login",
        pattern="{mac}-login.ini",  # both names are ours: Bria asks for whatever URLs it was given
        template="settings.ini.j2",
        format=INI,
        sections=frozenset({"line", "system", "raw"}),
        configuration=True,
        form=LoginForm(user="Username", password="Password"),  # noqa: S106 - the name of a field
        source=f"{_GUIDES}, Login Process",
        confidence="H",
    ),
    FileRule(
        name="update",
        pattern="{mac}-update.ini",
        template="settings.ini.j2",
        format=INI,
        sections=frozenset({"line", "system", "raw"}),
        configuration=True,
        source=f"{_GUIDES}, Remote Update",
        confidence="H",
    ),
)

# How many accounts is not in a source found; no keys to program.
MODELS = tuple(
    Model(name=name, keys=0, softkeys=0, modules=0, source="the client's own User-Agent in SIP", confidence="M")
    for name in ("Bria", "Bria 3", "Bria 4", "Bria iOS", "Bria Android", "Bria Mobile iOS", "Bria Mobile Android")
)

AFTER_DELETION = AfterDeletionRule(
    answer=AfterDeletion.OMIT,
    reason="a setting that is not listed stays as it is; the password stands in [SETTINGS], which the client stores",
    source=f"{_GUIDES}, Data Format; sheet counterpath 6",
    confidence="H",
    unproven=True,
)


def _check(view: DeviceView) -> None:
    """Refuse raw parameters that have no place in the file, and what the format cannot carry."""
    for name in view.raw:
        place_raw(name, "")
    check_fits(view, INI)


VENDOR = Vendor(
    slug="counterpath",
    name="CounterPath (Bria)",
    ouis=frozenset(),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AFTER_DELETION,
    notify=NotifyEvents(resync=None, reboot=None, source="sheet counterpath 10: none", confidence="M"),
    simulation=Simulation(model="Bria 4", firmware=VERSION, user_agent=user_agent, boot=boot),
    raw=place_raw,
    check=_check,
    generated_ids=True,
    login=HTTPLogin(schemes=frozenset({AuthScheme.FORM}), source=f"{_GUIDES}, Login Process", confidence="H"),
    bootstrap=(
        BootstrapWay(
            way=Way.HAND,
            text=(
                "Enter {url} with <id>-login.ini behind it as login server, and log in with the device's"
                " provisioning_user and provisioning_password (needs login.ask, and TLS of this server's own)."
            ),
            source=f"{_GUIDES}, Specifying the Login Server",
            confidence="H",
        ),
    ),
    sources=(
        "Bria Professional 2.5 Provisioning Guide",
        "Bria 3.0 Provisioning Guide, Retail Deployments",
        "Bria 4 Provisioning Guide, Enterprise Deployments",
    ),
)
