"""What each setting becomes in both dialects."""

from __future__ import annotations

from typing import Any

import pytest

from provserver.domain.catalogue import SPECS
from provserver.domain.line import Endpoint
from provserver.errors import InvalidValue
from provserver.vendors.fanvil import VENDOR
from provserver.vendors.fanvil.models import MODELS, is_legacy
from tests.vendors.fanvil.device import LEGACY, MODERN, line, told, view_of, written

EVENT_URL = "http://e.example.com/?a=1&b=2"
OLD_LINE = "SIP_CONFIG_MODULE/SIP_Line_List/SIP_Line_List_Entry@SIP1"
OLD_DATE, OLD_QOS = "GLOBAL_CONFIG_MODULE", "QOS_CONFIG_MODULE"
OLD_LDAP = "PHONE_CONFIG_MODULE/LDAP_Config/LDAP_Config_Entry@LDAP1"
OLD_AP = "AUTOUPDATE_CONFIG_MODULE"
OLD_WEB = "MMI_CONFIG_MODULE/MMI_Account/MMI_Account_Entry@Account"
OLD_BOOK = "PHONE_CONFIG_MODULE/Xml_PhoneBook/Xml_PhoneBook_Entry@XML-PBook2"
ACTION = {"cti/EnabledActionUrl": "1"}
# Setting: text, what it writes in the newer dialect (X5U), and in the older one (X4).
WRITTEN: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "timezone": (
        "Europe/Berlin",
        {
            "phone/date/TimeZone": "4",
            "phone/date/TimeZoneName": "UTC+1",
            "phone/date/EnableDST": "2",
            "phone/date/DSTType": "2",
            "phone/date/DSTMinOffset": "60",
            "phone/date/DSTStartMon": "3",
            "phone/date/DSTStartWeek": "5",
            "phone/date/DSTStartWday": "0",
            "phone/date/DSTStartHour": "2",
            "phone/date/DSTEndMon": "10",
            "phone/date/DSTEndWeek": "5",
            "phone/date/DSTEndWday": "0",
            "phone/date/DSTEndHour": "3",
        },
        {
            f"{OLD_DATE}/Time_Zone": "4",
            f"{OLD_DATE}/Time_Zone_Name": "UTC+1",
            f"{OLD_DATE}/Enable_DST": "2",
            f"{OLD_DATE}/DST_Min_Offset": "60",
            f"{OLD_DATE}/DST_Start_Mon": "3",
            f"{OLD_DATE}/DST_Start_Week": "5",
            f"{OLD_DATE}/DST_Start_Wday": "0",
            f"{OLD_DATE}/DST_Start_Hour": "2",
            f"{OLD_DATE}/DST_End_Mon": "10",
            f"{OLD_DATE}/DST_End_Week": "5",
            f"{OLD_DATE}/DST_End_Wday": "0",
            f"{OLD_DATE}/DST_End_Hour": "3",
        },
    ),
    "ntp_server": (
        "ntp.example.com",
        {"phone/date/EnableSNTP": "1", "phone/date/SNTPServer": "ntp.example.com"},
        {f"{OLD_DATE}/Enable_SNTP": "1", f"{OLD_DATE}/SNTP_Server": "ntp.example.com"},
    ),
    "ntp_server_backup": (
        "192.0.2.1",
        {"phone/date/SecondSNTPServer": "192.0.2.1"},
        {f"{OLD_DATE}/Second_SNTP_Server": "192.0.2.1"},
    ),
    "time_format": (
        "12",
        {"phone/timeDisplay/TimeDisplayStyle": "1"},
        {"PHONE_CONFIG_MODULE/Time_Display_Style": "1"},
    ),
    "date_format": (
        "dmy",
        {"phone/timeDisplay/DateDisplayStyle": "9"},
        {"PHONE_CONFIG_MODULE/Date_Display_Style": "5"},
    ),
    "language": ("es", {"phone/display/DefaultLanguage": "es"}, {f"{OLD_DATE}/Language": "10"}),
    "tone_country": ("gb", {"mm/SelectYourTone": "13"}, {"DSP_CONFIG_MODULE/Signal_Standard": "13"}),
    "codecs": (
        "opus g722 pcma pcmu g729 g726 ilbc speex",
        {
            "mm/capability/AudioCodecSets": "opus,G722,PCMA,PCMU,G729,G726-32,iLBC",
            "sip/line@1/VoiceCodecMap": "opus,G722,PCMA,PCMU,G729,G726-32,iLBC",
        },
        {f"{OLD_LINE}/VoiceCodecMap": "G722,G711A,G711U,G729,G726-32"},
    ),
    "srtp": ("mandatory", {"sip/line@1/MediaCrypto": "2"}, {f"{OLD_LINE}/Media_Crypto": "2"}),
    "dtmf": ("rfc2833", {"sip/line@1/DTMFMode": "1"}, {f"{OLD_LINE}/DTMF_Mode": "1"}),
    "dtmf_payload": ("101", {"mm/DtmfPayloadType": "101"}, {"DSP_CONFIG_MODULE/Dtmf_Payload_Type": "101"}),
    "mwi_subscribe": ("on", {"sip/line@1/Subscribe": "1"}, {f"{OLD_LINE}/Subscribe": "1"}),
    "stun_server": (
        "stun.example.com",
        {"sip/STUNServer": "stun.example.com", "sip/line@1/NATType": "1"},
        {"SIP_CONFIG_MODULE/STUN_Server": "stun.example.com", f"{OLD_LINE}/NAT_Type": "1"},
    ),
    "mac_in_register": ("on", {"sip/line@1/EnableRegisterMAC": "1"}, {}),
    "key.2": (
        "blf@2 1002 Front desk",
        {
            "dsskey/dssSide@1/Fkey@2/Type": "1",
            "dsskey/dssSide@1/Fkey@2/Value": "1002@2/ba",
            "dsskey/dssSide@1/Fkey@2/Title": "Front desk",
        },
        {
            "PHONE_CONFIG_MODULE/Function_Key/Function_Key_Entry@Fkey2/Type": "1",
            "PHONE_CONFIG_MODULE/Function_Key/Function_Key_Entry@Fkey2/Value": "1002@2/ba",
            "PHONE_CONFIG_MODULE/Function_Key/Function_Key_Entry@Fkey2/Title": "Front desk",
        },
    ),
    "softkey.1": (
        "dnd - Quiet",
        {"dsskey/dssSoft@1/Type": "3", "dsskey/dssSoft@1/Value": "F_DND", "dsskey/dssSoft@1/Title": "Quiet"},
        {
            "PHONE_CONFIG_MODULE/Soft_Dss_Key/Soft_Dss_Key_Entry@SoftFkey1/Type": "3",
            "PHONE_CONFIG_MODULE/Soft_Dss_Key/Soft_Dss_Key_Entry@SoftFkey1/Value": "F_DND",
            "PHONE_CONFIG_MODULE/Soft_Dss_Key/Soft_Dss_Key_Entry@SoftFkey1/Title": "Quiet",
        },
    ),
    "ip_by_dhcp": ("on", {"net/EnableDHCP": "1"}, {f"{OLD_DATE}/Enable_DHCP": "1"}),
    "vlan_id": (
        "20",
        {"qos/EnableVLAN": "1", "qos/VLANID": "20"},
        {f"{OLD_QOS}/Enable_VLAN": "1", f"{OLD_QOS}/VLAN_ID": "20"},
    ),
    "vlan_priority": (
        "5",
        {"qos/SignallingPriority": "5", "qos/VoicePriority": "5"},
        {f"{OLD_QOS}/Signalling_Priority": "5", f"{OLD_QOS}/Voice_Priority": "5"},
    ),
    "pc_vlan_id": (
        "30",
        {"qos/EnablePVID": "2", "qos/PVIDValue": "30"},
        {f"{OLD_QOS}/Enable_PVID": "2", f"{OLD_QOS}/PVID_Value": "30"},
    ),
    "lldp": ("off", {"qos/LLDPTransmit": "0"}, {f"{OLD_QOS}/LLDP_Transmit": "0"}),
    "cdp": ("on", {"qos/CDPEnable": "1"}, {f"{OLD_QOS}/CDP_Enabled": "1"}),
    "vlan_dhcp": ("on", {"qos/DHCPOptionVlan": "132"}, {f"{OLD_QOS}/DHCP_Option_Vlan": "132"}),
    "vlan_dhcp_option": ("140", {"qos/DHCPOptionVlan": "140"}, {f"{OLD_QOS}/DHCP_Option_Vlan": "140"}),
    "phonebook.2.url": (EVENT_URL, {"phone/xmlContact@2/Addr": EVENT_URL}, {f"{OLD_BOOK}/Addr": EVENT_URL}),
    "phonebook.2.name": ("Company", {"phone/xmlContact@2/Name": "Company"}, {f"{OLD_BOOK}/Name": "Company"}),
    "ldap.server": (
        "ldap.example.com",
        {"phone/ldap@1/Server": "ldap.example.com"},
        {f"{OLD_LDAP}/Server": "ldap.example.com"},
    ),
    "ldap.port": ("636", {"phone/ldap@1/port": "636"}, {f"{OLD_LDAP}/port": "636"}),
    "ldap.tls": ("starttls", {"phone/ldap@1/UseSSL": "2"}, {}),
    "ldap.base": ("dc=example", {"phone/ldap@1/Base": "dc=example"}, {f"{OLD_LDAP}/Base": "dc=example"}),
    "ldap.user": (
        "cn=phone",
        {"phone/ldap@1/Authenticate": "3", "phone/ldap@1/Username": "cn=phone"},
        {f"{OLD_LDAP}/Authenticate": "3", f"{OLD_LDAP}/Username": "cn=phone"},
    ),
    "ldap.name_filter": ("(cn=%)", {"phone/ldap@1/NameFilter": "(cn=%)"}, {f"{OLD_LDAP}/Filter_Name": "(cn=%)"}),
    "ldap.number_filter": ("(t=%)", {"phone/ldap@1/NumberFilter": "(t=%)"}, {f"{OLD_LDAP}/Filter_number": "(t=%)"}),
    "ldap.name_attributes": ("cn sn", {"phone/ldap@1/NameAttr": "cn sn"}, {}),
    "ldap.number_attributes": (
        "tel mobile",
        {"phone/ldap@1/TelAttr": "tel", "phone/ldap@1/MobileAttr": "mobile", "phone/ldap@1/OtherAttr": ""},
        {f"{OLD_LDAP}/Tel_Attr": "tel", f"{OLD_LDAP}/Mobile_Attr": "mobile", f"{OLD_LDAP}/Other_Attr": ""},
    ),
    "ldap.display_name": ("cn", {"phone/ldap@1/Displayname": "cn"}, {f"{OLD_LDAP}/Displayname": "cn"}),
    "action.boot": (
        EVENT_URL,
        {"cti/BootCompletedUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Boot_Completed_Url": EVENT_URL},
    ),
    "action.registered": (EVENT_URL, {"cti/RegOnUrl": EVENT_URL, **ACTION}, {f"{OLD_DATE}/Reg_On_Url": EVENT_URL}),
    "action.unregistered": (EVENT_URL, {"cti/RegOffUrl": EVENT_URL, **ACTION}, {f"{OLD_DATE}/Reg_Off_Url": EVENT_URL}),
    "action.register_failed": (
        EVENT_URL,
        {"cti/RegFailedUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Reg_Failed_Url": EVENT_URL},
    ),
    "action.off_hook": (EVENT_URL, {}, {f"{OLD_DATE}/Offhook_Url": EVENT_URL}),
    "action.on_hook": (EVENT_URL, {}, {f"{OLD_DATE}/Onhook_Uri": EVENT_URL}),
    "action.incoming": (
        EVENT_URL,
        {"cti/IncomingCallUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Incmoing_Call_Url": EVENT_URL},
    ),
    "action.outgoing": (
        EVENT_URL,
        {"cti/OutgoingCallUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Outgoing_Call_Url": EVENT_URL},
    ),
    "action.established": (
        EVENT_URL,
        {"cti/CallActiveUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Call_Active_Url": EVENT_URL},
    ),
    "action.terminated": (
        EVENT_URL,
        {"cti/CallStopUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Call_Stop_Url": EVENT_URL},
    ),
    "action.missed": (
        EVENT_URL,
        {"cti/NewMissedcallUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Missed_call_Url": EVENT_URL},
    ),
    "action.dnd_on": (EVENT_URL, {"cti/DNDOnUrl": EVENT_URL, **ACTION}, {f"{OLD_DATE}/DND_On_Url": EVENT_URL}),
    "action.dnd_off": (EVENT_URL, {"cti/DNDOffUrl": EVENT_URL, **ACTION}, {f"{OLD_DATE}/DND_Off_Url": EVENT_URL}),
    "action.forward_on": (
        EVENT_URL,
        {"cti/AlwaysFWDOnUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Always_FWD_On_Url": EVENT_URL},
    ),
    "action.forward_off": (
        EVENT_URL,
        {"cti/AlwaysFWDOffUrl": EVENT_URL, **ACTION},
        {f"{OLD_DATE}/Always_FWD_Off_Url": EVENT_URL},
    ),
    "action_allowed_from": (
        "192.0.2.9",
        {"cti/EnabledActiveUri": "1", "cti/ActiveUriIP": "192.0.2.9"},
        {f"{OLD_DATE}/Active_Uri_IP": "192.0.2.9"},
    ),
    "notify_reboots": ("on", {"sip/NotifyReboot": "1"}, {"SIP_CONFIG_MODULE/Notify_Reboot": "1"}),
    "resync_at_boot": ("off", {"ap/FlashMode": "0"}, {f"{OLD_AP}/Download_Mode": "0"}),
    "resync_minutes": (
        "90",
        {"ap/FlashMode": "2", "ap/FlashInterval": "2"},
        {f"{OLD_AP}/Download_Mode": "2", f"{OLD_AP}/Download_Interval": "2"},
    ),
    "discovery_pnp": ("off", {"ap/pnp/PNPEnable": "0"}, {f"{OLD_AP}/PNP_Enable": "0"}),
    "discovery_dhcp": ("off", {"ap/opt/DHCPOption": "0"}, {f"{OLD_AP}/DHCP_Option": "0"}),
    "discovery_dhcp_options": ("160 66", {"ap/opt/DHCPOption": "160"}, {f"{OLD_AP}/DHCP_Option": "160"}),
    "discovery_redirect": ("off", {}, {f"{OLD_AP}/FDPS_Enable": "0"}),
    "firmware_url": (
        "https://fw.example.com/fanvil/x4-2.14.0.z",
        {"fwCheck/EnableAutoUpgrade": "1", "fwCheck/UpgradeServer1": "https://fw.example.com/fanvil"},
        {f"{OLD_AP}/Auto_Image_URL": "https://fw.example.com/fanvil/x4-2.14.0.z"},
    ),
    "tls_verify": (
        "on",
        {"dot1x/sslMode/PermissionCTF": "1", "dot1x/sslMode/CommonName": "1"},
        {f"{OLD_AP}/Trust_Certification": "1"},
    ),
    "tls_client_certificate": ("custom", {"dot1x/sslMode/DeviceCertMode": "1"}, {}),
    "provisioning_user": ("phone", {"ap/DefaultUsername": "phone"}, {f"{OLD_AP}/Download_Username": "phone"}),
    "admin_user": ("boss", {"web/account@1/Name": "boss"}, {f"{OLD_WEB}1/Name": "boss"}),
    "user_user": ("desk", {"web/account@2/Name": "desk"}, {f"{OLD_WEB}2/Name": "desk"}),
}
SECRETS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "admin_password": (
        {"web/account@1/Name": "admin", "web/account@1/Password": "s3<cret", "web/account@1/Level": "10"},
        {f"{OLD_WEB}1/Name": "admin", f"{OLD_WEB}1/Password": "s3<cret", f"{OLD_WEB}1/Level": "10"},
    ),
    "user_password": (
        {"web/account@2/Name": "guest", "web/account@2/Password": "s3<cret", "web/account@2/Level": "5"},
        {f"{OLD_WEB}2/Name": "guest", f"{OLD_WEB}2/Password": "s3<cret", f"{OLD_WEB}2/Level": "5"},
    ),
    "provisioning_password": ({"ap/DefaultPassword": "s3<cret"}, {f"{OLD_AP}/Download_Password": "s3<cret"}),
    "ldap.password": ({"phone/ldap@1/Password": "s3<cret"}, {f"{OLD_LDAP}/Password": "s3<cret"}),
}
ELSEWHERE = {"blf_pickup_code"}  # shows in the keys only


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_in_both_dialects_and_nothing_else(name: str) -> None:
    text, modern, legacy = WRITTEN[name]

    assert written({name: text}, model=MODERN) == modern
    assert written({name: text}, model=LEGACY) == legacy


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameters_and_nothing_else(name: str) -> None:
    field = f"setting.{name}"
    for model, expected in zip((MODERN, LEGACY), SECRETS[name], strict=True):
        with_it = told(view_of(held=[field], model=model), {field: "s3<cret"})

        assert dict(with_it.items() - told(view_of(model=model)).items()) == expected


