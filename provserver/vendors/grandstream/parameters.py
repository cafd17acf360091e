"""Grandstream's parameter table: what is set once for a device, and all rows together in `PARAMETERS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.vendors.grandstream.accounts import ACCOUNT_ROWS
from provserver.vendors.grandstream.clock import write_zone
from provserver.vendors.grandstream.keys import KEY_ROWS
from provserver.vendors.grandstream.models import Family, family_of, known_name
from provserver.vendors.grandstream.notation import (
    ALL,
    NAMED_ONLY,
    PHONES,
    SHEET,
    SWITCH,
    YES_NO,
    both,
    entry,
    row,
)
from provserver.vendors.grandstream.schedule import (
    write_extra_options,
    write_firmware,
    write_hour,
    write_interval,
    write_phonebook,
    write_url,
)
from provserver.vendors.grandstream.voice import VOICE_ROWS

ACCESS = "access"  # the section of what belongs to one device alone
_NAMES = f"{SHEET}; FusionPBX grp2612: names beside their P-values"
_NOT_A_BASE = ALL - {Family.BASE}

# P1362 and language.gui (template grp2612, H). Danish, Norwegian and Finnish are not among them.
_LANGUAGES = {
    "en": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "nl": "nl", "pl": "pl", "pt": "pt", "cs": "cz",
    "sv": "se", "hu": "hu", "tr": "tr", "ru": "ru",
}  # fmt: skip
_SPOKEN = {"en": "0", "ru": "6", "es": "10"}  # P342: the voice in an adapter's menu (template ht802, H)
_WRITTEN_OUT = {"ymd": "yyyy-mm-dd", "mdy": "mm-dd-yyyy", "dmy": "dd-mm-yyyy"}
_DATES, _DATES_OF_WP = {"ymd": "0", "mdy": "1", "dmy": "2"}, {"ymd": "1", "mdy": "2", "dmy": "3"}
_TLS_VERSIONS = {"1.0": "TLS_1_0", "1.1": "TLS_1_1", "1.2": "TLS_1_2"}
# Event: P-value, and the end of the name behind ``ons.actionUrl.``.
_ACTIONS = {
    "boot": ("P8304", "setupCompleted"),
    "registered": ("P8305", "registered"),
    "unregistered": ("P8306", "unregistered"),
    "off_hook": ("P8308", "offHook"),
    "on_hook": ("P8309", "onHook"),
    "incoming": ("P8310", "incomingCall"),
    "outgoing": ("P8311", "outgoingCall"),
    "missed": ("P8312", "missedCall"),
    "established": ("P8313", "establishedCall"),
    "terminated": ("P8314", "terminatedCall"),
    "dnd_on": ("P8316", "openDnd"),
    "dnd_off": ("P8317", "closedDnd"),
    "forward_on": ("P8318", "openForward"),
    "forward_off": ("P8319", "closedForward"),
}


def _write_language(code: str, at: At) -> Iterator[Entry]:
    kind = family_of(at.view)
    if kind in (Family.ADAPTER, Family.PORTS):
        if code in _SPOKEN:
            yield from entry(at.view, "P342", None, _SPOKEN[code])
    elif kind in PHONES and code in _LANGUAGES and not known_name(at.view.model).startswith("WP"):
        # WP phones have names like en_US, of which only some were found.
        yield from entry(at.view, "P1362", "language.gui", _LANGUAGES[code])


def _write_date(order: str, at: At) -> Iterator[Entry]:
    if family_of(at.view) in PHONES:
        numbers = _DATES_OF_WP if known_name(at.view.model).startswith("WP") else _DATES
        yield from entry(at.view, "P102", None, numbers[order])
        yield from entry(at.view, None, "dateTime.format.date", _WRITTEN_OUT[order])


def _write_vlan(number: int, at: At) -> Iterator[Entry]:
    yield from entry(at.view, None, "network.port.eth.1.vlan.enable", "Yes")
    yield from entry(at.view, "P51", "network.port.eth.1.vlan.tag", str(number))


def _write_tls_verify(check: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    """The chain, and where it is known the name too. That it is off at first is why it has to be said."""
    yield from entry(at.view, "P8463", None, SWITCH[check])
    yield from entry(at.view, None, "security.validate.serverCertificate", YES_NO[check])
    if family_of(at.view) in PHONES:
        yield from entry(at.view, "P22030", None, SWITCH[check])
        yield from entry(at.view, None, "provisioning.validateHostnameInCertificate", YES_NO[check])


_SYSTEM_ROWS: tuple[Parameter, ...] = (
    # time
    row("timezone", write_zone, source=f"{SHEET}; FusionPBX gxp1450, grp26xx, ht802, dp750: customize and P246"),
    both("ntp_server", "P30", "dateTime.ntp.server.1"),
    both("ntp_server_backup", None, "dateTime.ntp.server.2", families=NAMED_ONLY, source=_NAMES),
    both("time_format", "P122", "dateTime.format.time", {"12": "0", "24": "1"}, {"12": "12Hour", "24": "24Hour"},
         families=PHONES, source=_NAMES),
    row("date_format", _write_date, source="FusionPBX grp2612, gxp1450, wp820: comments to P102"),
    row("language", _write_language, source=_NAMES),
    # network
    both("ip_by_dhcp", "P8", "network.port.eth.1.type", {True: "0"}, {True: "DHCP"}, source=_NAMES),
    row("vlan_id", _write_vlan),
    both("vlan_priority", "P87", "network.port.eth.1.vlan.priority"),
    both("pc_vlan_id", "P229", "network.port.pc.vlan.tag", families=PHONES),
    both("pc_vlan_priority", "P230", "network.port.pc.vlan.priority", families=PHONES),
    both("lldp", "P1684", "network.lldp.enable", SWITCH, YES_NO),
    both("cdp", None, "network.cdp", None, YES_NO, families=NAMED_ONLY, source=_NAMES),
    both("vlan_dhcp", "P8300", "network.dhcp.enableVlan", SWITCH, YES_NO, families=PHONES),
    # directories
    row("phonebook.N.url", write_phonebook, source=_NAMES),
    both("ldap.server", "P8020", "ldap.server", families=PHONES, source=_NAMES),
    both("ldap.port", "P8021", "ldap.port", families=PHONES, source=_NAMES),
    both("ldap.tls", "P8037", "ldap.protocol", {"off": "0", "ldaps": "1"}, {"off": "LDAP", "ldaps": "LDAPS"},
         families=PHONES, source=_NAMES),
    both("ldap.base", "P8022", "ldap.base", families=PHONES, source=_NAMES),
    both("ldap.user", "P8023", "ldap.username", families=PHONES, source=_NAMES),
    both("ldap.number_filter", "P8025", "ldap.ldapNumberFilter", families=PHONES, source=_NAMES),
    both("ldap.name_filter", "P8026", "ldap.ldapNameFilter", families=PHONES, source=_NAMES),
    both("ldap.name_attributes", "P8028", "ldap.ldapNameAttributes", families=PHONES, source=_NAMES),
    both("ldap.number_attributes", "P8029", "ldap.ldapNumberAttributes", families=PHONES, source=_NAMES),
    both("ldap.display_name", "P8030", "ldap.ldapDisplayName", families=PHONES, source=_NAMES),
    # action URLs
    *(both(f"action.{event}", number, f"ons.actionUrl.{name}", families=PHONES, source=_NAMES)
      for event, (number, name) in _ACTIONS.items()),
    # provisioning, discovery
    row("resync_minutes", write_interval, source=f"{SHEET}; FusionPBX ht802, gxv3275 for P194"),
    row("resync_from", write_hour, source=f"{SHEET}; FusionPBX ht802, gxv3275 for P194"),
    row("resync_until", write_hour, source=f"{SHEET}; FusionPBX ht802, gxv3275 for P194"),
    both("discovery_dhcp", "P145", "provisioning.override.dhcp.allowCommonOptions", SWITCH, YES_NO),
    row("discovery_dhcp_options", write_extra_options, source=_NAMES),
    both("discovery_pnp", "P1414", "provisioning.3cxAutoProvision", SWITCH, YES_NO, families=PHONES),
    # access, firmware, trust
    both("web_https_only", "P1650", "security.webAccessMode", {True: "0", False: "1"}, {True: "HTTPS", False: "HTTP"},
         families=PHONES),
    row("firmware_url", write_firmware),
    row("tls_verify", _write_tls_verify),
    both("tls_min_version", "P22293", "security.minimum.TLS.version", _TLS_VERSIONS, families=_NOT_A_BASE),
)  # fmt: skip

_ACCESS_ROWS: tuple[Parameter, ...] = (
    row(DEVICE, write_url, section=ACCESS),
    both("provisioning_user", "P1360", "provisioning.config.username", section=ACCESS),
    both("provisioning_password", "P1361", "provisioning.config.password", section=ACCESS),
    # The notation with names has none for it: there somebody types the key in at the device.
    both("config_key", "P1359", None, section=ACCESS, source="sheet grandstream 5, 8"),
    both("admin_password", "P2", "users.admin.password", section=ACCESS),
    both("user_password", "P196", "users.user.password", section=ACCESS),
    both("ldap.password", "P8024", "ldap.password", families=PHONES, section=ACCESS, source=_NAMES),
)

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNT_ROWS, *VOICE_ROWS, *KEY_ROWS, *_SYSTEM_ROWS, *_ACCESS_ROWS)
