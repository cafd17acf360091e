"""`History`: how often something was decided about each target lately; the next time lasts longer. Bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from provserver.monitor.decision import Decision, Scope

MEMORY_S = 30 * 86_400.0  # so long an earlier decision makes the next one longer
REMEMBERED = 65_536  # targets; the ones that were decided about longest ago are forgotten first


class History:
    """
    Of what the monitor and people have decided and nobody has taken back.

    What was only simulated makes simulated decisions longer, and real ones not: trying something out must not change
    what happens afterwards. What came from lists of others is theirs to time.
    """

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[bool, Scope, str], tuple[int, float]] = OrderedDict()

    def replace(self, decisions: Iterable[Decision]) -> None:
        """Know these, in the order in which they were made, and no others."""
        self._times.clear()
        for decision in decisions:
            self.add(decision)

    def add(self, decision: Decision) -> None:
        """Know one more."""
        target = (decision.simulated, decision.scope, decision.value)
        times, _ = self._times.pop(target, (0, 0.0))
        self._times[target] = (max(times, decision.times), decision.at)
        if len(self._times) > REMEMBERED:
            self._times.popitem(last=False)

    def times(self, scope: Scope, value: str, *, at: float, simulated: bool) -> int:
        """How often something was decided about *value* in the 30 days before *at* (seconds)."""
        known = [self._times.get((False, scope, value))]
        if simulated:
            known.append(self._times.get((True, scope, value)))
        return max((times for times, last_at in filter(None, known) if at - last_at <= MEMORY_S), default=0)
