"""
What should follow an alert? `Policy.decide`: the smallest thing that explains the traffic, for a while, or nothing.

Fails open on purpose: in doubt nobody is shut out, because credentials are kept by proofs and not by bans.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from random import Random

from provserver.monitor.decision import Alert, Decision, Measure, Scope
from provserver.monitor.detector import Detector
from provserver.monitor.keys import source_of
from provserver.monitor.restraints import SEVERITY, Restraints

Network = IPv4Network | IPv6Network

LONGEST_S = 7 * 86_400.0  # of what no person has decided: addresses change hands
MEMORY_S = 30 * 86_400.0  # so long an earlier decision makes the next one longer
_DOUBLINGS = 16
_JITTER = 0.25  # of the duration, added at random: who is banned cannot know until when
# Banned members of a network from which on the network is banned: six as CrowdSec's range scenarios, four times as many
# for the larger one.
_SIBLINGS = (6, 24)
UNTIL_UNLOCKED = frozenset({Measure.LOCK, Measure.ROTATE})
_REMEMBERED = 65_536  # targets whose earlier decisions are remembered
# What an alert of this confidence may lead to at most. Devices are locked on high confidence only.
_MOST = {"low": Measure.OBSERVE, "medium": Measure.REFUSE, "high": Measure.ROTATE}


class Policy:
    """
    Decides.

    *allow* are networks that nothing is decided about; *simulate* writes all decisions down without their being carried
    out, *simulated* does so for the detectors of these names.
    """

    def __init__(
        self,
        detectors: Iterable[Detector],
        *,
        random: Random,
        allow: Sequence[Network] = (),
        simulate: bool = False,
        simulated: Collection[str] = (),
    ) -> None:
        self._detectors: Mapping[str, Detector] = {detector.name: detector for detector in detectors}
        self._random = random
        self._allow = tuple(allow)
        self._simulate = simulate
        self._simulated = frozenset(simulated)
        self._history: OrderedDict[tuple[Scope, str], tuple[int, float]] = OrderedDict()

    def remember(self, decision: Decision) -> None:
        """Count a decision of the past: the next about the same lasts longer."""
        target = (decision.scope, decision.value)
        times, _ = self._history.pop(target, (0, 0.0))
        self._history[target] = (max(times, decision.times), decision.at)
        if len(self._history) > _REMEMBERED:
            self._history.popitem(last=False)

    def decide(self, alert: Alert, in_force: Restraints) -> list[Decision]:
        """
        What follows *alert*, beside what is *in_force* already.

        That is at most one decision about what the alert is about, and one about the network that holds too many such.
        """
        detector = self._detectors.get(alert.detector)
        if detector is None:
            return []
        measure = min(detector.measure, _MOST[alert.confidence], key=SEVERITY.__getitem__)
        if (
            measure is Measure.OBSERVE
            or self._is_explained(alert, in_force)
            or self.is_allowed(alert.scope, alert.value)
        ):
            return []
        present = in_force.find(alert.scope, alert.value)
        if present is not None and SEVERITY[present.measure] >= SEVERITY[measure]:
            return []
        decision = self._decision(alert.scope, alert.value, measure, detector, alert.at)
        return [decision, *self._about_network(decision, detector, in_force)]

    def is_allowed(self, scope: Scope, value: str) -> bool:
        """Whether *value* is, or holds, a network of the allow list."""
        if scope not in (Scope.ADDRESS, Scope.PREFIX) or not self._allow:
            return False
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            return False
        return any(network.version == other.version and network.overlaps(other) for other in self._allow)

    def _is_explained(self, alert: Alert, in_force: Restraints) -> bool:
        """Whether everything that was seen of a network comes from members that are dealt with already."""
        if alert.scope is not Scope.PREFIX or not alert.evidence.sources:
            return False
        return all(in_force.find(Scope.ADDRESS, source) is not None for source in alert.evidence.sources)

    def _about_network(self, decision: Decision, detector: Detector, in_force: Restraints) -> list[Decision]:
        """One more decision, about the smallest network around *decision* that holds many such."""
        if decision.measure is not Measure.BAN or decision.scope is not Scope.ADDRESS or decision.simulated:
            return []
        try:
            around = source_of(str(ip_network(decision.value).network_address))
        except ValueError:
            return []
        for prefix, siblings in zip((around.prefix, around.network), _SIBLINGS, strict=True):
            if in_force.banned_within(prefix) + 1 >= siblings and in_force.find(Scope.PREFIX, prefix) is None:
                if self.is_allowed(Scope.PREFIX, prefix):
                    return []
                return [self._decision(Scope.PREFIX, prefix, Measure.BAN, detector, decision.at)]
        return []

    def _decision(self, scope: Scope, value: str, measure: Measure, detector: Detector, at: float) -> Decision:
        times, last_at = self._history.get((scope, value), (0, at))
        if at - last_at > MEMORY_S:
            times = 0
        duration_s = detector.duration_s * 2 ** min(times, _DOUBLINGS)
        duration_s = min(LONGEST_S, duration_s * (1 + _JITTER * self._random.random()))
        decision = Decision(
            at=at,
            until=None if measure in UNTIL_UNLOCKED else at + duration_s,
            scope=scope,
            value=value,
            measure=measure,
            reason=detector.name,
            times=times + 1,
            simulated=self._simulate or detector.name in self._simulated,
        )
        self.remember(decision)
        return decision
