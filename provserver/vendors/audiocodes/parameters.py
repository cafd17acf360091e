"""AudioCodes' parameter table: what is set once for a device, and all rows together in `PARAMETERS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.audiocodes.accounts import ACCOUNT_ROWS
from provserver.vendors.audiocodes.clocks import write_zone
from provserver.vendors.audiocodes.notation import SHEET, SWITCH, row

ACCESS = "access"  # the section of what belongs to one device alone
_MANUAL = "400HD administrator's manual 3.4"
_PUBLIC = "public configurations for AudioCodes"
_FIRST_PRIVATE_OPTION = 128
_HOUR_MINUTES, _DAY_MINUTES = 60, 24 * 60
_QUARTER_MINUTES = 15
_MAX_HOURS = 168  # range of hours_interval (manual, H)
# The manual's languages (H), spelled as the one word that a public file shows, PORTUGUESEBRAZILIAN (L).
_LANGUAGES = {
    "en": "ENGLISH",
    "de": "GERMAN",
    "fr": "FRENCH",
    "es": "SPANISH",
    "it": "ITALIAN",
    "pl": "POLISH",
    "cs": "CZECH",
    "tr": "TURKISH",
    "ru": "RUSSIAN",
    "fi": "FINNISH",
}
_DATES = {"dmy": "EUROPEAN", "mdy": "AMERICAN"}


def own_file(view: DeviceView) -> SecretSlot:
    """The URL of the device's own file."""
    return view.provisioning_url.framed(after=f"{view.mac.value}.cfg")


def _write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The phone asks there and nowhere else, unless the wish to look into DHCP options says otherwise."""
    yield Entry("provisioning/method", "STATIC")
    yield Entry("provisioning/configuration/url", own_file(view))


def _write_time_server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("system/ntp/enabled", "1")
    yield Entry("network/lan/dhcp/ntp/server_list/enabled", "0")  # else DHCP's servers are taken
    yield Entry("system/ntp/primary_server_address", host)


def _write_vlan(number: int, _at: At) -> Iterator[Entry]:
    yield Entry("network/lan/vlan/mode", "MANUAL")
    yield Entry("network/lan/vlan/id", str(number))


def _write_every_minutes(minutes: int, at: At) -> Iterator[Entry]:
    """5 or 15 minutes, or whole hours; a time of day wins over it."""
    if "resync_from" in at.view.settings:
        return
    if minutes < _HOUR_MINUTES:
        yield Entry("provisioning/period/type", "every5minutes" if minutes < _QUARTER_MINUTES else "every15minutes")
        return
    yield Entry("provisioning/period/type", "hourly")
    yield Entry("provisioning/period/hourly/hours_interval", str(min(minutes // _HOUR_MINUTES, _MAX_HOURS)))


def _write_from(time: str, at: At) -> Iterator[Entry]:
    """A time of day, and a random delay after it: none if no end is wished, where the factory has two hours."""
    yield Entry("provisioning/period/type", "daily")
    yield Entry("provisioning/period/daily/time", time)
    end = at.view.settings.get("resync_until")
    delay = (_minutes(end) - _minutes(time)) % _DAY_MINUTES if isinstance(end, str) else 0
    yield Entry("provisioning/random_provisioning_time", str(delay))


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


def _minutes(time: str) -> int:
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


def _write_dhcp_options(options: tuple[int, ...], _at: At) -> Iterator[Entry]:
    """The first of private use; 66 and 67 are asked anyway (sheet audiocodes 1, H)."""
    private = [option for option in options if option >= _FIRST_PRIVATE_OPTION]
    if private:
        yield Entry("provisioning/url_option_value", str(private[0]))


_SYSTEM_ROWS: tuple[Parameter, ...] = (
    row("timezone", write_zone, source=f"{SHEET}; {_MANUAL}", mark="H"),
    row("ntp_server", _write_time_server, source=f"{SHEET}; {_PUBLIC}"),
    row("ntp_server_backup", "system/ntp/secondary_server_address", source=_PUBLIC, mark="H"),
    row("time_format", "system/ntp/time_display_format", {"24": "24HOUR", "12": "12HOUR"}, source=_PUBLIC),
    row("date_format", "system/ntp/date_display_format", _DATES, source=_PUBLIC),
    row("language", "personal_settings/language", _LANGUAGES, mark="L"),
    row("tone_country", "voip/regional_settings/selected_country", {"au": "Australia"}, source=_PUBLIC),
    # network; that there is a manual mode is the manual's, the three names are not seen there
    row("vlan_id", _write_vlan, source=f"{_MANUAL}, VLAN assignment", mark="L"),
    row("vlan_priority", "network/lan/vlan/priority", source=f"{_MANUAL}, VLAN assignment", mark="L"),
    # provisioning, discovery, firmware
    row("resync_minutes", _write_every_minutes, source=_MANUAL, mark="H"),
    row("resync_from", _write_from, source=_MANUAL, mark="H"),
    row("resync_until", _write_nothing, source=f"{_MANUAL}: the random delay after the time of day", mark="H"),
    row("discovery_dhcp_options", _write_dhcp_options),
    row("firmware_url", "provisioning/firmware/url", mark="H"),
    row(
        "notify_reboots",
        "voip/services/notify/check_sync/force_reboot_enabled",
        SWITCH,
        source=_PUBLIC,
    ),
)
_ACCESS_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, _write_url, section=ACCESS, source=f"{SHEET}; {_PUBLIC}", mark="H"),
    row("discovery_dhcp", "provisioning/method", {True: "DYNAMIC", False: "STATIC"}, section=ACCESS),
    row("admin_user", "system/user_name", section=ACCESS, mark="L"),
    row("admin_password", "system/password", section=ACCESS, mark="L"),
)

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNT_ROWS, *_SYSTEM_ROWS, *_ACCESS_ROWS)
