"""XML-RPC, as makers' services speak it: the standard library's marshalling, a parser that expands nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from xml.parsers.expat import ExpatError
from xmlrpc.client import Fault, ResponseError, Unmarshaller, dumps

from defusedxml.common import DefusedXmlException
from defusedxml.xmlrpc import DefusedExpatParser

from provserver.errors import ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel
from provserver.secret import Secret

_PROLOG = "<?xml version='1.0'?>"
_TRUE = frozenset({"1", "true"})


class _Reader(Unmarshaller):
    """Reads what servers of other languages write, too: true and false in words, blanks around values."""

    def end(self, tag: str, join: Callable[[list[str]], str] = "".join) -> None:
        """Take the end of an element: of a boolean as 1 or 0, which is all that the base class knows."""
        if tag == "boolean":
            self._data = ["1" if join(self._data).strip().lower() in _TRUE else "0"]
        super().end(tag)


def encode(method: str, *arguments: str | Sequence[str]) -> bytes:
    """
    The body of a call. No prolog and nothing between the tags.

    That is what the clients send that are known to work with all of these services (H).
    """
    text = dumps(tuple(list(a) if not isinstance(a, str) else a for a in arguments), method)
    return text.removeprefix(_PROLOG).replace("\n", "").encode()


def decode(body: bytes) -> Any:  # noqa: ANN401 - whatever the service sends
    """
    The value in a reply. Raises `Fault` as the service says it, and ServiceUnreachable for what is no reply.

    Fail closed: a document type or an entity ends the reading.
    """
    reader = _Reader()
    parser = DefusedExpatParser(reader, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
        values = reader.close()
    except (ExpatError, ResponseError, DefusedXmlException, ValueError, TypeError, AttributeError, IndexError) as error:
        raise ServiceUnreachable(f"its answer is no XML-RPC ({type(error).__name__})") from None
    if len(values) != 1:
        raise ServiceUnreachable("its answer holds no value")
    return values[0]


def basic(user: str, password: str) -> str:
    """The ``Authorization`` header of HTTP Basic (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class XMLRPC:
    """Calls methods of one service."""

    def __init__(self, channel: Channel, endpoint: str, *, user: str, password: str) -> None:
        self._channel = channel
        self._endpoint = endpoint
        self._headers = {"Authorization": basic(user, password), "Content-Type": "text/xml"}

    async def call(self, method: str, *arguments: str | Sequence[str]) -> Any:  # noqa: ANN401 - see decode
        """Call *method*; raises Fault, and what `Channel.send` does."""
        request = Request(method="POST", url=self._endpoint, headers=self._headers, body=encode(method, *arguments))
        reply = await self._channel.send(lambda: request)
        reply.demand_ok()
        return decode(reply.body)

    async def pair(self, method: str, *arguments: str | Sequence[str]) -> tuple[bool, str]:
        """Call a method that answers with a truth and a text. A fault is a False with its text."""
        try:
            value = await self.call(method, *arguments)
        except Fault as fault:
            return False, f"fault {fault.faultCode}: {fault.faultString}"
        if not isinstance(value, list) or not value or not isinstance(value[0], bool):
            raise ServiceUnreachable("its answer is no pair of a truth and a text")
        return value[0], str(value[1]).strip() if len(value) > 1 else ""


def md5_twice(password: Secret) -> str:
    """The MD5 of the MD5 of *password*, in hex: what Fanvil's service takes as the password (sheet fanvil 9, H)."""
    once = hashlib.md5(password.reveal().encode(), usedforsecurity=False).hexdigest()
    return hashlib.md5(once.encode(), usedforsecurity=False).hexdigest()
