"""ALE: who asks, for which file, and how a phone boots; no text changes the structure of a file."""

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
from provserver.vendors.alcatel import VENDOR
from tests.vendors.alcatel.phones import MYRIAD, SECRETS, TOUCH
from tests.vendors.workbench import CATALOGUE, ILLEGAL, PBX, TEXTS, URL, USERS

PASSWORD = "line.1.password"


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("ALE M3-CE 2.11.01.1604 3c28a620089e", "M3", "2.11.01.1604", "3c28a620089e"),
        ("ALE M7 2.13.02.1000 3c28a620089e", "M7", "2.13.02.1000", "3c28a620089e"),
        ("ALE H3P 2.12.02.000 487a5520089e", "H3P", "2.12.02.000", "487a5520089e"),
        ("Alcatel IP Touch 4008/2.00.81", "4008", "2.00.81", None),
        ("Alcatel IP Touch 4018/2.01.10", "4018", "2.01.10", None),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str, mac: str | None) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("alcatel", model, firmware, None)
    assert (agent.mac.value if agent.mac else None) == mac
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ALE",
        "ALE M3",
        "ALE M3-CE 2.11.01.1604",
        "ALE M3-CE 2.11.01.1604 3C28A620089E",
        "ALE M3-CE 2.11.01.1604 3c28a620089",
        "ALE M3-XX 2.11.01.1604 3c28a620089e",
        "ALE M3-CE 2.11.01.1604 3c28a620089e x",
        "ale M3-CE 2.11.01.1604 3c28a620089e",
        "ALE 8028s-GE 1.51.52.2204 487a55023075",
        "Alcatel IP Touch",
        "Alcatel IP Touch 4018",
        "Alcatel IP Touch 4018/2.01.10 x",
        "Alcatel 4018/2.01.10",
    ],
)
def test_near_misses_are_no_agents_of_ale(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("config.3c28a6aabbcc.xml", "config"),
        ("config.3C28A6AABBCC.xml", "config"),
        ("config.xml", "common"),
        ("config.xml?mac=3c28a6aabbcc", "config-query"),
        ("config.M5.xml", "model"),
        ("config.M5-CE.xml", "model-ce"),
        ("lanpbx.cfg", "touch-mode"),
        ("sipconfig.txt", "touch-common"),
        ("sipconfig-3c28a6aabbcc.txt", "touch-config"),
        ("config3c28a6aabbcc.xml", None),
        ("config-3c28a6aabbcc.xml", None),
        ("config.3c28a6aabbcc.cfg", None),
        ("config.3c28a6aabbcc.xml.bak", None),
        ("sipconfig_3c28a6aabbcc.txt", None),
        ("sipconfig-3c28a6aabbcc.xml", None),
        ("3c28a6aabbcc.xml", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert MYRIAD.rule_of(file) == rule


LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=3, user_name="1003", registrar=PBX),
)
HELD = (PASSWORD, "line.3.password")
PASSWORDS = {PASSWORD: "p&<>\"'=ä", "line.3.password": "#3"}


def test_a_myriad_asks_for_three_files() -> None:
    served = {"config.3c28a6aabbcc.xml": MYRIAD.render(MYRIAD.view(lines=LINES, held=HELD), PASSWORDS)}

    booted, asked = MYRIAD.play(served)

    assert asked == ["config.xml", "config.M5.xml", "config.3c28a6aabbcc.xml"]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="p&<>\"'=ä", auth_name="a1", registrar="pbx.example.com"),
            Account(number=3, user_name="1003", password="#3", auth_name="1003", registrar="pbx.example.com"),
        ),
        next_url=URL,
    )


def test_an_ip_touch_asks_for_three_files() -> None:
    view = TOUCH.view(lines=LINES, held=HELD)
    served = {
        "lanpbx.cfg": TOUCH.render(view, file="touch-mode"),
        "sipconfig.txt": TOUCH.render(view, file="touch-common"),
        "sipconfig-3c28a6aabbcc.txt": TOUCH.render(view, PASSWORDS),
    }

    booted, asked = TOUCH.play(served)

    assert asked == list(served)
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="p&<>\"'=ä", auth_name="a1", registrar="pbx.example.com"),
        )
    )


@pytest.mark.parametrize("bench", [MYRIAD, TOUCH], ids=["myriad", "touch"])
def test_a_phone_that_gets_nothing_keeps_what_it_has(bench: object) -> None:
    assert bench.play({})[0] == Booted()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body", ["no xml", "<!DOCTYPE x><settings><setting id='Account1Enable' value='true'/></settings>"]
)
def test_a_file_that_is_no_plain_xml_is_not_read(body: str) -> None:
    assert MYRIAD.play({"config.3c28a6aabbcc.xml": body})[0] == Booted()


