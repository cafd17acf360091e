"""No text changes the structure of a Panasonic file, and each arrives as it was entered or is refused."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.vendors.panasonic import VENDOR
from provserver.vendors.panasonic.files import escape_quoted
from tests.vendors.panasonic.phones import config, line_with, render, view_of

ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters='"\ufeff\ufffe\uffff')
TEXTS = (
    st.text(ANY | st.sampled_from("&<>'#=;[]{}%\\ "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: bool(text) and text_problem(text) is None)
)
PLACES = {
    "display_name": "DISPLAY_NAME_1",
    "auth_name": "SIP_AUTHID_1",
    "voicemail": "VM_NUMBER_1",
    "ldap.base": "LDAP_BASEDN",
    "ldap.user": "LDAP_USERID",
    "blf_pickup_code": "NUM_PLAN_PICKUP_DIRECT",
    "raw.HOST_NAME": "HOST_NAME",
    "line.1.password": "SIP_PASS_1",
    "setting.admin_password": "ADMIN_PASS",
    "setting.ldap.password": "LDAP_PASSWORD",
}
LINE_FIELDS = ("display_name", "auth_name", "voicemail")
SECRETS = ("line.1.password", "setting.admin_password", "setting.ldap.password")
PLAIN = dict.fromkeys(PLACES, "plain")


def phone_with(values: dict[str, str]) -> tuple[DeviceView, dict[str, str]]:
    """A phone with a text in every field that takes one, and its secrets."""
    settings_ = {name: values[name] for name in PLACES if name not in LINE_FIELDS and name not in SECRETS}
    view = view_of(settings_, lines=(line_with(**{name: values[name] for name in LINE_FIELDS}),), held=SECRETS)
    return view, {name: values[name] for name in SECRETS}


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)))
def test_every_legal_text_is_read_back_and_nothing_more(values: dict[str, str]) -> None:
    expected = config(*phone_with(PLAIN)) | {place: values[name] for name, place in PLACES.items()}

    assert config(*phone_with(values)) == expected


@given(st.text(ANY | st.just('"'), max_size=20) | st.text("ä☎😀", min_size=120, max_size=300))
def test_what_a_line_cannot_carry_is_refused_and_nothing_else(text: str) -> None:
    if '"' not in text and len(text.encode()) <= 500 and text_problem(text) is None:
        assert escape_quoted(text) == text
        return
    with pytest.raises(ValueError, match=r"^(?:holds|begins|is) ") as caught:
        escape_quoted(text)
    assert len(text) < 3 or text not in str(caught.value)


@pytest.mark.parametrize("text", ['say "yes"', "x" * 501, "ä" * 251])
def test_such_a_text_is_refused_when_it_is_entered(text: str) -> None:
    assert VENDOR.check is not None
    for view in (
        view_of(lines=(line_with(display_name=text),)),
        view_of({"raw.HOST_NAME": text}),
        view_of({"ldap.base": text}),
    ):
        with pytest.raises(InvalidValue) as caught:
            VENDOR.check(view)
        assert text not in caught.value.problem


@pytest.mark.parametrize("text", ["x" * 500, "ä" * 250])
def test_the_longest_value_fits_on_its_line(text: str) -> None:
    assert config(view_of({f"raw.{'N' * 32}": text}))["N" * 32] == text


@pytest.mark.parametrize("text", ["two\nlines", "two\r\nlines", "nul\0", "next\x85line", " front", "%NULL%", 'quo"te'])
def test_an_illegal_text_or_secret_that_got_in_stops_the_file(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        render(dataclasses.replace(view_of(), raw={"HOST_NAME": text}))
    assert caught.value.field == "raw.HOST_NAME"
    with pytest.raises(UnfitValue) as caught:
        render(view_of(held=("line.1.password",)), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)
