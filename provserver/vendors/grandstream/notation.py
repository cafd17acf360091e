"""The two notations, P-values and names, and the rows of the table that are written in whichever a device reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, Written, as_written
from provserver.domain.view import DeviceView
from provserver.vendors.grandstream.models import Family, family_of

P, ITEM = "P", "item"  # places of entries: which of the two notations a name belongs to

SHEET = "sheet grandstream 5"
PHONES = frozenset({Family.CLASSIC, Family.NAMED})
NAMED_ONLY = frozenset({Family.NAMED})
ALL = frozenset(Family)
SWITCH = {True: "1", False: "0"}
YES_NO = {True: "Yes", False: "No"}


def notation(view: DeviceView) -> str:
    """The one that this device reads."""
    return ITEM if family_of(view) is Family.NAMED else P


def entry(view: DeviceView, p: str | None, item: str | None, value: Written) -> Iterator[Entry]:
    """*value* under the name that this device has for it; nothing if it has none."""
    name = item if notation(view) == ITEM else p
    if name is not None:
        yield Entry(name, value, notation(view))


def both(  # a row of the table, with the columns that rows of this kind have
    setting: str,
    p: str | None,
    item: str | None,
    values: Mapping[Any, str] | None = None,
    words: Mapping[Any, str] | None = None,
    *,
    families: frozenset[Family] = ALL,
    section: str = "system",
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    """
    A row with one name in each notation: *values* translates for P-values, *words* for names.

    Without *words* both translate alike; *families* are those that know the parameter.
    """

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        if family_of(at.view) not in families:
            return
        table = words if words is not None and notation(at.view) == ITEM else values
        found = value if table is None else table.get(value)
        if found is not None:
            yield from entry(at.view, p, item, as_written(found))

    return row(setting, write, section=section, source=source, confidence=confidence, values=values or words)


def row(
    setting: str,
    write: Writer,
    *,
    values: Mapping[Any, str] | None = None,
    each_line: bool = False,
    section: str = "system",
    source: str = SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    """A row whose writer knows the notations."""
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=each_line,
        section=section,
        source=source,
        confidence=confidence,
    )


def nothing(_value: object, _at: At) -> Iterable[Entry]:
    """Write nothing: the setting shows in another row."""
    return ()
