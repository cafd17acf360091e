"""Keys: where each stands on which model, and what it is told."""

from __future__ import annotations

import pytest

from provserver.vendors.fanvil import VENDOR
from tests.vendors.fanvil.device import LEGACY, MODERN, line, told, view_of, written


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("none", "0", ""),
        ("line@2", "2", "SIP2"),
        ("blf@2 204", "1", "204@2/ba*8204"),
        ("speed_dial 0800123", "1", "0800123@1/f"),
        ("park 701", "1", "701@1/c"),
        ("retrieve_park *85701", "1", "*85701@1/f"),
        ("pickup 206", "1", "*8206@1/f"),
        ("group_pickup *9", "1", "*9@1/f"),
        ("dtmf *1", "4", "*1"),
        ("voicemail", "3", "F_MWI"),
        ("voicemail *97", "1", "*97@1/f"),
        ("forward", "3", "F_CFWD"),
        ("dnd", "3", "F_DND"),
        ("hold", "3", "F_HOLD"),
        ("transfer", "3", "F_B_TRANSFER"),
        ("record", "3", "F_RECORD"),
        ("ldap", "3", "F_LDAPCONTACTS:0"),
        ("paging 224.0.0.5:5555", "14", "224.0.0.5:5555/PCMU"),
        ("paging 299", "1", "299@1/f"),
        ("url https://apps.example.com/", "7", "https://apps.example.com/"),
        ("xml https://apps.example.com/", "21", "https://apps.example.com/"),
        ("intercom 205", None, None),
        ("conference", None, None),
        ("directory", None, None),
        ("blf_list sip:x", None, None),
        ("forward 0301234", None, None),
        ("paging", None, None),
        ("group_pickup", None, None),
    ],
)
def test_a_key_is_told_its_type_and_value_or_nothing(key: str, kind: str | None, value: str | None) -> None:
    found = told(view_of({"key.1": key, "blf_pickup_code": "*8"}))

    place = "dsskey/dssSide@1/Fkey@1"
    assert (found.get(f"{place}/Type"), found.get(f"{place}/Value")) == (kind, value)


def test_a_watching_key_without_a_code_has_none_behind_it() -> None:
    assert told(view_of({"key.1": "blf 204"}))["dsskey/dssSide@1/Fkey@1/Value"] == "204@1/ba"


def test_a_line_key_without_a_label_shows_what_the_line_is_called() -> None:
    view = view_of({"key.1": "line", "key.2": "line@2", "key.3": "line@3 - Mine"}, line(1, label="Front desk"))

    titles = [told(view)[f"dsskey/dssSide@1/Fkey@{number}/Title"] for number in (1, 2, 3)]

    assert titles == ["Front desk", "", "Mine"]


@pytest.mark.parametrize(
    ("model", "number", "place"),
    [
        (MODERN, 4, "dsskey/dssSide@1/Fkey@4"),
        (MODERN, 5, "dsskey/internal@1/Fkey@1"),
        (MODERN, 34, "dsskey/internal@5/Fkey@6"),
        ("X210", 10, "dsskey/dssSide@1/Fkey@10"),
        ("X210-V2", 106, "dsskey/internal@3/Fkey@32"),
        ("X6U", 6, "dsskey/internal@1/Fkey@1"),
        ("X7C", 13, "dsskey/dssSide@2/Fkey@1"),
        ("V62 Pro", 21, "dsskey/dssSide@3/Fkey@7"),
        ("V65", 10, "dsskey/dssSide@2/Fkey@1"),
        ("V67", 30, "dsskey/internal@2/Fkey@1"),
        ("W620W", 9, "dsskey/internal@2/Fkey@1"),
        ("i10SD", 2, "dsskey/dssSoft@2"),
        ("i63", 5, "dsskey/dssSoft@5"),
        (LEGACY, 30, "PHONE_CONFIG_MODULE/Function_Key/Function_Key_Entry@Fkey30"),
    ],
)
def test_a_key_stands_where_the_models_pages_put_it(model: str, number: int, place: str) -> None:
    found = written({f"key.{number}": "blf 204 Anna"}, model=model)

    assert found == {f"{place}/Type": "1", f"{place}/Value": "204@1/ba", f"{place}/Title": "Anna"}


@pytest.mark.parametrize(("model", "number"), [(MODERN, 35), ("i10S", 2), ("V62", 1), ("X4U-V2", 1), (None, 1)])
def test_a_key_whose_place_is_not_known_is_not_written(model: str | None, number: int) -> None:
    assert written({f"key.{number}": "blf 204"}, model=model) == {}


@pytest.mark.parametrize(
    ("name", "lines", "keys"),
    [
        ("X3", 2, 0),
        ("X4", 4, 30),
        ("X5U", 16, 34),
        ("X210", 20, 106),
        ("X6U", 20, 65),
        ("X7C", 20, 60),
        ("V65", 20, 27),
        ("V67", 20, 116),
        ("V62 Pro", 12, 21),
        ("W611W", 4, 16),
        ("i10SV", 2, 1),
        ("i64", 2, 4),
        ("C62", 4, 8),
        ("X6U-Pro", 20, None),
    ],
)
def test_models_have_the_lines_and_keys_that_are_known(name: str, lines: int, keys: int | None) -> None:
    model = VENDOR.model(name)

    assert model is not None
    assert (model.lines, model.keys) == (lines, keys)
