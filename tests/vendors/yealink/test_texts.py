"""No text changes the structure of a Yealink file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.catalogue import SPECS, find_spec
from provserver.domain.key import Key, KeyKind
from provserver.domain.line import Line
from provserver.domain.resolve import build_view
from provserver.domain.setting import SettingValue
from provserver.domain.slot import SecretSlot
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.vendors.yealink import VENDOR
from provserver.vendors.yealink.boot import HEADER
from tests.vendors.yealink.phones import (
    LINE,
    MAC,
    PBX,
    SECRETS,
    render,
    view_of,
)

TEXTS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: text and text_problem(text) is None)
)
USERS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters='<>"@:;,?&=\\/'),
    min_size=1,
    max_size=20,
).filter(lambda text: text_problem(text) is None)
TEXT_SETTINGS = sorted(spec.name for spec in SPECS if spec.kind == "text" and VENDOR.supports(spec.name))
SECRET_FIELDS = ("line.1.password", *(f"setting.{name}" for name in SECRETS))
RAW_NAME = "raw.features.custom_version_info"


def _view(texts: Mapping[str, str]) -> DeviceView:
    """A device with a text of its own in every field that takes one."""
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
    keys: dict[str, SettingValue] = {
        "key.1": Key(kind=KeyKind.BLF, value=texts["key"], label=texts["key label"]),
        "softkey.1": Key(kind=KeyKind.DTMF, value=texts["softkey"], label=texts["softkey label"]),
        "module.1.key.1": Key(kind=KeyKind.URL, value=texts["module"], label=texts["module label"]),
    }
    values = {name.replace("N", "1"): texts[name] for name in TEXT_SETTINGS}
    view = build_view(
        mac=MAC, model="T54W", lines=(line,), settings={**values, RAW_NAME: texts[RAW_NAME]}, held=SECRET_FIELDS
    )
    return replace(view, settings={**view.settings, **keys})


FIELDS = (
    "label", "display_name", "auth_name", "voicemail", "key", "key label", "softkey", "softkey label", "module",
    "module label", RAW_NAME, *TEXT_SETTINGS, *SECRET_FIELDS,
)  # fmt: skip
ALL_TEXTS = st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS)})
PLAIN = dict.fromkeys((*FIELDS, "user_name"), "x")
PLACES = {
    "user_name": "account.1.user_name",
    "label": "account.1.label",
    "display_name": "account.1.display_name",
    "auth_name": "account.1.auth_name",
    "voicemail": "voice_mail.number.1",
    "key": "linekey.1.value",
    "key label": "linekey.1.label",
    "softkey": "programablekey.1.value",
    "softkey label": "programablekey.1.label",
    "module": "expansion_module.1.key.1.value",
    "module label": "expansion_module.1.key.1.label",
    RAW_NAME: RAW_NAME.removeprefix("raw."),
    "blf_pickup_code": "linekey.1.extension",
    "provisioning_user": "static.auto_provision.server.username",
    "phonebook.N.name": "remote_phonebook.data.1.name",
    "action_allowed_from": "features.action_uri_limit_ip",
    "ldap.name_attributes": "ldap.name_attr",
    "ldap.number_attributes": "ldap.numb_attr",
    "line.1.password": "account.1.password",
    "setting.ldap.password": "ldap.password",
    "setting.provisioning_password": "static.auto_provision.server.password",
}


def _lines(text: str) -> list[tuple[str, str]]:
    """The file as the most suspicious reader has it: whatever Unicode calls the end of a line ends one."""
    header, *lines = text.splitlines()
    assert header == HEADER
    return [(name.strip(), value.strip()) for name, _, value in (line.partition("=") for line in lines)]


@settings(max_examples=150)
@given(ALL_TEXTS)
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    text = render(_view(texts), {field: texts[field] for field in SECRET_FIELDS})

    plain = _lines(render(_view(PLAIN), {field: PLAIN[field] for field in SECRET_FIELDS}))
    found = _lines(text)
    assert [name for name, _ in found] == [name for name, _ in plain]
    values = dict(found)
    for field in (*FIELDS, "user_name"):
        if not field.endswith(("admin_password", "user_password", "var_password")):
            assert values[PLACES.get(field, field)] == texts[field], field
    passwords = [value for name, value in found if name == "static.security.user_password"]
    assert passwords == [f"{level}:{texts[f'setting.{level}_password']}" for level in ("admin", "user", "var")]


ILLEGAL = (
    "two\nlines",
    "carriage\rreturn",
    "nul\0",
    "next\x85line",
    "line\u2028separator",
    " front",
    "back ",
    "%NULL%",
    "%empty%",
)


@pytest.mark.parametrize("text", ILLEGAL)
def test_an_illegal_text_is_refused_when_it_is_entered(text: str) -> None:
    for name in ("phonebook.1.name", "raw.features.x"):
        with pytest.raises(InvalidValue):
            find_spec(name).read(text)
    for field in ("label", "display_name", "auth_name", "voicemail"):
        with pytest.raises(InvalidValue):
            replace(LINE, **{field: text})  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        Key(kind=KeyKind.BLF, value="1002", label=text)


@pytest.mark.parametrize("text", ILLEGAL)
def test_an_illegal_text_that_got_in_stops_the_rendering(text: str) -> None:
    setting = replace(view_of(), settings={"phonebook.1.name": text})
    raw = replace(view_of(), raw={"features.x": text})

    for view, name in ((setting, "phonebook.1.name"), (raw, "raw.features.x")):
        with pytest.raises(UnfitValue) as caught:
            render(view)
        assert caught.value.field == name


@pytest.mark.parametrize("text", ILLEGAL)
def test_an_illegal_password_stops_the_artefact(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        render(view_of(held=("line.1.password",)), {"line.1.password": text})

    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)
