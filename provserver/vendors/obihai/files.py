"""What OBi devices ask for, and how they introduce themselves."""

from __future__ import annotations

import re

from provserver.domain.formats import XML
from provserver.domain.vendor import AgentPattern, FileRule
from provserver.vendors.obihai.models import MODELS
from provserver.vendors.obihai.parameters import ACCESS, POINTER

_SHEET = "sheet obihai 1"
_CONFIG = "config.xml.j2"

AGENTS: tuple[AgentPattern, ...] = (
    # OBIHAI/OBi202-3.2.2.5921, OBIHAI/OBi1032-5.1.11: seen in SIP (H), taken for HTTP's (L)
    AgentPattern(
        words=("obihai",),
        pattern=re.compile(r"^OBIHAI/(?P<model>OBi\w+)-(?P<fw>\d+(?:\.\d+)+)\Z", re.ASCII),
        source="sheet obihai 2",
        confidence="L",
    ),
)

FILES: tuple[FileRule, ...] = (
    FileRule(
        name="config",
        pattern="{mac}.xml",
        template=_CONFIG,
        format=XML,
        sections=frozenset({"line", "key", "system", ACCESS, POINTER, "raw"}),
        configuration=True,
        source=_SHEET,
        confidence="M",
    ),
    # What a device asks by itself, by its model alone; the token before it says which device. It is told its own file.
    *(
        FileRule(
            name=f"model-{model.name}",
            pattern=f"{model.name}.xml",
            template=_CONFIG,
            format=XML,
            sections=frozenset({POINTER}),
            optional=True,
            source=_SHEET,
            confidence="M",
        )
        for model in MODELS
        if model.name.startswith("OBi")
    ),
)
