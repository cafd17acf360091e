"""
Line keys, keys of expansion modules and soft keys.

A phone counts the keys of its modules on from its own. Which account, contact or macro a key has is said by category
and index; contacts (BLF) are given to their keys in order, and only from the list, so all keys are laid out together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.polycom.macros import macro
from provserver.vendors.polycom.models import find_model

MAX_MACROS = 50  # efk.efklist.1 to .50; recollection of the guides' parameter tables
_LINE_KEY = re.compile(r"key\.(\d+)")
_MODULE_KEY = re.compile(r"module\.(\d+)\.key\.(\d+)")
# Soft keys of these kinds make sense during a call, all others when there is none.
_DURING_CALL = frozenset(
    {KeyKind.DTMF, KeyKind.PARK, KeyKind.CONFERENCE, KeyKind.TRANSFER, KeyKind.HOLD, KeyKind.RECORD}
)
_WATCHING = frozenset({KeyKind.BLF, KeyKind.BLF_LIST})


def position(setting: str, model: str | None) -> int | None:
    """The number that a phone of *model* gives to the key of *setting*; None when that is not known."""
    of_phone = _LINE_KEY.fullmatch(setting)
    if of_phone:
        return int(of_phone[1])
    of_module, known = _MODULE_KEY.fullmatch(setting), find_model(model)
    if of_module is None or known is None or not known.keys or not known.module_keys:
        return None
    return known.keys + (int(of_module[1]) - 1) * known.module_keys + int(of_module[2])


def placed(view: DeviceView) -> dict[int, Key]:
    """The keys that were set, by their position on the phone, in order."""
    found: dict[int, Key] = {}
    for setting, value in view.settings.items():
        place = position(setting, view.model) if isinstance(value, Key) else None
        if place is not None and isinstance(value, Key):
            found[place] = value
    return dict(sorted(found.items()))


def _write_line_keys(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Lay out all keys of *view*. Nothing when none was set: the phone's own order stands."""
    keys = placed(view)
    if not keys:
        return
    keys = _with_lines(keys, view)
    yield Entry("lineKey.reassignment.enabled", "1")
    yield from _watched(keys.values())
    macros = 0
    for place, key in keys.items():
        action = macro(key)
        if key.kind is KeyKind.LINE:
            yield from _category(place, "Line", key.line)
        elif key.kind in _WATCHING:
            yield from _category(place, "BLF", 0)  # 0: the phone gives contacts to keys in order
        elif action is not None and macros < MAX_MACROS:
            macros += 1
            yield from _category(place, "EFK", macros)
            yield from _macro(macros, key, action)
        else:
            yield Entry(f"lineKey.{place}.category", "Unassigned")
    yield from _keys_by_line(keys.values())
    if macros:
        yield Entry("feature.enhancedFeatureKeys.enabled", "1")
        yield Entry("feature.EFKLineKey.enabled", "1")


def _write_soft_key(key: Key, at: At) -> Iterator[Entry]:
    """Soft key N, shown when there is no call or during one."""
    (number,) = at.indices
    soft_key, action = f"softkey.{number}.", macro(key)
    yield Entry(soft_key + "enable", "0" if action is None else "1")
    if action is None:
        return
    if key.label:
        yield Entry(soft_key + "label", key.label)
    yield Entry(soft_key + "action", action)
    yield Entry(soft_key + ("use.active" if key.kind in _DURING_CALL else "use.idle"), "1")
    yield Entry("feature.enhancedFeatureKeys.enabled", "1")


def _with_lines(keys: Mapping[int, Key], view: DeviceView) -> dict[int, Key]:
    """*keys*, and every account without one on the first free keys: in a layout of ours none appears of itself."""
    complete = dict(keys)
    free = (place for place in range(1, len(keys) + len(view.lines) + 1) if place not in keys)
    shown = {key.line for key in keys.values() if key.kind is KeyKind.LINE}
    for line in view.lines:
        if line.number not in shown:
            complete[next(free)] = Key(kind=KeyKind.LINE, line=line.number)
    return dict(sorted(complete.items()))


def _category(place: int, category: str, index: int) -> Iterator[Entry]:
    yield Entry(f"lineKey.{place}.category", category)
    yield Entry(f"lineKey.{place}.index", str(index))


def _watched(keys: Iterable[Key]) -> Iterator[Entry]:
    """The contacts to watch, numbered without gaps: each gets the next BLF key."""
    watching = [key for key in keys if key.kind in _WATCHING]
    if watching:
        yield Entry("attendant.reg", str(watching[0].line))
    for list_key in (key for key in watching if key.kind is KeyKind.BLF_LIST):
        yield Entry("attendant.uri", list_key.value)
    for number, key in enumerate((key for key in watching if key.kind is KeyKind.BLF), start=1):
        contact = f"attendant.resourceList.{number}."
        yield Entry(contact + "address", key.value)
        yield Entry(contact + "label", key.label or key.value)
        yield Entry(contact + "type", "normal")


def _macro(number: int, key: Key, action: str) -> Iterator[Entry]:
    entry = f"efk.efklist.{number}."
    yield Entry(entry + "mname", f"key{number}")
    yield Entry(entry + "status", "1")
    yield Entry(entry + "label", key.label or key.value or key.kind.value)
    yield Entry(entry + "action.string", action)


def _keys_by_line(keys: Iterable[Key]) -> Iterator[Entry]:
    """How many line keys each account has; the phone wants to be told both ways (FusionPBX 6.x)."""
    lines = [key.line for key in keys if key.kind is KeyKind.LINE]
    for number in sorted(set(lines)):
        yield Entry(f"reg.{number}.lineKeys", str(lines.count(number)))


def _laid_out(_key: Key, _at: At) -> Iterator[Entry]:
    """A key alone becomes nothing: `_write_line_keys` needs them all to number contacts and macros."""
    return iter(())


_ADDENDUM = "VVX Expansion Module addendum, UC Software 4.1.6, p. 24, 31, 37: lineKey, attendant, efk"
_SOFT = "SIP 3.1 guide A-103: softkey.x; FusionPBX, FreePBX"

KEYS: tuple[Parameter, ...] = (
    Parameter(setting=DEVICE, write=_write_line_keys, section="key", source=_ADDENDUM, confidence="M"),
    Parameter(setting="key.N", write=_laid_out, section="key", source=_ADDENDUM, confidence="M"),
    Parameter(setting="module.N.key.N", write=_laid_out, section="key", source=_ADDENDUM, confidence="M"),
    Parameter(setting="softkey.N", write=_write_soft_key, section="key", source=_SOFT, confidence="H"),
)
