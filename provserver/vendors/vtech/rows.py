"""Rows of VTech's table with their sources, and entries for the families that know a setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Line
from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, as_written
from provserver.vendors.vtech.models import Family, family

SHEET = "sheet vtech 5"
EXPORT = "sheet vtech 5; exported configuration of a VSP735A (in SARK)"
BRANDED_TEMPLATES = "fusionpbx snom/C520, M100KLE, M500KLE; pascom, Snom C520"
SWITCH = {True: "1", False: "0"}

LINE, KEY, SYSTEM, ACCESS = "line", "key", "system", "access"  # sections


def row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = SYSTEM,
    source: str = SHEET,
    mark: Confidence = "H",
) -> Parameter:
    """A row that is written once for a device."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)


def of_line(
    setting: str,
    write: str | Writer,
    *,
    source: str = SHEET,
    mark: Confidence = "H",
) -> Parameter:
    """A row for a field of a line."""
    return Parameter(setting=f"line.{setting}", write=write, section=LINE, source=source, confidence=mark)


def each_line(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    source: str = SHEET,
    mark: Confidence = "H",
) -> Parameter:
    """A row for a setting of the device that every account has for itself."""
    return Parameter(
        setting=setting, write=write, values=values, each_line=True, section=LINE, source=source, confidence=mark
    )


def only_for(families: frozenset[Family], name: str, values: Mapping[Any, str] | None = None) -> Writer:
    """A writer of the parameter *name* (with ``{n}``, as in `Parameter.write`) for phones of *families*."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        found = values.get(value) if values is not None else value
        if found is None or family(at.view.model) not in families:
            return
        number = at.line.number if at.line is not None else (at.indices[0] if at.indices else "")
        yield Entry(name.replace("{n}", str(number)), as_written(found))

    return write


def line_at(at: At) -> Line:
    """The line that a row of lines is written for."""
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line
