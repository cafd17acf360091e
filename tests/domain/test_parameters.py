"""A table of rows becomes the entries of a file, always in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from provserver.domain.key import Key
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.parameters import DEVICE, At, Entry, Parameter, Written, supported_settings, write_entries
from provserver.domain.resolve import build_view
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView, SharedSettings

PBX = Endpoint(host="pbx.example.com")
ALL = frozenset({"line", "key", "system", "raw"})


def row(setting: str, write: Any, **more: Any) -> Parameter:  # noqa: ANN401 - any field of Parameter
    return Parameter(setting=setting, write=write, source="test", confidence="T", **more)


def view_of(
    settings: Mapping[str, str] | None = None, *, lines: tuple[int, ...] = (), held: tuple[str, ...] = ()
) -> DeviceView:
    return build_view(
        mac=MacAddress("805ec0aabbcc"),
        model=None,
        lines=[Line(number=number, user_name=f"100{number}", registrar=PBX) for number in lines],
        settings=settings or {},
        held=held,
    )


def written(rows: list[Parameter], view: DeviceView, sections: frozenset[str] = ALL) -> list[tuple[str, Written]]:
    return [(entry.name, entry.value) for entry in write_entries(rows, view, sections=sections)]


def test_a_setting_without_a_value_writes_nothing() -> None:
    assert written([row("vlan_id", "vlan"), row("line.label", "label.{n}")], view_of(lines=(1,))) == []


def test_numbers_and_texts_are_written_as_they_are() -> None:
    rows = [row("vlan_id", "vlan"), row("ntp_server", "ntp")]

    assert written(rows, view_of({"vlan_id": "20", "ntp_server": "n.example"})) == [
        ("vlan", "20"),
        ("ntp", "n.example"),
    ]


def test_words_are_translated_and_a_word_that_the_maker_lacks_writes_nothing() -> None:
    rows = [row("lldp", "lldp", values={True: "1", False: "0"}), row("dtmf", "dtmf", values={"inband": "0"})]

    assert written(rows, view_of({"lldp": "off", "dtmf": "inband"})) == [("lldp", "0"), ("dtmf", "0")]
    assert written(rows, view_of({"lldp": "on", "dtmf": "info"})) == [("lldp", "1")]


def test_a_field_of_a_line_is_written_for_every_line_and_lines_come_first() -> None:
    rows = [row("vlan_id", "vlan"), row("line.user_name", "user.{n}")]

    entries = written(rows, view_of({"vlan_id": "20"}, lines=(2, 1)))

    assert entries == [("user.1", "1001"), ("user.2", "1002"), ("vlan", "20")]


def test_a_devices_setting_can_be_written_once_for_every_line() -> None:
    rows = [row("srtp", "account.{n}.srtp", each_line=True, values={"off": "0", "mandatory": "2"})]

    assert written(rows, view_of({"srtp": "mandatory"}, lines=(1, 3))) == [
        ("account.1.srtp", "2"),
        ("account.3.srtp", "2"),
    ]
    assert written(rows, view_of({"srtp": "mandatory"})) == []


def test_indexed_settings_are_written_in_the_order_of_their_numbers() -> None:
    rows = [row("key.N", _write_key), row("module.N.key.N", _write_key), row("phonebook.N.url", "pb.{n}.url")]
    settings = {
        **{f"key.{number}": f"speed_dial {number}" for number in (10, 9, 2, 100)},
        "module.2.key.1": "speed_dial 21",
        "module.1.key.11": "speed_dial 111",
        "module.1.key.2": "speed_dial 12",
        "phonebook.2.url": "https://b.example/",
    }

    assert written(rows, view_of(settings)) == [
        ("(2,)", "2"),
        ("(9,)", "9"),
        ("(10,)", "10"),
        ("(100,)", "100"),
        ("(1, 2)", "12"),
        ("(1, 11)", "111"),
        ("(2, 1)", "21"),
        ("pb.2.url", "https://b.example/"),
    ]


def test_two_indices_stand_in_a_name() -> None:
    rows = [row("module.N.key.N", "m{n}.k{m}", values=_Always("x"))]

    assert written(rows, view_of({"module.2.key.7": "dnd"})) == [("m2.k7", "x")]


def test_a_number_is_an_index_only_where_it_does_not_stand_in_the_name() -> None:
    rows = [row("line.user_name", "user"), row("line.number", "number.{n}")]

    entries = write_entries(rows, view_of(lines=(4,)), sections=ALL)

    assert [(entry.name, entry.index) for entry in entries] == [("user", 4), ("number.4", None)]


def test_where_two_rows_write_the_same_place_the_later_wins_and_the_order_stays() -> None:
    rows = [
        row("ntp_server", "a", place="x"),
        row("vlan_id", "b", place="x"),
        row("stun_server", "a", place="x"),
        row("stun_server", "a", place="y"),
    ]

    entries = write_entries(rows, view_of({"ntp_server": "one", "stun_server": "two", "vlan_id": "7"}), sections=ALL)

    assert [(entry.place, entry.name, entry.value) for entry in entries] == [
        ("x", "a", "two"),
        ("x", "b", "7"),
        ("y", "a", "two"),
    ]


def test_raw_parameters_come_last_sorted_and_replace_what_a_row_wrote() -> None:
    rows = [row("vlan_id", "vlan"), row("lldp", "lldp", values={True: "1"})]
    settings = {"vlan_id": "20", "lldp": "on", "raw.zz": "9", "raw.vlan": "21", "raw.aa": "8"}

    assert written(rows, view_of(settings)) == [("vlan", "21"), ("lldp", "1"), ("aa", "8"), ("zz", "9")]


def test_a_maker_places_raw_parameters() -> None:
    def place(name: str, value: Written) -> Entry:
        section, _, parameter = name.partition("/")
        return Entry(parameter, value, section)

    entries = write_entries([], view_of({"raw.sip/port": "5070"}), sections=ALL, raw=place)

    assert entries == (Entry("port", "5070", "sip"),)


def test_a_secret_is_written_as_its_place() -> None:
    rows = [row("line.password", "password.{n}"), row("admin_password", "admin")]

    entries = written(
        rows, view_of(lines=(1, 2), held=("line.2.password", "setting.admin_password", "setting.raw.pin"))
    )

    assert entries == [
        ("password.2", SecretSlot("line.2.password")),
        ("admin", SecretSlot("setting.admin_password")),
        ("pin", SecretSlot("setting.raw.pin")),
    ]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        (frozenset({"line"}), ["user.1"]),
        (frozenset({"system"}), ["vlan"]),
        (frozenset({"raw"}), ["x"]),
        (frozenset({"line", "raw"}), ["user.1", "x"]),
        (frozenset(), []),
    ],
)
def test_a_file_holds_the_sections_that_its_rule_names(sections: frozenset[str], expected: list[str]) -> None:
    rows = [row("vlan_id", "vlan"), row("line.user_name", "user.{n}", section="line")]

    entries = written(rows, view_of({"vlan_id": "20", "raw.x": "1"}, lines=(1,)), sections)

    assert [name for name, _ in entries] == expected


def test_a_row_of_the_device_is_written_from_the_whole_view() -> None:
    def write(view: DeviceView, at: At) -> Iterator[Entry]:
        assert at.line is None
        yield Entry("mac", view.mac.upper)

    assert written([row("device", write)], view_of()) == [("mac", "805EC0AABBCC")]


def test_a_maker_supports_the_settings_of_its_rows() -> None:
    rows = [row("vlan_id", "vlan"), row("key.N", _write_key), row("line.label", "label.{n}"), row("device", "x")]

    assert supported_settings(rows) == {"vlan_id", "key.N"}


class _Always(dict[Any, str]):
    """Translates everything into one word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def get(self, _key: Any, _default: Any = None) -> str:  # noqa: ANN401 - as in dict
        return self._word


