"""
`PhoneAnswer`: one answer as bytes on the wire, head and body in one write.

A phone needs few headers, and aiohttp's own response takes longer to put them together than the server takes to decide
what to answer. It also says what runs here, in which version; this says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})  # RFC 9110 15.3.5, 15.4.5: and no length either
_HTTP_1_1 = (1, 1)
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


class PhoneAnswer(web.StreamResponse):
    """
    An answer that is written at once. *fields* are further header lines, each with its line end.

    Their values come from our own code and from nothing that a client sent: nobody can put a line into them.
    """

    def __init__(
        self, *, status: int, date: DateHeader, fields: str = "", body: bytes = b"", close: bool = False
    ) -> None:
        super().__init__(status=status)
        self._date = date
        self._fields = fields
        self._content = body
        self._length = len(body)
        self._written = False
        if close:
            self.force_close()

    @property
    def prepared(self) -> bool:
        """Whether it has been written."""
        return self._written

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write it, once; ConnectionResetError when there is nobody left to write to."""
        if self._written:
            return None
        self._written = True
        transport = request.transport
        if transport is None or transport.is_closing():
            msg = "the client has gone"
            raise ConnectionResetError(msg)
        keep_alive = self._keep_alive
        if keep_alive is None:
            keep_alive = self._keep_alive = request.keep_alive
        is_1_1 = request.version >= _HTTP_1_1
        status = self.status
        length = "" if status in _BODILESS else f"Content-Length: {self._length}\r\n"
        connection = "" if keep_alive is is_1_1 else _CONNECTION[bool(keep_alive)]
        head = (
            f"HTTP/1.{1 if is_1_1 else 0} {status} {_REASONS[status]}\r\n"
            f"{self._fields}{length}Date: {self._date()}\r\n{connection}\r\n"
        ).encode("latin-1")
        transport.write(head if request.method == "HEAD" else head + self._content)
        await request.writer.drain()  # who takes no answers is not given more of them
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""
