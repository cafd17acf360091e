"""A phone that was told a time zone shows what the tz database says, all year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from provserver.errors import InvalidValue
from provserver.vendors.polycom import VENDOR
from tests.vendors.polycom.phone import Clock, config, view_of

SNTP = "tcpIpApp.sntp."
DST = f"{SNTP}daylightSavings."
YEAR = 2027  # none of the zones below changes its law within it


@pytest.mark.parametrize(
    ("zone", "offset", "start", "stop"),
    [
        # month, hour, weekday (1 Sunday), last of the month, on or after
        ("Europe/Berlin", 3600, ("3", "2", "1", "1", None), ("10", "3", "1", "1", None)),
        ("Europe/London", 0, ("3", "1", "1", "1", None), ("10", "2", "1", "1", None)),
        ("Europe/Dublin", 0, ("3", "1", "1", "1", None), ("10", "2", "1", "1", None)),
        ("America/New_York", -18000, ("3", "2", "1", "0", "8"), ("11", "2", "1", "0", "1")),
        ("Australia/Sydney", 36000, ("10", "2", "1", "0", "1"), ("4", "3", "1", "0", "1")),
        ("Pacific/Auckland", 43200, ("9", "2", "1", "1", None), ("4", "3", "1", "0", "1")),
        ("America/St_Johns", -12600, ("3", "2", "1", "0", "8"), ("11", "2", "1", "0", "1")),
        # Saturday 24:00 before the first Sunday: the Sunday on or after the 2nd, 0:00.
        ("America/Santiago", -14400, ("9", "0", "1", "0", "2"), ("4", "0", "1", "0", "2")),
        # The last Sunday at -1:00 is the Saturday on or after the 24th, 23:00.
        ("America/Nuuk", -7200, ("3", "23", "7", "0", "24"), ("10", "0", "1", "1", None)),
        # The fourth Thursday at 26:00 is the Friday on or after the 23rd, 2:00.
        ("Asia/Jerusalem", 7200, ("3", "2", "6", "0", "23"), ("10", "2", "1", "1", None)),
    ],
)
def test_the_rule_is_written_as_worked_out_by_hand(
    zone: str, offset: int, start: tuple[str | None, ...], stop: tuple[str | None, ...]
) -> None:
    told = config(view_of({"timezone": zone}))

    assert told[f"{SNTP}gmtOffset"] == str(offset)
    assert told[f"{SNTP}gmtOffset.overrideDHCP"] == "1"
    assert (told[f"{DST}enable"], told[f"{DST}fixedDayEnable"]) == ("1", "0")
    for edge, expected in (("start", start), ("stop", stop)):
        names = ("month", "time", "dayOfWeek", "dayOfWeek.lastInMonth", "date")
        assert tuple(told.get(f"{DST}{edge}.{name}") for name in names) == expected


@pytest.mark.parametrize(("zone", "offset"), [("Asia/Tokyo", 32400), ("Asia/Kathmandu", 20700), ("Etc/UTC", 0)])
def test_a_zone_without_summer_time_is_an_offset(zone: str, offset: int) -> None:
    told = config(view_of({"timezone": zone}))

    assert {name: value for name, value in told.items() if name.startswith(SNTP)} == {
        f"{SNTP}gmtOffset": str(offset),
        f"{SNTP}gmtOffset.overrideDHCP": "1",
        f"{DST}enable": "0",
    }


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "Europe/Dublin",
        "America/New_York",
        "America/Santiago",
        "America/Nuuk",
        "Australia/Sydney",
        "Pacific/Auckland",
        "Asia/Jerusalem",
        "Asia/Beirut",
        "Africa/Cairo",
        "Asia/Kolkata",
        "America/Havana",
    ],
)
def test_the_clock_agrees_with_the_tz_database_every_hour_of_a_year(zone: str) -> None:
    clock, actual = Clock(config(view_of({"timezone": zone}))), ZoneInfo(zone)
    moments = [datetime(YEAR, 2, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24 * 330)]

    wrong = [moment for moment in moments if clock.offset(moment) != moment.astimezone(actual).utcoffset()]

    assert wrong == []


def test_changes_within_an_hour_are_told_to_the_nearest() -> None:
    told = config(view_of({"timezone": "Pacific/Chatham"}))  # 2:45 and 3:45

    assert told[f"{SNTP}gmtOffset"] == "45900"
    assert (told[f"{DST}start.time"], told[f"{DST}stop.time"]) == ("3", "4")


@pytest.mark.parametrize(("zone", "offset"), [("Australia/Lord_Howe", 37800), ("Antarctica/Troll", 0)])
def test_a_summer_time_of_another_length_is_refused_and_left_out(zone: str, offset: int) -> None:
    view = view_of({"timezone": zone})

    told = config(view)

    assert (told[f"{SNTP}gmtOffset"], told[f"{DST}enable"]) == (str(offset), "0")
    with pytest.raises(InvalidValue, match="timezone"):
        VENDOR.check(view)  # type: ignore[misc]
