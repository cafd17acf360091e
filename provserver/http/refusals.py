"""
When a refusal is sent: always the same time after the request came in, whatever was found out meanwhile.

An unknown MAC, a locked device and a wrong token differ by microseconds of work; over enough samples that is an answer.
So every request draws a ticket when it arrives, and a refusal waits until the ticket is due. Tickets fall due on a grid
of milliseconds, for all who wait at once.

The event loop's own timers would tell: they count whole milliseconds from when the loop last went to sleep, and that is
when the work was done (uvloop and asyncio alike; thirty microseconds of work were thirty microseconds of waiting). So a
thread keeps the time, which sleeps until the moment itself. Who is not refused does not trouble it.

What comes after an answer tells, too: whoever asks again at once is read later where there was more to do. So all that
a refusal costs is spent before its moment (see `PhoneListener`), and nothing is left for after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from queue import Empty, SimpleQueue

from provserver.clock import Clock

_GRID_S = 0.001  # what comes in within this time is refused at the same moment

_Due = tuple[int, Callable[[], None]]  # when (grid), and what is called then


class Ticket:
    """One moment at which refusals leave; requests of the same millisecond share it."""

    __slots__ = ("_is_due", "_refusals", "_waiting", "moment")

    def __init__(self, refusals: Refusals, moment: int) -> None:
        self._refusals = refusals
        self._waiting: list[asyncio.Future[None]] = []
        self._is_due = False
        self.moment = moment

    @property
    def due_s(self) -> float:
        """When it falls due, in monotonic seconds."""
        return self.moment * _GRID_S

    def wait(self) -> asyncio.Future[None]:
        """What is awaited until it is due. Each has a future of its own: one who gives up must not end others' wait."""
        future = self._refusals.future()
        if self._is_due:
            future.set_result(None)
            return future
        if not self._waiting:
            self._refusals.tell(self.moment, self._fall_due)
        self._waiting.append(future)
        return future

    def _fall_due(self) -> None:
        self._is_due = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()


class Refusals:
    """Gives out tickets. *delay_s* is far more than the work takes, so that the work cannot show through."""

    def __init__(self, delay_s: float, *, clock: Clock) -> None:
        self._delay_s = delay_s
        self._clock = clock
        self._latest = Ticket(self, 0)
        self._waiting: SimpleQueue[_Due | None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def ticket(self) -> Ticket:
        """A ticket for a request that has just come in."""
        moment = int((self._clock.monotonic() + self._delay_s) / _GRID_S) + 1
        if moment != self._latest.moment:
            self._latest = Ticket(self, moment)
        return self._latest

    def future(self) -> asyncio.Future[None]:
        """A future of the loop, which is kept: asking for it is a system call (Python 3.11)."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.create_future()

    def tell(self, moment: int, due: Callable[[], None]) -> None:
        """Have *due* called at *moment*."""
        if self._waiting is not None:
            self._waiting.put((moment, due))
        else:  # nobody keeps the time yet, or any more
            left_s = moment * _GRID_S - self._clock.monotonic()
            asyncio.get_running_loop().call_later(max(0, left_s), due)

    async def run(self) -> None:
        """Keep the time, until cancelled."""
        waiting: SimpleQueue[_Due | None] = SimpleQueue()
        self._waiting = waiting
        try:
            await asyncio.to_thread(self._keep_time, waiting, asyncio.get_running_loop())
        finally:
            self._waiting = None
            waiting.put(None)

    def _keep_time(self, waiting: SimpleQueue[_Due | None], loop: asyncio.AbstractEventLoop) -> None:
        """Tell each at its moment. They come in the order of their work, which is not that of their moments."""
        known: list[tuple[int, int, Callable[[], None]]] = []
        count = 0
        while True:
            left_s = known[0][0] * _GRID_S - self._clock.monotonic() if known else None
            if left_s is not None and left_s <= 0:
                loop.call_soon_threadsafe(heappop(known)[2])
                continue
            try:
                due = waiting.get(timeout=left_s)
            except Empty:
                continue
            if due is None:
                return
            count += 1
            heappush(known, (due[0], count, due[1]))
