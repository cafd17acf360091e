"""What each setting becomes in a Panasonic file, family by family."""

from __future__ import annotations

import re

import pytest

from provserver.domain.catalogue import SPECS
from provserver.domain.line import Endpoint, Line
from provserver.vendors.panasonic import VENDOR
from tests.vendors.panasonic.phones import (
    HDV,
    LINE,
    MODELS,
    OWN_URL,
    TGP,
    UT,
    config,
    line_with,
    view_of,
    written,
)

BUTTON = "FLEX_BUTTON_FACILITY_"
IPTEL = "X_PANASONIC_IPTEL_"
WRITTEN: list[tuple[str, str, str, dict[str, str]]] = [
    (HDV, "ntp_server", "ntp.example.com", {"NTP_ADDR": "ntp.example.com"}),
    (HDV, "timezone", "Europe/London", {"LOCAL_TIME_ZONE_POSIX": "GMT0BST,M3.5.0/1,M10.5.0"}),
    (HDV, "mwi_subscribe", "on", {"VM_SUBSCRIBE_ENABLE": "Y"}),
    (HDV, "srtp", "mandatory", {"SRTP_CONNECT_MODE_1": "0"}),
    (HDV, "srtp", "optional", {"SRTP_CONNECT_MODE_1": "1"}),
    (HDV, "srtp", "off", {"SRTP_CONNECT_MODE_1": "2"}),
    (HDV, "srtp", "dtls", {}),
    (HDV, "dtmf", "rfc2833", {"OUTBANDDTMF_1": "Y"}),
    (HDV, "dtmf", "inband", {"OUTBANDDTMF_1": "N"}),
    (HDV, "dtmf", "info", {}),
    (HDV, "dtmf_payload", "101", {"TELEVENT_PAYLOAD": "101"}),
    (TGP, "dtmf_payload", "101", {"TELEVENT_PTYPE_1": "101"}),
    (HDV, "codecs", "opus g722 pcma", {
        "CODEC_ENABLE0_1": "Y", "CODEC_PRIORITY0_1": "1", "CODEC_ENABLE1_1": "Y", "CODEC_PRIORITY1_1": "2",
        "CODEC_ENABLE2_1": "N", "CODEC_ENABLE3_1": "N", "CODEC_ENABLE4_1": "N"}),
    (UT, "codecs", "opus", {}),
    (TGP, "codecs", "pcma", {}),
    (HDV, "stun_server", "stun.example.com", {"STUN_SERV_ADDR": "stun.example.com"}),
    (HDV, "key.3", "blf 1002 Front desk", {
        f"{BUTTON}ACT3": f"{IPTEL}BLF", f"{BUTTON}ARG3": "1002", "FLEX_BUTTON_LABEL3": "Front desk"}),
    (UT, "key.3", "blf 1002 Front desk", {
        f"{BUTTON}ACT3": f"{IPTEL}CONTACT", f"{BUTTON}ARG3": "1002", "FLEX_BUTTON_LABEL3": "Front desk"}),
    (TGP, "key.3", "blf 1002 Front desk", {}),
    (HDV, "key.1", "line@2", {f"{BUTTON}ACT1": f"{IPTEL}LINE", f"{BUTTON}ARG1": "2", "FLEX_BUTTON_LABEL1": ""}),
    (UT, "key.1", "line@2", {f"{BUTTON}ACT1": f"{IPTEL}DN", f"{BUTTON}ARG1": "2,2", "FLEX_BUTTON_LABEL1": ""}),
    (HDV, "key.24", "speed_dial 0800123", {
        f"{BUTTON}ACT24": f"{IPTEL}ONETOUCH", f"{BUTTON}ARG24": "0800123", "FLEX_BUTTON_LABEL24": ""}),
    (HDV, "key.2", "park *85 Park", {
        f"{BUTTON}ACT2": f"{IPTEL}ONETOUCH", f"{BUTTON}ARG2": "*85", "FLEX_BUTTON_LABEL2": "Park"}),
    (HDV, "key.2", "pickup 1004", {
        f"{BUTTON}ACT2": f"{IPTEL}ONETOUCH", f"{BUTTON}ARG2": "1004", "FLEX_BUTTON_LABEL2": ""}),
    (HDV, "key.2", "none", {f"{BUTTON}ACT2": "", f"{BUTTON}ARG2": "", "FLEX_BUTTON_LABEL2": ""}),
    (HDV, "key.2", "dnd", {}),
    (HDV, "key.2", "url http://x.example.com/", {}),
    (HDV, "blf_pickup_code", "*8", {"NUM_PLAN_PICKUP_DIRECT": "*8"}),
    (HDV, "admin_user", "boss", {"ADMIN_ID": "boss"}),
    (HDV, "user_user", "desk", {"USER_ID": "desk"}),
    (HDV, "vlan_id", "20", {"VLAN_ENABLE": "Y", "VLAN_ID_IP_PHONE": "20"}),
    (HDV, "vlan_priority", "5", {"VLAN_PRI_IP_PHONE": "5"}),
    (HDV, "pc_vlan_id", "30", {"VLAN_ID_PC": "30"}),
    (HDV, "pc_vlan_priority", "0", {"VLAN_PRI_PC": "0"}),
    (HDV, "ldap.server", "ldap.example.com", {"LDAP_ENABLE": "Y", "LDAP_SERVER": "ldap://ldap.example.com"}),
    (HDV, "ldap.server", "2001:db8::1", {"LDAP_ENABLE": "Y", "LDAP_SERVER": "ldap://[2001:db8::1]"}),
    (HDV, "ldap.port", "636", {"LDAP_SERVER_PORT": "636"}),
    (HDV, "ldap.base", "dc=example", {"LDAP_BASEDN": "dc=example"}),
    (HDV, "ldap.user", "cn=phone", {"LDAP_USERID": "cn=phone"}),
    (HDV, "ldap.name_filter", "(cn=%)", {"LDAP_NAME_FILTER": "(cn=%)"}),
    (HDV, "ldap.number_filter", "(tel=%)", {"LDAP_NUMB_FILTER": "(tel=%)"}),
    (HDV, "ldap.name_attributes", "cn sn", {"LDAP_NAME_ATTRIBUTE": "cn,sn"}),
    (HDV, "ldap.number_attributes", "telephoneNumber, mobile", {"LDAP_NUMB_ATTRIBUTE": "telephoneNumber,mobile"}),
    (HDV, "resync_minutes", "1440", {"CFG_CYCLIC": "Y", "CFG_CYCLIC_INTVL": "1440"}),
    (HDV, "resync_from", "02:30", {"CFG_RESYNC_TIME": "02:30"}),
    (HDV, "discovery_dhcp", "off", {
        "OPTION66_ENABLE": "N", "OPTION159_PROV_ENABLE": "N", "OPTION160_PROV_ENABLE": "N"}),
    (HDV, "discovery_dhcp_options", "66 160 43", {
        "OPTION66_ENABLE": "Y", "OPTION159_PROV_ENABLE": "N", "OPTION160_PROV_ENABLE": "Y"}),
    (HDV, "discovery_pnp", "off", {"SIPPNP_PROV_ENABLE": "N"}),
    (HDV, "firmware_url", "https://fw.example.com/HDV-07.150.fw", {
        "FIRM_UPGRADE_ENABLE": "Y", "FIRM_UPGRADE_AUTO": "Y", "FIRM_VERSION": "07.150",
        "FIRM_FILE_PATH": "https://fw.example.com/HDV-07.150.fw"}),
    (HDV, "firmware_url", "https://fw.example.com/07.150/latest.fw", {
        "FIRM_UPGRADE_ENABLE": "Y", "FIRM_UPGRADE_AUTO": "Y",
        "FIRM_FILE_PATH": "https://fw.example.com/07.150/latest.fw"}),
    (HDV, "trusted_ca_url", "https://fw.example.com/ca.pem",
     {"CFG_ROOT_CERTIFICATE_PATH": "https://fw.example.com/ca.pem"}),
    (HDV, "tls_verify", "off", {"HTTP_SSL_VERIFY": "0"}),
    (HDV, "raw.SYSLOG_ADDR", "192.0.2.1", {"SYSLOG_ADDR": "192.0.2.1"}),
    (HDV, "raw.SYSLOG_PORT", "515", {"SYSLOG_PORT": "515"}),
]  # fmt: skip
SECRETS = {"admin_password": "ADMIN_PASS", "user_password": "USER_PASS", "ldap.password": "LDAP_PASSWORD"}
ELSEWHERE = {"ldap.tls"}


