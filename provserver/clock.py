"""
What time it is: the one place that asks the machine.

Three readings are kept apart. *Wall* time (UTC) is written down and shown. *Monotonic* time measures how long things
take. *Steady* time is wall time that never goes back, also not across restarts; the 15 days of a password are counted
in it, because a clock that jumps back must not lengthen them.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. Tests bring their own."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, as the machine believes now."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment of this process; never goes back."""
        ...


class SystemClock:
    """The machine's own clock."""

    def wall_ms(self) -> int:
        """See `Clock.wall_ms`."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()


class SteadyClock:
    """
    Wall time that never goes back.

    It starts at the later of the machine's clock and *floor_ms*, the highest time this data was ever written at.
    When the machine's clock falls behind, steady time goes on at the pace of monotonic time until it is overtaken.
    """

    def __init__(self, clock: Clock, *, floor_ms: int = 0) -> None:
        self._clock = clock
        self._last_ms = max(clock.wall_ms(), floor_ms)
        self._last_monotonic = clock.monotonic()

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, never less than any earlier answer."""
        monotonic = self._clock.monotonic()
        elapsed_ms = int((monotonic - self._last_monotonic) * 1000)
        carried_ms = self._last_ms + elapsed_ms
        wall_ms = self._clock.wall_ms()
        if wall_ms >= carried_ms:
            self._last_ms, self._last_monotonic = wall_ms, monotonic
            return wall_ms
        return carried_ms

    def lag_ms(self) -> int:
        """How far the machine's clock is behind steady time; 0 when it is right or ahead."""
        return max(0, self.now_ms() - self._clock.wall_ms())

    def raise_to(self, floor_ms: int) -> None:
        """Continue from *floor_ms* if that is later: another process has written at that time."""
        if floor_ms > self.now_ms():
            self._last_ms, self._last_monotonic = floor_ms, self._clock.monotonic()


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
