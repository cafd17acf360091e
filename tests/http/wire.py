"""A client that sends exactly the bytes it is told to, and reads answers byte by byte."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

LIMIT_S = 20  # no answer takes a tenth of it; reached only when something hangs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. *raw* is its head as it came; *headers* keep their order and their case."""

    raw: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def parse(cls, head: bytes, body: bytes) -> Self:
        """Read a head that ends with an empty line."""
        status_line, *lines = head.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        return cls(raw=head, status=int(status_line.split(" ")[1]), headers=headers, body=body)

    def header(self, name: str) -> str | None:
        """The value of the header *name*; None without it."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def undated(self) -> bytes:
        """Head and body as they came, without the one line that the clock writes."""
        lines = self.raw.split(b"\r\n")
        return b"\r\n".join(line for line in lines if not line.startswith(b"Date: ")) + self.body

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, content: bytes) -> None:
        """Send *content*; what the other side thinks of it shows later."""
        self._writer.write(content)
        async with asyncio.timeout(LIMIT_S):
            await self._writer.drain()

    def end(self) -> None:
        """Say that nothing more will be sent; answers may still come."""
        self._writer.write_eof()

    async def reply(self, method: str = "GET") -> Reply:
        """The next answer; *method* says whether a body follows its head."""
        async with asyncio.timeout(LIMIT_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            reply = Reply.parse(head, b"")
            size = 0 if method == "HEAD" or reply.status in (100, 304) else int(reply.header("Content-Length") or 0)
            return Reply.parse(head, await self._reader.readexactly(size))

    @property
    def agreed(self) -> ssl.SSLObject:
        """What has been agreed on by TLS."""
        found = self._writer.get_extra_info("ssl_object")
        assert isinstance(found, ssl.SSLObject)
        return found

    async def some(self) -> bytes:
        """What comes next, however little that is."""
        async with asyncio.timeout(LIMIT_S):
            return await self._reader.read(65_536)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection, however it ends."""
        received = bytearray()
        async with asyncio.timeout(LIMIT_S):
            try:
                while chunk := await self._reader.read(65_536):
                    received += chunk
            except ConnectionError:
                pass
        return bytes(received)


@asynccontextmanager
async def connected(
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    name: str | None = None,
    source: str | None = None,
) -> AsyncIterator[Wire]:
    """A connection to *host* and *port*, from *source*; with *tls* the server is asked for under *name*."""
    async with asyncio.timeout(LIMIT_S):
        reader, writer = await asyncio.open_connection(
            host, port, ssl=tls, server_hostname=name if tls else None, local_addr=(source, 0) if source else None
        )
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


async def slow_socket(host: str, port: int) -> socket.socket:
    """A connected socket that takes next to nothing until somebody reads from it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    sock.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    await asyncio.get_running_loop().sock_connect(sock, (host, port))
    return sock


def cut(sock: socket.socket) -> None:
    """Tear a connection down as a phone that lost its power: without a farewell, what is on its way is lost."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def request(
    method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", version: str = "1.1"
) -> bytes:
    """The bytes of a request; a body brings its Content-Length along."""
    lines = [f"{method} {path} HTTP/{version}", "Host: phones.example.com"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body
