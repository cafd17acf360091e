"""
What Grandstream devices ask for, and how they introduce themselves.

The first file is binary, made by a tool of the maker's: it is not served, and the device goes on. The file with the MAC
is complete; the two behind it are asked only when that one was refused, by whoever asks, so nothing is in them.
"""

from __future__ import annotations

import re

from provserver.ciphers.openssl import SALTED
from provserver.domain.formats import XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.grandstream.accounts import LINE
from provserver.vendors.grandstream.keys import KEY
from provserver.vendors.grandstream.parameters import ACCESS

_SHEET = "sheet grandstream 1"


def _expected_miss(name: str, pattern: str, *, confidence: Confidence = "H") -> FileRule:
    return FileRule(name=name, pattern=pattern, optional=True, source=_SHEET, confidence=confidence)


AGENTS: tuple[AgentPattern, ...] = (
    # Grandstream Model HW GXV3350  V1.3A SW 1.0.1.8 DevId c074ad150b88: the hardware's revision after two blanks
    AgentPattern(
        words=("grandstream",),
        pattern=re.compile(
            r"^Grandstream Model HW (?P<model>[\w-]+)(?:\s+V\S+)? SW (?P<fw>\S+) DevId (?P<mac>[0-9a-fA-F]{12})\Z"
        ),
        source="sheet grandstream 2; wazo_grandstream common.py",
        confidence="H",
    ),
    # Grandstream GXP2000 (gxp2000e.bin:1.2.5.3/boot55e.bin:1.1.6.9) DevId 000b822726c8
    AgentPattern(
        words=("grandstream",),
        pattern=re.compile(
            r"^Grandstream (?P<model>GXP2000) \([^:]*:(?P<fw>[^/ )]+)/[^)]*\) DevId (?P<mac>[0-9a-fA-F]{12})\Z"
        ),
        source="sheet grandstream 2; wazo_grandstream common.py",
        confidence="H",
    ),
    # SIP: Grandstream GXP2170 1.0.11.48
    AgentPattern(
        words=("grandstream",),
        pattern=re.compile(r"^Grandstream (?P<model>[A-Z]{2,3}\d{3,4}[A-Z0-9]*) (?P<fw>\d+(?:\.\d+)+)\Z"),
        source="sheet grandstream 2",
        confidence="H",
    ),
)

FILES: tuple[FileRule, ...] = (
    _expected_miss("binary", "cfg{mac}"),
    _expected_miss("binary-bin", "cfg{mac}.bin"),
    FileRule(
        name="config",
        pattern="cfg{mac}.xml",
        template="config.xml.j2",
        format=XML,
        sections=frozenset({LINE, KEY, "system", ACCESS, "raw"}),
        configuration=True,
        encryptions=(SALTED,),  # with MD5 (sheet grandstream 8, M; the newest firmware is said to take SHA-256, L)
        source=_SHEET,
        confidence="H",
    ),
    _expected_miss("model", "cfg{model}.xml"),
    _expected_miss("common", "cfg.xml"),
    # Asked below the paths for firmware and phone book, which are set to other places when they are wanted.
    _expected_miss("firmware", "{model}fw.bin", confidence="M"),
    _expected_miss("phonebook", "phonebook.xml", confidence="M"),
    _expected_miss("phonebook-gs", "gs_phonebook.xml", confidence="M"),
    _expected_miss("language", "gxp.txt", confidence="M"),
)
