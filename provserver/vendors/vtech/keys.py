"""
The programmable keys of a desk phone, ``pfk.K.*``.

Three words for what a key does are known: ``line``, ``quick dial`` and ``busy lamp field`` (sheet vtech 5, H). Whatever
comes down to dialling something is a quick dial; all other kinds have no word here and are not written.
"""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.vtech.models import Family, family
from provserver.vendors.vtech.rows import KEY, row

_DIALLED = frozenset(
    {KeyKind.SPEED_DIAL, KeyKind.RETRIEVE_PARK, KeyKind.GROUP_PICKUP, KeyKind.PICKUP, KeyKind.VOICEMAIL}
)


def _write_key(key: Key, at: At) -> Iterator[Entry]:
    if family(at.view.model) not in {Family.DESK, None}:
        return
    prefix = f"pfk.{at.indices[0]}"
    number = _dialled(key, at.view)
    if key.kind is KeyKind.LINE:
        words = [("feature", "line"), ("account", str(key.line))]
    elif key.kind is KeyKind.BLF:
        words = [("feature", "busy lamp field"), ("account", str(key.line)), ("blf", key.value)]
    elif number:
        words = [("feature", "quick dial"), ("account", str(key.line)), ("quick_dial", number)]
    else:
        return
    for name, value in words:
        yield Entry(f"{prefix}.{name}", value)


def _dialled(key: Key, view: DeviceView) -> str:
    """What the key dials; empty when it does not dial."""
    if key.kind not in _DIALLED:
        return ""
    if key.kind is KeyKind.PICKUP:
        return f"{view.settings.get('blf_pickup_code') or ''}{key.value}"
    if key.kind is KeyKind.VOICEMAIL and not key.value:
        return next((line.voicemail or "" for line in view.lines if line.number == key.line), "")
    return key.value


KEY_ROWS = (row("key.N", _write_key, section=KEY, source="sheet vtech 4, 5"),)
