"""Yealink's parameter table: what is set once for a device, and all rows together in `PARAMETERS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.yealink.access import ACCESS, ACCESS_ROWS
from provserver.vendors.yealink.accounts import ACCOUNT_ROWS
from provserver.vendors.yealink.clocks import write_zone
from provserver.vendors.yealink.keys import KEY_ROWS
from provserver.vendors.yealink.models import Generation, generation
from provserver.vendors.yealink.spelling import SHEET, SWITCH, row, spellings, static

_EVERY_DAY = "0123456"  # weekly.dayofweek: all seven, whichever comes first
_DAY_MINUTES = 24 * 60
_FIRST_PRIVATE_OPTION = 128  # the custom options of phones are 128 to 254 (sheet yealink 11)
_LDAP_TLS = {"off": "0", "starttls": "1", "ldaps": "2"}
_WINDOW_MINUTES = 60  # when only one end is given: an hour spreads the load and ends before people come to work

# Language packs that wazo and tancredi name; the phone ignores a language it does not have.
_LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "da": "Danish",
    "tr": "Turkish",
    "ru": "Russian",
}
# Administrator guide T58, "voice.tone.country", permitted values (H). Poland and Ireland are not among them.
_TONES = {
    "gb": "Great Britain",
    "de": "Germany",
    "us": "United States",
    "fr": "France",
    "es": "Spain",
    "it": "Italy",
    "nl": "Netherlands",
    "at": "Austria",
    "ch": "Switzerland",
    "be": "Belgium",
    "dk": "Denmark",
    "se": "Sweden",
    "no": "Norway",
    "fi": "Finland",
    "cz": "Czech",
    "pt": "Portugal",
    "au": "Australia",
    "nz": "New Zealand",
}
_DATES = {"dmy": "3", "mdy": "4", "ymd": "2"}  # DD/MM/YYYY, MM/DD/YY, YYYY-MM-DD (tancredi yealink.macros, M)
# Names from Yealink's own template, kept in tancredi yealink.tmpl; guide T2x/T4x, "action_url.registered" (H).
_ACTIONS = {
    "boot": "setup_completed",
    "registered": "registered",
    "unregistered": "unregistered",
    "register_failed": "register_failed",
    "incoming": "incoming_call",
    "outgoing": "outgoing_call",
    "established": "call_established",
    "terminated": "call_terminated",
    "missed": "missed_call",
    "off_hook": "off_hook",
    "on_hook": "on_hook",
    "dnd_on": "dnd_on",
    "dnd_off": "dnd_off",
    "forward_on": "always_fwd_on",
    "forward_off": "always_fwd_off",
}


def _write_language(code: str, at: At) -> Iterator[Entry]:
    """``lang.gui`` (screen) and ``lang.wui`` (web); V81 and V82 alone have them with ``static.`` (wazo v81, v82; M)."""
    language = _LANGUAGES.get(code)
    if language is None:
        return
    yield Entry("lang.gui", language)
    yield Entry("lang.wui", language)
    if generation(at.view.model) in (Generation.ACROSS_V81, Generation.SINCE_V81):
        yield Entry("static.lang.gui", language)
        yield Entry("static.lang.wui", language)


def _write_ldap_server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("ldap.enable", "1")
    yield Entry("ldap.host", host)


def _write_action_control(addresses: str, _at: At) -> Iterator[Entry]:
    yield Entry("features.action_uri.enable", "1")
    yield Entry("features.action_uri_limit_ip", addresses)


def _write_tls_verify(verify: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    """Both halves of a check: who signed the certificate, and whether it names the server that was asked."""
    for name in ("security.trust_certificates", "security.cn_validation"):
        for spelled in spellings(name, at.view.model):
            yield Entry(spelled, SWITCH[verify])


def _write_window(_time: str, at: At) -> Iterator[Entry]:
    """
    Once a day at a random moment between two times: the weekly mode on all seven days.

    Written for either end; the other one, if it is not set, is an hour away.
    """
    begin, end = (at.view.settings.get(name) for name in ("resync_from", "resync_until"))
    if not isinstance(begin, str):
        begin = _shifted(str(end), -_WINDOW_MINUTES)
    if not isinstance(end, str):
        end = _shifted(begin, _WINDOW_MINUTES)
    for name, value in (
        ("enable", "1"),
        ("dayofweek", _EVERY_DAY),
        ("begin_time", begin),
        ("end_time", end),
    ):
        for spelled in spellings(f"auto_provision.weekly.{name}", at.view.model):
            yield Entry(spelled, value)


def _shifted(time: str, minutes: int) -> str:
    hour, _, minute = time.partition(":")
    moved = (int(hour) * 60 + int(minute) + minutes) % _DAY_MINUTES
    return f"{moved // 60:02}:{moved % 60:02}"


def _write_notify(_view: DeviceView, _at: At) -> Iterator[Entry]:
    """Without it every check-sync restarts the phone (sheet yealink 10, H); with it only ``reboot=true`` does."""
    yield Entry("sip.notify_reboot_enable", "0")


def _write_dhcp_options(options: tuple[int, ...], at: At) -> Iterator[Entry]:
    """Those of private use in one value: after them the phone asks for 66 and 43 by itself (sheet yealink 11, H/M)."""
    private = [str(option) for option in options if option >= _FIRST_PRIVATE_OPTION]
    if not private:
        return
    for spelled in spellings("auto_provision.dhcp_option.list_user_options", at.view.model):
        yield Entry(spelled, ",".join(private))


def _write_handset_firmware(url: str, at: At) -> Iterator[Entry]:
    """``over_the_air.url.w73h``: the parameter is called after the handset; without its model there is none."""
    model = at.view.settings.get(f"handset_firmware.{at.indices[0]}.model")
    if isinstance(model, str):
        yield Entry(f"over_the_air.url.{model.lower()}", url)


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


_SYSTEM_ROWS: tuple[Parameter, ...] = (
    row("timezone", write_zone, source=f"{SHEET}; wazo common.py"),
    row("ntp_server", "local_time.ntp_server1"),
    row("ntp_server_backup", "local_time.ntp_server2"),
    row("time_format", "local_time.time_format", {"12": "0", "24": "1"}),
    row("date_format", "local_time.date_format", _DATES, mark="M"),
    row("language", _write_language, _LANGUAGES, source=f"{SHEET}; wazo v80–v87, tancredi", mark="M"),
    row("tone_country", "voice.tone.country", _TONES),
    static("stun_server", "sip.nat_stun.server", also={"sip.nat_stun.enable": "1"}, plain_until=Generation.SINCE_V81,
           source="tancredi yealink.tmpl, fusionpbx t46s and t54w", confidence="H"),
    static("ice", "ice.enable", values=SWITCH, plain_until=Generation.SINCE_V81,
           source="tancredi yealink.tmpl, fusionpbx t46s and t54w", confidence="H"),
    # network
    static("vlan_id", "network.vlan.internet_port_vid", also={"network.vlan.internet_port_enable": "1"},
           source=SHEET, confidence="H"),
    static("vlan_priority", "network.vlan.internet_port_priority", source=SHEET, confidence="H"),
    static("pc_vlan_id", "network.vlan.pc_port_vid", also={"network.vlan.pc_port_enable": "1"},
           source=SHEET, confidence="H"),
    static("pc_vlan_priority", "network.vlan.pc_port_priority", source=SHEET, confidence="H"),
    static("lldp", "network.lldp.enable", values=SWITCH, source=SHEET, confidence="H"),
    static("vlan_dhcp", "network.vlan.dhcp_enable", values=SWITCH, source=SHEET, confidence="H"),
    static("vlan_dhcp_option", "network.vlan.dhcp_option", source=SHEET, confidence="H"),
    # directories
    row("phonebook.N.url", "remote_phonebook.data.{n}.url"),
    row("phonebook.N.name", "remote_phonebook.data.{n}.name"),
    row("ldap.server", _write_ldap_server, source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.port", "ldap.port", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.tls", "ldap.tls_mode", _LDAP_TLS, source="tancredi yealink.tmpl", mark="M"),
    row("ldap.base", "ldap.base", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.user", "ldap.user", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.password", "ldap.password", section=ACCESS, source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.name_filter", "ldap.name_filter", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.number_filter", "ldap.number_filter", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.name_attributes", "ldap.name_attr", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.number_attributes", "ldap.numb_attr", source="tancredi yealink.tmpl, fusionpbx t54w"),
    row("ldap.display_name", "ldap.display_name", source="tancredi yealink.tmpl, fusionpbx t54w"),
    # action URLs
    *(row(f"action.{event}", f"action_url.{name}") for event, name in _ACTIONS.items()),
    row("action_allowed_from", _write_action_control, source=f"{SHEET}; tancredi yealink.tmpl"),
    # provisioning, discovery
    row(DEVICE, _write_notify, source="sheet yealink 10"),
    row("notify_reboots", "sip.notify_reboot_enable", SWITCH, source="sheet yealink 10"),
    static("resync_at_boot", "auto_provision.power_on", values=SWITCH, source=SHEET, confidence="H"),
    static("resync_minutes", "auto_provision.repeat.minutes", also={"auto_provision.repeat.enable": "1"},
           source=SHEET, confidence="H"),
    row("resync_from", _write_window),
    row("resync_until", _write_window),
    static("discovery_pnp", "auto_provision.pnp_enable", values=SWITCH, source=SHEET, confidence="H"),
    static("discovery_dhcp", "auto_provision.dhcp_option.enable", values=SWITCH, source=SHEET, confidence="H"),
    row("discovery_dhcp_options", _write_dhcp_options),
    static("discovery_redirect", "zero_touch.enable", values=SWITCH, source=SHEET, confidence="H"),
    # With both, and only then, the phone also leaves its user's changes here and fetches them after a reset.
    static("keep_user_changes", "auto_provision.custom.protect", values=SWITCH,
           also={"auto_provision.custom.sync": "1"}, source="sheet yealink 1, 6", confidence="H"),
    # firmware, trust
    static("firmware_url", "firmware.url", source=SHEET, confidence="H"),
    row("handset_firmware.N.url", _write_handset_firmware, source=f"{SHEET}; wazo v86, v87 base.tpl"),
    row("handset_firmware.N.model", _write_nothing, source=f"{SHEET}: the end of the parameter's name"),
    # ca_cert 2: trust what the phone was sold with and this one; 1 would forget the former.
    static("trusted_ca_url", "trusted_certificates.url", also={"security.ca_cert": "2"}, source=SHEET, confidence="H"),
    row("tls_verify", _write_tls_verify, SWITCH),
    static("tls_client_certificate", "security.dev_cert", values={"factory": "0", "custom": "1"},
           source=SHEET, confidence="H"),
    # The parameter names a version, not the oldest one: 3 negotiates (M), 5 is TLS 1.2 alone (L). TLS 1.1 alone (4)
    # would lose every server of today, and 1.3 has no word.
    static("tls_min_version", "security.default_ssl_method", values={"1.0": "3", "1.2": "5"},
           source=f"{SHEET}; tancredi yealink.tmpl, fspbx T46U", confidence="L"),
)  # fmt: skip

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNT_ROWS, *KEY_ROWS, *_SYSTEM_ROWS, *ACCESS_ROWS)
