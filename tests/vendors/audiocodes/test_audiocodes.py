"""AudioCodes: who asks, for which file, and how a phone boots; no text changes the structure of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.line import Line
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.errors import UnfitValue
from provserver.vendors.audiocodes import VENDOR
from provserver.vendors.audiocodes.boot import read_settings
from tests.vendors.audiocodes.phone import BENCH
from tests.vendors.workbench import CATALOGUE, ILLEGAL, PBX, TEXTS, URL, USERS

OWN = "00908faabbcc.cfg"


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)", "440HD", "2.2.8.61", "00908f602aac"),
        ("AUDC-IPPhone/2.0.0_build_15 (420HD; 00908F3BBCBA)", "420HD", "2.0.0_build_15", "00908f3bbcba"),
        ("AUDC-IPPhone/2.2.16.500 (405-Rev1; 00908F3BBCBA)", "405", "2.2.16.500", "00908f3bbcba"),
        ("AUDC/3.4.6.604 AUDC-IPPhone-C450HD_UC_3.4.6.604/1", "C450HD", "3.4.6.604", None),
        ("AUDC-IPPhone-445HD_UC_3.4.8/1.0", "445HD", "3.4.8", None),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str, mac: str | None) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("audiocodes", model, firmware, None)
    assert (agent.mac.value if agent.mac else None) == mac
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AUDC",
        "AUDC-IPPhone",
        "AUDC-IPPhone/2.2.8.61",
        "AUDC-IPPhone/2.2.8.61 (440HD)",
        "AUDC-IPPhone/2.2.8.61 (440HD; 00908F602AA)",
        "AUDC-IPPhone/2.2.8.61 (440HD; 00908f602aac)",
        "AUDC-IPPhone/2.2.8.61 (440HD; 00908F602AAC) x",
        "audc-ipphone/2.2.8.61 (440HD; 00908F602AAC)",
        "Audiocodes-Sip-Gateway-MP-124/v.6.60",
        "AUDC-IPPhone-445HD_3.4.8/1.0",
    ],
)
def test_near_misses_are_no_agents_of_audiocodes(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("00908faabbcc.cfg", "config"),
        ("00908FAABBCC.cfg", "config"),
        ("00-90-8f-aa-bb-cc.cfg", "config"),
        ("00908faabbcc.cfx", "encrypted"),
        ("440HD.img", "firmware-440HD"),
        ("C450HD.img", "firmware-C450HD"),
        ("00908faabbc.cfg", None),
        ("00908faabbcc.ini", None),
        ("M80000908faabbcc.ini", None),
        ("x00908faabbcc.cfg", None),
        ("00908faabbcc.cfg.bak", None),
        ("440HDX.img", None),
        ("440HD.cfg", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert BENCH.rule_of(file) == rule


LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=3, user_name="1003", registrar=PBX),
)
HELD = ("line.1.password", "line.3.password")
PASSWORDS = {"line.1.password": "pässword=1;2", "line.3.password": "#3"}


def test_a_phone_asks_for_firmware_and_its_file() -> None:
    booted, asked = BENCH.play({OWN: BENCH.render(BENCH.view(lines=LINES, held=HELD), PASSWORDS)})

    assert asked == ["440HD.img", OWN]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="pässword=1;2", auth_name="a1", registrar="pbx.example.com"),
            Account(number=3, user_name="1003", password="#3", auth_name="1003", registrar="pbx.example.com"),
        ),
        next_url=f"{URL}{OWN}",
    )


def test_a_phone_that_gets_nothing_keeps_what_it_has() -> None:
    assert BENCH.play({})[0] == Booted()


def test_after_deletion_a_phone_hears_of_its_accounts_but_not_of_their_passwords() -> None:
    booted, _ = BENCH.play({OWN: BENCH.render(BENCH.view(lines=LINES))})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1003", None)]
    assert VENDOR.after_deletion_of(BENCH.view()) is AfterDeletion.OMIT


def test_a_blank_value_is_left_out() -> None:
    text = BENCH.render(BENCH.view({"raw.x/y": ""}))

    assert all(line.partition("=")[2] for line in text.splitlines())


@pytest.mark.parametrize("text", [*ILLEGAL, '{"abc"}'])
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    raw = replace(BENCH.view(), raw={"x/y": text})

    with pytest.raises(UnfitValue) as caught:
        BENCH.render(raw)
    assert caught.value.field == "raw.x/y"
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=("line.1.password",)), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)


FIELDS = {
    "label": "voip/line/0/extension_display",
    "display_name": "voip/line/0/description",
    "auth_name": "voip/line/0/auth_name",
    "voicemail": "voip/services/msg_waiting_ind/voice_mail_number",
    "raw.voip/audio/tone": "voip/audio/tone",
    "line.1.password": "voip/line/0/auth_password",
    "setting.admin_password": "system/password",
}
SECRET_FIELDS = ("line.1.password", "setting.admin_password")


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
    view = BENCH.view({"raw.voip/audio/tone": texts["raw.voip/audio/tone"]}, held=SECRET_FIELDS, lines=(line,))
    return BENCH.render(view, {field: texts[field] for field in SECRET_FIELDS})


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS.filter(lambda text: not text.startswith('{"')))}
    )
)
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    text = file_with(texts)

    plain = file_with(dict.fromkeys(("user_name", *FIELDS), "x"))
    assert [line.partition("=")[0] for line in text.splitlines()] == [
        line.partition("=")[0] for line in plain.splitlines()
    ]
    found = read_settings(text)
    assert found["voip/line/0/id"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}