def _write_key(key: Key, at: At) -> Iterator[Entry]:
    yield Entry(str(at.indices), key.value)


def test_a_row_is_written_once_for_devices_that_share_their_settings() -> None:
    calls: list[object] = []

    def write(value: object, _at: At) -> list[Entry]:
        calls.append(value)
        return [Entry("vlan", str(value))]

    rows = (Parameter(setting="vlan_id", write=write, source="none", confidence="L"),)
    shared = SharedSettings({"vlan_id": 20})

    written = [write_entries(rows, phone_of(number, shared), sections=frozenset({"system"})) for number in (1, 2, 3)]

    assert written == [(Entry("vlan", "20"),)] * 3
    assert calls == [20]


@pytest.mark.parametrize("attribute", ["mac", "lines", "raw", "provisioning_url"])
def test_a_row_that_looks_at_its_device_is_written_for_each(attribute: str) -> None:
    def write(view: DeviceView, _at: At) -> list[Entry]:
        return [Entry("own", str(getattr(view, attribute)))]

    rows = (
        Parameter(setting="vlan_id", write="own", source="none", confidence="L"),  # overruled, but keeps its place
        Parameter(setting="lldp", write="lldp", values={True: "1"}, source="none", confidence="L"),
        Parameter(setting=DEVICE, write=write, source="none", confidence="L"),
        Parameter(setting="cdp", write="cdp", values={True: "1"}, source="none", confidence="L"),
    )
    settings = {"vlan_id": 20, "lldp": True, "cdp": True}
    shared = SharedSettings(settings)

    for number in (1, 2, 3):
        view = phone_of(number, shared)
        expected = write_entries(rows, replace(view, settings=settings), sections=frozenset({"system"}))

        assert write_entries(rows, view, sections=frozenset({"system"})) == expected
        assert expected[0] == Entry("own", str(getattr(view, attribute)))


def test_models_do_not_share_what_was_written() -> None:
    def write(value: object, at: At) -> list[Entry]:
        return [Entry("vlan", f"{value} on {at.view.model}")]

    rows = (Parameter(setting="vlan_id", write=write, source="none", confidence="L"),)
    shared = SharedSettings({"vlan_id": 20})

    for model in ("T54W", "T46U"):
        view = replace(phone_of(1, shared), model=model)

        assert write_entries(rows, view, sections=frozenset({"system"})) == (Entry("vlan", f"20 on {model}"),)


def phone_of(number: int, settings: SharedSettings) -> DeviceView:
    """Devices that differ in everything but their settings."""
    line = Line(number=1, user_name=f"100{number}", registrar=Endpoint(host="pbx.example.com"))
    return DeviceView(
        mac=MacAddress(f"805ec000000{number}"),
        lines=(line,),
        settings=settings,
        raw={"own": str(number)},
        provisioning_url=SecretSlot(f"url.{number}"),
    )
