"""Settings with names in parts, as nested XML and back: `tree_marks` for templates, `read_tree` for played phones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat

from provserver.domain.parameters import Entry, Written
from provserver.errors import InvalidValue

Element = tuple[str, str]  # an element's name, and its number where it stands in a list (else empty)


class Mark(NamedTuple):
    """One line of the XML: where a group begins or ends, or a value. *number* is the element's place in a list."""

    kind: str  # open, close or value
    name: str
    number: str = ""
    value: Written = ""


def tree_marks(entries: Iterable[Entry], *, separator: str, element: Callable[[str], Element]) -> Iterator[Mark]:
    """
    The XML of *entries*, line by line; groups stand where their first entry does.

    *element* says what a part of a name becomes. Raises InvalidValue for a raw parameter that is both a value and a
    group of others.
    """
    tree: dict[str, object] = {}
    for name, value, *_ in entries:
        *groups, last = name.split(separator)
        place = tree
        for group in groups:
            inner = place.setdefault(group, {})
            if not isinstance(inner, dict):
                raise InvalidValue(f"raw.{name}", "is inside of a setting")
            place = inner
        if isinstance(place.get(last), dict):
            raise InvalidValue(f"raw.{name}", "is a group of settings")
        place[last] = value
    return _walk(tree, element)


def _walk(tree: Mapping[str, object], element: Callable[[str], Element]) -> Iterator[Mark]:
    for part, inner in tree.items():
        name, number = element(part)
        if isinstance(inner, dict):
            yield Mark("open", name, number)
            yield from _walk(inner, element)
            yield Mark("close", name)
        else:
            yield Mark("value", name, number, inner)  # type: ignore[arg-type]  # leaves are the entries' values


def read_tree(body: bytes | str, *, separator: str, part: Callable[[str, Mapping[str, str]], str]) -> dict[str, str]:
    """
    Read values by their names, which *part* makes of elements and attributes; the root has none.

    What is no XML, or has a document type, is passed over as phones do: nothing was read.
    """
    settings: dict[str, str] = {}
    path: list[str] = []
    pieces: list[str] = []
    innermost = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal innermost
        path.append(part(name, attributes))
        pieces.clear()
        innermost = len(path)

    def end(_name: str) -> None:
        if len(path) == innermost:  # nothing stands inside: a value
            settings[separator.join(path[1:])] = "".join(pieces)
        path.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = pieces.append
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it
    except (expat.ExpatError, _DoctypeFound):
        return {}
    return settings


class _DoctypeFound(Exception):
    """A phone's file has no document type; one that has is not read."""


def _refuse(*_declaration: object) -> None:
    raise _DoctypeFound
