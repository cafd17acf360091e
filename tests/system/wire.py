"""A phone's side of a connection, byte by byte: it can read slowly, stop half-way, and hang up without a word."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

Address = tuple[str, int]
LIMIT_S = 30.0  # for anything on loopback
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST
_PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Whatever arrived, up to the end or to where it broke off."""

    received: bytes
    broken: bool = False  # the connection ended before the answer did, and not by us

    @property
    def status(self) -> int:
        """The status; 0 when not even that arrived."""
        return int(self.received[9:12]) if len(self.received) > 12 else 0

    @property
    def head(self) -> bytes:
        """Status line and headers."""
        return self.received.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """What there is of the body."""
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def whole(self) -> bool:
        """Whether the body is complete."""
        head, blank, body = self.received.partition(b"\r\n\r\n")
        return bool(blank) and len(body) >= _length(head)

    def header(self, name: str) -> str | None:
        """One header, by its name in lower case."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode().lower() == name:
                return value.strip().decode()
        return None


class Call:
    """One connection that asks. *receive_bytes* makes the system take little at a time, like a slow line."""

    def __init__(self, at: Address, *, receive_bytes: int | None = None) -> None:
        self._at = at
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(0)
        self._received = bytearray()

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        agent: str = "test",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Connect and send one request."""
        await self.send(_request(path, method=method, agent=agent, headers=headers, body=body))

    async def send(self, content: bytes) -> None:
        """Connect and send these bytes, whatever they are."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, self._at)
        await loop.sock_sendall(self._socket, content)

    async def read(self, *, up_to: int | None = None, bodiless: bool = False) -> Reply:
        """
        Read the answer to its end, or its first *up_to* bytes; a connection that breaks ends it too.

        Raises TimeoutError when nothing more comes.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(LIMIT_S):
            while not self._enough(up_to, bodiless=bodiless):
                try:
                    piece = await loop.sock_recv(self._socket, min(_PIECE, up_to or _PIECE))
                except OSError:
                    piece = b""
                if not piece:
                    return Reply(received=bytes(self._received), broken=True)
                self._received += piece
        return Reply(received=bytes(self._received))

    def close(self, *, reset: bool = False) -> None:
        """Hang up, with *reset* like a phone that loses power or patience."""
        if reset:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._socket.close()

    def _enough(self, up_to: int | None, *, bodiless: bool) -> bool:
        if up_to is not None and len(self._received) >= up_to:
            return True
        head, blank, body = bytes(self._received).partition(b"\r\n\r\n")
        return bool(blank) and (bodiless or len(body) >= _length(head))


async def fetch(
    at: Address,
    path: str,
    *,
    method: str = "GET",
    agent: str = "test",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Reply:
    """One request on a connection of its own. Never raises for a connection that breaks."""
    call = Call(at)
    try:
        await call.ask(path, method=method, agent=agent, headers=headers, body=body)
        return await call.read(bodiless=method == "HEAD")
    except OSError:
        return Reply(received=b"", broken=True)
    finally:
        call.close()


def _request(path: str, *, method: str, agent: str, headers: Mapping[str, str] | None, body: bytes) -> bytes:
    lines = {"Host": "localhost", "User-Agent": agent, **(headers or {})}
    if body:
        lines["Content-Length"] = str(len(body))
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines.items())
    return head.encode() + b"\r\n" + body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == b"content-length":
            return int(value)
    return 0
