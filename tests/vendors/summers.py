"""Whether the dates that a phone was told for summer time are those of the tz database."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

YEARS = range(2027, 2030)
# With summer time whose changes fall on the day that the law names; the last ten have none.
ZONES = (
    "America/Anchorage", "America/Chicago", "America/Denver", "America/Halifax", "America/Los_Angeles",
    "America/New_York", "America/St_Johns", "Asia/Beirut", "Atlantic/Azores", "Australia/Adelaide",
    "Australia/Lord_Howe", "Australia/Sydney", "Europe/Athens", "Europe/Berlin", "Europe/Dublin", "Europe/Helsinki",
    "Europe/Lisbon", "Europe/London", "Europe/Paris", "Pacific/Auckland",
    "Africa/Lagos", "America/Bogota", "America/Phoenix", "Asia/Dubai", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo",
    "Australia/Brisbane", "Etc/UTC", "Europe/Moscow",
)  # fmt: skip


def is_true(
    name: str,
    *,
    standard: timedelta,
    save: timedelta | None,
    begins: Callable[[int], datetime],
    ends: Callable[[int], datetime],
) -> bool:
    """
    Whether a clock *standard* east of UTC, *save* ahead from *begins* to *ends* of a year, agrees with the zone *name*.

    Both are wall time as it stands before the change. *save* None: no summer time.
    """
    zone = ZoneInfo.from_file(BytesIO(files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()), key=name)
    for year in YEARS:
        if save is None:
            months = [datetime(year, month, 1, tzinfo=UTC).astimezone(zone).utcoffset() for month in range(1, 13)]
            if set(months) != {standard}:
                return False
            continue
        summer = standard + save
        begin, end = (begins(year) - standard).replace(tzinfo=UTC), (ends(year) - summer).replace(tzinfo=UTC)
        for moment, before, after in ((begin, standard, summer), (end, summer, standard)):
            second_before = (moment - timedelta(seconds=1)).astimezone(zone).utcoffset()
            if (second_before, moment.astimezone(zone).utcoffset()) != (before, after):
                return False
    return True


def nth_weekday(year: int, month: int, *, weekday: int, week: int) -> datetime:
    """Midnight of *weekday* (0 Sunday) of *week* (-1: the last) of *month*, found by walking through its days."""
    days = [datetime(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]  # noqa: DTZ001 - wall time
    matching = [day for day in days if day.isoweekday() % 7 == weekday]
    return matching[week] if week < 0 else matching[week - 1]
