"""The parameter table of desk phones, part two: everything but the accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.slot import SecretSlot
from provserver.vendors.snom.keys import write_key, write_module_key, write_softkey
from provserver.vendors.snom.permission import ACCESS, BY_URL, CERTIFICATES, INLINE, OPEN, USERS
from provserver.vendors.snom.schedule import (
    write_daily_time,
    write_discovery,
    write_every_minutes,
    write_firmware,
    write_firmware_file,
    write_phonebook,
    write_pointer,
)
from provserver.vendors.snom.timezone import write_timezone
from provserver.vendors.snom.words import DATE_FORMATS, LANGUAGES, LOCALES, ON_OFF, TIME_FORMATS, TONES

SYSTEM = "system"  # sections: what a file without a MAC may hold, …
KEY = "key"
SECRET = "access"  # noqa: S105 - the name of a section; … and what it may not

_SHEET = "sheet snom 5"
_EXAMPLE = "sheet snom 5; service.snom.com <phone-settings>, example"
_BOTH = "sheet snom 5; wazo_snom base.tpl; tancredi snom.tmpl"
_TANCREDI = "sheet snom 5; tancredi snom.tmpl"
_ACTIONS = "sheet snom 5; tancredi snom.tmpl; IP-Symcon and Gemeinschaft modules"


def _row(
    setting: str,
    write: str | Writer,
    *,
    values: Mapping[Any, str] | None = None,
    section: str = SYSTEM,
    place: str = USERS,
    source: str = _SHEET,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        section=section,
        place=place,
        source=source,
        confidence=confidence,
    )


def _nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in other rows."""
    yield from ()


def _write_admin_name(name: str, _at: At) -> Iterator[Entry]:
    yield Entry("http_user", name, ACCESS)
    yield Entry("webserver_admin_name", name, ACCESS)


def _write_admin(password: SecretSlot, at: At) -> Iterator[Entry]:
    """
    Write the administrator's password everywhere it is asked for: the phone's menu, old and new web pages.

    ``admin_mode`` itself stays open, or nobody could enter the mode any more (wazo_snom snom-general.xml).
    """
    yield Entry("admin_mode", "off", OPEN)
    yield Entry("admin_mode_password", password, ACCESS)
    yield Entry("admin_mode_password_confirm", password, ACCESS)
    name = str(at.view.settings.get("admin_user", "admin"))
    yield Entry("http_user", name, ACCESS)
    yield Entry("http_pass", password, ACCESS)
    yield Entry("webserver_admin_name", name, ACCESS)
    yield Entry("webserver_admin_password", password, ACCESS)


def _write_user(password: SecretSlot, at: At) -> Iterator[Entry]:
    yield Entry("webserver_user_name", str(at.view.settings.get("user_user", "user")), ACCESS)
    yield Entry("webserver_user_password", password, ACCESS)


def _write_pc_vlan(number: int, _at: At) -> Iterator[Entry]:
    yield Entry("vlan_port_tagging", "on")  # without it the PC port is a member of no VLAN of its own (tancredi)
    yield Entry("vlan_pc_id", str(number))


