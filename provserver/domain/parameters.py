"""
A maker's parameter table as data: which setting becomes which parameter, and where that was learnt.

A `Parameter` is one row of the table; `write_entries` walks the rows over a `DeviceView` and gives the `Entry` list that
a template puts into the file. A setting without a value writes nothing: phones keep what a file does not mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from provserver.domain.line import Line
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView

# H: vendor document or two independent implementations. M: one source. L: recollection. T: tried by running it.
Confidence = Literal["H", "M", "L", "T"]
Written = str | SecretSlot

LINE = "line."  # settings of this prefix are fields of a Line
DEVICE = "device"  # the row is written for every device, its value is the view
_INDEX = re.compile(r"(?<=\.)\d+(?=\.|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter as it stands in a file. *place* is the maker's section or block, *index* its number there."""

    name: str
    value: Written
    place: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Where a row is being written: the device, the line (rows of a line only) and the setting's own indices."""

    view: DeviceView
    line: Line | None = None
    indices: tuple[int, ...] = ()


Writer = Callable[[Any, At], Iterable[Entry]]


@dataclass(frozen=True, slots=True, kw_only=True)
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

    def entries(self, value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        """Write *value*; None writes nothing."""
        if value is None:
            return
        if callable(self.write):
            yield from self.write(value, at)
            return
        if self.values is not None:
            value = self.values.get(value)
            if value is None:  # the maker has no word for it; `support` tells the person
                return
        number = at.line.number if at.line is not None else (at.indices[0] if at.indices else None)
        second = at.indices[1] if len(at.indices) > 1 else None
        name = self.write.replace("{n}", str(number)).replace("{m}", str(second))
        # A number that stands in the name is no index: a raw parameter of the same name must find and replace it.
        index = None if "{n}" in self.write else number
        yield Entry(name, value if isinstance(value, SecretSlot) else str(value), self.place, index)


def write_entries(
    parameters: Iterable[Parameter],
    view: DeviceView,
    *,
    sections: frozenset[str],
    raw: Callable[[str, Written], Entry] = Entry,
) -> tuple[Entry, ...]:
    """
    Write every row of the chosen *sections* for *view*, lines first, raw parameters last (with section ``raw``).

    Where two rows write the same name at the same place, the later one wins, and the order stays: same data, same bytes.
    """
    chosen = [parameter for parameter in parameters if parameter.section in sections]
    of_lines = [parameter for parameter in chosen if parameter.each_line or parameter.setting.startswith(LINE)]
    of_device = [parameter for parameter in chosen if not (parameter.each_line or parameter.setting.startswith(LINE))]
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


def _all_entries(view: DeviceView, of_lines: list[Parameter], of_device: list[Parameter]) -> Iterator[Entry]:
    for line in view.lines:
        at = At(view=view, line=line)
        for parameter in of_lines:
            if parameter.each_line:
                value = view.settings.get(parameter.setting)
            else:
                value = getattr(line, parameter.setting.removeprefix(LINE))
            yield from parameter.entries(value, at)
    by_pattern = _group(view)
    for parameter in of_device:
        if parameter.setting == DEVICE:
            yield from parameter.entries(view, At(view=view))
            continue
        for indices, value in by_pattern.get(parameter.setting, ()):
            yield from parameter.entries(value, At(view=view, indices=indices))


def _group(view: DeviceView) -> dict[str, list[tuple[tuple[int, ...], Any]]]:
    """Settings by the name the catalogue has for them, indexed ones in the order of their indices."""
    grouped: dict[str, list[tuple[tuple[int, ...], Any]]] = {}
    for name, value in view.settings.items():
        indices = tuple(int(part) for part in _INDEX.findall(name))
        grouped.setdefault(_INDEX.sub("N", name) if indices else name, []).append((indices, value))
    for values in grouped.values():
        values.sort(key=lambda item: item[0])
    return grouped
