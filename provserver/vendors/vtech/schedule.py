"""When a phone asks again: every so many minutes, or once a day within some hours."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Entry

_EVERY_DAY = "0,1,2,3,4,5,6"  # fusionpbx vtech/vcs754
_DAY_HOURS = 24


def write_interval(minutes: int, _at: At) -> Iterator[Entry]:
    """Write an interval; 0 would switch it off (sheet vtech 5, H)."""
    yield Entry("provisioning.schedule_mode", "interval")
    yield Entry("provisioning.resync_time", str(minutes))


def write_window(_time: str, at: At) -> Iterator[Entry]:
    """Write the hours of a day in which the phone asks, an hour long at least; minutes have no place."""
    begin, end = (_hour(at.view.settings.get(name)) for name in ("resync_from", "resync_until"))
    if begin is None:
        begin = ((end or 0) - 1) % _DAY_HOURS
    if end is None or end == begin:
        end = (begin + 1) % _DAY_HOURS
    yield Entry("provisioning.schedule_mode", "weekday")
    yield Entry("provisioning.weekdays", _EVERY_DAY)
    yield Entry("provisioning.weekdays_start_hr", str(begin))
    yield Entry("provisioning.weekdays_end_hr", str(end))


def _hour(time: object) -> int | None:
    return int(time.partition(":")[0]) if isinstance(time, str) else None
