"""
What 2N devices ask for, and how they may introduce themselves.

A device asks for a common file of its model and for one with its MAC; the names' prefixes are recollections (L), and a
file that is called after the MAC alone is what public servers hand out. There is nothing to tell all devices alike.
"""

from __future__ import annotations

import re

from provserver.domain.formats import APPLICATION_XML
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.twon.models import COMMON_PREFIXES
from provserver.vendors.twon.rows import LINE, SYSTEM

AGENTS = (
    # HIP2.10.0.19.2: what its own web server calls itself; no request was seen
    AgentPattern(
        words=("hip1", "hip2", "hip3"),
        pattern=re.compile(r"^HIP(?P<fw>[1-3](?:\.\d+){2,5})\Z"),
        source="sheet 2n 2",
        confidence="L",
    ),
)


def _own(name: str, pattern: str, *, source: str, confidence: Confidence) -> FileRule:
    return FileRule(
        name=name,
        pattern=pattern,
        template="device.xml.j2",
        format=APPLICATION_XML,
        sections=frozenset({LINE, SYSTEM, "raw"}),
        configuration=True,
        source=source,
        confidence=confidence,
    )


FILES = (
    _own("settings", "{mac}.xml", source="sheet 2n 1; fusionpbx", confidence="M"),
    _own("private", "hip{part}-{mac}.xml", source="sheet 2n 1", confidence="L"),
    *(
        FileRule(
            name=f"common-{prefix}",
            pattern=f"{prefix}.xml",
            optional=True,
            source="sheet 2n 1",
            confidence="L",
        )
        for prefix in COMMON_PREFIXES
    ),
)
