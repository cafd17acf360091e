"""Acrobits: who it says it is, what it asks for, what it is told, and that any legal text arrives as it was entered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress, local_mac
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AfterDeletion
from provserver.errors import InvalidValue, UnfitValue
from provserver.identify import Identified, Unidentified
from provserver.vendors.acrobits import VENDOR
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, TEXTS, URL, USERS, Workbench, catalogue_name

MAC = MacAddress("0a1b2c3d4e5f")
OWN = "0a1b2c3d4e5f-account.xml"
PASSWORD = "line.1.password"
SECOND = replace(LINE, number=3, user_name="1003")


def read(text: str) -> dict[str, str]:
    """Elements of the first account by their names, of later ones as ``2/title``; each is there once."""
    root = ElementTree.fromstring(text)
    assert root.tag in ("account", "accounts")
    accounts = [root] if root.tag == "account" else list(root)
    found: dict[str, str] = {}
    for number, account in enumerate(accounts, start=1):
        assert account.tag == "account"
        for element in account:
            name = element.tag if number == 1 else f"{number}/{element.tag}"
            assert name not in found
            assert len(element) == 0
            found[name] = element.text or ""
    return found


BENCH = Workbench(vendor=VENDOR, mac=MAC, model="Groundwire", read=read)


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("Groundwire/25.3.101 (build 1; iOS 18.7.7; arm64)", "Groundwire", "25.3.101"),
        ("Groundwire/6.5", "Groundwire", "6.5"),
        ("Acrobits Softphone/7.0", "Softphone", "7.0"),
        ("Acrobits Softphone/7.0.1 (build 2; Android 15)", "Softphone", "7.0.1"),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware) == ("acrobits", model, firmware)
    assert (agent.mac, agent.serial) == (None, None)
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    ["", "Groundwire", "groundwire/25.3", "Groundwire 25.3", "Groundwire/x", "My Groundwire/25.3",
     "Groundwire/25.3/evil", "Acrobits", "Acrobits SIPIS", "Acrobits SIPIS on sipis1",
     "Acrobits Softphone", "AcrobitsSoftphone/7.0"],
)  # fmt: skip
def test_near_misses_of_the_user_agent_are_nobodys(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize("file", [OWN, "0A1B2C3D4E5F-account.xml", "0a:1b:2c:3d:4e:5f-Account.xml"])
@pytest.mark.parametrize("agent", ["", "Groundwire/25.3", "Linphonec/5.1.65"])
def test_the_generated_id_in_the_path_decides(file: str, agent: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("acrobits", MAC)


@pytest.mark.parametrize(
    "file",
    ["0a1b2c3d4e5f.xml", "0a1b2c3d4e5f-account.xml.bak", "0a1b2c3d4e5f-accounts.xml", "account.xml", "-account.xml",
     "x0a1b2c3d4e5f-account.xml", "0a1b2c3d4e5f/account.xml", "0004f2aabbcc-account.xml", "0b1b2c3d4e5f-account.xml"],
)  # fmt: skip
def test_near_misses_of_the_path_are_not_acrobits(file: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}"))

    assert isinstance(found, Unidentified) or found.vendor != "acrobits"


def test_any_generated_id_is_asked_for() -> None:
    mac = local_mac(bytes(range(250, 256)))

    found = CATALOGUE.identify(ProvRequest(path=f"/{mac}-account.xml"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("acrobits", mac)


WRITTEN = {
    ("mwi_subscribe", "on"): {"subscribeForVoicemail": "1"},
    ("mwi_subscribe", "off"): {"subscribeForVoicemail": "0"},
    ("codecs", "pcma pcmu g722 g729"): {"codecOrder": "8,0,9,18", "codecOrder3G": "8,0,9,18"},
    ("codecs", "opus pcma ilbc"): {"codecOrder": "8", "codecOrder3G": "8"},
    ("codecs", "opus"): {},
    ("dtmf", "rfc2833"): {"dtmfOrder": "rfc2833"},
    ("dtmf", "inband"): {"dtmfOrder": "audio"},
    ("dtmf", "info"): {},
    ("srtp", "optional"): {"sdesIncoming": "enabled", "sdesOutgoing": "enabled"},
    ("srtp", "off"): {},
    ("srtp", "mandatory"): {},
    ("stun_server", "stun.example.com"): {"STUN": "stun.example.com"},
    ("ice", "on"): {"natTraversal": "ice"},
    ("ice", "off"): {},
    ("resync_minutes", "90"): {"extProvInterval": "5400"},
    ("raw.icm", "push"): {"icm": "push"},
    ("raw.account.1.icm", "push"): {"icm": "push"},
    ("raw.account.2.icm", "push"): {},
    ("vlan_id", "20"): {},
}


@pytest.mark.parametrize(("setting", "expected"), WRITTEN.items(), ids=[" ".join(pair) for pair in WRITTEN])
def test_a_setting_writes_its_elements_and_nothing_else(setting: tuple[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(dict([setting])) == expected


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    named = {catalogue_name(name) for (name, _), elements in WRITTEN.items() if elements}

    assert {name for name in named if not name.startswith("raw.")} == BENCH.supported()


def test_an_element_for_one_account_overrules_that_for_all() -> None:
    view = BENCH.view({"raw.icm": "push", "raw.account.3.icm": "off"}, lines=(LINE, SECOND))

    found = BENCH.settings(view)

    assert (found["icm"], found["2/icm"]) == ("push", "off")


def test_a_line_says_everything_it_has() -> None:
    line = Line(
        number=1,
        user_name="1001",
        auth_name="a1",
        label="Desk",
        display_name="Reception",
        registrar=Endpoint.parse("pbx.example.com:5061;transport=tls"),
        outbound_proxy=Endpoint.parse("proxy.example.com:5070"),
        voicemail="*97",
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=(PASSWORD,)), {PASSWORD: "s3cret"})

    assert found == {
        "title": "Desk",
        "username": "1001",
        "password": "s3cret",
        "authUsername": "a1",
        "userDisplayName": "Reception",
        "host": "pbx.example.com:5061",
        "transport": "tls+sip:",
        "proxy": "proxy.example.com:5070",
        "expires": "600",
        "voiceMailNumber": "*97",
        "extProvUrl": f"{URL}{OWN}",
    }


@pytest.mark.parametrize(("transport", "word"), [("udp", "udp"), ("tcp", "tcp"), ("tls", "tls+sip:"), ("dns", None)])
def test_a_transport_is_written_in_the_apps_word(transport: str, word: str | None) -> None:
    line = replace(LINE, registrar=Endpoint.parse(f"[2001:db8::5]:5070;transport={transport}"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    assert found.get("transport") == word
    assert found["host"] == "[2001:db8::5]:5070"


def test_every_account_has_a_title_and_the_url() -> None:
    found = BENCH.settings(BENCH.view(lines=(LINE, SECOND)))

    assert (found["title"], found["2/title"]) == ("1001", "1003")
    assert found["extProvUrl"] == found["2/extProvUrl"] == f"{URL}{OWN}"


def test_without_a_password_none_is_mentioned() -> None:
    assert "password" not in BENCH.render(BENCH.view({"raw.icm": "push"}))


def test_a_forgotten_password_is_answered_by_not_found() -> None:
    assert VENDOR.file("config").configuration
    assert VENDOR.after_deletion_of(BENCH.view()) is AfterDeletion.NOT_FOUND


@pytest.mark.parametrize("name", ["a.b", "account.0.icm", "account.1.", "account.x.icm", "icm/x", "a-b", "extProvUrl",
                                  "account.1.extProvUrl"])  # fmt: skip
def test_a_raw_parameter_without_a_place_is_refused(name: str) -> None:
    view = BENCH.view({f"raw.{name}": "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=rf"^raw\.{name}: "):
        VENDOR.check(view)
    with pytest.raises(UnfitValue):
        BENCH.render(view)


def test_raw_parameters_with_a_place_pass_the_check() -> None:
    assert VENDOR.check is not None

    VENDOR.check(BENCH.view({"raw.icm": "push", "raw.account.250.X_y": "1"}))


HELD = {PASSWORD: "p&<>\"'", "line.3.password": "#3"}


def test_an_app_asks_for_its_file_and_knows_its_accounts() -> None:
    view = BENCH.view(lines=(replace(LINE, auth_name="a1"), SECOND), held=tuple(HELD))

    booted, asked = BENCH.play({OWN: BENCH.render(view, HELD)})

    assert asked == [OWN]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="p&<>\"'", auth_name="a1", registrar="pbx.example.com"),
            Account(number=2, user_name="1003", password="#3", registrar="pbx.example.com"),
        ),
        next_url=f"{URL}{OWN}",
    )


def test_one_account_stands_alone_and_none_is_no_account() -> None:
    assert len(BENCH.play({OWN: BENCH.render(BENCH.view())})[0].accounts) == 1
    assert BENCH.play({OWN: BENCH.render(BENCH.view(lines=()))})[0] == Booted()


def test_an_app_that_is_refused_keeps_what_it_has() -> None:
    assert BENCH.play({}) == (Booted(), [OWN])


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(replace(BENCH.view(), raw={"icm": text}))
    assert caught.value.field == "raw.icm"
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

    found = BENCH.settings(BENCH.view({"raw.note": raw}, lines=(line,), held=(PASSWORD,)), {PASSWORD: password})

    expected = BENCH.settings(
        BENCH.view({"raw.note": "a"}, lines=(replace(LINE, **plain),), held=(PASSWORD,)), {PASSWORD: "a"}
    )
    assert found == expected | {
        "title": texts["label"],
        "username": user_name,
        "password": password,
        "authUsername": texts["auth_name"],
        "userDisplayName": texts["display_name"],
        "voiceMailNumber": texts["voicemail"],
        "note": raw,
    }
