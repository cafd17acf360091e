"""
What the phone listener changes in aiohttp's own server: quiet about malformed input, silent about itself, and watched.

Each connection knows whether its peer owes us something: the rest of a body, or the taking of an answer. `watch` closes
those that move less than the least rate for a while; aiohttp has a limit only for the request head.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from itertools import chain, repeat
from typing import Any, cast

from aiohttp import StreamReader, web
from aiohttp.http import RawRequestMessage
from aiohttp.web_protocol import ERROR, RequestHandler

from provserver.clock import Clock
from provserver.http.answers import DateHeader, PhoneAnswer
from provserver.http.connection import Arrival
from provserver.http.request import PhoneRequest
from provserver.unacknowledged import unacknowledged

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
        self._come_bytes = self._given_bytes = 0  # in this window: what has come in, and what we have given out
        # That the peer had yet to take when the window began. Only the system knows, and most requests are over before
        # anybody wants to: None until the first look.
        self._waiting_bytes: int | None = 0
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
        outstanding = None if self.overdue else unacknowledged(self.transport)
        self.lost_whole = not self.overdue and (exc is None if outstanding is None else outstanding == 0)
        self._line = None
        self._place.leave()
        self._server.watched.discard(self)
        super().connection_lost(exc)

    async def start(self) -> None:
        """
        Answer one request after the other, until nobody asks any more.

        aiohttp's own makes a task, a request and a writer for each, of which no phone needs any; that took as long as
        everything between reading and writing a byte.
        """
        while not self._force_close:
            if not self._messages:
                self._waiter = self._loop.create_future()
                try:
                    await self._waiter
                finally:
                    self._waiter = None
            if not await self._serve_one():
                break
        if not self._force_close:
            self._task_handler = None
            if self.transport is not None:
                self.transport.close()

    async def _serve_one(self) -> bool:
        """Answer the next request; whether another may follow. What was answered is gone when this returns."""
        message, payload = self._messages.popleft()
        if self._parser is not None:
            self._parser.message_consumed()
        if self._buffer_paused and len(self._messages) <= self._msg_queue_resume_size:
            self._resume_reading_if_drained()
        error = None if isinstance(message, RawRequestMessage) else message.exc
        request = PhoneRequest(message if isinstance(message, RawRequestMessage) else ERROR, payload, self)
        # aiohttp's own, for when the connection ends: it calls `_cancel`, and nothing else.
        self._request_in_progress, self._current_request = True, cast("web.BaseRequest", request)
        try:
            answer = await self._server.answer(request) if error is None else self._bad_request(error)
            if not answer.sent:
                await answer.send(request)
        except ConnectionError:
            return False
        except BaseException:
            self.force_close()
            raise
        finally:
            self._request_in_progress, self._current_request = False, None
            if self._handler_waiter is not None and not self._handler_waiter.done():
                self._handler_waiter.set_result(None)
        # What follows a wish for another protocol, which nobody grants, is not read as HTTP.
        is_last = answer.close or not request.keep_alive or self._upgraded or (self._half_closed and not self._messages)
        if is_last or not (payload.is_eof() or await self._is_read(payload)):
            return False
        self._begin_idling()
        return not (self._close or self._force_close)

    def _bad_request(self, error: BaseException) -> PhoneAnswer:
        """Answer what is not HTTP: always the same bare 400, and nothing of it in the log but that it happened."""
        self._server.malformed(self.peer[0], error)
        return PhoneAnswer(status=HTTPStatus.BAD_REQUEST, date=self._server.date, close=True)

    async def drain(self) -> None:
        """Wait until the peer has taken enough of what was written to be given more; needed when `writing_paused`."""
        if self._paused and self.transport is not None:
            await self._drain_helper()

    def say(self, words: bytes) -> None:
        """Write *words* before the answer, if there is somebody."""
        if self.transport is not None:
            self.transport.write(words)

    async def _is_read(self, payload: StreamReader) -> bool:
        """Whether the rest of a body comes that nobody has read; for a little of it we wait."""
        try:
            async with asyncio.timeout(self._lingering_time):
                while not payload.is_eof():
                    await payload.readany()
        except TimeoutError:
            return False
        return True

    def _begin_idling(self) -> None:
        """Close the connection if the next request takes too long; see aiohttp's `_process_keepalive`."""
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(self._next_keepalive_close_time, self._process_keepalive)

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
        self._come_bytes = self._given_bytes = 0
        self._waiting_bytes = None

    def receiving(self, *, now: float) -> None:
        """From now on its body is awaited; `came` tells of each piece."""
        self._receiving = True
        self.begin_window(now=now)

    def came(self, size_bytes: int) -> None:
        """So much of its body has come in."""
        self._come_bytes += size_bytes

    def gives(self, size_bytes: int) -> None:
        """So much is about to be written."""
        self._given_bytes += size_bytes

    def received(self) -> None:
        """The body is here, or is not awaited any more."""
        self._receiving = False

    def done(self) -> None:
        """The request has been handled; an answer that the peer has not taken yet keeps its limit."""
        self._handling = self._receiving = False
        if not self._unsent:
            self._window_ends = None

    def close_if_slow(self, now: float) -> None:
        """End the connection if a window is over in which its peer owed us something and moved too little."""
        if self._line is None or self._window_ends is None:
            return
        if self._waiting_bytes is None:
            self._waiting_bytes, self._given_bytes = self._waiting, 0
        if self._window_ends >= now:
            return
        if not self._handling and not self._unsent:
            self._window_ends = None
            return
        waiting = self._waiting
        moved = self._come_bytes + self._given_bytes + self._waiting_bytes - waiting
        owes = self._receiving or waiting > 0  # else it is we who take long
        self.begin_window(now=now)
        self._waiting_bytes = waiting
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
        return self._unsent + (unacknowledged(self._line) or 0)

    @property
    def _unsent(self) -> int:
        """Bytes that wait in this process until the peer takes what was sent before."""
        return self._line.get_write_buffer_size() if self._line is not None else 0


class PhoneServer(web.Server):
    """
    The listener's protocol factory. *malformed* is told of every request that could not be parsed: from whom, and why.

    A peer that owes us something has to move *least_rate* bytes a second, measured over windows of *window_s*.
    """

    def __init__(
        self,
        answer: Callable[[PhoneRequest], Awaitable[PhoneAnswer]],
        *,
        idle_s: float,
        window_s: float,
        least_rate: int,
        date: DateHeader,
        malformed: Callable[[str, BaseException], None],
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
        super().__init__(_not_by_aiohttp, **self._options)
        self.answer = answer
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


async def _not_by_aiohttp(request: web.BaseRequest) -> web.StreamResponse:
    """Requests go to `PhoneServer.answer`; see `PhoneConnection.start`."""
    raise NotImplementedError


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
        if handed_over and not unacknowledged(transport):
            return True
    raise AssertionError  # the waits have no end