@pytest.mark.parametrize(("model", "name", "text", "expected"), WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(
    model: str, name: str, text: str, expected: dict[str, str]
) -> None:
    assert written({name: text}, model=model) == expected


@pytest.mark.parametrize(("name", "parameter"), SECRETS.items())
def test_a_secret_writes_its_parameter_and_nothing_else(name: str, parameter: str) -> None:
    assert written({}, secrets={f"setting.{name}": "s3cret"}) == {parameter: "s3cret"}


def test_the_tables_here_name_every_setting_that_is_supported() -> None:
    named = {re.sub(r"(?<=\.)\d+(?=\.|$)", "N", name) for _, name, *_ in WRITTEN} | set(SECRETS) | ELSEWHERE

    assert {spec.name for spec in SPECS if VENDOR.supports(spec.name)} <= named


def test_ldaps_is_said_in_the_address() -> None:
    found = written({"ldap.server": "ldap.example.com", "ldap.tls": "ldaps"})

    assert found["LDAP_SERVER"] == "ldaps://ldap.example.com"
    assert written({"ldap.tls": "ldaps"}) == {}


def test_a_pickup_key_dials_the_code_before_the_extension() -> None:
    assert written({"key.1": "pickup 1004", "blf_pickup_code": "*8"})[f"{BUTTON}ARG1"] == "*81004"


def test_options_stay_off_when_all_are() -> None:
    found = written({"discovery_dhcp": "off", "discovery_dhcp_options": "66"})

    assert set(found.values()) == {"N"}


LINE_FIELDS: list[tuple[str, object, dict[str, str]]] = [
    ("display_name", "Reception", {"DISPLAY_NAME_1": "Reception"}),
    ("auth_name", "a1", {"SIP_AUTHID_1": "a1"}),
    ("voicemail", "*97", {"VM_NUMBER_1": "*97"}),
    ("expires_s", 600, {"REG_EXPIRE_TIME_1": "600"}),
    ("registrar", Endpoint.parse("pbx.example.com;transport=tls"), {
        "SIP_TRANSPORT_1": "2", "SIP_TLS_MODE_1": "1", "SIP_RGSTR_PORT_1": "5061", "SIP_PRXY_PORT_1": "5061",
        "SIP_PRSNC_PORT_1": "5061"}),
    ("registrar", Endpoint.parse("pbx.example.com;transport=tcp"), {"SIP_TRANSPORT_1": "1"}),
    ("registrar", Endpoint.parse("pbx.example.com;transport=dns"), {"SIP_DNSSRV_ENA_1": "Y"}),
    ("outbound_proxy", Endpoint.parse("proxy.example.org:5070"), {
        "SIP_OUTPROXY_ADDR_1": "proxy.example.org", "SIP_OUTPROXY_PORT_1": "5070"}),
    ("backup_registrar", Endpoint.parse("backup.example.org"), {
        "SIP_2NDRGSTR_ADDR_1": "backup.example.org", "SIP_2NDRGSTR_PORT_1": "5060",
        "SIP_2NDPROXY_ADDR_1": "backup.example.org", "SIP_2NDPROXY_PORT_1": "5060"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "expected"), LINE_FIELDS)
def test_a_field_of_a_line_writes_its_parameters(field: str, value: object, expected: dict[str, str]) -> None:
    base = config(view_of())

    found = config(view_of(lines=(line_with(**{field: value}),)))

    assert dict(found.items() - base.items()) == expected


def test_a_line_is_written_as_a_whole() -> None:
    line = Line(number=2, user_name="1002", registrar=Endpoint.parse("[2001:db8::5]:5080"))

    found = config(view_of(model=UT, lines=(line,), held=("line.2.password",)), {"line.2.password": "p"})

    assert {name: text for name, text in found.items() if name.endswith("_2")} == {
        "PHONE_NUMBER_2": "1002", "SIP_URI_2": "sip:1002@[2001:db8::5]", "DISPLAY_NAME_2": "1002",
        "SIP_AUTHID_2": "1002", "SIP_PASS_2": "p", "SIP_SVCDOMAIN_2": "[2001:db8::5]",
        "SIP_RGSTR_ADDR_2": "[2001:db8::5]", "SIP_RGSTR_PORT_2": "5080", "SIP_PRXY_ADDR_2": "[2001:db8::5]",
        "SIP_PRXY_PORT_2": "5080", "SIP_PRSNC_ADDR_2": "[2001:db8::5]", "SIP_PRSNC_PORT_2": "5080",
        "SIP_DNSSRV_ENA_2": "N", "SIP_TRANSPORT_2": "0", "SIP_TLS_MODE_2": "0", "SIP_2NDRGSTR_ADDR_2": "",
        "SIP_2NDPROXY_ADDR_2": "", "SIP_OUTPROXY_ADDR_2": "", "REG_EXPIRE_TIME_2": "3600",
    }  # fmt: skip
    gone = {name: text for name, text in found.items() if name.startswith("PHONE_NUMBER") and name != "PHONE_NUMBER_2"}
    assert gone == {"PHONE_NUMBER_1": "", "PHONE_NUMBER_3": "", "PHONE_NUMBER_4": ""}


def test_lines_that_are_gone_are_not_guessed_for_a_model_whose_number_is_not_known() -> None:
    found = config(view_of(model=HDV, lines=(line_with(number=2),)))

    assert [name for name in found if name.startswith("PHONE_NUMBER")] == ["PHONE_NUMBER_2"]


@pytest.mark.parametrize("model", MODELS)
def test_every_family_is_told_its_own_url_and_no_other(model: str) -> None:
    found = config(view_of(model=model))

    assert found["CFG_STANDARD_FILE_PATH"] == OWN_URL
    assert found["CFG_PRODUCT_FILE_PATH"] == found["CFG_MASTER_FILE_PATH"] == ""
    assert (found["PROVISION_ENABLE"], found["CFG_RESYNC_FROM_SIP"]) == ("Y", "check-sync")


@pytest.mark.parametrize("model", MODELS)
def test_a_password_that_is_not_held_is_not_mentioned(model: str) -> None:
    assert not any(name.startswith("SIP_PASS") for name in config(view_of(model=model)))


@pytest.mark.parametrize(("name", "lines"), [("KX-UT113", 2), ("KX-UT136", 4), ("kx-ut670", 6), ("KX-TGP500", 8)])
def test_models_have_the_lines_of_their_documents(name: str, lines: int) -> None:
    model = VENDOR.model(name)

    assert model is not None
    assert model.lines == lines
    assert LINE.number <= lines
