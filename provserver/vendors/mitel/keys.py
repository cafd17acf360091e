"""The keys of phone and expansion modules: `KEY_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Line
from provserver.domain.parameters import At, Entry, Parameter
from provserver.vendors.mitel.models import line_key, soft_key, softkeys_watch
from provserver.vendors.mitel.notation import SHEET, row

_SOURCE = f"{SHEET}; wazo wazo_aastra templates; FusionPBX 686x"
_NONE, _BLF, _SPEED_DIAL, _PARK = "none", "blf", "speeddial", "park"
# Words that templates of wazo and FusionPBX write (H, M), and those of the maker's own lists (L, marked).
_TYPES = {
    KeyKind.NONE: _NONE,
    KeyKind.LINE: "line",  # L
    KeyKind.BLF: _BLF,
    KeyKind.BLF_LIST: "list",  # L
    KeyKind.SPEED_DIAL: _SPEED_DIAL,
    KeyKind.VOICEMAIL: _SPEED_DIAL,  # there is no type for it: the number is dialled
    KeyKind.PICKUP: _SPEED_DIAL,
    KeyKind.DND: "dnd",
    KeyKind.PARK: _PARK,
    KeyKind.CONFERENCE: "conf",
    KeyKind.TRANSFER: "xfer",
    KeyKind.DIRECTORY: "directory",
    KeyKind.XML: "xml",
    KeyKind.FORWARD: "callforward",  # L
    KeyKind.INTERCOM: "icom",  # L
}


def _write_line_key(key: Key, at: At) -> list[Entry]:
    name = line_key(at.view.model, at.indices[0])
    return _entries(name, key, at) if name else []


def _write_softkey(key: Key, at: At) -> list[Entry]:
    name = soft_key(at.view.model, at.indices[0])
    return _entries(name, key, at) if name else []


def _write_module_key(key: Key, at: At) -> list[Entry]:
    module, number = at.indices
    return _entries(f"expmod{module} key{number}", key, at)


def _entries(name: str, key: Key, at: At) -> list[Entry]:
    """``type``, ``value``, ``label`` and ``line``; the programmable keys of small models have no use for the label."""
    kind, value = _TYPES.get(key.kind), _value(key, at)
    if kind is None or (kind == _SPEED_DIAL and not value):
        return []
    if kind == _NONE:
        return [Entry(f"{name} type", kind)]
    if kind == _BLF and name.startswith("softkey") and not softkeys_watch(at.view.model):
        kind = _SPEED_DIAL
    return [
        Entry(f"{name} type", kind),
        Entry(f"{name} value", value),
        Entry(f"{name} label", key.label or _line_label(key, at) or value),
        Entry(f"{name} line", str(key.line)),
    ]


def _value(key: Key, at: At) -> str:
    if key.kind is KeyKind.PARK:
        return f"asterisk;{key.value}"  # the kind of server, and where to park; firmware 3.x ignores it (wazo, M)
    if key.kind is KeyKind.VOICEMAIL and not key.value:
        line = _line(key, at)
        return (line.voicemail if line else None) or ""
    return key.value


def _line_label(key: Key, at: At) -> str:
    """What the line itself is called, for a line key that has no label of its own."""
    line = _line(key, at) if key.kind is KeyKind.LINE else None
    return line.shown_label if line else ""


def _line(key: Key, at: At) -> Line | None:
    return next((line for line in at.view.lines if line.number == key.line), None)


def _write_pickup(code: str, _at: At) -> Iterator[Entry]:
    yield Entry("directed call pickup", "1")
    yield Entry("directed call pickup prefix", code)


KEY_ROWS: tuple[Parameter, ...] = (
    row("key.N", _write_line_key, section="key", source=_SOURCE),
    row("softkey.N", _write_softkey, section="key", source=_SOURCE),
    row("module.N.key.N", _write_module_key, section="key", source=_SOURCE),
    row("blf_pickup_code", _write_pickup, section="key", source=f"{SHEET}; wazo aastra.cfg; sark"),
)