def test_the_tables_here_name_every_setting_that_is_supported() -> None:
    named = {".".join("N" if part.isdecimal() else part for part in name.split(".")) for name in WRITTEN}

    assert {spec.name for spec in SPECS if VENDOR.supports(spec.name)} == named | set(SECRETS) | ELSEWHERE


@pytest.mark.parametrize(
    ("model", "settings", "expected"),
    [
        (MODERN, {"srtp": "off"}, {"sip/line@1/MediaCrypto": "0"}),
        (MODERN, {"srtp": "optional"}, {"sip/line@1/MediaCrypto": "1"}),
        (MODERN, {"srtp": "dtls"}, {}),
        (MODERN, {"dtmf": "inband"}, {"sip/line@1/DTMFMode": "0"}),
        (MODERN, {"dtmf": "info"}, {"sip/line@1/DTMFMode": "2"}),
        (MODERN, {"dtmf": "rfc2833_info"}, {}),
        (MODERN, {"codecs": "speex"}, {}),
        (LEGACY, {"codecs": "opus"}, {}),
        (MODERN, {"tone_country": "pl"}, {}),
        (MODERN, {"language": "cs"}, {"phone/display/DefaultLanguage": "cz"}),
        (MODERN, {"language": "fi"}, {}),
        ("V65", {"language": "es"}, {"phone/display/DefaultLanguage": "6"}),
        ("i10SV", {"language": "fr"}, {"phone/display/DefaultLanguage": "5"}),
        ("V65", {"language": "cs"}, {}),
        ("W610W", {"date_format": "ymd"}, {"phone/timeDisplay/DateDisplayStyle": "9"}),
        ("V65", {"date_format": "ymd"}, {"phone/timeDisplay/DateDisplayStyle": "13"}),
        (MODERN, {"time_format": "24"}, {"phone/timeDisplay/TimeDisplayStyle": "0"}),
        (MODERN, {"vlan_dhcp": "off", "vlan_dhcp_option": "140"}, {"qos/DHCPOptionVlan": "0"}),
        (MODERN, {"vlan_dhcp": "on", "vlan_dhcp_option": "140"}, {"qos/DHCPOptionVlan": "140"}),
        (MODERN, {"discovery_dhcp": "on"}, {"ap/opt/DHCPOption": "66"}),
        (MODERN, {"discovery_dhcp": "off", "discovery_dhcp_options": "43"}, {"ap/opt/DHCPOption": "0"}),
        (MODERN, {"resync_at_boot": "on"}, {}),  # what is said anyway
        (MODERN, {"resync_minutes": "5"}, {"ap/FlashMode": "2", "ap/FlashInterval": "1"}),
        (
            MODERN,
            {"resync_minutes": "120", "resync_at_boot": "off"},
            {"ap/FlashMode": "2", "ap/FlashInterval": "2"},
        ),
        (MODERN, {"notify_reboots": "off"}, {}),
        (MODERN, {"ip_by_dhcp": "off"}, {}),
        (MODERN, {"ldap.number_attributes": "a b c d"}, {
            "phone/ldap@1/TelAttr": "a", "phone/ldap@1/MobileAttr": "b", "phone/ldap@1/OtherAttr": "c",
        }),
        (
            MODERN,
            {"firmware_url": "http://fw.example.com"},
            {"fwCheck/EnableAutoUpgrade": "1", "fwCheck/UpgradeServer1": "http://fw.example.com"},
        ),
        (LEGACY, {"firmware_url": "http://fw.example.com/"}, {}),
        (MODERN, {"raw.sip/RegFailInterval": "30"}, {"sip/RegFailInterval": "30"}),
        (MODERN, {"raw.sip/line@1/EnableReg": "0"}, {"sip/line@1/EnableReg": "0"}),
        (MODERN, {"raw.GLOBAL_CONFIG_MODULE/Language": "3"}, {}),
        (LEGACY, {"raw.GLOBAL_CONFIG_MODULE/Language": "3"}, {"GLOBAL_CONFIG_MODULE/Language": "3"}),
        (LEGACY, {"raw.sip/RegFailInterval": "30"}, {}),
        (MODERN, {"raw.sip/NotifyReboot/Deeper": "1"}, {}),
        (MODERN, {"raw.sip/line@1": "1"}, {}),
        ("C58", {"timezone": "Europe/Berlin"}, {}),
    ],
)  # fmt: skip
def test_a_word_is_translated_or_nothing_is_written(
    model: str, settings: dict[str, str], expected: dict[str, str]
) -> None:
    assert written(settings, model=model) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"display_name": "Anna"}, {"DisplayName": "Anna", "PhoneNumber": "1003", "SipName": "1003"}),
        ({}, {"DisplayName": "1003", "RegisterUser": "1003", "EnableReg": "1", "RegisterTTL": "3600"}),
        ({"auth_name": "a1"}, {"RegisterUser": "a1"}),
        ({"expires_s": 300}, {"RegisterTTL": "300"}),
        ({"voicemail": "*97"}, {"MWINum": "*97"}),
        ({}, {"MWINum": "", "ProxyAddr": "", "BackupAddr": ""}),
        (
            {"registrar": Endpoint.parse("h:5070;transport=tcp")},
            {"RegisterAddr": "h", "RegisterPort": "5070", "Transport": "1"},
        ),
        ({"registrar": Endpoint.parse("h;transport=tls")}, {"RegisterPort": "5061", "Transport": "3", "DNSSRV": "0"}),
        ({"registrar": Endpoint.parse("h;transport=dns")}, {"Transport": "0", "DNSSRV": "1", "DNSMode": "1"}),
        ({"registrar": Endpoint.parse("[2001:db8::5]")}, {"RegisterAddr": "[2001:db8::5]"}),
        (
            {"backup_registrar": Endpoint.parse("b;transport=tls"), "expires_s": 600},
            {
                "BackupAddr": "b",
                "BackupPort": "5061",
                "BackupTransport": "3",
                "BackupTTL": "600",
                "EnableFailback": "1",
            },
        ),
        (
            {"outbound_proxy": Endpoint.parse("p:5071"), "auth_name": "a1"},
            {"ProxyAddr": "p", "ProxyPort": "5071", "ProxyUser": "a1", "ProxyPswd": "SECRET", "RegisterPswd": "SECRET"},
        ),
    ],
)
def test_a_line_becomes_the_account_of_its_number(fields: dict[str, Any], expected: dict[str, str]) -> None:
    view = view_of({}, line(3, **fields), held=["line.3.password"])

    found = told(view, {"line.3.password": "SECRET"})

    assert {name: found.get(f"sip/line@3/{name}") for name in expected} == expected


