"""
When a refusal is sent: always the same time after the request came in, whatever was found out meanwhile.

An unknown MAC, a locked device and a wrong token differ by microseconds of work; over enough samples that is an answer.
So every request draws a ticket when it arrives, and a refusal waits until the ticket is due. Tickets fall due on a grid
of milliseconds, for all who wait at once.

The event loop's own timers would tell: they count whole milliseconds from when the loop last went to sleep, and that is
when the work was done (uvloop and asyncio alike; thirty microseconds of work were thirty microseconds of waiting). So a
thread keeps the time, which sleeps until the moment itself.
"""

from __future__ import annotations

import asyncio
import time
from queue import SimpleQueue

from provserver.clock import Clock

_GRID_S = 0.001  # what comes in within this time is refused at the same moment

_Due = tuple[float, asyncio.Event]


class Refusals:
    """Gives out tickets. *delay_s* is far more than the work takes, so that the work cannot show through."""

    def __init__(self, delay_s: float, *, clock: Clock) -> None:
        self._delay_s = delay_s
        self._clock = clock
        self._ticket = asyncio.Event()
        self._moment = 0
        self._due: SimpleQueue[_Due | None] | None = None

    def ticket(self) -> asyncio.Event:
        """A ticket for a request that has just come in: an event that will be set when a refusal may be sent."""
        moment = int((self._clock.monotonic() + self._delay_s) / _GRID_S) + 1
        if moment != self._moment:
            self._moment, self._ticket = moment, asyncio.Event()
            if self._due is not None:
                self._due.put((moment * _GRID_S, self._ticket))
            else:  # nobody keeps the time yet, or any more
                asyncio.get_running_loop().call_later(self._delay_s, self._ticket.set)
        return self._ticket

    async def run(self) -> None:
        """Keep the time, until cancelled."""
        due: SimpleQueue[_Due | None] = SimpleQueue()
        self._due = due
        try:
            await asyncio.to_thread(self._keep_time, due, asyncio.get_running_loop())
        finally:
            self._due = None
            due.put(None)

    def _keep_time(self, due: SimpleQueue[_Due | None], loop: asyncio.AbstractEventLoop) -> None:
        """Set each ticket at its moment; they come in the order in which they fall due."""
        while (entry := due.get()) is not None:
            at, ticket = entry
            left_s = at - self._clock.monotonic()
            if left_s > 0:
                time.sleep(left_s)
            loop.call_soon_threadsafe(ticket.set)
