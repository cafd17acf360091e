"""Every setting arrives under the names that the maker's guides and two other servers have, in every family's words."""

from __future__ import annotations

import pytest

from provserver.domain.catalogue import find_spec
from provserver.domain.line import Endpoint, Line
from provserver.domain.parameters import DEVICE, LINE
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.cisco import VENDOR
from provserver.vendors.cisco.places import CNF, FLAT, SEP
from tests.vendors.cisco.phone import MAC, URL, by_path, cnf, device, line, profile, view_of, write

LINE_ROWS: list[tuple[str, object, dict[str, str]]] = [
    ("user_name", "2001", {"User_ID_1_": "2001", "Auth_ID_1_": "2001", "Line_Enable_1_": "Yes", "Register_1_": "Yes"}),
    ("label", "Desk", {"Short_Name_1_": "Desk", "Extension_1_": "1", "Station_Display_Name": "Desk"}),
    ("display_name", "Ada", {"Display_Name_1_": "Ada"}),
    ("auth_name", "auth", {"Auth_ID_1_": "auth"}),
    ("expires_s", 900, {"Register_Expires_1_": "900"}),
    ("voicemail", "*97", {"Voice_Mail_Number": "*97"}),
    (
        "registrar",
        Endpoint.parse("sip.example.org:5061;transport=tls"),
        {"Proxy_1_": "sip.example.org:5061", "SIP_Transport_1_": "TLS", "Use_DNS_SRV_1_": "No"},
    ),
    (
        "registrar",
        Endpoint.parse("sip.example.org;transport=tcp"),
        {"Proxy_1_": "sip.example.org", "SIP_Transport_1_": "TCP"},
    ),
    ("registrar", Endpoint.parse("[2001:db8::1]:5062"), {"Proxy_1_": "[2001:db8::1]:5062", "SIP_Transport_1_": "UDP"}),
    (
        "registrar",
        Endpoint.parse("example.org;transport=dns"),
        {
            "Proxy_1_": "example.org",
            "SIP_Transport_1_": "AUTO",
            "Use_DNS_SRV_1_": "Yes",
            "DNS_SRV_Auto_Prefix_1_": "Yes",
        },
    ),
    (
        "backup_registrar",
        Endpoint.parse("b.example.org:5070"),
        {
            "Proxy_1_": "pbx.example.com:SRV=pbx.example.com:5060:p=0|b.example.org:5070:p=1",
            "Use_DNS_SRV_1_": "Yes",
            "DNS_SRV_Auto_Prefix_1_": "No",
        },
    ),
    ("outbound_proxy", Endpoint.parse("p.example.org:5080"), {"Outbound_Proxy_1_": "p.example.org:5080"}),
]


@pytest.mark.parametrize(("field", "value", "expected"), LINE_ROWS)
def test_every_field_of_a_line_is_written(field: str, value: object, expected: dict[str, str]) -> None:
    told = profile(view_of({}, line(**{field: value})))

    assert expected.items() <= told.items()
    assert field == "user_name" or not expected.items() <= profile(view_of({}, line())).items()