def test_the_proxys_password_goes_with_the_registrars() -> None:
    proxied = line(1, outbound_proxy=Endpoint(host="p"))

    found = told(view_of({}, proxied))

    assert found["sip/line@1/ProxyUser"] == "1001"
    assert not {name for name in found if "Pswd" in name and "Encryption" not in name}
    assert found["sip/line@1/EnableReg"] == "1"


@pytest.mark.parametrize(
    ("model", "name"), [(MODERN, "sip/line@{}/EnableReg"), ("X3", f"{OLD_LINE[:-1]}{{}}/Enable_Reg")]
)
def test_accounts_without_a_line_are_switched_off_where_their_number_is_known(model: str, name: str) -> None:
    found = told(view_of({}, line(2), model=model))

    assert (found[name.format(1)], found[name.format(2)]) == ("0", "1")
    assert {text for path, text in told(view_of({}, line(2), model="X7A")).items() if path.endswith("EnableReg")} == {
        "1"
    }


@pytest.mark.parametrize("model", [MODERN, LEGACY, "i10SV", None])
def test_every_file_leads_the_device_back_to_its_own_url_in_three_parts(model: str | None) -> None:
    found = told(view_of(model=model))

    parts = {
        False: ("ap/FlashServerIP", "ap/FlashFileName", "ap/FlashProtocol"),
        True: (f"{OLD_AP}/Download_Server_IP", f"{OLD_AP}/Config_File_Name", f"{OLD_AP}/Download_Protocol"),
    }[is_legacy(model)]
    assert [found[part] for part in parts] == ["prov.example.net", "QUJDREVGR0hJSktMTU5PUFFS/$mac.cfg", "5"]


