"""Snom: who asks, what each setting becomes, what a phone understands of it, and that no text breaks a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.catalogue import find_spec
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.parameters import DEVICE, LINE
from provserver.domain.request import ProvRequest
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL, SecretSlot
from provserver.domain.text import text_problem
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.identify import Identified
from provserver.render import fill
from provserver.secret import Secret
from provserver.vendors.snom import VENDOR
from provserver.vendors.snom.boot import boot, user_agent
from provserver.vendors.snom.models import module_key_index
from tests.domain.authority import AUTHORITY
from tests.vendors.cases import BASE_URL, CATALOGUE, RENDERER, TOKEN

MAC = MacAddress("000413922d24")
BASE_MAC = MacAddress("000413b60680")
PBX = Endpoint(host="pbx.example.com")
DESK_FILE = VENDOR.file("settings")
BASE_FILE = VENDOR.file("specific-m900")


# ---------------------------------------------------------------------------------------------------- who asks

AGENTS = [
    (
        "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0)",
        ("D785", "10.1.33.33", "000413922d24", None),
    ),
    (
        "Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413741767)",
        ("710", "8.7.5.35", "000413741767", None),
    ),
    ("Mozilla/4.0 (compatible; snom320-SIP 8.4.18 1.1.3-s)", ("320", "8.4.18", None, None)),
    (
        "Mozilla/4.0 (compatible; snom320-SIP 6.5.20; snom320 jffs2 v3.36; snom320 linux 3.38)",
        ("320", "6.5.20", None, None),
    ),
    ("Mozilla/4.0 (compatible; snom870-SIP 8.4.35 SPEAr300 SNOM 1.4)", ("870", "8.4.35", None, None)),
    ("Mozilla/4.0 (compatible; snomPA1-SIP 8.4.35 1.1.3-s)", ("PA1", "8.4.35", None, None)),
    ("Mozilla/4.0 (compatible; snom lid 3605)", (None, "3605", None, None)),
    ("Mozilla/4.0 (compatible; Snom M900 05.20.0001 000413b60680)", ("M900", "05.20.0001", "000413b60680", None)),
    ("Mozilla/4.0 (compatible; snomM700 05.20.0001 000413b60680)", ("M700", "05.20.0001", "000413b60680", None)),
    (
        "snomM700/03.23.0005 (MAC=000413600001; SER= 00000; HW=255)",
        ("M700", "03.23.0005", "000413600001", "00000"),
    ),
    ("snomD862/10.1.226.13", ("D862", "10.1.226.13", None, None)),
]


@pytest.mark.parametrize(("text", "expected"), AGENTS, ids=[text for text, _ in AGENTS])
def test_every_form_of_user_agent_is_read(text: str, expected: tuple[str | None, ...]) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert agent.vendor == "snom"
    assert expected == (agent.model, agent.firmware, agent.mac.value if agent.mac else None, agent.serial)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "snom",
        "Mozilla/4.0 (compatible; snomD785 10.1.33.33)",
        "Mozilla/4.0 (compatible; snomD785-SIP)",
        "Mozilla/4.0 (compatible; snomD785-SIP x10)",
        "Mozilla/4.0 (compatible; Snom M900 05.20.0001)",
        "Mozilla/4.0 (compatible; Snom M900 05.20.0001 000413b6068)",
        "Mozilla/5.0 (X11; Linux x86_64) snomD785-SIP 10.1.33.33",
        "curl/8.0 snomD785-SIP 10.1.33.33 000413922D24",
        "snomD862/10.1.226.13 extra",
        "snomM700/03.23.0005 (MAC=000413600001)",
    ],
)
def test_near_misses_are_nobodys_agent(text: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is None


PATHS = [
    ("snomD785.htm", "general", "D785", None),
    ("snom370.htm", "general", "370", None),
    ("snomD785-000413922D24.htm", "specific", "D785", MAC),
    ("snomD865-000413922d24.htm", "specific", "D865", MAC),
    ("snomD785.htm?mac=000413922D24", "general-query", "D785", MAC),
    ("000413922D24.xml", "settings", None, MAC),
    ("000413922D24.htm", "settings-htm", None, MAC),
    ("?mac=000413922D24", "settings-query", None, MAC),
    ("000413922D24", "settings-bare", None, MAC),
    ("snomD785-firmware.htm", "firmware", "D785", None),
    ("snomD785-firmware.xml", "firmware-xml", "D785", None),
    ("snom-firmware.htm", "firmware-any", None, None),
    ("snomM900.htm", "general-m900", "M900", None),
    ("snomM900-000413B60680.htm", "specific-m900", "M900", BASE_MAC),
    ("snomM300-000413B60680.htm", "specific-m300", "M300", BASE_MAC),
    ("snomM400-000413B60680.htm", "specific-m400", "M400", BASE_MAC),
    ("snomM700.htm?mac=000413B60680", "general-query-m700", "M700", BASE_MAC),
    ("snomM900-firmware.htm", "firmware-m900", "M900", None),
]


@pytest.mark.parametrize("token", ["", f"{TOKEN}/"], ids=["no-token", "token"])
@pytest.mark.parametrize(("file", "rule", "model", "mac"), PATHS, ids=[row[0] for row in PATHS])
def test_every_form_of_path_is_recognised(
    token: str, file: str, rule: str, model: str | None, mac: MacAddress | None
) -> None:
    path, _, query = f"/{token}{file}".partition("?")

    found = CATALOGUE.identify(ProvRequest(path=path, query=query))

    assert isinstance(found, Identified)
    assert found.asked is not None
    file_rule = CATALOGUE.file_rule("snom", found.asked)
    assert file_rule is not None
    assert (found.vendor, file_rule.name, found.model, found.mac) == ("snom", rule, model, mac)


def test_file_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in VENDOR.files]

    assert sorted(set(names)) == sorted(names)


# ------------------------------------------------------------------------------- what each setting becomes

IDENTITY = {
    "user_active", "user_realname", "user_idle_text", "user_idle_number", "user_name", "user_pname", "user_host",
    "user_outbound", "user_failover_identity", "user_expiry",
}  # fmt: skip
ALWAYS = IDENTITY | {"setting_server"}
ADMIN = {
    "admin_mode", "admin_mode_password", "admin_mode_password_confirm", "http_user", "http_pass",
    "webserver_admin_name", "webserver_admin_password",
}  # fmt: skip


def _name(value: object) -> str:
    """The same name in every process: sets have no order of their own."""
    return " ".join(sorted(value)) if isinstance(value, set) else str(value)


DESK_TABLE: list[tuple[dict[str, str], set[str]]] = [
    ({"timezone": "Europe/Berlin"}, {"timezone", "utc_offset", "dst"}),
    ({"ntp_server": "pool.ntp.org"}, {"ntp_server"}),
    ({"time_format": "12"}, {"time_24_format"}),
    ({"date_format": "mdy"}, {"date_us_format"}),
    ({"date_format": "ymd"}, set()),
    ({"language": "fr"}, {"language", "web_language"}),
    ({"tone_country": "at"}, {"tone_scheme", "locale"}),
    ({"tone_country": "pl"}, {"locale"}),
    ({"codecs": "g722 pcma"}, {"codec_priority_list"}),
    ({"codecs": "ilbc speex"}, set()),
    ({"dtmf": "info"}, {"user_dtmf_info"}),
    ({"dtmf": "inband"}, {"user_dtmf_info", "codec_priority_list"}),
    ({"dtmf_payload": "101"}, {"dtmf_payload_type"}),
    ({"srtp": "mandatory"}, {"user_srtp", "user_savp", "user_auth_tag"}),
    ({"srtp": "off"}, {"user_srtp"}),
    ({"srtp": "zrtp"}, set()),
    ({"srtp": "dtls"}, set()),
    ({"registrar_kind": "asterisk"}, {"user_server_type"}),
    ({"mac_in_register": "on"}, {"mac_info_in_sip_register"}),
    ({"ip_by_dhcp": "off"}, {"dhcp"}),
    ({"notify_reboots": "on"}, {"checksync_action"}),
    ({"admin_user": "boss"}, {"http_user", "webserver_admin_name"}),
    ({"user_user": "desk"}, {"webserver_user_name"}),
    ({"trusted_ca": AUTHORITY}, {"certificate"}),
    ({"stun_server": "stun.example.com"}, {"stun_server"}),
    ({"ice": "off"}, {"user_ice"}),
    ({"key.1": "line"}, {"fkey"}),
    ({"key.1": "blf_list sip:x"}, set()),
    ({"module.1.key.1": "blf 204"}, {"fkey"}),
    ({"softkey.4": "dnd"}, {"gui_fkey4"}),
    ({"softkey.5": "dnd"}, set()),
    ({"blf_pickup_code": "*8"}, {"blf_directed_call_pickup"}),
    ({"provisioning_user": "prov"}, {"http_client_user"}),
    ({"vlan_id": "20"}, {"vlan_id"}),
    ({"vlan_priority": "5"}, {"vlan_qos"}),
    ({"pc_vlan_id": "30"}, {"vlan_pc_id", "vlan_port_tagging"}),
    ({"pc_vlan_priority": "1"}, {"vlan_pc_priority"}),
    ({"lldp": "on"}, {"lldp_enable"}),
    ({"phonebook.1.url": "https://books.example.com/a"}, {"dkey_directory"}),
    ({"phonebook.2.url": "https://books.example.com/b"}, set()),
    ({"ldap.server": "ldap.example.com"}, {"ldap_server"}),
    ({"ldap.port": "636"}, {"ldap_port"}),
    ({"ldap.tls": "on"}, {"ldap_over_tls"}),
    ({"ldap.tls": "starttls"}, set()),
    ({"ldap.base": "dc=x"}, {"ldap_base"}),
    ({"ldap.user": "cn=x"}, {"ldap_username"}),
    ({"ldap.name_filter": "(cn=%)"}, {"ldap_search_filter"}),
    ({"ldap.number_filter": "(tel=%)"}, {"ldap_number_filter"}),
    ({"ldap.name_attributes": "cn"}, {"ldap_name_attributes"}),
    ({"ldap.number_attributes": "tel"}, {"ldap_number_attributes"}),
    ({"ldap.display_name": "%cn"}, {"ldap_display_name"}),
    ({"action.boot": "http://x.example/"}, {"action_setup_url"}),
    ({"action.register_failed": "http://x.example/"}, {"action_reg_failed"}),
    ({"action.incoming": "http://x.example/"}, {"action_incoming_url"}),
    ({"action.outgoing": "http://x.example/"}, {"action_outgoing_url"}),
    ({"action.established": "http://x.example/"}, {"action_connected_url"}),
    ({"action.terminated": "http://x.example/"}, {"action_disconnected_url"}),
    ({"action.missed": "http://x.example/"}, {"action_missed_url"}),
    ({"action.off_hook": "http://x.example/"}, {"action_offhook_url"}),
    ({"action.on_hook": "http://x.example/"}, {"action_onhook_url"}),
    ({"action.dnd_on": "http://x.example/"}, {"action_dnd_on_url"}),
    ({"action.dnd_off": "http://x.example/"}, {"action_dnd_off_url"}),
    ({"action.forward_on": "http://x.example/"}, {"action_redirection_on_url"}),
    ({"action.forward_off": "http://x.example/"}, {"action_redirection_off_url"}),
    ({"discovery_pnp": "off"}, {"pnp_config", "provisioning_order"}),
    ({"discovery_dhcp": "off"}, {"provisioning_order"}),
    ({"discovery_redirect": "on"}, {"provisioning_order"}),
    ({"resync_minutes": "60"}, {"settings_refresh_timer", "prov_polling_enabled"}),
    (
        {"resync_from": "01:00"},
        {"prov_polling_enabled", "prov_polling_mode", "prov_polling_period", "prov_polling_time"},
    ),
    (
        {"resync_from": "01:00", "resync_until": "04:00"},
        {
            "prov_polling_enabled", "prov_polling_mode", "prov_polling_period", "prov_polling_time",
            "prov_polling_time_rand_end",
        },
    ),
    ({"keep_user_changes": "on"}, set()),
    ({"firmware_url": "https://fw.example.net/x.bin"}, {"firmware_status", "update_policy"}),
    (
        {"firmware_url": "https://fw.example.net/x.bin", "resync_minutes": "60"},
        {
            "firmware_status", "update_policy", "firmware_interval", "settings_refresh_timer", "prov_polling_enabled",
        },
    ),
    ({"trusted_ca_url": "https://ca.example.net/x.pem"}, {"certificate"}),
    ({"tls_verify": "on"}, {"check_fqdn_against_server_cert"}),
    ({"raw.user_ringer@1": "Ringer2"}, {"user_ringer"}),
    ({"admin_password": "SECRET"}, ADMIN),
    ({"user_password": "SECRET"}, {"webserver_user_name", "webserver_user_password"}),
    ({"provisioning_password": "SECRET"}, {"http_client_pass"}),
    ({"ldap.password": "SECRET"}, {"ldap_password"}),
]  # fmt: skip
BASE_ALWAYS = {
    "user_active", "user_realname", "user_name", "user_pname", "subscr_sip_line_name", "subscr_sip_hs_idx",
    "subscr_sip_ua_data_server_id", "srv_sip_server_alias", "user_host", "user_outbound", "srv_sip_transport",
    "user_expiry", "setting_server",
}  # fmt: skip
BASE_TABLE: list[tuple[dict[str, str], set[str]]] = [
    ({"codecs": "g722 pcma"}, {"codec_priority_list"}),
    ({"codecs": "opus"}, set()),
    ({"dtmf": "info"}, {"user_dtmf_info"}),
    ({"dtmf": "inband"}, set()),
    ({"dtmf_payload": "101"}, {"srv_dtmf_payload_type"}),
    ({"srtp": "mandatory"}, {"user_srtp"}),
    ({"srtp": "optional"}, set()),
    ({"ntp_server": "pool.ntp.org"}, {"ntp_server"}),
    ({"timezone": "Europe/Berlin"}, {"timezone"}),
    ({"timezone": "Asia/Kathmandu"}, set()),
    ({"language": "de"}, {"language", "web_language"}),
    ({"tone_country": "de"}, {"tone_scheme"}),
    ({"vlan_id": "20"}, {"vlan_id"}),
    ({"vlan_priority": "5"}, {"vlan_qos"}),
    ({"stun_server": "stun.example.com"}, {"stun_server"}),
    ({"phonebook.1.url": "https://books.example.com/a"}, {"phonebook_server_location", "phonebook_location"}),
    ({"tls_verify": "off"}, {"tls_server_authentication"}),
    ({"discovery_pnp": "off"}, {"pnp_config"}),
    ({"firmware_url": "https://fw.example.net/"}, {"firmware"}),
    ({"raw.fp_fwu_sw_version": "520"}, {"fp_fwu_sw_version"}),
    ({"raw.auto_dect_register": "on"}, {"auto_dect_register"}),
    ({"dect_register": "on"}, {"auto_dect_register"}),
    ({"firmware_version": "520"}, {"fp_fwu_sw_version"}),
    ({"handset_firmware.1.model": "M65", "handset_firmware.1.version": "520"}, {"pp_fwu_sw_version"}),
    ({"handset_firmware.1.version": "520"}, set()),
    ({"admin_user": "boss"}, {"http_user"}),
    ({"user_user": "desk"}, {"http_basic_user"}),
    ({"dect_code": "SECRET"}, {"ac_code", "subscr_dect_ac_code"}),
    ({"srtp": "dtls"}, set()),
    ({"admin_password": "SECRET"}, {"http_user", "http_pass", "http_engineer_user", "http_engineer_pass"}),
    ({"user_password": "SECRET"}, {"http_basic_user", "http_basic_pass"}),
    ({"lldp": "on"}, set()),
]


@pytest.mark.parametrize(("wishes", "expected"), DESK_TABLE, ids=_name)
def test_a_setting_becomes_its_parameters_on_a_desk_phone(wishes: dict[str, str], expected: set[str]) -> None:
    view = view_of(wishes, model="D785", mac=MAC)

    names = {element.tag for element in leaves(rendered(view, DESK_FILE))}

    assert ALWAYS | expected == names


@pytest.mark.parametrize(("wishes", "expected"), BASE_TABLE, ids=_name)
def test_a_setting_becomes_its_parameters_on_a_base(wishes: dict[str, str], expected: set[str]) -> None:
    view = view_of(wishes, model="M900", mac=BASE_MAC)

    names = {element.tag for element in leaves(rendered(view, BASE_FILE))}

    assert BASE_ALWAYS | expected == names


def test_the_tables_above_cover_every_row() -> None:
    tested = {generic(name) for wishes, _ in (*DESK_TABLE, *BASE_TABLE) for name in wishes}
    rows = {row.setting for row in VENDOR.parameters if row.setting != DEVICE and not row.setting.startswith(LINE)}

    assert rows - tested == set()


@pytest.mark.parametrize(
    ("wishes", "name", "value"),
    [
        ({"discovery_pnp": "off"}, "provisioning_order", "redirection:stop dhcp:stop tr69:stop"),
        ({"discovery_dhcp": "on"}, "provisioning_order", "redirection:stop pnp:stop dhcp:stop tr69:stop"),
        ({"discovery_redirect": "off"}, "provisioning_order", "pnp:stop dhcp:stop tr69:stop"),
        ({"discovery_pnp": "off"}, "pnp_config", "off"),
        ({"resync_minutes": "60"}, "settings_refresh_timer", "3600"),
        ({"resync_minutes": "60"}, "prov_polling_enabled", "off"),
        ({"resync_minutes": "60", "resync_from": "01:00"}, "prov_polling_enabled", "on"),
        ({"resync_from": "01:00"}, "prov_polling_mode", "abs"),
        ({"resync_from": "01:00", "resync_until": "04:00"}, "prov_polling_mode", "random"),
        ({"resync_from": "01:00", "resync_until": "04:00"}, "prov_polling_time_rand_end", "04:00"),
        ({"time_format": "12"}, "time_24_format", "off"),
        ({"date_format": "mdy"}, "date_us_format", "on"),
        ({"ldap.tls": "off"}, "ldap_over_tls", "off"),
        ({"ldap.tls": "ldaps"}, "ldap_over_tls", "on"),
        ({"registrar_kind": "default"}, "user_server_type", "default"),
        ({"registrar_kind": "asterisk"}, "user_server_type", "asterisk"),
        ({"mac_in_register": "off"}, "mac_info_in_sip_register", "off"),
        ({"ip_by_dhcp": "on"}, "dhcp", "on"),
        ({"notify_reboots": "on"}, "checksync_action", "reboot"),
        ({"notify_reboots": "off"}, "checksync_action", None),
        ({"admin_user": "boss"}, "http_user", "boss"),
        ({"admin_user": "boss", "admin_password": "SECRET"}, "webserver_admin_name", "boss"),
        ({"user_user": "desk", "user_password": "SECRET"}, "webserver_user_name", "desk"),
        ({"lldp": "off"}, "lldp_enable", "off"),
        ({"srtp": "off"}, "user_srtp", "off"),
        ({"srtp": "optional"}, "user_savp", "optional"),
        ({"dtmf": "rfc2833"}, "user_dtmf_info", "off"),
        ({"dtmf": "info"}, "user_dtmf_info", "sip_info_only"),
        ({"dtmf": "rfc2833_info"}, "user_dtmf_info", "on"),
        ({"codecs": "pcmu g726"}, "codec_priority_list", "pcmu,g726-32,telephone-event"),
        ({"codecs": "pcmu", "dtmf": "inband"}, "codec_priority_list", "pcmu"),
        ({"pc_vlan_id": "30"}, "vlan_port_tagging", "on"),
        ({"phonebook.1.url": "https://books.example.com/a"}, "dkey_directory", "url https://books.example.com/a"),
        ({"firmware_url": "https://fw.example.net/x"}, "firmware_status", f"{BASE_URL}snomD785-firmware.htm"),
    ],
    ids=str,
)
def test_a_setting_is_translated_into_snoms_words(wishes: dict[str, str], name: str, value: str | None) -> None:
    document = rendered(view_of(wishes, model="D785", mac=MAC), DESK_FILE)

    assert [element.text for element in document.iter(name)] == [value]


def test_an_authority_is_fetched_or_given_in_place() -> None:
    wishes = {"trusted_ca_url": "https://ca.example.net/x.pem", "trusted_ca": AUTHORITY}

    found = list(rendered(view_of(wishes, model="D785", mac=MAC), DESK_FILE).iter("certificate"))

    assert [(e.get("url"), e.get("type"), e.text) for e in found] == [
        ("https://ca.example.net/x.pem", None, None),
        (None, "base64", AUTHORITY),
    ]


def test_every_extension_pairs_by_the_bases_code_unless_it_has_its_own() -> None:
    held = ["setting.dect_code", "setting.raw.subscr_dect_ac_code@2"]
    view = build_view(mac=BASE_MAC, model="M900", lines=[line_of(1), line_of(2)], settings={}, held=held)
    secrets = {
        "setting.dect_code": Secret("4711"),
        "setting.raw.subscr_dect_ac_code@2": Secret("0815"),
        PROVISIONING_URL: Secret(BASE_URL),
    }

    document = ElementTree.fromstring(fill(RENDERER.render(VENDOR, BASE_FILE, view), secrets))

    assert document.findtext(".//ac_code") == "4711"
    codes = {e.get("idx"): e.text for e in document.iter("subscr_dect_ac_code")}
    assert codes == {"1": "4711", "2": "0815"}


@pytest.mark.parametrize("name", ["http_user", "http_basic_user"])
def test_a_bases_users_are_called_as_wished(name: str) -> None:
    wishes = {"admin_user": "boss", "user_user": "desk", "admin_password": "SECRET", "user_password": "SECRET"}

    document = rendered(view_of(wishes, model="M900", mac=BASE_MAC), BASE_FILE)

    assert [e.text for e in document.iter(name)] == ["boss" if name == "http_user" else "desk"]


@pytest.mark.parametrize(("model", "file"), [(None, "snom-firmware.htm"), ("snom d865", "snomD865-firmware.htm")])
def test_the_firmware_file_we_point_at_is_one_we_serve(model: str | None, file: str) -> None:
    image = "https://fw.example.net/x"
    view = build_view(mac=MAC, model=model, lines=[], settings={"firmware_url": image}, held=[])

    pointer = rendered(view, DESK_FILE).findtext(".//firmware_status")
    answers = served(view, file)

    assert pointer == f"{BASE_URL}{file}"
    assert ElementTree.fromstring(answers[file]).findtext("firmware") == image


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ({"display_name": "Anna"}, "user_realname", "Anna"),
        ({"label": "Desk"}, "user_idle_text", "Desk"),
        ({}, "user_idle_number", "1001"),
        ({"auth_name": "a1"}, "user_pname", "a1"),
        ({}, "user_pname", "1001"),
        ({"registrar": Endpoint(host="h", port=5070)}, "user_host", "h:5070"),
        ({"registrar": Endpoint.parse("h:5070;transport=tls")}, "user_outbound", "h:5070;transport=tls"),
        ({"outbound_proxy": Endpoint.parse("p;transport=tcp")}, "user_outbound", "p;transport=tcp"),
        ({"registrar": Endpoint.parse("h;transport=dns")}, "user_outbound", None),
        ({"outbound_proxy": Endpoint.parse("p;transport=dns")}, "user_outbound", "p"),
        ({"expires_s": 300}, "user_expiry", "300"),
        ({"voicemail": "*97"}, "user_mailbox", "*97"),
    ],
)
def test_a_line_becomes_an_identity_of_its_number(line: dict[str, Any], name: str, value: str | None) -> None:
    fields = {"number": 3, "user_name": "1001", "registrar": PBX, **line}
    view = DeviceView(mac=MAC, model="D785", lines=(Line(**fields),))

    found = rendered(view, DESK_FILE).find(f".//{name}[@idx='3']")

    assert found is not None
    assert found.text == value


def test_lines_that_are_not_there_are_switched_off() -> None:
    lines = (line_of(2), line_of(5, backup_registrar=Endpoint(host="spare.example.com")))
    view = DeviceView(mac=MAC, model="D785", lines=lines)

    active = {e.get("idx"): e.text for e in rendered(view, DESK_FILE).iter("user_active")}

    assert {index for index, text in active.items() if text == "on"} == {"2", "5", "6"}
    assert {index for index, text in active.items() if text == "off"} == {"1", "3", "4", *map(str, range(7, 13))}


def test_a_users_own_identities_stay_when_changes_are_kept() -> None:
    view = DeviceView(mac=MAC, model="D785", lines=(line_of(1),), settings={"keep_user_changes": True})

    active = [e.get("idx") for e in rendered(view, DESK_FILE).iter("user_active")]

    assert active == ["1"]


@pytest.mark.parametrize("keep", [False, True])
def test_no_credential_is_volatile_or_left_to_the_user(keep: bool) -> None:  # noqa: FBT001 - a pytest parameter
    fields = ["admin_password", "user_password", "provisioning_password", "ldap.password", "raw.vpn_password"]
    view = build_view(
        mac=MAC,
        model="D785",
        lines=[line_of(1)],
        settings={"keep_user_changes": "on" if keep else "off", "language": "de"},
        held=["line.1.password", *(f"setting.{field}" for field in fields)],
    )

    elements = leaves(rendered(view, DESK_FILE))

    permissions = {e.get("perm") for e in elements if e.text == "SECRET"}
    assert permissions == {"R"}
    assert [e.get("perm") for e in elements if e.tag == "language"] == ["!" if keep else ""]
    assert {e.get("perm") for e in elements if e.tag in {"setting_server", "admin_mode"}} == {"RW"}
    assert all("V" not in (e.get("perm") or "") for e in elements)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("retrieve_park", None),
        ("group_pickup", None),
        ("paging", None),
        ("paging 299", "speed 299"),
        ("paging 224.0.0.5:5555", "multicast 224.0.0.5:5555"),
        ("voicemail *97", "speed *97"),
        ("forward", "keyevent F_REDIRECT"),
        ("conference 900", "conference 900"),
        ("transfer", "keyevent F_TRANSFER"),
        ("record *1", "record *1"),
        ("blf 204", "blf 204"),
        ("pickup 204", "speed 204"),
        ("ldap 5", "keyevent F_DIRECTORY_SEARCH"),
    ],
)
def test_a_key_is_told_what_to_do(key: str, expected: str | None) -> None:
    view = view_of({"key.2": key}, model="D785", mac=MAC)

    found = rendered(view, DESK_FILE).find(".//fkey[@idx='1']")

    assert (found.text if found is not None else None) == expected


def test_where_a_key_and_a_modules_key_meet_text_and_label_are_of_the_same() -> None:
    wishes = {"key.25": "speed_dial 1 Phone", "module.1.key.1": "speed_dial 2 Module"}

    keys = list(rendered(view_of(wishes, model="D785", mac=MAC), DESK_FILE).iter("fkey"))

    assert [(key.get("idx"), key.get("label"), key.text) for key in keys] == [("24", "Module", "speed 2")]


@pytest.mark.parametrize(
    ("model", "module", "key", "expected"),
    [
        ("D785", 1, 1, 24),
        ("D785", 3, 18, 77),
        ("Snom D725", 2, 1, 36),
        ("d385", 1, 1, 174),
        ("D120", 1, 1, None),
        ("300", 1, 1, None),
        ("D999", 1, 1, None),
        (None, 1, 1, None),
    ],
)
def test_keys_of_modules_are_counted_on_from_the_phones_own(
    model: str | None, module: int, key: int, expected: int | None
) -> None:
    assert module_key_index(model, module=module, key=key) == expected


@pytest.mark.parametrize("name", ["a/b", "a@b", "a@1234", "a@", "setting_server", "setting_server@1"])
def test_raw_names_that_the_format_cannot_carry_are_refused(name: str) -> None:
    view = DeviceView(mac=MAC, raw={name: "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue):
        VENDOR.check(view)
    with pytest.raises(InvalidValue):
        VENDOR.raw(name, "x")


def test_more_registrars_than_there_are_places_for_are_refused() -> None:
    spare = Endpoint(host="spare.example.com")
    twelve = tuple(line_of(number, backup_registrar=spare if number == 1 else None) for number in range(1, 13))
    eleven = tuple(line_of(n, registrar=Endpoint(host=f"pbx{n}.example.com")) for n in range(1, 12))
    assert VENDOR.check is not None

    VENDOR.check(DeviceView(mac=MAC, model="D785", lines=twelve[:11]))
    VENDOR.check(DeviceView(mac=BASE_MAC, model="M900", lines=eleven[:10]))

    with pytest.raises(InvalidValue, match="backup_registrar"):
        VENDOR.check(DeviceView(mac=MAC, model="D785", lines=twelve))
    with pytest.raises(InvalidValue, match="registrar"):
        VENDOR.check(DeviceView(mac=BASE_MAC, model="M900", lines=eleven))


def test_a_raw_parameter_replaces_what_would_have_been_written() -> None:
    view = view_of({"raw.user_expiry@1": "77", "raw.ntp_server": "a", "ntp_server": "b"}, model="D785", mac=MAC)

    document = rendered(view, DESK_FILE)

    assert [e.text for e in document.iter("user_expiry")] == ["77"]
    assert [e.text for e in document.iter("ntp_server")] == ["a"]


@pytest.mark.parametrize("name", ["specific", "general-query", "settings", "settings-htm", "settings-query"])
@pytest.mark.parametrize("model", ["D785", "M900", "M430", None])
def test_all_names_of_the_complete_file_hold_the_password_and_the_way_back(name: str, model: str | None) -> None:
    view = build_view(mac=MAC, model=model, lines=[line_of(1)], settings={}, held=["line.1.password"])

    document = rendered(view, VENDOR.file(name))

    assert document.findtext(".//user_pass[@idx='1']") == "SECRET"
    pointer = document.findtext(".//setting_server") or ""
    assert pointer.startswith(BASE_URL)
    path, _, query = pointer.removeprefix(BASE_URL).partition("?")
    asked = CATALOGUE.identify(ProvRequest(path=f"/{TOKEN}/{path}", query=query))
    assert isinstance(asked, Identified)
    assert asked.mac == MAC


# --------------------------------------------------------------------------------- what a phone understands


def play(phone: SimulatedPhone, files: Mapping[str, bytes]) -> tuple[Booted, list[str]]:
    """Drive the boot script by hand; what is not in *files* is not found."""
    script = boot(phone)
    asked = []
    request = next(script)
    try:
        while True:
            asked.append(request.file)
            body = files.get(request.file)
            request = script.send(Reply(404) if body is None else Reply(200, body))
    except StopIteration as stop:
        result: Booted = stop.value
        return result, asked


def served(view: DeviceView, *names: str) -> dict[str, bytes]:
    """What the server answers for each file name, by the way a phone's request takes."""
    answers = {}
    for name in names:
        found = CATALOGUE.identify(ProvRequest(path=f"/{TOKEN}/{name}"))
        assert isinstance(found, Identified)
        assert found.asked is not None
        rule = CATALOGUE.file_rule("snom", found.asked)
        assert rule is not None
        answers[name] = raw_file(view, rule)
    return answers


