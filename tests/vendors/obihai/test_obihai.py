"""Obihai: who asks, for which file, and how a device boots; no text changes the structure of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Endpoint, Line
from provserver.domain.request import ProvRequest
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.errors import UnfitValue
from provserver.identify import Identified
from provserver.vendors.obihai import VENDOR
from tests.vendors.obihai.device import ADAPTER, ITSP, PHONE, SECRETS
from tests.vendors.workbench import CATALOGUE, ILLEGAL, PBX, TEXTS, URL, USERS

OWN = "9CADEFAABBCC.xml"
PASSWORD = "line.1.password"
SERVICE = "VoiceService.1.VoiceProfile.1.Line.1."


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("OBIHAI/OBi202-3.2.2.5921", "OBi202", "3.2.2.5921"),
        ("OBIHAI/OBi110-1.3.0.2824", "OBi110", "1.3.0.2824"),
        ("OBIHAI/OBi1032-5.1.11", "OBi1032", "5.1.11"),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware) == ("obihai", model, firmware)
    assert (agent.mac, agent.serial) == (None, None)
    assert VENDOR.model(model) is not None


@pytest.mark.parametrize(
    "text",
    ["", "OBIHAI", "OBIHAI/OBi202", "OBIHAI/OBi202-", "OBIHAI/OBi202-3", "OBIHAI/202-3.2.2.5921",
     "obihai/OBi202-3.2.2.5921", "OBIHAI OBi202-3.2.2.5921", "OBIHAI/OBi202-3.2.2.5921 x", "XOBIHAI/OBi202-3.2.2.5921"],
)  # fmt: skip
def test_near_misses_are_no_agents_of_obihai(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (OWN, "config"),
        ("9cadefaabbcc.xml", "config"),
        ("9c-ad-ef-aa-bb-cc.xml", "config"),
        ("OBi202.xml", "model-OBi202"),
        ("OBi1062.xml", "model-OBi1062"),
        ("OBi9999.xml", None),
        ("9CADEFAABBC.xml", None),
        ("x9CADEFAABBCC.xml", None),
        ("9CADEFAABBCC.xml.bak", None),
        ("9CADEFAABBCC.cfg", None),
        ("9CADEFAABBCC.aes", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert ADAPTER.rule_of(file) == rule


@pytest.mark.parametrize(
    ("path", "slug"),
    [("/9CADEFAABBCC.xml", "obihai"), ("/64167FAABBCC.xml", "obihai"), ("/64167FAABBCC.cfg", "polycom")],
)
def test_a_block_that_two_makers_have_is_told_apart_by_the_name(path: str, slug: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Identified)
    assert found.vendor == slug


LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=3, user_name="1003", registrar=Endpoint(host="other.example.com")),
)
HELD = (PASSWORD, "line.3.password")
PASSWORDS = {PASSWORD: "p&<>\"'=ä", "line.3.password": "#3"}
ACCOUNTS = (
    Account(number=1, user_name="1001", password="p&<>\"'=ä", auth_name="a1", registrar="pbx.example.com"),
    Account(number=3, user_name="1003", password="#3", auth_name="1003", registrar="other.example.com"),
)


def test_a_device_asks_for_its_models_file_and_its_own() -> None:
    booted, asked = ADAPTER.play({OWN: ADAPTER.render(ADAPTER.view(lines=LINES, held=HELD), PASSWORDS)})

    assert asked == ["OBi302.xml", OWN]
    assert booted == Booted(accounts=ACCOUNTS, next_url=f"{URL}{OWN}")


def test_the_models_file_points_at_the_devices_own() -> None:
    view = ADAPTER.view({"resync_minutes": "60"}, lines=LINES, held=HELD)
    served = {
        "OBi302.xml": ADAPTER.render(view, PASSWORDS, file="model-OBi302"),
        f"{URL}{OWN}": ADAPTER.render(view, PASSWORDS),
    }

    booted, asked = ADAPTER.play(served)

    assert asked == ["OBi302.xml", f"{URL}{OWN}"]
    assert booted.accounts == ACCOUNTS
    assert ADAPTER.read(served["OBi302.xml"]) == {
        f"{ITSP}ConfigURL": f"{URL}{OWN}",
        f"{ITSP}Method": "Periodically",
        f"{ITSP}Interval": "3600",
    }


def test_a_device_that_gets_nothing_keeps_what_it_has() -> None:
    assert ADAPTER.play({})[0] == Booted()


@pytest.mark.parametrize("body", ["no xml", "<!DOCTYPE x><ParameterList/>"])
def test_a_file_that_is_no_plain_xml_is_not_read(body: str) -> None:
    assert ADAPTER.play({OWN: body})[0] == Booted()


def test_after_deletion_a_device_hears_of_its_accounts_but_not_of_their_passwords() -> None:
    booted, _ = ADAPTER.play({OWN: ADAPTER.render(ADAPTER.view(lines=LINES))})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1003", None)]
    assert VENDOR.after_deletion_of(ADAPTER.view()) is AfterDeletion.OMIT


def test_nothing_is_ever_reset() -> None:
    text = PHONE.render(PHONE.view({"key.1": "dnd", "raw.A.B": ""}))

    assert "X_Reset" not in text
    assert "X_UseDefault" not in text
    assert "<Value></Value>" not in text


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        ADAPTER.render(replace(ADAPTER.view(), raw={"A.B": text}))
    assert caught.value.field == "raw.A.B"
    with pytest.raises(UnfitValue) as caught:
        ADAPTER.render(ADAPTER.view(held=(PASSWORD,)), {PASSWORD: text})
    assert caught.value.field == PASSWORD
    assert text.strip() not in str(caught.value)


FIELDS = {
    "label": f"{SERVICE}X_DisplayLabel",
    "display_name": f"{SERVICE}CallerIDName",
    "auth_name": f"{SERVICE}SIP.AuthUserName",
    "key": "VoiceService.1.Phone.LineKey.1.Number",
    "key label": "VoiceService.1.Phone.LineKey.1.Name",
    "provisioning_user": f"{ITSP}Username",
    "raw.VoiceService.1.VoiceProfile.1.DigitMap": "VoiceService.1.VoiceProfile.1.DigitMap",
    PASSWORD: f"{SERVICE}SIP.AuthPassword",
    **{f"setting.{name}": next(iter(written)) for name, written in SECRETS.items()},
}
SECRET_FIELDS = (PASSWORD, *(f"setting.{name}" for name in SECRETS))


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
    values = {name: texts[name] for name in FIELDS if name.startswith(("raw.", "provisioning_user"))}
    view = PHONE.view(values, held=SECRET_FIELDS, lines=(line,))
    key = Key(kind=KeyKind.BLF, value=texts["key"], label=texts["key label"])
    return PHONE.render(
        replace(view, settings={**view.settings, "key.1": key}), {field: texts[field] for field in SECRET_FIELDS}
    )


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS)}))
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    found = PHONE.read(file_with(texts))

    assert found.keys() == PHONE.read(file_with(dict.fromkeys(("user_name", *FIELDS), "x"))).keys()
    assert found[f"{SERVICE}SIP.URI"] == found[f"{SERVICE}DirectoryNumber"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}
