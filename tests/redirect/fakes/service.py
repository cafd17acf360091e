"""`FakeService`: what all fakes have in common: a socket, a list of devices, faults on order, and a memory."""

from __future__ import annotations

import asyncio
import ssl
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web

US, OTHERS = "us", "others"
Fault = Callable[[web.Request], "web.Response | None"]  # a response, or None: the connection is closed without one
SPARED = object()  # in place of a fault: this request is answered
STALLED = object()  # it is not answered, until the other side gives up
LOST = object()  # what it asks for is done, and the connection closed without an answer


class FakeService(ABC):
    """
    One service. *devices* is its list: 12 lower-case hex digits → (owner, URL).

    *sent* is everything that it was ever sent, as it stood on the wire. *refusals* are what it was strict about: a test
    that expects none looks there. Each of *faults* spoils one request, or is one of SPARED, STALLED and LOST;
    *latency_s* is waited before every answer.
    """

    path = "/"  # of its endpoint
    tls: ssl.SSLContext | None = None

    def __init__(self) -> None:
        self.devices: dict[str, tuple[str, str]] = {}
        self.sent: list[bytes] = []
        self.calls: list[str] = []
        self.refusals: list[str] = []
        self.nonces: set[str] = set()
        self.token = "t0k"  # of services that give one; another one ends it
        self.faults: deque[Fault | object] = deque()
        self.is_down = False
        self.latency_s = 0.0
        self.reached = asyncio.Event()  # set by every request
        self.url = ""

    @property
    def endpoint(self) -> str:
        """Where an account has to point."""
        return self.url + self.path

    @abstractmethod
    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        """Answer one request; `Strict` for one that the real service would refuse."""

    def enter(self, mac: str, url: str) -> str | None:
        """Enter a device for us; the owner if somebody else has it."""
        owner, _ = self.devices.get(mac, (US, ""))
        if owner != US:
            return owner
        self.devices[mac] = (US, url)
        return None

    def ours(self) -> dict[str, str]:
        """MAC → URL of what we have entered."""
        return {mac: url for mac, (owner, url) in self.devices.items() if owner == US}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        head = f"{request.method} {request.raw_path}\n" + "\n".join(f"{n}: {v}" for n, v in request.headers.items())
        self.reached.set()
        self.sent.append(head.encode() + b"\n\n" + body)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if self.is_down:
            return web.Response(status=503)
        fault = self.faults.popleft() if self.faults else SPARED
        if fault is STALLED:
            await asyncio.sleep(3600)
        if callable(fault):
            spoiled: web.Response | None = fault(request)
            return spoiled or self._hung_up(request)
        try:
            answered = await self.answer(request, body)
        except Strict as refusal:
            self.refusals.append(str(refusal))
            answered = web.Response(status=refusal.status, text=str(refusal))
        return self._hung_up(request) if fault is LOST else answered

    @staticmethod
    def _hung_up(request: web.Request) -> web.Response:
        """Close the connection; what is given goes nowhere any more."""
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


class Strict(Exception):
    """What the service refuses, and with which status."""

    def __init__(self, said: str, *, status: int = 400) -> None:
        super().__init__(said)
        self.status = status


def demand(fine: Any, said: str, *, status: int = 400) -> None:  # noqa: ANN401 - whatever has a truth
    """Refuse unless *fine*."""
    if not fine:
        raise Strict(said, status=status)


@asynccontextmanager
async def serving(fake: FakeService) -> AsyncIterator[FakeService]:
    """Have *fake* listen on a free port of 127.0.0.1."""
    application = web.Application(client_max_size=10_000_000)
    application.router.add_route("*", "/{tail:.*}", fake._handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=fake.tls).start()
    host, port = runner.addresses[0][:2]
    fake.url = f"{'https' if fake.tls else 'http'}://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()


@contextmanager
def beside(fake: FakeService) -> Iterator[FakeService]:
    """Have *fake* listen in a thread with a loop of its own, for tests that block."""
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(fake):
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="fake service")
    thread.start()
    assert up.wait(20)
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join()
        loop.close()