def test_a_desk_phone_boots_into_its_accounts() -> None:
    spare = Endpoint(host="spare.example.com")
    lines = [line_of(1, auth_name="a&b", backup_registrar=spare), line_of(2, user_name="1002")]
    firmware = {"firmware_url": "https://fw.example.net/x.bin"}
    view = build_view(
        mac=MAC, model="D785", lines=lines, settings=firmware, held=["line.1.password", "line.2.password"]
    )
    phone = SimulatedPhone(mac=MAC, model="D785", firmware="10.1.33.33")

    booted, asked = play(phone, served(view, "snomD785.htm", "snomD785-000413922D24.htm"))

    assert asked == ["snomD785.htm", "snomD785-000413922D24.htm", f"{BASE_URL}snomD785-firmware.htm"]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="SECRET", auth_name="a&b", registrar="pbx.example.com"),
            Account(number=2, user_name="1002", password="SECRET", auth_name="1002", registrar="pbx.example.com"),
            Account(number=3, user_name="1001", password="SECRET", auth_name="a&b", registrar="spare.example.com"),
        ),
        next_url=f"{BASE_URL}000413922D24.xml",
    )


def test_a_base_boots_into_its_extensions() -> None:
    lines = [line_of(1), line_of(7, registrar=Endpoint(host="pbx2.example.com"))]
    view = build_view(mac=BASE_MAC, model="M900", lines=lines, settings={}, held=["line.1.password"])
    phone = SimulatedPhone(mac=BASE_MAC, model="M900", firmware="05.20.0001")

    booted, _ = play(phone, served(view, "snomM900.htm", "snomM900-000413B60680.htm"))

    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="SECRET", auth_name="1001", registrar="pbx.example.com"),
            Account(number=7, user_name="1001", password=None, auth_name="1001", registrar="pbx2.example.com"),
        ),
        next_url=f"{BASE_URL}snomM900-000413B60680.htm",
    )


