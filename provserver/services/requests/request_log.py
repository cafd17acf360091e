"""
`RequestLog`: every request as a row, written in batches by one task, never waited for by a phone.

The queue is bounded. When it is full, rows are dropped and counted; a crash loses no more than one flush interval.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from provserver.errors import StorageError
from provserver.storage.database import Storage
from provserver.storage.requests import ADD_REQUESTS, REQUEST_COLUMNS, SET_LAST_SEEN

Row = tuple[Any, ...]  # in the order of REQUEST_COLUMNS
_AT = REQUEST_COLUMNS.index("at")
_DEVICE = REQUEST_COLUMNS.index("device_id")
_ADDRESS = REQUEST_COLUMNS.index("address")
_AGENT = REQUEST_COLUMNS.index("user_agent")
_MAC = REQUEST_COLUMNS.index("mac")
_BATCH_ROWS = 2_000  # one batch holds the writer's thread for some 20 ms


class RequestLog:
    """Collects rows; `run` is its one task, owned by the composition root."""

    def __init__(
        self, storage: Storage, *, limit_rows: int, flush_s: float, counted: Callable[[str, int], None]
    ) -> None:
        self._storage = storage
        self._limit_rows = limit_rows
        self._flush_s = flush_s
        self._counted = counted
        self._rows: list[Row] = []
        self._seen: dict[str, Row] = {}

    def add(self, row: Row, *, firmware: str | None, is_device: bool) -> None:
        """Take a row. *is_device*: the request proved to be the device, so that it was seen."""
        if len(self._rows) >= self._limit_rows:
            self._counted("dropped", 1)
            return
        self._rows.append(row)
        if is_device:
            self._seen[row[_DEVICE]] = (row[_DEVICE], row[_AT], row[_ADDRESS], row[_AGENT], firmware)

    @property
    def waiting(self) -> int:
        """Rows not yet written."""
        return len(self._rows)

    async def run(self) -> None:
        """Write what is waiting, until cancelled."""
        while True:
            await asyncio.sleep(self._flush_s)
            await self.flush()

    async def flush(self) -> None:
        """Write what is waiting now. Rows that cannot be written are counted as dropped: a full disk stops no phone."""
        rows, self._rows = sorted(self._rows, key=_by_mac), []
        seen, self._seen = self._seen, {}
        try:
            while rows:
                await self._write(rows[:_BATCH_ROWS])
                rows = rows[_BATCH_ROWS:]
            if seen:
                await self._write_seen(seen)
        except asyncio.CancelledError:  # the server stops: what was not written waits for the last flush
            self._rows = rows + self._rows
            self._seen = seen | self._seen
            raise

    async def _write(self, batch: list[Row]) -> None:
        try:
            await self._storage.append("requests", ADD_REQUESTS, batch)
            self._counted("written", len(batch))
        except StorageError as error:
            self._counted("dropped", len(batch))
            structlog.get_logger().error("request_log.failed", problem=str(error), rows=len(batch))

    async def _write_seen(self, seen: dict[str, Row]) -> None:
        try:
            await self._storage.append("requests", SET_LAST_SEEN, list(seen.values()))
        except StorageError as error:
            structlog.get_logger().error("request_log.failed", problem=str(error), rows=len(seen))


def _by_mac(row: Row) -> str:
    """The order in which rows are written: neighbours in the index of MACs fall on the same pages of the disk."""
    return row[_MAC] or ""
