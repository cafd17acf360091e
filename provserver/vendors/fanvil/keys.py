"""
What a programmable key is told: ``201@1/ba*8201``, ``F_DND``; where it stands is in `models`.

Sources: sheet fanvil 5 for types 0 to 3 and the endings /b, /f and /c (H: Wazo, tancredi); tancredi fanvil.macros for
the other types and the names of events (M).
"""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.fanvil.dialects import SHEET, put
from provserver.vendors.fanvil.models import is_legacy, place_of

KEY = "key"
_NOTHING, _MEMORY, _LINE, _EVENT, _DTMF, _URL, _MULTICAST, _XML = "0", "1", "2", "3", "4", "7", "14", "21"
_CODEC = "PCMU"  # what a multicast page is sent in
_EVENTS = {
    KeyKind.DND: "F_DND",
    KeyKind.HOLD: "F_HOLD",
    KeyKind.TRANSFER: "F_B_TRANSFER",
    KeyKind.RECORD: "F_RECORD",
    KeyKind.VOICEMAIL: "F_MWI",
    KeyKind.FORWARD: "F_CFWD",
    KeyKind.LDAP: "F_LDAPCONTACTS:0",
}
_DIALLED = frozenset(
    {
        KeyKind.SPEED_DIAL,
        KeyKind.PICKUP,
        KeyKind.GROUP_PICKUP,
        KeyKind.RETRIEVE_PARK,
        KeyKind.VOICEMAIL,
        KeyKind.PAGING,
    }
)


def write_key(key: Key, at: At) -> Iterator[Entry]:
    """``key.N``: at the screen first, then on the pages; in one row on older phones."""
    number = at.indices[0]
    if is_legacy(at.view.model):
        yield from _put(key, at.view, None, f"PHONE_CONFIG_MODULE/Function_Key/Function_Key_Entry@Fkey{number}")
        return
    place = place_of(at.view.model, number)
    if place is None:
        return
    if place.row == "dssSoft":
        yield from _put(key, at.view, f"dsskey/dssSoft@{place.number}", None)
    else:
        yield from _put(key, at.view, f"dsskey/{place.row}@{place.page}/Fkey@{place.number}", None)


def write_softkey(key: Key, at: At) -> Iterator[Entry]:
    """``softkey.N``: a key under the screen while the phone is idle."""
    number = at.indices[0]
    yield from _put(
        key,
        at.view,
        f"dsskey/dssSoft@{number}",
        f"PHONE_CONFIG_MODULE/Soft_Dss_Key/Soft_Dss_Key_Entry@SoftFkey{number}",
    )


def action(key: Key, view: DeviceView) -> tuple[str, str] | None:
    """Type and value of *key*; None when these phones have no word for it."""
    pickup = str(view.settings.get("blf_pickup_code", ""))
    by_kind = {
        KeyKind.NONE: (_NOTHING, ""),
        KeyKind.LINE: (_LINE, f"SIP{key.line}"),
        KeyKind.BLF: (_MEMORY, f"{key.value}@{key.line}/ba" + (f"{pickup}{key.value}" if pickup else "")),
        KeyKind.PARK: (_MEMORY, f"{key.value}@{key.line}/c"),
        KeyKind.DTMF: (_DTMF, key.value),
        KeyKind.URL: (_URL, key.value),
        KeyKind.XML: (_XML, key.value),
    }
    if key.kind in by_kind:
        return by_kind[key.kind]
    if key.kind is KeyKind.PAGING and ":" in key.value:
        return _MULTICAST, f"{key.value}/{_CODEC}"
    if key.kind in _DIALLED and key.value:
        return _MEMORY, f"{pickup if key.kind is KeyKind.PICKUP else ''}{key.value}@{key.line}/f"
    event = _EVENTS.get(key.kind)
    return None if event is None or key.value else (_EVENT, event)


def _put(key: Key, view: DeviceView, modern: str | None, legacy: str | None) -> Iterator[Entry]:
    told = action(key, view)
    if told is None:
        return
    for name, value in zip(("Type", "Value", "Title"), (*told, key.label or _line_label(key, view)), strict=True):
        yield from put(view, modern and f"{modern}/{name}", legacy and f"{legacy}/{name}", value)


def _line_label(key: Key, view: DeviceView) -> str:
    """What the line itself is called, for a line key that has no label of its own."""
    if key.kind is not KeyKind.LINE:
        return ""
    return next((line.shown_label for line in view.lines if line.number == key.line), "")


def write_nothing(_code: str, _at: At) -> Iterator[Entry]:
    """The keys themselves take the code up."""
    return iter(())


KEY_ROWS: tuple[Parameter, ...] = (
    Parameter(setting="key.N", write=write_key, section=KEY, source=f"{SHEET}; tancredi fanvil.macros", confidence="H"),
    Parameter(
        setting="softkey.N",
        write=write_softkey,
        section=KEY,
        source="FusionPBX x6u, x4g; Wazo base.tpl",
        confidence="M",
    ),
    Parameter(setting="blf_pickup_code", write=write_nothing, section=KEY, source=SHEET, confidence="H"),
)