@pytest.mark.parametrize("model", [MODERN, LEGACY])
def test_passwords_are_said_to_be_in_clear_and_the_file_to_count_whenever_it_differs(model: str) -> None:
    found = told(view_of(model=model))

    switches = {path: text for path, text in found.items() if path.endswith(("Encryption", "AutoServerDigest"))}
    assert len(switches) == (4 if model == MODERN else 3)
    assert {text for path, text in switches.items() if path.endswith("Encryption")} == {"0"}
    assert switches.get("mt/AutoServerDigest", "1") == "1"


@pytest.mark.parametrize(
    ("model", "name", "problem"),
    [
        (MODERN, "ap/FlashServerIP", "address of this server"),
        (LEGACY, "AUTOUPDATE_CONFIG_MODULE/Config_File_Name", "address of this server"),
        (MODERN, "sip/line@1/RegisterPswd", "kept in clear"),
        (MODERN, "ap/DeviceCfgFileKey", "kept in clear"),
        (LEGACY, "AUTOUPDATE_CONFIG_MODULE/Config_File_Key", "kept in clear"),
        (MODERN, "GLOBAL_CONFIG_MODULE/Language", "other dialect"),
        (LEGACY, "phone/display/DefaultLanguage", "other dialect"),
        (MODERN, "Version", "no path"),
        (MODERN, "sip//x", "no path"),
        (MODERN, "line@1/x", "no path"),
    ],
)
def test_a_raw_name_that_means_nothing_or_harm_is_refused_and_left_out(model: str, name: str, problem: str) -> None:
    view = view_of({f"raw.{name}": "x"}, model=model)
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=problem) as refused:
        VENDOR.check(view)

    assert refused.value.field == f"raw.{name}"
    assert told(view) == told(view_of(model=model))


def test_a_raw_name_that_is_right_is_taken() -> None:
    view = view_of({"raw.sip/line@1/MWINum": "*98"}, held=["setting.raw.phone/MenuPassword"])
    assert VENDOR.check is not None

    VENDOR.check(view)

    assert told(view)["sip/line@1/MWINum"] == "*98"
    assert "phone/MenuPassword" in told(view)


@pytest.mark.parametrize(
    ("model", "legacy"),
    [("X4", True), ("fanvil x4g", True), ("C58", True), ("X5U-V2", False), ("Linkvil W611W", False), (None, False)],
)
def test_a_model_reads_one_dialect(model: str | None, legacy: bool) -> None:  # noqa: FBT001 - a pytest parameter
    assert is_legacy(model) is legacy


def test_both_dialects_have_models() -> None:
    assert {is_legacy(model.name) for model in MODELS} == {True, False}
