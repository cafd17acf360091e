"""Whether phones can be served, `checks`, and what an operator should look at beside that, `warnings`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from provserver.app.assembly import Services
from provserver.errors import StorageError
from provserver.jobs import JobRunner
from provserver.storage import keystore as keystore_table
from provserver.storage import meta

Check = Callable[[], Awaitable[str | None]]  # a short reason, or None

_TRY_MS = 3_000  # a page and a flush of the disk: nothing, however often somebody asks
_TRY_LIMIT_S = 1.0  # less than the ops listener gives a check
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

    writing = _Writing(services)

    async def jobs() -> str | None:
        since_s = runner.since_success("retention")
        if since_s is None:
            return "retention has not run yet"
        late_s = since_s - services.settings.retention.interval_s
        return f"retention is {late_s:.0f} s late" if late_s > _LATE_S else None

    return {"store": store, "writing": writing.problem, "keystore": keystore, "jobs": jobs}


class _Writing:
    """
    Whether what must be on the disk before a password leaves gets there.

    Without asking, a full disk would be found out by the phone that is refused, and not at all where nobody asks. So
    one page is committed, at most every few seconds, together with what phones have to write at that moment. A store
    that is busy with an import is not full: then what the last commit said holds.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tried_at_ms = 0

    async def problem(self) -> str | None:
        """Why the last commit failed."""
        group, now_ms = self._services.storage.group, self._services.context.clock.now_ms()
        if now_ms - self._tried_at_ms >= _TRY_MS:
            self._tried_at_ms = now_ms
            with suppress(TimeoutError, StorageError):
                async with asyncio.timeout(_TRY_LIMIT_S):
                    await group.write([(meta.TOUCH, meta.TOUCH.bind(at_ms=now_ms, at=str(now_ms)))])
        return group.problem


def warnings(services: Services) -> dict[str, Check]:
    """What somebody should look at, though phones are served."""

    async def audit() -> str | None:
        problem = services.trail.problem
        return None if problem is None else f"audit trail: {problem}"

    async def clock() -> str | None:
        return services.timekeeping.problem()

    return {"audit": audit, "clock": clock}
