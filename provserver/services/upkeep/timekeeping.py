"""
`Timekeeping`: what the time was is kept for the next process, and a clock that leaps ahead is told to people.

Steady time (see `clock`) follows no leap. Here it is brought together with the store: how far it had come, by which
counter of the machine, what another process has agreed to meanwhile, and the one who says that the clock is right.
"""

from __future__ import annotations

import orjson
import structlog

from provserver.clock import Clock, Seen, SteadyClock, iso
from provserver.errors import Conflict
from provserver.services.context import Context
from provserver.storage import credentials, meta
from provserver.storage.database import Storage, Transaction

_SEEN = "seen"
_KEEP_MS = 5 * 60 * 1000  # how much of the time that passed a crash of the machine forgets
_HOUR_MS = 3_600_000


async def start_clock(storage: Storage, clock: Clock) -> SteadyClock:
    """Steady time from where the store has it."""
    async with storage.read() as tx:
        floor_ms = max(await credentials.newest_moment(tx), int(await meta.get(tx, meta.STEADY_TIME) or 0))
        return SteadyClock(clock, floor_ms=floor_ms, seen=_seen(await meta.get(tx, _SEEN)))


class Timekeeping:
    """Keeps steady time in the store. *wall* is the machine's clock."""

    def __init__(self, *, context: Context, wall: Clock) -> None:
        self._context = context
        self._wall = wall
        self._kept_ms = 0
        self._told = False

    async def follow(self) -> None:
        """Take over what another process has written, keep ours every few minutes, and tell of a leap once."""
        clock, storage = self._context.clock, self._context.storage
        async with storage.read() as tx:
            clock.raise_to(await _stored(tx))
        if clock.now_ms() - self._kept_ms >= _KEEP_MS:
            await self.keep()
        leap_ms = clock.leap_ms()
        if leap_ms and not self._told:
            structlog.get_logger().error(
                "clock.doubted", clock=iso(self._wall.wall_ms()), believed=iso(clock.now_ms()), ahead_s=leap_ms // 1000
            )
        elif self._told and not leap_ms:
            structlog.get_logger().info("clock.agreed", believed=iso(clock.now_ms()))
        self._told = leap_ms > 0

    async def keep(self) -> None:
        """Write down what time it is."""
        clock = self._context.clock
        async with self._context.storage.transaction() as tx:
            clock.raise_to(await _stored(tx))
            await _keep(tx, clock.seen())
        self._kept_ms = clock.now_ms()

    def problem(self) -> str | None:
        """In what the machine's clock is not believed, in a few words."""
        leap_ms = self._context.clock.leap_ms()
        if not leap_ms:
            return None
        return f"the machine's clock is {leap_ms / _HOUR_MS:.1f} h ahead of the time that has passed; deletion waits"

    async def believe(self) -> None:
        """Somebody says that the machine's clock is right: its leap was time that has passed. Raises Conflict."""
        clock = self._context.clock
        if not clock.leap_ms():
            raise Conflict("the machine's clock is believed already")
        before = iso(clock.now_ms())
        async with self._context.storage.transaction() as tx:
            clock.believe()
            await self._context.record(
                tx, "clock.believed", object_="clock", detail={"from": before, "to": iso(clock.now_ms())}
            )
            await _keep(tx, clock.seen())


async def _stored(tx: Transaction) -> int:
    return int(await meta.get(tx, meta.STEADY_TIME) or 0)


async def _keep(tx: Transaction, seen: Seen) -> None:
    await meta.put(tx, meta.STEADY_TIME, str(seen.steady_ms))
    await meta.put(tx, _SEEN, orjson.dumps(seen._asdict()).decode())


def _seen(text: str | None) -> Seen | None:
    """What an earlier process has kept; what cannot be read is as nothing: then the clock of a longer stop holds."""
    return None if text is None else Seen(**orjson.loads(text))