def test_a_phone_follows_a_container_and_puts_its_mac_in() -> None:
    phone = SimulatedPhone(mac=MAC, model="D785", firmware="10.1.33.33")
    files = {
        "snomD785.htm": b'<setting-files><file url="https://p.example/x/{mac}.xml"/></setting-files>',
        "https://p.example/x/000413922D24.xml": (
            b"<settings><phone-settings><setting_server>https://p.example/{mac}</setting_server>"
            b'<user_active idx="1">on</user_active><user_name idx="1">5</user_name></phone-settings></settings>'
        ),
    }

    booted, asked = play(phone, files)

    assert asked == ["snomD785.htm", "https://p.example/x/000413922D24.xml", "snomD785-000413922D24.htm"]
    assert booted == Booted(accounts=(Account(number=1, user_name="5"),), next_url="https://p.example/000413922D24")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<settings><phone-settings>",
        b"<html>not found</html>",
        b'<!DOCTYPE x><settings><phone-settings><user_active idx="1">on</user_active></phone-settings></settings>',
    ],
)
def test_a_phone_passes_over_what_is_no_settings_file(body: bytes) -> None:
    phone = SimulatedPhone(mac=MAC, model="D785", firmware="10.1.33.33")

    booted, asked = play(phone, {"snomD785.htm": body})

    assert booted == Booted()
    assert asked == ["snomD785.htm", "snomD785-000413922D24.htm"]


