"""How rows of Panasonic's parameter table are written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.line import Line
from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer
from provserver.vendors.panasonic.files import LINE, SYSTEM

SHEET = "sheet panasonic 5"
SARK = "sheet panasonic 5; SARK panasonic templates"
FSPBX = "sheet panasonic 5; fusionpbx panasonic ut670 and tgp500"
YES_NO = {True: "Y", False: "N"}


def line_row(setting: str, write: str | Writer, *, source: str = SHEET, confidence: Confidence = "H") -> Parameter:
    """A row about a field of a line."""
    return Parameter(setting=f"line.{setting}", write=write, section=LINE, source=source, confidence=confidence)


def each_row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    """A row about a setting of the phone that every line has a parameter for."""
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=True,
        section=LINE,
        source=source,
        confidence=confidence,
    )


def row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = SYSTEM,
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    """A row about the phone."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=confidence)


def line_of(at: At) -> Line:
    """The line that is being written."""
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    yield from ()
