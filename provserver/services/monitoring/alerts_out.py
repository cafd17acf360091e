"""
`AlertsOut`: alerts go out by one outlet, each at least once, in their order.

The queue is the store itself: what is remembered is how far the outlet has taken them. A restart, or a receiver that
is away for a week, loses nothing; what `retention.event_days` removes meanwhile is lost, and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import structlog

from provserver.errors import PeerError
from provserver.metrics import Metrics
from provserver.services.context import Context
from provserver.services.monitoring.outlets import Outlet, Rows
from provserver.services.patience import Patience
from provserver.storage import alerts, meta

UNSENT_EVENT = "alert.unsent"

_AT_ONCE = 500  # read together; an outlet takes fewer in one go


class AlertsOut:
    """One for each outlet. *monotonic* is in seconds."""

    def __init__(
        self, *, context: Context, outlet: Outlet, monotonic: Callable[[], float], random: Random, metrics: Metrics
    ) -> None:
        self._context = context
        self._outlet = outlet
        self._cursor = f"alerts.{outlet.name}"
        self._patience = Patience(monotonic=monotonic, random=random)
        self._metrics = metrics

    async def work(self) -> None:
        """Send what waits, if it is time to try. The first time, begin with the alerts that are to come."""
        while (waiting := await self._waiting()) and await self._send(self._outlet.portion(waiting)):
            pass

    async def _waiting(self) -> Rows:
        async with self._context.storage.read() as tx:
            cursor = await meta.get(tx, self._cursor)
            newest = await alerts.last_id(tx)
            waiting = 0 if cursor is None or newest <= int(cursor) else await alerts.count_after(tx, int(cursor))
            self._metrics.outlet_waiting.of(self._outlet.name).set(waiting)
            is_time = self._patience.is_time() and self._outlet.ready()
            found = await alerts.after(tx, int(cursor or 0), limit=_AT_ONCE) if waiting and is_time else []
        if cursor is None:
            await self._taken(newest)
        return found

    async def _taken(self, last: int) -> None:
        async with self._context.storage.transaction() as tx:
            await meta.put(tx, self._cursor, str(last))

    async def _send(self, portion: Rows) -> bool:
        sends, name = self._metrics.outlet_sends, self._outlet.name
        try:
            await self._outlet.send(portion)
        except PeerError as error:
            sends.of(name, "failed").inc()
            next_s = round(self._patience.failed())
            structlog.get_logger().warning(
                UNSENT_EVENT, outlet=name, problem=str(error), waiting=len(portion), next_s=next_s
            )
            return False
        self._patience.worked()
        sends.of(name, "taken").inc()
        self._metrics.outlet_alerts.of(name).inc(len(portion))
        await self._taken(portion[-1]["id"])
        return True
