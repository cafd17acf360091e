"""
`Reports`: what other processes tell the monitor of the server, over the store: claims, and canaries' SIP accounts.

A report is removed only after what came of it has been written down: an alert twice rather than never.
"""

from __future__ import annotations

from collections.abc import Sequence

from provserver.monitor.event import Event
from provserver.services.context import Context
from provserver.services.monitoring.monitor import Monitor
from provserver.storage import reports
from provserver.storage.reports import Report

_AT_ONCE = 1_000


class Reports:
    """Writes reports in any process; takes them in the one that runs the monitor."""

    def __init__(self, *, context: Context) -> None:
        self._context = context
        self._taken = 0  # the last that the monitor has been given

    async def write(self, told: Sequence[Report]) -> None:
        """Have *told* in the store. Raises StorageError."""
        async with self._context.storage.transaction() as tx:
            await reports.add(tx, told)

    async def take(self, monitor: Monitor) -> None:
        """
        Give the monitor what is new, and remove what it has done with.

        Raises StorageError; then it is tried again.
        """
        if self._taken and monitor.is_settled:
            async with self._context.storage.transaction() as tx:
                await reports.forget(tx, self._taken)
            self._taken = 0
        async with self._context.storage.read() as tx:
            found = await reports.after(tx, self._taken, limit=_AT_ONCE)
        for number, report in found:
            monitor.told(_event(report))
            self._taken = number


def _event(report: Report) -> Event:
    return Event(
        at=report.at / 1000,
        words=(report.word,),
        address=report.address,
        mac=report.mac,
        tenant=report.tenant,
        tried=report.account,
    )
