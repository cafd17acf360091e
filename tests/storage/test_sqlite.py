"""Deleted bytes are overwritten on every connection; errors come in our words; a directory has one server."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import aiosqlite
import pytest

from provserver.errors import DataDirectoryInUse, StorageDamaged, StorageError, StorageFull
from provserver.storage import meta, sqlite
from provserver.storage.database import KINDS, Storage
from provserver.storage.requests import ADD_REQUESTS, REQUEST_COLUMNS
from provserver.storage.sqlite import DirectoryLock

MARK = "marked-5f3759df"
each_kind = pytest.mark.parametrize("kind", KINDS)


async def _pragma(connection: aiosqlite.Connection, name: str) -> object:
    return next(iter(await connection.execute_fetchall(f"PRAGMA {name}")))[0]


def _files_with(directory: Path, text: str) -> list[str]:
    return [file.name for file in directory.iterdir() if text.encode() in file.read_bytes()]


@each_kind
async def test_secure_delete_is_on_for_every_connection_of_the_pool(storage: Storage, kind: str) -> None:
    async with storage.transaction(kind) as writing, storage.read(kind) as reading, storage.read(kind) as third:
        for tx in (writing, reading, third):
            assert (await tx.exec_driver_sql("PRAGMA secure_delete")).scalar_one() == 1
            assert (await tx.exec_driver_sql("PRAGMA foreign_keys")).scalar_one() == 1


async def test_secure_delete_is_on_for_every_connection_of_the_request_path(storage: Storage) -> None:
    await storage.append("requests", ADD_REQUESTS, [])
    bare = (storage._readers["state"], storage._readers["keystore"], storage._appenders["requests"])

    assert await _pragma(storage.group._connection, "secure_delete") == 1
    assert [await _pragma(connection, "secure_delete") for connection in bare] == [1, 1, 1]


@pytest.mark.parametrize("setting", ["FAST", "OFF"])
async def test_an_sqlite_that_keeps_deleted_bytes_is_refused(
    directory: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """Fail closed: "fast" overwrites only what costs nothing to overwrite."""
    for kind in KINDS:
        monkeypatch.setitem(sqlite.PRAGMAS, kind, (*sqlite.PRAGMAS[kind], f"PRAGMA secure_delete = {setting}"))
    storage = Storage(directory)

    with pytest.raises(StorageError, match="does not overwrite deleted data"):
        await storage.open()
    await storage.close()
    with pytest.raises(StorageError, match="does not overwrite deleted data"):
        _ = await sqlite.open_bare(directory / "state.sqlite3", "state")


@pytest.mark.parametrize(
    ("kind", "journal", "synchronous"), [("state", "wal", 2), ("requests", "wal", 1), ("keystore", "truncate", 2)]
)
async def test_a_commit_is_on_the_disk_where_it_must_be(
    storage: Storage, kind: str, journal: str, synchronous: int
) -> None:
    async with storage.transaction(kind) as tx:
        assert (await tx.exec_driver_sql("PRAGMA journal_mode")).scalar_one() == journal
        assert (await tx.exec_driver_sql("PRAGMA synchronous")).scalar_one() == synchronous


async def test_deleted_bytes_are_in_no_file_after_a_checkpoint(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await meta.put(tx, "x", MARK)
    assert _files_with(storage.directory, MARK)

    async with storage.transaction() as tx:
        await meta.put(tx, "x", "nothing")
    assert await storage.checkpoint()

    assert _files_with(storage.directory, MARK) == []
    assert storage.file("state").with_name("state.sqlite3-wal").stat().st_size == 0


async def test_a_reader_in_the_way_is_told_and_does_not_hold_everybody_up(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await meta.put(tx, "x", MARK)
    reader = sqlite3.connect(storage.file("state"), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM meta").fetchall()
    async with storage.transaction() as tx:
        await meta.put(tx, "x", "nothing")

    assert not await storage.checkpoint()

    reader.execute("COMMIT")
    reader.close()
    assert await storage.checkpoint()
    assert _files_with(storage.directory, MARK) == []


async def test_the_readers_of_the_request_path_cannot_write(storage: Storage) -> None:
    for kind, reader in storage._readers.items():
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await reader.execute_fetchall("DROP TABLE alembic_version")
        assert await _pragma(reader, "query_only") == 1, kind


async def test_a_change_that_raises_is_undone(storage: Storage) -> None:
    async def undone() -> None:
        async with storage.transaction() as tx:
            await meta.put(tx, "x", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()

    async with storage.read() as tx:
        assert await meta.get(tx, "x") is None


async def test_a_reader_sees_each_commit_and_nothing_before_it(storage: Storage) -> None:
    async with storage.read() as reading:
        async with storage.transaction() as tx:
            await meta.put(tx, "x", "1")
            assert await meta.get(reading, "x") is None
        assert await meta.get(reading, "x") == "1"


@each_kind
async def test_a_full_disk_is_named_and_nothing_is_half_written(storage: Storage, kind: str) -> None:
    """SQLite's own page limit stands in for the disk's end: the error is the same."""

    async def fill() -> None:
        async with storage.transaction(kind) as tx:
            await tx.exec_driver_sql("CREATE TABLE filler (content BLOB)")
            pages = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
            await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
            await tx.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(1000000))")

    with pytest.raises(StorageFull, match="no room left"):
        await fill()

    async with storage.read(kind) as tx:
        tables = (await tx.exec_driver_sql("SELECT name FROM sqlite_master")).scalars().all()
    assert "filler" not in tables
    assert await storage.problems() == []


@each_kind
async def test_a_file_that_is_no_database_is_named_as_damaged(directory: Path, kind: str) -> None:
    (directory / f"{kind}.sqlite3").write_bytes(b"not a database at all, but long enough to be one" * 100)
    storage = Storage(directory)

    with pytest.raises(StorageDamaged):
        await storage.open()
    await storage.close()


async def test_a_damaged_page_is_found(directory: Path) -> None:
    file = directory / "state.sqlite3"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 3 + 64] = os.urandom(64)
    file.write_bytes(content)
    storage = Storage(directory)

    try:
        await storage.open()
        found = await storage.problems()
    except StorageDamaged as error:
        found = [str(error)]
    finally:
        await storage.close()

    assert found


async def test_a_wrong_statement_is_our_error_without_its_parameters(storage: Storage) -> None:
    row = tuple(MARK for _ in REQUEST_COLUMNS)

    with pytest.raises(StorageError) as refused:
        await storage.append("requests", ADD_REQUESTS, [row[:-1]])
    assert MARK not in str(refused.value)

    with pytest.raises(StorageError) as refused:
        async with storage.transaction() as tx:
            await tx.exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, ?)", (MARK, None))
    assert MARK not in str(refused.value)


def test_a_directory_has_one_server(tmp_path: Path) -> None:
    first, second = DirectoryLock(tmp_path), DirectoryLock(tmp_path)
    first.acquire()

    with pytest.raises(DataDirectoryInUse, match=rf"{tmp_path}.*process {os.getpid()}") as refused:
        second.acquire()
    first.release()
    second.acquire()
    second.release()

    assert "\n" not in str(refused.value)


def test_a_lock_file_of_a_dead_server_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / sqlite.LOCK_FILE).write_text("4194305, a number longer than ours")
    lock = DirectoryLock(tmp_path)

    lock.acquire()

    assert (tmp_path / sqlite.LOCK_FILE).read_text() == str(os.getpid())
    lock.release()
    lock.release()


async def test_a_missing_keystore_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """A new one would look as if every credential had been deleted; the start is refused and nothing is made."""
    storage = Storage(tmp_path)
    await storage.open(migrate=True)
    await storage.close()
    (tmp_path / "keystore.sqlite3").unlink()

    with pytest.raises(StorageDamaged, match=r"keystore\.sqlite3 is missing"):
        await storage.open(migrate=True)

    assert not (tmp_path / "keystore.sqlite3").exists()
