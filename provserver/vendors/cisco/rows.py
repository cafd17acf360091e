"""How rows of the flat profile are made: `row`, `each`; and names that differ by family: `by_family`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Line
from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, as_written
from provserver.vendors.cisco.models import Family, family_of
from provserver.vendors.cisco.places import FLAT

SHEET = "sheet cisco 5"
YES_NO = {True: "Yes", False: "No"}


def row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    """A row of the device, or of a line (``line.label``)."""
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        section=FLAT,
        place=FLAT,
        source=source,
        confidence=confidence,
    )


def each(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    """A setting of the device that is written for every line."""
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=True,
        section=FLAT,
        place=FLAT,
        source=source,
        confidence=confidence,
    )


def by_family(names: Mapping[Family, str], *, unknown: tuple[Family, ...]) -> Writer:
    """A writer of one value under the name that the phone's family has for it, or those of *unknown*; with ``{n}``."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        family = family_of(at.view.model)
        families = unknown if family is None else (family,)
        number = at.line.number if at.line is not None else None
        for one in families:
            if one in names:
                yield flat(names[one].replace("{n}", str(number)), value)

    return write


def flat(name: str, value: Any) -> Entry:  # noqa: ANN401 - typed values of the catalogue
    """One element of the profile."""
    return Entry(name, as_written(value), FLAT)


def line_of(at: At) -> Line:
    """The line that a row is written for."""
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line
