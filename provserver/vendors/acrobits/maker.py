"""What Acrobits declares: one XML file by a generated id, with the accounts of the app."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, ScannedCode, Way
from provserver.domain.formats import APPLICATION_XML
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
from provserver.vendors.acrobits.accounts import LINE_SECTION, PARAMETERS, contents, place_raw
from provserver.vendors.acrobits.boot import VERSION, boot, user_agent

_DOC = "doc.acrobits.net, Account XML"

AGENTS = (
    # Apps of other names say theirs, so those are known by their path alone.
    AgentPattern(
        words=("groundwire",),
        pattern=re.compile(r"^(?P<model>Groundwire)/(?P<fw>\d[\d.]*)(?= \(|$)", re.ASCII),
        source="public SIP captures; two public servers that know the app by it in HTTP (facts only)",
        confidence="H",
    ),
    AgentPattern(
        words=("acrobits",),
        pattern=re.compile(r"^Acrobits (?P<model>Softphone)/(?P<fw>\d[\d.]*)(?= \(|$)", re.ASCII),
        source="a public server's own example (facts only)",
        confidence="L",
    ),
)

FILES = (
    FileRule(
        name="config",
        pattern="{mac}-account.xml",  # the name is ours: the app asks for whatever URL it was given
        template="account.xml.j2",
        format=APPLICATION_XML,
        sections=frozenset({LINE_SECTION, "raw"}),
        configuration=True,
        source=f"{_DOC}; sheet acrobits 4",
        confidence="H",
    ),
)

# Groundwire and Softphone hold several accounts, Cloud Softphone is built for one; no keys to program.
MODELS = tuple(
    Model(name=name, keys=0, softkeys=0, modules=0, source="the names of the apps", confidence="H")
    for name in ("Groundwire", "Softphone", "Cloud Softphone")
)

AFTER_DELETION = AfterDeletionRule(
    answer=AfterDeletion.NOT_FOUND,
    reason=(
        "the app merges what it is given with its provider's defaults, and that it keeps a password which is not there"
        " is not documented; any answer that is no success stops it before it changes anything, and it says so"
    ),
    source="sheet acrobits 6; faq.acrobits.net, External provisioning",
    confidence="M",
    unproven=True,
)


def _check(view: DeviceView) -> None:
    """Refuse raw parameters that have no place in the file."""
    for name in view.raw:
        place_raw(name, "")


VENDOR = Vendor(
    slug="acrobits",
    name="Acrobits (Groundwire, Softphone)",
    ouis=frozenset(),
    agents=AGENTS,
    files=FILES,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AFTER_DELETION,
    notify=NotifyEvents(resync=None, reboot=None, source="sheet acrobits 10: none known", confidence="M"),
    simulation=Simulation(model="Groundwire", firmware=VERSION, user_agent=user_agent, boot=boot),
    variables=contents,
    raw=place_raw,
    check=_check,
    generated_ids=True,
    bootstrap=(
        BootstrapWay(
            way=Way.HAND,
            text=(
                "Enter the address of {url} in the app's account, under External provisioning, or open it there as a"
                " provlinkbs:// link or QR code."
            ),
            source="sheet acrobits 1; a public provisioning server (facts only)",
            confidence="M",
        ),
        BootstrapWay(
            way=Way.REDIRECT,
            text="For an app of your own: enter {url} in the Cloud Softphone portal as external provisioning.",
            source="doc.acrobits.net, External provisioning; sheet acrobits 9",
            confidence="H",
        ),
    ),
    scanned=ScannedCode(
        file="config",
        scheme="provlinkbs",
        source="sheet acrobits 1: FusionPBX; public servers (facts only). One says that an app of 2026 did not know it",
        confidence="M",
    ),
    sources=(
        "https://doc.acrobits.net/cloudsoftphone/account.html",
        "https://faq.acrobits.net/how-does-the-external-provisioning-work-can-you-build-it-for-me",
    ),
)
