"""Whether phones can be served, `checks`, and what an operator should look at beside that, `warnings`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from provserver.app.assembly import Services
from provserver.errors import StorageError
from provserver.jobs import JobRunner
from provserver.storage import keystore as keystore_table
from provserver.storage import meta

Check = Callable[[], Awaitable[str | None]]  # a short reason, or None

_LATE_S = 1800  # retention has to have come within its interval and this


def checks(services: Services, runner: JobRunner) -> dict[str, Check]:
    """What has to be in order for phones to be served."""

    async def store() -> str | None:
        try:
            async with services.storage.read() as tx:
                await meta.get(tx, "")
        except StorageError as error:
            return str(error)
        return None

    async def keystore() -> str | None:
        try:
            async with services.storage.read("keystore") as tx:
                await keystore_table.generations(tx)
            await asyncio.to_thread(services.ring.refresh)  # reads the key files: one may have vanished
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
            return str(error)
        return None

    async def jobs() -> str | None:
        last_ms = runner.last_success("retention")
        if last_ms is None:
            return "retention has not run yet"
        late_s = (services.context.clock.now_ms() - last_ms) / 1000 - services.settings.retention.interval_s
        return f"retention is {late_s:.0f} s late" if late_s > _LATE_S else None

    return {"store": store, "keystore": keystore, "jobs": jobs}


def warnings(services: Services) -> dict[str, Check]:
    """What somebody should look at, though phones are served."""

    async def audit() -> str | None:
        problem = services.trail.problem
        return None if problem is None else f"audit trail: {problem}"

    return {"audit": audit}
