"""
When a refusal is sent: always the same time after the request came in, whatever was found out meanwhile.

An unknown MAC, a locked device and a wrong token differ by microseconds of work; over enough samples that is an answer.
So every request draws a ticket when it arrives, and a refusal waits until the ticket is due. Tickets of one millisecond
share one timer, which is set before any work is done and therefore tells nothing about it.
"""

from __future__ import annotations

import asyncio

_SHARED_S = 0.001  # tickets drawn within this time share a timer; it is also the grain of the event loop's timers


class Refusals:
    """Gives out tickets. *delay_s* is far more than the work takes, so that the work cannot show through."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._ticket = asyncio.Event()
        self._drawn_until = 0.0

    def ticket(self) -> asyncio.Event:
        """A ticket for a request that has just come in: an event that will be set when a refusal may be sent."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now >= self._drawn_until:
            self._ticket = asyncio.Event()
            self._drawn_until = now + _SHARED_S
            loop.call_later(self._delay_s, self._ticket.set)
        return self._ticket
