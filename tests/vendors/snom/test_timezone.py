"""Time zones: what Snom's offset and rule say is read back as a phone would and held against tz data."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from provserver.domain.mac import MacAddress
from provserver.domain.parameters import At
from provserver.domain.timezones import load_zone, zone_names
from provserver.domain.view import DeviceView
from provserver.vendors.snom.timezone import ZONE_NAMES, write_timezone

AT = At(view=DeviceView(mac=MacAddress("000413922d24")))
YEARS = (2027, 2028)  # both lengths of February


def written(name: str) -> dict[str, str]:
    return {entry.name: str(entry.value) for entry in write_timezone(name, AT)}


def change(year: int, date: str, time: str) -> datetime:
    """``03.05.07 02:00:00``: month, week (05 the last), day (01 Monday to 07 Sunday)."""
    month, week, day = (int(part) for part in date.split("."))
    dates = [row[day - 1] for row in calendar.monthcalendar(year, month) if row[day - 1]]
    hour, minute, second = (int(part) for part in time.split(":"))
    return datetime(year, month, dates[-1 if week == 5 else week - 1], hour, minute, second)  # noqa: DTZ001 - wall time


def phone_offset(parameters: dict[str, str], moment: datetime) -> timedelta:
    offset = timedelta(seconds=int(parameters["utc_offset"]))
    if not parameters["dst"]:
        return offset
    seconds, start_date, start_time, end_date, end_time = parameters["dst"].split(" ")
    save = timedelta(seconds=int(seconds))
    standard = (moment + offset).replace(tzinfo=None)
    start = change(standard.year, start_date, start_time)
    end = change(standard.year, end_date, end_time) - save
    summer = start <= standard < end if start < end else not end <= standard < start
    return offset + save if summer else offset


def actual(name: str) -> ZoneInfo:
    """Python's own reading of the tz data we install, not of the machine's."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as tzif:
        return ZoneInfo.from_file(tzif, key=name)


def wrong_hours(name: str, year: int) -> int:
    """How many hours of *year* begin with a clock that is wrong."""
    parameters, zone = written(name), actual(name)
    begin = datetime(year, 1, 1, tzinfo=UTC)
    hours = (begin + timedelta(hours=hour) for hour in range(8760))
    return sum(phone_offset(parameters, hour) != hour.astimezone(zone).utcoffset() for hour in hours)


@pytest.mark.parametrize(
    ("name", "offset", "rule"),
    [
        ("Europe/Berlin", "3600", "3600 03.05.07 02:00:00 10.05.07 03:00:00"),
        ("Europe/London", "0", "3600 03.05.07 01:00:00 10.05.07 02:00:00"),
        ("Europe/Dublin", "0", "3600 03.05.07 01:00:00 10.05.07 02:00:00"),
        ("America/New_York", "-18000", "3600 03.02.07 02:00:00 11.01.07 02:00:00"),
        ("Australia/Sydney", "36000", "3600 10.01.07 02:00:00 04.01.07 03:00:00"),
        ("Australia/Lord_Howe", "37800", "1800 10.01.07 02:00:00 04.01.07 02:00:00"),
        ("America/St_Johns", "-12600", "3600 03.02.07 02:00:00 11.01.07 02:00:00"),
        ("Asia/Kathmandu", "20700", ""),
        ("UTC", "0", ""),
    ],
)
def test_a_zone_is_written_as_calculated_by_hand(name: str, offset: str, rule: str) -> None:
    assert written(name) == {"timezone": "", "utc_offset": offset, "dst": rule}


@pytest.mark.parametrize(
    "name",
    [
        "Africa/Johannesburg",
        "America/Chicago",
        "America/Santiago",
        "America/St_Johns",
        "Asia/Beirut",
        "Asia/Kolkata",
        "Atlantic/Azores",
        "Australia/Lord_Howe",
        "Australia/Sydney",
        "Europe/Berlin",
        "Europe/Dublin",
        "Europe/London",
        "Pacific/Auckland",
        "Pacific/Chatham",
    ],
)
def test_a_phone_shows_the_right_time_all_year(name: str) -> None:
    assert [wrong_hours(name, year) for year in YEARS] == [0, 0]


@pytest.mark.parametrize(
    ("name", "most"),
    [("America/Nuuk", 2), ("Asia/Jerusalem", 2), ("Asia/Gaza", 52)],
)
def test_changes_outside_of_the_day_are_wrong_for_their_surplus_only(name: str, most: int) -> None:
    hours = [wrong_hours(name, year) for year in YEARS]

    assert 0 < max(hours) <= most


def test_every_zone_has_a_rule_that_a_phone_can_read() -> None:
    noon = datetime(2027, 7, 1, 12, tzinfo=UTC)

    offsets = {name: phone_offset(written(name), noon) for name in zone_names()}

    assert {name for name in offsets if offsets[name] != load_zone(name).offset_at(noon)} == set()


@pytest.mark.parametrize(("name", "snoms"), ZONE_NAMES.items())
def test_a_zone_with_a_name_of_snoms_has_its_offset_and_its_summer(name: str, snoms: str) -> None:
    hours = float(snoms[3:])
    has_summer = snoms[:3] not in {"SGP", "IND"}

    zone = load_zone(name)

    assert zone.offset == timedelta(hours=hours)
    assert (zone.rule is not None) is has_summer
