"""What each setting becomes in the file of each family."""

from __future__ import annotations

import re

import pytest

from provserver.domain.catalogue import SPECS
from provserver.domain.line import Endpoint, Line
from provserver.vendors.gigaset import VENDOR
from tests.vendors.gigaset.phones import (
    LINE,
    MAXWELL,
    MODELS,
    N510,
    N720,
    N870,
    OWN_URL,
    config,
    line_with,
    render,
    view_of,
    written,
)

VOIP, ACCOUNT = "BS_VOIP_Data", "BS_VOIP_Data.astVoipAccounts[0]"
BOOK = {
    "BS_XML_Netdirs.aucAvailableNetdirs": "0x2a",
    "BS_XML_Netdirs.aucActivatedNetdirs": "0x2a",
    "BS_XML_Netdirs.aucNetdirSelForDirectAccess": "0x2a",
    "BS_XML_Netdirs.aucNetdirSelForIntKey": "0x2a",
    "BS_XML_Netdirs.astNetdirProvider[0].aucProviderName": "Directory",
    "BS_XML_Netdirs.astNetdirProvider[0].aucPrivatePagesDirName": "Directory",
    "BS_XML_Netdirs.astNetdirProvider[0].aucServerURL": "https://pb.example.com/",
}
KEYS = "PhoneUI.Keys.FunctionKeys"
LDAP = "NetDir.LDAP.0"

