"""How a row of ALE's table is made, and its switches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provserver.domain.parameters import Confidence, Parameter, Writer

SHEET = "sheet alcatel-lucent A 5; wazo wazo_alcatel v2_13_02"
SWITCH = {True: "true", False: "false"}


def row(  # the columns of the table
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = "system",
    source: str = SHEET,
    mark: Confidence = "M",
) -> Parameter:
    """A row that is written once for a device."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)
