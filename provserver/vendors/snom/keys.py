"""
What a programmable key is told: ``blf 1002|*8``, ``keyevent F_DND``; and where it stands, keys being counted from 0.

Source: service.snom.com "Function Key Types" and "<functionKeys> tag" (H), sheet snom 4 (H), tancredi snom.macros.
"""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.snom.models import SOFTKEYS, module_key_index
from provserver.vendors.snom.permission import KEYS

# What a key does with the number or address it was given.
_WITH_VALUE = {
    KeyKind.SPEED_DIAL: "speed",
    KeyKind.INTERCOM: "icom",
    KeyKind.DTMF: "dtmf",
    KeyKind.PARK: "orbit",
    KeyKind.RETRIEVE_PARK: "speed",  # the code that the exchange gave for it is dialled
    KeyKind.GROUP_PICKUP: "speed",  # tancredi snom.macros
    KeyKind.VOICEMAIL: "speed",
    KeyKind.FORWARD: "redirect",
    KeyKind.CONFERENCE: "conference",
    KeyKind.TRANSFER: "transfer",
    KeyKind.RECORD: "record",  # sheet snom 4 (H), tancredi; "recorder" in the maker's list is a recorder of its own
    KeyKind.URL: "url",
    KeyKind.XML: "url",  # the minibrowser opens what comes back; the maker's "xml" key holds a whole definition
}
# What a key does that was given nothing. Kinds in neither table have no word: the key is not written.
_WITHOUT_VALUE = {
    KeyKind.NONE: "none",
    KeyKind.LINE: "line",
    KeyKind.DND: "keyevent F_DND",
    KeyKind.HOLD: "keyevent F_HOLD",
    KeyKind.VOICEMAIL: "keyevent F_RETRIEVE",
    KeyKind.FORWARD: "keyevent F_REDIRECT",
    KeyKind.CONFERENCE: "keyevent F_CONFERENCE",
    KeyKind.TRANSFER: "keyevent F_TRANSFER",
    KeyKind.RECORD: "keyevent F_REC",
    KeyKind.LDAP: "keyevent F_DIRECTORY_SEARCH",
    KeyKind.DIRECTORY: "keyevent F_ADR_BOOK",
    KeyKind.LOCAL_DIRECTORY: "keyevent F_ADR_BOOK",
}
# A number means nothing to these: it is not written.
_VALUELESS = frozenset({KeyKind.NONE, KeyKind.LINE, KeyKind.DND, KeyKind.HOLD, KeyKind.LDAP, KeyKind.DIRECTORY})


def write_key(key: Key, at: At) -> Iterator[Entry]:
    """Write a key of the phone itself; ``key.1`` has index 0."""
    text = action(key, at.view)
    if text is not None:
        yield Entry("fkey", text, KEYS, at.indices[0] - 1)


def write_module_key(key: Key, at: At) -> Iterator[Entry]:
    """Write a key of an expansion module. Without a known model there is no telling where its keys begin."""
    module, number = at.indices
    index = module_key_index(at.view.model, module=module, key=number)
    text = action(key, at.view)
    if text is not None and index is not None:
        yield Entry("fkey", text, KEYS, index)


def write_softkey(key: Key, at: At) -> Iterator[Entry]:
    """Write a context-sensitive key under the display: ``gui_fkey1`` to ``gui_fkey4``. Without a kind it is blank."""
    number = at.indices[0]
    text = "keyevent none" if key.kind is KeyKind.NONE else action(key, at.view)  # tancredi snom.tmpl
    if text is not None and number <= SOFTKEYS:
        yield Entry(f"gui_fkey{number}", text)


def keys_by_index(view: DeviceView) -> dict[int, Key]:
    """The keys that are written, by their index. Where a key and a module's key meet, the module's is written."""
    phone: dict[int, Key] = {}
    modules: dict[int, Key] = {}
    for name, key in view.settings.items():
        if not isinstance(key, Key) or action(key, view) is None:
            continue
        words = name.split(".")
        if words[0] == "key":
            phone[int(words[1]) - 1] = key
        elif words[0] == "module":
            index = module_key_index(view.model, module=int(words[1]), key=int(words[3]))
            if index is not None:
                modules[index] = key
    return phone | modules


def action(key: Key, view: DeviceView) -> str | None:
    """What *key* is told; None when Snom has no word for it."""
    pickup = view.settings.get("blf_pickup_code")
    if key.kind is KeyKind.BLF:
        return f"blf {key.value}|{pickup}" if pickup else f"blf {key.value}"
    if key.kind is KeyKind.PICKUP:
        return f"speed {pickup or ''}{key.value}"
    if key.kind is KeyKind.PAGING:
        # An address and port is a multicast group; anything else is a number that the exchange answers.
        return (f"multicast {key.value}" if ":" in key.value else f"speed {key.value}") if key.value else None
    if key.value and key.kind not in _VALUELESS:
        word = _WITH_VALUE.get(key.kind)
        return f"{word} {key.value}" if word else None
    return _WITHOUT_VALUE.get(key.kind)
