"""A thousand connections that are slow on purpose, against the real server, while a phone goes on asking: `besiege`."""

from __future__ import annotations

import asyncio
import resource
import socket
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from provserver.domain.device import ReleasePolicy
from tests.e2e.processes import missing, stop
from tests.http.tls import NAME, make
from tests.http.wire import connected, request
from tests.system.fleet import Phone, Wish, put_phones
from tests.system.server import Nursery, Server, log_of, opened, settings_for

PROGRAM = "slowhttptest"
ATTACKERS = 1_000
TOOK_HOLD = 500  # connections that have come in, when phones begin to ask
DEADLINE_S = 3  # for each thing that can be slow, in the server's settings
LIMIT_S = 60.0  # until the last of them is gone: many times the deadline, for slow machines
RATE = 1_000  # connections a second that the attacker begins
OTHER = "127.0.0.2"  # where phones ask from; the attacker has the usual address of loopback
MEMORY_BYTES = 250_000 * ATTACKERS  # 10 to 30 kB each, and for slow readers twice the answer that they do not take
SETTINGS = {
    "PHONE__IDLE_S": str(DEADLINE_S),
    "PHONE__SLOW_S": str(DEADLINE_S),
    "TLS__HANDSHAKE_S": str(DEADLINE_S),
    "CONNECTIONS__PER_ADDRESS": str(2 * ATTACKERS),  # the limits of time shall do it, alone
}
BIG = {f"raw.note.{number}": "x" * 2_000 for number in range(30)}  # 60 kB: as large as files of phones get
STALLED = "stalled handshakes"
# How slow a connection can be: over what, and what the attacker is told.
ATTACKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "heads": ("http", ("-H",)),
    "heads over TLS": ("https", ("-H",)),
    "bodies": ("http", ("-B", "-t", "PUT", "-s", "8192")),
    "readers": ("http", ("-X", "-k", "10", "-w", "16", "-y", "32", "-n", "1", "-z", "8")),
    "ranges": ("http", ("-R", "-a", "1", "-b", "2000")),
    STALLED: ("https", ()),
}
_HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # says that 508 bytes follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Siege:
    """
    What became of it: answers a second that a phone got *calm* before and *during*, and *after* it.

    *each_bytes* is the memory that the server has taken for each connection.
    """

    calm: float
    during: float
    after: float
    each_bytes: int

    @property
    def ratio(self) -> float:
        """The rate during the attack as a part of that without."""
        return self.during / self.calm


def hindrance() -> str | None:
    """Why this machine cannot attack; None: it can."""
    if missing(PROGRAM):
        return f"not installed: {PROGRAM} (Debian: apt-get install {PROGRAM})"
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * ATTACKERS:
        return f"a process may have {soft} files open: not enough for {ATTACKERS} connections"
    return None


async def besiege(nursery: Nursery, folder: Path, name: str, *, seconds: float = 2) -> Siege:
    """
    Attack a server on new data in *folder* in the way called *name*, until it has ended every connection by itself.

    TimeoutError where it does not, AssertionError where the phone gets no answer.
    """
    scheme, options = ATTACKS[name]
    directory, output = folder / "data", folder / "log"
    victim, own = await phones(directory)
    tls = {"TLS__CERTIFICATES": str(make(folder, NAME).file), "TLS__PORT": "0"}
    async with nursery.serving(directory, output, **SETTINGS, **tls) as server:
        await served(server, own, seconds=1)
        calm = await served(server, own, seconds=seconds)
        idle, memory, before = open_sockets(server), memory_bytes(server), await admitted(server)
        port = server.phone[1] if scheme == "http" else int(str(log_of(output)[0]["tls"]).rpartition(":")[2])
        path = f"/{victim.lasting}/{victim.mac}" + ("-local.cfg" if "-B" in options else ".cfg")
        url = f"{scheme}://127.0.0.1:{port}{path}"
        async with attack(folder, url, *options) if options else stalled(port):
            while options and await admitted(server) < before + TOOK_HOLD:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
            during = await served(server, own, seconds=seconds)
            await until(lambda: open_sockets(server) <= idle)
        assert not options or await admitted(server) >= before + ATTACKERS
        each = (memory_bytes(server) - memory) // ATTACKERS
        return Siege(calm=calm, during=during, after=await served(server, own, seconds=1), each_bytes=each)


async def phones(directory: Path) -> tuple[Phone, Phone]:
    """Two phones: one whose file is large, and one that shall be served."""
    async with opened(settings_for(directory)) as services:
        tenant = await services.tenants.add("shop", policy=ReleasePolicy.WINDOW)
        victim, own = await put_phones(services, tenant, [Wish(number=1, settings=BIG), Wish(number=2)])
    return victim, own


async def served(server: Server, phone: Phone, *, seconds: float) -> float:
    """How often a second *phone* gets its file, each time on a new connection. One that does not get it fails."""
    asked = request("GET", phone.by_token, headers={"User-Agent": phone.agent})
    loop = asyncio.get_running_loop()
    began, count = loop.time(), 0
    while loop.time() < began + seconds:
        async with connected(*server.phone, source=OTHER) as wire:
            await wire.send(asked)
            reply = await wire.reply()
        assert phone.mark in reply.body, reply.status
        count += 1
    return count / (loop.time() - began)


@asynccontextmanager
async def attack(folder: Path, url: str, *options: str) -> AsyncIterator[None]:
    """The attacker at work, until it has no connection any more or is ended by us."""
    length = ("-c", str(ATTACKERS), "-r", str(RATE), "-i", "1", "-l", str(int(LIMIT_S)), "-p", "60", "-u", url)
    with (folder / "attack.log").open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *options, *length, stdin=PIPE, stdout=said, stderr=STDOUT, start_new_session=True
        )
    try:
        yield
    finally:
        await stop(process)


@asynccontextmanager
async def stalled(port: int) -> AsyncIterator[None]:
    """Connections that have begun to greet, and never go on."""
    with ExitStack() as held:
        for _ in range(TOOK_HOLD):
            sock = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S))
            sock.send(_HALF_A_HELLO)
        yield


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(0.05)


async def admitted(server: Server) -> float:
    """How many connections have been let in so far."""
    async with connected(*server.ops) as wire:
        await wire.send(request("GET", "/metrics"))
        text = (await wire.reply()).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "provserver_connections_total" and sample.labels["outcome"] == "admitted"
    )


def open_sockets(server: Server) -> int:
    """How many sockets the server has open, connections among them."""
    found = 0
    for link in Path(f"/proc/{server.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed while we look
            found += link.readlink().name.startswith("socket:")
    return found


def memory_bytes(server: Server) -> int:
    """The most memory that the server has had."""
    return int(Path(f"/proc/{server.pid}/status").read_text().split("VmHWM:")[1].split()[0]) * 1_024
