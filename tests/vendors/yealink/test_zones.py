"""A Yealink's clock changes when the law of its zone says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from tests.vendors.yealink.phones import (
    written,
)


@pytest.mark.parametrize(
    ("zone", "offset", "start", "end", "save"),
    [
        ("Europe/Berlin", "+1", "3/5/7/2", "10/5/7/3", "60"),
        ("Europe/London", "0", "3/5/7/1", "10/5/7/2", "60"),
        ("America/New_York", "-5", "3/2/7/2", "11/1/7/2", "60"),
        ("America/St_Johns", "-3:30", "3/2/7/2", "11/1/7/2", "60"),
        ("Australia/Sydney", "+10", "10/1/7/2", "4/1/7/3", "60"),
        ("Australia/Lord_Howe", "+10:30", "10/1/7/2", "4/1/7/2", "30"),
        ("Pacific/Auckland", "+12", "9/5/7/2", "4/1/7/3", "60"),
        ("Asia/Beirut", "+2", "3/5/7/0", "10/5/7/0", "60"),
        # not on the day that the law names: Friday before the last Sunday, 24:00 on a Saturday or Thursday …
        ("Asia/Jerusalem", "+2", "3/5/7/2,-2d", "10/5/7/2", "60"),
        ("America/Nuuk", "-2", "3/5/7/23,-1d", "10/5/7/0", "60"),
        ("America/Santiago", "-4", "9/2/6/0,-6d", "4/2/6/0,-6d", "60"),
        ("Africa/Cairo", "+2", "4/5/5/0", "11/1/4/0,-6d", "60"),
    ],
)
def test_summer_time_is_written_by_week(zone: str, offset: str, start: str, end: str, save: str) -> None:
    found = written({"timezone": zone})

    assert found["local_time.time_zone"] == offset
    assert (found["local_time.summer_time"], found["local_time.dst_time_type"]) == ("1", "1")
    assert (found["local_time.start_time"], found["local_time.end_time"]) == (start, end)
    assert found["local_time.offset_time"] == save


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Kolkata", "+5:30"),
        ("Asia/Kathmandu", "+5:45"),
        ("UTC", "0"),
        ("America/Bogota", "-5"),
        ("Pacific/Marquesas", "-9:30"),
    ],
)
def test_a_zone_without_summer_time_says_so(zone: str, offset: str) -> None:
    found = written({"timezone": zone})

    found.pop("local_time.time_zone_name", None)
    assert found == {"local_time.time_zone": offset, "local_time.summer_time": "0"}


@pytest.mark.parametrize(
    "name",
    [
        "Africa/Cairo", "America/Los_Angeles", "America/New_York", "America/Nuuk", "America/Santiago",
        "America/St_Johns", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Atlantic/Azores", "Australia/Lord_Howe",
        "Australia/Sydney", "Europe/Berlin", "Europe/Dublin", "Europe/London", "Pacific/Auckland",
    ],
)  # fmt: skip
def test_a_phone_changes_its_clock_when_the_law_does(name: str) -> None:
    found = written({"timezone": name})
    standard = _hours(found["local_time.time_zone"])
    summer = standard + timedelta(minutes=int(found["local_time.offset_time"]))
    zone = ZoneInfo.from_file(BytesIO(files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()), key=name)

    for year in range(2028, 2032):
        begins = (_moment(found["local_time.start_time"], year) - standard).replace(tzinfo=UTC)
        ends = (_moment(found["local_time.end_time"], year) - summer).replace(tzinfo=UTC)
        for moment, before, after in ((begins, standard, summer), (ends, summer, standard)):
            second_before = (moment - timedelta(seconds=1)).astimezone(zone).utcoffset()
            assert (second_before, moment.astimezone(zone).utcoffset()) == (before, after), (name, year)


@pytest.mark.parametrize("name", ["Africa/Cairo", "America/Nuuk", "America/Santiago", "Asia/Gaza", "Asia/Jerusalem"])
def test_older_firmware_gets_the_nearest_plain_hour(name: str) -> None:
    exact, plain = (written({"timezone": name}, model=model) for model in ("T54W", "T46S"))

    for end in ("local_time.start_time", "local_time.end_time"):
        assert "," not in plain[end]
        for year in range(2026, 2032):
            assert abs(_moment(plain[end], year) - _moment(exact[end], year)) <= timedelta(hours=27)


def test_minutes_of_a_change_are_rounded_to_the_hour() -> None:
    found = written({"timezone": "Pacific/Chatham"})

    assert (found["local_time.time_zone"], found["local_time.start_time"]) == ("+12:45", "9/5/7/3")
    assert found["local_time.end_time"] == "4/1/7/4"


def _hours(offset: str) -> timedelta:
    hours, _, minutes = offset.lstrip("+-").partition(":")
    span = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -span if offset.startswith("-") else span


def _moment(notation: str, year: int) -> datetime:
    """Read Yealink's own notation, independently of the code that writes it: walk through the days of the month."""
    named, _, back = notation.partition(",")
    month, week, weekday, hour = (int(part) for part in named.split("/"))
    days = [datetime(year, month, 1) + timedelta(days=day) for day in range(31)]  # noqa: DTZ001 - wall time
    matching = [day for day in days if day.month == month and day.isoweekday() == weekday]
    day = matching[-1] if week == 5 else matching[week - 1]
    return day + timedelta(hours=hour, days=int(back.removesuffix("d") or 0))
