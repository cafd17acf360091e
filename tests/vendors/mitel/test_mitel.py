"""Mitel: who asks, for which file, and how a phone boots; no text changes the structure of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Line
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.errors import UnfitValue
from provserver.identify import take_apart
from provserver.vendors.mitel import VENDOR
from provserver.vendors.mitel.boot import read_settings
from tests.vendors.mitel.phone import BENCH, SECRETS
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, PBX, TEXTS, URL, USERS


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Aastra6731i MAC:00-08-5D-23-74-29 V:3.2.0.70-SIP", "6731i", "3.2.0.70", "00085d237429"),
        ("Aastra55i MAC:00-08-5D-23-74-29 V:2.5.0.82-SIP", "55i", "2.5.0.82", "00085d237429"),
        ("Aastra6863i MAC:00-08-5D-40-90-5F V:4.1.0.128-SIP", "6863i", "4.1.0.128", "00085d40905f"),
        ("Mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-SIP", "6920", "6.4.0.140", "1400e91f03ea"),
        ("Mitel6940w MAC:14-00-E9-1B-45-24 V:8.2.0.12-SIP", "6940w", "8.2.0.12", "1400e91b4524"),
    ],
)
def test_every_form_of_user_agent_tells_model_firmware_and_mac(text: str, model: str, firmware: str, mac: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("mitel", model, firmware, None)
    assert agent.mac is not None
    assert agent.mac.value == mac
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mitel",
        "Mitel6920",
        "Mitel6920 MAC:14-00-E9-1F-03-EA",
        "Mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140",
        "Mitel6920 MAC:14-00-E9-1F-03 V:6.4.0.140-SIP",
        "Mitel6920 MAC:14:00:E9:1F:03:EA V:6.4.0.140-SIP",
        "Mitel6920 MAC:14-00-e9-1f-03-ea V:6.4.0.140-SIP",
        "Mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-SIP\n",
        "Mitel 6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-SIP",
        "mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-SIP",
        "Mitel6920 MAC:14-00-E9-1F-03-EA V:6.4.0.140-MINET",
    ],
)
def test_near_misses_are_no_agents_of_mitel(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("startup.cfg", "startup"),
        ("aastra.cfg", "aastra"),
        ("1400E9AABBCC.cfg", "config"),
        ("1400e9aabbcc.cfg", "config"),
        ("14-00-E9-AA-BB-CC.cfg", "config"),
        ("1400E9AABBCC.tuz", "encrypted-mac"),
        ("startup.tuz", "encrypted-startup"),
        ("aastra.tuz", "encrypted-aastra"),
        ("security.tuz", "encrypted-security"),
        ("6867i.cfg", "model-6867i"),
        ("6867i.tuz", "encrypted-model-6867i"),
        ("6867i.st", "firmware-6867i"),
        ("57i.st", "firmware-57i"),
        ("6920.cfg", "model-6920"),
        ("1400E9AABBCC.xml", None),
        ("1400E9AABBC.cfg", None),
        ("x1400E9AABBCC.cfg", None),
        ("startup.cfg.bak", None),
        ("Startup", None),
        ("9999i.cfg", None),
        ("MN_1400E9AABBCC.cfg", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert BENCH.rule_of(file) == rule


def test_the_phone_sends_nothing() -> None:
    asked = take_apart("/1400E9AABBCC.cfg")
    assert asked is not None

    assert CATALOGUE.upload_rule("mitel", asked) is None


TWO_LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=2, user_name="1002", registrar=PBX),
)
HELD = ("line.1.password", "line.2.password")
PASSWORDS = {"line.1.password": "pässword: 1", "line.2.password": "#2"}
ACCOUNTS = (
    Account(number=1, user_name="1001", password="pässword: 1", auth_name="a1", registrar="pbx.example.com"),
    Account(number=2, user_name="1002", password="#2", auth_name="1002", registrar="pbx.example.com"),
)


def served(startup: str = "startup.cfg") -> dict[str, str]:
    view = BENCH.view(lines=TWO_LINES, held=HELD)
    return {
        startup: BENCH.render(view, PASSWORDS, file="startup"),
        "1400E9AABBCC.cfg": BENCH.render(view, PASSWORDS),
    }


def test_a_phone_asks_for_each_file_encrypted_first() -> None:
    booted, asked = BENCH.play(served())

    assert asked == [
        "security.tuz",
        "startup.tuz",
        "startup.cfg",
        "6867i.tuz",
        "6867i.cfg",
        "1400E9AABBCC.tuz",
        "1400E9AABBCC.cfg",
    ]
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL.replace("example.net", "example.net:443"))


def test_older_firmware_asks_for_aastra_cfg() -> None:
    booted, asked = BENCH.play(served("aastra.cfg"), firmware="3.3.1.4322")

    assert asked[1:3] == ["aastra.tuz", "aastra.cfg"]
    assert booted.accounts == ACCOUNTS


def test_a_phone_that_gets_nothing_keeps_what_it_has() -> None:
    booted, _ = BENCH.play({})

    assert booted == Booted()


def test_a_file_that_the_phone_can_read_encrypted_is_not_asked_plain() -> None:
    _, asked = BENCH.play({"startup.tuz": "x"})

    assert "startup.cfg" not in asked


def test_after_deletion_no_configuration_is_served() -> None:
    assert VENDOR.after_deletion_of(BENCH.view()) is AfterDeletion.NOT_FOUND
    assert {rule.name for rule in VENDOR.files if rule.template} == {"startup", "aastra", "config"}
    assert all(rule.configuration for rule in VENDOR.files if rule.template)


def test_the_common_file_is_not_empty_and_has_nothing_of_one_device() -> None:
    fields = ("line.1.password", *(f"setting.{name}" for name in SECRETS))
    view = BENCH.view({"key.1": "dnd", "raw.sip_dial_plan": "x"}, held=fields)

    text = BENCH.render(view, dict.fromkeys(fields, "p4ss"), file="startup")

    assert text
    assert read_settings(text) == {}
    assert "1001" not in text
    assert "p4ss" not in text


def test_a_blank_value_is_left_out() -> None:
    text = BENCH.render(BENCH.view({"phonebook.1.name": "", "raw.x_y": ""}))

    assert all(line.startswith("#") or line.partition(": ")[2] for line in text.splitlines())


@pytest.mark.parametrize("text", ["admin # 1", "#", "a:b # c: d"])
def test_a_value_with_a_hash_is_quoted(text: str) -> None:
    found = BENCH.render(BENCH.view(held=("line.1.password",)), {"line.1.password": text})

    assert f'sip line1 password: "{text}"\n' in found
    assert read_settings(found)["sip line1 password"] == text


@pytest.mark.parametrize("text", [*ILLEGAL, 'quo"ted', '"'])
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    setting = replace(BENCH.view(), settings={"phonebook.1.name": text})
    raw = replace(BENCH.view(), raw={"sip_dial_plan": text})

    for view, name in ((setting, "phonebook.1.name"), (raw, "raw.sip_dial_plan")):
        with pytest.raises(UnfitValue) as caught:
            BENCH.render(view)
        assert caught.value.field == name
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=("line.1.password",)), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value).removeprefix("line.1.password: ")


CARRIED = TEXTS.filter(lambda text: '"' not in text)
FIELDS = {
    "label": "sip line1 screen name",
    "display_name": "sip line1 display name",
    "auth_name": "sip line1 auth name",
    "voicemail": "sip line1 vmail",
    "key": "topsoftkey1 value",
    "key label": "topsoftkey1 label",
    "softkey": "softkey1 value",
    "module": "expmod1 key1 value",
    "phonebook.1.name": "directory 1 name",
    "blf_pickup_code": "directed call pickup prefix",
    "provisioning_user": "http digest username",
    "raw.sip_dial_plan": "sip dial plan",
    "line.1.password": "sip line1 password",
    "setting.admin_password": "admin password",
    "setting.user_password": "user password",
    "setting.provisioning_password": "http digest password",
}
SECRET_FIELDS = tuple(name for name in FIELDS if name.startswith(("line.", "setting.")))


def file_with(texts: dict[str, str]) -> str:
    """The file of a device with a text of its own in every field that takes one."""
    line = Line(
        number=1,
        user_name=texts["user_name"],
        label=texts["label"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        voicemail=texts["voicemail"],
        registrar=PBX,
        password=SecretSlot("line.1.password"),
    )
    values = {name: texts[name] for name in FIELDS if name.startswith(("phonebook", "blf", "provisioning", "raw."))}
    view = BENCH.view(values, held=SECRET_FIELDS, lines=(line,))
    keys = {
        "key.1": Key(kind=KeyKind.SPEED_DIAL, value=texts["key"], label=texts["key label"]),
        "softkey.1": Key(kind=KeyKind.XML, value=texts["softkey"]),
        "module.1.key.1": Key(kind=KeyKind.BLF, value=texts["module"]),
    }
    return BENCH.render(
        replace(view, settings={**view.settings, **keys}), {field: texts[field] for field in SECRET_FIELDS}
    )


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, CARRIED)}))
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    text = file_with(texts)

    plain = file_with(dict.fromkeys(("user_name", *FIELDS), "x"))
    assert [line.partition(":")[0] for line in text.splitlines()] == [
        line.partition(":")[0] for line in plain.splitlines()
    ]
    found = read_settings(text)
    assert found["sip line1 user name"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}


def test_a_line_without_password_and_the_default_line_are_the_same_but_for_it() -> None:
    held = BENCH.settings(BENCH.view(held=("line.1.password",)), {"line.1.password": "x"})

    assert held.items() - BENCH.settings(BENCH.view(lines=(LINE,))).items() == {("sip line1 password", "x")}