SYSTEM_ROWS: list[tuple[str, str, dict[str, str]]] = [
    ("ntp_server", "t.example.com", {"Primary_NTP_Server": "t.example.com"}),
    ("ntp_server_backup", "u.example.com", {"Secondary_NTP_Server": "u.example.com"}),
    ("timezone", "Asia/Tokyo", {"Time_Zone": "GMT+09:00", "Daylight_Saving_Time_Enable": "No"}),
    ("time_format", "12", {"Time_Format": "12hr"}),
    ("time_format", "24", {"Time_Format": "24hr"}),
    ("date_format", "dmy", {"Date_Format": "day/month"}),
    ("date_format", "mdy", {"Date_Format": "month/day"}),
    ("language", "de", {"Language_Selection": "German", "Locale": "de-DE"}),
    (
        "codecs",
        "opus pcma g722 pcmu",
        {
            "Preferred_Codec_1_": "OPUS",
            "Second_Preferred_Codec_1_": "G711a",
            "Third_Preferred_Codec_1_": "G722",
            "OPUS_Enable_1_": "Yes",
            "G722_Enable_1_": "Yes",
            "G729a_Enable_1_": "No",
            "iLBC_Enable_1_": "No",
        },
    ),
    (
        "codecs",
        "speex g726 g729",
        {
            "Preferred_Codec_1_": "G729a",
            "Second_Preferred_Codec_1_": "Unspecified",
            "Third_Preferred_Codec_1_": "Unspecified",
            "G729a_Enable_1_": "Yes",
            "OPUS_Enable_1_": "No",
        },
    ),
    ("dtmf", "rfc2833", {"DTMF_Tx_Method_1_": "AVT"}),
    ("dtmf", "inband", {"DTMF_Tx_Method_1_": "InBand"}),
    ("dtmf", "info", {"DTMF_Tx_Method_1_": "INFO"}),
    ("dtmf_payload", "97", {"AVT_Dynamic_Payload": "97"}),
    ("srtp", "off", {"Secure_Call_Serv": "No"}),
    (
        "srtp",
        "optional",
        {"Secure_Call_Serv": "Yes", "Encryption_Method_1_": "AES 128", "Secure_Call_Option_1_": "Optional"},
    ),
    ("srtp", "mandatory", {"Secure_Call_Serv": "Yes", "Secure_Call_Option_1_": "Required"}),
    ("mwi_subscribe", "on", {"Mailbox_ID_1_": "1001", "Voice_Mail_Server_1_": "pbx.example.com"}),
    ("mwi_subscribe", "off", {"Mailbox_ID_1_": "", "Voice_Mail_Server_1_": ""}),
    (
        "stun_server",
        "s.example.com",
        {"STUN_Enable": "Yes", "STUN_Server": "s.example.com", "NAT_Mapping_Enable_1_": "Yes"},
    ),
    ("line_shared.1", "on", {"Share_Ext_1_": "shared"}),
    ("line_shared.1", "off", {"Share_Ext_1_": "private"}),
    ("blf_pickup_code", "*8", {"Call_Pickup_Code": "*8", "Attendant_Console_Call_Pickup_Code": "*8"}),
    ("web_https_only", "on", {"Enable_Protocol": "Https"}),
    ("vlan_id", "20", {"Enable_VLAN": "Yes", "VLAN_ID": "20"}),
    ("pc_vlan_id", "30", {"Enable_PC_Port_VLAN_Tagging": "Yes", "PC_Port_VLAN_ID": "30"}),
    ("cdp", "off", {"Enable_CDP": "No"}),
    ("lldp", "on", {"Enable_LLDP-MED": "Yes"}),
    (
        "phonebook.1.url",
        "http://d.example.com/x?a=1&b=2",
        {"XML_Directory_Service_URL": "http://d.example.com/x?a=1&b=2"},
    ),
    ("phonebook.1.name", "Company", {"XML_Directory_Service_Name": "Company"}),
    ("ldap.server", "l.example.com", {"LDAP_Dir_Enable": "Yes", "LDAP_Server": "l.example.com"}),
    ("ldap.base", "dc=x", {"LDAP_Search_Base": "dc=x"}),
    ("ldap.user", "cn=x", {"LDAP_Client_DN": "cn=x", "LDAP_Auth_Method": "Simple"}),
    ("resync_at_boot", "off", {"Resync_On_Reset": "No"}),
    ("resync_minutes", "1440", {"Resync_Periodic": "86400"}),
    ("resync_from", "02:30", {"Resync_At__HHmm_": "0230"}),
    (
        "firmware_url",
        "https://fw.example.com/$PSN.loads",
        {"Upgrade_Enable": "Yes", "Upgrade_Rule": "https://fw.example.com/$PSN.loads"},
    ),
    ("trusted_ca_url", "https://ca.example.com/ca.pem", {"Custom_CA_Rule": "https://ca.example.com/ca.pem"}),
    ("discovery_dhcp_options", "160 66", {"DHCP_Option_To_Use": "160,66"}),
    ("provisioning_user", "phone", {"GPP_O": "phone", "Profile_Rule": f"[--uid $O --pwd $SD] {URL}{MAC}.xml"}),
    (
        "key.2",
        "blf 1002 Front desk",
        {
            "Extension_2_": "Disabled",
            "Short_Name_2_": "Front desk",
            "Extended_Function_2_": "fnc=sd+blf+cp;sub=1002@$PROXY;ext=1002@$PROXY;nme=Front desk",
        },
    ),
    (
        "key.3",
        "speed_dial +49301234@b.example.org",
        {"Extended_Function_3_": "fnc=sd;ext=+49301234@b.example.org;nme=+49301234@b.example.org"},
    ),
    ("key.4", "voicemail *97 Mailbox", {"Extended_Function_4_": "fnc=sd;ext=*97@$PROXY;nme=Mailbox"}),
    ("key.5", "line", {"Extension_5_": "1", "Short_Name_5_": "1001", "Extended_Function_5_": ""}),
    ("key.1", "none", {"Extension_1_": "Disabled", "Short_Name_1_": "", "Extended_Function_1_": ""}),
    ("module.1.key.4", "blf 1002 Desk", {"Unit_1_Key_4_": "fnc=sd+blf+cp;sub=1002@$PROXY;ext=1002@$PROXY;nme=Desk"}),
    ("module.1.key.4", "none", {"Unit_1_Key_4_": ""}),
    ("raw.Dial_Plan_1_", "(xx.)", {"Dial_Plan_1_": "(xx.)"}),
    ("raw.Enable_802.1X_Authentication", "Yes", {"Enable_802.1X_Authentication": "Yes"}),
    ("raw.Profile_Rule_B", "https://b.example.com/x", {"Profile_Rule_B": "https://b.example.com/x"}),
]


