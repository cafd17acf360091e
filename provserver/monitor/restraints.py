"""What is in force now: `Restraints`, asked by the doors for an address or a MAC; a dictionary look-up or two."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from provserver.monitor.decision import Decision, Measure, Scope
from provserver.monitor.keys import BLOCK_DIGITS, OUI_DIGITS, source_of

SEVERITY = {measure: position for position, measure in enumerate(Measure)}
_AT_DOOR = (Scope.ADDRESS, Scope.PREFIX)


class Restraints:
    """
    Decisions in force; of *simulated* ones, those that would be, and no others. Seconds, as decisions have them.

    Prefixes are looked up by what an address belongs to (/24; /64, /56, /48); people's prefixes of other lengths are
    looked up once for each length there is.
    """

    def __init__(self, *, simulated: bool = False) -> None:
        self._simulated = simulated
        self._by_target: dict[tuple[Scope, str], Decision] = {}
        self._at_door: dict[str, Measure] = {}  # by address or prefix, as `source_of` writes them
        self._odd: dict[tuple[int, int], dict[int, Measure]] = {}  # version and bits to drop → network → measure
        self._targets: set[str] = set()  # blocks and OUIs, whatever the measure: more than that there is none
        self._members: Counter[str] = Counter()  # banned addresses by the networks around them
        self._first_end = math.inf  # when the first of them may be over: until then there is nothing to forget

    def replace(self, decisions: Iterable[Decision], now: float) -> None:
        """Have these in force, and no others."""
        self._by_target = {}
        for decision in decisions:
            self._put(decision, now)
        self._index()

    def add(self, decision: Decision, now: float) -> None:
        """Have one more in force, in place of a milder one about the same."""
        known = (decision.scope, decision.value) in self._by_target
        if not self._put(decision, now):
            return
        if known:
            self._index()
        else:
            self._index_one(decision)

    def expire(self, now: float) -> list[Decision]:
        """Forget those whose time is over, and say which."""
        if now < self._first_end:
            return []
        over = [d for d in self._by_target.values() if d.until is not None and d.until <= now]
        for decision in over:
            del self._by_target[decision.scope, decision.value]
        self._first_end = min((d.until for d in self._by_target.values() if d.until is not None), default=math.inf)
        if over:
            self._index()
        return over

    def find(self, scope: Scope, value: str) -> Decision | None:
        """What is in force about *value* itself."""
        return self._by_target.get((scope, value))

    def measure_at(self, address: str) -> Measure | None:
        """The severest measure about an address or a network it is in; None where there is none."""
        if not (self._at_door or self._odd):
            return None
        source = source_of(address)
        found = [self._at_door[key] for key in set(source) if key in self._at_door]
        if self._odd:
            found += self._of_odd(source.source)
        return max(found, key=SEVERITY.__getitem__, default=None)

    def is_banned(self, address: str) -> bool:
        """Whether connections of *address* are closed at accept."""
        return bool(self._at_door or self._odd) and self.measure_at(address) is Measure.BAN

    def is_locked_down(self, mac: str) -> bool:
        """Whether devices of this block, or of this maker's block, get nothing without a proof of their own."""
        targets = self._targets
        return bool(targets) and (mac[:BLOCK_DIGITS] in targets or mac[:OUI_DIGITS] in targets)

    def banned_within(self, prefix: str) -> int:
        """How many addresses of *prefix* (as `source_of` writes it) are banned by decisions of their own."""
        return self._members[prefix]

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._by_target.values())

    def __len__(self) -> int:
        return len(self._by_target)

    def _put(self, decision: Decision, now: float) -> bool:
        if decision.simulated is not self._simulated or (decision.until is not None and decision.until <= now):
            return False
        target = (decision.scope, decision.value)
        present = self._by_target.get(target)
        if present is not None and SEVERITY[present.measure] > SEVERITY[decision.measure]:
            return False
        self._by_target[target] = decision
        if decision.until is not None:
            self._first_end = min(self._first_end, decision.until)
        return True

    def _index(self) -> None:
        """Write the tables that the doors look into anew."""
        self._at_door, self._odd, self._targets, self._members = {}, {}, set(), Counter()
        for decision in self._by_target.values():
            self._index_one(decision)

    def _index_one(self, decision: Decision) -> None:
        if decision.scope in (Scope.BLOCK, Scope.OUI):
            self._targets.add(decision.value)
        elif decision.scope in _AT_DOOR:
            self._index_network(decision)
            if decision.scope is Scope.ADDRESS and decision.measure is Measure.BAN:
                around = source_of(decision.value.partition("/")[0])
                self._members.update({around.prefix, around.network})

    def _index_network(self, decision: Decision) -> None:
        try:
            network = ip_network(decision.value, strict=False)
        except ValueError:  # the source of a request without an address
            self._at_door[decision.value] = decision.measure
            return
        usual = (24, 32) if network.version == 4 else (48, 56, 64)  # noqa: PLR2004 - IP version
        if network.prefixlen in usual:
            text = str(network.network_address) if network.prefixlen == 32 else str(network)  # noqa: PLR2004
            self._at_door[text] = decision.measure
            return
        drop = network.max_prefixlen - network.prefixlen
        of_length = self._odd.setdefault((network.version, drop), {})
        of_length[int(network.network_address) >> drop] = decision.measure

    def _of_odd(self, source: str) -> Iterator[Measure]:
        try:
            network = ip_network(source)
        except ValueError:
            return
        number = int(network.network_address)
        for (version, drop), of_length in self._odd.items():
            if version == network.version and number >> drop in of_length:
                yield of_length[number >> drop]
