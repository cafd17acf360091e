"""
What the phone listener changes in aiohttp's own server: quiet about malformed input, silent about itself, and watched.

Each connection knows since when it has been busy with a request. `Watch` closes those that take too long to send a body
or to take an answer; aiohttp has a limit only for the request head.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from provserver.clock import Clock
from provserver.http.answers import DateHeader, PhoneAnswer
from provserver.http.connection import Arrival

_CHECK_S = 1.0  # how exact the limits are
_NO_LINGER = struct.pack("ii", 1, 0)  # linger, for no time: what has not arrived is thrown away
_ACK_WAITS_S = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)  # a delayed acknowledgement takes 40 ms at most


class PhoneConnection(RequestHandler):
    """One connection. *busy_until* is when what is under way must be over (monotonic s); None: nothing is."""

    def __init__(self, server: PhoneServer, arrival: Arrival, **options: Any) -> None:  # noqa: ANN401 - aiohttp's own
        super().__init__(server, **options)
        self._server = server
        self._place = arrival.place
        self.peer = (arrival.address, arrival.port)  # who is connected
        self.legacy = arrival.legacy
        self.tls_version: str | None = None
        self.certificate: bytes | None = None  # the phone's own, DER
        self._line: asyncio.Transport | None = None  # aiohttp forgets it when it closes, whatever still waits in it
        self._handling = False
        self.busy_until: float | None = None
        self.overdue = False  # closed by us because the peer took too long
        self.lost_whole = False  # when it ended, everything that had been written had been acknowledged

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch it."""
        super().connection_made(transport)
        self._line = cast("asyncio.Transport", transport)
        self._place.held = True
        agreed = transport.get_extra_info("ssl_object")
        if agreed is not None:
            self.tls_version = agreed.version()
            self.certificate = agreed.getpeercert(True)  # noqa: FBT003 - the standard library's own signature
        self._server.watched.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Note whether everything had arrived when it ended: asked later, the system has forgotten."""
        outstanding = None if self.overdue else _outstanding(self.transport)
        self.lost_whole = not self.overdue and (exc is None if outstanding is None else outstanding == 0)
        self._line = None
        self._place.leave()
        self._server.watched.discard(self)
        super().connection_lost(exc)

    def busy(self, *, until: float) -> None:
        """A request is under way; it has to be over by then."""
        self._handling = True
        self.busy_until = until

    def done(self) -> None:
        """The request has been handled; an answer that the peer has not taken yet keeps its limit."""
        self._handling = False
        if not self._unsent:
            self.busy_until = None

    def close_if_late(self, now: float) -> None:
        """End the connection if the time of its request, or for taking the answer, is over."""
        if self._line is None or self.busy_until is None or self.busy_until >= now:
            return
        if not self._handling and not self._unsent:
            self.busy_until = None
            return
        self.abort()

    def abort(self) -> None:
        """End the connection at once; what the peer has not taken is thrown away."""
        if self._line is None:
            return
        self.overdue = True
        sock = self._line.get_extra_info("socket")
        if sock is not None:  # else the system would go on holding, and offering, what the peer does not take
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._line.abort()

    @property
    def _unsent(self) -> int:
        """Bytes that wait in this process until the peer takes what was sent before."""
        return self._line.get_write_buffer_size() if self._line is not None else 0

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is not HTTP: always the same bare 400, and nothing of it in the log but that it happened."""
        del status, message
        self._server.malformed(request, exc)
        return PhoneAnswer(status=HTTPStatus.BAD_REQUEST, date=self._server.date, close=True)


class PhoneServer(web.Server):
    """The listener's protocol factory. *malformed* is told of every request that could not be parsed."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        idle_s: float,
        date: DateHeader,
        malformed: Callable[[web.BaseRequest, BaseException | None], None],
    ) -> None:
        self._options: dict[str, Any] = {
            "keepalive_timeout": idle_s,  # aiohttp's default of an hour is also its only limit for the request head
            "lingering_time": 1.0,
            "access_log": None,  # one canonical line is written by the handler
            "auto_decompress": False,  # no phone compresses what it sends; a bomb would
            "max_line_size": 2048,
            "max_field_size": 4096,
            "max_headers": 64,
        }
        super().__init__(handler, **self._options)
        self.date = date
        self.malformed = malformed
        self.watched: set[PhoneConnection] = set()

    def connection(self, arrival: Arrival) -> PhoneConnection:
        """The protocol of a connection that has been let in."""
        return PhoneConnection(self, arrival, loop=asyncio.get_running_loop(), **self._options)

    def shut_out(self, banned: Callable[[str], bool]) -> None:
        """Close the connections of whom *banned* says so: who is in already would go on asking."""
        for connection in tuple(self.watched):
            if banned(connection.peer[0]):
                connection.abort()

    async def watch(self, clock: Clock) -> None:
        """Close connections whose request, or whose peer's taking of the answer, takes too long; until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_S)
            now = clock.monotonic()
            for connection in tuple(self.watched):
                connection.close_if_late(now)


async def arrived(connection: PhoneConnection, *, within_s: float) -> bool:
    """
    Whether everything written to *connection* has arrived: the peer's TCP has acknowledged the last byte.

    That is what the system can know of "delivered completely". False when the connection broke, or *within_s* is over.
    """
    transport = connection.transport
    handed_over = False  # to the system: until then a lost connection has lost what we had not yet sent
    waited_s = 0.0
    for wait_s in (0.0, *_ACK_WAITS_S, *[0.1] * int(within_s * 10)):
        if wait_s:
            await asyncio.sleep(wait_s)
            waited_s += wait_s
        if connection.transport is None or transport is None:
            return handed_over and connection.lost_whole
        handed_over = transport.get_write_buffer_size() == 0
        if handed_over and not _outstanding(transport):
            return True
        if waited_s > within_s:
            return False
    return False


def _outstanding(transport: asyncio.WriteTransport | None) -> int | None:
    """Bytes that the peer has not acknowledged; None where the system cannot tell."""
    sock = transport.get_extra_info("socket") if transport is not None else None
    if sock is None or sys.platform != "linux" or sock.fileno() < 0:
        return None
    try:
        return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
    except OSError:
        return None
