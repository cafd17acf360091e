"""
What does a TLS client say before anything is agreed? `read` looks at the first bytes of a connection.

It needs the host name that is asked for and the highest version, because they choose the context; and it has to know
what is no TLS at all. Nothing is decoded beyond that: OpenSSL reads the same bytes again and judges the rest. What is
offered is hashed: phones of one maker and firmware offer the same, and programs that pretend to be them do not.
Formats: RFC 8446 4.1.2 and 5.1, RFC 6066 3; the old framing is RFC 5246 E.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from hashlib import blake2b

MAX_BYTES = 8_192  # browsers of today with post-quantum keys send 1.8 kB, phones 100 to 500 bytes
MAX_RECORDS = 16  # a hello may be cut into records; into so many it is an attack
_HANDSHAKE_RECORD, _CLIENT_HELLO = 22, 1
_RECORD_HEAD, _MESSAGE_HEAD = 5, 4
_SERVER_NAME, _SUPPORTED_VERSIONS = 0, 43  # extensions
_TELLING = (10, 13)  # groups and signatures: lists of 16-bit numbers behind their length
# The same program sends these or not: with a name, padded, resuming a session, after a retry (RFC 7685, 5077, 8446).
_PASSING = frozenset({_SERVER_NAME, 21, 35, 41, 42, 44})
_OFFER_BYTES = 8
_GREASE = frozenset(0x0A0A + step * 0x1010 for step in range(16))
_HOST_NAME = 0  # the only kind of server name there is
_MAX_NAME = 253  # characters of a name in the DNS
_OLD_FRAMING = 0x80
_BEFORE_SESSION = 2 + 32  # version and random
_number, _extension = struct.Struct(">H").unpack_from, struct.Struct(">HH").unpack_from  # kind and size
_METHODS = (b"GET ", b"HEAD", b"PUT ", b"POST", b"OPTI", b"DELE", b"CONN", b"TRAC", b"PATC", b"PRI ")
_NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-._")
SSL3, TLS1_3 = 0x0300, 0x0304


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """
    *server_name* in lower case, empty without one; *highest* the best version it knows, as on the wire (0x0303).

    *offer* is a hash of what the client's program always offers: ciphers, kinds of extensions, groups and signatures,
    whatever the name and whether or not it resumes a session (the idea is JA4's). Empty where it was not made.
    """

    server_name: str
    highest: int
    offer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """More bytes have to come: *needed* in all, as far as can be told by now."""

    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """No ClientHello: *http* if it looks like a request in plain text."""

    http: bool = False


def read(data: bytes) -> ClientHello | Incomplete | Foreign:
    """Read the beginning of a connection, never more than MAX_BYTES of it. Total: no input raises."""
    if not data:
        return Incomplete(needed=1)
    if data[0] != _HANDSHAKE_RECORD:
        return _other(data)
    body = bytearray()
    at = 0
    for _ in range(MAX_RECORDS):
        fragment = _fragment(data, at)
        if not isinstance(fragment, bytes):
            return fragment
        at += _RECORD_HEAD + len(fragment)
        body += fragment
        length = int.from_bytes(body[1:_MESSAGE_HEAD]) if len(body) >= _MESSAGE_HEAD else MAX_BYTES
        if len(body) >= _MESSAGE_HEAD + length:
            return _hello(bytes(body[_MESSAGE_HEAD : _MESSAGE_HEAD + length]))
    return Foreign()


def _fragment(data: bytes, at: int) -> bytes | Incomplete | Foreign:
    """What the record at *at* holds."""
    start = at + _RECORD_HEAD
    if len(data) < start:
        return _more(start)
    size = int.from_bytes(data[at + 3 : start])
    if data[at] != _HANDSHAKE_RECORD or data[at + 1] != SSL3 >> 8 or size == 0:
        return Foreign()
    if at == 0 and len(data) > start and data[start] != _CLIENT_HELLO:
        return Foreign()
    return data[start : start + size] if len(data) >= start + size else _more(start + size)


class _Cut(Exception):
    """A length points beyond the end."""


class _Reader:
    """Takes fields from *data*, front to back; raises _Cut where there is not enough."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise _Cut
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, length_size: int) -> bytes:
        return self.take(self.number(length_size))


