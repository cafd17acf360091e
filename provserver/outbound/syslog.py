"""
Syslog messages out: `record`, one message of RFC 5424, and `SyslogReceiver`, which carries them there.

Over TCP and TLS every message is preceded by its length (RFC 6587 3.4.1, RFC 5425 4.3), so nothing in it can end it.
Each batch has a connection of its own, which is closed from our side and waited for: syslog has no acknowledgement, and
the receiver's end of the connection is the only word that it has read what it was sent. UDP and datagram sockets have
not even that.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from provserver.clock import iso
from provserver.errors import PeerError
from provserver.unacknowledged import unacknowledged

Kind = Literal["udp", "tcp", "tls", "unix"]

# A receiver must take 480 octets and should take 2,048 (RFC 5424 6.1); what is longer may be cut by it, at its end.
_DATAGRAM_BYTES = 8_192
_PARTING_S = 2.0  # that a receiver may take to close its side; some never do
_LOOK_S = 0.01  # between two looks at what has arrived
_READ_BYTES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What stands in the head of every message: *priority* is facility × 8 at least (RFC 5424 6.2.1)."""

    facility: int
    host: str
    process: str


def record(message: str, *, origin: Origin, severity: int, at_ms: int, kind: str) -> bytes:
    """
    *message* as one message of RFC 5424, without anything in front or behind; *kind* is its MSGID, *severity* 0 to 7.

    The text is sent as it is, UTF-8 without a byte order mark: as MSG-ANY, which RFC 5424 6.4 allows and which readers
    of CEF, who look for its first letters, understand.
    """
    host, process = _name(origin.host, 255), _name(origin.process, 128)
    head = f"<{origin.facility * 8 + severity}>1 {iso(at_ms)} {host} provserver {process} {_name(kind, 32)} -"
    return f"{head} {message}".encode("utf-8", "replace")


def _name(text: str, length: int) -> str:
    """A field of the head: printable ASCII without blanks, "-" for nothing."""
    return "".join(character for character in text if "!" <= character <= "~")[:length] or "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogReceiver:
    """Where messages go; *place* is ``host:port`` or the path of a socket. *call_s* limits each batch."""

    kind: Kind
    place: str
    trust: ssl.SSLContext
    connect_s: float
    call_s: float

    @classmethod
    def at(cls, target: str, *, trust: ssl.SSLContext, connect_s: float, call_s: float) -> SyslogReceiver:
        """The one that a *target* such as ``tls://host:6514`` or ``unix:///dev/log`` means."""
        parts = urlsplit(target)
        kind: Kind = {"udp": "udp", "tcp": "tcp", "tls": "tls", "unix": "unix"}[parts.scheme]  # type: ignore[assignment]
        place = parts.path if kind == "unix" else parts.netloc
        return cls(kind=kind, place=place, trust=trust, connect_s=connect_s, call_s=call_s)

    async def send(self, records: Sequence[bytes]) -> None:
        """Send *records* in their order. Raises PeerError when that failed; then some may have arrived."""
        try:
            async with asyncio.timeout(self.call_s):
                if self.kind in ("tcp", "tls"):
                    await self._stream(records)
                else:
                    await self._datagrams(records)
        except ssl.SSLCertVerificationError:
            raise PeerError("its certificate is not believed") from None
        except TimeoutError:
            raise PeerError("it does not answer in time") from None
        except OSError as error:
            raise PeerError(f"it cannot be sent to: {error.strerror or type(error).__name__}") from None

    async def _stream(self, records: Sequence[bytes]) -> None:
        host, _, port = self.place.rpartition(":")
        tls = self.trust if self.kind == "tls" else None
        async with asyncio.timeout(self.connect_s):
            reader, writer = await asyncio.open_connection(
                host.strip("[]"), int(port), ssl=tls, ssl_shutdown_timeout=_PARTING_S if tls else None
            )
        try:
            writer.writelines(b"%d %s" % (len(one), one) for one in records)
            await writer.drain()
            await _arrived(reader, writer)
            if writer.can_write_eof():
                writer.write_eof()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PARTING_S):
                        while await reader.read(_READ_BYTES):
                            pass  # syslog has no answers
        finally:
            writer.close()
        with contextlib.suppress(TimeoutError):  # everything has been acknowledged
            await writer.wait_closed()

    async def _datagrams(self, records: Sequence[bytes]) -> None:
        loop = asyncio.get_running_loop()
        family: int = socket.AF_UNIX
        address: Any = self.place  # of the shape that its family has
        if self.kind == "udp":
            host, _, port = self.place.rpartition(":")
            found = await loop.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
            family, address = found[0][0], found[0][4]
        with socket.socket(family, socket.SOCK_DGRAM) as out:
            out.settimeout(0)
            await loop.sock_connect(out, address)
            for one in records:
                await loop.sock_sendall(out, _cut(one))
            if code := out.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):  # a port of this machine with nobody behind
                raise OSError(code, os.strerror(code))


async def _arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """
    Wait until the receiver's system has acknowledged everything. Raises ConnectionError when it ends before.

    Who accepts and closes without reading answers by a reset instead, and writing alone would not tell.
    """
    while unacknowledged(writer.transport):
        if reader.at_eof() or writer.transport.is_closing():
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        await asyncio.sleep(_LOOK_S)


def _cut(one: bytes) -> bytes:
    """What fits into a datagram, without half a character at its end."""
    return one if len(one) <= _DATAGRAM_BYTES else one[:_DATAGRAM_BYTES].decode("utf-8", "ignore").encode()
