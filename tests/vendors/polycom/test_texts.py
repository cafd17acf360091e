"""Whatever text is legal arrives unchanged, and no text becomes anything else than the value it is."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.catalogue import find_spec
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Line
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from tests.vendors.polycom.phone import config, line, view_of, write

# Any character, and often one that means something to XML or to these phones. What is left to filter is rare.
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
TEXTS = (
    st.text(CHARACTERS | st.sampled_from("&<>\"'#=;[]{}%$!^-/ "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: bool(text) and text_problem(text) is None)
)
SECRET_NAMES = {
    "line.1.password": "reg.1.auth.password",
    "setting.admin_password": "device.auth.localAdminPassword",
    "setting.ldap.password": "dir.corp.password",
    "setting.push.password": "apps.push.password",
    "setting.state_polling.password": "apps.statePolling.password",
    "setting.raw.my.password": "my.password",
}
LINE_NAMES = {
    "label": "reg.1.label",
    "display_name": "reg.1.displayName",
    "auth_name": "reg.1.auth.userId",
    "voicemail": "msg.mwi.1.callBack",
}
SETTING_NAMES = {
    "ldap.base": "dir.corp.baseDN",
    "ldap.user": "dir.corp.user",
    "blf_pickup_code": "call.directedCallPickupString",
    "provisioning_user": "device.prov.user",
    "push.user": "apps.push.username",
    "state_polling.user": "apps.statePolling.username",
}
KEY_NAMES = {"key.2": "attendant.resourceList.1.label", "key.3": "efk.efklist.1.label", "softkey.1": "softkey.1.label"}
RAW_NAME = "up.statusMsg"
NAMES = {**LINE_NAMES, **SETTING_NAMES, **KEY_NAMES, RAW_NAME: RAW_NAME, **SECRET_NAMES}
KINDS = {"key.2": KeyKind.BLF, "key.3": KeyKind.SPEED_DIAL, "softkey.1": KeyKind.INTERCOM}
SECRET = "Xq7"  # in every text that is forbidden but one, so that a message which quotes it can be told
BREAKS = ["\n", "\r", "\t", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800"]
FORBIDDEN = [*(f"{SECRET}{character}b" for character in BREAKS), f" {SECRET}", f"{SECRET} ", "%NULL%"]


def phone_with(texts: dict[str, str]) -> tuple[DeviceView, dict[str, str]]:
    """A phone with a text in every field that takes one, and its secrets."""
    view = view_of({}, line(**{field: texts[field] for field in LINE_NAMES}), held=SECRET_NAMES)
    keys = {setting: Key(kind=kind, value="1002", label=texts[setting]) for setting, kind in KINDS.items()}
    plain = {setting: find_spec(setting).read(texts[setting]) for setting in SETTING_NAMES}
    view = dataclasses.replace(
        view, settings={**view.settings, **plain, **keys}, raw={**view.raw, RAW_NAME: texts[RAW_NAME]}
    )
    return view, {field: texts[field] for field in SECRET_NAMES}


PLAIN = config(*phone_with(dict.fromkeys(NAMES, "plain")))


def test_the_plain_phone_has_its_text_in_every_place() -> None:
    assert {name for name, value in PLAIN.items() if value == "plain"} == set(NAMES.values())


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS)))
def test_every_legal_text_is_read_back_and_nothing_more(texts: dict[str, str]) -> None:
    told = config(*phone_with(texts))

    assert told == {**PLAIN, **{name: texts[field] for field, name in NAMES.items()}}


@given(TEXTS)
def test_every_legal_value_of_a_key_is_read_back_or_left_out(value: str) -> None:
    view = view_of()
    key = Key(kind=KeyKind.SPEED_DIAL, value=value, label="Key")

    told = config(dataclasses.replace(view, settings={"key.2": key}))

    if set(value) & set("$!^"):
        assert told["lineKey.2.category"] == "Unassigned"
        assert "efk.efklist.1.action.string" not in told
    else:
        assert told["efk.efklist.1.action.string"] == f"{value}$Tinvite$"


@pytest.mark.parametrize("text", FORBIDDEN)
def test_an_illegal_text_is_refused_where_it_is_entered(text: str) -> None:
    for field in LINE_NAMES:
        with pytest.raises(InvalidValue):
            line(**{field: text})
    for setting in (*SETTING_NAMES, f"raw.{RAW_NAME}"):
        with pytest.raises(InvalidValue):
            find_spec(setting).read(text)
    with pytest.raises(InvalidValue):
        Key(kind=KeyKind.SPEED_DIAL, value="1", label=text)


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize(
    ("setting", "file"), [("ldap.base", "site"), ("blf_pickup_code", "site"), ("provisioning_user", "user")]
)
def test_an_illegal_setting_that_got_through_stops_the_file(text: str, setting: str, file: str) -> None:
    view = dataclasses.replace(view_of(), settings={setting: text})

    with pytest.raises(UnfitValue) as stopped:
        write(view, file)

    assert stopped.value.field == setting
    assert SECRET not in str(stopped.value)


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize("field", LINE_NAMES)
def test_an_illegal_field_of_a_line_that_got_through_stops_the_file(text: str, field: str) -> None:
    broken = _forced(line(), field, text)

    with pytest.raises(UnfitValue) as stopped:
        write(dataclasses.replace(view_of(), lines=(broken,)), "user")

    assert stopped.value.field == f"line 1, {field}"


@pytest.mark.parametrize("text", FORBIDDEN)
def test_an_illegal_raw_value_that_got_through_stops_the_file(text: str) -> None:
    with pytest.raises(UnfitValue) as stopped:
        write(dataclasses.replace(view_of(), raw={RAW_NAME: text}), "user")

    assert stopped.value.field == f"raw.{RAW_NAME}"


@pytest.mark.parametrize("text", FORBIDDEN)
@pytest.mark.parametrize("field", SECRET_NAMES)
def test_an_illegal_secret_stops_the_file_and_is_not_quoted(text: str, field: str) -> None:
    with pytest.raises(UnfitValue) as stopped:
        write(view_of(held=(field,)), "user", {field: text})

    assert stopped.value.field == field
    assert SECRET not in str(stopped.value)


@pytest.mark.parametrize("name", ["a/b", "a@b", "device.x.set"])
def test_an_illegal_raw_name_that_got_through_stops_the_file(name: str) -> None:
    with pytest.raises(UnfitValue):
        write(dataclasses.replace(view_of(), raw={name: "1"}), "user")


def _forced(good: Line, field: str, text: str) -> Line:
    object.__setattr__(good, field, text)
    return good