def _hello(body: bytes) -> ClientHello | Foreign:
    """Go over the fields without taking them: this is done for each connection, and only two of them matter."""
    try:
        at = _BEFORE_SESSION
        at += 1 + body[at]
        ciphers = body[at + 2 : at + 2 + _number(body, at)[0]]
        at += 2 + _number(body, at)[0]
        at += 1 + body[at]  # compression
        if at > len(body):
            return Foreign()
        extensions = _Reader(body[at:]).vector(2) if at < len(body) else b""
        return _with_extensions(_number(body, 0)[0], extensions, ciphers)
    except (_Cut, IndexError, struct.error):
        return Foreign()


def _with_extensions(highest: int, extensions: bytes, ciphers: bytes) -> ClientHello:
    name, at, end = "", 0, len(extensions)
    offered: dict[int, bytes] = {}
    kinds: list[int] = []
    while at < end:
        kind, size = _extension(extensions, at)
        at += 4 + size
        if at > end:
            raise _Cut
        if kind == _SERVER_NAME:
            name = _server_name(_Reader(extensions[at - size : at]))
        elif kind == _SUPPORTED_VERSIONS:
            versions = _Reader(extensions[at - size : at]).vector(1)
            known = [_number(versions, place)[0] for place in range(0, len(versions) - 1, 2)]
            highest = max([highest, *(version for version in known if version <= TLS1_3)])  # above: GREASE, drafts
        elif kind in _TELLING:
            offered[kind] = _said(extensions[at - size + 2 : at])
        if kind not in _PASSING and kind not in _GREASE:
            kinds.append(kind)
    parts = [highest.to_bytes(2), _said(ciphers), *(b"%d" % kind for kind in sorted(kinds))]
    parts += [offered.get(kind, b"") for kind in _TELLING]
    offer = blake2b(b"|".join(parts), digest_size=_OFFER_BYTES).hexdigest()
    return ClientHello(server_name=name, highest=highest, offer=offer)


def _said(numbers: bytes) -> bytes:
    """A list of 16-bit numbers without those that mean nothing and change every time (RFC 8701)."""
    read = struct.unpack(f">{len(numbers) // 2}H", numbers[: len(numbers) // 2 * 2])
    if _GREASE.isdisjoint(read):
        return numbers
    return b"".join(number.to_bytes(2) for number in read if number not in _GREASE)


def _server_name(content: _Reader) -> str:
    """The first host name; empty for what is none. It chooses among names that we know, and is never written down."""
    names = _Reader(content.vector(2)) if content.left else content
    while names.left:
        kind, name = names.number(1), names.vector(2).lower()
        if kind == _HOST_NAME:
            fits = len(name) <= _MAX_NAME and _NAME_BYTES.issuperset(name)
            return name.decode("ascii").rstrip(".") if fits else ""
    return ""


def _other(data: bytes) -> ClientHello | Incomplete | Foreign:
    """What does not begin with a handshake record: plain HTTP, the framing of SSL 2, or anything."""
    start = data[:4]
    if any(method.startswith(start) for method in _METHODS):
        return Foreign(http=True) if len(start) == 4 else Incomplete(needed=4)  # noqa: PLR2004 - what was sliced
    if data[0] & _OLD_FRAMING:
        # TLS in the framing of SSL 2: what the oldest phones greet with before they know who answers.
        if len(data) < 5:  # noqa: PLR2004 - length, kind, version
            return Incomplete(needed=5)
        if data[2] == _CLIENT_HELLO and data[3] == SSL3 >> 8:
            return ClientHello(server_name="", highest=int.from_bytes(data[3:5]))
    return Foreign()


def _more(needed: int) -> Incomplete | Foreign:
    return Incomplete(needed=needed) if needed <= MAX_BYTES else Foreign()
