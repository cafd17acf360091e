"""
`PhoneAnswer`: one answer as bytes on the wire, head and body in one write.

A phone needs few headers, and aiohttp's own response takes longer to put them together than the server takes to decide
what to answer. It also says what runs here, in which version; this says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

from provserver.http.request import PhoneRequest

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})  # RFC 9110 15.3.5, 15.4.5: and no length either
_CONNECTION = {True: "Connection: keep-alive\r\n", False: "Connection: close\r\n"}


class DateHeader:
    """The present second as RFC 9110 5.6.7 writes it; put together once a second, not once an answer."""

    __slots__ = ("_now_ms", "_second", "_text")

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._second = -1
        self._text = ""

    def __call__(self) -> str:
        """The value of a Date header."""
        second = self._now_ms() // 1000
        if second != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True)
        return self._text


class PhoneAnswer:
    """
    An answer that is written at once. *fields* are further header lines, each with its line end.

    Their values come from our own code and from nothing that a client sent: nobody can put a line into them. *close*:
    the connection ends with it.
    """

    __slots__ = ("_content", "_date", "_fields", "_length", "close", "sent", "status")

    def __init__(
        self, *, status: int, date: DateHeader, fields: str = "", body: bytes = b"", close: bool = False
    ) -> None:
        self.status = status
        self.close = close
        self.sent = False  # also a part of it: then no other answer may follow
        self._date = date
        self._fields = fields
        self._content = body
        self._length = len(body)

    async def send(self, request: PhoneRequest) -> None:
        """Write it; ConnectionResetError when there is nobody left to write to."""
        self.sent = True
        connection = request.connection
        transport = connection.transport
        if transport is None or transport.is_closing():
            msg = "the client has gone"
            raise ConnectionResetError(msg)
        is_1_1, status = request.is_1_1, self.status
        keep_alive = request.keep_alive and not self.close
        length = "" if status in _BODILESS else f"Content-Length: {self._length}\r\n"
        kept = "" if keep_alive is is_1_1 else _CONNECTION[keep_alive]
        head = (
            f"HTTP/1.{1 if is_1_1 else 0} {status} {_REASONS[status]}\r\n"
            f"{self._fields}{length}Date: {self._date()}\r\n{kept}\r\n"
        ).encode("latin-1")
        transport.write(head if request.method == "HEAD" else head + self._content)
        if connection.writing_paused:
            await connection.drain()  # who takes no answers is not given more of them
