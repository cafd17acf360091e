"""What Snom phones call themselves when they ask for files and when they speak SIP."""

from __future__ import annotations

import re

from provserver.domain.vendor import AgentPattern
from provserver.vendors.snom.models import MODELS

_MOZILLA = r"^Mozilla/[\d.]+ \(compatible; "
_WORDS = tuple(f"snom{model.name.lower()}" for model in MODELS)

AGENTS = (
    # snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0
    # snom320-SIP 8.4.18 1.1.3-s: firmware before 8.7.5 does not tell its MAC
    AgentPattern(
        words=_WORDS,
        pattern=re.compile(
            _MOZILLA + r"snom(?P<model>\w+)-SIP (?P<fw>\d[\d.]*)(?![\w.])(?:\s.*?\b(?P<mac>[0-9A-Fa-f]{12})\b)?"
        ),
        source="sheet snom 2; wazo_snom common.py",
        confidence="H",
    ),
    # Snom M900 05.20.0001 000413b60680
    AgentPattern(
        words=("snom", *_WORDS),
        pattern=re.compile(_MOZILLA + r"[sS]nom ?(?P<model>M\d{2,4}) (?P<fw>\d[\d.]*) (?P<mac>[0-9A-Fa-f]{12})\b"),
        source="sheet snom 2; wazo_snom common_dect/common.py",
        confidence="H",
    ),
    # snom lid 3605: firmware 6.5, names no model
    AgentPattern(
        words=("snom",),
        pattern=re.compile(_MOZILLA + r"snom lid (?P<fw>\d+)\)"),
        source="sheet snom 2; wazo_snom common.py",
        confidence="H",
    ),
    # SIP of a base: snomM700/03.23.0005 (MAC=000413…; SER= 00000; HW=255)
    AgentPattern(
        words=_WORDS,
        pattern=re.compile(
            r"^snom(?P<model>M\d{2,4})/(?P<fw>\d[\d.]*) \(MAC=(?P<mac>[0-9A-Fa-f]{12}); SER= ?(?P<serial>\w+);"
        ),
        source="sheet snom 12; Snom M700 provisioning guide v1.04, page 6",
        confidence="H",
    ),
    # SIP of a desk phone: snomD862/10.1.226.13
    AgentPattern(
        words=_WORDS,
        pattern=re.compile(r"^snom(?P<model>\w+)/(?P<fw>\d[\d.]*)$"),
        source="sheet snom 2",
        confidence="M",
    ),
)
