"""`Loopback`: a service that gives canned answers, byte for byte, and remembers what it was sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

RESET = b"\x00reset"  # instead of an answer: the connection is closed without one
STALL = b"\x00stall"  # instead of an answer: nothing, until the other side gives up


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it stood on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Loopback:
    """*replies* are given one a request, the last one for ever."""

    url: str
    replies: list[bytes]
    requests: list[Received] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (received := await _receive(reader)) is not None:
                self.requests.append(received)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if reply == STALL:
                    await reader.read()
                if reply in (RESET, STALL):
                    return
                writer.write(reply)
                await writer.drain()
                if b"Connection: close" in reply:
                    return
        except ConnectionError:
            pass
        finally:
            writer.close()


def answer(body: bytes | str = b"", *, status: str = "200 OK", headers: Sequence[str] = ()) -> bytes:
    """A whole reply."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def loopback(*replies: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Loopback]:
    """Listen on a free port of 127.0.0.1."""
    service = Loopback(url="", replies=list(replies))
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()[:2]
    service.url = f"{'https' if tls else 'http'}://{host}:{port}"
    async with server:
        yield service
        server.close()


async def _receive(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = first.split(" ")
    return Received(method=method, target=target, headers=headers, body=body)
