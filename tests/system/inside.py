"""The services of a server without its listeners: for proofs about days, which only a clock of ours can let pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from provserver.app import Services
from provserver.clock import Clock
from provserver.domain.request import ProvRequest
from provserver.services.requests.answers import Answer
from provserver.settings import Settings
from tests.system.fleet import Phone
from tests.system.server import opened


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Services]:
    """The services with the task that writes for phones."""
    async with opened(settings, clock=clock) as services, asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(services.storage.group.run())
        try:
            yield services
        finally:
            writer.cancel()


async def deliver(services: Services, phone: Phone, *, path: str | None = None) -> Answer:
    """Ask for a phone's configuration, and let it arrive."""
    request = ProvRequest(
        method="GET", path=path or phone.by_token, user_agent=phone.agent, address="127.0.0.1", port=40_000
    )
    answer = await services.provisioning.answer(request)
    if answer.delivery is not None:
        await services.deliveries.complete(answer.delivery, f"{phone.mac}.cfg")
    return answer
