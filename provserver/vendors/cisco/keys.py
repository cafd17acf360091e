"""The keys of phone and expansion modules in the flat profile: `KEY_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import At, Entry, Parameter
from provserver.vendors.cisco.models import Family, family_of
from provserver.vendors.cisco.rows import flat, row

# Kinds that dial what they were given, as a speed dial does. Others have no sourced word.
_DIALS = frozenset({KeyKind.SPEED_DIAL, KeyKind.RETRIEVE_PARK, KeyKind.GROUP_PICKUP, KeyKind.VOICEMAIL})
_BREAKS = frozenset(";=$")  # between the parts of a function, and before the name of a macro; nothing escapes them


def function(key: Key) -> str | None:
    """What *key* does, ``fnc=sd;ext=1002@$PROXY;nme=Desk``; None when there is no word for it."""
    if not key.value or _BREAKS & {*key.value, *key.label}:
        return None
    address = key.value if "@" in key.value else f"{key.value}@$PROXY"
    if key.kind is KeyKind.BLF:
        words = ["fnc=sd+blf+cp", f"sub={address}", f"ext={address}"]
    elif key.kind in _DIALS:
        words = ["fnc=sd", f"ext={address}"]
    else:
        return None
    return ";".join((*words, f"nme={key.label or key.value}"))


def write_key(key: Key, at: At) -> Iterator[Entry]:
    """Write line key K: a line, a function, or nothing at all; a kind without a word leaves the key as it is."""
    (number,) = at.indices
    if key.kind is KeyKind.LINE:
        label = key.label or next((line.shown_label for line in at.view.lines if line.number == key.line), "")
        extension, text = str(key.line), ""
    else:
        found = "" if key.kind is KeyKind.NONE else function(key)
        if found is None:
            return
        label, extension, text = key.label or key.value, "Disabled", found
    yield flat(f"Extension_{number}_", extension)
    yield flat(f"Short_Name_{number}_", label)
    yield flat(f"Extended_Function_{number}_", text)


def write_module_key(key: Key, at: At) -> Iterator[Entry]:
    """Write key K of expansion module U, which is no line. The families differ in a last underscore."""
    found = "" if key.kind is KeyKind.NONE else function(key)
    if found is None:
        return
    name = "Unit_{}_Key_{}".format(*at.indices)
    family = family_of(at.view.model)
    if family is not Family.MPP:
        yield flat(name, found)
    if family in (Family.MPP, None):
        yield flat(f"{name}_", found)


KEY_ROWS: tuple[Parameter, ...] = (
    row("key.N", write_key),
    row("module.N.key.N", write_module_key),
    # The phone has one code for its own keys and one for those of a module.
    row("blf_pickup_code", "Call_Pickup_Code", source="wazo_cisco_spa, wazo_cisco_sip base.tpl"),
    row("blf_pickup_code", "Attendant_Console_Call_Pickup_Code", source="wazo_cisco_spa base.tpl", confidence="M"),
)
