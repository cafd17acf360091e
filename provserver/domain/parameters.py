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
from typing import Any, Literal, NamedTuple, NoReturn, cast

from provserver.domain.blank import Blank, OfTheDevice
from provserver.domain.line import Line
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView, SharedSettings

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
        text = as_written(value)
        if "{" not in self.write:
            return (Entry(self.write, text, self.place, number),)
        second = at.indices[1] if len(at.indices) > 1 else None
        name = self.write.replace("{n}", str(number)).replace("{m}", str(second))
        return (Entry(name, text, self.place, None if "{n}" in self.write else number),)


def as_written(value: Any) -> Written:  # noqa: ANN401 - typed values of the catalogue
    """*value* as a text; places of secrets, and what is left blank, as they are."""
    if isinstance(value, SecretSlot) or type(value) is Blank:
        return cast("Written", value)
    return str(value)


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
    plan = _plan(tuple(parameters), sections)
    found: _Found = {}
    _collect(found, _of_lines(view, plan.of_lines))
    settings = view.settings
    if isinstance(settings, SharedSettings):
        for piece in _shared_pieces(plan, view, settings):
            if isinstance(piece, dict):
                found.update(piece)
            else:
                _collect(found, piece.entries(view))
    else:
        for job in _jobs(plan, settings):
            _collect(found, job.entries(view))
    if "raw" in sections:
        _collect(found, (raw(name, value) for name, value in sorted(view.raw.items())))
    return tuple(found.values())


def supported_settings(parameters: Iterable[Parameter]) -> frozenset[str]:
    """The catalogue names that these rows translate."""
    return frozenset(row.setting for row in parameters if not row.setting.startswith(LINE) and row.setting != DEVICE)


_Found = dict[tuple[str, str, int | None], Entry]  # by place, name and index


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The rows of some sections: those of every line, with the line's field (None: a setting), and the others."""

    of_lines: tuple[tuple[Parameter, str | None], ...]
    of_device: tuple[Parameter, ...]


class _Job(NamedTuple):
    """One row to be written, with the values of its setting: one, or one for each index. None: the view itself."""

    row: Parameter
    values: tuple[tuple[tuple[int, ...], Any], ...] | None

    def entries(self, view: DeviceView) -> Iterator[Entry]:
        """What the row makes of them for *view*."""
        if self.values is None:
            yield from self.row.entries(view, At(view=view))
            return
        for indices, value in self.values:
            yield from self.row.entries(value, At(view=view, indices=indices))


class _Common:
    """A view of what devices with the same model and settings have in common; asked for anything else, it says so."""

    __slots__ = ("model", "settings")

    def __init__(self, view: DeviceView) -> None:
        self.model = view.model
        self.settings = view.settings

    def __getattr__(self, name: str) -> NoReturn:
        raise OfTheDevice(name)


def _collect(found: _Found, entries: Iterable[Entry]) -> None:
    for entry in entries:
        found[entry.place, entry.name, entry.index] = entry


@lru_cache(maxsize=256)  # a few for each maker
def _plan(parameters: tuple[Parameter, ...], sections: frozenset[str]) -> _Plan:
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
    return _Plan(tuple(of_lines), tuple(of_device))


def _of_lines(view: DeviceView, of_lines: Iterable[tuple[Parameter, str | None]]) -> Iterator[Entry]:
    settings = view.settings
    for line in view.lines:
        at = At(view=view, line=line)
        for parameter, field in of_lines:
            value = settings.get(parameter.setting) if field is None else getattr(line, field)
            if value is not None:
                yield from parameter.entries(value, at)


def _jobs(plan: _Plan, settings: Mapping[str, Any]) -> list[_Job]:
    """The rows that have something to write."""
    by_pattern = _group(settings)
    jobs = []
    for row in plan.of_device:
        if row.setting == DEVICE:
            jobs.append(_Job(row, None))
        elif row.setting in by_pattern:
            jobs.append(_Job(row, by_pattern[row.setting]))
    return jobs


def _shared_pieces(plan: _Plan, view: DeviceView, settings: SharedSettings) -> list[_Found | _Job]:
    """
    What the rows make of *settings*: written once for all devices of this model, as far as they have it in common.

    A row that looks at anything else of its device has to be written for each. It is found out by trying: it gets a
    view that refuses to tell.
    """
    key = (plan, view.model)
    pieces = settings.written.get(key)
    if pieces is None:
        pieces = _try_all(_jobs(plan, settings), cast("DeviceView", _Common(view)))
        settings.keep(key, pieces)
    return cast("list[_Found | _Job]", pieces)


def _try_all(jobs: Iterable[_Job], common: DeviceView) -> list[_Found | _Job]:
    pieces: list[_Found | _Job] = [{}]
    for job in jobs:
        try:
            entries = tuple(job.entries(common))
        except Exception:  # noqa: BLE001 - also what goes wrong by itself: it does so again for a device, and is seen
            pieces += [job, {}]
        else:
            _collect(cast("_Found", pieces[-1]), entries)
    return [piece for piece in pieces if piece]


def _group(settings: Mapping[str, Any]) -> dict[str, tuple[tuple[tuple[int, ...], Any], ...]]:
    """Settings by the name the catalogue has for them, indexed ones in the order of their indices."""
    grouped: dict[str, list[tuple[tuple[int, ...], Any]]] = {}
    for name, value in settings.items():
        pattern, indices = _pattern(name)
        grouped.setdefault(pattern, []).append((indices, value))
    return {pattern: tuple(sorted(values, key=lambda item: item[0])) for pattern, values in grouped.items()}


@lru_cache(maxsize=8192)  # every name of every key that is in use
def _pattern(name: str) -> tuple[str, tuple[int, ...]]:
    """A setting's name as the catalogue has it, and its indices: ``key.3`` → ``key.N``, (3,)."""
    indices = tuple(int(part) for part in _INDEX.findall(name))
    return (_INDEX.sub("N", name) if indices else name), indices
