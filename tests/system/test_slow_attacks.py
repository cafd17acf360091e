"""A thousand connections that are slow on purpose: phones are served meanwhile, and every one of them is ended."""

from __future__ import annotations

import asyncio
import resource
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
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

pytestmark = pytest.mark.peer


@pytest.fixture(autouse=True)
def _attacker() -> None:
    if missing(PROGRAM):
        pytest.skip(f"not installed: {PROGRAM} (Debian: apt-get install {PROGRAM})")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * ATTACKERS:
        pytest.skip(f"a process may have {soft} files open: not enough for {ATTACKERS} connections")


@pytest.mark.parametrize(
    ("scheme", "options"),
    [
        ("http", ("-H",)),
        ("https", ("-H",)),
        ("http", ("-B", "-t", "PUT", "-s", "8192")),
        ("http", ("-X", "-k", "10", "-w", "16", "-y", "32", "-n", "1", "-z", "8")),
        ("http", ("-R", "-a", "1", "-b", "2000")),
    ],
    ids=["slow heads", "slow heads over TLS", "slow bodies", "slow readers", "ranges"],
)
async def test_slow_connections_keep_no_phone_waiting_and_are_ended(
    nursery: Nursery,
    tmp_path: Path,
    scheme: str,
    options: tuple[str, ...],
) -> None:
    directory, output = tmp_path / "data", tmp_path / "log"
    victim, own = await phones(directory)
    tls = {"TLS__CERTIFICATES": str(make(tmp_path, NAME).file), "TLS__PORT": "0"}
    async with nursery.serving(directory, output, **SETTINGS, **tls) as server:
        assert await served(server, own, seconds=1) > 0
        calm = await served(server, own, seconds=2)
        idle, memory = open_sockets(server), memory_bytes(server)
        port = server.phone[1] if scheme == "http" else int(str(log_of(output)[0]["tls"]).rpartition(":")[2])
        path = f"/{victim.lasting}/{victim.mac}" + ("-local.cfg" if "-B" in options else ".cfg")

        async with attack(tmp_path, f"{scheme}://127.0.0.1:{port}{path}", *options):
            before = await admitted(server)
            while await admitted(server) < before + TOOK_HOLD:  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.05)
            during = await served(server, own, seconds=2)
            await until(lambda: open_sockets(server) <= idle)
            assert await admitted(server) >= before + ATTACKERS

        each = (memory_bytes(server) - memory) // ATTACKERS
        print(f"{during / calm:.2f} of the rate without attack, {each:,} bytes a connection")  # noqa: T201 - a figure
        assert memory_bytes(server) - memory < MEMORY_BYTES
        assert await served(server, own, seconds=1) > 0


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
