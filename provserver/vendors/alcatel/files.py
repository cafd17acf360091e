"""What ALE phones ask for, and how they introduce themselves."""

from __future__ import annotations

import re

from provserver.domain.formats import APPLICATION_XML, KEY_VALUE
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.alcatel.system import ACCESS
from provserver.vendors.alcatel.touch import TOUCH

_MYRIAD = "sheet alcatel-lucent A 1"
_TOUCH = "sheet alcatel-lucent B"

AGENTS: tuple[AgentPattern, ...] = (
    # ALE M3-CE 2.11.01.1604 3c28a620089e
    AgentPattern(
        words=("ale",),
        pattern=re.compile(
            r"^ALE (?P<model>M\d|H\d[A-Z]?)(?:-CE)? (?P<fw>\d+(?:\.\d+)+) (?P<mac>[0-9a-f]{12})\Z", re.ASCII
        ),
        source="sheet alcatel-lucent A 2",
        confidence="M",
    ),
    # Alcatel IP Touch 4018/2.01.10; the MAC is in the file's name alone
    AgentPattern(
        words=("alcatel",),
        pattern=re.compile(r"^Alcatel IP Touch (?P<model>\d{4})/(?P<fw>\d+(?:\.\d+)+)\Z", re.ASCII),
        source=_TOUCH,
        confidence="M",
    ),
)


def _own(name: str, pattern: str, *, confidence: Confidence) -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template="config.xml.j2",
        format=APPLICATION_XML,
        sections=frozenset({"line", "key", "system", ACCESS, "raw"}),
        configuration=True,
        source=_MYRIAD,
        confidence=confidence,
    )


def _missed(name: str, pattern: str) -> FileRule:
    """A name that phones ask before their own file, and go on without (wazo serves no config.xml either)."""
    return FileRule(name=name, pattern=pattern, optional=True, source=_MYRIAD, confidence="H")


FILES: tuple[FileRule, ...] = (
    _own("config", "config.{mac}.xml", confidence="H"),
    _own("config-query", "config.xml?mac={mac}", confidence="L"),
    _missed("common", "config.xml"),
    _missed("model", "config.{model}.xml"),
    _missed("model-ce", "config.{model}-CE.xml"),
    # Takes a phone from the maker's own protocol to SIP.
    FileRule(
        name="touch-mode",
        pattern="lanpbx.cfg",
        template="lanpbx.cfg.j2",
        format=KEY_VALUE,
        source=_TOUCH,
        confidence="M",
    ),
    # Some of its values have to be said for the phone to work (wazo, M). Alone it would put an account back to its
    # defaults, so it goes with the phone's own file.
    FileRule(
        name="touch-common",
        pattern="sipconfig.txt",
        template="sipconfig.txt.j2",
        format=KEY_VALUE,
        configuration=True,
        source=_TOUCH,
        confidence="M",
    ),
    FileRule(
        name="touch-config",
        pattern="sipconfig-{mac}.txt",
        template="sipconfig-mac.txt.j2",
        format=KEY_VALUE,
        sections=frozenset({TOUCH, "raw"}),
        configuration=True,
        source=_TOUCH,
        confidence="M",
    ),
)
