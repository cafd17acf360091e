"""
The phone listener in this process, asked like a phone asks it.

Real stores in a folder, a port that the system chooses, and a clock of ours. Everything between the socket and the disk
is the product's own, put together as `app.serving` does it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import structlog
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Table, select

from provserver.app import Services, build
from provserver.app.listening import capacity_of, contexts_of, listening, stop_accepting
from provserver.domain.device import Credential, Device, ReleasePolicy, Tenant, device_owner
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.http import protocol
from provserver.http.capacity import Capacity
from provserver.http.connection import Entrance
from provserver.http.phone import PhoneListener
from provserver.http.tls import Contexts
from provserver.log import Log, configure
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.services.requests.answers import Answer
from provserver.services.requests.arrivals import Arrivals
from provserver.services.requests.traffic import Traffic
from provserver.settings import (
    ConnectionSettings,
    DataSettings,
    LegacySettings,
    LoginSettings,
    LogSettings,
    MonitorSettings,
    PhoneSettings,
    Settings,
    TFTPSettings,
    TLSSettings,
    UploadSettings,
    VendorSettings,
)
from provserver.storage import credentials, devices
from provserver.storage.tables import REQUEST
from provserver.vault.tokens import TokenKey
from tests.clocks import FakeClock
from tests.http.tls import NAME
from tests.http.wire import LIMIT_S, Reply, Wire, connected, request

MAC = MacAddress("805ec0aabbcc")
PASSWORD = "correct-horse-1001"
AGENT = "Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cc"
_CHECK_S = 0.01  # how often the listener looks for connections that take too long


class CountedTraffic(Traffic):
    """Counts what it has noted: a request is over when its line is written, which is after its answer has arrived."""

    count = 0

    def note(self, request: ProvRequest, answer: Answer, *, seconds: float) -> None:
        super().note(request, answer, seconds=seconds)
        self.count += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The listener, and everything behind it."""

    services: Services
    listener: PhoneListener
    clock: FakeClock
    addresses: Mapping[str, tuple[str, int]]  # of the entrances, by name
    log: Log
    output: BytesIO
    tokens: TokenKey
    traffic: CountedTraffic
    capacity: Capacity
    contexts: Contexts | None

    @property
    def host(self) -> str:
        """Where it listens, the first entrance if there are several."""
        return next(iter(self.addresses.values()))[0]

    @property
    def port(self) -> int:
        """The port beside `host`."""
        return next(iter(self.addresses.values()))[1]

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        agent: str = AGENT,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """One request on a connection of its own; it is over when this returns, its line is written."""
        before = self.traffic.count
        async with self.connected() as wire:
            await wire.send(request(method, path, headers={"User-Agent": agent, **(headers or {})}, body=body))
            reply = await wire.reply(method)
        await until(lambda: self.traffic.count > before)
        return reply

    def connected(
        self,
        entrance: str | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        name: str = NAME,
        source: str | None = None,
    ) -> AbstractAsyncContextManager[Wire]:
        """A connection, to the first entrance if to none in particular; with *tls* a handshake, which has succeeded."""
        host, port = self.addresses[entrance] if entrance else (self.host, self.port)
        return connected(host, port, tls=tls, name=name, source=source)

    def count(self, name: str, **labels: str) -> float:
        """What the metric *name* counts under *labels*."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.services.metrics.render().decode())
            for sample in family.samples
            if sample.name == f"provserver_{name}" and labels.items() <= sample.labels.items()
        )

    async def tenant(self, name: str, *, policy: ReleasePolicy = ReleasePolicy.WINDOW) -> Tenant:
        return await self.services.tenants.add(name, policy=policy)

    async def phone(
        self,
        tenant: Tenant,
        *,
        mac: MacAddress | None = MAC,
        vendor: str = "yealink",
        model: str | None = None,
        password: str | None = PASSWORD,
        settings: Mapping[str, str | None] | None = None,
        secrets: Mapping[str, str | None] | None = None,
        arm: bool = True,
    ) -> Device:
        """A device with one line, added or brought up to date."""
        line = Line(number=1, user_name="1001", registrar=Endpoint.parse("pbx.example.com"))
        wanted = Wanted(
            tenant=tenant,
            mac=mac,
            vendor=vendor,
            model=model,
            lines=(line,),
            passwords={1: Secret(password)} if password else {},
            settings=settings or {},
            secret_settings={name: Secret(text) if text else None for name, text in (secrets or {}).items()},
        )
        return (await self.services.devices.put([wanted], arm=arm))[0]

    async def device(self, device: Device) -> Device:
        """The device as the store has it now, after everything that waits has been written."""
        await self.settled()
        async with self.services.storage.read() as tx:
            found = await devices.find_device(tx, device.mac)
        assert found is not None
        return found

    async def credential(self, device: Device) -> Credential:
        """The password of the device's first line as the store has it now."""
        await self.settled()
        async with self.services.storage.read() as tx:
            owned = await credentials.credentials_of(tx, [device_owner(device.id)])
        return next(credential for credential in owned if credential.field == "line.1.password")

    async def rows(self, table: Table, *, kind: str = "state") -> list[dict[str, Any]]:
        """All rows of *table*, after everything that waits has been written."""
        await self.settled()
        async with self.services.storage.read(kind) as tx:
            found = await tx.execute(select(*table.c))
            return [dict(row._mapping) for row in found]

    async def requests(self) -> list[dict[str, Any]]:
        """The request log."""
        await self.services.request_log.flush()
        return await self.rows(REQUEST, kind="requests")

    async def settled(self) -> None:
        """Wait until the writes that nobody waits for are on the disk."""
        await self.services.storage.group.write(())

    def lines(self) -> list[dict[str, Any]]:
        """What was logged; every line has to be JSON by itself."""
        self.log.flush()
        return [json.loads(line) for line in self.output.getvalue().splitlines()]

    def last_line(self) -> dict[str, Any]:
        """The canonical line of the last request."""
        return [line for line in self.lines() if line["event"] == "request.answered"][-1]

    def malformed(self) -> float:
        """How many requests were no HTTP."""
        return float(self.services.metrics.http_malformed._value.get())

    def lasting(self, device: Device, *, generation: int | None = None) -> str:
        return self.tokens.lasting(device.id, generation or device.tokens.generation)

    def bootstrap(self, device: Device, *, generation: int | None = None) -> str:
        return self.tokens.bootstrap(device.id, generation or device.tokens.generation)


