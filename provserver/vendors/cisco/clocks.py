"""Offset and summer time in the flat profile's own notation: `write_zone`."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import Transition, load_zone
from provserver.vendors.cisco.rows import flat

_SUNDAY = 7  # weekdays count from 1 = Monday (SPA and MPP guides, "Daylight Saving Time Rule", H)
_LAST_WEEK = 5
_LAST_SECOND = timedelta(hours=24) - timedelta(seconds=1)


def write_zone(name: str, _at: At) -> tuple[Entry, ...]:
    """
    Write the zone *name*, as ``GMT+01:00`` and ``start=3/-1/7/2:0:0;end=10/-1/7/3:0:0;save=1:0:0``.

    A rule by day of the year (`Zone.dated`; no zone of release 2026f has one) is written as no summer time.
    """
    return _entries(name)


@lru_cache(maxsize=1024)  # there are some 600 zones
def _entries(name: str) -> tuple[Entry, ...]:
    zone = load_zone(name)
    found = [flat("Time_Zone", _offset(zone.offset)), flat("Ignore_DHCP_Time_Offset", "Yes")]
    if zone.rule is None:
        return (*found, flat("Daylight_Saving_Time_Enable", "No"))
    start, end = _change(zone.rule.start), _change(zone.rule.end)
    return (
        *found,
        flat("Daylight_Saving_Time_Rule", f"start={start};end={end};save={_clock(zone.rule.save)}"),
        flat("Daylight_Saving_Time_Enable", "Yes"),
    )


def _offset(offset: timedelta) -> str:
    """``GMT-03:30``; ``GMT`` alone is how the list of choices has the offset zero (M)."""
    if not offset:
        return "GMT"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"GMT{'-' if offset < timedelta(0) else '+'}{hours:02}:{minutes:02}"


def _change(change: Transition) -> str:
    """
    ``month/day/weekday/h:m:s``: the weekday on or after the day, or with -1 the last one of the month.

    Each change is told on the clock as it stands before, as tz data have it. A time outside of the named day (24:00 on
    Saturday, the day before the last Sunday) is put as another weekday on or after another day, exactly; where the
    length of February forbids that, at the edge of the named day.
    """
    moved = change.on_or_after() if not change.is_plain else None
    if moved is not None:
        return f"{moved.month}/{moved.day}/{moved.weekday or _SUNDAY}/{_clock(moved.time)}"
    day = -1 if change.week == _LAST_WEEK else 7 * (change.week - 1) + 1
    time = min(max(change.time, timedelta(0)), _LAST_SECOND)
    return f"{change.month}/{day}/{change.weekday or _SUNDAY}/{_clock(time)}"


def _clock(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60}:{seconds}"