WRITTEN: list[tuple[str, str, str, dict[str, str]]] = [
    # N510
    (N510, "ntp_server", "ntp.example.com", {"BS_IP_Data1.aucS_TIME_NTP_SERVER": "ntp.example.com"}),
    (N510, "tone_country", "de", {"BS_AE_SwConfig.ucCountryCodeTone": "0xc"}),
    (N510, "language", "nl", {"BS_IP_Data1.ucI_HTTPLANGUAGE": "0xa"}),
    (N510, "language", "fi", {}),
    (N510, "ip_by_dhcp", "on", {"BS_IP_Data1.ucB_USE_DHCP": "1"}),
    (N510, "vlan_id", "20", {"BS_IP_Data1.ucB_VLAN_ENABLED": "0x1", "BS_IP_Data1.uiI_VLAN_ID": "0x14"}),
    (N510, "vlan_priority", "5", {"BS_IP_Data1.ucI_VLAN_PRIORITY": "0x5"}),
    (N510, "dtmf", "rfc2833_info", {"BS_IP_Data1.ucB_DTMF_TX_MODE_AUTO": "0x0",
                                    "BS_IP_Data1.ucI_DTMF_TX_MODE_BITS": "0x6"}),
    (N510, "codecs", "g722 pcma pcmu", {"BS_IP_Data1.ucI_SIP_PREFERRED_VOCODER": "0x05,0x01,0x00,0xff,0xff"}),
    (N510, "codecs", "opus", {}),
    (N510, "stun_server", "stun.example.com", {"BS_IP_Data1.ucB_SIP_USE_STUN": "0x1",
                                               "BS_IP_Data1.aucS_STUN_SERVER": "stun.example.com"}),
    (N510, "phonebook.1.url", "https://pb.example.com/", BOOK),
    (N510, "phonebook.2.url", "https://pb.example.com/", {}),
    (N510, "discovery_dhcp", "off", {"BS_IP_Data1.ucB_USE_DHCP_66_IF_114_NOT_AVAILABLE": "0"}),
    (N510, "firmware_url", "https://fw.example.com/fw262.bin",
     {"BS_IP_Data1.aucS_USER_FIRMWARE_URL": "https://fw.example.com/fw262.bin"}),
    (N510, "provisioning_user", "phone", {"S_PROV_USERNAME": "phone"}),
    (N510, "raw.BS_IP_Data1.ucB_ACCEPT_FOREIGN_SUBNET", "0x1", {"BS_IP_Data1.ucB_ACCEPT_FOREIGN_SUBNET": "0x1"}),
    (N510, "srtp", "mandatory", {}),
    # N720
    (N720, "ntp_server", "ntp.example.com", {"BS_IP_Data.aucS_TIME_NTP_SERVER[%]": "ntp.example.com",
                                             "BS_IP_Data.ucB_TIME_USE_AUTOMATIC_NTP_SYN": "0x1"}),
    (N720, "tone_country", "gb", {"BS_AE_SwConfig.ucCountryCodeTone": "0x8"}),
    (N720, "language", "pl", {"BS_IP_Data.ucI_HTTPLANGUAGE": "0x11"}),
    (N720, "ip_by_dhcp", "off", {"BS_IP_Data.ucB_USE_DHCP": "0"}),
    (N720, "vlan_id", "20", {"BS_IP_Data.ucB_VLAN_ENABLED": "0x1", "BS_IP_Data.uiI_VLAN_ID": "0x14"}),
    (N720, "vlan_priority", "5", {"BS_IP_Data.ucI_VLAN_PRIORITY": "0x5"}),
    (N720, "dtmf", "info", {f"{VOIP}.ucB_DTMF_TX_MODE_AUTO": "0x0", f"{VOIP}.ucI_DTMF_TX_MODE_BITS": "0x4"}),
    (N720, "dtmf_payload", "101", {f"{VOIP}.ucI_DTMF_TX_RTP_PAYLOAD_TYPE": "0x65"}),
    (N720, "codecs", "pcmu g729", {f"{ACCOUNT}.aucI_SIP_PREFERRED_VOCODER[%]": "0x00,0x03,0xff,0xff,0xff"}),
    (N720, "stun_server", "stun.example.com", {f"{VOIP}.astVoipProviders[0].ucSIP_USE_STUN": "0x1",
                                               f"{VOIP}.astVoipProviders[0].aucSTUN_SERVER[%]": "stun.example.com"}),
    (N720, "phonebook.1.url", "https://pb.example.com/", BOOK),
    (N720, "provisioning_user", "phone", {"S_PROV_USERNAME": "phone"}),
    # new bases
    (N870, "ntp_server", "ntp.example.com", {"DmGlobal.0.NtpServer": "ntp.example.com"}),
    (N870, "tone_country", "fr", {"Telephony.0.ToneScheme": "France"}),
    (N870, "tone_country", "gb", {}),
    (N870, "srtp", "off", {"SipProvider.0.SRTP_Enabled": "0"}),
    (N870, "srtp", "optional", {"SipProvider.0.SRTP_Enabled": "1", "SipProvider.0.AcceptNonSRTPCalls": "1"}),
    (N870, "srtp", "mandatory", {"SipProvider.0.SRTP_Enabled": "1", "SipProvider.0.AcceptNonSRTPCalls": "0"}),
    (N870, "srtp", "zrtp", {}),
    (N870, "dtmf", "inband", {"SipProvider.0.DTMFTransmission": "1"}),
    (N870, "dtmf", "rfc2833_info", {"SipProvider.0.DTMFTransmission": "6"}),
    (N870, "mwi_subscribe", "on", {"SipProvider.0.MWISubscription": "1"}),
    (N870, "phonebook.1.url", "https://pb.example.com/", {
        "Netdir.1.Activated": "1", "XMLDir.1.ProviderName": "Directory", "XMLDir.1.WhitePagesDirName": "Directory",
        "XMLDir.1.ServerURL": "https://pb.example.com/"}),
    (N870, "phonebook.2.url", "https://pb.example.com/", {}),
    (N870, "notify_reboots", "on", {"SystemSettings.global.CheckSyncRebootEnabled": "1"}),
    (N870, "discovery_pnp", "off", {"SystemSettings.global.SipMulticastEnabled": "0"}),
    (N870, "firmware_url", "https://fw.example.com/Nx70-V2.62.1-build.d1.bin",
     {"firmware": "2.62.1 https://fw.example.com/Nx70-V2.62.1-build.d1.bin"}),
    (N870, "raw.DmGlobal.0.SystemRegDomain", "EUR", {"DmGlobal.0.SystemRegDomain": "EUR"}),
    (N870, "vlan_id", "20", {}),
    # Maxwell
    (MAXWELL, "ntp_server", "ntp.example.com", {"System.DateAndTime.AutoAdjustTime": "NTPServiceEnabled",
                                                "System.DateAndTime.TimeServer": "ntp.example.com"}),
    (MAXWELL, "time_format", "12", {"System.DateAndTime.TimeFormat": "12h"}),
    (MAXWELL, "date_format", "mdy", {"System.DateAndTime.DateOrder": "mm.dd.yyyy"}),
    (MAXWELL, "date_format", "ymd", {}),
    (MAXWELL, "language", "it", {"PhoneUI.Settings.Language": "it-it", "WebUI.Language": "it-it"}),
    (MAXWELL, "tone_country", "us", {"Telephony.ToneScheme": "USA"}),
    (MAXWELL, "dtmf", "info", {"SIP.Account.0.DTMFTransmission": "3"}),
    (MAXWELL, "dtmf", "rfc2833_info", {}),
    (MAXWELL, "srtp", "mandatory", {"SIP.Security.SRTP": "1", "SIP.Security.AcceptNonSRTPCalls": "0"}),
    (MAXWELL, "srtp", "off", {"SIP.Security.SRTP": "0", "SIP.Security.AcceptNonSRTPCalls": "1"}),
    (MAXWELL, "vlan_id", "20", {"NET.VLAN.Tagging": "1", "NET.VLAN.LAN.Identifier": "20"}),
    (MAXWELL, "vlan_priority", "5", {"NET.VLAN.LAN.Priority": "5"}),
    (MAXWELL, "pc_vlan_id", "30", {"NET.VLAN.PC.Identifier": "30"}),
    (MAXWELL, "pc_vlan_priority", "0", {"NET.VLAN.PC.Priority": "0"}),
    (MAXWELL, "ldap.server", "ldap.example.com", {f"{LDAP}.Enable": "1", f"{LDAP}.Server.Address": "ldap.example.com"}),
    (MAXWELL, "ldap.port", "636", {f"{LDAP}.Server.Port": "636"}),
    (MAXWELL, "ldap.tls", "starttls", {f"{LDAP}.Security": "1"}),
    (MAXWELL, "ldap.base", "dc=example", {f"{LDAP}.BaseDN": "dc=example"}),
    (MAXWELL, "ldap.user", "cn=phone", {f"{LDAP}.Uername": "cn=phone"}),
    (MAXWELL, "ldap.name_filter", "(cn=%)", {f"{LDAP}.NameFilter": "(cn=%)"}),
    (MAXWELL, "ldap.number_filter", "(tel=%)", {f"{LDAP}.NumberFilter": "(tel=%)"}),
    (MAXWELL, "ldap.display_name", "%cn", {f"{LDAP}.DisplayFormat": "%cn"}),
    (MAXWELL, "ldap.name_attributes", "givenName sn", {f"{LDAP}.FirstName": "givenName", f"{LDAP}.Surname": "sn"}),
    (MAXWELL, "ldap.number_attributes", "homePhone telephoneNumber mobile", {
        f"{LDAP}.PhoneHome": "homePhone", f"{LDAP}.PhoneOffice": "telephoneNumber", f"{LDAP}.PhoneMobile": "mobile"}),
    (MAXWELL, "discovery_dhcp", "off", {"NET.IP.IPv4.DHCP.Options.Disabled": "66,114"}),
    (MAXWELL, "discovery_dhcp", "on", {}),
    (MAXWELL, "firmware_url", "https://fw.example.com/mx-2.22.4.bin",
     {"firmware": "2.22.4 https://fw.example.com/mx-2.22.4.bin"}),
    (MAXWELL, "key.1", "blf 1002 Front desk", {
        f"{KEYS}.0.Type": "4", f"{KEYS}.0.PhoneNumber": "1002", f"{KEYS}.0.Color": "3",
        f"{KEYS}.0.DisplayName": "Front desk"}),
    (MAXWELL, "key.8", "line@2", {f"{KEYS}.7.Type": "0", f"{KEYS}.7.Connection": "1", f"{KEYS}.7.Color": "3"}),
    (MAXWELL, "key.2", "speed_dial 0800123 Support", {
        f"{KEYS}.1.Type": "3", f"{KEYS}.1.PhoneNumber": "0800123", f"{KEYS}.1.DisplayName": "Support"}),
    (MAXWELL, "key.2", "forward 1003", {f"{KEYS}.1.Type": "6", f"{KEYS}.1.PhoneNumber": "1003"}),
    (MAXWELL, "key.2", "dtmf 12#", {f"{KEYS}.1.Type": "7", f"{KEYS}.1.EnableCode": "12#"}),
    (MAXWELL, "key.2", "url http://e.example.com/", {f"{KEYS}.1.Type": "8",
                                                     f"{KEYS}.1.URL": "http://e.example.com/"}),
    (MAXWELL, "key.2", "group_pickup *8", {f"{KEYS}.1.Type": "10", f"{KEYS}.1.EnableCode": "*8"}),
    (MAXWELL, "key.2", "dnd", {}),
    (MAXWELL, "key.2", "conference", {}),
    (MAXWELL, "key.2", "none", {f"{KEYS}.1.Type": "-1"}),
    (MAXWELL, "key.2", "pickup 1004", {f"{KEYS}.1.Type": "3", f"{KEYS}.1.PhoneNumber": "1004"}),
    (MAXWELL, "softkey.2", "ldap", {"PhoneUI.Keys.SoftKeys.1.Type": "13"}),
    (MAXWELL, "softkey.1", "dnd *78", {"PhoneUI.Keys.SoftKeys.0.Type": "10",
                                       "PhoneUI.Keys.SoftKeys.0.EnableCode": "*78"}),
]  # fmt: skip
SECRETS = [
    (N510, "provisioning_password", {"S_PROV_PASSWORD": "s3cret"}),
    (N720, "provisioning_password", {"S_PROV_PASSWORD": "s3cret"}),
    (N720, "admin_password", {"BS_CUSTOM.WebUIPassword": "s3cret"}),
    (N870, "admin_password", {"WebUIAccounts.1.Password": "s3cret"}),
    (N870, "dect_code", {"hs.00001.DECT_AC": "s3cret"}),
    (MAXWELL, "admin_password", {"WebUI.AdminPassword": "s3cret"}),
    (MAXWELL, "user_password", {"WebUI.UserPassword": "s3cret"}),
    (MAXWELL, "ldap.password", {f"{LDAP}.Password": "s3cret"}),
]
# Tested by tests of their own, here and in test_zones.
ELSEWHERE = {"timezone", "phonebook.N.name", "blf_pickup_code"}


