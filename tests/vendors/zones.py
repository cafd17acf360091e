"""The zones in which makers' clocks are proven, and how a clock that a phone was told is held against tz data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

ZONES = [
    "Africa/Cairo", "Africa/Johannesburg", "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Chicago",
    "America/Denver", "America/Halifax", "America/Los_Angeles", "America/Mexico_City", "America/New_York",
    "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto", "Asia/Beirut",
    "Asia/Dubai", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Atlantic/Azores",
    "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Dublin",
    "Europe/Lisbon", "Europe/London", "Europe/Moscow", "Pacific/Auckland", "Pacific/Chatham",
]  # fmt: skip
YEARS = (2027, 2028, 2029)  # the next three; both lengths of February


@lru_cache(maxsize=64)
def _actual(name: str, year: int) -> tuple[tuple[datetime, timedelta | None], ...]:
    """Every hour of *year*, and the offset then by Python's own reading of the tz data we install."""
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    zone = ZoneInfo.from_file(BytesIO(data), key=name)
    hours = (datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(8760))
    return tuple((hour, hour.astimezone(zone).utcoffset()) for hour in hours)


def wrong_hours(offset_at: Callable[[datetime], timedelta], name: str, year: int) -> int:
    """How many hours of *year* begin with a clock that is wrong, if it is as far from UTC as *offset_at* says."""
    return sum(offset_at(hour) != offset for hour, offset in _actual(name, year))
