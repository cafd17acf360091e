"""A device that was told a time zone shows what the tz database says, in all but a few named cases."""

from __future__ import annotations

import pytest

from provserver.domain.timezones import parse_posix, zone_names
from tests.vendors.grandstream.device import ADAPTER, BASE, CLASSIC, written
from tests.vendors.zones import YEARS, ZONES, wrong_hours


def hours_of(name: str) -> list[int]:
    """How many hours of each year a phone's clock is wrong."""
    clock = parse_posix(written({"timezone": name}, model=CLASSIC)["P246"], name=name)
    return [wrong_hours(clock.offset_at, name, year) for year in YEARS]


@pytest.mark.parametrize("name", ZONES)
def test_the_clock_is_right_all_year(name: str) -> None:
    assert hours_of(name) == [0, 0, 0]


@pytest.mark.parametrize(("name", "most"), [("America/Nuuk", 2), ("Asia/Jerusalem", 2), ("Asia/Gaza", 52)])
def test_changes_outside_of_the_day_are_wrong_for_their_surplus_only(name: str, most: int) -> None:
    hours = hours_of(name)

    assert 0 < max(hours) <= most


@pytest.mark.parametrize("model", ["GXV3275", "WP820"])
def test_phones_with_a_list_of_strings_are_told_the_string_itself(model: str) -> None:
    found = written({"timezone": "Europe/Berlin"}, model=model)

    assert found == {"P64": "CET-1CEST,M3.5.0,M10.5.0/3", "P143": "0"}


def test_others_are_told_where_to_find_it() -> None:
    assert written({"timezone": "Asia/Kathmandu"}, model=ADAPTER) == {"P64": "customize", "P246": "STD-5:45"}


def test_a_base_is_not_told_a_zone_that_is_too_long_for_it() -> None:
    lengths = {name: len(written({"timezone": name}, model=BASE).get("P246", "")) for name in sorted(zone_names())}

    assert max(lengths.values()) <= 32
    assert {name for name, length in lengths.items() if not length} == {"NZ-CHAT", "Pacific/Chatham"}


def test_no_zone_is_longer_than_the_others_take() -> None:
    assert max(len(written({"timezone": name}, model=ADAPTER)["P246"]) for name in zone_names()) <= 64