def test_after_deletion_a_myriad_hears_of_its_accounts_but_not_of_their_passwords() -> None:
    booted, _ = MYRIAD.play({"config.3c28a6aabbcc.xml": MYRIAD.render(MYRIAD.view(lines=LINES))})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1003", None)]


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        ("M3", AfterDeletion.OMIT),
        ("H2", AfterDeletion.OMIT),
        ("4018", AfterDeletion.NOT_FOUND),
        ("4068", AfterDeletion.NOT_FOUND),
        ("8028s", AfterDeletion.NOT_FOUND),
    ],
)
def test_only_a_phone_that_keeps_what_it_has_is_served_after_deletion(model: str, answer: AfterDeletion) -> None:
    assert VENDOR.after_deletion_of(MYRIAD.view(model=model)) is answer
    assert VENDOR.after_deletion_of(replace(MYRIAD.view(), model=None)) is AfterDeletion.NOT_FOUND


def test_the_common_file_of_an_ip_touch_goes_with_its_own() -> None:
    served = {rule.name for rule in VENDOR.files if rule.template and not rule.configuration}

    assert served == {"touch-mode"}


@pytest.mark.parametrize("file", ["touch-mode", "touch-common"])
def test_common_files_have_nothing_of_one_device(file: str) -> None:
    fields = (PASSWORD, *(f"setting.{name}" for name in SECRETS))

    text = TOUCH.render(TOUCH.view({"raw.sip/x": "y"}, held=fields), dict.fromkeys(fields, "p4ss"), file=file)

    assert not {"1001", "p4ss", "y"} & set(text.replace("=", "\n").split("\n"))


@pytest.mark.parametrize("text", ILLEGAL)
@pytest.mark.parametrize("bench", [MYRIAD, TOUCH], ids=["myriad", "touch"])
def test_a_text_that_the_file_cannot_carry_stops_it(bench: object, text: str) -> None:
    raw = replace(MYRIAD.view(), raw={"sip/x" if bench is TOUCH else "x": text})

    with pytest.raises(UnfitValue):
        bench.render(raw)  # type: ignore[attr-defined]
    with pytest.raises(UnfitValue) as caught:
        bench.render(MYRIAD.view(held=(PASSWORD,)), {PASSWORD: text})  # type: ignore[attr-defined]
    assert caught.value.field == PASSWORD
    assert text.strip() not in str(caught.value)


FIELDS = {
    "label": "Account1Label",
    "display_name": "Account1DisplayName",
    "auth_name": "Account1RegName",
    "voicemail": "Account1VmNumber",
    "key": "ProgramKey1Value",
    "key label": "ProgramKey1Label",
    "phonebook.1.name": "RemotePhoneBook1GroupName",
    "provisioning_user": "DeviceProvisionServerUsername",
    "raw.DigitMap": "DigitMap",
    PASSWORD: "Account1Password",
    **{f"setting.{name}": next(iter(written)) for name, written in SECRETS.items()},
}
SECRET_FIELDS = (PASSWORD, *(f"setting.{name}" for name in SECRETS))


def file_with(texts: dict[str, str]) -> str:
    """The file of a Myriad with a text of its own in every field that takes one."""
    line = Line(
        number=1,
        user_name=texts["user_name"],
        label=texts["label"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        voicemail=texts["voicemail"],
        registrar=PBX,
        password=SecretSlot(PASSWORD),
    )
    values = {name: texts[name] for name in ("phonebook.1.name", "provisioning_user", "raw.DigitMap")}
    view = MYRIAD.view(values, held=SECRET_FIELDS, lines=(line,))
    key = Key(kind=KeyKind.BLF, value=texts["key"], label=texts["key label"])
    return MYRIAD.render(
        replace(view, settings={**view.settings, "key.1": key}), {field: texts[field] for field in SECRET_FIELDS}
    )


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS)}))
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    found = MYRIAD.read(file_with(texts))

    assert found.keys() == MYRIAD.read(file_with(dict.fromkeys(("user_name", *FIELDS), "x"))).keys()
    assert found["Account1UserName"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}


@settings(max_examples=100, deadline=None)
@given(user=USERS, name=TEXTS, password=TEXTS, raw=TEXTS, admin=TEXTS)
def test_legal_texts_come_back_from_an_ip_touch_too(
    *, user: str, name: str, password: str, raw: str, admin: str
) -> None:
    line = Line(number=1, user_name=user, display_name=name, registrar=PBX)
    view = TOUCH.view({"raw.sip/x": raw}, held=(PASSWORD, "setting.admin_password"), lines=(line,))
    text = TOUCH.render(view, {PASSWORD: password, "setting.admin_password": admin})

    found = TOUCH.read(text)

    assert len([line for line in text.splitlines() if line.startswith("[")]) == 3
    assert (found["sip/user_name"], found["sip/display_name"]) == (user, name)
    assert (found["sip/authentication_password"], found["sip/x"]) == (password, raw)
    assert (found["appl/admin_password"], found["telnet/telnet_password"]) == (admin, admin)