@pytest.mark.parametrize(("model", "firmware"), [("D785", "10.1.33.33"), ("M900", "05.20.0001")])
def test_the_simulated_phone_calls_itself_what_we_recognise(model: str, firmware: str) -> None:
    agent = CATALOGUE.read_agent(user_agent(SimulatedPhone(mac=MAC, model=model, firmware=firmware)))

    assert agent is not None
    assert (agent.model, agent.firmware, agent.mac) == (model, firmware, MAC)


def test_the_first_request_is_for_the_general_file() -> None:
    script = VENDOR.simulation.boot(SimulatedPhone(mac=MAC, model="D785", firmware="10.1.33.33"))

    assert next(script) == Fetch("snomD785.htm")


# ------------------------------------------------------------------------------------- no text breaks a file

# Controls, surrogates and line separators are what `text_problem` refuses: left out here, so that little is filtered.
LEGAL = (
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("&<>\"';]"), max_size=60)
    .map(str.strip)
    .filter(lambda text: text != "" and text_problem(text) is None)
)
TEXT_SETTINGS = (
    "provisioning_user", "blf_pickup_code", "ldap.base", "ldap.user", "ldap.name_filter", "ldap.number_filter",
    "ldap.name_attributes", "ldap.number_attributes", "ldap.display_name", "action.missed", "trusted_ca_url",
    "phonebook.1.url", "firmware_url",
)  # fmt: skip
TEXT_SECRETS = ("line.1.password", "setting.admin_password", "setting.ldap.password", "setting.raw.x_password@1")
TEXT_FIELDS = ("label", "display_name", "auth_name", "voicemail", "key", "module", "raw", *TEXT_SETTINGS, *TEXT_SECRETS)


