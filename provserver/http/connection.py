"""
How a connection comes in: `Entrance`, one listening address with an accept loop of its own.

Accept, ban check and caps before anything is read; the PROXY header, from configured proxies only; a look at the first
bytes; TLS with a deadline. asyncio's own server does none of this before the handshake, lets a stalled one stand for a
minute, and says nothing of one that failed. Only public API of the loop is used, which uvloop has as well.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import chain, repeat

import structlog

from provserver.http import client_hello, proxy_protocol
from provserver.http.addresses import Network, canonical
from provserver.http.capacity import Capacity, Place
from provserver.http.client_hello import ClientHello
from provserver.http.handshakes import reason_of
from provserver.http.proxy_protocol import NoHeader
from provserver.services.requests.arrivals import Arrivals

EXHAUSTED_EVENT = "listener.exhausted"
FAILED_EVENT = "arrival.failed"
BANNED = "banned"
NOTHING_SAID = "nothing_said"  # health checks and port scans do that

_ACCEPTS_A_TURN = 8  # of the event loop: 4,096 may be waiting after a power cut, and who is in already comes first
_EXHAUSTED_S = 0.5  # without file descriptors accepting fails at once, for ever; a connection that ends frees one
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PEEK_BYTES = max(client_hello.MAX_BYTES, proxy_protocol.MAX_BYTES)
_DRIBBLE_S = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)  # waits for the rest of what has begun to arrive
_SHUTDOWN_S = 2.0  # for the farewell of TLS; what did not arrive by then does not matter any more
_LEAST_S = 0.1  # for a handshake whose ClientHello came at the last moment
_NO_LINGER = struct.pack("ii", 1, 0)  # linger, for no time


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """
    Who has come in by which listener. *place* is left when the connection ends.

    *hello* is the hash of what a TLS client offers, empty without TLS.
    """

    address: str
    port: int
    place: Place
    legacy: bool = False
    hello: str = ""


class Entrance:
    """
    One listener: its sockets, and what they let in.

    *context* chooses the TLS context from the ClientHello; None: the listener speaks plain HTTP. *banned* is asked with
    the address in canonical text, before anything is read. *proxies* are the networks whose connections begin with a
    PROXY header. *protocol* makes the protocol of a connection that is let in. *limit_s* bounds the time from accept to
    the end of the handshake; without TLS, to the first byte of a request.
    """

    def __init__(
        self,
        name: str,
        sockets: Sequence[socket.socket],
        *,
        protocol: Callable[[Arrival], asyncio.Protocol],
        context: Callable[[ClientHello], ssl.SSLContext] | None,
        capacity: Capacity,
        arrivals: Arrivals,
        banned: Callable[[str], bool],
        proxies: Sequence[Network],
        limit_s: float,
        legacy: bool = False,
    ) -> None:
        self.name = name
        self._sockets = tuple(sockets)
        self._protocol = protocol
        self._context = context
        self._capacity = capacity
        self._arrivals = arrivals
        self._banned = banned
        self._proxies = tuple(proxies)
        self._limit_s = limit_s
        self._legacy = legacy

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens: host and port."""
        host, port = self._sockets[0].getsockname()[:2]
        return host, port

    async def run(self) -> None:
        """Let connections in until cancelled; those that are not through yet are closed then."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for sock in self._sockets:
                    tasks.create_task(self._accept(sock, tasks), name=f"accept {self.name}")
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening."""
        for sock in self._sockets:
            sock.close()

    async def _accept(self, listening: socket.socket, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, peer = await loop.sock_accept(listening)
                self._begin(sock, peer, tasks)
                for _ in range(_ACCEPTS_A_TURN):
                    sock, peer = listening.accept()
                    sock.setblocking(False)  # noqa: FBT003 - the standard library's own signature
                    self._begin(sock, peer, tasks)
            except (BlockingIOError, ConnectionAbortedError):  # nobody is waiting, or not any more
                pass
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                structlog.get_logger().error(EXHAUSTED_EVENT, listener=self.name, problem=error.strerror)
                await asyncio.sleep(_EXHAUSTED_S)
            await asyncio.sleep(0)

    def _begin(self, sock: socket.socket, peer: tuple[str, int], tasks: asyncio.TaskGroup) -> None:
        """Close what may not come in, before it costs anything; the rest gets a task until it is through."""
        address = canonical(peer[0])
        place = self._enter(sock, address)
        if place is not None:
            tasks.create_task(self._arrive(sock, address, port=peer[1], place=place), name="arrival")

    def _enter(self, sock: socket.socket, address: str) -> Place | None:
        """A place for *address*; without one the connection is reset: it shall cost nothing more."""
        place = BANNED if self._banned(address) else self._capacity.enter(address)
        if isinstance(place, Place):
            return place
        self._arrivals.refused(self.name, place, address)
        _reset(sock)
        return None

    async def _arrive(self, sock: socket.socket, address: str, *, port: int, place: Place) -> None:
        """Lead a connection to its protocol. However that ends, its place is not lost."""
        came = Arrival(address=address, port=port, place=place, legacy=self._legacy)
        line = _Line(sock)
        until = asyncio.get_running_loop().time() + self._limit_s
        try:
            async with asyncio.timeout_at(until):
                if self._proxies and _is_in(address, self._proxies):
                    behind = await self._behind_proxy(line, came)
                    if behind is None:
                        return
                    came = behind
                context, hello = await self._first_bytes(line, came)
            await self._hand_over(line, replace(came, hello=hello) if hello else came, context, until)
        except _NotSpoken as error:
            self._fail(came, str(error))
        except (OSError, NoHeader) as error:
            self._fail(came, reason_of(error) if line.spoke else NOTHING_SAID)
        except Exception as error:  # noqa: BLE001 - a mistake of ours with one connection must not end the listener
            structlog.get_logger().error(FAILED_EVENT, listener=self.name, exc_info=error)
            self._fail(came, "failed")
        finally:
            if not came.place.held:  # not handed over, or over already
                line.close()
                came.place.leave()

    def _fail(self, came: Arrival, reason: str) -> None:
        self._arrivals.failed(self.name, reason, came.address)

    async def _behind_proxy(self, line: _Line, came: Arrival) -> Arrival | None:
        """Take the PROXY header off: the arrival of the client it names, or None where that may not come in."""
        needed = 1
        while isinstance(header := proxy_protocol.read(await line.peek(needed)), proxy_protocol.Incomplete):
            needed = header.needed
        line.take(header.size)
        if header.address is None:  # a health check: the proxy itself is the client
            return came
        came.place.leave()
        address = canonical(header.address)
        place = self._enter(line.sock, address)
        return None if place is None else replace(came, address=address, port=header.port, place=place)

    async def _first_bytes(self, line: _Line, came: Arrival) -> tuple[ssl.SSLContext | None, str]:
        """Look at what comes first; the TLS context it asks for and what it offers, or None for plain HTTP."""
        if self._context is None:
            if _is_tls(await line.peek(1)):
                self._arrivals.failed(self.name, "tls_on_plain", came.address)  # and the parser says 400
            return None, ""
        needed = 1
        while isinstance(hello := client_hello.read(await line.peek(needed)), client_hello.Incomplete):
            needed = hello.needed
        if isinstance(hello, client_hello.Foreign):
            raise _NotSpoken("plain_http" if hello.http else "not_tls")
        return self._context(hello), hello.offer

    async def _hand_over(self, line: _Line, came: Arrival, context: ssl.SSLContext | None, until: float) -> None:
        loop = asyncio.get_running_loop()
        line.handed_over = True
        transport, _ = await loop.connect_accepted_socket(
            lambda: self._protocol(came),
            line.sock,
            ssl=context,
            ssl_handshake_timeout=max(_LEAST_S, until - loop.time()) if context else None,
            ssl_shutdown_timeout=_SHUTDOWN_S if context else None,
        )
        if not came.place.held:
            raise ConnectionResetError  # it went away while it was let in
        if self._banned(came.address):  # since it came: whoever shuts out closes only what has been handed over
            transport.abort()
            self._arrivals.refused(self.name, BANNED, came.address)
            return
        if context is not None:
            agreed = transport.get_extra_info("ssl_object")
            self._arrivals.agreed(self.name, agreed.version() or "", resumed=bool(agreed.session_reused))
        self._arrivals.admitted(self.name)


class _NotSpoken(Exception):
    """What comes is not what is spoken here; in one word."""


class _Line:
    """A connection's socket, and what has been seen of it."""

    __slots__ = ("handed_over", "sock", "spoke")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.spoke = False  # the other side has sent anything at all
        self.handed_over = False  # to a transport, which closes it

    def take(self, size: int) -> None:
        """Take *size* bytes, which have arrived, off the connection."""
        self.sock.recv(size)

    async def peek(self, at_least: int) -> bytes:
        """What has arrived, without taking it, once that is *at_least* so many bytes. Raises ConnectionResetError."""
        for wait_s in chain(_DRIBBLE_S, repeat(_DRIBBLE_S[-1])):
            try:
                data = self.sock.recv(_PEEK_BYTES, socket.MSG_PEEK)
            except (BlockingIOError, InterruptedError):
                await self._readable()
                continue
            if not data:
                raise ConnectionResetError
            self.spoke = True
            if len(data) >= at_least:
                return data
            await asyncio.sleep(wait_s)  # it is readable already, only not enough: the loop cannot tell us of more
        raise AssertionError  # the waits have no end

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self.sock, _done, ready)
        try:
            await ready
        finally:
            loop.remove_reader(self.sock)

    def close(self) -> None:
        """Close it, unless a transport does."""
        if not self.handed_over:
            self.sock.close()


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)


def _is_tls(data: bytes) -> bool:
    return data[:1] == b"\x16"


def _reset(sock: socket.socket) -> None:
    """Close without a farewell: the system keeps nothing of it, and the other side learns at once."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    sock.close()
