"""
Programmable keys: beside the screen (virtual), with a lamp only (physical), on a module, and under the screen.

Sources: sheet grandstream 5; comments of the maker in FusionPBX gxp21xx, gxp16xx, grp2612 and gxp2170 (H for numbers
and words); Wazo base_v2.tpl and common.py for the words in use.
"""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.grandstream.models import MODULE_KEYS, Family, Keys, family_of, keys_of
from provserver.vendors.grandstream.notation import ITEM, SHEET, P, notation

KEY = "key"
MAX_LABEL_CHARS, MAX_VALUE_CHARS = 32, 64  # "Max length allowed is 32/64 characters" (templates, H)
_SOURCE = f"{SHEET}; FusionPBX gxp21xx, gxp16xx, grp2612, gxp2170"

# The mode of a key by name.
_WORDS = {
    KeyKind.NONE: "None",
    KeyKind.LINE: "Line",
    KeyKind.BLF: "BLF",
    KeyKind.SPEED_DIAL: "SpeedDial",
    KeyKind.INTERCOM: "Intercom",
    KeyKind.DTMF: "DialDTMF",
    KeyKind.PARK: "CallPark",
    KeyKind.VOICEMAIL: "VoiceMail",
    KeyKind.FORWARD: "Forward",
    KeyKind.DND: "DND",
    KeyKind.CONFERENCE: "Conference",
    KeyKind.TRANSFER: "Transfer",
    KeyKind.RECORD: "Record",
    KeyKind.PAGING: "MulticastPaging",
    KeyKind.XML: "XMLApplication",
    KeyKind.LDAP: "LDAPSearch",
    KeyKind.DIRECTORY: "Phonebook",
    KeyKind.BLF_LIST: "EventlistBLF",
}
_SOFTKEY_WORDS = {
    KeyKind.NONE: "Default",
    KeyKind.SPEED_DIAL: "SpeedDial",
    KeyKind.VOICEMAIL: "VoiceMail",
    KeyKind.INTERCOM: "Intercom",
    KeyKind.LDAP: "LDAPSearch",
}
# The mode as a number: of a line key, and of a key with a lamp only.
_LINE_MODES = {
    KeyKind.LINE: "0",
    KeyKind.SPEED_DIAL: "10",
    KeyKind.BLF: "11",
    KeyKind.BLF_LIST: "13",
    KeyKind.DTMF: "15",
    KeyKind.VOICEMAIL: "16",
    KeyKind.TRANSFER: "18",
    KeyKind.PARK: "19",
    KeyKind.INTERCOM: "20",
    KeyKind.LDAP: "21",
}
_EXTRA_MODES = {
    KeyKind.SPEED_DIAL: "0",
    KeyKind.BLF: "1",
    KeyKind.BLF_LIST: "3",
    KeyKind.DTMF: "5",
    KeyKind.VOICEMAIL: "6",
    KeyKind.TRANSFER: "8",
    KeyKind.PARK: "9",
    KeyKind.INTERCOM: "10",
    KeyKind.LDAP: "11",
    KeyKind.PAGING: "13",
}
# What has no mode of its own, and is dialled.
_DIALLED = frozenset({KeyKind.PICKUP, KeyKind.GROUP_PICKUP, KeyKind.RETRIEVE_PARK})
_LINE_KEYS = 6  # P1363 to P1374 and P1465 to P1476
_FIRST_EXTRA_KEYS, _EXTRA_KEYS = 7, 18  # in P301 to P329, and then in P353 to P396


def write_key(key: Key, at: At) -> Iterator[Entry]:
    """``key.N``: a line key, and behind the last of them a key with a lamp only."""
    number, known = at.indices[0], keys_of(at.view.model)
    key = _dialled(key, at.view)
    if notation(at.view) == ITEM:
        yield from _write_named(key, number, known)
    elif family_of(at.view) is Family.CLASSIC:
        if number <= (_LINE_KEYS if known is None else known.line):
            yield from _write_line_key(key, number)
        elif known is not None and number <= known.line + known.extra:
            yield from _write_extra_key(key, number - known.line)


