"""The clock of a Panasonic changes when the law of its zone says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from provserver.domain.timezones import parse_posix
from tests.vendors.panasonic.phones import written

ZONES = (
    "Africa/Johannesburg", "Africa/Lagos", "America/Bogota", "America/Chicago", "America/Denver", "America/Halifax",
    "America/Los_Angeles", "America/New_York", "America/Phoenix", "America/Sao_Paulo", "America/St_Johns",
    "Asia/Beirut", "Asia/Dubai", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Atlantic/Azores",
    "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Athens", "Europe/Berlin",
    "Europe/Dublin", "Europe/Helsinki", "Europe/Lisbon", "Europe/London", "Europe/Moscow", "Europe/Paris",
    "Pacific/Auckland",
)  # fmt: skip
YEARS = (2027, 2028, 2029)


@pytest.mark.parametrize("name", ZONES)
def test_the_written_rule_agrees_with_tz_data_in_every_hour_of_three_years(name: str) -> None:
    """Days whose ends agree are looked at no closer: no clock changes twice a day."""
    told = parse_posix(written({"timezone": name})["LOCAL_TIME_ZONE_POSIX"], name=name)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as tzif:
        zone = ZoneInfo.from_file(tzif, key=name)
    begin = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    days = [begin + timedelta(days=day) for day in range(365 * len(YEARS) + 1)]

    def both(moment: datetime) -> tuple[timedelta | None, timedelta | None]:
        return told.offset_at(moment), moment.astimezone(zone).utcoffset()

    changing = [day for day in days if both(day) != both(day + timedelta(days=1))]
    looked_at = [*days, *(day + timedelta(hours=hour) for day in changing for hour in range(24))]

    assert [moment for moment in looked_at if len(set(both(moment))) > 1] == []
    assert len(changing) == (2 * len(YEARS) if told.rule else 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("America/New_York", "EST5EDT,M3.2.0,M11.1.0"),
        ("Asia/Kathmandu", "STD-5:45"),
        ("UTC", "UTC0"),
    ],
)
def test_a_zone_is_written_as_the_makers_examples_are(name: str, expected: str) -> None:
    assert written({"timezone": name}) == {"LOCAL_TIME_ZONE_POSIX": expected}
