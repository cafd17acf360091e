"""What is set once for a Myriad or Halo phone: `MYRIAD_SYSTEM_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.timezones import load_zone
from provserver.domain.view import DeviceView
from provserver.vendors.alcatel.rows import SWITCH, row

ACCESS = "access"  # the section of what belongs to one device alone
_GUIDE = "ALE M3-M5-M7-M8 administrator guide"
_MINUTE = timedelta(minutes=1)
_EVERY_DAY = "0123456"
_PHONEBOOKS = 6  # RemotePhoneBook1 to 6 (wazo's template, M)
_FIRST_PRIVATE_OPTION = 128
_DST_OFF, _DST_AUTOMATIC = "0", "2"
# The numbers of wazo's table (M).
_LANGUAGES = {
    "en": "0", "fr": "1", "de": "2", "it": "3", "es": "4", "nl": "5", "pt": "6", "hu": "7", "cs": "8", "pl": "12",
    "tr": "15", "sv": "17", "nb": "18", "da": "19", "fi": "20",
}  # fmt: skip


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    """
    Offset and place.

    When summer time comes and goes is left to the phone's own list for the place (wazo, M): the names under which it
    could be told the dates are in no source found.
    """
    zone = load_zone(name)
    hours, minutes = divmod(abs(zone.offset) // _MINUTE, 60)
    yield Entry("SettingTimeZone", f"{'-' if zone.offset < timedelta(0) else '+'}{hours}:{minutes:02}")
    yield Entry("SettingTimeZoneLocation", name)
    yield Entry("SettingDstEnable", _DST_AUTOMATIC if zone.rule else _DST_OFF)


def _write_vlan(number: int, _at: At) -> Iterator[Entry]:
    yield Entry("DeviceNetworkLanVlanEnable", "true")
    yield Entry("DeviceNetworkLanVlanNumber", str(number))


def _write_pc_vlan(number: int, _at: At) -> Iterator[Entry]:
    yield Entry("DeviceNetworkPcVlanEnable", "true")
    yield Entry("DeviceNetworkPcVlanNumber", str(number))


def _write_phonebook(url: str, at: At) -> Iterator[Entry]:
    if at.indices[0] <= _PHONEBOOKS:
        yield Entry("RemotePhoneBookEnable", "true")
        yield Entry(f"RemotePhoneBook{at.indices[0]}Url", url)


def _write_phonebook_name(name: str, at: At) -> Iterator[Entry]:
    if at.indices[0] <= _PHONEBOOKS:
        yield Entry(f"RemotePhoneBook{at.indices[0]}GroupName", name)


def _write_window(_time: str, at: At) -> Iterator[Entry]:
    """Once a day between two times; one end alone is both."""
    begin, end = (at.view.settings.get(name) for name in ("resync_from", "resync_until"))
    yield Entry("DeviceProvisionPollingByWeekdaysEnable", "true")
    yield Entry("DeviceProvisionPollingBeginTime", str(begin or end))
    yield Entry("DeviceProvisionPollingEndTime", str(end or begin))
    yield Entry("DeviceProvisionPollingDayofWeek", _EVERY_DAY)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    yield Entry("DeviceFirmwareUpgradeUrl", url)
    yield Entry("DeviceAutoUpgradeEnable", "true")


def _write_dhcp_options(options: tuple[int, ...], _at: At) -> Iterator[Entry]:
    private = [option for option in options if option >= _FIRST_PRIVATE_OPTION]
    if private:
        yield Entry("DeviceProvisionDhcpCustomOption", str(private[0]))


def _write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    """The device's own URL: with its token, it is what proves later requests."""
    yield Entry("DeviceProvisionServerUrl", view.provisioning_url)


MYRIAD_SYSTEM_ROWS: tuple[Parameter, ...] = (
    row("timezone", _write_zone),
    row("ntp_server", "SettingSntpServer"),
    row("language", "SettingLanguage", _LANGUAGES),
    row("web_https_only", "DeviceNetworkHttpEnable", {True: "false", False: "true"}),
    # network
    row("vlan_id", _write_vlan),
    row("pc_vlan_id", _write_pc_vlan),
    row("lldp", "DeviceNetworkLldpVlanEnable", SWITCH),
    # directories
    row("phonebook.N.url", _write_phonebook),
    row("phonebook.N.name", _write_phonebook_name),
    # provisioning, discovery, firmware; how the times of day are written is not said (L)
    row("resync_from", _write_window, mark="L"),
    row("resync_until", _write_window, mark="L"),
    row("discovery_pnp", "DeviceProvisionPnpEnable", SWITCH),
    row("discovery_dhcp", "DeviceProvisionDhcpEnable", SWITCH),
    row("discovery_dhcp_options", _write_dhcp_options),
    row("keep_user_changes", "DeviceProvisionUserConfigProtectEnable", SWITCH),
    row("firmware_url", _write_firmware),
    # what belongs to one device
    row(DEVICE, _write_url, section=ACCESS),
    row("provisioning_user", "DeviceProvisionServerUsername", section=ACCESS),
    row("provisioning_password", "DeviceProvisionServerPassword", section=ACCESS),
    row("admin_user", "DeviceSecurityAdminName", section=ACCESS),
    row("admin_password", "DeviceSecurityAdminPwd", section=ACCESS, source=_GUIDE, mark="H"),
    row("user_user", "DeviceSecurityUserName", section=ACCESS),
    row("user_password", "DeviceSecurityUserPwd", section=ACCESS),
    row("var_password", "DeviceSecurityVarPwd", section=ACCESS),
)
