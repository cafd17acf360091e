"""The XML of one device: entries by their paths, and what no path can be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from provserver.domain.parameters import Entry, Written, write_entries
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.domain.xml_tree import Mark, tree_marks
from provserver.errors import InvalidValue
from provserver.vendors.twon.models import MAX_LINES
from provserver.vendors.twon.rows import LINE, PARAMETERS, SYSTEM, UPDATE

_RAW = re.compile(r"[A-Za-z]\w*(?:@\d{1,3})?(?:/[A-Za-z]\w*(?:@\d{1,3})?)+", re.ASCII)
_OURS = frozenset(f"{UPDATE}{name}" for name in ("Enabled", "ServerAddress", "FilePath", "PrefferedAddress"))


def contents(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The variables of the template."""
    entries = write_entries(PARAMETERS, view, sections=rule.sections, raw=raw_entry)
    return {"entries": entries, "marks": marks(entries)}


def raw_entry(name: str, value: Written) -> Entry:
    """Place the raw parameter *name*. Raises InvalidValue for what is no path, and for the address of this server."""
    if not _RAW.fullmatch(name):
        raise InvalidValue(f"raw.{name}", "is not a path of 2N's configuration, as in Phone/Sip@0/Misc/KeepAlive")
    if name in _OURS:
        raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")
    return Entry(name, value)


def check(view: DeviceView) -> None:
    """Refuse more lines than there are accounts, and raw parameters that have no place."""
    if any(line.number > MAX_LINES for line in view.lines):
        raise InvalidValue("line", f"is beyond the {MAX_LINES} accounts of a device")
    marks(write_entries(PARAMETERS, view, sections=frozenset({LINE, SYSTEM, "raw"}), raw=raw_entry))


def marks(entries: Iterable[Entry]) -> tuple[Mark, ...]:
    """The XML of *entries*, line by line. Raises InvalidValue for a path that is both a value and a node of others."""
    return tuple(tree_marks(entries, separator="/", element=_element))


def _element(part: str) -> tuple[str, str]:
    name, _, number = part.partition("@")
    return name, number
