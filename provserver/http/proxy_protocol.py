"""
Who is the client behind a proxy that passes bytes through? The PROXY protocol's header, versions 1 and 2.

`read` takes the first bytes of a connection that comes from a configured proxy; nobody else is ever asked for one.
Source: "The PROXY protocol, versions 1 & 2" (proxy-protocol.txt, 2020-03-05).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

MAX_BYTES = 2_048  # version 2 allows 64 kB of extras; HAProxy with everything on sends some hundred bytes
_V1_MAX = 107  # the specification's own worst case, line end included
_V1, _V2 = b"PROXY ", b"\r\n\r\n\x00\r\nQUIT\n"
_V2_HEAD = 16
_FAMILIES = {1: (4, 12), 2: (16, 36)}  # IPv4, IPv6: bytes of one address, of both with their ports
_STREAM = 1
_PORT = re.compile(rb"[0-9]{1,5}")
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyHeader:
    """*size* bytes to take off the connection. *address* None: the proxy speaks for itself (a health check)."""

    size: int
    address: str | None = None
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """More bytes have to come: *needed* in all, as far as can be told by now."""

    needed: int


class NoHeader(Exception):
    """A proxy that was to send a header sent something else."""


def read(data: bytes) -> ProxyHeader | Incomplete:
    """Read the header at the beginning of *data*. Raises NoHeader, and nothing else whatever it is given."""
    if data.startswith(_V2):
        return _version_2(data)
    if _V2.startswith(data) or _V1.startswith(data):
        return Incomplete(needed=len(data) + 1)
    if data.startswith(_V1):
        return _version_1(data)
    raise NoHeader


def _version_1(data: bytes) -> ProxyHeader | Incomplete:
    line, end, _ = data[:_V1_MAX].partition(b"\r\n")
    if not end:
        if len(data) >= _V1_MAX:
            raise NoHeader
        return Incomplete(needed=len(data) + 1)
    size = len(line) + 2
    words = line.split(b" ")
    if words[1] == b"UNKNOWN":  # whatever follows is to be ignored
        return ProxyHeader(size=size)
    if len(words) != 6 or words[1] not in (b"TCP4", b"TCP6"):  # noqa: PLR2004 - PROXY, family, two addresses, two ports
        raise NoHeader
    form = ipaddress.IPv4Address if words[1] == b"TCP4" else ipaddress.IPv6Address
    try:
        source, _ = (form(word.decode("ascii")) for word in words[2:4])
    except ValueError:
        raise NoHeader from None
    # A zone ("fe80::1%eth0") is Python's extension: the specification has none, and it may hold any byte.
    if b"%" in words[2] + words[3] or not all(_PORT.fullmatch(port) and int(port) <= _MAX_PORT for port in words[4:]):
        raise NoHeader
    return ProxyHeader(size=size, address=str(source), port=int(words[4]))


def _version_2(data: bytes) -> ProxyHeader | Incomplete:
    if len(data) < _V2_HEAD:
        return Incomplete(needed=_V2_HEAD)
    version, command = data[12] >> 4, data[12] & 0x0F
    family, transport = data[13] >> 4, data[13] & 0x0F
    size = _V2_HEAD + int.from_bytes(data[14:16])
    if version != 2 or command > 1 or size > MAX_BYTES:  # noqa: PLR2004 - the version's number
        raise NoHeader
    if len(data) < size:
        return Incomplete(needed=size)
    if command == 0:  # LOCAL: the proxy itself, whatever the rest says
        return ProxyHeader(size=size)
    if family not in _FAMILIES or transport != _STREAM:
        raise NoHeader  # fail closed: of a client without an address nothing could be said or limited
    address_size, block = _FAMILIES[family]
    if size < _V2_HEAD + block:
        raise NoHeader
    source = ipaddress.ip_address(data[_V2_HEAD : _V2_HEAD + address_size])
    port_at = _V2_HEAD + 2 * address_size
    return ProxyHeader(size=size, address=str(source), port=int.from_bytes(data[port_at : port_at + 2]))