def write_gaps(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Say "none" for every key between the lines and the last key that is set.

    A key beside the screen that is skipped takes all behind it away (templates gxp2170, grp2612: "Skipping one will
    remove everything after that VPK"). The rows of the keys put their own mode in place of it.
    """
    if notation(view) != ITEM:
        return
    known = keys_of(view.model)
    numbers = [int(name.removeprefix("key.")) for name in view.settings if name.startswith("key.")]
    last = max((number for number in numbers if known is None or number <= known.line), default=0)
    first = max((line.number for line in view.lines), default=0) + 1
    for number in range(first, last):
        yield Entry(f"pks.vpk.{number}.keyMode", _WORDS[KeyKind.NONE], ITEM)


def write_module_key(key: Key, at: At) -> Iterator[Entry]:
    """``module.M.key.K``: all modules count in one row."""
    module, number = at.indices
    mode = _WORDS.get(_dialled(key, at.view).kind)
    if notation(at.view) == ITEM and mode is not None and key.kind is not KeyKind.LINE and number <= MODULE_KEYS:
        place = f"pks.ext.{(module - 1) * MODULE_KEYS + number}"
        yield from _named(place, mode, f"Account{key.line}", _dialled(key, at.view))


def write_softkey(key: Key, at: At) -> Iterator[Entry]:
    """``softkey.N``: a key under the screen while the phone is idle."""
    mode = _SOFTKEY_WORDS.get(_dialled(key, at.view).kind)
    if notation(at.view) == ITEM and mode is not None:
        yield from _named(f"pks.softkey.{at.indices[0]}", mode, str(key.line - 1), _dialled(key, at.view))


def _dialled(key: Key, view: DeviceView) -> Key:
    """A key that only dials something, as a speed dial: the code before the extension, where there is one."""
    is_number = key.kind is KeyKind.PAGING and key.value and ":" not in key.value  # no multicast address
    if not key.value or not (key.kind in _DIALLED or is_number):
        return key
    code = view.settings.get("blf_pickup_code", "") if key.kind is KeyKind.PICKUP else ""
    return Key(kind=KeyKind.SPEED_DIAL, value=f"{code}{key.value}", label=key.label, line=key.line)


def _write_named(key: Key, number: int, known: Keys | None) -> Iterator[Entry]:
    mode = _WORDS.get(key.kind)
    if mode is None:
        return
    if known is None or number <= known.line:
        yield from _named(f"pks.vpk.{number}", mode, str(key.line - 1), key)
    elif number <= known.line + known.extra and key.kind is not KeyKind.LINE:
        yield from _named(f"pks.mpk.{number - known.line}", mode, f"Account{key.line}", key)


def _named(place: str, mode: str, account: str, key: Key) -> Iterator[Entry]:
    yield Entry(f"{place}.keyMode", mode, ITEM)
    if key.kind is KeyKind.NONE:
        return
    yield Entry(f"{place}.account", account, ITEM)
    yield Entry(f"{place}.description", key.label, ITEM)
    yield Entry(f"{place}.value", key.value, ITEM)


def _write_line_key(key: Key, number: int) -> Iterator[Entry]:
    mode = _LINE_MODES.get(key.kind)
    if mode is not None and number <= _LINE_KEYS:
        first = 2 * (number - 1)
        yield from _numbered((1363 + first, 1364 + first, 1465 + first, 1466 + first), mode, key)


def _write_extra_key(key: Key, number: int) -> Iterator[Entry]:
    mode = _EXTRA_MODES.get(key.kind)
    if mode is None or number > _EXTRA_KEYS:
        return
    if number <= _FIRST_EXTRA_KEYS:
        first = 301 + 3 * (number - 1)
        yield from _numbered((322 + number, first, first + 1, first + 2), mode, key)
    else:
        first = 353 + 4 * (number - _FIRST_EXTRA_KEYS - 1)
        yield from _numbered((first, first + 1, first + 2, first + 3), mode, key)


def _numbered(places: tuple[int, int, int, int], mode: str, key: Key) -> Iterator[Entry]:
    for place, value in zip(places, (mode, str(key.line - 1), key.label, key.value), strict=True):
        yield Entry(f"P{place}", value, P)


KEY_ROWS: tuple[Parameter, ...] = (
    Parameter(setting=DEVICE, write=write_gaps, section=KEY, source=_SOURCE, confidence="H"),
    Parameter(setting="key.N", write=write_key, section=KEY, source=_SOURCE, confidence="H"),
    Parameter(setting="softkey.N", write=write_softkey, section=KEY, source="FusionPBX grp2612", confidence="M"),
    Parameter(
        setting="module.N.key.N",
        write=write_module_key,
        section=KEY,
        source="FusionPBX gxp2170, grp2612: pks.ext; that modules are counted on: one source",
        confidence="M",
    ),
)
