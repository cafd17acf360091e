"""What these devices cannot do although each single value is fine, and which raw names there are; `check`."""

from __future__ import annotations

import re

from provserver.domain.key import Key
from provserver.domain.parameters import Entry, Written
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.grandstream.keys import MAX_LABEL_CHARS, MAX_VALUE_CHARS
from provserver.vendors.grandstream.models import PROFILES, family_of
from provserver.vendors.grandstream.notation import ITEM, P, notation
from provserver.vendors.grandstream.numbering import number_of, profiles

_NUMBER = re.compile(r"P[1-9][0-9]{0,5}")
_NAME = re.compile(r"[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+")
_OURS = frozenset({"P212", "P237", "provisioning.config.protocol", "provisioning.config.serverPath"})
# A number does not tell that it is a password: what is known to be one is taken under its own name only, where it is
# sealed. Accounts, administrator, user, files, server, directory, PPPoE, keys of certificates, and adapters' ports.
_PASSWORDS = frozenset(
    f"P{number}"
    for number in (
        2, 34, 83, 196, 279, 281, 406, 506, 606, 706, 734, 806, 1359, 1361, 1706, 1806, 4505, 4512, 6714, 6769, 8024,
        8221, *range(4120, 4150),
    )
)  # fmt: skip


def raw_entry(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*: a P-value (``P1362``) or a name (``language.gui``).

    What `check` refuses has no place and is left out: a tenant's parameters reach devices of all makers.
    """
    if _problem(name, value) is not None:
        return Entry(name, value)
    return Entry(name, value, P if _NUMBER.fullmatch(name) else ITEM)


def check(view: DeviceView) -> None:
    """Raise InvalidValue, naming the setting, for what this device cannot be told."""
    _check_raw(view)
    _check_lines(view)
    for name, key in view.settings.items():
        if isinstance(key, Key) and (len(key.label) > MAX_LABEL_CHARS or len(key.value) > MAX_VALUE_CHARS):
            raise InvalidValue(name, f"has a label over {MAX_LABEL_CHARS} or a value over {MAX_VALUE_CHARS} characters")


def _check_raw(view: DeviceView) -> None:
    for name, value in view.raw.items():
        problem = _problem(name, value)
        if problem is None and raw_entry(name, value).place != notation(view):
            wanted = "by name (language.gui)" if notation(view) == ITEM else "by P-values (P1362)"
            problem = f"is in the wrong notation: this device is told {wanted}"
        if problem is not None:
            raise InvalidValue(f"raw.{name}", problem)


def _problem(name: str, value: Written) -> str | None:
    """Why a device is not told the raw parameter *name*; None when it is."""
    if name in _OURS:
        return "is the address of this server, which is written by itself"
    if name in _PASSWORDS and not isinstance(value, SecretSlot):
        return "is a password; it is set under its own name, where it is sealed"
    if not (_NUMBER.fullmatch(name) or _NAME.fullmatch(name)):
        return "is neither a P-value (P1362) nor a name (language.gui)"
    return None


def _check_lines(view: DeviceView) -> None:
    kind = family_of(view)
    if notation(view) == P:
        for line in view.lines:
            if number_of(view, "user", line.number) is None:
                raise InvalidValue("line", f"{line.number} has no known place on this model")
    most = PROFILES.get(kind)
    if most is not None and len(profiles(view)) > most:
        raise InvalidValue("registrar", f"the lines of this device can have {most} different ones")