@pytest.mark.parametrize(("setting", "value", "expected"), SYSTEM_ROWS)
def test_every_setting_is_written_in_the_makers_words(setting: str, value: str, expected: dict[str, str]) -> None:
    told = profile(view_of({setting: value}))

    assert expected.items() <= told.items()
    assert not expected.items() <= profile(view_of()).items()


SECRET_ROWS = [
    ("8841", "line.1.password", {"Password_1_"}),
    ("8841", "setting.admin_password", {"Admin_Password"}),
    ("8841", "setting.user_password", {"User_Password"}),
    ("8841", "setting.provisioning_password", {"GPP_SD"}),
    ("8841", "setting.ldap.password", {"LDAP_Password"}),
    ("8841", "setting.config_key", {"GPP_SA"}),
    ("SPA508G", "setting.config_key", {"GPP_SA"}),
    ("8841", "setting.raw.My_Password", {"My_Password"}),
    ("SPA508G", "setting.admin_password", {"Admin_Passwd"}),
    ("SPA508G", "setting.provisioning_password", {"GPP_P"}),
    ("SPA122", "setting.admin_password", {"Admin_Passwd", "router-configuration/Web_Login_Admin_Password"}),
    ("SPA122", "setting.user_password", {"User_Password", "router-configuration/Web_Login_Guest_Password"}),
    ("ATA192", "setting.admin_password", {"Web_Login_Admin_Password"}),
    ("ATA192", "setting.user_password", {"Web_Login_Guest_Password"}),
    (None, "setting.admin_password", {"Admin_Passwd", "Admin_Password"}),
    (None, "setting.user_password", {"User_Password"}),
]


@pytest.mark.parametrize(("model", "field", "names"), SECRET_ROWS)
def test_every_secret_stands_where_its_family_looks_for_it_and_nowhere_without_it(
    model: str | None, field: str, names: set[str]
) -> None:
    told, without = profile(view_of(held=(field,), model=model), {field: "s3cr<t"}), profile(view_of(model=model))

    assert {name for name, value in told.items() if value == "s3cr<t"} == names
    assert told.keys() - without.keys() == names


