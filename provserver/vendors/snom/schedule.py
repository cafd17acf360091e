"""When and where a desk phone asks again: its own URL, polling, discovery, firmware; and the one remote phone book."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Entry, Written
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.snom.models import file_model
from provserver.vendors.snom.permission import OPEN

_MINUTE_S = 60
_DAY_S = 86_400
FIRMWARE_ENDING = "-firmware.htm"


def pointer(view: DeviceView) -> SecretSlot:
    """
    The device's own URL: a file, so that the phone fetches this one and no other (sheet snom 1, H).

    The MAC is written out as the phone would put it for ``{mac}``, 12 upper-case digits: nothing is left to expand.
    """
    return view.provisioning_url.framed(after=f"{view.mac.upper}.xml")


def firmware_file(view: DeviceView) -> SecretSlot:
    """The URL of the firmware settings file, which names the image."""
    return view.provisioning_url.framed(after=f"snom{file_model(view.model) or ''}{FIRMWARE_ENDING}")


def write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Write the device's own URL. The phone must be able to change it: redirection and DHCP write it too."""
    yield Entry("setting_server", pointer(view), OPEN)


def write_discovery(_switch: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - the value of a row comes first
    """Write the order in which a phone looks for a server, without the ways that are switched off."""
    wishes = at.view.settings
    ways = [("redirection", "discovery_redirect"), ("pnp", "discovery_pnp"), ("dhcp", "discovery_dhcp")]
    order = [way for way, setting in ways if wishes.get(setting) is not False]
    yield Entry("provisioning_order", " ".join(f"{way}:stop" for way in (*order, "tr69")))


def write_every_minutes(minutes: int, at: At) -> Iterator[Entry]:
    """Write an interval. The one timer is known to all firmware; it wants the newer polling to be off."""
    if "resync_from" not in at.view.settings:
        yield Entry("prov_polling_enabled", "off")
    yield Entry("settings_refresh_timer", str(minutes * _MINUTE_S))


def write_daily_time(begin: str, at: At) -> Iterator[Entry]:
    """Write a time of day: at it, or at a random moment between it and ``resync_until``."""
    end = at.view.settings.get("resync_until")
    yield Entry("prov_polling_enabled", "on")
    yield Entry("prov_polling_mode", "abs" if end is None else "random")
    yield Entry("prov_polling_period", str(_DAY_S))  # less, and the phone ignores the times
    yield Entry("prov_polling_time", begin)
    if end is not None:
        yield Entry("prov_polling_time_rand_end", str(end))


def write_firmware_file(_url: str, at: At) -> Iterator[Entry]:
    """Point at our firmware settings file; the image's own URL stands in there."""
    yield Entry("firmware_status", firmware_file(at.view), OPEN)


def write_firmware(_url: str, at: At) -> Iterator[Entry]:
    """Let the phone take firmware without asking its user, and look for it as often as for settings."""
    yield Entry("update_policy", "auto_update")
    minutes = at.view.settings.get("resync_minutes")
    if minutes is not None:
        yield Entry("firmware_interval", str(minutes))


def write_phonebook(url: Written, at: At) -> Iterator[Entry]:
    """Write the address that the directory key opens. There is one such key: further phone books have no place."""
    if at.indices == (1,):
        yield Entry("dkey_directory", url.framed(before="url ") if isinstance(url, SecretSlot) else f"url {url}")
