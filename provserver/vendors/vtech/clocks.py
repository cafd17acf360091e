"""
The time zone: its IANA name, and the dates of summer time in VTech's own words.

The phone knows the zone by its name (sheet vtech 5, H), but its firmware knows the law of the day it was made. So the
dates are told as well, wherever they fit the notation: a week of a month, a weekday, a full hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import DstRule, Transition, load_zone

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def write_zone(name: str, _at: At) -> tuple[Entry, ...]:
    """Write name, whether there is summer time at all, and its dates or that the firmware's own are to be taken."""
    return _entries(name)


@lru_cache(maxsize=1024)  # there are some 600 zones
def _entries(name: str) -> tuple[Entry, ...]:
    zone = load_zone(name)
    rule = zone.rule
    told = rule is not None and _is_told(rule.start) and _is_told(rule.end)
    entries = [
        Entry("time_date.selected_timezone", name),
        Entry("time_date.daylight_saving_auto_adjust", "1" if rule or zone.dated else "0"),
        Entry("time_date.daylight_saving_user_defined", "1" if told else "0"),
    ]
    if rule is not None and told:
        entries.extend(_dates(rule))
    return tuple(entries)


def _is_told(change: Transition) -> bool:
    """Whether the notation has words for *change*. Israel's 26:00 and Chatham's 2:45 it has not."""
    return change.is_plain and not change.time % _HOUR


def _dates(rule: DstRule) -> Iterator[Entry]:
    """The hour is the one on the clock before the change; week 5 is the last (exported configurations, M)."""
    for edge, change in (("start", rule.start), ("end", rule.end)):
        prefix = f"time_date.daylight_saving_{edge}_"
        yield Entry(f"{prefix}month", _MONTHS[change.month - 1])
        yield Entry(f"{prefix}week", str(change.week))
        yield Entry(f"{prefix}day", _DAYS[change.weekday])
        yield Entry(f"{prefix}hour", str(change.time // _HOUR))
    yield Entry("time_date.daylight_saving_amount", str(rule.save // _MINUTE))
