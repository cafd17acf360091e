"""
The time zone in Snom's words: an offset in seconds and a rule for summer time; DECT bases take a name (``GER+1``).

Source: wiki.snom.com "Settings/dst" (H) for the notation, wazo_snom common.py (M) for an empty ``timezone`` with offset
and rule beside it, which says the truth for zones that no name of Snom's fits.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import DstRule, Transition, load_zone

_SUNDAY = 7  # days are numbered 01 (Monday) to 07 (Sunday)
_LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)  # hours run from 00 to 23

# Names for zones whose country has this one rule: tancredi snom.macros (M); tests hold them against tz data. Left out
# are countries with several rules at one offset (Australia, Brazil) and zones whose law has changed (western Canada).
ZONE_NAMES = {
    "America/Anchorage": "USA-9",
    "America/Chicago": "USA-6",
    "America/Denver": "USA-7",
    "America/Halifax": "CAN-4",
    "America/Los_Angeles": "USA-8",
    "America/New_York": "USA-5",
    "America/Toronto": "CAN-5",
    "Asia/Kolkata": "IND+5.5",
    "Asia/Singapore": "SGP+8",
    "Europe/Amsterdam": "NLD+1",
    "Europe/Athens": "GRC+2",
    "Europe/Berlin": "GER+1",
    "Europe/Bratislava": "SVK+1",
    "Europe/Brussels": "BEL+1",
    "Europe/Bucharest": "ROU+2",
    "Europe/Budapest": "HUN+1",
    "Europe/Copenhagen": "DNK+1",
    "Europe/Dublin": "GBR-0",
    "Europe/Helsinki": "FIN+2",
    "Europe/Lisbon": "PRT-0",
    "Europe/London": "GBR-0",
    "Europe/Luxembourg": "LUX+1",
    "Europe/Madrid": "ESP+1",
    "Europe/Oslo": "NOR+1",
    "Europe/Paris": "FRA+1",
    "Europe/Prague": "CZE+1",
    "Europe/Rome": "ITA+1",
    "Europe/Stockholm": "SWE+1",
    "Europe/Tallinn": "EST+2",
    "Europe/Vienna": "GER+1",
    "Europe/Warsaw": "POL+1",
    "Europe/Zagreb": "HRV+1",
    "Europe/Zurich": "GER+1",
    "Pacific/Auckland": "NZL+12",
}


def write_timezone(name: str, _at: At) -> tuple[Entry, ...]:
    """
    Write offset and summer time of the zone *name*. Empty elements clear what a name on the phone had set.

    A rule by day of the year (`Zone.dated`; no zone of release 2026f has one) is written as no summer time.
    """
    return _entries(name)


@lru_cache(maxsize=1024)  # there are some 600 zones
def _entries(name: str) -> tuple[Entry, ...]:
    zone = load_zone(name)
    return (
        Entry("timezone", ""),
        Entry("utc_offset", str(int(zone.offset.total_seconds()))),
        Entry("dst", _summer(zone.rule) if zone.rule else ""),
    )


def _summer(rule: DstRule) -> str:
    """E.g. ``3600 03.05.07 02:00:00 10.05.07 03:00:00``: the last Sundays of March and October."""
    return f"{int(rule.save.total_seconds())} {_change(rule.start)} {_change(rule.end)}"


def _change(transition: Transition) -> str:
    """
    ``month.week.weekday hh:mm:ss``, each side's clock as it stands before the change, as tz data have it.

    A time outside of the day (Chile 24:00, Israel 26:00, Greenland -1:00) is brought to the day's edge: the clock is
    then wrong for that surplus at that one change, a second for Chile, 26 h for Gaza. Naming the next weekday instead
    would be wrong by a week in some years.
    """
    time = min(max(transition.time, timedelta(0)), _LAST_SECOND)
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    weekday = transition.weekday or _SUNDAY
    return f"{transition.month:02}.{transition.week:02}.{weekday:02} {hours:02}:{minutes:02}:{seconds:02}"