@settings(max_examples=60)
@given(texts=st.fixed_dictionaries(dict.fromkeys(TEXT_FIELDS, LEGAL)), model=st.sampled_from(["D785", "M900"]))
def test_any_legal_text_arrives_as_it_was_entered_and_nothing_else_does(texts: dict[str, str], model: str) -> None:
    tokens = {field: f"TOKEN{number:02}X" for number, field in enumerate(TEXT_FIELDS)}

    plain = elements_of(full_of(tokens, model))
    actual = elements_of(full_of(texts, model))

    assert [(tag, index, substituted(text, tokens, texts)) for tag, index, text in plain] == actual


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "\x1b", "\ufffe", " x", "%NULL%"])
def test_illegal_text_is_refused_when_entered_and_when_rendered(text: str) -> None:
    forced = DeviceView(mac=MAC, model="D785", settings={"ldap.base": text})
    held = build_view(mac=MAC, model="D785", lines=[line_of(1)], settings={}, held=["line.1.password"])

    with pytest.raises(InvalidValue):
        find_spec("ldap.base").read(text)
    with pytest.raises(InvalidValue):
        line_of(1, display_name=text)
    with pytest.raises(UnfitValue, match=r"ldap\.base"):
        RENDERER.render(VENDOR, DESK_FILE, forced)
    with pytest.raises(UnfitValue, match=r"line\.1\.password"):
        fill(
            RENDERER.render(VENDOR, DESK_FILE, held),
            {"line.1.password": Secret(text), PROVISIONING_URL: Secret(BASE_URL)},
        )


