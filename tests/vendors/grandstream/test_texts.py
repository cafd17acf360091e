"""Whatever text is legal arrives unchanged in either notation, and no text becomes anything else than its value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.catalogue import find_spec
from provserver.domain.key import Key, KeyKind
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from tests.vendors.grandstream.device import CLASSIC, NAMED, body, line, told, view_of

CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
TEXTS = (
    st.text(CHARACTERS | st.sampled_from("&<>\"'#=;[]{}%$!^-/ "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda text: bool(text) and text_problem(text) is None)
)
# Field of a line, setting, key or secret: where its text arrives, by number and by name.
LINE_FIELDS = {
    "label": ("P270", "account.1.name"),
    "display_name": ("P3", "account.1.sip.subscriber.name"),
    "auth_name": ("P36", "account.1.sip.subscriber.userid"),
    "voicemail": ("P33", "account.1.sip.voicemail.number"),
}
SETTINGS = {
    "blf_pickup_code": ("P1347", "account.1.sip.blf.callPickup.prefix"),
    "provisioning_user": ("P1360", "provisioning.config.username"),
    "ldap.base": ("P8022", "ldap.base"),
    "ldap.user": ("P8023", "ldap.username"),
    "ldap.name_filter": ("P8026", "ldap.ldapNameFilter"),
    "ldap.number_filter": ("P8025", "ldap.ldapNumberFilter"),
    "ldap.name_attributes": ("P8028", "ldap.ldapNameAttributes"),
    "ldap.number_attributes": ("P8029", "ldap.ldapNumberAttributes"),
    "ldap.display_name": ("P8030", "ldap.ldapDisplayName"),
}
KEYS = {"key.1 value": ("P1466", "pks.vpk.1.value"), "key.1 label": ("P1465", "pks.vpk.1.description")}
RAW = {"raw": ("P8000", "my.text")}
SECRETS = {
    "line.1.password": ("P34", "account.1.sip.subscriber.password"),
    "setting.admin_password": ("P2", "users.admin.password"),
    "setting.user_password": ("P196", "users.user.password"),
    "setting.provisioning_password": ("P1361", "provisioning.config.password"),
    "setting.ldap.password": ("P8024", "ldap.password"),
}
PLACES = {**LINE_FIELDS, **SETTINGS, **KEYS, **RAW, **SECRETS}
NOTATIONS = {CLASSIC: 0, NAMED: 1}
SECRET = "Xq7"  # in every text that is forbidden, so that a message which quotes it can be told
BREAKS = ["\n", "\r", "\t", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800"]
FORBIDDEN = [*(f"{SECRET}{character}b" for character in BREAKS), f" {SECRET}", f"{SECRET} "]


def device_with(texts: Mapping[str, str], model: str) -> tuple[DeviceView, dict[str, str]]:
    """A device with a text in every field that takes one, and its secrets."""
    view = view_of({}, line(1, **{name: texts[name] for name in LINE_FIELDS}), held=SECRETS, model=model)
    plain = {name: find_spec(name).read(texts[name]) for name in SETTINGS}
    key = Key(kind=KeyKind.BLF, value=texts["key.1 value"], label=texts["key.1 label"])
    raw = {**view.raw, RAW["raw"][NOTATIONS[model]]: texts["raw"]}
    view = dataclasses.replace(view, settings={**view.settings, **plain, "key.1": key}, raw=raw)
    return view, {name: texts[name] for name in SECRETS}


PLAIN = {model: told(*device_with(dict.fromkeys(PLACES, "plain"), model)) for model in NOTATIONS}


@pytest.mark.parametrize("model", NOTATIONS)
def test_the_plain_device_has_its_text_in_every_place(model: str) -> None:
    places = {pair[NOTATIONS[model]] for pair in PLACES.values()}

    assert {name for name, text in PLAIN[model].items() if text == "plain"} == places


@settings(deadline=None)  # twenty texts and a parsing each: slow on a busy machine
@given(texts=st.fixed_dictionaries(dict.fromkeys(PLACES, TEXTS)), model=st.sampled_from(list(NOTATIONS)))
def test_every_legal_text_is_read_back_and_nothing_more(texts: dict[str, str], model: str) -> None:
    found = told(*device_with(texts, model))

    assert found == {**PLAIN[model], **{pair[NOTATIONS[model]]: texts[field] for field, pair in PLACES.items()}}


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_text_that_breaks_lines_is_refused_when_entered_and_when_written(text: str) -> None:
    with pytest.raises(InvalidValue):
        find_spec("ldap.base").read(text)
    with pytest.raises(InvalidValue):
        line(1, label=text)
    for model in NOTATIONS:
        forced = dataclasses.replace(view_of(model=model), settings={"ldap.base": text})
        with pytest.raises(UnfitValue, match=r"ldap\.base") as refused:
            body(forced)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_password_that_breaks_lines_stops_the_artefact_and_is_not_quoted(text: str) -> None:
    with pytest.raises(UnfitValue, match=r"line\.1\.password") as refused:
        body(view_of(held=["line.1.password"]), {"line.1.password": text})

    assert SECRET not in str(refused.value)
