"""
The names that phones of the enterprise kind have for time zones: `zone_name`.

The list is built into the phone, and so is its summer time; a rule cannot be told.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from provserver.domain.timezones import DstRule, load_zone

# wazo_cisco_sip common.py, a published SEP file (W. Europe), fusionpbx cisco/79x1 (Eastern): M. Names of countries that
# have changed their law since the list was made are left out: the phone's own rule is the old one.
_NAMES = {
    "Africa/Johannesburg": "South Africa Standard Time",
    "America/Anchorage": "Alaskan Standard/Daylight Time",
    "America/Chicago": "Central Standard/Daylight Time",
    "America/Denver": "Mountain Standard/Daylight Time",
    "America/Halifax": "Atlantic Standard/Daylight Time",
    "America/Los_Angeles": "Pacific Standard/Daylight Time",
    "America/New_York": "Eastern Standard/Daylight Time",
    "America/Phoenix": "US Mountain Standard Time",
    "America/St_Johns": "Newfoundland Standard/Daylight Time",
    "Asia/Dubai": "Arabian Standard Time",
    "Asia/Kolkata": "India Standard Time",
    "Asia/Riyadh": "Saudi Arabia Standard Time",
    "Asia/Taipei": "Taipei Standard Time",
    "Asia/Tokyo": "Tokyo Standard Time",
    "Atlantic/Azores": "Azores Standard/Daylight Time",
    "Etc/UTC": "Greenwich Standard Time",
    "Europe/Athens": "E. Europe Standard/Daylight Time",
    "Europe/Berlin": "W. Europe Standard/Daylight Time",
    "Europe/London": "GMT Standard/Daylight Time",
    "Europe/Paris": "Central Europe Standard/Daylight Time",
    "Pacific/Honolulu": "Hawaiian Standard Time",
}


@lru_cache(maxsize=1024)  # there are some 600 zones
def zone_name(name: str) -> str | None:
    """The phone's name for the zone *name*, or for one whose clocks are the same; None when it has none."""
    return _NAMES.get(name) or _by_clock().get(_clock(name))


@lru_cache(maxsize=1)
def _by_clock() -> dict[tuple[timedelta, DstRule | None], str]:
    """Of two names for one clock, the one whose place comes first in the alphabet."""
    return {_clock(place): name for place, name in reversed(_NAMES.items())}


def _clock(name: str) -> tuple[timedelta, DstRule | None]:
    zone = load_zone(name)
    return zone.offset, zone.rule
