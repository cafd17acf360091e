"""The flexible buttons: `KEY_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry
from provserver.vendors.panasonic.files import KEY
from provserver.vendors.panasonic.models import Family, family
from provserver.vendors.panasonic.rows import SARK, SHEET, row

_PREFIX = "X_PANASONIC_IPTEL_"
_BLF = {Family.UT: "CONTACT", Family.HDV: "BLF"}
_LINE = {Family.UT: "DN", Family.HDV: "LINE"}
# Kinds that dial what they were given; the phones have one kind of key for all of them.
_DIALLED = frozenset(
    {
        KeyKind.SPEED_DIAL,
        KeyKind.INTERCOM,
        KeyKind.PARK,
        KeyKind.RETRIEVE_PARK,
        KeyKind.GROUP_PICKUP,
        KeyKind.VOICEMAIL,
        KeyKind.DND,
        KeyKind.FORWARD,
        KeyKind.RECORD,
    }
)


def _write_key(key: Key, at: At) -> Iterator[Entry]:
    """Write action, argument and label; nothing for a kind without a word. Without a kind the button is emptied."""
    number, found = at.indices[0], _action(key, at)
    if found is None:
        return
    action, argument = found
    yield Entry(f"FLEX_BUTTON_FACILITY_ACT{number}", action and _PREFIX + action)
    yield Entry(f"FLEX_BUTTON_FACILITY_ARG{number}", argument)
    yield Entry(f"FLEX_BUTTON_LABEL{number}", key.label)


def _action(key: Key, at: At) -> tuple[str, str] | None:
    kind = family(at.view.model)
    if kind is Family.TGP:
        return None  # bases have no buttons
    if key.kind is KeyKind.NONE:
        return "", ""
    if key.kind is KeyKind.BLF:
        return _BLF[kind], key.value
    if key.kind is KeyKind.LINE:
        return _LINE[kind], f"{key.line},{key.line}" if kind is Family.UT else str(key.line)
    if key.kind is KeyKind.PICKUP:
        return "ONETOUCH", f"{at.view.settings.get('blf_pickup_code', '')}{key.value}"
    return ("ONETOUCH", key.value) if key.kind in _DIALLED and key.value else None


KEY_ROWS = (
    row("key.N", _write_key, section=KEY, source=f"{SHEET}; fusionpbx ut670", confidence="H"),
    row("blf_pickup_code", "NUM_PLAN_PICKUP_DIRECT", section=KEY, source=SARK, confidence="M"),
)
