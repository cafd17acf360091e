"""
A maker's parameter table as data: which setting becomes which parameter, and where that was learnt.

A `Parameter` is one row of the table; `write_entries` walks the rows over a `DeviceView` and gives the `Entry` list
that a template puts into the file. A setting without a value writes nothing: phones keep what a file does not mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from provserver.domain.line import Line
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView

# H: vendor document or two independent implementations. M: one source. L: recollection. T: tried by running it.
Confidence = Literal["H", "M", "L", "T"]
Written = str | SecretSlot

LINE = "line."  # settings of this prefix are fields of a Line
DEVICE = "device"  # the row is written for every device, its value is the view
_INDEX = re.compile(r"(?<=\.)\d+(?=\.|$)")


class Entry(NamedTuple):  # made by the hundred for every file, which a frozen dataclass makes five times as slow
    """One parameter as it stands in a file. *place* is the maker's section or block, *index* its number there."""

    name: str
    value: Written
    place: str = ""
    index: int | None = None  # type: ignore[assignment]  # shadows a method of tuple that nobody calls


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Where a row is being written: the device, the line (rows of a line only) and the setting's own indices."""

    view: DeviceView
    line: Line | None = None
    indices: tuple[int, ...] = ()


Writer = Callable[[Any, At], Iterable[Entry]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameter:
    """
    One row: *setting* is a catalogue name (``vlan_id``, ``key.N``), a line's field (``line.label``) or ``device``.

    *write* is the parameter's name, with ``{n}`` for the line's number (or the setting's first index) and ``{m}`` for
    the second index, or a function giving any number of entries. *values* translates the typed value; True/False must
    be translated, numbers and texts need not. *each_line* writes a device's setting once for every line.
    *section* lets a file rule choose rows: ``line``, ``key`` or ``system``.
    """

    setting: str
    write: str | Writer
    values: Mapping[Any, str] | None = None
    each_line: bool = False
    section: str = "system"
    place: str = ""
    source: str
    confidence: Confidence

    def entries(self, value: Any, at: At) -> Iterable[Entry]:  # noqa: ANN401 - typed values of the catalogue
        """Write *value*; None writes nothing, and neither does a value that the maker has no word for."""
        if value is None:
            return ()
        if callable(self.write):
            return self.write(value, at)
        if self.values is not None:
            value = self.values.get(value)
            if value is None:
                return ()
        number = at.line.number if at.line is not None else (at.indices[0] if at.indices else None)
        written = value if isinstance(value, SecretSlot) else str(value)
        if "{" not in self.write:
            return (Entry(self.write, written, self.place, number),)
        second = at.indices[1] if len(at.indices) > 1 else None
        name = self.write.replace("{n}", str(number)).replace("{m}", str(second))
        return (Entry(name, written, self.place, None if "{n}" in self.write else number),)


def write_entries(
    parameters: Iterable[Parameter],
    view: DeviceView,
    *,
    sections: frozenset[str],
    raw: Callable[[str, Written], Entry] = Entry,
) -> tuple[Entry, ...]:
    """
    Write every row of the chosen *sections* for *view*, lines first, raw parameters last (with section ``raw``).

    Where two rows write the same name at the same place, the later one wins, in the place of the first: same data, same
    bytes.
    """
    of_lines, of_device = _plan(tuple(parameters), sections)
    found: dict[tuple[str, str, int | None], Entry] = {}
    for entry in _all_entries(view, of_lines, of_device):
        found[entry.place, entry.name, entry.index] = entry
    if "raw" in sections:
        for name, value in sorted(view.raw.items()):
            entry = raw(name, value)
            found[entry.place, entry.name, entry.index] = entry
    return tuple(found.values())


def supported_settings(parameters: Iterable[Parameter]) -> frozenset[str]:
    """The catalogue names that these rows translate."""
    return frozenset(row.setting for row in parameters if not row.setting.startswith(LINE) and row.setting != DEVICE)


@lru_cache(maxsize=256)  # a few for each maker
def _plan(
    parameters: tuple[Parameter, ...], sections: frozenset[str]
) -> tuple[tuple[tuple[Parameter, str | None], ...], tuple[Parameter, ...]]:
    """The rows of *sections*: those written for every line, with the line's field (None: a setting), and the others."""
    of_lines: list[tuple[Parameter, str | None]] = []
    of_device: list[Parameter] = []
    for parameter in parameters:
        if parameter.section not in sections:
            continue
        if parameter.each_line:
            of_lines.append((parameter, None))
        elif parameter.setting.startswith(LINE):
            of_lines.append((parameter, parameter.setting.removeprefix(LINE)))
        else:
            of_device.append(parameter)
    return tuple(of_lines), tuple(of_device)


def _all_entries(
    view: DeviceView, of_lines: Iterable[tuple[Parameter, str | None]], of_device: Iterable[Parameter]
) -> Iterator[Entry]:
    settings = view.settings
    for line in view.lines:
        at = At(view=view, line=line)
        for parameter, field in of_lines:
            value = settings.get(parameter.setting) if field is None else getattr(line, field)
            if value is not None:
                yield from parameter.entries(value, at)
    by_pattern = _group(view)
    at = At(view=view)
    for parameter in of_device:
        if parameter.setting == DEVICE:
            yield from parameter.entries(view, at)
            continue
        for indices, value in by_pattern.get(parameter.setting, ()):
            yield from parameter.entries(value, At(view=view, indices=indices) if indices else at)


def _group(view: DeviceView) -> dict[str, list[tuple[tuple[int, ...], Any]]]:
    """Settings by the name the catalogue has for them, indexed ones in the order of their indices."""
    grouped: dict[str, list[tuple[tuple[int, ...], Any]]] = {}
    for name, value in view.settings.items():
        pattern, indices = _pattern(name)
        grouped.setdefault(pattern, []).append((indices, value))
    for values in grouped.values():
        values.sort(key=lambda item: item[0])
    return grouped


@lru_cache(maxsize=8192)  # every name of every key that is in use
def _pattern(name: str) -> tuple[str, tuple[int, ...]]:
    """A setting's name as the catalogue has it, and its indices: ``key.3`` → ``key.N``, (3,)."""
    indices = tuple(int(part) for part in _INDEX.findall(name))
    return (_INDEX.sub("N", name) if indices else name), indices
