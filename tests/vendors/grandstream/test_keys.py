"""Keys: where each stands on which model, what it is told, and that none behind a gap is lost."""

from __future__ import annotations

import pytest

from tests.vendors.grandstream.device import BASE, CLASSIC, NAMED, line, told, view_of, written


def key_parameters(settings: dict[str, str], model: str) -> dict[str, str]:
    return {name: text for name, text in written(settings, model=model).items() if not name.startswith("account.")}


@pytest.mark.parametrize(
    ("key", "mode", "value"),
    [
        ("none", "None", None),
        ("line", "Line", ""),
        ("blf 204", "BLF", "204"),
        ("speed_dial 204", "SpeedDial", "204"),
        ("intercom 205", "Intercom", "205"),
        ("dtmf *1", "DialDTMF", "*1"),
        ("park 701", "CallPark", "701"),
        ("retrieve_park *85701", "SpeedDial", "*85701"),
        ("pickup 206", "SpeedDial", "*8206"),
        ("group_pickup *9", "SpeedDial", "*9"),
        ("voicemail", "VoiceMail", ""),
        ("forward 0301234", "Forward", "0301234"),
        ("dnd", "DND", ""),
        ("conference", "Conference", ""),
        ("transfer 207", "Transfer", "207"),
        ("record", "Record", ""),
        ("paging 224.0.0.5:5555", "MulticastPaging", "224.0.0.5:5555"),
        ("paging 299", "SpeedDial", "299"),
        ("xml https://apps.example.com/", "XMLApplication", "https://apps.example.com/"),
        ("ldap", "LDAPSearch", ""),
        ("directory", "Phonebook", ""),
        ("blf_list sip:list@pbx", "EventlistBLF", "sip:list@pbx"),
        ("hold", None, None),
        ("url https://apps.example.com/", None, None),
        ("group_pickup", None, None),
        ("retrieve_park", None, None),
    ],
)
def test_a_key_has_a_mode_by_name_or_none(key: str, mode: str | None, value: str | None) -> None:
    found = told(view_of({"key.2": key, "blf_pickup_code": "*8"}))

    assert (found.get("pks.vpk.2.keyMode"), found.get("pks.vpk.2.value")) == (mode, value)


LINE_MODES = {
    "line": "0", "speed_dial 1": "10", "blf 1": "11", "blf_list x": "13", "dtmf 1": "15", "voicemail": "16",
    "transfer": "18", "park 1": "19", "intercom 1": "20", "ldap": "21", "pickup 1": "10", "none": None, "dnd": None,
    "paging 224.0.0.5:5": None,
}  # fmt: skip
EXTRA_MODES = {
    "speed_dial 1": "0", "blf 1": "1", "blf_list x": "3", "dtmf 1": "5", "voicemail": "6", "transfer": "8",
    "park 1": "9", "intercom 1": "10", "ldap": "11", "paging 224.0.0.5:5": "13", "line": None, "none": None,
}  # fmt: skip


@pytest.mark.parametrize("key", LINE_MODES)
def test_a_line_key_has_a_mode_by_number_or_none(key: str) -> None:
    assert told(view_of({"key.6": key}, model=CLASSIC)).get("P1373") == LINE_MODES[key]


@pytest.mark.parametrize("key", EXTRA_MODES)
def test_a_key_with_a_lamp_only_has_a_mode_by_number_or_none(key: str) -> None:
    assert told(view_of({"key.7": key}, model=CLASSIC)).get("P323") == EXTRA_MODES[key]


@pytest.mark.parametrize(
    ("model", "number", "places"),
    [
        (CLASSIC, 1, (1363, 1364, 1465, 1466)),
        (CLASSIC, 6, (1373, 1374, 1475, 1476)),
        (CLASSIC, 7, (323, 301, 302, 303)),
        (CLASSIC, 13, (329, 319, 320, 321)),
        ("GXP2110", 4, (1369, 1370, 1471, 1472)),
        ("GXP2110", 12, (353, 354, 355, 356)),
        ("GXP2110", 22, (393, 394, 395, 396)),
        ("GXP1628", 3, (323, 301, 302, 303)),
        ("GXP1628", 10, (353, 354, 355, 356)),
        ("GXP1782", 6, (1373, 1374, 1475, 1476)),
    ],
)
def test_a_key_stands_where_the_makers_template_has_it(
    model: str, number: int, places: tuple[int, int, int, int]
) -> None:
    found = key_parameters({f"key.{number}": "blf@3 204 Anna"}, model)

    mode, *rest = (found.get(f"P{place}") for place in places)
    assert mode in {"11", "1"}
    assert rest == ["2", "Anna", "204"]
    assert len(found) == 4


@pytest.mark.parametrize(
    ("model", "number"), [(CLASSIC, 14), ("GXP1628", 11), ("GXP1782", 7), (BASE, 1), ("HT802", 1), ("WP820", 1)]
)
def test_a_key_that_a_model_does_not_have_is_not_written(model: str, number: int) -> None:
    assert key_parameters({f"key.{number}": "blf 204"}, model) == {}


@pytest.mark.parametrize(
    ("model", "number", "place", "account"),
    [
        (NAMED, 48, "pks.vpk.48", "1"),
        ("GXP2160", 25, "pks.mpk.1", "Account2"),
        ("GRP2614", 40, "pks.mpk.24", "Account2"),
        ("GRP2650", 30, "pks.vpk.30", "1"),
    ],
)
def test_keys_by_name_are_counted_on_from_screen_to_lamp(model: str, number: int, place: str, account: str) -> None:
    found = key_parameters({f"key.{number}": "blf@2 204 Anna"}, model)

    assert {name: text for name, text in found.items() if text != "None"} == {
        f"{place}.keyMode": "BLF",
        f"{place}.account": account,
        f"{place}.description": "Anna",
        f"{place}.value": "204",
    }


@pytest.mark.parametrize(("model", "number"), [(NAMED, 49), ("GXP2160", 49)])
def test_a_key_by_name_beyond_the_last_is_not_written(model: str, number: int) -> None:
    assert key_parameters({f"key.{number}": "blf 204"}, model) == {}


def test_a_line_is_no_key_with_a_lamp_only() -> None:
    assert "pks.mpk.1.keyMode" not in told(view_of({"key.25": "line"}, model="GXP2160"))


def test_gaps_behind_the_lines_are_none_so_that_what_follows_stays() -> None:
    view = view_of({"key.3": "blf 204", "key.6": "blf 205", "key.25": "blf 206"}, line(1), line(2), model="GXP2160")

    modes = {n: told(view).get(f"pks.vpk.{n}.keyMode") for n in range(1, 8)}

    assert modes == {1: None, 2: None, 3: "BLF", 4: "None", 5: "None", 6: "BLF", 7: None}


@pytest.mark.parametrize(("module", "key", "number"), [(1, 1, 1), (1, 40, 40), (2, 1, 41), (4, 40, 160)])
def test_keys_of_all_modules_stand_in_one_row(module: int, key: int, number: int) -> None:
    found = key_parameters({f"module.{module}.key.{key}": "blf@2 204"}, NAMED)

    assert (found[f"pks.ext.{number}.keyMode"], found[f"pks.ext.{number}.account"]) == ("BLF", "Account2")


def test_a_softkey_has_fewer_modes() -> None:
    assert told(view_of({"softkey.1": "none"}))["pks.softkey.1.keyMode"] == "Default"
    assert "pks.softkey.1.keyMode" not in told(view_of({"softkey.1": "blf 204"}))
