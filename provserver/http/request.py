"""
`PhoneRequest`: one request as aiohttp's parser gives it, and what may be done with its connection.

aiohttp's own request knows cookies, forms, URLs and where it came from. No phone needs them, and making one took as
long as deciding on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import StreamReader
from aiohttp.http import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy

if TYPE_CHECKING:
    from provserver.http.protocol import PhoneConnection

_HTTP_1_1 = (1, 1)
_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())


class PhoneRequest:
    """
    A request on *connection*; *body* is read from as it comes in.

    *target* is path and query as they were sent. *keep_alive*: its sender wants to ask more.
    """

    __slots__ = ("body", "connection", "headers", "is_1_1", "keep_alive", "method", "target")

    def __init__(self, message: RawRequestMessage, body: StreamReader, connection: PhoneConnection) -> None:
        self.method = message.method
        self.target = message.path
        self.headers = message.headers or _NO_HEADERS  # of what was no HTTP, aiohttp has none
        self.is_1_1 = message.version >= _HTTP_1_1
        self.keep_alive = not message.should_close
        self.body = body
        self.connection = connection

    @property
    def body_bytes(self) -> int | None:
        """How long its body says to be."""
        length = self.headers.get("Content-Length")
        return int(length) if length is not None else None  # the parser has let nothing else through

    @property
    def content_type(self) -> str:
        """What its body says to be, in lower case and without parameters; empty if it does not."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def _cancel(self, error: BaseException) -> None:
        """End the wait for the body: aiohttp calls this when the connection ends."""
        self.body.set_exception(error)