def full_of(texts: Mapping[str, str], model: str) -> Element:
    """A device with *texts* everywhere, as its phone reads the file."""
    line = line_of(
        1,
        label=texts["label"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        voicemail=texts["voicemail"],
        password=SecretSlot("line.1.password"),
    )
    values: dict[str, Any] = {name: texts[name] for name in TEXT_SETTINGS}
    values["key.1"] = Key(kind=KeyKind.BLF, value=texts["key"], label=texts["key"])
    values["module.1.key.2"] = Key(kind=KeyKind.URL, value=texts["module"], label=texts["module"])
    values |= {
        field.removeprefix("setting."): SecretSlot(field)
        for field in ("setting.admin_password", "setting.ldap.password")
    }
    raw: dict[str, str | SecretSlot] = {
        "custom@1": texts["raw"],
        "x_password@1": SecretSlot("setting.raw.x_password@1"),
    }
    view = DeviceView(mac=MAC, model=model, lines=(line,), settings=values, raw=raw)
    secrets = {field: Secret(texts[field]) for field in TEXT_SECRETS} | {PROVISIONING_URL: Secret(BASE_URL)}
    skeleton = RENDERER.render(VENDOR, DESK_FILE, view)
    document: Element = ElementTree.fromstring(fill(skeleton, {field: secrets[field] for field in skeleton.fields}))
    return document


def elements_of(document: Element) -> list[tuple[str, str | None, str]]:
    """Every element and every attribute with its text, in order."""
    found = []
    for element in document.iter():
        own = (element.text or "") if not len(element) else ""
        found.append((element.tag, element.get("idx"), own))
        found.extend((f"{element.tag}/@{name}", element.get("idx"), text) for name, text in element.attrib.items())
    return found


def substituted(text: str, tokens: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """*text* with the value of each field for its token."""
    values = {token: texts[field] for field, token in tokens.items()}
    return re.sub(r"TOKEN\d\dX", lambda match: values[match[0]], text)


# ------------------------------------------------------------------------------------------------- tools


def line_of(number: int, **fields: Any) -> Line:  # noqa: ANN401 - fields of a line are of many types
    return Line(**{"number": number, "user_name": "1001", "registrar": PBX, **fields})


def view_of(wishes: Mapping[str, str], *, model: str, mac: MacAddress) -> DeviceView:
    """A device with one line; wishes whose text is SECRET are held as secrets."""
    held = [f"setting.{name}" for name, text in wishes.items() if text == "SECRET"]
    return build_view(
        mac=mac,
        model=model,
        lines=[line_of(1)],
        settings={name: text for name, text in wishes.items() if text != "SECRET"},
        held=held,
    )


def raw_file(view: DeviceView, rule: FileRule) -> bytes:
    skeleton = RENDERER.render(VENDOR, rule, view)
    secrets = dict.fromkeys(skeleton.fields, Secret("SECRET")) | {PROVISIONING_URL: Secret(BASE_URL)}
    return fill(skeleton, secrets)


def rendered(view: DeviceView, rule: FileRule) -> Element:
    document: Element = ElementTree.fromstring(raw_file(view, rule))
    return document


def leaves(document: Element) -> list[Element]:
    """The elements that hold no others."""
    return [element for element in document.iter() if not len(element)]


def generic(name: str) -> str:
    """The catalogue's name of an indexed setting: ``module.1.key.1`` → ``module.N.key.N``."""
    return ".".join("N" if word.isdecimal() else word for word in name.split("."))
