"""`Keys`: which numbers the keys of phone and modules have, and what each kind is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry, Parameter

KEY = "key"  # the section of these rows
MODULES, MODULE_KEYS = 6, 40  # fusionpbx uc926: Exp1_1_1 to Exp6_2_20, two pages of twenty (M)
# fusionpbx, table of Htek's key types; 0 to 3 and 8 also wazo_htek common.py (M)
_TYPES = {
    KeyKind.NONE: "0",
    KeyKind.LINE: "1",
    KeyKind.SPEED_DIAL: "2",
    KeyKind.BLF: "3",
    KeyKind.BLF_LIST: "4",
    KeyKind.VOICEMAIL: "5",
    KeyKind.PICKUP: "6",
    KeyKind.GROUP_PICKUP: "7",
    KeyKind.PARK: "8",
    KeyKind.INTERCOM: "9",
    KeyKind.DTMF: "10",
    KeyKind.XML: "14",
    KeyKind.LDAP: "15",
    KeyKind.CONFERENCE: "17",
    KeyKind.FORWARD: "18",
    KeyKind.TRANSFER: "19",
    KeyKind.HOLD: "20",
    KeyKind.DND: "21",
    KeyKind.RETRIEVE_PARK: "23",
    KeyKind.RECORD: "25",
    KeyKind.PAGING: "27",
}
# Keys 1 to 4 have a hundred numbers a field, later ones five numbers a key: wazo_htek common.py, fusionpbx uc926 (H).
_FIRST, _FIRST_STEP, _FIRST_KEYS = 41_200, 100, 4
_SECOND, _SECOND_KEYS = 20_200, 36
_THIRD = 23_000
_FIELDS = 5  # type, value, label, account, pickup code
_MODULE, _MODULE_STEP = 60_000, 1_000  # fusionpbx uc903 to uc926 (M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of one maker's phones. *modes*: from the 37th on, a key's mode stands among its numbers."""

    modes: bool

    def numbers(self, number: int) -> tuple[str, ...]:
        """The parameters of line key *number*: type, value, label, account, pickup code."""
        if number <= _FIRST_KEYS:
            return _fields(_FIRST + number - 1, step=_FIRST_STEP)
        if number <= _SECOND_KEYS:
            return _fields(_SECOND + _FIELDS * (number - _FIRST_KEYS - 1))
        place = number - _SECOND_KEYS - 1
        if not self.modes:
            return _fields(_THIRD + _FIELDS * place)
        kind, _mode, *others = _fields(_THIRD + (_FIELDS + 1) * place, count=_FIELDS + 1)
        return kind, *others

    def rows(self) -> tuple[Parameter, ...]:
        """The rows of keys, with Htek's sources."""
        return (
            Parameter(
                setting="key.N",
                write=self._write_key,
                section=KEY,
                source="wazo_htek common.py; fusionpbx uc926",
                confidence="H",
            ),
            Parameter(
                setting="module.N.key.N", write=_write_module_key, section=KEY, source="fusionpbx uc926", confidence="M"
            ),
        )

    def _write_key(self, key: Key, at: At) -> Iterator[Entry]:
        yield from _write(key, at, self.numbers(at.indices[0]))


def module_key_numbers(module: int, number: int) -> tuple[str, ...]:
    """The parameters of key *number* of expansion *module*, both from 1, in the same order."""
    return _fields(_MODULE + _MODULE_STEP * (module - 1) + _FIELDS * (number - 1))


def _fields(begin: int, *, step: int = 1, count: int = _FIELDS) -> tuple[str, ...]:
    return tuple(f"P{begin + step * field}" for field in range(count))


def _write_module_key(key: Key, at: At) -> Iterator[Entry]:
    module, number = at.indices
    if module <= MODULES and number <= MODULE_KEYS:  # further numbers are those of something else
        yield from _write(key, at, module_key_numbers(module, number))


def _write(key: Key, at: At, numbers: tuple[str, ...]) -> Iterator[Entry]:
    kind, value, label, account, pickup = numbers
    word = _TYPES.get(key.kind)
    if word is None:
        return
    yield Entry(kind, word)
    if key.kind is KeyKind.NONE:
        return
    yield Entry(value, key.value)
    yield Entry(label, key.label or _line_label(key, at))
    yield Entry(account, str(key.line - 1))  # counted from 0, as profiles are (L)
    code = at.view.settings.get("blf_pickup_code")
    if key.kind is KeyKind.BLF and code:
        yield Entry(pickup, str(code))


def _line_label(key: Key, at: At) -> str:
    """What the line itself is called, for a line key that has no label of its own."""
    if key.kind is not KeyKind.LINE:
        return ""
    return next((line.shown_label for line in at.view.lines if line.number == key.line), "")