_TIME = (
    _row("timezone", write_timezone, source="sheet snom 5; wiki.snom.com Settings/dst; wazo_snom common.py"),
    _row("ntp_server", "ntp_server", source=_BOTH),
    _row("time_format", "time_24_format", values=TIME_FORMATS, source=_EXAMPLE),
    _row("date_format", "date_us_format", values=DATE_FORMATS, source=_EXAMPLE),
)
_LANGUAGE = (
    _row("language", "language", values=LANGUAGES, source="sheet snom 5; tancredi snom.macros", confidence="M"),
    _row("language", "web_language", values=LANGUAGES, source="sheet snom 5; tancredi snom.macros", confidence="M"),
    _row("tone_country", "tone_scheme", values=TONES, source="sheet snom 5; wazo_snom; tancredi snom.macros"),
    _row("tone_country", "locale", values=LOCALES, source="sheet snom 5; tancredi snomD8XX.tmpl", confidence="M"),
)
_VOICE = (
    _row("dtmf_payload", "dtmf_payload_type", source="a published snom configuration", confidence="M"),
    _row("mac_in_register", "mac_info_in_sip_register", values=ON_OFF),
)
_KEYS = (
    _row("key.N", write_key, section=KEY, source="sheet snom 4; service.snom.com <functionKeys>"),
    _row("module.N.key.N", write_module_key, section=KEY, source="service.snom.com <functionKeys>; tancredi snom.tmpl"),
    _row("softkey.N", write_softkey, section=KEY, source=_TANCREDI, confidence="M"),
    _row("blf_pickup_code", _nothing, section=KEY, source="sheet snom 4: the part of a blf key behind the bar"),
)
_ACCESS = (
    _row("admin_password", _write_admin, section=SECRET, source=_BOTH),
    _row("admin_user", _write_admin_name, section=SECRET, source=_BOTH),
    _row("user_password", _write_user, section=SECRET, source=_BOTH),
    _row("user_user", "webserver_user_name", section=SECRET, place=ACCESS, source=_BOTH),
    _row("provisioning_user", "http_client_user", section=SECRET, place=ACCESS),
    _row("provisioning_password", "http_client_pass", section=SECRET, place=ACCESS),
)
_NETWORK = (
    _row("ip_by_dhcp", "dhcp", values=ON_OFF),
    _row("vlan_id", "vlan_id", source=_BOTH),
    _row("vlan_priority", "vlan_qos", source=_BOTH),
    _row("pc_vlan_id", _write_pc_vlan, source=_TANCREDI),
    _row("pc_vlan_priority", "vlan_pc_priority", source=_TANCREDI),
    _row("lldp", "lldp_enable", values=ON_OFF, source=_TANCREDI),
)
_DIRECTORY = (
    _row("phonebook.N.url", write_phonebook, source="sheet snom 5; wazo_snom base.tpl"),
    _row("ldap.server", "ldap_server", source=_TANCREDI),
    _row("ldap.port", "ldap_port", source=_TANCREDI),
    # LDAPS is the only way these phones know (a published snom configuration, M): nothing for STARTTLS.
    _row("ldap.tls", "ldap_over_tls", values={"off": "off", "ldaps": "on"}, source=_TANCREDI),
    _row("ldap.base", "ldap_base", source=_TANCREDI),
    _row("ldap.user", "ldap_username", place=ACCESS, source=_TANCREDI),
    _row("ldap.password", "ldap_password", section=SECRET, place=ACCESS, source=_TANCREDI),
    _row("ldap.name_filter", "ldap_search_filter", source=_TANCREDI),
    _row("ldap.number_filter", "ldap_number_filter", source=_TANCREDI),
    _row("ldap.name_attributes", "ldap_name_attributes", source=_TANCREDI),
    _row("ldap.number_attributes", "ldap_number_attributes", source=_TANCREDI),
    _row("ldap.display_name", "ldap_display_name", source=_TANCREDI),
)
_ACTION_URLS = (
    _row("action.boot", "action_setup_url", source=_ACTIONS),
    _row("action.register_failed", "action_reg_failed", source=_ACTIONS),
    _row("action.incoming", "action_incoming_url", source=_ACTIONS),
    _row("action.outgoing", "action_outgoing_url", source=_ACTIONS),
    _row("action.established", "action_connected_url", source=_ACTIONS),
    _row("action.terminated", "action_disconnected_url", source=_ACTIONS),
    _row("action.missed", "action_missed_url", source=_ACTIONS),
    _row("action.off_hook", "action_offhook_url", source=_ACTIONS),
    _row("action.on_hook", "action_onhook_url", source=_ACTIONS),
    _row("action.dnd_on", "action_dnd_on_url", source=_ACTIONS),
    _row("action.dnd_off", "action_dnd_off_url", source=_ACTIONS),
    _row("action.forward_on", "action_redirection_on_url", source=_ACTIONS),
    _row("action.forward_off", "action_redirection_off_url", source=_ACTIONS),
)
_PROVISIONING = (
    _row(DEVICE, write_pointer, section=SECRET, source="sheet snom 1"),
    _row("discovery_pnp", write_discovery, source="sheet snom 1, 5"),
    _row("discovery_pnp", "pnp_config", values=ON_OFF),
    _row("discovery_dhcp", write_discovery, source="sheet snom 1, 5"),
    _row("discovery_redirect", write_discovery, source="sheet snom 1, 5"),
    _row("resync_minutes", write_every_minutes, source="sheet snom 1; service.snom.com Provisioning Polling"),
    _row("resync_from", write_daily_time, source="sheet snom 1; service.snom.com Provisioning Polling"),
    _row("resync_until", _nothing, source="sheet snom 1: written with resync_from"),
    _row(
        "notify_reboots",
        "checksync_action",
        values={True: "reboot", False: ""},  # nothing: as the request itself says
        source="sheet snom 10, firmware 10.1.180 and later",
    ),
    _row("keep_user_changes", _nothing, source="sheet snom 4: the perm attribute of all settings that are the user's"),
    _row("firmware_url", write_firmware_file, section=SECRET, source=_EXAMPLE),
    _row("firmware_url", write_firmware, section=SECRET, source=_EXAMPLE),
    _row("trusted_ca_url", BY_URL, place=CERTIFICATES, source="sheet snom 5, 7; service.snom.com"),
    _row("trusted_ca", INLINE, place=CERTIFICATES, source="sheet snom 5; teamwork.gigaset.com <certificates>"),
    _row(
        "tls_verify",
        "check_fqdn_against_server_cert",
        values=ON_OFF,
        source="service.snom.com check_fqdn_against_server_cert: the name only; an unknown CA is always refused",
    ),
)

DESK_ROWS = (
    *_TIME,
    *_LANGUAGE,
    *_VOICE,
    *_KEYS,
    *_ACCESS,
    *_NETWORK,
    *_DIRECTORY,
    *_ACTION_URLS,
    *_PROVISIONING,
)
