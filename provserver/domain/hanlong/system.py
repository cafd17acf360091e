"""
Everything that is set once for a phone: `SYSTEM_ROWS`, with Htek's sources.

Makers take the rows that sources on their own phones show as well. `check_raw` guards the numbers entered by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.timezones import load_zone
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

SYSTEM, ACCESS = "system", "access"  # sections of these rows
POINTER = "P237"  # where the configuration is: our own URL

_RAW = re.compile(r"P[1-9]\d{0,5}")
_SHEET = "sheet htek 5; wazo_htek base.tpl"
_BOTH = "sheet htek 5; wazo_htek; fusionpbx uc926"
_FSPBX = "fusionpbx uc926"
_SWITCH = {True: "1", False: "0"}
_AUTOMATIC, _OFF = "2", "0"  # of summer time, whose dates the phone knows: fusionpbx app/htek (M)
# By minutes east of UTC. wazo_htek common.py (M): each offset has several numbers, one a place.
_ZONES = {
    -660: "105", -600: "2", -540: "3", -480: "6", -420: "10", -360: "14", -300: "18", -270: "19", -240: "20",
    -210: "26", -180: "30", -120: "31", -60: "32", 0: "33", 60: "49", 120: "57", 180: "73", 210: "74", 240: "77",
    300: "83", 330: "84", 360: "85", 420: "88", 480: "89", 540: "93", 570: "94", 600: "96", 630: "100", 660: "101",
    720: "102", 765: "103", 780: "104",
}  # fmt: skip
_TONES = {  # wazo_htek common.py, "Used for tone select" (M)
    "au": "1", "at": "2", "be": "4", "cz": "7", "dk": "8", "fi": "9", "fr": "10", "de": "11", "gb": "12", "it": "17",
    "nz": "20", "nl": "21", "no": "22", "pt": "23", "es": "24", "ch": "25", "se": "26", "us": "28",
}  # fmt: skip
_ACTIONS = {  # fusionpbx uc926 (M)
    "boot": 3701,
    "registered": 3702,
    "unregistered": 3703,
    "register_failed": 3704,
    "off_hook": 3705,
    "on_hook": 3706,
    "incoming": 3707,
    "outgoing": 3708,
    "established": 3709,
    "terminated": 3710,
    "dnd_on": 3711,
    "dnd_off": 3712,
    "forward_on": 3713,
    "forward_off": 3714,
    "missed": 3726,
}
_BOOK_URLS = {1: "P4401", 2: "P4402", 3: "P4403", 4: "P4404", 5: "P4405"}
_BOOK_NAMES = {1: "P3316", 2: "P3312", 3: "P3313", 4: "P3314", 5: "P3315"}  # the first is out of line in both sources


def check_raw(view: DeviceView) -> None:
    """Refuse raw names that are no numbers, and our own URL's, by InvalidValue."""
    for name in view.raw:
        if not _RAW.fullmatch(name):
            raise InvalidValue(f"raw.{name}", "is not the number of a parameter, with a P before it")
        if name == POINTER:
            raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    """Write the number of the standard offset, and whether there is summer time. Nothing for an offset without one."""
    zone = load_zone(name)
    number = _ZONES.get(zone.offset // timedelta(minutes=1))
    if number is not None:
        yield Entry("P64", number)
        yield Entry("P75", _AUTOMATIC if zone.rule else _OFF)


def _numbered(numbers: Mapping[int, str]) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        if at.indices[0] in numbers:
            yield Entry(numbers[at.indices[0]], value)

    return write


def _write_vlan(vlan: int, _at: At) -> Iterator[Entry]:
    yield Entry("P24053", "1")
    yield Entry("P51", str(vlan))


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    """Write the folder of the image: the phone knows by itself what its image is called."""
    yield Entry("P192", url.rpartition("/")[0])


def _write_resync(minutes: int, _at: At) -> Iterator[Entry]:
    yield Entry("P194", "1")
    yield Entry("P193", str(minutes))


def _write_dhcp_options(options: tuple[int, ...], _at: At) -> Iterator[Entry]:
    """Write the first: there is one parameter for one number."""
    yield Entry("P1145", str(options[0]))


def _write_verify(verify: bool, _at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    """Both halves of a check: who signed the certificate, and whether it names the server that was asked."""
    yield Entry("P23377", _SWITCH[verify])
    yield Entry("P23376", _SWITCH[verify])


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Write where the configuration is, as a whole URL (both sources, H).

    The mode beside it (P212: 1 HTTP, 3 HTTPS) is left alone: the URL says so itself, and a phone that waits for
    the maker's redirection has a mode of HTTP and an HTTPS URL (htekdesk, "RPS Work Process").
    """
    yield Entry(POINTER, view.provisioning_url)


def _row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = SYSTEM,
    source: str = _FSPBX,
    confidence: Confidence = "M",
) -> Parameter:
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=confidence)


SYSTEM_ROWS = (
    _row("ntp_server", "P30", source=_BOTH),
    _row("ntp_server_backup", "P8622"),
    _row("timezone", _write_zone, source="sheet htek 5; wazo_htek common.py"),
    _row("time_format", "P8624", {"12": "1", "24": "0"}, source="fusionpbx app/htek"),
    _row("date_format", "P102", {"ymd": "0", "mdy": "1", "dmy": "2"}, source="fusionpbx app/htek"),
    _row("tone_country", "P20058", _TONES, source="wazo_htek common.py; fusionpbx uc926"),
    _row("stun_server", "P76"),
    _row("vlan_id", _write_vlan, source=_SHEET),
    _row("vlan_priority", "P87", source=_SHEET),
    _row("pc_vlan_id", "P229", source=f"{_FSPBX}: DataVLANTag", confidence="L"),
    _row("lldp", "P5438", _SWITCH, source="wazo_htek base.tpl; fusionpbx uc926"),
    _row("vlan_dhcp", "P8684", _SWITCH),
    _row("phonebook.N.url", _numbered(_BOOK_URLS), source="wazo_htek base.tpl; fusionpbx uc926", confidence="H"),
    _row("phonebook.N.name", _numbered(_BOOK_NAMES), source="wazo_htek base.tpl; fusionpbx uc926", confidence="H"),
    _row("ldap.server", "P5432"),
    _row("ldap.port", "P5433"),
    _row("ldap.base", "P5434"),
    _row("ldap.user", "P5435"),
    _row("ldap.password", "P5436", section=ACCESS),
    _row("ldap.name_filter", "P5430"),
    _row("ldap.number_filter", "P5431"),
    _row("ldap.name_attributes", "P23136"),
    _row("ldap.number_attributes", "P23137"),
    _row("ldap.display_name", "P5440"),
    *(_row(f"action.{event}", f"P{number}") for event, number in _ACTIONS.items()),
    _row("admin_user", "P8681", section=ACCESS, source=_BOTH),
    _row("admin_password", "P2", section=ACCESS, source=_BOTH),
    _row("user_user", "P8682", section=ACCESS, source=_BOTH),
    _row("user_password", "P196", section=ACCESS, source=_BOTH),
    _row("provisioning_user", "P1360", section=ACCESS),
    _row("provisioning_password", "P1361", section=ACCESS),
    _row(DEVICE, _write_pointer, section=ACCESS, source=_BOTH, confidence="H"),
    _row("resync_minutes", _write_resync),
    _row("discovery_pnp", "P20165", _SWITCH),
    _row("discovery_dhcp", "P145", _SWITCH),
    _row("discovery_dhcp_options", _write_dhcp_options, confidence="L"),
    _row("firmware_url", _write_firmware, source=_BOTH),
    _row("trusted_ca_url", "P20179"),
    _row("tls_verify", _write_verify),
)
