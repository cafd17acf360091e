"""
The two XML dialects, and the rows of the table that are written in whichever a device reads.

A place is a path of elements, ``sip/line@1``; what follows the ``@`` is the attribute ``index`` in the newer dialect
(``<sysConf>``) and the child ``ID`` in the older one (``<VOIP_CONFIG_FILE>``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, Written, as_written
from provserver.domain.view import DeviceView
from provserver.vendors.fanvil.models import is_legacy

SHEET = "sheet fanvil 5"
BOTH = f"{SHEET}; FusionPBX fanvil x6u and x4g"
SWITCH = {True: "1", False: "0"}
LEGACY_ENDING = "_MODULE"  # of every group in the older dialect, and of none in the newer


class Step(NamedTuple):
    """One step through the file: an element that begins (*value* None), one with a *value*, or one that *ends*."""

    tag: str
    mark: str = ""
    value: Written | None = None
    ends: bool = False


def put(view: DeviceView, modern: str | None, legacy: str | None, value: Written) -> Iterator[Entry]:
    """*value* at the path that this device has for it; nothing if it has none."""
    path = legacy if is_legacy(view.model) else modern
    if path is not None:
        place, _, name = path.rpartition("/")
        yield Entry(name, value, place)


def both(  # a row of the table, with the columns that rows of this kind have
    setting: str,
    modern: str | None,
    legacy: str | None,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = "system",
    source: str = BOTH,
    confidence: Confidence = "M",
) -> Parameter:
    """A row with one path in each dialect; ``{n}`` in it is the setting's index."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        found = values.get(value) if values is not None else value
        if found is None:
            return
        number = str(at.indices[0]) if at.indices else ""
        written = as_written(found)
        yield from put(at.view, _indexed(modern, number), _indexed(legacy, number), written)

    return row(setting, write, section=section, source=source, confidence=confidence, values=values)


def _indexed(path: str | None, number: str) -> str | None:
    return path and path.replace("{n}", number)


def row(
    setting: str,
    write: Writer,
    *,
    values: Mapping[Any, str] | None = None,
    section: str = "system",
    source: str = BOTH,
    confidence: Confidence = "M",
) -> Parameter:
    """A row whose writer knows the dialects."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=confidence)


def steps(entries: Iterable[Entry]) -> tuple[Step, ...]:
    """
    The *entries* as elements in one another, each in the place where it was named first.

    What would be a value and hold elements at once, as only a raw parameter can ask for, stays what it was first.
    """
    root: dict[str, Any] = {}
    for entry in entries:
        inside: Any = root
        for name in entry.place.split("/"):
            inside = inside.setdefault(name, {}) if isinstance(inside, dict) else inside
        if isinstance(inside, dict) and not isinstance(inside.get(entry.name), dict):
            inside[entry.name] = entry.value
    return tuple(_walk(root))


def _walk(inside: Mapping[str, Any]) -> Iterator[Step]:
    for name, content in inside.items():
        tag, _, mark = name.partition("@")
        if isinstance(content, dict):
            yield Step(tag, mark)
            yield from _walk(content)
            yield Step(tag, ends=True)
        else:
            yield Step(tag, value=content)
