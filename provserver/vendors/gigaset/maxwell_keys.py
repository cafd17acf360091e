"""The keys of a Maxwell: what each kind is called, and where its number stands. Source: tancredi gigaset.macros (M)."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry

_NUMBER, _CODE, _URL = "PhoneNumber", "EnableCode", "URL"
_NONE, _LINE, _BLF, _FEATURE, _LDAP = "-1", "0", "4", "10", "13"
# Kinds that are written with their value, and the name it goes by. A feature key dials a code of the exchange.
_WITH_VALUE = {
    KeyKind.SPEED_DIAL: ("3", _NUMBER),
    KeyKind.BLF: (_BLF, _NUMBER),
    KeyKind.FORWARD: ("6", _NUMBER),
    KeyKind.DTMF: ("7", _CODE),
    KeyKind.URL: ("8", _URL),
    KeyKind.XML: ("8", _URL),
    KeyKind.DND: (_FEATURE, _CODE),
    KeyKind.PARK: (_FEATURE, _CODE),
    KeyKind.RETRIEVE_PARK: (_FEATURE, _CODE),
    KeyKind.GROUP_PICKUP: (_FEATURE, _CODE),
    KeyKind.VOICEMAIL: (_FEATURE, _CODE),
}
_MULTICOLOUR = frozenset({KeyKind.LINE, KeyKind.BLF})
_COLOUR = "3"


def write_key(key: Key, at: At) -> Iterator[Entry]:
    """Write a function key; ``key.1`` has index 0."""
    prefix = f"PhoneUI.Keys.FunctionKeys.{at.indices[0] - 1}"
    entries = tuple(_entries(prefix, key, at))
    yield from entries
    if entries and key.kind in _MULTICOLOUR:
        yield Entry(f"{prefix}.Color", _COLOUR)
    if entries and key.label:
        yield Entry(f"{prefix}.DisplayName", key.label)


def write_softkey(key: Key, at: At) -> Iterator[Entry]:
    """Write a key below the display; only these can open the directory."""
    prefix = f"PhoneUI.Keys.SoftKeys.{at.indices[0] - 1}"
    if key.kind is KeyKind.LDAP:
        yield Entry(f"{prefix}.Type", _LDAP)
        return
    yield from _entries(prefix, key, at)


def _entries(prefix: str, key: Key, at: At) -> Iterator[Entry]:
    """Type and value; nothing for a kind that has no word, or lacks the code it would dial."""
    if key.kind is KeyKind.NONE:
        yield Entry(f"{prefix}.Type", _NONE)
    elif key.kind is KeyKind.LINE:
        yield Entry(f"{prefix}.Type", _LINE)
        yield Entry(f"{prefix}.Connection", str(key.line - 1))
    elif key.kind is KeyKind.PICKUP:
        code = at.view.settings.get("blf_pickup_code", "")
        yield Entry(f"{prefix}.Type", "3")
        yield Entry(f"{prefix}.{_NUMBER}", f"{code}{key.value}")
    elif key.kind in _WITH_VALUE and key.value:
        word, name = _WITH_VALUE[key.kind]
        yield Entry(f"{prefix}.Type", word)
        yield Entry(f"{prefix}.{name}", key.value)
