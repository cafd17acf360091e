"""`unserved`: makers whose devices are known here, and are given nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from provserver.domain.boot import Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.parameters import Confidence
from provserver.domain.vendor import (
    AfterDeletion,
    AfterDeletionRule,
    Model,
    NotifyEvents,
    Simulation,
    Vendor,
)


def unserved(
    *,
    slug: str,
    name: str,
    ouis: frozenset[str],
    models: Iterable[str],
    refuses: str,
    source: str,
    confidence: Confidence,
    sources: tuple[str, ...],
) -> Vendor:
    """
    A maker whose devices take no SIP configuration from here, for the reason that *refuses* says.

    They can be entered, found and described; a line or a setting is refused with that reason.
    """
    return Vendor(
        slug=slug,
        name=name,
        ouis=ouis,
        agents=(),  # what they say of themselves over HTTP is in no source found
        files=(),
        parameters=(),
        models=tuple(
            Model(name=model, lines=0, keys=0, softkeys=0, modules=0, source=source, confidence=confidence)
            for model in models
        ),
        after_deletion=AfterDeletionRule(
            answer=AfterDeletion.NOT_FOUND, reason="there is no file for them", source=source, confidence=confidence
        ),
        notify=NotifyEvents(resync=None, reboot=None, source=source, confidence=confidence),
        simulation=Simulation(model="", firmware="", user_agent=lambda _phone: "", boot=_ask_nothing),
        bootstrap=(),
        refuses=refuses,
        sources=sources,
    )


def _ask_nothing(_phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    yield from ()
    return Booted()
