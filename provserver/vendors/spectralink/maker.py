"""What Spectralink declares: a master file and the file that it names, and models that take nothing from here."""

from __future__ import annotations

import re

from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.formats import XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import (
    AfterDeletion,
    AfterDeletionRule,
    AgentPattern,
    FileRule,
    Model,
    NotifyEvents,
    Simulation,
    UploadRule,
    Vendor,
)
from provserver.domain.view import DeviceView
from provserver.vendors.spectralink.boot import VERSION, boot, user_agent
from provserver.vendors.spectralink.rows import PARAMETERS, USER_FILE, raw_entry

_GUIDE = "Spectralink 84-Series administration guide; sheet spectralink"
_UCS = "UC Software 4.x, of which the 84-Series' software is a branch"

AGENTS = (
    AgentPattern(
        words=("filetransport",),
        pattern=re.compile(r"\AFileTransport SL[-_](?P<model>84\d\d)-UA/(?P<fw>\d+(?:\.\d+)+)\Z", re.ASCII),
        source="sheet spectralink: recollection; near the form of Polycom's phones",
        confidence="L",
    ),
)


def _expected_miss(name: str, pattern: str, source: str = _GUIDE, confidence: Confidence = "H") -> FileRule:
    """A name that these phones ask for at every start and do without."""
    return FileRule(name=name, pattern=pattern, optional=True, source=source, confidence=confidence)


FILES = (
    FileRule(
        name="master",
        pattern="{mac}.cfg",
        template="master.cfg.j2",
        format=XML,
        sections=frozenset({"master"}),
        configuration=True,
        source=_GUIDE,
        confidence="H",
    ),
    FileRule(
        name="user",
        pattern="{mac}" + USER_FILE,
        template="config.cfg.j2",
        format=XML,
        sections=frozenset({"line", "system", "raw"}),
        configuration=True,
        source="named in CONFIG_FILES",
        confidence="H",
    ),
    # 000000000000.cfg, 000000000000-directory.xml and sip.ld are asked for as well, and are not there. They carry no
    # MAC and are Polycom's to whoever asks whose they are; a rule here would make that ambiguous.
    _expected_miss("overrides of the phone's menu", "{mac}-phone.cfg", _UCS, "M"),
    _expected_miss("overrides of the phone's web page", "{mac}-web.cfg", _UCS, "M"),
    _expected_miss("directory", "{mac}-directory.xml"),
)


def _upload(name: str, ending: str, *, kind: str, secret: bool = False, returned: bool = False) -> UploadRule:
    return UploadRule(
        name=name,
        pattern="{mac}" + ending,
        may_hold_credentials=secret,
        returned=returned,
        content_type=kind,
        source=f"{_GUIDE}: overrides and logs are sent by PUT; names: {_UCS}",
        confidence="M",
    )


UPLOADS = (
    _upload("overrides of the phone's menu", "-phone.cfg", kind=XML.content_type, secret=True, returned=True),
    _upload("overrides of the phone's web page", "-web.cfg", kind=XML.content_type, secret=True, returned=True),
    _upload("directory", "-directory.xml", kind=XML.content_type, returned=True),
    _upload("log", "-app.log", kind="text/plain"),
    _upload("boot log", "-boot.log", kind="text/plain"),
)


def _models(*names: str, refuses: str = "", confidence: Confidence = "M") -> tuple[Model, ...]:
    return tuple(
        Model(
            name=name, lines=0 if refuses else None, refuses=refuses, source="sheet spectralink", confidence=confidence
        )
        for name in names
    )


MODELS = (
    *_models("8440", "8441", "8450", "8452", "8453"),
    *_models(
        "PIVOT 8741",
        "PIVOT 8742",
        "PIVOT 8744",
        "PIVOT 8753",
        "Versity 9240",
        "Versity 9253",
        "Versity 9540",
        "Versity 9553",
        "Versity 9640",
        "Versity 9653",
        refuses="PIVOT and Versity are Android devices that Spectralink's own SAM or an MDM configures",
        confidence="L",  # that they do is M; which numbers there are is recollected
    ),
    *_models(
        "IP-DECT Server 200",
        "IP-DECT Server 400",
        "IP-DECT Server 6500",
        "Virtual IP-DECT Server",
        refuses="what the files of IP-DECT servers are called, and hold, is in no public source found",
        confidence="L",
    ),
)


def _check(view: DeviceView) -> None:
    """Refuse raw parameters that have no place in the file."""
    for name in view.raw:
        raw_entry(name, "")


VENDOR = Vendor(
    slug="spectralink",
    name="Spectralink",
    ouis=frozenset({"00907a", "0013d1"}),  # IEEE (H): Spectralink; KIRK telecom, now its DECT
    agents=AGENTS,
    files=FILES,
    uploads=UPLOADS,
    parameters=PARAMETERS,
    models=MODELS,
    after_deletion=AfterDeletionRule(
        answer=AfterDeletion.NOT_FOUND,
        reason=(
            "its files are applied anew at every start, and a password that is missing from them goes back to its"
            " default, which is none; that a phone without files starts with what it has is Polycom's semantics"
        ),
        source="sheet spectralink; SARK answers so (facts only)",
        confidence="L",
        unproven=True,
    ),
    notify=NotifyEvents(resync="check-sync", reboot=None, source="sheet spectralink", confidence="M"),
    simulation=Simulation(model="8440", firmware=VERSION, user_agent=user_agent, boot=boot),
    raw=raw_entry,
    check=_check,
    bootstrap=(
        BootstrapWay(
            way=Way.DHCP,
            text="Hand out {url} as text in option 160, or in 66.",
            dhcp_option=160,
            source="sheet spectralink",
            confidence="L",
        ),
        BootstrapWay(
            way=Way.HAND,
            text="In the phone's menu, Network Configuration, Provisioning Server: enter {url} as Server Address.",
            source=_UCS,
            confidence="M",
        ),
    ),
    sources=("Spectralink 84-Series Wireless Telephones Administration Guide, 1725-86984-000",),
)
