"""What each setting becomes in the file of an OBi device."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.errors import InvalidValue
from provserver.vendors.obihai import VENDOR
from tests.vendors.obihai.device import ADAPTER, ITSP, KEY, PHONE, SECRETS, WRITTEN
from tests.vendors.workbench import LINE, catalogue_name

ELSEWHERE = {"resync_until"}  # it means nothing without resync_from
SERVICE = "VoiceService.1.VoiceProfile.1.Line."
PROFILE = "VoiceService.1.VoiceProfile."


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert PHONE.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    assert ADAPTER.written(secrets={f"setting.{name}": "s3cret"}) == SECRETS[name]


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    assert {catalogue_name(name) for name in WRITTEN} | set(SECRETS) | ELSEWHERE == ADAPTER.supported()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"dtmf": "inband"}, {f"{PROFILE}1.DTMFMethod": "InBand"}),
        ({"dtmf": "rfc2833"}, {f"{PROFILE}1.DTMFMethod": "RFC2833"}),
        ({"dtmf": "rfc2833_info"}, {}),
        ({"discovery_redirect": "on"}, {}),
        ({"resync_until": "04:00"}, {}),
        (
            {"resync_minutes": "60", "resync_from": "23:30", "resync_until": "01:00"},
            {f"{ITSP}Method": "Time Of Day", f"{ITSP}TimeOfDay": "23:30+90"},
        ),
        (
            {"resync_from": "01:00", "resync_until": "23:00"},
            {f"{ITSP}Method": "Time Of Day", f"{ITSP}TimeOfDay": "01:00+360"},
        ),
        ({"key.8": "record"}, {}),
        ({"key.8": "dnd"}, {f"{KEY}Function": "Do Not Disturb", f"{KEY}Service": "SP1"}),
        ({"key.8": "line@2"}, {f"{KEY}Function": "Call Appearance", f"{KEY}Service": "SP2"}),
        ({"key.8": "park 700"}, {f"{KEY}Function": "Call Park Monitor", f"{KEY}Service": "SP1", f"{KEY}Number": "700"}),
        ({"raw.VoiceService.1.VoiceProfile.1.DigitMap": "(xx.)"}, {f"{PROFILE}1.DigitMap": "(xx.)"}),
        ({f"raw.{ITSP}Method": "Disabled"}, {f"{ITSP}Method": "Disabled"}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert PHONE.written(values) == expected


def test_a_line_is_a_service_that_points_at_a_profile() -> None:
    line = Line(
        number=2,
        user_name="1002",
        auth_name="a2",
        label="Desk",
        display_name="Reception",
        registrar=Endpoint.parse("pbx.example.com;transport=tls"),
        outbound_proxy=Endpoint.parse("proxy.example.com:5070;transport=tls"),
        expires_s=600,
    )

    found = ADAPTER.settings(ADAPTER.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert {name.removeprefix(f"{SERVICE}2."): value for name, value in found.items() if f"{SERVICE}2." in name} == {
        "Enable": "true",
        "X_ServProvProfile": "A",
        "X_RegisterEnable": "true",
        "DirectoryNumber": "1002",
        "X_DisplayLabel": "Desk",
        "X_DisplayNumber": "1002",
        "CallerIDName": "Reception",
        "SIP.AuthUserName": "a2",
        "SIP.AuthPassword": "s3cret",
        "SIP.URI": "1002",
    }
    assert {name.removeprefix(f"{PROFILE}1.SIP."): value for name, value in found.items() if "1.SIP." in name and
            "Line" not in name} == {
        "ProxyServer": "pbx.example.com",
        "ProxyServerPort": "5061",
        "RegistrarServer": "pbx.example.com",
        "RegistrarServerPort": "5061",
        "ProxyServerTransport": "TLS",
        "X_DnsSrv": "false",
        "OutboundProxy": "proxy.example.com",
        "OutboundProxyPort": "5070",
        "RegisterExpires": "600",
        "RegistrationPeriod": "600",
    }  # fmt: skip


def test_lines_that_register_alike_share_a_profile() -> None:
    other = Endpoint(host="other.example.com")
    lines = (LINE, replace(LINE, number=2, registrar=other), replace(LINE, number=3))

    found = ADAPTER.settings(ADAPTER.view({"mwi_subscribe": "on", "dtmf": "info"}, lines=lines))

    assert [found[f"{SERVICE}{number}.X_ServProvProfile"] for number in (1, 2, 3)] == ["A", "B", "A"]
    assert (found[f"{PROFILE}1.SIP.ProxyServer"], found[f"{PROFILE}2.SIP.ProxyServer"]) == (
        "pbx.example.com",
        "other.example.com",
    )
    assert f"{PROFILE}3.SIP.ProxyServer" not in found
    assert [found[f"{PROFILE}{number}.SIP.X_MWISubscribe"] for number in (1, 2)] == ["true", "true"]
    assert [found[f"{PROFILE}{number}.DTMFMethod"] for number in (1, 2)] == ["SIPInfo", "SIPInfo"]


def test_dns_is_asked_for_the_port() -> None:
    line = replace(LINE, registrar=Endpoint.parse("pbx.example.com;transport=dns"))

    found = ADAPTER.settings(ADAPTER.view(lines=(line,)))

    assert found[f"{PROFILE}1.SIP.X_DnsSrv"] == "true"
    assert not {name for name in found if name.endswith(("ServerPort", "Transport"))}


@pytest.mark.parametrize(("model", "ways"), [("OBi110", 2), ("OBi302", 4), ("OBi508", 4), ("OBi1062", 4)])
def test_more_ways_to_register_than_profiles_are_refused(model: str, ways: int) -> None:
    assert VENDOR.check is not None
    lines = tuple(
        replace(LINE, number=number, registrar=Endpoint(host=f"pbx{number}.example.com")) for number in range(1, 10)
    )

    VENDOR.check(ADAPTER.view(lines=lines[:ways], model=model))
    with pytest.raises(InvalidValue, match=f"{ways + 1} ways"):
        VENDOR.check(ADAPTER.view(lines=lines[: ways + 1], model=model))


@pytest.mark.parametrize(("model", "last"), [("OBi110", 2), ("OBi302", 4), ("OBi508", 9), ("OBi1062", 4)])
def test_services_without_a_line_are_switched_off(model: str, last: int) -> None:
    found = ADAPTER.settings(ADAPTER.view(model=model))

    off = {name for name, value in found.items() if name.endswith("Enable") and value == "false"}
    assert off == {f"{SERVICE}{number}.Enable" for number in range(2, last + 1)}
    assert ADAPTER.settings(ADAPTER.view(lines=())).keys() == {f"{ITSP}ConfigURL", f"{ITSP}Method"}


@pytest.mark.parametrize("name", ["Enable", "X_DeviceManagement."])
def test_a_raw_parameter_without_an_object_is_refused(name: str) -> None:
    assert VENDOR.check is not None
    view = replace(ADAPTER.view(), raw={name: "x"})

    with pytest.raises(InvalidValue, match=f"^raw.{name}: "):
        VENDOR.check(view)
    VENDOR.check(replace(view, raw={"X_DeviceManagement.Syslog.Level": "7"}))
