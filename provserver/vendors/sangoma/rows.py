"""
What each setting becomes: the rows of Hanlong's table that templates for Sangoma's own phones show, and three more.

M: two templates agree, of Tancredi and of FusionPBX. L: one of them, or one whose words the other does not use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provserver.domain.hanlong.accounts import CODECS, Accounts
from provserver.domain.hanlong.keys import KEY, Keys
from provserver.domain.hanlong.system import SYSTEM, SYSTEM_ROWS
from provserver.domain.key import Key, KeyKind
from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.timezones import load_zone

_TANCREDI, _FUSIONPBX = "tancredi sangoma.tmpl", "fusionpbx sangoma s500"
_BOTH = f"{_TANCREDI}; {_FUSIONPBX}"
_MACROS = "tancredi sangoma.macros"

# Six have a server each, and no profile: fusionpbx s300, s500 and s700 (L). Tancredi writes the first, with the same
# numbers. Neither has Opus.
ACCOUNTS = Accounts(accounts=6, servers=6, profiles=False, codecs=frozenset(CODECS) - {"opus"})
KEYS = Keys(modes=True)

_IN_BOTH = {
    "line.number", "line.shown_label", "line.user_name", "line.auth_user", "line.password", "line.shown_name",
    "line.voicemail", "line.registrar", "blf_pickup_code", "codecs", "dtmf", "key.N", "module.N.key.N", "ntp_server",
    "time_format", "date_format", "tone_country", "stun_server", "pc_vlan_id", "lldp", "vlan_dhcp", "ldap.server",
    "ldap.port", "ldap.base", "ldap.user", "ldap.password", "ldap.name_filter", "ldap.number_filter",
    "ldap.display_name", "admin_user", "admin_password", "user_user", "user_password", DEVICE, "resync_minutes",
    "discovery_pnp", "discovery_dhcp", "discovery_dhcp_options", "firmware_url",
}  # fmt: skip
_IN_TANCREDI = {"vlan_id", "ldap.name_attributes", "ldap.number_attributes"}
_IN_FUSIONPBX = {
    "dtmf_payload", "srtp", "mwi_subscribe", "mac_in_register", "ntp_server_backup", "vlan_priority",
    "phonebook.N.url", "phonebook.N.name", "trusted_ca_url", "provisioning_user", "provisioning_password",
}  # fmt: skip
_ACTION = "action."  # fusionpbx too
_LANGUAGES = {
    "en": "0", "fr": "1", "de": "2", "es": "3", "pt": "4", "ru": "5", "it": "6", "pl": "7", "tr": "8", "nl": "10",
}  # fmt: skip
_AUTOMATIC, _OFF = "2", "0"  # of summer time, whose dates the phone knows by the place: tancredi; fspbx (M)
# Numbers of the phone's list, by a place that has the rule which the phone then keeps. Tancredi's macros (L); London
# and most of America also fspbx (M).
PLACES = {
    "America/Anchorage": "3", "America/Los_Angeles": "6", "America/Denver": "9", "America/Chicago": "14",
    "America/New_York": "18", "America/Halifax": "20", "America/St_Johns": "26", "Atlantic/Azores": "32",
    "Europe/London": "39", "Europe/Berlin": "50", "Europe/Helsinki": "58", "Australia/Adelaide": "94",
    "Australia/Sydney": "96", "Pacific/Auckland": "102", "Pacific/Chatham": "103",
}  # fmt: skip
# Where there is no summer time, any place of the same offset. Tancredi's macros.
STEADY_PLACES = {
    "Pacific/Honolulu": "1", "America/Phoenix": "10", "America/Regina": "11", "America/Bogota": "18",
    "America/Puerto_Rico": "23", "America/Argentina/Buenos_Aires": "28", "UTC": "33", "Africa/Algiers": "49",
    "Africa/Johannesburg": "62", "Asia/Riyadh": "72", "Europe/Moscow": "73", "Asia/Tehran": "74",
    "Asia/Dubai": "78", "Asia/Kabul": "82", "Asia/Karachi": "83", "Asia/Kolkata": "84", "Asia/Dhaka": "85",
    "Asia/Bangkok": "87", "Asia/Shanghai": "89", "Asia/Tokyo": "93", "Australia/Darwin": "95",
    "Australia/Brisbane": "97", "Pacific/Noumea": "101", "Pacific/Tongatapu": "104",
}  # fmt: skip
_BY_CLOCK = {
    (zone.offset, zone.rule): number for name, number in (STEADY_PLACES | PLACES).items() for zone in (load_zone(name),)
}
# Numbers of each programmable key's type, account, value and label: both sources. The kinds are those that Tancredi
# knows for these keys; line keys have more.
_SOFTKEY = (43_200, 43_300, 43_400, 20_043)
_SOFTKEY_TYPES = {
    KeyKind.NONE: "0",
    KeyKind.SPEED_DIAL: "2",
    KeyKind.PICKUP: "6",
    KeyKind.GROUP_PICKUP: "7",
    KeyKind.LDAP: "15",
    KeyKind.FORWARD: "18",
    KeyKind.DND: "21",
}
_SOFTKEYS = 4


def _write_zone(name: str, _at: At) -> Iterator[Entry]:
    """Write the number of a place that has exactly this clock. Nothing for one that no known place has."""
    zone = load_zone(name)
    number = _BY_CLOCK.get((zone.offset, zone.rule))
    if number is not None:
        yield Entry("P64", number)
        yield Entry("P75", _AUTOMATIC if zone.rule else _OFF)


def _write_language(language: str, _at: At) -> Iterator[Entry]:
    """Write the language of the display and of the web page."""
    number = _LANGUAGES.get(language)
    if number is not None:
        yield Entry("P8621", number)
        yield Entry("P2525", number)


def _write_softkey(key: Key, at: At) -> Iterator[Entry]:
    word, number = _SOFTKEY_TYPES.get(key.kind), at.indices[0]
    if word is None or number > _SOFTKEYS:  # further numbers are those of something else
        return
    kind, account, value, label = (f"P{begin + number - 1}" for begin in _SOFTKEY)
    yield Entry(kind, word)
    if key.kind is not KeyKind.NONE:
        yield Entry(value, key.value)
        yield Entry(label, key.label)
        yield Entry(account, str(key.line - 1))


def _shown(row: Parameter) -> Iterator[Parameter]:
    """*row*, where a template for Sangoma's phones has it, with that as its source."""
    if row.setting in _IN_BOTH:
        yield replace(row, source=_BOTH, confidence="M")
    elif row.setting in _IN_TANCREDI:
        yield replace(row, source=_TANCREDI, confidence="L")
    elif row.setting in _IN_FUSIONPBX or row.setting.startswith(_ACTION):
        yield replace(row, source=_FUSIONPBX, confidence="L")


PARAMETERS = (
    *(shown for row in (*ACCOUNTS.rows(), *KEYS.rows(), *SYSTEM_ROWS) for shown in _shown(row)),
    Parameter(setting="softkey.N", write=_write_softkey, section=KEY, source=_BOTH, confidence="L"),
    Parameter(setting="timezone", write=_write_zone, section=SYSTEM, source=f"{_MACROS}; fspbx", confidence="L"),
    Parameter(setting="language", write=_write_language, section=SYSTEM, source=_MACROS, confidence="L"),
)
