"""Syslog messages arrive whole, in order, at whom they were meant for; or it is known that they did not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from provserver.errors import PeerError
from provserver.outbound.syslog import Origin, SyslogReceiver, record
from provserver.outbound.trust import trusting
from tests.certificates import self_signed

ORIGIN = Origin(facility=10, host="prov1", process="42")
RECORDS = [b"<84>1 first\n\xe2\x82\xac 5 not a length", b"<84>1 " + b"x" * 100_000, b"<84>1 last"]


def receiver(target: str, trust: Path | None = None) -> SyslogReceiver:
    return SyslogReceiver.at(target, trust=trusting(trust, setting="x"), connect_s=5, call_s=10)


def test_a_record_is_as_the_rfc_has_it() -> None:
    made = record("CEF:0|a €|", origin=ORIGIN, severity=4, at_ms=1_760_000_000_123, kind="alert")

    assert made.decode() == "<84>1 2025-10-09T08:53:20Z prov1 provserver 42 alert - CEF:0|a €|"


@pytest.mark.parametrize(
    ("host", "shown"), [("", "-"), ("a b\n<1>1", "ab<1>1"), ("münchen", "mnchen"), ("h" * 300, "h" * 255)]
)
def test_names_in_the_head_are_what_the_rfc_allows(host: str, shown: str) -> None:
    made = record("x", origin=replace(ORIGIN, host=host), severity=6, at_ms=0, kind="alert")

    assert made.decode().split(" ")[2] == shown


@pytest.mark.parametrize("kind", ["tcp", "tls"])
async def test_each_message_comes_with_its_length_over_a_stream(kind: str, tmp_path: Path) -> None:
    context, trust = self_signed(tmp_path)
    async with listening(tls=context if kind == "tls" else None) as collector:
        await receiver(f"{kind}://127.0.0.1:{collector.port}", trust).send(RECORDS)
        await receiver(f"{kind}://127.0.0.1:{collector.port}", trust).send(RECORDS[2:])
        await collector.ended(2)

    assert (collector.messages, collector.left) == ([*RECORDS, RECORDS[2]], b"")


async def test_a_certificate_that_is_not_believed_gets_nothing(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with listening(tls=context) as collector:
        with pytest.raises(PeerError, match="its certificate is not believed"):
            await receiver(f"tls://127.0.0.1:{collector.port}").send(RECORDS)

    assert collector.messages == []


@pytest.mark.parametrize("kind", ["tcp", "tls"])
async def test_who_hangs_up_without_reading_has_not_got_it(kind: str, tmp_path: Path) -> None:
    context, trust = self_signed(tmp_path)
    async with listening(tls=context if kind == "tls" else None, reads=False) as collector:
        with pytest.raises(PeerError):
            await receiver(f"{kind}://127.0.0.1:{collector.port}", trust).send([b"x" * 100_000] * 200)


async def test_who_never_reads_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        slow = replace(receiver(f"tcp://127.0.0.1:{port}"), call_s=0.3)

        with pytest.raises(PeerError, match="it does not answer in time"):
            await slow.send([b"x" * 100_000] * 200)


async def test_who_keeps_its_side_open_has_got_it() -> None:
    async with listening(parts=False) as collector:
        await receiver(f"tcp://127.0.0.1:{collector.port}").send(RECORDS)
        assert collector.messages == RECORDS
        collector.may_part.set()
        await collector.ended(1)


async def test_who_is_away_is_an_error() -> None:
    with pytest.raises(PeerError, match="it cannot be sent to"):
        await receiver("tcp://127.0.0.1:1").send(RECORDS)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX])
async def test_datagrams_hold_a_message_each(family: int, tmp_path: Path) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as collector:
        collector.settimeout(5)
        if family == socket.AF_UNIX:
            collector.bind(str(tmp_path / "log"))
            target = f"unix://{tmp_path}/log"
        else:
            collector.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
            host, port = collector.getsockname()[:2]
            target = f"udp://{f'[{host}]' if ':' in host else host}:{port}"

        await receiver(target).send([*RECORDS, b"<84>1 " + "€".encode() * 4_000])

        got = [collector.recv(70_000) for _ in range(4)]
    assert got[:3] == [RECORDS[0], RECORDS[1][:8_192], RECORDS[2]]
    assert got[3].decode() == "<84>1 " + "€" * 2_728  # not half a character


async def test_a_datagram_that_nobody_waits_for_is_noticed_on_this_machine(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]

    for target in (f"udp://127.0.0.1:{port}", f"unix://{tmp_path}/missing"):
        with pytest.raises(PeerError, match="it cannot be sent to"):
            await receiver(target).send([b"<84>1 one"])


@dataclass(slots=True, kw_only=True)
class Collector:
    """Reads messages as RFC 6587 frames them."""

    reads: bool
    parts: bool
    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    left: bytes = b""  # what was no whole message
    may_part: asyncio.Event = field(default_factory=asyncio.Event)
    ends: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    async def ended(self, count: int) -> None:
        async with asyncio.timeout(10):
            for _ in range(count):
                await self.ends.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self.reads:
                length = int(await reader.readuntil(b" "))
                self.messages.append(await reader.readexactly(length))
        except asyncio.IncompleteReadError as error:
            self.left += error.partial
        if not self.parts:
            await self.may_part.wait()
        writer.close()
        try:
            await writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            self.ends.put_nowait(None)


@asynccontextmanager
async def listening(
    *, tls: ssl.SSLContext | None = None, reads: bool = True, parts: bool = True
) -> AsyncIterator[Collector]:
    """Collect on a free port of 127.0.0.1."""
    collector = Collector(reads=reads, parts=parts)
    server = await asyncio.start_server(collector.serve, "127.0.0.1", 0, ssl=tls, limit=1_000_000)
    async with server:
        collector.port = server.sockets[0].getsockname()[1]
        yield collector
        server.close()
