"""What Mitel phones ask for, and how they introduce themselves."""

from __future__ import annotations

import re

from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.mitel.models import MODELS
from provserver.vendors.mitel.notation import MITEL
from provserver.vendors.mitel.parameters import ACCESS

_SHEET = "sheet mitel-aastra 1"
_CONFIG = "config.cfg.j2"

AGENTS: tuple[AgentPattern, ...] = (
    # Aastra6731i MAC:00-08-5D-23-74-29 V:3.2.0.70-SIP, Mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-SIP
    AgentPattern(
        words=("aastra", "mitel"),
        pattern=re.compile(
            r"^(?:Aastra|Mitel)(?P<model>\w+) MAC:(?P<mac>(?:[0-9A-F]{2}-){5}[0-9A-F]{2}) "
            r"V:(?P<fw>\d+(?:\.\d+)+)-SIP\Z",
            re.ASCII,
        ),
        source="sheet mitel-aastra 2",
        confidence="H",
    ),
)


def _common(name: str) -> FileRule:
    """
    A file for all phones, asked first. Nothing in it is one device's own.

    It must not be missing: a phone that finds nothing in it does not go on to its own file (FusionPBX, M).
    """
    return FileRule(
        name=name,
        pattern=f"{name}.cfg",
        template=_CONFIG,
        format=MITEL,
        sections=frozenset({"system"}),
        configuration=True,
        optional=True,
        source=f"{_SHEET}; FusionPBX aastra.cfg",
        confidence="H",
    )


def _missed(name: str, pattern: str, *, source: str = _SHEET, confidence: Confidence = "H") -> FileRule:
    return FileRule(name=name, pattern=pattern, optional=True, source=source, confidence=confidence)


FILES: tuple[FileRule, ...] = (
    _common("startup"),
    _common("aastra"),  # what startup.cfg was called before release 4.0
    FileRule(
        name="config",
        pattern="{mac}.cfg",
        template=_CONFIG,
        format=MITEL,
        sections=frozenset({"line", "key", "system", ACCESS, "raw"}),
        configuration=True,
        source=_SHEET,
        confidence="H",
    ),
    # Files encrypted with the maker's own tool, whose format is not published, and the wrapped key for them.
    *(
        _missed(f"encrypted-{name.partition('.')[0].strip('{}')}", name, source="sheet mitel-aastra 1, 8")
        for name in ("security.tuz", "startup.tuz", "aastra.tuz", "{mac}.tuz")
    ),
    # Asked between the common file and the phone's own, which says all there is to say; and the firmware.
    *(
        _missed(f"{kind}-{model.name}", f"{model.name}.{ending}")
        for model in MODELS
        for kind, ending in (("model", "cfg"), ("encrypted-model", "tuz"), ("firmware", "st"))
    ),
)
