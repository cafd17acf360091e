"""Spectralink: who asks, for which file, with which words; how a phone starts; and which devices take nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import AfterDeletion
from provserver.errors import InvalidValue, UnfitValue
from provserver.vendors.spectralink import VENDOR
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, TEXTS, URL, USERS, Workbench

OWN, USER = "00907aaabbcc.cfg", "00907aaabbcc-user.cfg"
PASSWORD = "line.1.password"


def read(text: str) -> dict[str, str]:
    """Attributes, wherever they stand."""
    return {name: value for element in ElementTree.fromstring(text).iter() for name, value in element.attrib.items()}


BENCH = Workbench(vendor=VENDOR, mac=MacAddress("00907aaabbcc"), model="8440", read=read, file="user")


@pytest.mark.parametrize("text", ["FileTransport SL-8440-UA/5.4.7", "FileTransport SL_8453-UA/4.2.0.1234"])
def test_every_form_of_user_agent_is_read(text: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert agent.vendor == "spectralink"
    assert VENDOR.model(agent.model) is not None


@pytest.mark.parametrize(
    "text",
    ["FileTransport", "FileTransport SL-8440", "FileTransport SL-9440-UA/5.4", "SL-8440-UA/5.4.7",
     "FileTransport SL-8440-UA/5", "FileTransport SL-8440-UA/5.4.7 x"],
)  # fmt: skip
def test_near_misses_are_no_agents_of_spectralink(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (OWN, "master"),
        ("00907AAABBCC.cfg", "master"),
        (USER, "user"),
        ("000000000000.cfg", None),
        ("sip.ld", None),
        ("00907aaabbcc-phone.cfg", "overrides of the phone's menu"),
        ("00907aaabbcc-web.cfg", "overrides of the phone's web page"),
        ("00907aaabbcc-directory.xml", "directory"),
        ("000000000000-directory.xml", None),
        ("00907aaabbcc-site.cfg", None),
        ("00907aaabbcc.xml", None),
        ("x00907aaabbcc.cfg", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert BENCH.rule_of(file) == rule


WRITTEN = {
    "ntp_server": ("ntp.example.com", {"tcpIpApp.sntp.address": "ntp.example.com"}),
    "provisioning_user": ("phone", {"device.prov.user": "phone", "device.prov.user.set": "1"}),
}
SECRETS = {
    "admin_password": "device.auth.localAdminPassword",
    "user_password": "device.auth.localUserPassword",
    "provisioning_password": "device.prov.password",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert BENCH.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_its_switch(name: str) -> None:
    assert BENCH.written(secrets={f"setting.{name}": "4711"}) == {SECRETS[name]: "4711", f"{SECRETS[name]}.set": "1"}


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    assert {*WRITTEN, *SECRETS, "firmware_url"} == BENCH.supported()


def test_firmware_is_named_in_the_master_file() -> None:
    url = "https://fw.example.com/sip.ld"

    assert read(BENCH.render(BENCH.view({"firmware_url": url}), file="master"))["APP_FILE_PATH"] == url
    assert read(BENCH.render(BENCH.view(), file="master"))["APP_FILE_PATH"] == "sip.ld"


def test_a_line_says_everything_it_has() -> None:
    line = Line(
        number=2,
        user_name="1002",
        auth_name="a2",
        label="Ward 3",
        display_name="Nurse",
        registrar=Endpoint.parse("pbx.example.com:5061;transport=tls"),
        backup_registrar=Endpoint.parse("b.example.com;transport=tcp"),
        outbound_proxy=Endpoint.parse("proxy.example.com:5070;transport=dns"),
        voicemail="*97",
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert {name: value for name, value in found.items() if name.startswith(("reg.", "msg."))} == {
        "reg.2.address": "1002",
        "reg.2.label": "Ward 3",
        "reg.2.displayName": "Nurse",
        "reg.2.auth.userId": "a2",
        "reg.2.auth.password": "s3cret",
        "reg.2.server.1.address": "pbx.example.com",
        "reg.2.server.1.port": "5061",
        "reg.2.server.1.transport": "TLS",
        "reg.2.server.1.expires": "600",
        "reg.2.server.2.address": "b.example.com",
        "reg.2.server.2.transport": "TCPOnly",
        "reg.2.outboundProxy.address": "proxy.example.com",
        "reg.2.outboundProxy.port": "5070",
        "reg.2.outboundProxy.transport": "DNSnaptr",
        "msg.mwi.2.callBackMode": "contact",
        "msg.mwi.2.callBack": "*97",
    }


def test_a_phone_starts_and_knows_its_accounts_and_its_url() -> None:
    view = BENCH.view(lines=(replace(LINE, auth_name="a1"),), held=(PASSWORD,))
    password = "p&<>\"'=ä"

    booted, asked = BENCH.play({OWN: BENCH.render(view, file="master"), USER: BENCH.render(view, {PASSWORD: password})})

    assert asked == [
        OWN,
        USER,
        "sip.ld",
        *(f"00907aaabbcc{end}" for end in ("-phone.cfg", "-web.cfg", "-directory.xml")),
    ]
    assert booted == Booted(
        accounts=(Account(number=1, user_name="1001", password=password, auth_name="a1", registrar="pbx.example.com"),),
        next_url=URL,
    )


def test_a_phone_without_files_asks_for_the_common_one_and_keeps_what_it_has() -> None:
    booted, asked = BENCH.play({})

    assert booted == Booted()
    assert asked[:2] == [OWN, "000000000000.cfg"]


def test_after_deletion_both_files_are_withheld() -> None:
    for name in ("master", "user"):
        assert VENDOR.file(name).configuration
        assert VENDOR.after_deletion_of(BENCH.view(), VENDOR.file(name)) is AfterDeletion.NOT_FOUND


@pytest.mark.parametrize("model", ["PIVOT 8744", "versity-9540", "IP-DECT Server 400", "Virtual IP-DECT Server"])
def test_devices_that_are_configured_otherwise_take_nothing(model: str) -> None:
    assert VENDOR.refusal(model)


@pytest.mark.parametrize("model", ["8440", "8453", "9999", None])
def test_phones_and_models_that_are_not_known_take_their_lines(model: str | None) -> None:
    assert VENDOR.refusal(model) == ""


@pytest.mark.parametrize(
    "name",
    ["device.set", "device.prov.serverName", "device.dhcp.bootSrvUseOpt", "device.net.x.set", "xmlns", "a/b", "a@b"],
)
def test_a_raw_parameter_without_a_place_is_refused(name: str) -> None:
    view = BENCH.view({f"raw.{name}": "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=rf"^raw\.{name}: "):
        VENDOR.check(view)
    with pytest.raises(UnfitValue):
        BENCH.render(view)


def test_a_raw_parameter_of_flash_has_its_switch_beside_it() -> None:
    assert BENCH.written({"raw.device.wifi.x": "1", "raw.up.y": "2"}) == {
        "device.wifi.x": "1",
        "device.wifi.x.set": "1",
        "up.y": "2",
    }


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(replace(BENCH.view(), raw={"x": text}))
    assert caught.value.field == "raw.x"
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=(PASSWORD,)), {PASSWORD: text})
    assert caught.value.field == PASSWORD
    assert text.strip() not in str(caught.value)


@given(
    user_name=USERS,
    texts=st.fixed_dictionaries(dict.fromkeys(("auth_name", "display_name", "label", "voicemail"), TEXTS)),
    password=TEXTS,
    raw=TEXTS,
)
def test_any_legal_text_arrives_as_it_was_entered(
    user_name: str, texts: dict[str, Any], password: str, raw: str
) -> None:
    line = replace(LINE, user_name=user_name, **texts)
    plain: dict[str, Any] = dict.fromkeys(texts, "a")

    found = BENCH.settings(BENCH.view({"raw.x": raw}, lines=(line,), held=(PASSWORD,)), {PASSWORD: password})

    view = BENCH.view({"raw.x": "a"}, lines=(replace(LINE, **plain),), held=(PASSWORD,))
    assert found == BENCH.settings(view, {PASSWORD: "a"}) | {
        "reg.1.address": user_name,
        "reg.1.auth.userId": texts["auth_name"],
        "reg.1.auth.password": password,
        "reg.1.displayName": texts["display_name"],
        "reg.1.label": texts["label"],
        "msg.mwi.1.callBack": texts["voicemail"],
        "x": raw,
    }
