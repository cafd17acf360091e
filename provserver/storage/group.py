"""
`GroupWriter`: small writes of many requests, one commit.

A thousand phones that boot together each need a write on the disk before their password may leave. One commit costs a
write to the disk; shared, it costs a thousandth. Whoever waits on `write` is told after the commit, or gets its error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from provserver.errors import StorageError
from provserver.storage import sqlite
from provserver.storage.hot import Statement

Write = tuple[Statement, tuple[Any, ...]]
_Waiting = tuple[Sequence[Write], "asyncio.Future[None] | None", Callable[[], None] | None]
MAX_WAITING = 100_000  # writes; more means the disk has stopped, and refusing is better than growing


class GroupWriter:
    """Collects writes and commits them together. `run` is its one task; the composition root owns it."""

    def __init__(
        self,
        connection: sqlite.BareConnection,
        lock: asyncio.Lock,
        *,
        observe: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """Write over *connection* while holding *lock*; *observe* is told how long each commit took, in seconds."""
        self._observe = observe
        self._connection = connection
        self._lock = lock
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._closed = False
        self.problem: str | None = None  # why the last commit failed; None: it did not
        self.lost_writes = 0  # writes nobody waited for that could not be committed; a metric

    async def write(self, writes: Sequence[Write]) -> None:
        """Return once *writes* are committed and on the disk. Raises StorageError when they are not."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._enqueue(writes, future)
        await future

    def write_soon(self, writes: Sequence[Write], *, then: Callable[[], None] | None = None) -> None:
        """Have *writes* committed with the next group; nobody waits for them. *then* is called after it, either way."""
        self._enqueue(writes, None, then)

    async def run(self) -> None:
        """Commit what is waiting, until cancelled or closed."""
        while not self._closed:
            await self._wake.wait()
            await self.flush()

    async def flush(self) -> None:
        """Commit what is waiting now; what was taken before is on the disk, too, when this returns."""
        self._wake.clear()
        batch, self._waiting = self._waiting, []
        if not batch:
            async with self._lock:
                return
        try:
            started = perf_counter()
            async with self._lock:
                with sqlite.translated():
                    await self._commit(batch)
            self._observe(perf_counter() - started)
        except BaseException as error:
            self.problem = str(error)
            self.lost_writes += sum(future is None for _, future, _ in batch)
            for _, future, then in batch:
                if then is not None:
                    then()
                if future is not None and not future.done():
                    future.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            if not isinstance(error, Exception):
                raise
            return
        self.problem = None
        for _, future, then in batch:
            if then is not None:
                then()
            if future is not None and not future.done():
                future.set_result(None)

    def take_lost_writes(self) -> int:
        """How many writes nobody waited for were lost since the last call."""
        lost, self.lost_writes = self.lost_writes, 0
        return lost

    async def close(self) -> None:
        """Commit what waits and let go."""
        self._closed = True
        await self.flush()
        self._wake.set()
        await self._connection.close()

    def _enqueue(
        self,
        writes: Sequence[Write],
        future: asyncio.Future[None] | None,
        then: Callable[[], None] | None = None,
    ) -> None:
        if self._closed or len(self._waiting) >= MAX_WAITING:  # fail closed: no record, no credentials
            msg = "the store does not take writes"
            raise StorageError(msg)
        self._waiting.append((writes, future, then))
        self._wake.set()

    async def _commit(self, batch: list[_Waiting]) -> None:
        """One transaction; the same statement of many requests runs as one call to the driver."""
        by_statement: dict[str, list[tuple[Any, ...]]] = {}
        for writes, _, _ in batch:
            for statement, parameters in writes:
                by_statement.setdefault(statement.text, []).append(parameters)
        try:
            await self._connection.execute_fetchall("BEGIN IMMEDIATE")
            for text, rows in by_statement.items():
                await self._connection.executemany(text, rows)
            await self._connection.execute_fetchall("COMMIT")
        except BaseException:
            await self._connection.rollback()  # also when cancelled: its thread may begin the transaction only now
            raise