@pytest.mark.parametrize(
    ("model", "there", "absent"),
    [
        ("SPA508G", {"Station_Name", "Use_Auth_ID_1_", "Use_Outbound_Proxy_1_", "Unit_1_Key_4"},
         {"Station_Display_Name", "Unit_1_Key_4_", "Secure_Call_Option_1_", "Encryption_Method_1_"}),
        ("8841", {"Station_Display_Name", "Unit_1_Key_4_", "Secure_Call_Option_1_"},
         {"Station_Name", "Use_Auth_ID_1_", "Use_Outbound_Proxy_1_", "Unit_1_Key_4", "SRTP_Method"}),
        (None, {"Station_Name", "Station_Display_Name", "Use_Auth_ID_1_", "Unit_1_Key_4", "Unit_1_Key_4_",
         "SRTP_Method", "Secure_Call_Option_1_"}, set()),
        ("SPA122", {"Secure_Call_Serv_1_", "Secure_Call_Setting_1_", "SRTP_Method"}, {"Secure_Call_Option_1_"}),
    ],
)  # fmt: skip
def test_families_get_their_own_names_and_an_unknown_model_gets_all(
    model: str | None, there: set[str], absent: set[str]
) -> None:
    told = profile(view_of({"module.1.key.4": "blf 1002 Desk", "srtp": "optional"}, model=model))

    assert there <= told.keys()
    assert not absent & told.keys()


def test_an_adapter_has_a_router_with_settings_of_its_own() -> None:
    told = profile(view_of({"vlan_id": "20", "ntp_server": "t.example.com", "admin_user": "root"}, model="SPA122"))

    assert {name: value for name, value in told.items() if "/" in name} == {
        "router-configuration/WAN_VLAN_Setting/WAN_VLAN_Enable": "1",
        "router-configuration/WAN_VLAN_Setting/WAN_VLAN_ID": "20",
        "router-configuration/Time_Setup/Time_Server": "t.example.com",
        "router-configuration/Web_Login_Admin_Name": "root",
    }
    assert "VLAN_ID" not in told
    assert profile(view_of({"admin_user": "root", "user_user": "guest"}, model="ATA191")).items() >= {
        ("Web_Login_Admin_Name", "root"), ("Web_Login_Guest_Name", "guest")
    }  # fmt: skip
    assert profile(view_of({"admin_user": "root"})) == profile(view_of())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("dtmf", "rfc2833_info"),
        ("srtp", "zrtp"),
        ("language", "pl"),
        ("date_format", "ymd"),
        ("codecs", "speex"),
        ("key.2", "dnd"),
        ("key.2", "park 701"),
        ("key.2", "blf 10;02"),
        ("module.1.key.2", "line"),
        ("phonebook.2.url", "http://d.example.com/"),
        ("line_shared.2", "on"),
        ("keep_user_changes", "off"),
        ("ldap.port", "389"),
        ("resync_until", "03:00"),
    ],
)
def test_a_wish_without_a_word_writes_nothing(setting: str, value: str) -> None:
    assert profile(view_of({setting: value})) == profile(view_of())


def test_the_phone_is_pointed_at_its_own_address_and_at_no_other() -> None:
    told = profile(view_of())

    assert told["Profile_Rule"] == f"{URL}{MAC}.xml"
    assert [told[f"Profile_Rule_{letter}"] for letter in "BCD"] == ["", "", ""]
    assert told["Resync_From_SIP"] == told["Provision_Enable"] == "Yes"


def test_a_daily_hour_has_the_length_of_its_window() -> None:
    told = profile(view_of({"resync_from": "23:30", "resync_until": "01:00"}))

    assert (told["Resync_At__HHmm_"], told["Resync_At_Random_Delay"]) == ("2330", "5400")


