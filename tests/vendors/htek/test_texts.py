"""No text changes the structure of an Htek file, and each arrives as it was entered."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.key import Key, KeyKind
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import UnfitValue
from tests.vendors.htek.phones import config, line_with, render, view_of

ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
TEXTS = (
    st.text(ANY | st.sampled_from("&<>\"'#=;[]{}%\\ "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: bool(text) and text_problem(text) is None)
)
PLACES = {
    "label": "P20000",
    "display_name": "P3",
    "auth_name": "P36",
    "voicemail": "P33",
    "ldap.base": "P5434",
    "ldap.user": "P5435",
    "blf_pickup_code": "P4705",
    "phonebook.1.name": "P3316",
    "provisioning_user": "P1360",
    "raw.P8951": "P8951",
    "key value": "P41300",
    "key label": "P41400",
    "line.1.password": "P34",
    "setting.admin_password": "P2",
    "setting.ldap.password": "P5436",
    "setting.provisioning_password": "P1361",
}
LINE_FIELDS = ("label", "display_name", "auth_name", "voicemail")
KEY_FIELDS = ("key value", "key label")
SECRETS = tuple(name for name in PLACES if name.endswith("password"))
PLAIN = dict.fromkeys(PLACES, "plain")


def phone_with(values: dict[str, str]) -> tuple[DeviceView, dict[str, str]]:
    """A phone with a text in every field that takes one, and its secrets."""
    others = {name: values[name] for name in PLACES if name not in (*LINE_FIELDS, *KEY_FIELDS, *SECRETS)}
    view = view_of(others, lines=(line_with(**{name: values[name] for name in LINE_FIELDS}),), held=SECRETS)
    key = Key(kind=KeyKind.SPEED_DIAL, value=values["key value"], label=values["key label"])
    view = dataclasses.replace(view, settings={**view.settings, "key.1": key})
    return view, {name: values[name] for name in SECRETS}


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)))
def test_every_legal_text_is_read_back_and_nothing_more(values: dict[str, str]) -> None:
    expected = config(*phone_with(PLAIN)) | {place: values[name] for name, place in PLACES.items()}

    assert config(*phone_with(values)) == expected


@pytest.mark.parametrize("text", ["two\nlines", "nul\0", "next\x85line", " front", "back ", "%NULL%", "\ufffe"])
def test_an_illegal_text_or_secret_that_got_in_stops_the_file(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        render(dataclasses.replace(view_of(), raw={"P8951": text}))
    assert caught.value.field == "raw.P8951"
    with pytest.raises(UnfitValue) as caught:
        render(view_of(held=("line.1.password",)), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)
