"""`Storage`: the three databases of a data directory, and the ways to work with them: read, transaction, group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from provserver.errors import StorageDamaged, StorageError
from provserver.storage import sqlite
from provserver.storage.group import GroupWriter
from provserver.storage.hot import Bulk, Statement
from provserver.storage.schema import pending, upgrade

Transaction = AsyncConnection  # what services hand to the functions of this package; they never look inside
KINDS = ("state", "requests", "keystore")


class Storage:
    """
    The embedded store in *directory*.

    `transaction` is for people's changes: one writer at a time, committed and on the disk when the block ends, rolled
    back when it raises. `group` is for the request path: many phones' small writes share one commit. `hot` reads with
    compiled statements. All raise StorageError.
    """

    def __init__(self, directory: Path, *, observe: Callable[[str, float], None] = lambda _operation, _s: None) -> None:
        """Use *directory*; *observe* is told how long each operation (by the method's name) took, in seconds."""
        self.directory = directory
        self._observe = observe
        self._engines: dict[str, AsyncEngine] = {}
        self._readers: dict[str, sqlite.BareConnection] = {}
        self._appenders: dict[str, sqlite.BareConnection] = {}
        self._write_locks = {kind: asyncio.Lock() for kind in KINDS}
        self._group: GroupWriter | None = None

    def file(self, kind: str) -> Path:
        """The file of one database."""
        return self.directory / f"{kind}.sqlite3"

    async def open(self, *, migrate: bool = False) -> None:
        """
        Open everything.

        *migrate* brings the tables up to this program's version; without it an older (or newer) one is refused.
        """
        if self.file("state").exists() and not self.file("keystore").exists():
            # A new, empty keystore would be taken for one whose credentials have all been deleted.
            raise StorageDamaged(f"{self.file('keystore')} is missing; without it no credential can be read")
        with sqlite.translated():
            for kind in KINDS:
                if migrate:
                    await upgrade(self.file(kind), kind)
                self._engines[kind] = engine = sqlite.create_engine(self.file(kind), kind)
                if not migrate and await pending(engine, kind):
                    msg = f"{self.file(kind)} is of another version than this program; run: provserver db upgrade"
                    raise StorageError(msg)
                self.file(kind).chmod(0o600)
            for kind in ("state", "keystore"):
                self._readers[kind] = await sqlite.open_bare(self.file(kind), kind, read_only=True)
            writer = await sqlite.open_bare(self.file("state"), "state")
        self._group = GroupWriter(
            writer, self._write_locks["state"], observe=lambda seconds: self._observe("group", seconds)
        )

    async def close(self) -> None:
        """Write what waits and close everything."""
        if self._group is not None:
            await self._group.close()
            self._group = None
        for connection in (*self._readers.values(), *self._appenders.values()):
            await connection.close()
        self._readers.clear()
        self._appenders.clear()
        for engine in self._engines.values():
            await engine.dispose()
        self._engines.clear()

    @property
    def group(self) -> GroupWriter:
        """Small writes of the request path."""
        if self._group is None:
            msg = "the store is not open"
            raise RuntimeError(msg)
        return self._group

    @asynccontextmanager
    async def transaction(self, kind: str = "state") -> AsyncIterator[AsyncConnection]:
        """One transaction that writes."""
        with self._timed("transaction"):
            async with self._write_locks[kind]:
                with sqlite.translated():
                    async with self._engines[kind].begin() as connection:
                        yield connection

    @asynccontextmanager
    async def read(self, kind: str = "state") -> AsyncIterator[AsyncConnection]:
        """A connection for reading outside the request path: every statement sees the newest committed state."""
        with self._timed("read"), sqlite.translated():
            engine = self._engines[kind].execution_options(**{sqlite.READ_ONLY: True})
            async with engine.connect() as connection:
                yield connection

    async def hot(self, kind: str, statement: Statement, **values: Any) -> list[Any]:  # noqa: ANN401 - driver values
        """Run a compiled read; one hop to the driver's thread."""
        return await self.hot_bound(kind, statement.text, statement.bind(**values))

    async def hot_bound(self, kind: str, text: str, parameters: tuple[Any, ...]) -> list[Any]:
        """Run a read whose parameters are in order already."""
        with self._timed("hot"), sqlite.translated():
            return list(await self._readers[kind].execute_fetchall(text, parameters))

    async def append(self, kind: str, insert: Bulk, rows: list[tuple[Any, ...]]) -> None:
        """Insert *rows* in one transaction of its own connection."""
        with self._timed("append"), sqlite.translated():
            async with self._write_locks[kind]:
                connection = self._appenders.get(kind)
                if connection is None:  # under the lock: of two that were opened at once, nobody would close the first
                    connection = self._appenders[kind] = await sqlite.open_bare(self.file(kind), kind)
                try:
                    await connection.execute_fetchall("BEGIN IMMEDIATE")
                    for text, parameters in insert.calls(rows):
                        await connection.execute_fetchall(text, parameters)
                    await connection.execute_fetchall("COMMIT")
                except BaseException:
                    await connection.rollback()  # also when cancelled: its thread may begin the transaction only now
                    raise

    async def checkpoint(self, kind: str = "state") -> bool:
        """Empty the write-ahead log of *kind*; False when a reader was in the way."""
        with self._timed("checkpoint"):
            async with self._write_locks[kind]:
                with sqlite.translated():
                    async with self.read(kind) as connection:
                        return await sqlite.checkpoint(connection)

    @contextmanager
    def _timed(self, operation: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            self._observe(operation, perf_counter() - started)

    async def problems(self) -> list[str]:
        """What is wrong with the files; empty when they are sound."""
        found = []
        for kind in KINDS:
            async with self.read(kind) as connection:
                found += [f"{self.file(kind).name}: {line}" for line in await sqlite.check_integrity(connection)]
        return found
