"""What each setting becomes in the files of a Myriad and of an IP Touch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.line import Endpoint, Line
from tests.vendors.alcatel.phones import MYRIAD, SECRETS, TOUCH, TOUCH_WRITTEN, WRITTEN
from tests.vendors.workbench import LINE, catalogue_name

ONLY_TOUCH = {"realm", "tone_country", "resync_minutes"}
FULL = Line(
    number=1,
    user_name="1001",
    auth_name="a1",
    label="Desk",
    display_name="Reception",
    registrar=Endpoint.parse("pbx.example.com;transport=tcp"),
    backup_registrar=Endpoint.parse("b.example.com:5080;transport=tcp"),
    outbound_proxy=Endpoint.parse("proxy.example.com:5070;transport=tcp"),
    voicemail="*97",
    expires_s=600,
)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_of_a_myriad_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert MYRIAD.written({name: text}) == expected


@pytest.mark.parametrize("name", TOUCH_WRITTEN)
def test_a_setting_of_an_ip_touch_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = TOUCH_WRITTEN[name]

    assert TOUCH.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    assert MYRIAD.written(secrets={f"setting.{name}": "s3cret"}) == SECRETS[name]


def test_the_password_of_an_ip_touch_opens_its_menu_and_telnet() -> None:
    found = TOUCH.written(secrets={"setting.admin_password": "123456"})

    assert found == {"appl/admin_password": "123456", "telnet/telnet_password": "123456"}


def test_the_tables_here_name_every_setting_that_is_supported() -> None:
    named = {catalogue_name(name) for name in (*WRITTEN, *TOUCH_WRITTEN)} | set(SECRETS)

    assert named == MYRIAD.supported()
    assert named - {catalogue_name(name) for name in WRITTEN} - set(SECRETS) == ONLY_TOUCH


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"srtp": "mandatory"}, {}),
        ({"srtp": "optional"}, {}),
        ({"dtmf": "rfc2833"}, {"Account1DtmfMode": "2"}),
        ({"dtmf": "inband"}, {"Account1DtmfMode": "1"}),
        ({"dtmf": "rfc2833_info"}, {}),
        ({"codecs": "speex"}, {}),
        ({"language": "ru"}, {}),
        ({"timezone": "Asia/Kolkata"}, {"SettingTimeZone": "+5:30", "SettingTimeZoneLocation": "Asia/Kolkata",
                                        "SettingDstEnable": "0"}),
        ({"phonebook.7.url": "http://a.example.com/", "phonebook.7.name": "x"}, {}),
        ({"key.1": "dnd"}, {}),
        ({"discovery_dhcp_options": "66"}, {}),
        ({"raw.SIPMaxCall": "4"}, {"SIPMaxCall": "4"}),
        ({"raw.sip/option_timer": "90"}, {}),
        ({"web_https_only": "off"}, {"DeviceNetworkHttpEnable": "true"}),
    ],
)  # fmt: skip
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert MYRIAD.written(values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"dtmf": "rfc2833"}, {"audio/dtmf_type": "0"}),
        ({"dtmf": "inband"}, {"audio/dtmf_type": "1"}),
        ({"dtmf": "rfc2833_info"}, {}),
        ({"key.1": "blf 1002"}, {}),
        ({"key.5": "speed_dial 1002"}, {}),
        ({"key.1": "speed_dial 1002"}, {"appl/speed_dial_1_first_name": "1002", "appl/speed_dial_1_uri": "1002"}),
        ({"codecs": "g722"}, {}),
        ({"raw.sip/option_timer": "90"}, {"sip/option_timer": "90"}),
        ({"raw.SIPMaxCall": "4"}, {}),
    ],
)
def test_an_ip_touch_has_fewer_words(values: dict[str, str], expected: dict[str, str]) -> None:
    assert TOUCH.written(values) == expected


def test_a_myriads_line_says_everything_it_has() -> None:
    found = MYRIAD.settings(MYRIAD.view(lines=(FULL,), held=("line.1.password",)), {"line.1.password": "s3cret"})

    assert {name.removeprefix("Account1"): value for name, value in found.items() if name.startswith("Account1")} == {
        "Enable": "true",
        "RegName": "a1",
        "UserName": "1001",
        "Password": "s3cret",
        "Label": "Desk",
        "DisplayName": "Reception",
        "Server1Address": "pbx.example.com",
        "Server1Port": "5060",
        "Server1Transport": "tcp",
        "Server1Expire": "600",
        "Server2Address": "b.example.com",
        "Server2Port": "5080",
        "Server2Transport": "tcp",
        "Server2Expire": "600",
        "OutboundProxy1Address": "proxy.example.com",
        "OutboundProxy1Port": "5070",
        "VmNumber": "*97",
        "MwiUri": "*97",
    }


def test_the_first_line_is_an_ip_touchs_account() -> None:
    view = TOUCH.view(lines=(FULL, replace(LINE, number=2)), held=("line.1.password", "line.2.password"))

    found = TOUCH.settings(view, {"line.1.password": "s3cret", "line.2.password": "other"})

    assert {name.removeprefix("sip/"): value for name, value in found.items()} == {
        "domain_name": "pbx.example.com",
        "proxy_addr": "pbx.example.com",
        "registrar_addr": "pbx.example.com",
        "proxy2_addr": "b.example.com",
        "proxy2_port": "5080",
        "registrar2_addr": "b.example.com",
        "registrar2_port": "5080",
        "outbound_proxy_addr": "proxy.example.com",
        "outbound_proxy_port": "5070",
        "sip_transport_mode": "2",
        "register_expire": "600",
        "authentication_realm": "pbx.example.com",
        "authentication_name": "a1",
        "authentication_password": "s3cret",
        "user_name": "1001",
        "display_name": "Reception",
        "voice_mail_uri": "*97",
        "message_waiting_indication_uri": "*97@pbx.example.com",
    }


@pytest.mark.parametrize(("model", "last"), [("M3", 8), ("M8", 20), ("H3", 8), ("M9", 8)])
def test_accounts_without_a_line_are_switched_off(model: str, last: int) -> None:
    found = MYRIAD.settings(MYRIAD.view(model=model))

    off = {name for name, value in found.items() if name.endswith("Enable") and value == "false"}
    assert off == {f"Account{number}Enable" for number in range(2, last + 1)}
    assert MYRIAD.settings(MYRIAD.view(lines=())).keys() == {"DeviceProvisionServerUrl"}
    assert TOUCH.settings(TOUCH.view(lines=())) == {}
