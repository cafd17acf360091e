"""
What other programs are told about, and tell us: `ActiveBan`, one network that is shut out, by whom, why, until when.

`active` picks them from decisions, `disjoint` lays them side by side, for programs that take no overlap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import inf

from provserver.monitor.decision import Decision, Measure, Origin, Scope

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveBan:
    """*until* in seconds since 1970 UTC, None: until somebody ends it. *reason* is one word or what a person said."""

    network: Network
    origin: Origin
    reason: str
    until: float | None

    @property
    def target(self) -> str:
        """The network as other programs write it: a whole address without its length."""
        whole = self.network.prefixlen == self.network.max_prefixlen
        return str(self.network.network_address if whole else self.network)


def active(decisions: Iterable[Decision], now: float) -> list[ActiveBan]:
    """
    The bans among *decisions* that hold at *now*, in order of their networks.

    Left out: milder measures, MACs and devices (no firewall sees them), and what is only simulated. A source that is no
    address is left out, too: nothing else could enforce it.
    """
    found = []
    for decision in decisions:
        if decision.measure is not Measure.BAN or decision.scope not in (Scope.ADDRESS, Scope.PREFIX):
            continue
        if decision.simulated or (decision.until is not None and decision.until <= now):
            continue
        try:
            network = ip_network(decision.value, strict=False)
        except ValueError:
            continue
        found.append(ActiveBan(network=network, origin=decision.origin, reason=decision.reason, until=decision.until))
    return sorted(found, key=_place)


def disjoint(bans: Iterable[ActiveBan]) -> list[ActiveBan]:
    """
    The same networks until the same times, without overlap, in order.

    Where one lies within another, the longer-lasting holds: the other is cut around it, because lengthening the larger
    would shut out strangers, and shortening the smaller would let an attacker in.
    """
    laid: dict[Network, ActiveBan] = {}
    starts: dict[int, list[tuple[int, int]]] = {4: [], 6: []}  # version → first and last address, in order
    longest_first = sorted(bans, key=lambda ban: (-_end(ban), ban.network.prefixlen))
    for ban in longest_first:
        if any(around in laid for around in _around(ban.network)):
            continue
        taken = starts[ban.network.version]
        for piece in _cut(ban.network, taken):
            laid[piece] = ActiveBan(network=piece, origin=ban.origin, reason=ban.reason, until=ban.until)
            insort(taken, _range(piece))
    return sorted(laid.values(), key=_place)


def _cut(network: Network, taken: list[tuple[int, int]]) -> list[Network]:
    """*network* without what is *taken* of it."""
    first, last = _range(network)
    if bisect_left(taken, (first, 0)) == bisect_right(taken, (last, last)):
        return [network]
    if (first, last) in taken[bisect_left(taken, (first, last)) :][:1]:
        return []
    halves = network.subnets()
    return [piece for half in halves for piece in _cut(half, taken)]


def _around(network: Network) -> Iterable[Network]:
    """*network* and all that hold it."""
    return (network.supernet(new_prefix=length) for length in range(network.prefixlen + 1))


def _range(network: Network) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)


def _end(ban: ActiveBan) -> float:
    return inf if ban.until is None else ban.until


def _place(ban: ActiveBan) -> tuple[int, int, int]:
    return (ban.network.version, int(ban.network.network_address), ban.network.prefixlen)
