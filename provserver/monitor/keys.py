"""
Under which keys is an event counted? By source, by network, and by what it aims at.

IPv4: the address, its /24. IPv6: the /64, in which every address is free, the /56 and the /48 that providers give to a
customer (RIPE-690). A target is a block of 4,096 MACs (the upper 36 bits, what a carton and a small maker's assignment
fall into), a maker's block (OUI), or one device. Where the operator has given a file, also by autonomous system.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import NamedTuple

from provserver.monitor.event import Event

BLOCK_DIGITS = 9  # 36 bits
OUI_DIGITS = 6
_MAPPED = bytes(10) + b"\xff\xff"  # before the IPv4 address in an IPv6 one
_IPV4_BYTES = 4
_ZERO = b"\x00"


class Source(NamedTuple):
    """Where an event came from: the smallest key, and the next larger two. The same text where there is none larger."""

    source: str
    prefix: str
    network: str


@lru_cache(maxsize=4096)  # an office's phones come one after the other
def source_of(address: str) -> Source:
    """
    The keys of *address* (canonical text). What is no address is its own source: fail closed, it can be limited.

    By the system's own functions: whoever has a /64 comes with another address each time, and `ipaddress` takes ten
    times as long over each.
    """
    text = address.partition("%")[0]  # without the interface of a link-local one
    try:
        packed = inet_pton(AF_INET6 if ":" in text else AF_INET, text)
    except (OSError, ValueError):
        return Source(address, address, address)
    packed = packed.removeprefix(_MAPPED)
    if len(packed) == _IPV4_BYTES:
        text = inet_ntop(AF_INET, packed)
        prefix = f"{text.rpartition('.')[0]}.0/24"
        return Source(text, prefix, prefix)
    return Source(_network(packed, 64), _network(packed, 56), _network(packed, 48))


def _network(packed: bytes, bits: int) -> str:
    return f"{inet_ntop(AF_INET6, packed[: bits // 8].ljust(16, _ZERO))}/{bits}"


def _with_mac(event: Event) -> str:
    return f"{source_of(event.address).source} {event.mac}" if event.mac else ""


def _with_agent(event: Event) -> str:
    return f"{source_of(event.address).source} {event.agent}" if event.agent else ""


def _login(event: Event) -> str:
    """
    A login that was tried; of those by Digest, whose it is.

    A phone with an old password that uses Digest says something else each time: one stubborn phone counts as one.
    """
    return event.mac if _is_hidden(event) else event.tried


def _password(event: Event) -> str:
    """A login that was tried where it can be told from others; by Digest it cannot."""
    return "" if _is_hidden(event) else event.tried


def _is_hidden(event: Event) -> bool:
    return event.tried.startswith("digest ")


# Under which key an event is counted, and what makes it different from others with that key; empty: it has none.
KINDS: dict[str, Callable[[Event], str]] = {
    "source": lambda event: source_of(event.address).source,
    "prefix": lambda event: source_of(event.address).prefix,
    "network": lambda event: source_of(event.address).network,
    "system": lambda event: event.system,
    "block": lambda event: event.mac[:BLOCK_DIGITS],
    "oui": lambda event: event.mac[:OUI_DIGITS],
    "device": lambda event: event.mac if event.device else "",
    "tenant": lambda event: event.tenant,
    "source+mac": _with_mac,
    "source+agent": _with_agent,
}
VALUES: dict[str, Callable[[Event], str]] = {
    "mac": lambda event: event.mac,
    "source": lambda event: source_of(event.address).source,
    "prefix": lambda event: source_of(event.address).prefix,
    "system": lambda event: event.system,
    "token": lambda event: event.token,
    "tried": lambda event: event.tried,
    "login": _login,
    "password": _password,
    "tenant": lambda event: event.tenant,
    "path": lambda event: event.path,
    "device": lambda event: event.device,
    "any": lambda event: event.tried or event.token or event.mac or event.path,
}
