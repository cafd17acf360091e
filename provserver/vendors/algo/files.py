"""
What Algo devices ask for, and how they may introduce themselves.

A device takes its own file, or one for all of its model; each has the MD5 of its bytes beside it, which older firmware
insists on. A whole file stands for all settings of the device, an incremental one (``-i``) only for those it lists
(provisioning guide 2.2.5). So a file of the model is never served: as a whole one it would take the accounts away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provserver.domain.formats import KEY_VALUE
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import AfterDeletion, AgentPattern, FileRule
from provserver.vendors.algo.rows import LINE, SYSTEM

_SHEET = "sheet algo 1; Algo 8188 user guide, page 32"
_GUIDE = "sheet algo 1; Algo provisioning guide 1.6, 2.2.5"
_COMPLETE = frozenset({LINE, SYSTEM, "raw"})

AGENTS = (
    # Algo-8180/1.7.6: a recollection of how they speak SIP; no request was seen
    AgentPattern(
        words=("algo",),
        pattern=re.compile(r"^Algo-(?P<model>\d{4}[A-Z]*)/(?P<fw>\d+(?:\.\d+)*)\Z"),
        source="sheet algo 2",
        confidence="L",
    ),
)


def _pair(
    name: str,
    pattern: str,
    *,
    source: str,
    confidence: Confidence,
    template: str | None = None,
    after_deletion: AfterDeletion | None = None,
) -> Iterator[FileRule]:
    """A file and its checksum."""
    for ending, checksum in (("conf", ""), ("md5", "md5")):
        yield FileRule(
            name=f"{name}-{checksum}" if checksum else name,
            pattern=f"{pattern}.{ending}",
            template=template,
            format=KEY_VALUE if template else None,
            sections=_COMPLETE if template else frozenset(),
            checksum=checksum,
            configuration=template is not None,
            optional=template is None,
            after_deletion=after_deletion,
            source=source,
            confidence=confidence,
        )


FILES = (
    *_pair("settings", "algom{mac}", source=_SHEET, confidence="H", template="settings.conf.j2"),
    *_pair(
        "incremental",
        "algom{mac}-i",
        source=_GUIDE,
        confidence="L",
        template="settings.conf.j2",
        after_deletion=AfterDeletion.OMIT,
    ),
    *_pair("model", "algop{model}", source=_SHEET, confidence="H"),
    *_pair("model-incremental", "algop{model}-i", source=_GUIDE, confidence="L"),
)
