"""What only SQLite knows: engines, pragmas, the data directory's lock, checkpoints, and its errors in our words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.dialects import sqlite as _sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from provserver.errors import DataDirectoryInUse, StorageDamaged, StorageError, StorageFull

# Statements that PostgreSQL knows in the same form, by its own dialect: ON CONFLICT DO UPDATE, DO NOTHING.
Upsert = _sqlite.Insert
upsert = _sqlite.insert
DIALECT = _sqlite.dialect(paramstyle="qmark")  # what statements for the bare driver are compiled for
BareConnection = aiosqlite.Connection

BUSY_MS = 15_000  # an import of 10,000 devices holds the write lock for seconds
_CHECKPOINT_MS = 500  # nobody can write while a checkpoint waits for readers; it is repeated, phones are not
LOCK_FILE = "server.lock"
READ_ONLY = "provserver_read_only"  # execution option: no transaction, every statement reads the newest commit
_SECURE_DELETE_ON = 1

# WAL with FULL: a commit is on the disk when it returns, which is what "recorded before it is sent" needs after a power
# cut. The keystore has no WAL: what is deleted there must be gone from every file when the commit returns.
_COMMON = (f"PRAGMA busy_timeout = {BUSY_MS}", "PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON")
PRAGMAS = {
    "state": (*_COMMON, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -12288"),
    "requests": (*_COMMON, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -8192"),
    "keystore": (*_COMMON, "PRAGMA journal_mode = TRUNCATE", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -6144"),
}


def create_engine(file: Path, kind: str, *, migrating: bool = False) -> AsyncEngine:
    """
    An engine on *file* with the pragmas of *kind* (``state``, ``requests``, ``keystore``) on every connection.

    *migrating*: without foreign keys. SQLite changes a column by copying its table and dropping the old one, which
    would be refused where other rows point into it; see `broken_references`.

    Transactions begin as writers (BEGIN IMMEDIATE): one that found out late that it must write would have to be
    repeated.
    """
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=2, max_overflow=4)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN, see below
        cursor = connection.cursor()
        for pragma in PRAGMAS[kind]:
            cursor.execute(pragma)
        if migrating:
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA secure_delete")
        _assert_secure_delete(cursor.fetchone(), file)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READ_ONLY):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def broken_references(connection: Connection) -> list[str]:
    """The tables with rows that point to nothing, as a migration would leave them that goes wrong."""
    return sorted({row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})


async def open_bare(file: Path, kind: str, *, read_only: bool = False) -> BareConnection:
    """
    A connection of the driver itself, for the statements of the hot path.

    It has the same pragmas; a *read_only* one runs no statement that writes. Its file is open for writing all the same:
    the first to come has to roll back what a writer left that was killed, or whose disk was full, else it cannot read.
    """
    mode = "rw" if read_only else "rwc"
    connection = await aiosqlite.connect(f"file:{file}?mode={mode}", uri=True, isolation_level=None)
    pragmas = [pragma for pragma in PRAGMAS[kind] if not (read_only and "journal_mode" in pragma)]
    try:
        for pragma in (*pragmas, *(("PRAGMA query_only = ON",) if read_only else ())):
            await connection.execute_fetchall(pragma)
        _assert_secure_delete(next(iter(await connection.execute_fetchall("PRAGMA secure_delete")), None), file)
    except BaseException:
        await connection.close()  # its thread would keep the process from ending
        raise
    return connection


def _assert_secure_delete(answer: Any, file: Path) -> None:  # noqa: ANN401 - a row of the driver
    if not answer or answer[0] != _SECURE_DELETE_ON:  # fail closed: this build of SQLite would keep deleted bytes
        msg = f"{file}: this SQLite does not overwrite deleted data (secure_delete)"
        raise StorageError(msg)


async def checkpoint(connection: AsyncConnection) -> bool:
    """Bring the write-ahead log into the database and empty it; False when a reader prevented it (try again)."""
    await connection.exec_driver_sql(f"PRAGMA busy_timeout = {_CHECKPOINT_MS}")
    try:
        row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
    finally:
        if not connection.invalidated:  # a cancelled one is: it goes, and asking it would hide the cancellation
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_MS}")
    return int(row[0]) == 0


async def check_integrity(connection: AsyncConnection) -> list[str]:
    """What SQLite finds wrong with the file; empty when it is sound."""
    rows = await connection.exec_driver_sql("PRAGMA integrity_check(20)")
    return [row[0] for row in rows if row[0] != "ok"]


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into StorageError, StorageFull or StorageDamaged."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        raise _translate(error) from error


def _translate(error: sqlite3.Error | DBAPIError) -> StorageError:
    original = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(original, "sqlite_errorname", "")
    said = str(original)  # the driver's own words; SQLAlchemy's would add the parameters
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE")) or "disk is full" in said:
        return StorageFull("no room left to write to the data directory; nothing was changed")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StorageDamaged(f"the database is damaged: {said}")
    return StorageError(f"database: {said}")


class DirectoryLock:
    """Holds a data directory for one server; the lock dies with the process, however it dies."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_FILE
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, or raise DataDirectoryInUse."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            msg = f"{self._path.parent}: another server (process {holder or 'unknown'}) works on this data directory"
            raise DataDirectoryInUse(msg) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the directory free."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
