"""Keys: what is laid out where, and what these phones cannot lay out."""

from __future__ import annotations

import pytest

from provserver.domain.key import Key, KeyKind
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.polycom import VENDOR
from provserver.vendors.polycom.keys import MAX_MACROS
from provserver.vendors.polycom.macros import macro
from provserver.vendors.polycom.models import MODELS, find_model
from tests.vendors.polycom.phone import config, line, view_of


def layout(told: dict[str, str]) -> dict[int, tuple[str, str | None]]:
    """Category and index by key."""
    places = {int(name.split(".")[1]) for name in told if name.startswith("lineKey.") and name.endswith(".category")}
    return {place: (told[f"lineKey.{place}.category"], told.get(f"lineKey.{place}.index")) for place in sorted(places)}


def check(view: DeviceView) -> None:
    assert VENDOR.check is not None
    VENDOR.check(view)


def test_without_keys_the_phones_own_order_stands() -> None:
    told = config(view_of({"softkey.1": "voicemail"}, line(1), line(2)))

    assert not any(name.startswith(("lineKey.", "attendant.", "efk.")) for name in told)
    assert (told["reg.1.lineKeys"], told["reg.2.lineKeys"]) == ("1", "1")


def test_a_line_without_a_key_gets_the_first_free_one() -> None:
    told = config(view_of({"key.1": "blf 1010", "key.3": "line@2"}, line(1), line(2), line(3)))

    assert told["lineKey.reassignment.enabled"] == "1"
    assert layout(told) == {1: ("BLF", "0"), 2: ("Line", "1"), 3: ("Line", "2"), 4: ("Line", "3")}


def test_several_keys_of_a_line_are_counted() -> None:
    told = config(view_of({"key.1": "line", "key.2": "line", "key.5": "line@2"}, line(1), line(2)))

    assert (told["reg.1.lineKeys"], told["reg.2.lineKeys"]) == ("2", "1")
    assert layout(told) == {1: ("Line", "1"), 2: ("Line", "1"), 5: ("Line", "2")}


def test_watched_extensions_are_listed_in_the_order_of_their_keys() -> None:
    told = config(
        view_of({"key.10": "blf@2 1003 Third", "key.9": "blf@2 1002", "key.2": "blf@2 sip:1001@example.com First"})
    )

    contacts = [
        (told[f"attendant.resourceList.{n}.address"], told[f"attendant.resourceList.{n}.label"]) for n in (1, 2, 3)
    ]
    assert contacts == [("sip:1001@example.com", "First"), ("1002", "1002"), ("1003", "Third")]
    assert told["attendant.reg"] == "2"
    assert told["attendant.resourceList.1.type"] == "normal"
    assert "attendant.resourceList.4.address" not in told


def test_a_list_that_the_server_keeps_is_asked_for() -> None:
    told = config(view_of({"key.2": "blf_list list@example.com"}))

    assert told["attendant.uri"] == "list@example.com"
    assert layout(told)[2] == ("BLF", "0")
    assert "attendant.resourceList.1.address" not in told


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("speed_dial 1002", "1002$Tinvite$"),
        ("intercom 1002", "1002$Tintercom$"),
        ("dtmf *1", "*1$Tdtmf$"),
        ("park 700", "700$Trefer$"),
        ("retrieve_park 701", "701$Tinvite$"),
        ("pickup **1002", "**1002$Tinvite$"),
        ("group_pickup *8", "*8$Tinvite$"),
        ("voicemail", "$FMessages$"),
        ("voicemail *97", "*97$Tinvite$"),
        ("forward *72", "*72$Tinvite$"),
        ("dnd", "$FDoNotDisturb$"),
        ("conference", "$FConference$"),
        ("transfer", "$FTransfer$"),
        ("transfer 1002", "1002$Trefer$"),
        ("hold", "$FHold$"),
        ("record *2", "*2$Tdtmf$"),
        ("paging 80", "80$Tinvite$"),
        ("directory", "$FDirectories$"),
        ("local_directory", "$FDirectories$"),
        ("ldap", "$FDirectories$"),
        ("url https://x.example.com/?a=1", "https://x.example.com/?a=1"),
        ("xml https://x.example.com/menu", "https://x.example.com/menu"),
    ],
)
def test_every_other_kind_becomes_a_macro_on_line_keys_and_soft_keys(key: str, action: str) -> None:
    told = config(view_of({"key.2": key, "softkey.3": key}))

    assert layout(told) == {1: ("Line", "1"), 2: ("EFK", "1")}
    assert (told["efk.efklist.1.mname"], told["efk.efklist.1.status"]) == ("key1", "1")
    assert told["efk.efklist.1.action.string"] == action == told["softkey.3.action"]
    assert (
        told["softkey.3.enable"]
        == told["feature.enhancedFeatureKeys.enabled"]
        == told["feature.EFKLineKey.enabled"]
        == "1"
    )
    check(view_of({"key.2": key, "softkey.3": key}))


