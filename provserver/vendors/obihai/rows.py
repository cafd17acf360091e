"""How a row of Obihai's table is made: the place of an entry is the object that its parameter belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provserver.domain.parameters import Confidence, Parameter, Writer

SHEET = "sheet obihai 5"
SWITCH = {True: "true", False: "false"}
ITSP = "X_DeviceManagement.ITSPProvisioning."


def row(  # the columns of the table
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    place: str = "",
    section: str = "system",
    source: str = SHEET,
    mark: Confidence = "M",
) -> Parameter:
    """A row that is written once for a device."""
    return Parameter(
        setting=setting, write=write, values=values, place=place, section=section, source=source, confidence=mark
    )
