"""
Whose request is it? The client's address, behind trusted proxies or without them.

X-Forwarded-For is text that anybody can send. It is read only when the connection itself comes from a trusted proxy,
and then from the right: each trusted proxy vouches for the entry before it, and the first that is not trusted is the
client. What stands further left is the client's own invention.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Network = IPv4Network | IPv6Network


class ClientAddress:
    """Resolves client addresses, given the *trusted* proxies' networks."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._is_trusted = lru_cache(maxsize=4096)(self._look_up)

    def resolve(self, peer: str, forwarded: Sequence[str]) -> str:
        """
        The client's address in canonical text: *peer*'s, or what the proxies at *peer* say in *forwarded*.

        Several header lines count as one list (RFC 9110 5.3). An entry that is no address ends the walk at the proxy
        that sent it: fail closed, the request counts as the proxy's own.
        """
        client = canonical(peer)
        if not forwarded or not self._trusted or not self._is_trusted(client):
            return client
        for entry in reversed([part for line in forwarded for part in line.split(",")]):
            address = _entry(entry)
            if address is None:
                return client
            client = address
            if not self._is_trusted(client):
                return client
        return client

    def trusts(self, peer: str) -> bool:
        """Whether *peer* is a trusted proxy."""
        return bool(self._trusted) and self._is_trusted(canonical(peer))

    def _look_up(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._trusted)


@lru_cache(maxsize=4096)
def canonical(address: str) -> str:
    """*address* in its one canonical text: compressed IPv6, mapped IPv4 as IPv4, no zone. Other texts stay."""
    try:
        return str(_plain(ipaddress.ip_address(address.partition("%")[0])))
    except ValueError:
        return address


def _entry(text: str) -> str | None:
    """One entry of the list: an address, with or without a port (``192.0.2.1:4711``, ``[2001:db8::1]:4711``)."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(_plain(ipaddress.ip_address(text.partition("%")[0])))
    except ValueError:
        return None


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip
