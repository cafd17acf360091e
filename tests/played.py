"""A phone of no maker, and real servers on loopback that it can be played against."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import AfterDeletion, AfterDeletionRule, NotifyEvents, Simulation, Vendor

TOKEN = "QUJDREVGR0hJSktMTU5PUFFS"
PASSWORD = "s3cret-of-1001"
FIRST = MacAddress("0a0b0c000001")
LOG = b"booted\n"
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Script = Callable[[SimulatedPhone], Generator[Fetch, Reply, Booted]]


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """A phone of no maker: a common file, its own (user, password and URL, a line each), then its log."""
    yield Fetch("common.cfg")
    reply = yield Fetch(f"{phone.mac}.cfg")
    yield Fetch(f"{phone.mac}.log", method="PUT", body=LOG)
    if not reply.ok:
        return Booted()
    user, password, url = reply.body.decode().split("\n")
    account = Account(number=1, user_name=user, password=password or None, registrar="pbx.test")
    return Booted(accounts=(account,), next_url=url or None)


def make_vendor(script: Script = boot) -> Vendor:
    return Vendor(
        slug="tester",
        name="Tester",
        ouis=frozenset({FIRST.oui}),
        agents=(),
        files=(),
        parameters=(),
        after_deletion=AfterDeletionRule(answer=AfterDeletion.OMIT, reason="none", source="none", confidence="L"),
        notify=NotifyEvents(resync=None, reboot=None, source="none", confidence="L"),
        simulation=Simulation(
            model="T1",
            firmware="1.2.3",
            user_agent=lambda phone: f"Tester {phone.model} {phone.firmware} {phone.mac.colons}",
            boot=script,
        ),
        bootstrap=(),
        sources=(),
    )


def asking(*fetches: Fetch) -> Script:
    """A script that asks for *fetches* and understands nothing."""

    def script(_phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
        for fetch in fetches:  # noqa: UP028 - a tuple takes no replies
            yield fetch
        return Booted()

    return script


@dataclass(kw_only=True)
class Server:
    """A server on loopback: its URL, and what it was asked."""

    url: str
    lines: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    peers: list[tuple[str, int]] = field(default_factory=list)


@asynccontextmanager
async def serving(answer: Answer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(url="")

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        server.lines.append(f"{request.method} {request.raw_path}")
        server.headers.append(dict(request.headers))
        server.bodies.append(await request.read())
        server.peers.append(request.transport.get_extra_info("peername") if request.transport else ("", 0))
        return await answer(request)

    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        server.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


async def missing(_request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=404)


def answering(**files: str) -> Answer:
    """A server with *files* by their name up to the dot; the configuration of 0a0b0c000001 is ``m0a0b0c000001``."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        name = "m" + request.path.rpartition("/")[2].partition(".")[0]
        if request.method == "GET" and name in files:
            return web.Response(text=files[name])
        return web.Response(status=404)

    return answer


def config(url: str = "", *, password: str = PASSWORD) -> str:
    return f"1001\n{password}\n{url}"
