"""From entries to the elements of a file, in the order in which they open and close: `elements`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from provserver.domain.parameters import Entry, Written

# An element that there may be several of is written ``line#3`` in a place; its number stands in these attributes.
_NUMBERED = {"line": ("button", "lineIndex"), "member": ("priority",)}

_Branch = dict[str, "Written | _Branch"]


class Element(NamedTuple):
    """One step through a file: *kind* is ``open``, ``close`` or ``leaf``; only a leaf has a *value*."""

    kind: str
    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    value: Written = ""


def elements(root: str, entries: Iterable[Entry], *, first: tuple[str, ...] = ()) -> tuple[Element, ...]:
    """
    The file with the element *root* around all *entries*.

    What follows the first word of an entry's place are the elements it stands in. Those called *first* stand first;
    others where an entry needed them. A leaf that is named twice has the later value.
    """
    tree: _Branch = {}
    for entry in entries:
        branch = tree
        for part in entry.place.split("/")[1:]:
            inner = branch.setdefault(part, {})
            if not isinstance(inner, dict):  # a raw parameter put a value where a part of the file belongs
                inner = branch[part] = {}
            branch = inner
        branch[entry.name] = entry.value
    ordered = {name: tree[name] for name in first if name in tree} | tree
    return (Element("open", root), *_walk(ordered), Element("close", root))


def _walk(branch: _Branch) -> Iterator[Element]:
    for part, value in branch.items():
        name, _, number = part.partition("#")
        if not isinstance(value, dict):
            yield Element("leaf", name, value=value)
            continue
        attributes = _NUMBERED.get(name, ()) if number else ()
        yield Element("open", name, tuple((attribute, number) for attribute in attributes))
        yield from _walk(value)
        yield Element("close", name)
