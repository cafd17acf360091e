"""
What Htek phones ask for, and how they introduce themselves.

One after the other: a factory file, the model's, three of the phone's own (sheet htek 1; htekdesk, "RPS Work Process").
Some firmware stops at the first that it gets, some goes on: so there is exactly one, the last.
"""

from __future__ import annotations

import re

from provserver.domain.formats import XML
from provserver.domain.hanlong.accounts import LINE
from provserver.domain.hanlong.keys import KEY
from provserver.domain.hanlong.system import ACCESS, SYSTEM
from provserver.domain.vendor import AgentPattern, FileRule

_SHEET = "sheet htek 1"

AGENTS = (
    # Htek UC926 2.0.4.2 00:1f:c1:1c:22:a9
    AgentPattern(
        words=("htek",),
        pattern=re.compile(
            r"^Htek (?P<model>\S+) (?P<fw>\S+) (?P<mac>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{12})\Z"
        ),
        source="sheet htek 2; wazo_htek common.py; fusionpbx provision",
        confidence="H",
    ),
)

FILES = (
    FileRule(
        name="config",
        pattern="cfg{mac}.xml",
        template="config.xml.j2",
        format=XML,
        sections=frozenset({LINE, KEY, SYSTEM, ACCESS, "raw"}),
        configuration=True,
        source=f"{_SHEET}; wazo_htek common.py",
        confidence="H",
    ),
    # In a binary format that nobody has published.
    FileRule(name="binary", pattern="cfg{mac}", optional=True, source=_SHEET, confidence="H"),
    # In the order of the maker before the phone's XML, and read as that is: a second one would be a second delivery.
    FileRule(
        name="early",
        pattern="{mac}.cfg",
        optional=True,
        source="htekdesk, RPS Work Process; fusionpbx serves this one instead",
        confidence="H",
    ),
    FileRule(name="model", pattern="cfg{number}.xml", optional=True, source=_SHEET, confidence="H"),
    # For the factory only: "don't try to provision it" (htekdesk, UC900 provisioning).
    FileRule(name="factory", pattern="factory{number}.bin", optional=True, source=_SHEET, confidence="H"),
)
