"""A clock that moves only when a test moves it."""

from __future__ import annotations

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
START_MS = 1_760_000_000_000  # 2025-10-09T08:53:20Z


class FakeClock:
    """See `provserver.clock.Clock`. `advance_ms` lets time pass; `set_wall_ms` is somebody setting the clock."""

    def __init__(self, wall_ms: int = START_MS, *, boot_id: str = "one") -> None:
        self._wall_ms = wall_ms
        self._monotonic_ms = 0
        self._uptime_ms = 1_000
        self._boot_id = boot_id

    def wall_ms(self) -> int:
        return self._wall_ms

    def monotonic(self) -> float:
        return self._monotonic_ms / 1000

    def uptime_ms(self) -> int:
        return self._uptime_ms

    def boot_id(self) -> str:
        return self._boot_id

    def restart_machine(self, *, off_ms: int) -> None:
        """The machine was off for so long; nothing that it counts goes on but its clock."""
        self._wall_ms += off_ms
        self._uptime_ms = 1_000
        self._boot_id += "+"

    def advance_ms(self, milliseconds: int) -> None:
        self._wall_ms += milliseconds
        self._monotonic_ms += milliseconds
        self._uptime_ms += milliseconds

    def advance_days(self, days: float) -> None:
        self.advance_ms(int(days * DAY_MS))

    def set_wall_ms(self, wall_ms: int) -> None:
        self._wall_ms = wall_ms
