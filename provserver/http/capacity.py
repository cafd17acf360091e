"""
How many connections may there be, and whose? `Capacity` gives out places and takes them back.

One address and one IPv6 network can fill only their own share, and strangers together only what is not kept for
addresses from which phones have shown proofs. So whoever opens connections for their own sake shuts out strangers at
most, never the offices whose phones are known here.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from provserver.http.addresses import Network

_IPV6_NETWORK_BITS = 64  # one customer's smallest network: its owner has every address in it at no cost
KNOWN_ADDRESSES = 65_536  # that are remembered, the latest ones; some 10 MB


class Full(StrEnum):
    """Why there is no place."""

    ADDRESS = "address_full"
    NETWORK = "network_full"
    SERVER = "server_full"


class Place:
    """One connection's place; `leave` gives it back, once. *held*: its protocol has it, and leaves it at its end."""

    __slots__ = ("_capacity", "_keys", "_stranger", "held")

    def __init__(self, capacity: Capacity, keys: tuple[str, ...], *, stranger: bool) -> None:
        self._capacity: Capacity | None = capacity
        self._keys = keys
        self._stranger = stranger
        self.held = False

    def leave(self) -> None:
        """Give the place back; further calls do nothing."""
        capacity, self._capacity = self._capacity, None
        if capacity is not None:
            capacity.left(self._keys, stranger=self._stranger)


class Capacity:
    """
    Places for connections of all listeners together.

    *total* bounds them all, *per_address* and *per_network* those of one address and of one IPv6 /64. Strangers leave
    the part *reserved* of the total to addresses that are `known`. Connections from *shared* networks (proxies that end
    a phone's connection) are bounded by the total only: many phones come from there.
    """

    def __init__(
        self, *, total: int, per_address: int, per_network: int, reserved: float, shared: Sequence[Network] = ()
    ) -> None:
        self._total = total
        self._per_address = per_address
        self._per_network = per_network
        self._for_strangers = total - int(total * reserved)
        self._shared = tuple(shared)
        self._keys = lru_cache(maxsize=4096)(self._keys_of)
        self._taken: dict[str, int] = {}
        self._known: OrderedDict[str, None] = OrderedDict()
        self._strangers = 0
        self.open = 0

    def enter(self, address: str) -> Place | Full:
        """A place for a connection from *address* (canonical text), or why there is none."""
        keys, shared = self._keys(address)
        taken = self._taken
        stranger = not shared and address not in self._known
        # Fail closed: what does not fit is not looked at.
        if self.open >= self._total or (stranger and self._strangers >= self._for_strangers):
            return Full.SERVER
        if keys and taken.get(keys[0], 0) >= self._per_address:
            return Full.ADDRESS
        if len(keys) > 1 and taken.get(keys[1], 0) >= self._per_network:
            return Full.NETWORK
        for key in keys:
            taken[key] = taken.get(key, 0) + 1
        self.open += 1
        self._strangers += stranger
        return Place(self, keys, stranger=stranger)

    def known(self, address: str) -> None:
        """A phone has shown a proof from *address*: it may use what is kept from strangers."""
        known = self._known
        if address in known:
            known.move_to_end(address)
            return
        known[address] = None
        if len(known) > KNOWN_ADDRESSES:
            known.popitem(last=False)

    def left(self, keys: tuple[str, ...], *, stranger: bool) -> None:
        """Take back the place of a connection; `Place` sees to it that this happens once."""
        for key in keys:
            left = self._taken[key] - 1
            if left:
                self._taken[key] = left
            else:
                del self._taken[key]
        self.open -= 1
        self._strangers -= stranger

    def _keys_of(self, address: str) -> tuple[tuple[str, ...], bool]:
        """What connections of *address* are counted under, and whether it is shared by many phones."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return (address,), False
        if any(ip in network for network in self._shared):
            return (), True
        if ip.version == 4:  # noqa: PLR2004 - IP version
            return (address,), False
        return (address, str(ipaddress.ip_network((ip, _IPV6_NETWORK_BITS), strict=False))), False