def test_an_ldap_port_stands_with_its_server() -> None:
    told = profile(view_of({"ldap.server": "l.example.com", "ldap.port": "636"}))

    assert told["LDAP_Server"] == "l.example.com:636"


def test_lines_that_are_not_there_are_switched_off_and_keep_their_passwords() -> None:
    told = profile(view_of({}, line(1), line(3), model="7841"))

    assert {name: value for name, value in told.items() if name.startswith("Line_Enable_")} == {
        "Line_Enable_1_": "Yes", "Line_Enable_2_": "No", "Line_Enable_3_": "Yes", "Line_Enable_4_": "No"
    }  # fmt: skip
    assert not any(name.startswith("Password_") for name in told)
    kept = profile(view_of({"keep_user_changes": "on"}, line(1), model="7841"))
    assert [name for name in kept if name.startswith("Line_Enable_")] == ["Line_Enable_1_"]


def test_the_message_key_dials_the_first_mailbox_there_is() -> None:
    told = profile(view_of({}, line(1), line(2, voicemail="*98"), line(3, voicemail="*99")))

    assert told["Voice_Mail_Number"] == "*98"


def test_a_key_takes_a_line_s_place() -> None:
    told = profile(view_of({"key.1": "blf 1002 Desk", "key.2": "line"}, line(1)))

    assert (told["Extension_1_"], told["Extension_2_"]) == ("Disabled", "1")


ENTERPRISE_ROWS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"timezone": "Europe/Berlin"}, {"devicePool/dateTimeSetting/timeZone": "W. Europe Standard/Daylight Time"}),
    ({"date_format": "dmy"}, {"devicePool/dateTimeSetting/dateTemplate": "D/M/Y"}),
    (
        {"ntp_server": "t.example.com"},
        {
            "devicePool/dateTimeSetting/ntps/ntp/name": "t.example.com",
            "devicePool/dateTimeSetting/ntps/ntp/ntpMode": "Unicast",
        },
    ),
    ({"codecs": "opus pcma"}, {"sipProfile/preferredCodec": "g711alaw"}),
    ({"dtmf": "rfc2833"}, {"sipProfile/dtmfOutofBand": "avt"}),
    ({"dtmf_payload": "97"}, {"sipProfile/dtmfAvtPayload": "97"}),
    ({"srtp": "off"}, {"deviceSecurityMode": "1"}),
    (
        {"language": "de"},
        {"userLocale/name": "german_germany", "userLocale/langCode": "de", "networkLocale": "germany"},
    ),
    (
        {"firmware_url": "https://fw.example.com/SIP42.9-4-2SR3-1S.loads"},
        {"loadInformation": "SIP42.9-4-2SR3-1S", "vendorConfig/loadServer": "fw.example.com"},
    ),
    ({"phonebook.1.url": "http://d.example.com/"}, {"directoryURL": "http://d.example.com/"}),
    (
        {"key.2": "blf 1002 Desk"},
        {
            "sipProfile/sipLines/line#2/featureID": "21",
            "sipProfile/sipLines/line#2/featureLabel": "Desk",
            "sipProfile/sipLines/line#2/speedDialNumber": "1002",
            "sipProfile/sipLines/line#2/featureOptionMask": "1",
        },
    ),
    (
        {"key.3": "speed_dial 0800"},
        {"sipProfile/sipLines/line#3/featureID": "2", "sipProfile/sipLines/line#3/featureLabel": "0800"},
    ),
    ({"raw.sep/vendorConfig/webAccess": "0"}, {"vendorConfig/webAccess": "0"}),
    ({"raw.sep/certHash": "x"}, {"certHash": "x"}),
]


