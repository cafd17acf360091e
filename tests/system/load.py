"""Phones that boot all at once: many clients, of which some hang up half-way, and what each of them got."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from tests.system.fleet import Phone
from tests.system.wire import Address, Call, Reply

_HANG_UP = 0.15  # the part of all requests that is broken off
_AGAIN = 0.3  # the part that goes to a device which somebody has asked for just now
_RECENT = 8
_HALF_BYTES = 500  # of a head and a body of 1200 together


@dataclass(kw_only=True)
class Load:
    """What happened, over all runs. *informed*: devices whose password somebody has, who did not hang up on it."""

    phones: Sequence[Phone]
    random: Random
    informed: set[str] = field(default_factory=set)
    answered: list[tuple[float, str]] = field(default_factory=list)
    by_status: dict[int, int] = field(default_factory=dict)
    _next: int = 0
    _numbers: count[int] = field(default_factory=count)

    async def run(self, at: Address, clients: int) -> None:
        """Go on until cancelled, or until the server is gone."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(clients):
                tasks.create_task(self._client(at))

    async def _client(self, at: Address) -> None:
        while True:
            try:
                await self._ask(at, self._choose())
            except OSError:  # it is gone
                return

    def _choose(self) -> Phone:
        """Mostly a device whose clock does not run yet; sometimes one that others ask for at this moment."""
        if self._next and self.random.random() < _AGAIN:
            return self.phones[(self._next - self.random.randint(1, _RECENT)) % len(self.phones)]
        self._next += 1
        return self.phones[self._next % len(self.phones)]

    async def _ask(self, at: Address, phone: Phone) -> None:
        label = f"load {next(self._numbers)}"
        path = self.random.choice((phone.by_window, phone.by_token, phone.by_bootstrap, f"/{phone.mac}.boot"))
        hangs_up = self.random.random() < _HANG_UP
        call = Call(at)
        try:
            await call.ask(path, agent=label)
            if hangs_up:
                await call.read(up_to=self.random.randint(1, _HALF_BYTES))
                return
            self._note(phone, label, await call.read())
        finally:
            call.close(reset=hangs_up)

    def _note(self, phone: Phone, label: str, reply: Reply) -> None:
        if reply.status == 200 and phone.mark in reply.body:
            self.informed.add(phone.id)
        if reply.whole:
            self.by_status[reply.status] = self.by_status.get(reply.status, 0) + 1
            self.answered.append((asyncio.get_running_loop().time(), label))
