"""What would have happened? `replay` runs an old log through detectors with other numbers; nothing is carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import orjson

from provserver.identify import Catalogue
from provserver.log.output import REQUEST_EVENT
from provserver.monitor.decision import Alert, Decision
from provserver.monitor.detector import Detector
from provserver.monitor.engine import Engine
from provserver.monitor.holders import with_system
from provserver.monitor.policy import Network, Policy
from provserver.monitor.restraints import Restraints
from provserver.services.monitoring.sightings import Sighting, Sightings, from_line
from provserver.whereabouts import Whereabouts

# What no line of the log says: where a device is at home and whose it is, how a client greets, what a token once was,
# which passwords were tried, and what happened without any request. A test says that it is this and no more.
UNTOLD = frozenset(
    {
        "elsewhere", "elsewhere_delivered", "copied_url", "dead_token", "tls_differs", "bad_handshake",
        "claimed_elsewhere", "claim_conflict", "over_quota", "canary_account",
    }
)  # fmt: skip
_UNTOLD_FIELDS = frozenset({"tenant", "password"})
_KEY = bytes(16)  # nobody attacks a replay, and the same log gives the same answer each time


@dataclass(slots=True, kw_only=True)
class Replay:
    """
    What would have happened.

    *read* requests were looked at, *skipped* lines were none. Of those that came while their source was banned, *shut
    out* are all, *served* the ones that had a proof: phones that a ban would have hit.
    """

    read: int = 0
    skipped: int = 0
    shut_out: int = 0
    served: int = 0
    alerts: list[Alert] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def unseen(detectors: Sequence[Detector]) -> tuple[str, ...]:
    """Those of *detectors*, by name, that a log can never make speak."""
    blind = {
        detector.name
        for detector in detectors
        if UNTOLD.issuperset(detector.when)
        or (detector.opens and UNTOLD.issuperset(detector.opens))
        or {detector.key, detector.distinct} & _UNTOLD_FIELDS
    }
    waiting = {one.name for one in detectors if one.after and blind.issuperset(other.detector for other in one.after)}
    return tuple(sorted(blind | waiting))


def replay(
    lines: Iterable[bytes],
    *,
    catalogue: Catalogue,
    detectors: Sequence[Detector],
    allow: Sequence[Network] = (),
    canaries: Collection[str] = (),
    whereabouts: Whereabouts | None = None,
) -> Replay:
    """
    Run *lines* of the log (JSON, in the order of time) through *detectors*.

    Handshakes and bytes that are no HTTP are not in the log, and so not seen; see `unseen`. A request that a ban would
    have kept out is not counted any further.
    """
    found, sightings = Replay(), Sightings(catalogue, canaries=canaries)
    of = (whereabouts or Whereabouts()).of
    engine, restraints = Engine(detectors, key=_KEY), Restraints()
    policy = Policy(detectors, random=Random(0), allow=allow)  # noqa: S311 - the same each time
    for line in lines:
        try:
            seen = _read(line)
            event = sightings.event(seen) if seen is not None else None
        except (KeyError, TypeError, ValueError, AttributeError):
            seen = event = None
        if seen is None:
            found.skipped += 1
            continue
        found.read += 1
        if event is None:
            continue
        restraints.expire(event.at)
        if restraints.is_banned(event.address):
            found.shut_out += 1
            found.served += "proven" in event.words
            continue
        for alert in engine.feed(with_system(event, None, of)):
            found.alerts.append(alert)
            for decision in policy.decide(alert, restraints):
                found.decisions.append(decision)
                restraints.add(decision, event.at)
    return found


def _read(line: bytes) -> Sighting | None:
    """The request of a line; None for another line. Raises as `from_line` does, and ValueError for what is no JSON."""
    fields = orjson.loads(line)
    return from_line(fields) if isinstance(fields, dict) and fields.get("event") == REQUEST_EVENT else None
