"""`Pace`: how fast one account may call its service; who is early waits for his turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from provserver.clock import Clock


class Pace:
    """Lets *per_s* calls through in a second, and *burst* at once after a rest (GCRA: one number is all it keeps)."""

    def __init__(
        self,
        *,
        per_s: float,
        burst: int,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._step_s = 1 / per_s
        self._ahead_s = (burst - 1) * self._step_s
        self._clock = clock
        self._sleep = sleep
        self._due = clock.monotonic()

    async def turn(self) -> None:
        """Return when the next call may go out. Turns are given in the order in which they are asked for."""
        now = self._clock.monotonic()
        due = max(now, self._due)
        self._due = due + self._step_s
        wait_s = due - self._ahead_s - now
        if wait_s > 0:
            await self._sleep(wait_s)