@pytest.mark.parametrize(("model", "name", "text", "expected"), WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(
    model: str, name: str, text: str, expected: dict[str, str]
) -> None:
    assert written({name: text}, model=model) == expected


@pytest.mark.parametrize(("model", "name", "expected"), SECRETS)
def test_a_secret_writes_its_parameters_and_nothing_else(model: str, name: str, expected: dict[str, str]) -> None:
    assert written({}, model=model, secrets={f"setting.{name}": "s3cret"}) == expected


def test_the_tables_here_name_every_setting_that_is_supported() -> None:
    named = {re.sub(r"(?<=\.)\d+(?=\.|$)", "N", name) for _, name, *_ in WRITTEN}
    named |= {name for _, name, _ in SECRETS} | ELSEWHERE

    assert {spec.name for spec in SPECS if VENDOR.supports(spec.name)} <= named


@pytest.mark.parametrize("model", [N510, N720, N870])
def test_a_phone_book_is_called_as_it_was_named(model: str) -> None:
    found = written({"phonebook.1.url": "https://pb.example.com/", "phonebook.1.name": "Firma"}, model=model)

    assert [value for name, value in found.items() if "Name" in name] == ["Firma", "Firma"]


def test_a_pickup_key_dials_the_code_before_the_extension() -> None:
    found = written({"key.1": "pickup 1004", "blf_pickup_code": "*8"}, model=MAXWELL)

    assert found[f"{KEYS}.0.PhoneNumber"] == "*81004"


def test_both_networks_of_a_maxwell_are_tagged() -> None:
    assert written({"vlan_id": "20", "pc_vlan_id": "30"}, model=MAXWELL)["NET.VLAN.Tagging"] == "2"


LINE_FIELDS: list[tuple[str, str, object, dict[str, str]]] = [
    (N510, "label", "Front desk", {
        "BS_Accounts.astAccounts[0].aucAccountName[0]": "Front desk",
        "BS_IP_Data1.aucS_SIP_ACCOUNT_NAME_1": "Front desk",
        "BS_AE_Subscriber.stMtDat[0].aucTlnName": "Front desk"}),
    (N510, "auth_name", "a1", {"BS_IP_Data3.aucS_SIP_LOGIN_ID": "a1"}),
    (N510, "voicemail", "*97", {"BS_IP_Data1.aucS_VOIP_NET_AM_NUMBER_1": "*97",
                                "BS_IP_Data1.ucB_VOIP_NET_AM_ENABLED_1": "0x1"}),
    (N510, "expires_s", 600, {"BS_IP_Data1.uiI_RE_REGISTRATION_TIMER": "0x258"}),
    (N510, "outbound_proxy", Endpoint.parse("proxy.example.org:5070"), {
        "BS_IP_Data1.ucI_OUTBOUND_PROXY_MODE": "0x0", "BS_IP_Data1.aucS_OUTBOUND_PROXY": "proxy.example.org",
        "BS_IP_Data1.uiI_OUTBOUND_PROXY_PORT": "0x13ce"}),
    (N720, "display_name", "Reception", {f"{ACCOUNT}.aucS_SIP_DISPLAYNAME[0]": "Reception"}),
    (N720, "auth_name", "a1", {f"{ACCOUNT}.aucS_SIP_LOGIN_ID[0]": "a1"}),
    (N720, "voicemail", "*97", {f"{ACCOUNT}.aucS_VOIP_NET_AM_NUMBER_1[%]": "*97",
                                f"{ACCOUNT}.ucB_VOIP_NET_AM_ENABLED_1": "0x1"}),
    (N720, "expires_s", 600, {f"{VOIP}.astVoipProviders[0].uiRE_REGISTRATION_TIMER": "0x258"}),
    (N720, "outbound_proxy", Endpoint.parse("proxy.example.org:5070"), {
        f"{VOIP}.astVoipProviders[0].ucOUTBOUND_PROXY_MODE": "0",
        f"{VOIP}.astVoipProviders[0].aucOUTBOUND_PROXY[%]": "proxy.example.org",
        f"{VOIP}.astVoipProviders[0].uiOUTBOUND_PROXY_PORT": "0x13ce"}),
    (N870, "display_name", "Reception", {"SipAccount.00001.DisplayName": "Reception"}),
    (N870, "auth_name", "a1", {"SipAccount.00001.AuthName": "a1"}),
    (N870, "voicemail", "*97", {"SipAccount.00001.VoiceMailMailbox": "*97", "SipAccount.00001.VoiceMailActive": "1"}),
    (N870, "expires_s", 600, {"SipProvider.0.RegServerRefreshTimer": "600"}),
    (N870, "registrar", Endpoint.parse("pbx.example.com;transport=tls"), {
        "SipProvider.0.TransportProtocol": "3", "SipProvider.0.ProxyServerPort": "5061",
        "SipProvider.0.RegServerPort": "5061"}),
    (N870, "registrar", Endpoint.parse("pbx.example.com;transport=tcp"), {"SipProvider.0.TransportProtocol": "2"}),
    (N870, "outbound_proxy", Endpoint.parse("proxy.example.org:5070"), {
        "SipProvider.0.OutboundProxyMode": "0", "SipProvider.0.OutboundProxyAddress": "proxy.example.org",
        "SipProvider.0.OutboundProxyPort": "5070"}),
    (N870, "backup_registrar", Endpoint.parse("backup.example.org"), {
        "SipProvider.0.FailoverServerEnabled": "1", "SipProvider.0.FailoverServerAddress": "backup.example.org",
        "SipProvider.0.FailoverServerPort": "5060"}),
    (MAXWELL, "label", "Front desk", {"SIP.Account.0.AccountName": "Front desk"}),
    (MAXWELL, "auth_name", "a1", {"SIP.Account.0.AuthName": "a1"}),
    (MAXWELL, "voicemail", "*97", {"SIP.Account.0.VoiceMail.Active": "1", "SIP.Account.0.VoiceMail.Mailbox": "*97"}),
    (MAXWELL, "registrar", Endpoint.parse("pbx.example.com;transport=tls"), {
        "SIP.TransportProtocol": "2", "SIP.Security.UseSIPS": "1", "SIP.Account.0.ProxyServer.Port": "5061",
        "SIP.Account.0.RegistrationServer.Port": "5061"}),
    (MAXWELL, "outbound_proxy", Endpoint.parse("proxy.example.org:5070"), {
        "SIP.Account.0.OutboundProxy.Mode": "0", "SIP.Account.0.OutboundProxy.Address": "proxy.example.org",
        "SIP.Account.0.OutboundProxy.Port": "5070"}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "field", "value", "expected"), LINE_FIELDS)
def test_a_field_of_a_line_writes_its_parameters(
    model: str, field: str, value: object, expected: dict[str, str]
) -> None:
    line = line_with(**{"label": "1001", "display_name": "1001", field: value})
    base = config(view_of(model=model, lines=(line_with(label="1001", display_name="1001"),)))

    found = config(view_of(model=model, lines=(line,)))

    assert dict(found.items() - base.items()) == expected


def test_the_first_account_of_an_n510_has_no_number_in_most_names_and_the_others_have() -> None:
    lines = (LINE, Line(number=4, user_name="1004", registrar=Endpoint.parse("[2001:db8::5]:5080")))

    found = config(view_of(model=N510, lines=lines))

    assert found["BS_IP_Data1.aucS_SIP_USER_ID"] == "1001"
    assert found["BS_IP_Data1.aucS_SIP_USER_ID_4"] == "1004"
    assert found["BS_IP_Data1.aucS_SIP_REGISTRAR_4"] == "[2001:db8::5]"
    assert found["BS_IP_Data1.uiI_SIP_REGISTRAR_PORT_4"] == "0x13d8"
    masks = {number: found[f"BS_Accounts.astAccounts[{number - 1}].uiSendMask"] for number in (1, 4)}
    assert masks == {1: "0x1", 4: "0x8"}
    active = {number: found[f"BS_IP_Data1.ucB_SIP_ACCOUNT_IS_ACTIVE_{number}"] for number in range(1, 7)}
    assert active == {1: "0x1", 2: "0x0", 3: "0x0", 4: "0x1", 5: "0x0", 6: "0x0"}


@pytest.mark.parametrize("model", [N720, N870])
def test_lines_of_one_registrar_share_a_provider(model: str) -> None:
    other = Endpoint(host="other.example.org")
    lines = tuple(
        Line(number=number, user_name=str(number), registrar=registrar)
        for number, registrar in ((1, LINE.registrar), (2, other), (3, LINE.registrar))
    )

    found = config(view_of(model=model, lines=lines))

    name = f"{VOIP}.astVoipAccounts[{{i}}].ucVoipProviderIndex" if model == N720 else "SipAccount.{n:05}.ProviderId"
    indices = [int(found[name.format(i=number - 1, n=number)], 0) for number in (1, 2, 3)]
    assert indices == [0, 1, 0]


def test_a_handset_is_added_while_its_password_is_held_and_never_after() -> None:
    lines = (LINE, Line(number=12, user_name="1012", registrar=LINE.registrar))

    found = config(view_of(lines=lines, held=("line.12.password",)), {"line.12.password": "p"})

    assert [name for name in found if name.startswith("add_hs")] == ["add_hs:00012"]
    assert found["SipAccount.00001.UserName"] == "1001"
    assert "SipAccount.00001.AuthPassword" not in found


@pytest.mark.parametrize("model", MODELS)
def test_handsets_that_a_file_does_not_name_are_never_removed(model: str) -> None:
    body = render(view_of(model=model, held=("line.1.password",)), {"line.1.password": "p"})

    assert b"DeleteNotProvisionedHS" not in body
    assert b"ToDeReg" not in body


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (N510, "S_CONFIGFILE_URL"),
        (N720, "S_CONFIGFILE_URL"),
        (N870, "Provisioning.global.ProvisioningServer"),
        (None, "Provisioning.global.ProvisioningServer"),
        (MAXWELL, "System.Provision.ProvisioningServer"),
    ],
)
def test_every_family_is_told_its_own_url(model: str | None, name: str) -> None:
    assert config(view_of(model=model))[name] == OWN_URL


@pytest.mark.parametrize(
    ("name", "lines", "keys"),
    [("N510 IP PRO", 6, 0), ("n720-dm-pro", 100, 0), ("N610", 20, 0), ("N870", 250, 0), ("maxwell 3", 4, 8)],
)
def test_models_have_the_accounts_and_keys_of_the_sheet(name: str, lines: int, keys: int) -> None:
    model = VENDOR.model(name)

    assert model is not None
    assert (model.lines, model.keys) == (lines, keys)
