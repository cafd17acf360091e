"""A phone that was told a time zone shows what the tz database says, in the years to come too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from provserver.domain.timezones import deviates, load_zone
from tests.vendors.cisco.phone import Clock, device, profile, view_of

YEARS = range(2027, 2030)
ZONES = [
    "Africa/Cairo", "Africa/Johannesburg", "America/Anchorage", "America/Chicago", "America/Denver", "America/Halifax",
    "America/Los_Angeles", "America/New_York", "America/Nuuk", "America/Santiago", "America/Sao_Paulo",
    "America/St_Johns", "Asia/Beirut", "Asia/Dubai", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo",
    "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Etc/UTC", "Europe/Athens",
    "Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "Europe/London", "Europe/Moscow", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Marquesas",
]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "offset", "rule"),
    [
        ("Europe/Berlin", "GMT+01:00", "start=3/-1/7/2:0:0;end=10/-1/7/3:0:0;save=1:0:0"),
        ("Europe/London", "GMT", "start=3/-1/7/1:0:0;end=10/-1/7/2:0:0;save=1:0:0"),
        ("Europe/Dublin", "GMT", "start=3/-1/7/1:0:0;end=10/-1/7/2:0:0;save=1:0:0"),
        ("America/New_York", "GMT-05:00", "start=3/8/7/2:0:0;end=11/1/7/2:0:0;save=1:0:0"),
        ("America/St_Johns", "GMT-03:30", "start=3/8/7/2:0:0;end=11/1/7/2:0:0;save=1:0:0"),
        ("Australia/Lord_Howe", "GMT+10:30", "start=10/1/7/2:0:0;end=4/1/7/2:0:0;save=0:30:0"),
        # Saturday 24:00 before the first Sunday: the Sunday on or after the 2nd, 0:00
        ("America/Santiago", "GMT-04:00", "start=9/2/7/0:0:0;end=4/2/7/0:0:0;save=1:0:0"),
        ("Asia/Kathmandu", "GMT+05:45", None),
        ("America/Bogota", "GMT-05:00", None),
        ("UTC", "GMT", None),
    ],
)
def test_the_rule_is_written_as_worked_out_by_hand(zone: str, offset: str, rule: str | None) -> None:
    told = profile(view_of({"timezone": zone}))

    assert told["Time_Zone"] == offset
    assert told["Ignore_DHCP_Time_Offset"] == "Yes"
    assert told.get("Daylight_Saving_Time_Rule") == rule
    assert told["Daylight_Saving_Time_Enable"] == ("Yes" if rule else "No")


@pytest.mark.parametrize("name", ZONES)
def test_the_clock_agrees_with_the_tz_database_for_three_years(name: str) -> None:
    """Every half hour around each change, and every day else."""
    clock = Clock(profile(view_of({"timezone": name})))
    zone = ZoneInfo.from_file(BytesIO(files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()), key=name)

    for year in YEARS:
        assert not deviates(name, year)
        day = datetime(year, 1, 1, tzinfo=UTC)
        moments = [day + timedelta(hours=hour) for hour in range(0, 24 * 365, 12)]
        changes = [
            m
            for m in moments
            if m.astimezone(zone).utcoffset() != (m - timedelta(hours=12)).astimezone(zone).utcoffset()
        ]
        near = [change + timedelta(minutes=15 * step) for change in changes for step in range(-96, 96)]
        wrong = [m for m in (*moments, *near) if clock.offset(m) != m.astimezone(zone).utcoffset()]
        assert wrong == []


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/Berlin", "W. Europe Standard/Daylight Time"),
        ("Europe/Vienna", "W. Europe Standard/Daylight Time"),
        ("America/New_York", "Eastern Standard/Daylight Time"),
        ("America/Toronto", "Eastern Standard/Daylight Time"),
        ("Europe/London", "GMT Standard/Daylight Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("UTC", "Greenwich Standard Time"),
        ("Pacific/Chatham", None),
        ("America/Santiago", None),
    ],
)
def test_phones_of_the_enterprise_kind_are_told_a_name_of_their_list_with_the_same_clock(
    zone: str, name: str | None
) -> None:
    assert device(view_of({"timezone": zone})).get("devicePool/dateTimeSetting/timeZone") == name


def test_no_name_stands_for_a_place_that_has_another_clock() -> None:
    from provserver.vendors.cisco.zones import _NAMES, zone_name  # noqa: PLC0415 - the table is asked as a whole

    for place, name in _NAMES.items():
        zone = load_zone(place)
        assert (zone.rule is not None) is ("Daylight" in name), place
        assert zone_name(place) == name
