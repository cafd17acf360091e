"""The phone's clock: an IANA time zone in AudioCodes' words, `write_zone`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import Transition, load_zone

_MINUTE = timedelta(minutes=1)
_LAST_MINUTE = timedelta(hours=23, minutes=59)
_DST = "system/daylight_saving"
_WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")


def write_zone(name: str, _at: At) -> tuple[Entry, ...]:
    """
    The offset and the summer time of the zone *name*, and that DHCP's own idea of the offset is not taken.

    Source: 400HD administrator's manuals 2.0 and 3.4, Daylight Saving Time Parameters (H), except for the names of the
    weekday and its words, and that week 5 is the last (L).
    """
    return _entries(name)


@lru_cache(maxsize=1024)  # there are some 600 zones, and a reseller's phones are in few of them
def _entries(name: str) -> tuple[Entry, ...]:
    return tuple(_written(name))


def _written(name: str) -> Iterator[Entry]:
    zone = load_zone(name)
    yield Entry("network/lan/dhcp/ntp/gmt_offset/enabled", "0")
    yield Entry("system/ntp/gmt_offset", _offset(zone.offset))
    if zone.rule is None:  # rules by the day of the year (`Zone.dated`) have no user left
        yield Entry(f"{_DST}/activate", "DISABLE")
        return
    yield Entry(f"{_DST}/activate", "ENABLE")
    yield Entry(f"{_DST}/mode", "DayOfWeek")
    yield Entry(f"{_DST}/offset", str(zone.rule.save // _MINUTE))
    yield from _change("start_date", zone.rule.start)
    yield from _change("end_date", zone.rule.end)


def _offset(offset: timedelta) -> str:
    """``+01:00``, ``-03:30``."""
    hours, minutes = divmod(abs(offset) // _MINUTE, 60)
    return f"{'-' if offset < timedelta(0) else '+'}{hours:02}:{minutes:02}"


def _change(edge: str, change: Transition) -> Iterator[Entry]:
    """
    Month, week, weekday and time, on the clock as it stands before the change.

    Laws that name a moment off the named day ("24:00 on Saturday") get the nearest minute of that day.
    """
    minutes = min(max(change.time, timedelta(0)), _LAST_MINUTE) // _MINUTE
    yield Entry(f"{_DST}/{edge}/month", str(change.month))
    yield Entry(f"{_DST}/{edge}/week", str(change.week))
    yield Entry(f"{_DST}/{edge}/day_of_week", _WEEKDAYS[change.weekday])
    yield Entry(f"{_DST}/{edge}/hour", str(minutes // 60))
    yield Entry(f"{_DST}/{edge}/minute", str(minutes % 60))
