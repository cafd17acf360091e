"""Whose networks are they? Events get the system they came from, alerts the holders. Pure functions over a look-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from provserver.monitor.decision import Alert
from provserver.monitor.event import Event
from provserver.whereabouts import Holder

Of = Callable[[str], Holder]  # of an address

_SYSTEM = Event._fields.index("system")
_ELSEWHERE = ("elsewhere", "elsewhere_delivered")


def with_system(event: Event, home: str | None, of: Of) -> Event:
    """
    *event* with the system that its address is in.

    A device that comes from another network of the same system as its *home* (the network of its first delivery) is
    not elsewhere: an address that changes every night stays with its provider. Where one of both is not known, it is.
    """
    system = of(event.address).system
    if not system:
        return event
    words = event.words
    if home and _ELSEWHERE[0] in words and of(home.partition("/")[0]).system == system:
        event = event._replace(words=tuple(word for word in words if word not in _ELSEWHERE))
    # As `_replace` does it, at a third of the cost: this is done for every event.
    return Event._make((*event[:_SYSTEM], system, *event[_SYSTEM + 1 :]))


def with_holders(alert: Alert, of: Of) -> Alert:
    """*alert* with the holders of the sources it names, each once, in their order."""
    found = dict.fromkeys(str(of(source.partition("/")[0])) for source in alert.evidence.sources)
    holders = tuple(holder for holder in found if holder)
    return replace(alert, evidence=replace(alert.evidence, holders=holders)) if holders else alert
