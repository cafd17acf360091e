"""Bria: who it says it is, how it logs in, what it is told, and that any text the file can carry arrives as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.identity import AuthScheme
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AfterDeletion
from provserver.errors import InvalidValue, UnfitValue
from provserver.identify import Identified, Unidentified
from provserver.vendors.counterpath import VENDOR
from provserver.vendors.counterpath.boot import read_settings
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, TEXTS, URL, USERS, Workbench, catalogue_name

MAC = MacAddress("0a1b2c3d4e5f")
LOGIN, UPDATE = "0a1b2c3d4e5f-login.ini", "0a1b2c3d4e5f-update.ini"
PASSWORD = "line.1.password"
UPDATE_URL = "feature:auto_update:config_server_url"
SECOND = replace(LINE, number=3, user_name="1003")


def read(text: str) -> dict[str, str]:
    """Settings by their names; each is there once, and every line ends with CRLF."""
    *lines, end = text.split("\r\n")
    assert end == ""
    assert "\n" not in text.replace("\r\n", "")
    assert lines[:2] == ["[DATA]", "Success=1"]
    names = [line.partition("=")[0] for line in lines if not line.startswith("[")]
    assert len(names) == len(set(names))
    return {name: value[1:-1] for name, _, value in (line.partition("=") for line in lines) if value.startswith('"')}


BENCH = Workbench(vendor=VENDOR, mac=MAC, model="Bria 4", read=read, file="login")


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("Bria 3 release 3.5.5 stamp 71243", "Bria 3", "3.5.5"),
        ("Bria 4 release 4.7.0 stamp 83078", "Bria 4", "4.7.0"),
        ("Bria iOS release 3.9.5 stamp 38501.38502", "Bria iOS", "3.9.5"),
        ("Bria Mobile iOS release 6.23.5 stamp 54641.54641", "Bria Mobile iOS", "6.23.5"),
        ("Bria Mobile Android release 6.2.1", "Bria Mobile Android", "6.2.1"),
        ("Bria release 6.5.1 stamp 112233", "Bria", "6.5.1"),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware) == ("counterpath", model, firmware)
    assert (agent.mac, agent.serial) == (None, None)
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    ["", "Bria", "Bria 4", "Bria 4 release", "Bria 4 release x", "bria 4 release 4.7.0", "Bria iOS 3.1.1",
     "BriaSkills/1.0", "Brian 4 release 4.7.0", "Bria 4 release 4.7.0 stamp", "Bria 4 release 4.7.0 evil",
     "X-Lite release 4.9.8"],
)  # fmt: skip
def test_near_misses_of_the_user_agent_are_nobodys(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize("file", [LOGIN, UPDATE, LOGIN.upper(), "0a:1b:2c:3d:4e:5f-update.ini"])
@pytest.mark.parametrize("agent", ["", "Bria 4 release 4.7.0", "Linphonec/5.1.65"])
def test_the_generated_id_in_the_path_decides(file: str, agent: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("counterpath", MAC)


@pytest.mark.parametrize(
    "file",
    ["0a1b2c3d4e5f.ini", "0a1b2c3d4e5f-login.ini.bak", "0a1b2c3d4e5f-logins.ini", "login.ini",
     "x0a1b2c3d4e5f-login.ini", "0a1b2c3d4e5f/login.ini",
     "0004f2aabbcc-login.ini", "0b1b2c3d4e5f-login.ini", "0a1b2c3d4e5f-upgrade.ini"],
)  # fmt: skip
def test_near_misses_of_the_path_are_not_bria(file: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}"))

    assert isinstance(found, Unidentified) or found.vendor != "counterpath"


def test_only_the_login_is_posted_and_that_is_its_proof() -> None:
    assert {rule.name for rule in VENDOR.files if rule.form} == {"login"}
    assert VENDOR.login is not None
    assert VENDOR.login.schemes == {AuthScheme.FORM}


ACCOUNT = "proxies:proxy0:"
WRITTEN = {
    ("mwi_subscribe", "on"): {f"{ACCOUNT}subscribe_to_message_waiting": "1"},
    ("mwi_subscribe", "off"): {f"{ACCOUNT}subscribe_to_message_waiting": "0"},
    ("stun_server", "stun.example.com"): {
        f"{ACCOUNT}stun_server": "stun.example.com",
        f"{ACCOUNT}override_stun_server": "1",
    },
    ("ice", "on"): {f"{ACCOUNT}ice_enabled": "1"},
    ("ice", "off"): {f"{ACCOUNT}ice_enabled": "0"},
    ("resync_minutes", "90"): {"feature:auto_update:update_check_t1_s": "5400"},
    ("raw.LicenseKey", "48jey"): {"LicenseKey": "48jey"},
    ("raw.proxies/proxy0/use_rport", "1"): {f"{ACCOUNT}use_rport": "1"},
    ("raw.codecs/h263-1998/x_y", "1"): {"codecs:h263-1998:x_y": "1"},
    ("srtp", "mandatory"): {},
    ("vlan_id", "20"): {},
}


@pytest.mark.parametrize(("setting", "expected"), WRITTEN.items(), ids=[" ".join(pair) for pair in WRITTEN])
def test_a_setting_writes_its_settings_and_nothing_else(setting: tuple[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(dict([setting])) == expected


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    named = {catalogue_name(name) for (name, _), settings in WRITTEN.items() if settings}

    assert {name for name in named if not name.startswith("raw.")} == BENCH.supported()


def test_the_licence_stands_with_the_result_and_all_else_in_settings() -> None:
    text = BENCH.render(BENCH.view({"raw.LicenseKey": "48jey"}))

    head, _, settings = text.partition("[SETTINGS]\r\n")
    assert head == '[DATA]\r\nSuccess=1\r\nLicenseKey="48jey"\r\n'
    assert "LicenseKey" not in settings


def test_a_line_says_everything_it_has() -> None:
    line = Line(
        number=2,
        user_name="1001",
        auth_name="a1",
        label="Desk",
        display_name="Reception",
        registrar=Endpoint.parse("pbx.example.com:5061;transport=tls"),
        outbound_proxy=Endpoint.parse("proxy.example.com:5070"),
        voicemail="*97",
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert found.pop(UPDATE_URL) == f"{URL}{UPDATE}"
    assert {name.removeprefix("proxies:proxy1:"): value for name, value in found.items()} == {
        "enabled": "1",
        "register": "1",
        "username": "1001",
        "password": "s3cret",
        "authorization_username": "a1",
        "display_name": "Reception",
        "domain": "pbx.example.com:5061",
        "transport": "tls",
        "proxy": "proxy.example.com:5070",
        "override_outbound_proxy": "1",
        "reregister_in_seconds": "600",
        "voicemail_url": "*97",
    }


@pytest.mark.parametrize(("transport", "word"), [("udp", "udp"), ("tcp", "tcp"), ("tls", "tls"), ("dns", "auto")])
def test_a_transport_is_written_in_brias_word(transport: str, word: str) -> None:
    line = replace(LINE, registrar=Endpoint.parse(f"[2001:db8::5]:5070;transport={transport}"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    assert found[f"{ACCOUNT}transport"] == word
    assert found[f"{ACCOUNT}domain"] == "[2001:db8::5]:5070"


def test_a_name_for_authentication_is_taken_back_by_the_users_own() -> None:
    assert BENCH.settings(BENCH.view())[f"{ACCOUNT}authorization_username"] == "1001"


def test_the_update_says_what_the_login_said() -> None:
    view = BENCH.view({"ice": "on"}, held=(PASSWORD,))

    assert BENCH.render(view, {PASSWORD: "x"}, file="update") == BENCH.render(view, {PASSWORD: "x"}, file="login")


def test_without_a_password_none_is_mentioned_and_both_files_are_given() -> None:
    assert "password" not in BENCH.render(BENCH.view({"ice": "on"}))
    for name in ("login", "update"):
        assert VENDOR.after_deletion_of(BENCH.view(), VENDOR.file(name)) is AfterDeletion.OMIT


@pytest.mark.parametrize(
    "name",
    ["use_rport", "proxies/proxy0", "proxies/proxy0/", "a/b/c/d", "a/b.c/d", "1a/b/c", "Success", "Failure", "a/b/c.d",
     "feature/auto_update/config_server_url"],
)  # fmt: skip
def test_a_raw_parameter_without_a_place_is_refused(name: str) -> None:
    view = BENCH.view({f"raw.{name}": "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=rf"^raw\.{name}: "):
        VENDOR.check(view)
    with pytest.raises(UnfitValue):
        BENCH.render(view)


def test_a_client_logs_in_looks_for_updates_and_knows_its_accounts() -> None:
    held = {PASSWORD: "p&<>'", "line.3.password": "#3"}
    view = BENCH.view(lines=(replace(LINE, auth_name="a1"), SECOND), held=tuple(held))
    login, update = BENCH.render(view, held), BENCH.render(BENCH.view())

    booted, asked = BENCH.play({LOGIN: login, f"{URL}{UPDATE}": update})

    assert asked == [LOGIN, f"{URL}{UPDATE}"]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="p&<>'", auth_name="1001", registrar="pbx.example.com"),
            Account(number=3, user_name="1003", password="#3", auth_name="1003", registrar="pbx.example.com"),
        ),
        next_url=f"{URL}{UPDATE}",
    )


@pytest.mark.parametrize(
    "body", [None, "", "[DATA]\r\nSuccess=0\r\n", '[SETTINGS]\r\nproxies:proxy0:enabled="1"\r\n', "[DATA]\nSuccess=1\n"]
)
def test_a_client_that_is_refused_knows_nothing(body: str | None) -> None:
    assert BENCH.play({} if body is None else {LOGIN: body}) == (Booted(), [LOGIN])


def test_a_last_line_without_an_end_is_not_read() -> None:
    text = BENCH.render(BENCH.view()).encode()

    assert UPDATE_URL in read_settings(text)
    assert UPDATE_URL not in read_settings(text.removesuffix(b"\r\n"))


@pytest.mark.parametrize("text", [*ILLEGAL, 'a "quoted" word', '"', "back\\"])
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(replace(BENCH.view(), raw={"a/b/c": text}))
    assert caught.value.field == "raw.a/b/c"
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=(PASSWORD,)), {PASSWORD: text})
    assert caught.value.field == PASSWORD
    assert text.strip() not in str(caught.value)


def test_a_quotation_mark_is_refused_when_it_is_entered() -> None:
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=r"^display_name: "):
        VENDOR.check(BENCH.view(lines=(replace(LINE, display_name='"the boss"'),)))


CARRIED = TEXTS.filter(lambda text: '"' not in text and not text.endswith("\\"))


@given(
    user_name=USERS,
    texts=st.fixed_dictionaries(dict.fromkeys(("auth_name", "display_name", "voicemail"), CARRIED)),
    password=CARRIED,
    raw=CARRIED,
)
def test_any_text_the_file_can_carry_arrives_as_it_was_entered(
    user_name: str, texts: dict[str, Any], password: str, raw: str
) -> None:
    line = replace(LINE, user_name=user_name, **texts)

    text = BENCH.render(BENCH.view({"raw.a/b/c": raw}, lines=(line,), held=(PASSWORD,)), {PASSWORD: password})

    plain: dict[str, Any] = dict.fromkeys(texts, "a")
    expected = BENCH.settings(
        BENCH.view({"raw.a/b/c": "a"}, lines=(replace(LINE, **plain),), held=(PASSWORD,)), {PASSWORD: "a"}
    )
    assert read(text) == read_settings(text.encode())
    assert read(text) == expected | {
        f"{ACCOUNT}username": user_name,
        f"{ACCOUNT}password": password,
        f"{ACCOUNT}authorization_username": texts["auth_name"],
        f"{ACCOUNT}display_name": texts["display_name"],
        f"{ACCOUNT}voicemail_url": texts["voicemail"],
        "a:b:c": raw,
    }
