"""The phone's clock: an IANA time zone in Yealink's words, `write_zone`."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import OnOrAfter, Transition, load_zone
from provserver.vendors.yealink.models import Generation, generation

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_LAST_HOUR = 23
_LAST_WEEK = 5  # of the month, in POSIX and here alike
_FEBRUARY, _DECEMBER = 2, 12
_COMMON_YEAR = 2025  # any: only February, which is left out, changes its length
_BY_WEEK = "1"  # dst_time_type; 0 would be a fixed date, which no law uses any more
_OFF, _BY_RULE = "0", "1"  # summer_time; 2 (automatic) follows the phone's own list, as old as its firmware

# How Yealink's list calls places; shown on the screen, no more, since the offset and the rule are given. Only zones
# that the list has an entry of its own for. Source: tancredi data/templates/yealink.macros (M).
ZONE_NAMES = {
    "America/Anchorage": "United States-Alaska Time",
    "America/Chicago": "United States-Central Time",
    "America/Denver": "United States-Mountain Time",
    "America/Edmonton": "Canada(Edmonton,Calgary)",
    "America/Halifax": "Canada(Halifax,Saint John)",
    "America/Havana": "Cuba(Havana)",
    "America/Los_Angeles": "United States-Pacific Time",
    "America/Mexico_City": "Mexico(Mexico City,Acapulco)",
    "America/New_York": "United States-Eastern Time",
    "America/Nuuk": "Denmark-Greenland(Nuuk)",
    "Asia/Baku": "Azerbaijan(Baku)",
    "Asia/Beirut": "Lebanon(Beirut)",
    "Asia/Jerusalem": "Israel(Tel Aviv)",
    "Asia/Kathmandu": "Nepal(Katmandu)",
    "Asia/Kolkata": "India(Calcutta)",
    "Asia/Seoul": "Korea(Seoul)",
    "Asia/Shanghai": "China(Beijing)",
    "Asia/Singapore": "Singapore(Singapore)",
    "Asia/Tokyo": "Japan(Tokyo)",
    "Atlantic/Azores": "Portugal(Azores)",
    "Atlantic/Bermuda": "United Kingdom(Bermuda)",
    "Atlantic/Canary": "Spain-Canary Islands(Las Palmas)",
    "Atlantic/Faroe": "Denmark-Faroe Islands(Torshavn)",
    "Australia/Adelaide": "Australia(Adelaide)",
    "Australia/Brisbane": "Australia(Brisbane)",
    "Australia/Darwin": "Australia(Darwin)",
    "Australia/Hobart": "Australia(Hobart)",
    "Australia/Perth": "Australia(Perth)",
    "Australia/Sydney": "Australia(Sydney,Melboume,Canberra)",  # their spelling
    "Europe/Amsterdam": "Netherlands(Amsterdam)",
    "Europe/Athens": "Greece(Athens)",
    "Europe/Berlin": "Germany(Berlin)",
    "Europe/Bucharest": "Romania(Bucharest)",
    "Europe/Budapest": "Hungary(Budapest)",
    "Europe/Chisinau": "Moldova(Kishinev)",
    "Europe/Copenhagen": "Denmark(Kopenhagen)",
    "Europe/Helsinki": "Finland(Helsinki)",
    "Europe/Lisbon": "Portugal(Lisboa,Porto,Funchal)",
    "Europe/London": "United Kingdom(London)",
    "Europe/Luxembourg": "Luxembourg(Luxembourg)",
    "Europe/Madrid": "Spain(Madrid)",
    "Europe/Moscow": "Russia(Moscow)",
    "Europe/Paris": "France(Paris)",
    "Europe/Prague": "Czech Republic(Prague)",
    "Europe/Riga": "Latvia(Riga)",
    "Europe/Rome": "Italy(Rome)",
    "Europe/Skopje": "Macedonia(Skopje)",
    "Europe/Tallinn": "Estonia(Tallinn)",
    "Europe/Tirane": "Albania(Tirane)",
    "Europe/Zagreb": "Croatia(Zagreb)",
    "Pacific/Auckland": "New Zealand(Wellington,Auckland)",
    "Pacific/Chatham": "Chatham Islands",
}


def write_zone(name: str, at: At) -> tuple[Entry, ...]:
    """
    The standard offset and the summer time rule of the zone *name*.

    Source: sheet yealink 5; the form of the dates from the administrator guides W53P and T5, "DST Settings" (H).
    """
    return _entries(name, knows_days_before=generation(at.view.model) is Generation.SINCE_V83)


@lru_cache(maxsize=1024)  # there are some 600 zones, and a reseller's phones are in few of them
def _entries(name: str, *, knows_days_before: bool) -> tuple[Entry, ...]:
    return tuple(_written(name, knows_days_before=knows_days_before))


def _written(name: str, *, knows_days_before: bool) -> Iterator[Entry]:
    zone = load_zone(name)
    yield Entry("local_time.time_zone", _offset(zone.offset))
    yield Entry("local_time.time_zone_name", ZONE_NAMES.get(name, ""))
    if zone.rule is None:  # rules by the day of the year (`Zone.dated`) have no user left and no safe translation
        yield Entry("local_time.summer_time", _OFF)
        return
    yield Entry("local_time.summer_time", _BY_RULE)
    yield Entry("local_time.dst_time_type", _BY_WEEK)
    yield Entry("local_time.start_time", _moment(zone.rule.start, knows_days_before=knows_days_before))
    yield Entry("local_time.end_time", _moment(zone.rule.end, knows_days_before=knows_days_before))
    yield Entry("local_time.offset_time", str(zone.rule.save // _MINUTE))


def _offset(offset: timedelta) -> str:
    """``+1``, ``-3:30``, and ``0`` without a sign."""
    sign = "+" if offset > timedelta(0) else "-" if offset else ""
    hours, minutes = divmod(abs(offset) // _MINUTE, 60)
    return f"{sign}{hours}:{minutes:02}" if minutes else f"{sign}{hours}"


def _moment(change: Transition, *, knows_days_before: bool) -> str:
    """
    ``month/week/weekday/hour``, the week from 1 to 5 (last), the weekday from 1 (Monday) to 7, the hour from 0 to 23.

    Some laws name a moment that is not on the day itself ("24:00 on Saturday", "the day before the last Sunday").
    Newer firmware takes ``,-Nd``, days before the named one: guide T5, "Offset Days: -1~-6", and an exported
    ``10/5/7/2:0,-1d`` (M). Elsewhere the nearest hour of the named day stands in: wrong for 27 hours at most (Gaza).
    """
    exact = change.on_or_after() if knows_days_before and not change.is_plain else None
    named = _before_a_named_day(exact) if exact else None
    if named:
        return named
    hour = min(max(round(change.time / _HOUR), 0), _LAST_HOUR)
    return f"{change.month}/{change.week}/{_monday_first(change.weekday)}/{hour}"


def _before_a_named_day(date: OnOrAfter) -> str | None:
    """The same moment as so many days before a weekday that can be named by its week; None if there is no such day."""
    for days in range(7):
        month, day = date.month, date.day + days
        length = monthrange(_COMMON_YEAR, month)[1]
        if day > length:
            month, day = month % _DECEMBER + 1, day - length
        week = _week(month, day)
        if week and _FEBRUARY not in (date.month, month):
            back = f",-{days}d" if days else ""
            return f"{month}/{week}/{_monday_first((date.weekday + days) % 7)}/{round(date.time / _HOUR)}{back}"
    return None


def _week(month: int, day: int) -> int | None:
    """The week whose weekdays begin on *day*: the first on the 1st, the last seven days before the month's end."""
    if day == monthrange(_COMMON_YEAR, month)[1] - 6:
        return _LAST_WEEK
    return (day - 1) // 7 + 1 if day % 7 == 1 and day <= 22 else None  # noqa: PLR2004 - the fourth week begins there


def _monday_first(weekday: int) -> int:
    """Sunday is 0 in POSIX and 7 here."""
    return weekday or 7
