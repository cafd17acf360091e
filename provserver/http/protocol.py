"""
What the phone listener changes in aiohttp's own server: quiet about malformed input, silent about itself, and watched.

Each connection knows whether its peer owes us something: the rest of a body, or the taking of an answer. `watch` closes
those that move less than the least rate for a while; aiohttp has a limit only for the request head.
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
from itertools import chain, repeat
from typing import Any, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from provserver.clock import Clock
from provserver.http.answers import DateHeader, PhoneAnswer
from provserver.http.connection import Arrival

_CHECK_S = 1.0  # how exact the limits are
_NO_LINGER = struct.pack("ii", 1, 0)  # linger, for no time: what has not arrived is thrown away
_ACK_WAITS_S = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)  # a delayed acknowledgement takes 40 ms at most
_LONG_WAIT_S = 0.1


class PhoneConnection(RequestHandler):
    """One connection. While a request is under way, `close_if_slow` judges each window of time by what has moved."""

    def __init__(self, server: PhoneServer, arrival: Arrival, **options: Any) -> None:  # noqa: ANN401 - aiohttp's own
        super().__init__(server, **options)
        self._server = server
        self._place = arrival.place
        self.peer = (arrival.address, arrival.port)  # who is connected
        self.legacy = arrival.legacy
        self.hello = arrival.hello  # the hash of what the TLS client offers
        self.tls_version: str | None = None
        self.certificate: bytes | None = None  # the phone's own, DER
        self._line: asyncio.Transport | None = None  # aiohttp forgets it when it closes, whatever still waits in it
        self._handling = False
        self._receiving = False  # a body, from a peer that may be slow on purpose
        self._window_ends: float | None = None  # monotonic s; None: nothing is under way
        self._moved_bytes = 0  # that have come in in this window, and that we have given out
        self._waiting_bytes = 0  # that the peer had yet to take when the window began
        self._half_closed = False
        self.overdue = False  # closed by us because the peer was too slow
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

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's protocols may say "do not close yet"
        """The peer sends nothing more; what it has asked is answered first. TLS knows no half-closed connection."""
        under_way = self._waiter is None or bool(self._messages)  # aiohttp's own: it does not wait for a request
        self._half_closed = under_way and not self._receiving and self.tls_version is None
        return self._half_closed

    def busy(self, *, now: float) -> None:
        """A request is under way."""
        self._handling = True
        if not self._unsent:  # else the time for taking the last answer would begin again with every new request
            self.begin_window(now=now)

    def begin_window(self, *, now: float) -> None:
        """Judge it from now on, whatever it has been slow with before."""
        self._window_ends = now + self._server.window_s
        self._moved_bytes, self._waiting_bytes = 0, self._waiting

    def receiving(self, *, now: float) -> None:
        """From now on its body is awaited; `moved` tells of each piece."""
        self._receiving = True
        self.begin_window(now=now)

    def moved(self, size_bytes: int) -> None:
        """So much has come in, or is about to be written."""
        self._moved_bytes += size_bytes

    def received(self) -> None:
        """The body is here, or is not awaited any more."""
        self._receiving = False

    def done(self) -> None:
        """The request has been handled; an answer that the peer has not taken yet keeps its limit."""
        self._handling = self._receiving = False
        if not self._unsent:
            self._window_ends = None
        if self._half_closed and not self._messages:
            self.close()

    def close_if_slow(self, now: float) -> None:
        """End the connection if a window is over in which its peer owed us something and moved too little."""
        if self._line is None or self._window_ends is None or self._window_ends >= now:
            return
        if not self._handling and not self._unsent:
            self._window_ends = None
            return
        waiting = self._waiting
        moved = self._moved_bytes + self._waiting_bytes - waiting
        owes = self._receiving or waiting > 0  # else it is we who take long
        self.begin_window(now=now)
        if owes and moved < self._server.least_bytes:
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
    def _waiting(self) -> int:
        """Bytes that were written and have not arrived."""
        return self._unsent + (_outstanding(self._line) or 0)

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
    """
    The listener's protocol factory. *malformed* is told of every request that could not be parsed.

    A peer that owes us something has to move *least_rate* bytes a second, measured over windows of *window_s*.
    """

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        idle_s: float,
        window_s: float,
        least_rate: int,
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
        self.window_s = window_s
        self.least_bytes = window_s * least_rate
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
        """Close connections whose peer sends its body, or takes its answer, too slowly; until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_S)
            now = clock.monotonic()
            for connection in tuple(self.watched):
                connection.close_if_slow(now)


async def arrived(connection: PhoneConnection) -> bool:
    """
    Whether everything written to *connection* has arrived: the peer's TCP has acknowledged the last byte.

    That is what the system can know of "delivered completely". False when the connection broke, as it does when the
    peer is too slow.
    """
    transport = connection.transport
    handed_over = False  # to the system: until then a lost connection has lost what we had not yet sent
    for wait_s in chain((0.0,), _ACK_WAITS_S, repeat(_LONG_WAIT_S)):
        if wait_s:
            await asyncio.sleep(wait_s)
        if connection.transport is None or transport is None:
            return handed_over and connection.lost_whole
        handed_over = transport.get_write_buffer_size() == 0
        if handed_over and not _outstanding(transport):
            return True
    raise AssertionError  # the waits have no end


def _outstanding(transport: asyncio.WriteTransport | None) -> int | None:
    """Bytes that the peer has not acknowledged; None where the system cannot tell."""
    sock = transport.get_extra_info("socket") if transport is not None else None
    if sock is None or sys.platform != "linux" or sock.fileno() < 0:
        return None
    try:
        return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
    except OSError:
        return None