@pytest.mark.parametrize(("settings", "expected"), ENTERPRISE_ROWS)
def test_phones_of_the_enterprise_kind_are_told_in_their_own_words(
    settings: dict[str, str], expected: dict[str, str]
) -> None:
    told, plain = device(view_of(settings, model="7941G")), device(view_of(model="7941G"))

    assert expected.items() <= told.items()
    assert not expected.keys() & plain.keys()
    assert all(not name.startswith("Profile_Rule") for name in told)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("key.1", "blf 1002 Desk"),
        ("key.2", "dnd"),
        ("key.2", "none"),
        ("key.2", "line"),
        ("timezone", "Asia/Kathmandu"),
    ],
)
def test_what_an_enterprise_phone_has_no_word_for_is_left_out(key: str, name: str) -> None:
    assert device(view_of({key: name})) == device(view_of())


def test_an_enterprise_phone_knows_its_lines_and_their_servers() -> None:
    first = line(
        1, label="Desk", display_name="Ada", auth_name="auth", voicemail="*97", expires_s=900,
        registrar=Endpoint.parse("sip.example.org:5070;transport=tls"), backup_registrar=Endpoint(host="b.example.org"),
        outbound_proxy=Endpoint(host="p.example.org"),
    )  # fmt: skip
    told = device(
        view_of({}, first, line(2), held=("line.1.password", "setting.admin_password"), model="7941G"),
        {"line.1.password": "p<1>", "setting.admin_password": "adm"},
    )

    managers = "devicePool/callManagerGroup/members/member"
    lines = "sipProfile/sipLines/line"
    assert told.items() >= {
        "fullConfig": "true", "deviceProtocol": "SIP", "transportLayerProtocol": "3", "sshUserId": "admin",
        "sshPassword": "adm", "commonProfile/phonePassword": "adm",
        f"{managers}#0/callManager/processNodeName": "sip.example.org",
        f"{managers}#0/callManager/ports/securedSipPort": "5070",
        f"{managers}#0/callManager/ports/sipPort": "5060",
        f"{managers}#1/callManager/processNodeName": "b.example.org",
        "sipProfile/sipProxies/outboundProxy": "p.example.org", "sipProfile/sipProxies/outboundProxyPort": "5060",
        "sipProfile/sipProxies/registerWithProxy": "true", "sipProfile/sipStack/timerRegisterExpires": "900",
        "sipProfile/phoneLabel": "Desk",
        f"{lines}#1/featureID": "9", f"{lines}#1/featureLabel": "Desk", f"{lines}#1/proxy": "USECALLMANAGER",
        f"{lines}#1/port": "5070", f"{lines}#1/name": "1001", f"{lines}#1/displayName": "Ada",
        f"{lines}#1/contact": "1001", f"{lines}#1/authName": "auth", f"{lines}#1/authPassword": "p<1>",
        f"{lines}#1/messagesNumber": "*97", f"{lines}#2/proxy": "pbx.example.com", f"{lines}#2/port": "5060",
    }.items()  # fmt: skip
    assert f"{lines}#2/authPassword" not in told


def test_the_oldest_phones_are_told_by_lines_of_name_and_value() -> None:
    first = line(
        1,
        label="Desk",
        display_name="Ada",
        auth_name="auth",
        voicemail="*97",
        outbound_proxy=Endpoint(host="p.example.org"),
        backup_registrar=Endpoint(host="b.example.org", port=5070),
    )
    settings = {
        "codecs": "opus g729 pcma", "dtmf": "inband", "dtmf_payload": "97", "ntp_server": "t.example.com",
        "time_format": "12", "phonebook.1.url": "http://d.example.com/", "raw.cnf/nat_enable": "1",
    }  # fmt: skip
    told = cnf(view_of(settings, first, line(2), held=("line.1.password",)), {"line.1.password": "p <1>"})

    assert told == {
        "proxy_register": "1", "phone_label": "Desk", "timer_register_expires": "3600", "messages_uri": "*97",
        "proxy1_address": "pbx.example.com", "proxy1_port": "5060", "line1_name": "1001", "line1_displayname": "Ada",
        "line1_shortname": "Desk", "line1_authname": "auth", "line1_password": "p <1>",
        "outbound_proxy": "p.example.org", "outbound_proxy_port": "5060", "proxy_backup": "b.example.org",
        "proxy_backup_port": "5070", "proxy2_address": "pbx.example.com", "proxy2_port": "5060",
        "line2_name": "1002", "line2_displayname": "1002", "line2_shortname": "1002", "line2_authname": "1002",
        "preferred_codec": "g729", "dtmf_inband": "1", "dtmf_outofband": "none", "dtmf_avt_payload": "97",
        "sntp_mode": "unicast", "sntp_server": "t.example.com", "time_format_24hr": "0",
        "directory_url": "http://d.example.com/", "nat_enable": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Profile_Rule", "a/b", "sep/", "sep/1", "sep/sipProfile/sipLines/line", "cnf/", "cnf/A", "x@y"]
)
def test_a_raw_parameter_without_a_place_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        _check(view_of({f"raw.{name}": "1"}))

    assert refused.value.field == f"raw.{name}"


