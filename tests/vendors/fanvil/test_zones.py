"""A device that was told a time zone shows what the tz database says, in all but a few named cases."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from provserver.domain.timezones import zone_names
from tests.vendors.fanvil.device import LEGACY, MODERN, written
from tests.vendors.zones import YEARS, ZONES, wrong_hours

# Changes in quarters of an hour, and such that are not on the day itself: how many hours a year the clock is wrong for.
INEXACT = {
    "Africa/Cairo": 1,
    "America/Nuuk": 2,
    "America/Santiago": 2,
    "Asia/Gaza": 54,
    "Asia/Jerusalem": 3,
    "Pacific/Chatham": 2,
}


class Clock:
    """The clock of a phone that was told *told*."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = {path.rpartition("/")[2].replace("_", ""): text for path, text in told.items()}
        self._standard = timedelta(minutes=15 * int(self._told["TimeZone"]))

    def offset_at(self, moment: datetime) -> timedelta:
        """Local time minus UTC at the aware *moment*."""
        if self._told["EnableDST"] == "0":
            return self._standard
        save = timedelta(minutes=int(self._told["DSTMinOffset"]))
        standard = (moment.astimezone(UTC) + self._standard).replace(tzinfo=None)
        start, end = self._change("Start", standard.year), self._change("End", standard.year) - save
        is_summer = start <= standard < end if start < end else not end <= standard < start
        return self._standard + save * is_summer

    def _change(self, edge: str, year: int) -> datetime:
        """The hour of the weekday (0 Sunday) of the week (5 the last) of the month."""
        month, week, weekday, hour = (int(self._told[f"DST{edge}{name}"]) for name in ("Mon", "Week", "Wday", "Hour"))
        days = [row[(weekday - 1) % 7] for row in calendar.monthcalendar(year, month) if row[(weekday - 1) % 7]]
        return datetime(year, month, days[-1 if week == 5 else week - 1], hour)  # noqa: DTZ001 - wall time


def hours_of(name: str, model: str = MODERN) -> list[int]:
    """How many hours of each year a phone's clock is wrong."""
    clock = Clock(written({"timezone": name}, model=model))
    return [wrong_hours(clock.offset_at, name, year) for year in YEARS]


@pytest.mark.parametrize("name", sorted(set(ZONES) - set(INEXACT)))
def test_the_clock_is_right_all_year(name: str) -> None:
    assert hours_of(name) == [0, 0, 0]


@pytest.mark.parametrize("name", INEXACT)
def test_changes_that_cannot_be_told_are_told_as_the_nearest_hour_of_the_day(name: str) -> None:
    assert 0 < max(hours_of(name)) <= INEXACT[name]


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata"])
def test_the_older_dialect_says_the_same(name: str) -> None:
    assert hours_of(name, LEGACY) == [0, 0, 0]


@pytest.mark.parametrize(
    ("zone", "number", "called"),
    [
        ("UTC", "0", "UTC"),
        ("Asia/Kathmandu", "23", "UTC+5:45"),
        ("America/St_Johns", "-14", "UTC-3:30"),
        ("America/Bogota", "-20", "UTC-5"),
        ("Pacific/Auckland", "48", "UTC+12"),
    ],
)
def test_a_zone_is_so_many_quarters_of_an_hour_from_utc(zone: str, number: str, called: str) -> None:
    found = written({"timezone": zone})

    assert (found["phone/date/TimeZone"], found["phone/date/TimeZoneName"]) == (number, called)


def test_every_zone_can_be_told() -> None:
    noon = datetime(2027, 7, 1, 12, tzinfo=UTC)

    offsets = {name: Clock(written({"timezone": name})).offset_at(noon) for name in zone_names()}

    assert all(abs(offset) <= timedelta(hours=14) for offset in offsets.values())


def test_a_zone_without_summer_time_says_so() -> None:
    found = written({"timezone": "Asia/Tokyo"})

    assert (found["phone/date/EnableDST"], found["phone/date/DSTType"]) == ("0", "0")
    assert not {path for path in found if "Start" in path or "End" in path}
