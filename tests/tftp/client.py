"""TFTP clients: one of ours that does as it is told, and those of others."""

from __future__ import annotations

import asyncio
import shutil
import struct
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from provserver.clock import SystemClock
from provserver.tftp.listener import TFTPListener, listening
from tests.http.door import Door

LIMIT_S = 20.0  # for anything that should happen; a failure takes that long
SILENCE_S = 0.2  # how long a test waits for what never comes
CURL, HPA = shutil.which("curl"), shutil.which("tftp")


class Fetched(NamedTuple):
    """What a client of others has got: exit code, the file (None: there is none), and what it said."""

    code: int
    content: bytes | None
    said: str


class Socket(asyncio.DatagramProtocol):
    """Keeps what comes, with where it came from."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait((data, addr))

    def send(self, packet: bytes, to: tuple[str, int]) -> None:
        assert self.transport is not None
        self.transport.sendto(packet, to)

    async def hear(self) -> tuple[bytes, tuple[str, int]]:
        async with asyncio.timeout(LIMIT_S):
            return await self.heard.get()


@asynccontextmanager
async def client(host: str = "127.0.0.1") -> AsyncIterator[Socket]:
    transport, sock = await asyncio.get_running_loop().create_datagram_endpoint(Socket, local_addr=(host, 0))
    try:
        yield sock
    finally:
        transport.close()


def read(name: str, *, mode: str = "octet", **options: int) -> bytes:
    """A read request."""
    fields = "".join(f"{option}\0{value}\0" for option, value in options.items())
    return b"\0\1" + f"{name}\0{mode}\0{fields}".encode()


def ack(block: int) -> bytes:
    return struct.pack("!HH", 4, block & 0xFFFF)


async def fetch(at: tuple[str, int], name: str, *, host: str = "127.0.0.1") -> bytes:
    """All of a file, or the error that came instead."""
    content = b""
    async with client(host) as sock:
        sock.send(read(name), at)
        while True:
            packet, peer = await sock.hear()
            if packet[:2] != b"\0\3":
                return packet
            content += packet[4:]
            sock.send(ack(int.from_bytes(packet[2:4], "big")), peer)
            if len(packet) < 516:
                return content


async def by_curl(at: tuple[str, int], name: str, folder: Path, *options: str) -> Fetched:
    """The file as curl fetches it."""
    if CURL is None:
        pytest.skip("curl is not installed")
    file = folder / "fetched"
    url = f"tftp://{at[0]}:{at[1]}/{name}"
    return await _run([CURL, "--silent", "--show-error", *options, "--output", str(file), url], file)


async def by_hpa(at: tuple[str, int], name: str, folder: Path, *, mode: str = "octet") -> Fetched:
    """The file as tftp-hpa's client fetches it."""
    if HPA is None:
        pytest.skip("tftp (tftp-hpa) is not installed")
    file = folder / "fetched"
    return await _run([HPA, "-m", mode, at[0], str(at[1]), "-c", "get", name, str(file)], file)


async def _run(command: list[str], file: Path) -> Fetched:
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env={})
    try:
        async with asyncio.timeout(LIMIT_S):
            out, err = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return Fetched(process.returncode or 0, _content(file), (out + err).decode())


def _content(file: Path) -> bytes | None:
    """What is in *file*, which is taken away for the next."""
    content = file.read_bytes() if file.exists() else None
    file.unlink(missing_ok=True)
    return content


@asynccontextmanager
async def tftp(door: Door, *, port: int = 0) -> AsyncIterator[tuple[str, int]]:
    """The TFTP listener beside the phone listener of *door*; gives its address."""
    settings = door.services.settings.tftp.model_copy(update={"port": port})
    listener = TFTPListener(
        settings=settings,
        provisioning=door.services.provisioning,
        deliveries=door.services.deliveries,
        traffic=door.traffic,
        clock=SystemClock(),
        ticket=door.listener.refusals.ticket,
        counted=lambda result: door.services.metrics.tftp_datagrams.of(result).inc(),
    )
    async with listening(settings, listener) as address, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(listener.run(), name="tftp")
        yield address
        running.cancel()