def test_a_raw_parameter_stands_in_the_file_of_its_own_kind_alone() -> None:
    view = view_of({"raw.A": "1", "raw.sep/B": "2", "raw.cnf/c": "3"})

    assert {"A": "1"}.items() <= profile(view).items()
    assert {"B": "2"}.items() <= device(view).items()
    assert {"c": "3"}.items() <= cnf(view).items()
    assert not {"B", "c"} & profile(view).keys()
    assert not {"A", "c"} & device(view).keys()
    assert not {"A", "B"} & cnf(view).keys()
    _check(view)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("key.2", "blf 10;02"), ("key.2", "speed_dial 1002 A=B"), ("module.1.key.2", "blf 1002 $PROXY"),
     ("provisioning_user", "a b"), ("provisioning_user", "a]")],
)  # fmt: skip
def test_what_would_break_a_rule_or_a_function_is_refused(setting: str, value: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        _check(view_of({setting: value}))

    assert refused.value.field == setting


def test_a_key_s_function_does_not_matter_to_phones_that_have_none() -> None:
    _check(view_of({"key.2": "blf 10;02"}, model="7941G"))


def test_every_default_name_gives_the_whole_profile() -> None:
    view = view_of({"vlan_id": "20"}, held=("line.1.password",))
    whole = by_path(write(view, "profile"))

    names = [rule.name for rule in VENDOR.files if rule.template and FLAT in rule.sections]
    assert len(names) == 11
    assert all(by_path(write(view, name)) == whole for name in names)


def test_every_row_is_shown_by_one_of_these_tests() -> None:
    """The tables above name each setting of the maker's table; a row that nobody asked for would stand out."""
    shown = {find_spec(setting).name for setting, _, _ in SYSTEM_ROWS if not setting.startswith("raw.")}
    shown |= {
        find_spec(field.removeprefix("setting.")).name for _, field, _ in SECRET_ROWS if field.startswith("setting.")
    }
    shown |= {"admin_user", "user_user", "resync_until", "ldap.port", "keep_user_changes", "config_encryption"}
    of_flat = {row.setting for row in VENDOR.parameters if row.section == FLAT and not row.setting.startswith(LINE)}
    of_sep = {row.setting for row in VENDOR.parameters if row.section == SEP and not row.setting.startswith(LINE)}

    assert of_flat - {DEVICE} <= shown
    told = {find_spec(setting).name for settings, _ in ENTERPRISE_ROWS for setting in settings if "raw" not in setting}
    assert of_sep - {DEVICE, "admin_password"} <= told
    assert {row.section for row in VENDOR.parameters} == {FLAT, SEP, CNF}
    fields = {row.setting.removeprefix(LINE) for row in VENDOR.parameters if row.setting.startswith(LINE)}
    assert all(hasattr(Line, field) for field in fields)


def _check(view: DeviceView) -> None:
    assert VENDOR.check is not None
    VENDOR.check(view)
