"""What tests of outlets share: alerts in the store, and the jobs of `serve` that send them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from provserver.app import Services
from provserver.app.outlets import build_outlets
from provserver.clock import Clock
from provserver.jobs import Job
from provserver.monitor.decision import Alert, Evidence, Scope
from provserver.storage import alerts

AT = 1_760_000_000.0


@asynccontextmanager
async def sending(services: Services, clock: Clock, **sections: object) -> AsyncIterator[Job]:
    """The one job that goes with these *sections* of settings, as `serve` puts it together."""
    changed = replace(services, settings=services.settings.model_copy(update=sections))
    outlets = build_outlets(changed, clock=clock)
    try:
        (job,) = outlets.jobs
        yield job
    finally:
        await outlets.close()


async def raise_alerts(services: Services, count: int, *, detector: str = "mac-walk", value: str = "192.0.2.7") -> None:
    """Write *count* alerts down, a second after the other."""
    for number in range(count):
        alert = Alert(
            detector=detector,
            signal="S2",
            pace="fast",
            at=AT + number,
            scope=Scope.ADDRESS,
            value=value,
            confidence="high",
            evidence=Evidence(count=9, known=0, since=AT, samples=("805ec0000001",), sources=()),
        )
        async with services.storage.transaction() as tx:
            await alerts.insert_alert(tx, alert)
