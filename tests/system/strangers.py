"""A server at whose door phones and strangers stand, and what they have got from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from provserver.domain.device import ReleasePolicy
from tests.http.wire import Reply, connected, request
from tests.system.fleet import Phone, Wish, put_phones
from tests.system.server import Nursery, Server, log_of, opened, settings_for

ATTACKER, BYSTANDER, OFFICE = "127.66.0.7", "127.77.0.8", "127.88.0.9"
WAIT_S = 30.0  # for what takes a second


@dataclass(kw_only=True)
class Door:
    """A server with some phones, and what strangers and phones have got from it."""

    server: Server
    output: Path
    phones: Sequence[Phone]
    got: list[bytes] = field(default_factory=list)  # by strangers
    asked: int = 0  # requests and junk that were answered: all of them are told to the monitor

    async def ask(
        self, path: str, *, source: str = ATTACKER, agent: str = "-", headers: Mapping[str, str] | None = None
    ) -> Reply | None:
        """A stranger's request on a connection of its own; None where nobody answers."""
        return await self.send(request("GET", path, headers={"User-Agent": agent, **(headers or {})}), source=source)

    async def send(self, content: bytes, *, source: str = ATTACKER) -> Reply | None:
        """A stranger's bytes on a connection of its own."""
        try:
            async with connected(*self.server.phone, source=source) as wire:
                await wire.send(content)
                return self.keep(await wire.reply())
        except (ConnectionError, asyncio.IncompleteReadError):
            return None

    async def asked_until_shut_out(self, paths: Iterable[str], *, agent: str = "-", pause_s: float = 0.0) -> int:
        """How many of *paths* are answered, one after the other, before nobody answers any more."""
        count = 0
        for path in paths:
            if await self.ask(path, agent=agent) is None:
                return count
            count += 1
            await asyncio.sleep(pause_s)
        raise AssertionError(f"never shut out, {count} requests")

    async def boot(self, phone: Phone, *, by_window: bool, source: str = OFFICE) -> bool:
        """What one phone asks when it starts, on one connection; whether it got its password."""
        before = "" if by_window else f"/{phone.lasting}"
        own = phone.by_window if by_window else phone.by_token
        bodies = []
        async with connected(*self.server.phone, source=source) as wire:
            for path in ("/y000000000096.cfg", own, f"{before}/{phone.mac}.boot", f"{before}/T54W-96.86.0.70.rom"):
                await wire.send(request("GET", path, headers={"User-Agent": phone.agent}))
                bodies.append((await wire.reply()).body)
                self.asked += 1
        return phone.mark in b"".join(bodies)

    async def settle(self) -> None:
        """Wait until the monitor has looked at everything that was answered."""
        async with asyncio.timeout(WAIT_S):
            while await self._looked_at() < self.asked:  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.05)

    async def serves_others(self) -> None:
        """A phone elsewhere is served; what strangers have got holds no password."""
        assert await self.boot(self.phones[0], by_window=False, source=BYSTANDER)
        everything = b"".join(self.got)
        assert [phone.mac for phone in self.phones if phone.mark in everything] == []

    def said(self, event: str) -> list[dict[str, object]]:
        """Lines of the log. Complete once the server has ended."""
        return [line for line in log_of(self.output) if line["event"] == event]

    def decided(self) -> list[tuple[object, object, object]]:
        """What was decided, why, and about what."""
        return [(line["measure"], line["reason"], line["value"]) for line in self.said("decision.made")]

    def keep(self, reply: Reply) -> Reply:
        """Note what a stranger has got."""
        self.asked += 1
        self.got.append(reply.raw + reply.body)
        return reply

    async def _looked_at(self) -> float:
        async with connected(*self.server.ops) as wire:
            await wire.send(request("GET", "/metrics"))
            text = (await wire.reply()).text
        samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
        counts = {one.labels["result"]: one.value for one in samples if one.name == "provserver_monitor_events_total"}
        assert counts.get("dropped", 0) == counts.get("failed", 0) == 0
        return counts["seen"]


@asynccontextmanager
async def opened_door(
    nursery: Nursery, folder: Path, wishes: Sequence[Wish], *, arm: bool = False, **settings: str
) -> AsyncIterator[Door]:
    """A server with phones; loopback is no network that nothing is decided about. It has ended afterwards."""
    directory, output = folder / "data", folder / "log"
    async with opened(settings_for(directory)) as services:
        tenant = await services.tenants.add("shop", policy=ReleasePolicy.WINDOW)
        phones = await put_phones(services, tenant, wishes, arm=arm)
    async with nursery.serving(directory, output, MONITOR__ALLOW="", **settings) as server:
        yield Door(server=server, output=output, phones=phones)
