"""Digium: who asks, for which file, with which words; and how a phone boots."""

from __future__ import annotations

from dataclasses import replace

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.errors import UnfitValue
from provserver.vendors.digium import VENDOR
from tests.vendors.digium.phone import BENCH, SECRETS, WRITTEN
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, PBX, TEXTS, URL, USERS, catalogue_name

OWN, CONTACTS = "000fd3aabbcc.cfg", f"{URL}000fd3aabbcc-contacts.xml"
PASSWORD = "line.1.password"
ELSEWHERE = {"firmware_url"}  # it is no setting of the file


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("Digium D60 2_7_0", "D60", "2_7_0"),
        ("Digium D65 2_9_19", "D65", "2_9_19"),
        ("Digium D40 1_4_0_0", "D40", "1_4_0_0"),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("digium", model, firmware, None)
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    ["", "Digium", "Digium D60", "Digium D60 2", "Digium D60 2.7.0", "Digium D6 2_7_0", "digium D60 2_7_0",
     "Digium D60 2_7_0 x", "Digium-D60 2_7_0", "XDigium D60 2_7_0"],
)  # fmt: skip
def test_near_misses_are_no_agents_of_digium(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (OWN, "config"),
        ("000FD3AABBCC.cfg", "config"),
        ("000fd3aabbcc-contacts.xml", "contacts"),
        ("000fd3aabbcc-contact.xml", None),
        ("000fd3aabbcc.xml", None),
        ("000fd3aabbc.cfg", None),
        ("x000fd3aabbcc.cfg", None),
        ("000000000000.cfg", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert BENCH.rule_of(file) == rule


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert BENCH.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    assert BENCH.written(secrets={f"setting.{name}": "4711"}) == SECRETS[name]


def test_the_table_here_names_every_setting_that_is_supported() -> None:
    assert {catalogue_name(name) for name in WRITTEN} | set(SECRETS) | ELSEWHERE == BENCH.supported()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"language": "hu"}, {}),
        ({"lldp": "off"}, {}),
        ({"tls_verify": "off"}, {"allow_insecure_ssl": "1"}),
        ({"raw.brightness": "5"}, {"brightness": "5"}),
        ({"raw.account.1.dial_plan": "x.T6"}, {"0/dial_plan": "x.T6"}),
        ({"raw.account.x": "y"}, {"account.x": "y"}),
        ({"raw.account.5.dial_plan": "x.T6"}, {}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(values) == expected


def test_a_line_says_everything_it_has() -> None:
    line = Line(
        number=2,
        user_name="1002",
        auth_name="a2",
        label="Desk",
        display_name="Reception",
        registrar=Endpoint.parse("pbx.example.com;transport=tls"),
        backup_registrar=Endpoint.parse("b.example.com:5080;transport=tcp"),
        outbound_proxy=Endpoint.parse("proxy.example.com:5070;transport=tls"),
        voicemail="*97",
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert {name.removeprefix("1/"): value for name, value in found.items() if name.startswith("1/")} == {
        "index": "1",
        "status": "1",
        "register": "1",
        "visual_voicemail": "0",
        "conflict": "replace",
        "account_id": "1002",
        "username": "1002",
        "authname": "a2",
        "password": "s3cret",
        "line_label": "Desk",
        "caller_id": "Reception",
        "voicemail": "sip:*97@pbx.example.com",
        "outbound_proxy": "proxy.example.com",
        "outbound_port": "5070",
        "host_primary/server": "pbx.example.com",
        "host_primary/port": "5061",
        "host_primary/transport": "tls",
        "host_primary/reregister": "600",
        "host_primary/retry": "25",
        "host_alternate/server": "b.example.com",
        "host_alternate/port": "5080",
        "host_alternate/transport": "tcp",
        "host_alternate/reregister": "600",
        "host_alternate/retry": "25",
    }
    assert found["transport_tls_allowed"] == "1"


@pytest.mark.parametrize(
    ("transport", "setting"), [("tcp", "transport_tcp_enabled"), ("tls", "transport_tls_allowed"), ("dns", None)]
)
def test_a_transport_that_a_line_wants_is_allowed(transport: str, setting: str | None) -> None:
    line = replace(LINE, registrar=Endpoint.parse(f"pbx.example.com;transport={transport}"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    assert {name for name in found if name.startswith("transport_")} == ({setting} if setting else set())
    assert ("0/host_primary/port" in found) is (transport != "dns")


@pytest.mark.parametrize(
    ("url", "element"),
    [
        ("https://fw.example.com/2_8_1_D65_firmware.eff", {"model": "D65", "version": "2_8_1"}),
        ("https://fw.example.com/latest.eff", None),
    ],
)
def test_firmware_is_named_with_version_and_model(url: str, element: dict[str, str] | None) -> None:
    root = ElementTree.fromstring(BENCH.render(BENCH.view({"firmware_url": url})))

    assert [dict(found.attrib) for found in root.iter("firmware")] == ([{**element, "url": url}] if element else [])


def contacts_of(values: dict[str, str], lines: tuple[Line, ...] = (LINE,)) -> list[tuple[str | None, ...]]:
    root = ElementTree.fromstring(BENCH.render(BENCH.view(values, lines=lines), file="contacts"))
    numbers = [found.get("dial") for found in root.iter("number")]
    people = [(found.get("first_name"), found.get("subscribe_to")) for found in root.iter("contact")]
    return [(*person, number) for person, number in zip(people, numbers, strict=True)]


def test_keys_are_contacts_in_their_order() -> None:
    values = {"key.10": "speed_dial 0800123", "key.2": "blf 1002 Front desk", "key.3": "dnd", "key.4": "line"}

    assert contacts_of(values) == [("Front desk", "sip:1002@pbx.example.com", "1002"), ("0800123", None, "0800123")]
    assert contacts_of({"key.1": "blf 1002"}, lines=()) == [("1002", None, "1002")]
    assert contacts_of({}) == []


LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=3, user_name="1003", registrar=PBX),
)
HELD = (PASSWORD, "line.3.password")
PASSWORDS = {PASSWORD: "p&<>\"'=ä", "line.3.password": "#3"}


def test_a_phone_asks_for_its_file_and_the_contacts_it_names() -> None:
    view = BENCH.view({"key.1": "blf 1002"}, lines=LINES, held=HELD)

    booted, asked = BENCH.play({OWN: BENCH.render(view, PASSWORDS), CONTACTS: BENCH.render(view, file="contacts")})

    assert asked == [OWN, CONTACTS]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="p&<>\"'=ä", auth_name="a1", registrar="pbx.example.com"),
            Account(number=3, user_name="1003", password="#3", auth_name="1003", registrar="pbx.example.com"),
        ),
        next_url=URL,
    )


