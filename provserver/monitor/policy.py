"""
What should follow an alert? `Policy.decide`: the smallest thing that explains the traffic, for a while, or nothing.

Fails open on purpose: in doubt nobody is shut out, because credentials are kept by proofs and not by bans.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from random import Random

from provserver.monitor.decision import Alert, Decision, Measure, Scope
from provserver.monitor.detector import Detector
from provserver.monitor.history import History
from provserver.monitor.keys import source_of
from provserver.monitor.restraints import SEVERITY, Restraints

Network = IPv4Network | IPv6Network

LONGEST_S = 7 * 86_400.0  # of what no person has decided: addresses change hands
_DOUBLINGS = 16
_JITTER = 0.25  # of the duration, added at random: who is banned cannot know until when
# Banned members of a network from which on the network is banned: six as CrowdSec's range scenarios, four times as many
# for the larger one.
_SIBLINGS = (6, 24)
UNTIL_UNLOCKED = frozenset({Measure.LOCK, Measure.ROTATE})
# Decisions in force, and as many simulated ones. Beyond that none is made about addresses and networks: a million
# sources that are each banned once would fill the memory. Fails open, and is counted.
MOST_IN_FORCE = 100_000
# What an alert of this confidence may lead to at most. Devices are locked on high confidence only.
_MOST = {"low": Measure.OBSERVE, "medium": Measure.REFUSE, "high": Measure.ROTATE}


class Policy:
    """
    Decides.

    *allow* are networks that nothing is decided about; *simulate* writes all decisions down without their being carried
    out, *simulated* does so for the detectors of these names. What is simulated goes as it would go: `as_if` is what
    would be in force, so that nothing is decided twice, and it leaves no trace in what is decided for real.
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
        self.history = History()
        self.as_if = Restraints(simulated=True)
        self.left_out = 0  # decisions that were not made because too many are in force

    def decide(self, alert: Alert, in_force: Restraints) -> list[Decision]:
        """
        What follows *alert*, beside what is *in_force* already.

        That is at most one decision about what the alert is about, and one about the network that holds too many such.
        """
        detector = self._detectors.get(alert.detector)
        if detector is None:
            return []
        measure = min(detector.measure, _MOST[alert.confidence], key=SEVERITY.__getitem__)
        simulated = self._simulate or detector.name in self._simulated
        present = [in_force, self.as_if] if simulated else [in_force]
        if (
            measure is Measure.OBSERVE
            or _is_explained(alert, present)
            or self.is_allowed(alert.scope, alert.value)
            or _is_known(alert.scope, alert.value, measure, present)
        ):
            return []
        if alert.scope in (Scope.ADDRESS, Scope.PREFIX) and len(present[-1]) >= MOST_IN_FORCE:
            self.left_out += 1
            return []
        decision = self._decision(alert.scope, alert.value, measure, detector, alert.at, simulated=simulated)
        made = [decision, *self._about_network(decision, detector, present)]
        if simulated:
            for one in made:
                self.as_if.add(one, alert.at)
        return made

    def is_allowed(self, scope: Scope, value: str) -> bool:
        """Whether *value* is, or holds, a network of the allow list."""
        if scope not in (Scope.ADDRESS, Scope.PREFIX) or not self._allow:
            return False
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            return False
        return any(network.version == other.version and network.overlaps(other) for other in self._allow)

    def _about_network(self, decision: Decision, detector: Detector, present: Sequence[Restraints]) -> list[Decision]:
        """One more decision, about the smallest network around *decision* that holds many such."""
        if decision.measure is not Measure.BAN or decision.scope is not Scope.ADDRESS:
            return []
        try:
            around = source_of(str(ip_network(decision.value).network_address))
        except ValueError:
            return []
        for prefix, siblings in zip((around.prefix, around.network), _SIBLINGS, strict=True):
            banned = 1 + sum(one.banned_within(prefix) for one in present)
            if banned >= siblings and all(one.find(Scope.PREFIX, prefix) is None for one in present):
                if self.is_allowed(Scope.PREFIX, prefix):
                    return []
                around_it = (Scope.PREFIX, prefix, Measure.BAN, detector, decision.at)
                return [self._decision(*around_it, simulated=decision.simulated)]
        return []

    def _decision(
        self, scope: Scope, value: str, measure: Measure, detector: Detector, at: float, *, simulated: bool
    ) -> Decision:
        times = self.history.times(scope, value, at=at, simulated=simulated)
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
            simulated=simulated,
        )
        self.history.add(decision)
        return decision


def _is_known(scope: Scope, value: str, measure: Measure, present: Iterable[Restraints]) -> bool:
    """Whether that much, or more, is in force about *value* itself."""
    found = (one.find(scope, value) for one in present)
    return any(one is not None and SEVERITY[one.measure] >= SEVERITY[measure] for one in found)


def _is_explained(alert: Alert, present: Sequence[Restraints]) -> bool:
    """Whether everything that was seen of a network comes from members that are dealt with already."""
    if alert.scope is not Scope.PREFIX or not alert.evidence.sources:
        return False
    return all(any(one.find(Scope.ADDRESS, source) for one in present) for source in alert.evidence.sources)
