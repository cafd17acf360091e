"""
The time zone in Gigaset's words, none of which holds a rule.

New bases take some names of the tz database, Maxwell two of its own, old bases the number of an offset. A zone that
has no word of its own takes that of another whose offset and summer time are the same, as tz data have them; where
there is none, nothing is written and the device keeps what it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from provserver.domain.timezones import load_zone

# wazo_gigaset Nx70 common.py (M): the choice of the web page, without the names that are links to another one here.
BASE_ZONES = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago",
    "America/New_York", "America/Caracas", "America/Sao_Paulo", "Europe/Dublin", "Europe/Lisbon", "Europe/London",
    "Greenwich", "Europe/Amsterdam", "Europe/Andorra", "Europe/Belgrade", "Europe/Berlin", "Europe/Bratislava",
    "Europe/Brussels", "Europe/Budapest", "Europe/Copenhagen", "Europe/Gibraltar", "Europe/Ljubljana",
    "Europe/Luxembourg", "Europe/Madrid", "Europe/Malta", "Europe/Monaco", "Europe/Oslo", "Europe/Paris",
    "Europe/Podgorica", "Europe/Prague", "Europe/Rome", "Europe/Sarajevo", "Europe/Skopje", "Europe/Stockholm",
    "Europe/Tirane", "Europe/Vaduz", "Europe/Vienna", "Europe/Warsaw", "Europe/Zagreb", "Europe/Zurich",
    "Africa/Cairo", "Europe/Athens", "Europe/Bucharest", "Europe/Chisinau", "Europe/Helsinki", "Europe/Kaliningrad",
    "Europe/Riga", "Europe/Sofia", "Europe/Tallinn", "Europe/Vilnius", "Europe/Istanbul", "Europe/Minsk",
    "Europe/Moscow", "Europe/Volgograd", "Asia/Dubai", "Europe/Samara", "Asia/Karachi", "Asia/Dhaka",
    "Asia/Hong_Kong", "Asia/Tokyo", "Australia/Adelaide", "Australia/Darwin", "Australia/Brisbane",
    "Australia/Sydney", "Pacific/Noumea",
)  # fmt: skip
MAXWELL_ZONES = {  # tancredi gigaset.macros (M); the phone's own list is longer
    "Europe/Amsterdam": "GMT+1.Europe/Amsterdam",
    "Europe/London": "GMT.Europe/London",
}
# By minutes east of UTC. wazo_gigaset common.py (M): each offset has several numbers, one a place; any will do.
_OLD_NUMBERS = {
    -720: 0x00, -660: 0x01, -600: 0x02, -540: 0x03, -480: 0x04, -420: 0x07, -360: 0x09, -300: 0x0D, -240: 0x10,
    -180: 0x12, -120: 0x16, -60: 0x18, 0: 0x1A, 60: 0x1B, 120: 0x20, 180: 0x28, 240: 0x2C, 270: 0x2D, 300: 0x2F,
    330: 0x30, 345: 0x31, 360: 0x33, 390: 0x35, 420: 0x36, 480: 0x38, 540: 0x3D, 570: 0x40, 600: 0x43, 660: 0x47,
    720: 0x48, 780: 0x50,
}  # fmt: skip


@lru_cache(maxsize=1024)  # there are some 600 zones
def base_zone(name: str) -> str | None:
    """The name by which a new base knows the zone *name*, or one with the same clock."""
    return _same_clock(name, BASE_ZONES)


@lru_cache(maxsize=1024)
def maxwell_zone(name: str) -> str | None:
    """The word by which a Maxwell knows the zone *name*, or one with the same clock."""
    known = _same_clock(name, MAXWELL_ZONES)
    return MAXWELL_ZONES[known] if known else None


@lru_cache(maxsize=1024)
def old_zone(name: str) -> tuple[int, bool] | None:
    """The number of the standard offset of *name* and whether it has summer time, whose dates the base itself knows."""
    zone = load_zone(name)
    number = _OLD_NUMBERS.get(zone.offset // timedelta(minutes=1))
    return None if number is None else (number, zone.rule is not None)


def _same_clock(name: str, known: Iterable[str]) -> str | None:
    """*name* itself if it is among *known*, else the first of them with the same offset and the same rule."""
    names = tuple(known)
    if name in names:
        return name
    zone = load_zone(name)
    for other in map(load_zone, names):
        if (other.offset, other.rule, other.dated) == (zone.offset, zone.rule, zone.dated):
            return other.name
    return None
