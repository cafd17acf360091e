"""
What time it is: the one place that asks the machine.

Three readings are kept apart. *Wall* time (UTC) is written down and shown. *Monotonic* time measures how long things
take. *Steady* time is wall time that never goes back, also not across restarts, and never leaps ahead; the 15 days of a
password are counted in it, because a clock that jumps must neither lengthen nor shorten them.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

# How far the machine's clock may be ahead of the time that has passed by the machine's own counter, which nobody can
# set. NTP steps seconds; minutes are a clock that somebody has set, or a guest that its host had stopped.
LEAP_MS = 10 * 60 * 1000
# For how long a machine may have been off. There is no counter that tells: weeks are believed, another year that a dead
# battery has left behind is not.
LONG_STOP_MS = 30 * 24 * 60 * 60 * 1000
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Where time comes from. Tests bring their own."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, as the machine believes now."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment of this process; never goes back."""
        ...

    def uptime_ms(self) -> int:
        """Milliseconds for which the machine has been up, sleep included: nobody can set it, and processes share it."""
        ...

    def boot_id(self) -> str:
        """Which start of the machine `uptime_ms` counts from; empty where nobody knows."""
        ...


class SystemClock:
    """The machine's own clock."""

    def wall_ms(self) -> int:
        """See `Clock.wall_ms`."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    def uptime_ms(self) -> int:
        """See `Clock.uptime_ms`."""
        return time.clock_gettime_ns(_UPTIME) // 1_000_000

    def boot_id(self) -> str:
        """See `Clock.boot_id`."""
        with suppress(OSError):
            return _BOOT_ID.read_text(encoding="ascii").strip()
        return ""


_UPTIME = getattr(
    time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC
)  # the latter, elsewhere than on Linux, may not count sleep


class Seen(NamedTuple):
    """All readings of one moment, kept in the store for the next process."""

    steady_ms: int
    wall_ms: int
    boot_id: str
    uptime_ms: int


class SteadyClock:
    """
    Wall time that never goes back and never leaps ahead.

    Where the machine's clock falls behind, steady time goes on at the pace of real time until it is overtaken. Where
    it leaps ahead, steady time does not follow: it goes on in the same way until the clock has come back, or until
    somebody says that it is right (`believe`). Deletion cannot be undone: a clock that may be wrong only delays it.
    """

    def __init__(self, clock: Clock, *, floor_ms: int = 0, seen: Seen | None = None) -> None:
        """Start from *floor_ms*, the highest time this data was ever written at, and from what was *seen* last."""
        self._clock = clock
        self._last_uptime_ms = clock.uptime_ms()
        wall_ms, known_ms, limit_ms = clock.wall_ms(), floor_ms, LONG_STOP_MS
        passed_ms = None if seen is None else self._passed_since(seen, wall_ms)
        if seen is not None and passed_ms is not None:
            known_ms, limit_ms = max(floor_ms, seen.steady_ms + passed_ms), LEAP_MS
        leapt = known_ms > 0 and wall_ms - known_ms > limit_ms
        self._last_ms = known_ms if leapt else max(wall_ms, known_ms)

    def _passed_since(self, seen: Seen, wall_ms: int) -> int | None:
        """How long ago that was, by the machine's own counter or else by its clock; None: nobody can tell."""
        if seen.boot_id and seen.boot_id == self._clock.boot_id():
            return self._last_uptime_ms - seen.uptime_ms
        passed_ms = wall_ms - seen.wall_ms
        if not 0 <= passed_ms <= LONG_STOP_MS:
            return None
        # A clock that was behind may have been set right meanwhile: what it caught up with has not passed.
        return min(passed_ms, max(0, wall_ms - seen.steady_ms))

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, never less than any earlier answer."""
        uptime_ms = self._clock.uptime_ms()
        carried_ms = self._last_ms + uptime_ms - self._last_uptime_ms
        wall_ms = self._clock.wall_ms()
        if carried_ms <= wall_ms <= carried_ms + LEAP_MS:
            self._last_ms, self._last_uptime_ms = wall_ms, uptime_ms
            return wall_ms
        return carried_ms

    def wall_ms(self) -> int:
        """What the machine's clock says, believed or not: the times of files are in it."""
        return self._clock.wall_ms()

    def lag_ms(self) -> int:
        """How far the machine's clock is behind steady time; 0 when it is right or ahead."""
        return max(0, self.now_ms() - self._clock.wall_ms())

    def leap_ms(self) -> int:
        """How far the machine's clock has leapt ahead and is not believed; 0 when it is."""
        return max(0, self._clock.wall_ms() - self.now_ms())

    def believe(self) -> int:
        """Take the machine's clock as right, where it is ahead; gives the time it is."""
        self.raise_to(self._clock.wall_ms())
        return self.now_ms()

    def raise_to(self, floor_ms: int) -> None:
        """Continue from *floor_ms* if that is later: another process has written at that time."""
        if floor_ms > self.now_ms():
            self._last_ms, self._last_uptime_ms = floor_ms, self._clock.uptime_ms()

    def seen(self) -> Seen:
        """What to keep for the next process."""
        return Seen(self.now_ms(), self._clock.wall_ms(), self._clock.boot_id(), self._clock.uptime_ms())


def from_ms(moment_ms: int) -> datetime:
    """The UTC datetime of *moment_ms* (milliseconds since 1970)."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware *moment*."""
    return int(moment.timestamp() * 1000)


def iso(moment_ms: int | None) -> str | None:
    """ISO 8601 in UTC with a ``Z``, to the second; None stays None."""
    if moment_ms is None:
        return None
    return from_ms(moment_ms).strftime("%Y-%m-%dT%H:%M:%SZ")
