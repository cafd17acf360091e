"""Which raw names these devices are told; `check` and `raw_entry`."""

from __future__ import annotations

import re

from provserver.domain.parameters import Entry, Written
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.fanvil.dialects import LEGACY_ENDING
from provserver.vendors.fanvil.models import is_legacy

_STEP = r"[A-Za-z][A-Za-z0-9_.-]*"
_PATH = re.compile(rf"(?P<place>{_STEP}(?:/{_STEP}(?:@[A-Za-z0-9-]+)?)*)/(?P<name>{_STEP})")
_OURS = frozenset(
    f"{group}/{name}"
    for group, names in (
        ("ap", ("FlashServerIP", "FlashFileName", "FlashProtocol")),
        ("AUTOUPDATE_CONFIG_MODULE", ("Download_Server_IP", "Config_File_Name", "Download_Protocol")),
    )
    for name in names
)
# Their word for a password is not in everybody's list of such words; a key would make the device expect a cipher.
_SECRETS = re.compile(r"pswd$|passwd$|(?:cfg|file)_?(?:file)?_?key$", re.IGNORECASE)
_UNPLACED = ""


def raw_entry(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*, a path of elements: ``sip/line@1/MWINum``, ``GLOBAL_CONFIG_MODULE/Language``.

    What `check` refuses has no place and is left out: a tenant's parameters reach devices of all makers.
    """
    found = _PATH.fullmatch(name)
    if found is None or _problem(name, value) is not None:
        return Entry(name, value, _UNPLACED)
    return Entry(found["name"], value, found["place"])


def is_read(entry: Entry, view: DeviceView) -> bool:
    """Whether *entry* belongs to the dialect of this device, and has a place at all."""
    group = entry.place.partition("/")[0]
    return group != _UNPLACED and group.endswith(LEGACY_ENDING) is is_legacy(view.model)


def check(view: DeviceView) -> None:
    """Raise InvalidValue, naming the setting, for a raw parameter that this device cannot be told."""
    for name, value in view.raw.items():
        problem = _problem(name, value)
        if problem is None and not is_read(raw_entry(name, value), view):
            problem = "is of the other dialect; groups of older phones end in _MODULE, and only those"
        if problem is not None:
            raise InvalidValue(f"raw.{name}", problem)


def _problem(name: str, value: Written) -> str | None:
    """Why a device is not told the raw parameter *name*; None when it is."""
    if name in _OURS:
        return "is the address of this server, which is written by itself"
    if _PATH.fullmatch(name) is None:
        return "is no path of elements, as in sip/line@1/MWINum"
    if _SECRETS.search(name) and not isinstance(value, SecretSlot):
        return "is a password or key, which would be kept in clear"
    return None
