"""Whatever text is legal arrives unchanged, and no text becomes anything else than the value it is."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.catalogue import find_spec
from provserver.domain.line import Line
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from tests.vendors.cisco.phone import cnf, device, line, profile, view_of, write

# Any character, and often one that means something to XML or to these phones. What is left to filter is rare.
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
TEXTS = (
    st.text(CHARACTERS | st.sampled_from("&<>\"'#=;[]{}%$!^-/: "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: bool(text) and text_problem(text) is None)
)
QUOTABLE = TEXTS.filter(lambda text: '"' not in text)
SECRETS = {
    "line.1.password": "Password_1_",
    "setting.admin_password": "Admin_Password",
    "setting.user_password": "User_Password",
    "setting.provisioning_password": "GPP_SD",
    "setting.ldap.password": "LDAP_Password",
    "setting.raw.My_Password": "My_Password",
}
LINE_NAMES = {
    "label": "Short_Name_1_",
    "display_name": "Display_Name_1_",
    "auth_name": "Auth_ID_1_",
    "voicemail": "Voice_Mail_Number",
}
SETTING_NAMES = {
    "ldap.base": "LDAP_Search_Base",
    "ldap.user": "LDAP_Client_DN",
    "blf_pickup_code": "Call_Pickup_Code",
    "phonebook.1.name": "XML_Directory_Service_Name",
}
RAW = "Dial_Plan_1_"
NAMES = {**LINE_NAMES, **SETTING_NAMES, RAW: RAW, **SECRETS}
# Also in other elements: the label beside the clock, a module's code for pickup.
TWINS = {"label": "Station_Display_Name", "blf_pickup_code": "Attendant_Console_Call_Pickup_Code"}
SECRET = "Xq7"  # in every text that is forbidden but one, so that a message which quotes it can be told
BREAKS = ["\n", "\r", "\t", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800"]
FORBIDDEN = [*(f"{SECRET}{character}b" for character in BREAKS), f" {SECRET}", f"{SECRET} ", "%NULL%"]


def phone_with(texts: dict[str, str]) -> tuple[DeviceView, dict[str, str]]:
    """A phone with a text in every field that takes one, and its secrets."""
    view = view_of({}, line(**{field: texts[field] for field in LINE_NAMES}), held=SECRETS)
    plain = {setting: find_spec(setting).read(texts[setting]) for setting in SETTING_NAMES}
    view = dataclasses.replace(view, settings={**view.settings, **plain}, raw={**view.raw, RAW: texts[RAW]})
    return view, {field: texts[field] for field in SECRETS}


PLAIN = profile(*phone_with(dict.fromkeys(NAMES, "plain")))


def test_the_plain_phone_has_its_text_in_every_place() -> None:
    assert {name for name, value in PLAIN.items() if value == "plain"} == {*NAMES.values(), *TWINS.values()}


@settings(deadline=None)  # twenty texts and two parsings each: slow on a busy machine
@given(st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS)))
def test_every_legal_text_is_read_back_and_nothing_more(texts: dict[str, str]) -> None:
    told = profile(*phone_with(texts))

    expected = {name: texts[field] for field, name in (*NAMES.items(), *TWINS.items())}
    assert told == {**PLAIN, **expected}


@settings(deadline=None)
@given(label=TEXTS, name=TEXTS, password=TEXTS, admin=TEXTS)
def test_an_enterprise_phone_reads_every_legal_text_back(label: str, name: str, password: str, admin: str) -> None:
    held = ("line.1.password", "setting.admin_password")
    told = device(
        view_of({}, line(label=label, display_name=name), held=held),
        {"line.1.password": password, "setting.admin_password": admin},
    )

    place = "sipProfile/sipLines/line#1"
    assert (told[f"{place}/featureLabel"], told[f"{place}/displayName"]) == (label, name)
    assert (told[f"{place}/authPassword"], told["sshPassword"]) == (password, admin)
    plain = device(view_of({}, line(label="x", display_name="x"), held=held))
    assert told.keys() == plain.keys()


@settings(deadline=None)
@given(label=QUOTABLE, password=QUOTABLE)
def test_the_oldest_phones_read_every_text_without_a_double_quote_back(label: str, password: str) -> None:
    view = view_of({}, line(label=label), held=("line.1.password",))
    told = cnf(view, {"line.1.password": password})

    assert (told["line1_shortname"], told["line1_password"]) == (label, password)
    assert told.keys() == cnf(view).keys()


def test_a_double_quote_stops_the_file_of_the_oldest_phones() -> None:
    with pytest.raises(UnfitValue) as plain:
        write(view_of({}, line(label='5" screen')), "cnf")
    with pytest.raises(UnfitValue) as secret:
        write(view_of(held=("line.1.password",)), "cnf", {"line.1.password": f'{SECRET}"'})

    assert (plain.value.field, secret.value.field) == ("line 1, label", "line.1.password")
    assert SECRET not in str(secret.value)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_an_illegal_text_is_refused_where_it_is_entered(text: str) -> None:
    for field in LINE_NAMES:
        with pytest.raises(InvalidValue):
            line(**{field: text})
    for setting in (*SETTING_NAMES, f"raw.{RAW}"):
        with pytest.raises(InvalidValue):
            find_spec(setting).read(text)


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize("file", ["profile", "enterprise", "cnf"])
def test_an_illegal_field_of_a_line_that_got_through_stops_the_file(text: str, file: str) -> None:
    broken = _forced(line(), "label", text)

    with pytest.raises(UnfitValue) as stopped:
        write(dataclasses.replace(view_of(), lines=(broken,)), file)

    assert stopped.value.field == "line 1, label"


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize("setting", SETTING_NAMES)
def test_an_illegal_setting_that_got_through_stops_the_file(text: str, setting: str) -> None:
    with pytest.raises(UnfitValue) as stopped:
        write(dataclasses.replace(view_of(), settings={setting: text}), "profile")

    assert stopped.value.field == setting
    assert SECRET not in str(stopped.value)


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize("field", SECRETS)
def test_an_illegal_secret_stops_the_file_and_is_not_quoted(text: str, field: str) -> None:
    with pytest.raises(UnfitValue) as stopped:
        write(view_of(held=(field,)), "profile", {field: text})

    assert stopped.value.field == field
    assert SECRET not in str(stopped.value)


@pytest.mark.parametrize("name", ["a/b", "a@b", "Profile_Rule", "a><b"])
def test_an_illegal_raw_name_that_got_through_stops_the_file(name: str) -> None:
    with pytest.raises(UnfitValue):
        write(dataclasses.replace(view_of(), raw={name: "1"}), "profile")


def _forced(good: Line, field: str, text: str) -> Line:
    object.__setattr__(good, field, text)
    return good
