"""The settings a person can make, in words that hold for every maker; `find_spec` finds one by its name."""

from __future__ import annotations

import re

from provserver.domain.setting import (
    SettingSpec,
    choice,
    choices,
    clock_time,
    host,
    key,
    number,
    secret,
    switch,
    text,
    url,
    zone,
)
from provserver.domain.text import check_text
from provserver.errors import InvalidValue

RAW_PREFIX = "raw."
_INDEX = re.compile(r"(?<=\.)(?:0|[1-9][0-9]{0,3})(?=\.|$)")  # 03 would be a second name of 3
# A raw parameter with such a name is taken for a credential: sealed, deleted, never shown. Rather too many than too few.
_RAW_SECRET = re.compile(r"pass(?!ive|through)|pwd|secret|\bpin\b|_pin\b|ha1|private_?key|aes_key|psk", re.IGNORECASE)
_RAW_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/@]{0,127}")

CODECS = ("opus", "g722", "pcma", "pcmu", "g729", "g726", "ilbc", "speex")
ACTION_EVENTS = (
    "boot",
    "registered",
    "unregistered",
    "register_failed",
    "incoming",
    "outgoing",
    "established",
    "terminated",
    "missed",
    "off_hook",
    "on_hook",
    "dnd_on",
    "dnd_off",
    "forward_on",
    "forward_off",
)

SPECS: tuple[SettingSpec, ...] = (
    # time
    zone("timezone", "IANA time zone; daylight saving follows from it"),
    host("ntp_server", "time server"),
    host("ntp_server_backup", "second time server"),
    choice("time_format", "clock on the screen", "12", "24"),
    choice("date_format", "order of the date on the screen", "dmy", "mdy", "ymd"),
    # language and tones
    choice(
        "language",
        "language of the screen and the web page",
        "en",
        "de",
        "fr",
        "es",
        "it",
        "nl",
        "pl",
        "pt",
        "cs",
        "da",
        "sv",
        "nb",
        "fi",
        "hu",
        "tr",
        "ru",
    ),
    choice(
        "tone_country",
        "country whose ring and busy tones are played",
        "gb",
        "de",
        "us",
        "fr",
        "es",
        "it",
        "nl",
        "at",
        "ch",
        "be",
        "dk",
        "se",
        "no",
        "fi",
        "pl",
        "cz",
        "pt",
        "ie",
        "au",
        "nz",
    ),
    # voice
    choices("codecs", "codecs in order of preference", *CODECS),
    choice("srtp", "media encryption (SDES)", "off", "optional", "mandatory"),
    choice("dtmf", "how digits travel during a call", "rfc2833", "inband", "info", "rfc2833_info"),
    number("dtmf_payload", "RTP payload type of telephone events", low=96, high=127),
    switch("mwi_subscribe", "subscribe to message waiting"),
    host("stun_server", "STUN server"),
    switch("ice", "use ICE"),
    # keys
    key("key.N", "line key N of the phone"),
    key("softkey.N", "programmable (soft) key N"),
    key("module.N.key.N", "key of an expansion module, both counted from 1"),
    text("blf_pickup_code", "code dialled before the extension to pick up a watched call"),
    # access to the phone itself
    secret("admin_password", "password of the phone's administrator"),
    secret("user_password", "password of the phone's user level"),
    secret("provisioning_password", "HTTP password by which the phone proves itself to this server"),
    text("provisioning_user", "HTTP user name that goes with provisioning_password"),
    choice("credential_storage", "where the phone keeps its SIP password, if its maker knows both", "config", "flash"),
    # network
    number("vlan_id", "VLAN of the phone", low=1, high=4094),
    number("vlan_priority", "802.1p priority of the phone's VLAN", low=0, high=7),
    number("pc_vlan_id", "VLAN of the phone's PC port", low=1, high=4094),
    number("pc_vlan_priority", "802.1p priority of the PC port", low=0, high=7),
    switch("lldp", "learn the VLAN by LLDP-MED"),
    switch("vlan_dhcp", "learn the VLAN by DHCP"),
    # directories
    url("phonebook.N.url", "remote phone book N"),
    text("phonebook.N.name", "what remote phone book N is called on the screen"),
    host("ldap.server", "LDAP server"),
    number("ldap.port", "port of the LDAP server", low=1, high=65_535),
    switch("ldap.tls", "LDAP over TLS"),
    text("ldap.base", "search base"),
    text("ldap.user", "user (DN) who binds"),
    secret("ldap.password", "password of the user who binds"),
    text("ldap.name_filter", "search filter by name"),
    text("ldap.number_filter", "search filter by number"),
    text("ldap.name_attributes", "attributes that hold names"),
    text("ldap.number_attributes", "attributes that hold numbers"),
    text("ldap.display_name", "how a found entry is shown"),
    # action URLs
    *(url(f"action.{event}", f"URL the phone calls: {event.replace('_', ' ')}") for event in ACTION_EVENTS),
    text("action_allowed_from", "addresses that may control the phone by action URI"),
    # provisioning and discovery
    switch("resync_at_boot", "ask for configuration at every start"),
    number("resync_minutes", "ask for configuration every so often", low=5, high=43_200, unit="min"),
    clock_time("resync_from", "ask once a day from this time …"),
    clock_time("resync_until", "… until this time, at a random moment"),
    switch("discovery_pnp", "look for a server by SIP multicast"),
    switch("discovery_dhcp", "look for a server in DHCP options"),
    switch("discovery_redirect", "ask the maker's redirection service"),
    switch("keep_user_changes", "what the user set on the phone is not overwritten"),
    # firmware and trust
    url("firmware_url", "firmware the phone should run"),
    url("trusted_ca_url", "certificate authority (PEM) the phone should trust"),
    switch("tls_verify", "the phone checks server certificates"),
)

_BY_NAME = {spec.name: spec for spec in SPECS}


def find_spec(name: str) -> SettingSpec:
    """
    Find the catalogue row of the setting *name* (``key.3``, ``vlan_id``, ``raw.account.1.nat.rport``).

    Raises InvalidValue when there is none. Raw parameters exist under every name a maker could use.
    """
    spec = _BY_NAME.get(_INDEX.sub("N", name))
    if spec is not None and "N" not in name.split("."):
        if any(not 1 <= index <= 999 for index in indices(name)):  # noqa: PLR2004 - no phone has a thousand keys
            raise InvalidValue(name, "counts from 1")
        return spec
    if name.startswith(RAW_PREFIX) and _RAW_NAME.fullmatch(name.removeprefix(RAW_PREFIX)):
        if _RAW_SECRET.search(name):
            return secret(name, "raw parameter of the maker, taken for a credential by its name")
        return _raw(name)
    raise InvalidValue(name, "is not a known setting")


def indices(name: str) -> tuple[int, ...]:
    """The numbers in a setting's name, in order: ``module.1.key.4`` → (1, 4). Raw parameters have none of ours."""
    if name.startswith(RAW_PREFIX):
        return ()
    return tuple(int(part) for part in _INDEX.findall(name))


def _raw(name: str) -> SettingSpec:
    return SettingSpec(
        name=name, kind="raw", meaning="raw parameter of the maker", read=lambda value: check_text(name, value)
    )
