"""`plain_posix`: a zone as a POSIX TZ string that old and small parsers read too."""

from __future__ import annotations

import re
from datetime import timedelta

from provserver.domain.timezones import Transition, Zone

_LETTERS = re.compile(r"[A-Za-z]{3,}")
_DAY = timedelta(days=1)
_DEFAULT_TIME = timedelta(hours=2)  # POSIX 8.3: 02:00:00 when no time is given


def plain_posix(zone: Zone) -> str:
    """
    Write *zone* without what RFC 8536 and later editions of POSIX have added: ``CET-1CEST,M3.5.0,M10.5.0/3``.

    Names are letters (``STD`` and ``DST`` where tz data have digits), and a change happens between 0:00 and 24:00 of
    its day: one that does not is brought to the day's edge, and the clock is wrong for the difference at that one
    change (Greenland 1 h, Israel 2 h, Gaza 26 h). A rule by day of the year (`Zone.dated`; no zone of release 2026f
    has one) is written as no summer time. Both offsets are written unless summer is one hour ahead.
    """
    standard = _name(zone.abbreviation, "STD") + _offset(zone.offset)
    if zone.rule is None:
        return standard
    save = zone.rule.save
    ahead = "" if save == timedelta(hours=1) else _offset(zone.offset + save)
    changes = f",{_change(zone.rule.start)},{_change(zone.rule.end)}"
    return standard + _name(zone.dst_abbreviation, "DST") + ahead + changes


def _name(abbreviation: str | None, instead: str) -> str:
    return abbreviation if abbreviation and _LETTERS.fullmatch(abbreviation) else instead


def _offset(east: timedelta) -> str:
    """POSIX counts west of Greenwich as positive."""
    return f"{'-' if east > timedelta(0) else ''}{_clock(abs(east))}"


def _change(change: Transition) -> str:
    time = min(max(change.time, timedelta(0)), _DAY)
    return f"M{change.month}.{change.week}.{change.weekday}{'' if time == _DEFAULT_TIME else f'/{_clock(time)}'}"


def _clock(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if seconds:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{hours}:{minutes:02}" if minutes else str(hours)
