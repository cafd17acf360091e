"""The time zone in Fanvil's words: quarter hours from UTC, and two changes in the year by week; `write_zone`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.domain.timezones import Transition, load_zone
from provserver.vendors.fanvil.dialects import put
from provserver.vendors.fanvil.models import known_name

_MINUTE, _QUARTER, _HOUR = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)
_LAST_HOUR = 23
# 1 lets the phone follow its own list, which is as old as its firmware (tancredi, with a place); 2 follows what we say
# (Wazo). Newer templates call the parameter DSTType (FusionPBX, tancredi); what a phone does not know it ignores.
_OFF, _BY_RULE = "0", "2"
# Here the zone is the number of an entry in their own list.
_BY_INDEX = frozenset({"C58", "C62"})

_MODERN, _LEGACY = "phone/date", "GLOBAL_CONFIG_MODULE"


def write_zone(name: str, at: At) -> Iterator[Entry]:
    """Write the zone *name*."""
    if known_name(at.view.model) in _BY_INDEX:
        return
    for modern, legacy, value in _words(name):
        yield from put(at.view, modern and f"{_MODERN}/{modern}", legacy and f"{_LEGACY}/{legacy}", value)


@lru_cache(maxsize=1024)  # there are some 600 zones
def _words(name: str) -> tuple[tuple[str, str | None, str], ...]:
    zone = load_zone(name)
    rule = zone.rule  # a rule by day of the year (`Zone.dated`; no zone of release 2026f has one) cannot be told
    mode = _OFF if rule is None else _BY_RULE
    words: list[tuple[str, str | None, str]] = [
        ("TimeZone", "Time_Zone", str(zone.offset // _QUARTER)),
        ("TimeZoneName", "Time_Zone_Name", _called(zone.offset)),
        ("EnableDST", "Enable_DST", mode),
        ("DSTType", None, mode),
    ]
    if rule is not None:
        words.append(("DSTMinOffset", "DST_Min_Offset", str(rule.save // _MINUTE)))
        words += _change("Start", rule.start)
        words += _change("End", rule.end)
    return tuple(words)


def _change(edge: str, change: Transition) -> Iterator[tuple[str, str, str]]:
    """
    Month, week (5 the last), weekday (0 Sunday) and the hour on the clock as it stands before the change.

    Hours are whole and within the day: 2:45 on the Chatham Islands is told as 3, and a change outside of the named day
    (Chile, Israel, Greenland, Gaza) as the nearest hour in it.
    """
    hour = min(max(round(change.time / _HOUR), 0), _LAST_HOUR)
    for name, value in (("Mon", change.month), ("Week", change.week), ("Wday", change.weekday), ("Hour", hour)):
        yield f"DST{edge}{name}", f"DST_{edge}_{name}", str(value)


def _called(offset: timedelta) -> str:
    """``UTC``, ``UTC+1``, ``UTC-3:30``: what the phone shows beside the zone."""
    if not offset:
        return "UTC"
    hours, minutes = divmod(abs(offset) // _MINUTE, 60)
    return f"UTC{'-' if offset < timedelta(0) else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
