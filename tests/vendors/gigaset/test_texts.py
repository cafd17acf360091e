"""No text changes the structure of a Gigaset file, and each arrives as it was entered or is refused."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.vendors.gigaset import VENDOR
from provserver.vendors.gigaset.formats import escape_latin
from tests.vendors.gigaset.phones import MAXWELL, MODELS, N510, N720, N870, config, line_with, render, view_of

ANY = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
LATIN = st.characters(max_codepoint=0xFF, exclude_categories=("Cc", "Cs"), exclude_characters='"')
FIELDS = ("display_name", "label", "auth_name", "voicemail", "raw", "password")
OLD = (N510, N720)


def texts(characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.text(characters | st.sampled_from("&<>'#=;[]{}% "), min_size=1, max_size=60)
        .map(str.strip)
        .filter(lambda text: bool(text) and text_problem(text) is None)
    )


def phone_with(model: str, values: dict[str, str]) -> tuple[DeviceView, dict[str, str]]:
    """A device with a text in every field that takes one, and its secrets."""
    line = line_with(**{name: values[name] for name in FIELDS[:4]})
    view = view_of({"raw.X.Y": values["raw"]}, model=model, lines=(line,), held=("line.1.password",))
    return view, {"line.1.password": values["password"]}


def places(model: str) -> dict[str, str]:
    """Where each text stands."""
    view, secrets = phone_with(model, {name: f"text of {name}" for name in FIELDS})
    found = {value: name for name, value in config(view, secrets).items()}
    return {name: found[f"text of {name}"] for name in FIELDS if f"text of {name}" in found}


@pytest.mark.parametrize("model", MODELS)
def test_every_field_has_its_place(model: str) -> None:
    expected = set(FIELDS) if model in {N510, MAXWELL} else set(FIELDS) - {"label"}

    assert set(places(model)) == expected


@pytest.mark.parametrize("model", [N870, MAXWELL])
@settings(deadline=None)
@given(values=st.fixed_dictionaries(dict.fromkeys(FIELDS, texts(ANY | st.just('"')))))
def test_new_devices_read_every_legal_text_back(model: str, values: dict[str, str]) -> None:
    _read_back(model, values)


@pytest.mark.parametrize("model", OLD)
@settings(deadline=None)
@given(values=st.fixed_dictionaries(dict.fromkeys(FIELDS, texts(LATIN))))
def test_old_bases_read_every_legal_text_of_theirs_back(model: str, values: dict[str, str]) -> None:
    _read_back(model, values)


def _read_back(model: str, values: dict[str, str]) -> None:
    plain, plain_secrets = phone_with(model, {name: f"text of {name}" for name in FIELDS})
    expected = config(plain, plain_secrets)
    expected |= {place: values[name] for name, place in places(model).items()}
    if "label" in places(model):  # the label stands in several places
        expected = {name: values["label"] if text == "text of label" else text for name, text in expected.items()}

    found = config(*phone_with(model, values))

    assert found == expected


@given(st.text(ANY | st.just('"'), max_size=20))
def test_what_an_old_base_cannot_carry_is_refused_and_nothing_else(text: str) -> None:
    fits = '"' not in text and all(character <= "\xff" for character in text) and text_problem(text) is None

    if fits:
        assert escape_latin(text) or not text
        return
    with pytest.raises(ValueError, match=r"^(?:holds|begins|is) ") as caught:
        escape_latin(text)
    assert len(text) < 3 or text not in str(caught.value)


@pytest.mark.parametrize("model", OLD)
@pytest.mark.parametrize("text", ['say "yes"', "Łódź", "smile 😀", "“quoted”"])
def test_a_text_that_an_old_base_cannot_carry_is_refused_when_it_is_entered(model: str, text: str) -> None:
    assert VENDOR.check is not None
    for view in (
        view_of(model=model, lines=(line_with(display_name=text),)),
        view_of({"raw.X.Y": text}, model=model),
        view_of({"phonebook.1.name": text}, model=model),
    ):
        with pytest.raises(InvalidValue) as caught:
            VENDOR.check(view)
        assert text not in caught.value.problem
    VENDOR.check(view_of(model=N870, lines=(line_with(display_name=text),)))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("text", ["two\nlines", "nul\0", "next\x85line", " front", "%NULL%", "\ufffe"])
def test_an_illegal_text_or_secret_that_got_in_stops_the_file(model: str, text: str) -> None:
    with pytest.raises(UnfitValue):
        render(dataclasses.replace(view_of(model=model), raw={"X.Y": text}))
    with pytest.raises(UnfitValue) as caught:
        render(view_of(model=model, held=("line.1.password",)), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)


@pytest.mark.parametrize("model", OLD)
@pytest.mark.parametrize("text", ['quo"te', "Łódź"])
def test_a_password_that_an_old_base_cannot_carry_stops_the_file(model: str, text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        render(view_of(model=model, held=("line.1.password",)), {"line.1.password": text})

    assert caught.value.field == "line.1.password"
    assert "Ł" not in str(caught.value)
