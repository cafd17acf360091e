"""
What Fanvil devices ask for, and how they introduce themselves.

The file with the MAC is complete. A common file for all devices of a model may be asked before it, until our file says
that there is none; the file that describes the firmware is asked where firmware is, which is set to another place.
"""

from __future__ import annotations

import re

from provserver.domain.formats import XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.fanvil.accounts import LINE
from provserver.vendors.fanvil.keys import KEY
from provserver.vendors.fanvil.parameters import ACCESS

_SHEET = "sheet fanvil 1"


def _expected_miss(name: str, pattern: str, *, confidence: Confidence = "M") -> FileRule:
    return FileRule(name=name, pattern=pattern, optional=True, source=_SHEET, confidence=confidence)


AGENTS: tuple[AgentPattern, ...] = (
    # Fanvil X6U Pro 0.0.10 0c383e2cd782: the model may have a blank; newer ones may stand in the brackets of a Mozilla
    AgentPattern(
        words=("fanvil", "mozilla"),
        pattern=re.compile(
            r"^(?:Mozilla[^(]*\((?:compatible; )?)?Fanvil (?P<model>[A-Za-z][\w-]*(?: [\w-]+)?) "
            r"(?P<fw>\d+(?:\.\d+)+) (?P<mac>[0-9a-fA-F]{12})\)?\Z"
        ),
        source="sheet fanvil 2; wazo_fanvil common.py",
        confidence="H",
    ),
)

FILES: tuple[FileRule, ...] = (
    FileRule(
        name="config",
        pattern="{mac}.cfg",
        template="config.xml.j2",
        format=XML,
        sections=frozenset({LINE, KEY, "system", ACCESS, "raw"}),
        configuration=True,
        source=_SHEET,
        confidence="H",
    ),
    # f0X5shw1.100.cfg, F0V00X300000.cfg: one for each model, with the same beginning
    _expected_miss("common", "f0{part}.cfg"),
    _expected_miss("common-numbered", "f0{part}.100.cfg"),
    # fanvil_v67_hw1_1.txt, fanvil_x5u_v2_hwv2_0.txt
    _expected_miss("firmware", "fanvil_{part}_{part}_{part}.txt"),
    _expected_miss("firmware-variant", "fanvil_{part}_{part}_{part}_{part}.txt"),
)