def test_without_keys_no_contacts_are_named() -> None:
    assert BENCH.play({OWN: BENCH.render(BENCH.view())})[1] == [OWN]


@pytest.mark.parametrize("body", [None, "no xml", "<!DOCTYPE x><config><setting id='a' value='b'/></config>"])
def test_a_phone_that_gets_nothing_it_can_read_keeps_what_it_has(body: str | None) -> None:
    assert BENCH.play({OWN: body} if body else {})[0] == Booted()


def test_after_deletion_the_configuration_is_withheld_and_contacts_are_not() -> None:
    assert VENDOR.after_deletion_of(BENCH.view()) is AfterDeletion.NOT_FOUND
    assert {rule.name for rule in VENDOR.files if rule.configuration} == {"config"}


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(replace(BENCH.view(), raw={"x": text}))
    assert caught.value.field == "raw.x"
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=(PASSWORD,)), {PASSWORD: text})
    assert caught.value.field == PASSWORD
    assert text.strip() not in str(caught.value)


FIELDS = {
    "label": "0/line_label",
    "display_name": "0/caller_id",
    "auth_name": "0/authname",
    "raw.idle_company_text": "idle_company_text",
    "raw.account.1.dial_plan": "0/dial_plan",
    PASSWORD: "0/password",
    "setting.admin_password": "login_password",
}
SECRET_FIELDS = (PASSWORD, "setting.admin_password")


def file_with(texts: dict[str, str]) -> str:
    """The file of a phone with a text of its own in every field that takes one."""
    line = Line(
        number=1,
        user_name=texts["user_name"],
        label=texts["label"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        registrar=PBX,
        password=SecretSlot(PASSWORD),
    )
    values = {name: texts[name] for name in FIELDS if name.startswith("raw.")}
    view = BENCH.view(values, held=SECRET_FIELDS, lines=(line,))
    return BENCH.render(view, {field: texts[field] for field in SECRET_FIELDS})


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS)}))
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    found = BENCH.read(file_with(texts))

    assert found.keys() == BENCH.read(file_with(dict.fromkeys(("user_name", *FIELDS), "x"))).keys()
    assert found["0/username"] == found["0/account_id"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}


@settings(max_examples=100, deadline=None)
@given(value=TEXTS, label=TEXTS)
def test_legal_texts_come_back_from_the_contacts_too(*, value: str, label: str) -> None:
    view = replace(BENCH.view(), settings={"key.1": Key(kind=KeyKind.BLF, value=value, label=label)})

    root = ElementTree.fromstring(BENCH.render(view, file="contacts"))

    assert [(found.get("first_name"), found.get("subscribe_to")) for found in root.iter("contact")] == [
        (label, f"sip:{value}@pbx.example.com")
    ]
    assert [found.get("dial") for found in root.iter("number")] == [value]