@asynccontextmanager
async def open_door(
    folder: Path,
    *,
    clock: FakeClock | None = None,
    uploads: UploadSettings | None = None,
    connections: ConnectionSettings | None = None,
    tls: TLSSettings | None = None,
    legacy: LegacySettings | None = None,
    login: LoginSettings | None = None,
    tftp: TFTPSettings | None = None,
    vendors: VendorSettings | None = None,
    monitor: MonitorSettings | None = None,
    banned: Container[str] = (),
    **phone: Any,  # noqa: ANN401 - fields of PhoneSettings
) -> AsyncIterator[Door]:
    """Listen over the data in *folder*, which has been initialised; without *monitor* settings nobody looks."""
    clock = clock or FakeClock()
    settings = Settings(
        data=DataSettings(directory=folder),
        phone=PhoneSettings(**{"port": 0, "url": "http://phones.example.com", "refusal_ms": 1, **phone}),
        uploads=uploads or UploadSettings(),
        connections=connections or ConnectionSettings(),
        tls=tls or TLSSettings(),
        legacy=legacy or LegacySettings(),
        login=login or LoginSettings(),
        tftp=tftp or TFTPSettings(),
        vendors=vendors or VendorSettings(),
        monitor=monitor or MonitorSettings(),
    )
    output = BytesIO()
    with _speaking(clock, output) as log:
        async with build(settings, actor="server", clock=clock) as services:
            services.peers.load()
            traffic = _traffic(services, log)
            capacity = capacity_of(settings)
            listener = _listener(services, clock, traffic, capacity)
            services.monitor.banned = lambda: listener.server.shut_out(services.monitor.is_banned)
            contexts = contexts_of(settings, makers=tuple(services.catalogue.vendors), now_ms=clock.wall_ms())
            async with (
                listening(
                    settings,
                    listener.server,
                    contexts=contexts,
                    capacity=capacity,
                    arrivals=Arrivals(clock=clock, metrics=services.metrics, noticed=services.monitor.noticed),
                    banned=lambda address: address in banned or services.monitor.is_banned(address),
                ) as entrances,
                _at_work(services, listener, clock, entrances, watched=monitor is not None),
            ):
                yield Door(
                    services=services,
                    listener=listener,
                    clock=clock,
                    addresses={entrance.name: entrance.address for entrance in entrances},
                    log=log,
                    output=output,
                    tokens=TokenKey.load(settings.data.key_directory),
                    traffic=traffic,
                    capacity=capacity,
                    contexts=contexts,
                )


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds; a condition that never does fails the test."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - the product sets no event for tests
            await asyncio.sleep(0.001)


def _traffic(services: Services, log: Log) -> CountedTraffic:
    return CountedTraffic(
        clock=services.context.clock,
        metrics=services.metrics,
        request_log=services.request_log,
        copies=services.copies,
        lines=log.requests,
        monitor=services.monitor,
        homes=services.homes,
    )


def _listener(services: Services, clock: FakeClock, traffic: CountedTraffic, capacity: Capacity) -> PhoneListener:
    return PhoneListener(
        settings=services.settings.phone,
        provisioning=services.provisioning,
        deliveries=services.deliveries,
        traffic=traffic,
        clock=clock,
        max_upload_bytes=services.settings.uploads.device_bytes,
        known=capacity.known,
        banned=services.monitor.is_banned,
        pause=services.monitor.pause,
    )


@asynccontextmanager
async def _at_work(
    services: Services, listener: PhoneListener, clock: FakeClock, entrances: Sequence[Entrance], *, watched: bool
) -> AsyncIterator[None]:
    """The background tasks that answering needs, the monitor's if it is *watched*. One that dies fails the test."""
    with patch.object(protocol, "_CHECK_S", _CHECK_S):
        try:
            async with asyncio.TaskGroup() as tasks:
                background = [
                    tasks.create_task(services.storage.group.run(), name="group writer"),
                    *(tasks.create_task(read.run(), name="batched reads") for read in services.records.reader.tasks),
                    tasks.create_task(listener.server.watch(clock), name="connection watch"),
                    tasks.create_task(listener.refusals.run(), name="refusals"),
                    *([tasks.create_task(services.monitor.run(), name="monitor")] if watched else []),
                ]
                accepting = [tasks.create_task(entrance.run(), name="entrance") for entrance in entrances]
                yield
                await stop_accepting(accepting)
                for task in background:
                    task.cancel()
        except BaseExceptionGroup as group:  # a failed assertion is easier to read by itself
            raise group.exceptions[0] from None


@contextmanager
def _speaking(clock: FakeClock, output: BytesIO) -> Iterator[Log]:
    """Log into *output*, and leave logging as it was."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    level, handlers, filters = root.level, list(root.handlers), list(server.filters)
    try:
        yield configure(LogSettings(format="json"), now_ms=clock.wall_ms, stream=output)
    finally:
        structlog.reset_defaults()
        root.setLevel(level)
        root.handlers, server.filters = handlers, filters
