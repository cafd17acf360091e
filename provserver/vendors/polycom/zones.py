"""A time zone in these phones' words: an offset in seconds and two changes in the year, in whole hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import DstRule, OnOrAfter, Transition, Zone, load_zone

_SNTP = "tcpIpApp.sntp."
_DST = _SNTP + "daylightSavings."
_HOUR = timedelta(hours=1)
_LAST_HOUR = 23  # start.time and stop.time: 0 to 23
_LAST_WEEK = 5


def write_zone(name: str, _at: At) -> Iterator[Entry]:
    """
    Write the zone *name*. Where the phone cannot be told its summer time (see `can_say`), it keeps standard time.

    Source: SIP 2.2 administrator's guide A-53 and addendum 2.0.3B p. 4; Wazo common.py writes the same.
    """
    zone = load_zone(name)
    yield Entry(_SNTP + "gmtOffset", str(zone.offset // timedelta(seconds=1)))
    yield Entry(_SNTP + "gmtOffset.overrideDHCP", "1")
    rule = zone.rule if can_say(zone) else None
    yield Entry(_DST + "enable", "0" if rule is None else "1")
    if rule is not None:
        yield Entry(_DST + "fixedDayEnable", "0")  # 1 would ignore the day of the week
        yield from _change("start", rule.start)
        yield from _change("stop", rule.end)


def can_say(zone: Zone) -> bool:
    """
    Whether these phones can be told the summer time of *zone*: of one hour, coming and going by weekdays.

    There is no parameter for another length, as Lord Howe Island and Troll have it.
    """
    if zone.rule is None:
        return zone.dated is None
    return zone.rule.save == _HOUR and _has_dates(zone.rule)


def _has_dates(rule: DstRule) -> bool:
    return all(change.is_plain or change.on_or_after() is not None for change in (rule.start, rule.end))


def _change(edge: str, change: Transition) -> Iterator[Entry]:
    if change.is_plain and change.week == _LAST_WEEK:
        yield from _moment(edge, change)
        yield Entry(f"{_DST}{edge}.dayOfWeek.lastInMonth", "1")  # the date is ignored then
        return
    first = change.on_or_after()
    if first is not None:
        yield from _moment(edge, first)
        yield Entry(f"{_DST}{edge}.dayOfWeek.lastInMonth", "0")
        # "On or after" this day: 1, 8, 15, 22 are the first to fourth such weekday.
        yield Entry(f"{_DST}{edge}.date", str(first.day))


def _moment(edge: str, change: Transition | OnOrAfter) -> Iterator[Entry]:
    yield Entry(f"{_DST}{edge}.month", str(change.month))
    # Chatham Islands change at 2:45: the nearest hour is fifteen minutes off, twice a year.
    yield Entry(f"{_DST}{edge}.time", str(min(_LAST_HOUR, round(change.time / _HOUR))))
    yield Entry(f"{_DST}{edge}.dayOfWeek", str(change.weekday + 1))  # 1 is Sunday
