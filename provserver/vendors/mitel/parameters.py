"""Mitel's parameter table: what is set once for a device, and all rows together in `PARAMETERS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Written
from provserver.domain.slot import URLPart
from provserver.domain.view import DeviceView
from provserver.vendors.mitel.accounts import ACCOUNT_ROWS
from provserver.vendors.mitel.clocks import write_zone
from provserver.vendors.mitel.keys import KEY_ROWS
from provserver.vendors.mitel.notation import SHEET, SWITCH, row

ACCESS = "access"  # the section of what belongs to one device alone
_GUIDE = "6700i and 6800 series administrator guides, appendix A"
_DAY_MINUTES = 24 * 60
_MAX_DAYS = 364  # range of auto resync days
_DIRECTORIES = 2  # directory 1 and 2
_PC_PORT_UNTAGGED = "4095"  # wazo base.tpl
_CONFIGURATION, _FIRMWARE_TOO = "1", "3"  # auto resync mode; 2 is firmware alone
# Names that wazo, FusionPBX or sark write; Spain gets the generic one there.
_TONES = {"de": "Germany", "fr": "France", "gb": "UK", "us": "US", "it": "Italy", "es": "Europe"}
_DATES = {"mdy": "0", "dmy": "1", "ymd": "2"}  # WWW MMM DD, DD-MMM-YY, YYYY-MM-DD (FusionPBX, M)
_ACTIONS = {
    "boot": "startup",
    "registered": "registered",
    "incoming": "incoming",
    "outgoing": "outgoing",
    "established": "connected",
    "terminated": "disconnected",
    "off_hook": "offhook",
    "on_hook": "onhook",
}


def raw_entry(name: str, value: Written) -> Entry:
    """A raw parameter: the maker's names have blanks where ours have underscores (``raw.sip_dial_plan``)."""
    return Entry(name.replace("_", " "), value)


def _write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    The device's own URL, in the pieces that the phone has parameters for.

    Which of the two protocols it is, is known only when the URL is put in; the pieces of the other are not used.
    """
    url = view.provisioning_url
    yield Entry("download protocol", url.only(URLPart.SCHEME))
    for protocol in ("http", "https"):
        yield Entry(f"{protocol} server", url.only(URLPart.HOST))
        yield Entry(f"{protocol} port", url.only(URLPart.PORT))
        yield Entry(f"{protocol} path", url.only(URLPart.PATH))


def _write_time_server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("time server disabled", "0")
    yield Entry("time server1", host)


def _write_vlan(number: int, at: At) -> Iterator[Entry]:
    yield Entry("tagging enabled", "1")
    yield Entry("vlan id", str(number))
    if "pc_vlan_id" not in at.view.settings:
        yield Entry("vlan id port 1", _PC_PORT_UNTAGGED)


def _write_directory(url: str, at: At) -> Iterator[Entry]:
    if at.indices[0] <= _DIRECTORIES:
        yield Entry(f"directory {at.indices[0]}", url)


def _write_directory_name(name: str, at: At) -> Iterator[Entry]:
    if at.indices[0] <= _DIRECTORIES:
        yield Entry(f"directory {at.indices[0]} name", name)


def _write_mode(at: At) -> Iterator[Entry]:
    yield Entry("auto resync mode", _FIRMWARE_TOO if "firmware_url" in at.view.settings else _CONFIGURATION)


def _write_every_minutes(minutes: int, at: At) -> Iterator[Entry]:
    """Whole days between two looks at the time of day; 0 is every day, the shortest the phone knows."""
    yield from _write_mode(at)
    yield Entry("auto resync days", str(min(minutes // _DAY_MINUTES, _MAX_DAYS)))


def _write_from(time: str, at: At) -> Iterator[Entry]:
    yield from _write_mode(at)
    yield Entry("auto resync time", time)


def _write_until(end: str, at: At) -> Iterator[Entry]:
    """The minutes of which the phone picks one at random, counted from the time of day."""
    begin = at.view.settings.get("resync_from")
    if isinstance(begin, str):
        yield Entry("auto resync max delay", str((_minutes(end) - _minutes(begin)) % _DAY_MINUTES))


def _minutes(time: str) -> int:
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    """The folder: the phone puts ``<model>.st`` behind it."""
    yield Entry("firmware server", url.rpartition("/")[0] if url.endswith(".st") else url.rstrip("/"))


def _write_dhcp(ask: bool, _at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    yield Entry("dhcp config option override", "0" if ask else "-1")


_SYSTEM_ROWS: tuple[Parameter, ...] = (
    row("timezone", write_zone, source=f"{SHEET}; {_GUIDE}"),
    row("ntp_server", _write_time_server),
    row("ntp_server_backup", "time server2", source="FusionPBX aastra.cfg", mark="M"),
    row("time_format", "time format", {"12": "0", "24": "1"}, source="wazo aastra.cfg; FusionPBX aastra.cfg"),
    row("date_format", "date format", _DATES, source="FusionPBX aastra.cfg", mark="M"),
    row("tone_country", "tone set", _TONES, source=f"{SHEET}; wazo, FusionPBX, sark"),
    # network
    row("ip_by_dhcp", "dhcp", SWITCH, source="FusionPBX aastra.cfg", mark="M"),
    row("vlan_id", _write_vlan, source="wazo base.tpl", mark="M"),
    row("vlan_priority", "priority non-ip", source="wazo base.tpl", mark="M"),
    row("pc_vlan_id", "vlan id port 1", source="wazo base.tpl", mark="M"),
    row("lldp", "lldp", SWITCH, source="FusionPBX aastra.cfg", mark="M"),
    # directories: comma-separated files
    row("phonebook.N.url", _write_directory, source=f"sark aastra.cfg; {_GUIDE}", mark="M"),
    row("phonebook.N.name", _write_directory_name, source="public configurations for Mitel", mark="M"),
    # action URIs
    *(
        row(f"action.{event}", f"action uri {name}", source=f"sheet mitel-aastra 10; {_GUIDE}")
        for event, name in _ACTIONS.items()
    ),
    # provisioning, discovery
    row("resync_minutes", _write_every_minutes, source=f"{SHEET}; FusionPBX aastra.cfg"),
    row("resync_from", _write_from, source=f"{SHEET}; FusionPBX aastra.cfg"),
    row("resync_until", _write_until, source="FusionPBX aastra.cfg", mark="M"),
    row("discovery_redirect", "contact rcs", SWITCH),
    # That -1 ignores the options is the guide's word (H), the parameter's name is not seen there (L).
    row("discovery_dhcp", _write_dhcp, source=f"{_GUIDE}: DHCP download options", mark="L"),
    # firmware, trust
    row("firmware_url", _write_firmware, source="FusionPBX aastra.cfg", mark="M"),
    row("trusted_ca_url", "sips trusted certificates"),
    row("tls_verify", "https validate certificates", SWITCH),
)
_ACCESS_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, _write_url, section=ACCESS),
    # Numbers only, say the guides up to 4.2: a phone that finds a letter takes its default password instead.
    row("admin_password", "admin password", section=ACCESS),
    row("user_password", "user password", section=ACCESS),
    row("provisioning_user", "http digest username", section=ACCESS, source=f"{_GUIDE}: BroadSoft CMS"),
    row("provisioning_password", "http digest password", section=ACCESS, source=f"{_GUIDE}: BroadSoft CMS"),
)

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNT_ROWS, *KEY_ROWS, *_SYSTEM_ROWS, *_ACCESS_ROWS)