def test_every_kind_has_a_place_on_a_line_key() -> None:
    """A kind that is added to the catalogue has to be thought of here."""
    without = {kind for kind in KeyKind if macro(Key(kind=kind, value="1")) is None}

    others = {
        KeyKind.RECALL,
        KeyKind.PRIVATE_HOLD,
        KeyKind.PAGING_LIST,
        KeyKind.PREFIX,
        KeyKind.XML_DIRECTORY,
        KeyKind.LOCK,
        KeyKind.HOT_DESK,
    }
    assert without == {KeyKind.NONE, KeyKind.LINE, KeyKind.BLF, KeyKind.BLF_LIST, *others}


@pytest.mark.parametrize(
    ("kind", "state"), [("park 700", "active"), ("dtmf 1", "active"), ("speed_dial 1", "idle"), ("dnd", "idle")]
)
def test_soft_keys_appear_when_they_make_sense(kind: str, state: str) -> None:
    told = config(view_of({"softkey.1": kind}))

    assert [name for name in told if name.startswith("softkey.1.use.")] == [f"softkey.1.use.{state}"]


def test_an_empty_soft_key_is_off() -> None:
    assert config(view_of({"softkey.2": "none"}))["softkey.2.enable"] == "0"


@pytest.mark.parametrize(
    ("model", "setting", "place"),
    [
        ("VVX_411", "module.1.key.1", 13),
        ("VVX 601", "module.1.key.1", 17),
        ("VVX 601", "module.3.key.84", 268),  # "VVX 600 + 3 LCD EMs = 16 + 252 = 268", addendum p. 37
        ("SPIP_650", "module.3.key.14", 48),
        ("VVX 301", "module.2.key.5", 95),
    ],
)
def test_module_keys_are_counted_on_from_the_phones_own(model: str, setting: str, place: int) -> None:
    told = config(view_of({setting: "blf 1010"}, model=model))

    assert layout(told) == {1: ("Line", "1"), place: ("BLF", "0")}


@pytest.mark.parametrize("model", [None, "VVX 450", "VVX 150", "VVX 9999", "CCX_600"])
def test_a_module_key_without_a_known_place_is_refused_and_left_out(model: str | None) -> None:
    view = view_of({"module.1.key.1": "blf 1010"}, model=model)

    assert config(view) == config(view_of(model=model))
    with pytest.raises(InvalidValue, match=r"module\.1\.key\.1"):
        check(view)


@pytest.mark.parametrize("value", ["10$02", "!macro", "^*8", "1002$Cwc$"])
def test_a_value_with_the_phones_own_markup_is_refused_and_left_out(value: str) -> None:
    view = view_of({"key.2": f"speed_dial {value}", "softkey.1": f"speed_dial {value}"})

    told = config(view)

    assert layout(told)[2] == ("Unassigned", None)
    assert told["softkey.1.enable"] == "0"
    assert not any("action" in name for name in told)
    with pytest.raises(InvalidValue, match=r"key\.2"):
        check(view)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"key.2": "forward"}, "forward"),
        ({"softkey.1": "blf 1002"}, "blf"),
        ({"key.2": "blf@1 1002", "key.3": "blf@2 1003"}, "one line"),
        ({"key.13": "blf 1002", "module.1.key.1": "blf 1003"}, "same place"),
        ({f"module.1.key.{number}": f"speed_dial {number}" for number in range(1, MAX_MACROS + 2)}, str(MAX_MACROS)),
    ],
)
def test_what_these_phones_cannot_do_is_refused(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        check(view_of(settings, line(1), line(2)))


def test_keys_beyond_the_last_macro_stay_empty() -> None:
    told = config(view_of({f"module.1.key.{number}": f"speed_dial {number}" for number in range(1, MAX_MACROS + 2)}))

    assert layout(told)[12 + MAX_MACROS] == ("EFK", str(MAX_MACROS))
    assert layout(told)[12 + MAX_MACROS + 1] == ("Unassigned", None)


def test_as_many_macros_as_there_are_are_fine() -> None:
    check(view_of({f"module.1.key.{number}": f"speed_dial {number}" for number in range(1, MAX_MACROS + 1)}))


@pytest.mark.parametrize("spelling", ["VVX 411", "vvx411", "VVX_411", "vvx-411"])
def test_models_are_found_in_any_spelling(spelling: str) -> None:
    assert find_model(spelling) is VENDOR.model(spelling) is not None


def test_no_model_stands_twice() -> None:
    assert len({find_model(model.name) for model in MODELS}) == len(MODELS)
