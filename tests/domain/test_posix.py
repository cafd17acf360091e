"""A zone in plain POSIX notation changes its clocks when the tz database does, in all but a few named cases."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from provserver.domain.posix import plain_posix
from provserver.domain.timezones import DatedRule, YearDay, Zone, load_zone, parse_posix, zone_names

PLAIN = re.compile(
    r"[A-Za-z]{3,}-?\d{1,2}(:\d\d){0,2}(?:[A-Za-z]{3,}(?:-?\d{1,2}(:\d\d){0,2})?(?:,M\d{1,2}\.[1-5]\.[0-6](?:/\d{1,2}(:\d\d){0,2})?){2})?"
)
OUTSIDE_OF_THE_DAY = {  # hours that the clock is wrong for at a change
    "America/Godthab": 1, "America/Nuuk": 1, "America/Scoresbysund": 1, "Asia/Gaza": 26, "Asia/Hebron": 26,
    "Asia/Jerusalem": 2, "Asia/Tel_Aviv": 2, "Israel": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("Europe/London", "GMT0BST,M3.5.0/1,M10.5.0"),
        ("Europe/Dublin", "GMT0IST,M3.5.0/1,M10.5.0"),
        ("America/New_York", "EST5EDT,M3.2.0,M11.1.0"),
        ("America/St_Johns", "NST3:30NDT,M3.2.0,M11.1.0"),
        ("America/Santiago", "STD4DST,M9.1.6/24,M4.1.6/24"),
        ("America/Nuuk", "STD2DST,M3.5.0/0,M10.5.0/0"),
        ("Asia/Jerusalem", "IST-2IDT,M3.4.4/24,M10.5.0"),
        ("Asia/Kathmandu", "STD-5:45"),
        ("Australia/Lord_Howe", "STD-10:30DST-11,M10.1.0,M4.1.0"),
        ("Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"),
        ("Pacific/Chatham", "STD-12:45DST,M9.5.0/2:45,M4.1.0/3:45"),
        ("UTC", "UTC0"),
    ],
)
def test_a_zone_is_written_as_worked_out_by_hand(name: str, expected: str) -> None:
    assert plain_posix(load_zone(name)) == expected


@pytest.mark.parametrize("name", sorted(zone_names()))
def test_it_is_plain_and_says_the_same_again(name: str) -> None:
    zone = load_zone(name)

    text = plain_posix(zone)

    assert PLAIN.fullmatch(text)
    again = parse_posix(text, name=name)
    assert again.offset == zone.offset
    assert (again.rule is None) is (zone.rule is None)
    if zone.rule is None or again.rule is None:
        return
    assert again.rule.save == zone.rule.save
    wrong = max(
        abs(getattr(again.rule, end).on(year) - getattr(zone.rule, end).on(year))
        for end in ("start", "end")
        for year in range(2026, 2032)
    )
    assert wrong == timedelta(hours=OUTSIDE_OF_THE_DAY.get(name, 0))


def test_a_rule_by_day_of_the_year_is_no_summer_time() -> None:
    first = YearDay(day=80, counts_leap_day=False, time=timedelta(0))
    dated = DatedRule(start=first, end=replace(first, day=264), save=timedelta(hours=1))

    assert plain_posix(Zone(name="x", offset=timedelta(hours=3, seconds=30), abbreviation="+03", dated=dated)) == (
        "STD-3:00:30"
    )
