"""Obihai's parameter table: what is set once for a device, and all rows together in `PARAMETERS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Written
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.obihai.accounts import ACCOUNT_ROWS, check_profiles
from provserver.vendors.obihai.rows import ITSP, SHEET, row

ACCESS = "access"  # the section of what belongs to one device alone
POINTER = "pointer"  # and of where it asks
_GUIDE = "Obihai IP Phone administration guide 2017, 237"
_FIRMWARE = "X_DeviceManagement.FirmwareUpdate."
_MINUTE_S = 60
_DAY_MINUTES = 24 * 60
_MAX_DELAY_MINUTES = 360  # guide 2017, 237 (H)


def own_file(view: DeviceView) -> SecretSlot:
    """The URL of the device's own file, whose MAC is in capitals as the device's ``$MAC`` is."""
    return view.provisioning_url.framed(after=f"{view.mac.upper}.xml")


def raw_entry(name: str, value: Written) -> Entry:
    """A raw parameter goes into the object that its name begins with; InvalidValue for a name without one."""
    place, dot, parameter = name.rpartition(".")
    if not place or not parameter:
        raise InvalidValue(f"raw.{name}", "names no parameter of an object, such as X_DeviceManagement.Syslog.Level")
    return Entry(parameter, value, place + dot)


def check(view: DeviceView) -> None:
    """Refuse what an OBi device cannot do, and raw parameters without a place."""
    check_profiles(view)
    for name, value in view.raw.items():
        raw_entry(name, value)


def _write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("ConfigURL", own_file(view), ITSP)
    yield Entry("Method", "System Start", ITSP)  # the rows of a schedule put theirs in its place


def _write_every_minutes(minutes: int, at: At) -> Iterator[Entry]:
    """Seconds; a time of day wins over it."""
    if "resync_from" not in at.view.settings:
        yield Entry("Method", "Periodically", ITSP)
        yield Entry("Interval", str(minutes * _MINUTE_S), ITSP)


def _write_from(time: str, at: At) -> Iterator[Entry]:
    """``hh:mm+rr``: a time of day and the minutes of which the device picks one at random."""
    end = at.view.settings.get("resync_until")
    delay = (_minutes(end) - _minutes(time)) % _DAY_MINUTES if isinstance(end, str) else 0
    yield Entry("Method", "Time Of Day", ITSP)
    yield Entry("TimeOfDay", f"{time}+{min(delay, _MAX_DELAY_MINUTES)}", ITSP)


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


def _minutes(time: str) -> int:
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    yield Entry("FirmwareURL", url, _FIRMWARE)
    yield Entry("Method", "System Start", _FIRMWARE)


_SYSTEM_ROWS: tuple[Parameter, ...] = (
    row("firmware_url", _write_firmware, source=f"{SHEET}; {_GUIDE}", mark="H"),
    # The maker's own service, OBiTALK; how it is switched on is the factory's matter.
    row("discovery_redirect", "Method", {False: "Disabled"}, place="X_DeviceManagement.Provisioning.",
        source=_GUIDE, mark="H"),
    row(DEVICE, _write_url, section=POINTER, source=f"{SHEET}; {_GUIDE}", mark="H"),
    row("resync_minutes", _write_every_minutes, section=POINTER, source=f"{SHEET}; {_GUIDE}", mark="H"),
    # The guide prints the parameter's name in two ways.
    row("resync_from", _write_from, section=POINTER, source=_GUIDE, mark="M"),
    row("resync_until", _write_nothing, section=POINTER, source=f"{_GUIDE}: random delay", mark="H"),
    row("provisioning_user", "Username", place=ITSP, section=ACCESS),
    row("provisioning_password", "Password", place=ITSP, section=ACCESS),
    row("admin_password", "AdminPassword", place="X_DeviceManagement.WebServer.", section=ACCESS),
)  # fmt: skip

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNT_ROWS, *_SYSTEM_ROWS)
