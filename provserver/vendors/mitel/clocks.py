"""The phone's clock: an IANA time zone in Mitel's words, `write_zone`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import Transition, load_zone

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_LAST_HOUR = 23
_LAST_WEEK = 5  # of the month, in POSIX
_MAX_SAVE_MINUTES = 60  # Antarctica/Troll, with two hours, is the only zone that has more
_OFF, _BY_DATES = "0", "3"  # dst config; 1 and 2 are half an hour and an hour, always


def write_zone(name: str, _at: At) -> tuple[Entry, ...]:
    """
    The offset and the summer time of the zone *name*, as a custom zone: the phone's own list is as old as its firmware.

    Source: sheet mitel-aastra 5; guides 2.4 to 3.3, "Custom" time zone (H); that ``dst config`` has to be 3: wazo (M).
    """
    return _entries(name)


@lru_cache(maxsize=1024)  # there are some 600 zones, and a reseller's phones are in few of them
def _entries(name: str) -> tuple[Entry, ...]:
    return tuple(_written(name))


def _written(name: str) -> Iterator[Entry]:
    zone = load_zone(name)
    yield Entry("time zone name", "Custom")
    yield Entry("time zone minutes", str(-(zone.offset // _MINUTE)))  # counted westward
    if zone.rule is None:  # rules by the day of the year (`Zone.dated`) have no user left
        yield Entry("dst config", _OFF)
        return
    yield Entry("dst config", _BY_DATES)
    yield Entry("dst minutes", str(min(zone.rule.save // _MINUTE, _MAX_SAVE_MINUTES)))
    yield Entry("dst [start|end] relative date", "1")  # the name really holds both words
    yield from _change("start", zone.rule.start)
    yield from _change("end", zone.rule.end)


def _change(edge: str, change: Transition) -> Iterator[Entry]:
    """
    Month, week (-1: the last), weekday (1: Sunday) and hour, each on the clock as it stands before the change.

    The guides call the first week the first *full* one; for Sundays, which most laws name, that is the same day as the
    first Sunday. Laws that name a moment off the named day ("24:00 on Saturday") get the nearest hour of that day:
    wrong by 27 hours at most (Gaza).
    """
    yield Entry(f"dst {edge} month", str(change.month))
    yield Entry(f"dst {edge} week", "-1" if change.week == _LAST_WEEK else str(change.week))
    yield Entry(f"dst {edge} day", str(change.weekday + 1))
    yield Entry(f"dst {edge} hour", str(min(max(round(change.time / _HOUR), 0), _LAST_HOUR)))
