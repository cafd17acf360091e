"""Many small writes share one commit, and whoever waits is told the truth about it."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from sqlalchemy import bindparam, insert

from provserver.errors import StorageError
from provserver.storage import group, meta
from provserver.storage.database import Storage
from provserver.storage.group import GroupWriter, Write
from provserver.storage.hot import Statement
from provserver.storage.tables import META

PUT = Statement(insert(META).values(name=bindparam("name"), value=bindparam("value")))


def put(name: str, value: str | None = "1") -> Write:
    return PUT, PUT.bind(name=name, value=value)


async def names(storage: Storage) -> list[str]:
    async with storage.read() as tx:
        return sorted((await tx.exec_driver_sql("SELECT name FROM meta")).scalars())


async def waiting(storage: Storage, *writes: Write) -> list[asyncio.Future[None]]:
    """Somebody who waits for each of *writes*."""
    waiters: list[asyncio.Future[None]] = [
        asyncio.ensure_future(storage.group.write([write]))  # noqa: TID251 - each is awaited in `outcomes`
        for write in writes
    ]
    await asyncio.sleep(0)
    return waiters


async def outcomes(waiters: list[asyncio.Future[None]]) -> list[Any]:
    async with asyncio.timeout(5):
        return await asyncio.gather(*waiters, return_exceptions=True)


async def test_many_waiters_share_one_commit(storage: Storage) -> None:
    statements: list[str] = []
    await storage.group._connection.set_trace_callback(statements.append)
    waiters = await waiting(storage, *(put(f"phone {number}") for number in range(200)))

    await storage.group.flush()

    assert await outcomes(waiters) == [None] * 200
    assert len(await names(storage)) == 200
    assert [text for text in statements if not text.startswith("INSERT")] == ["BEGIN IMMEDIATE", "COMMIT"]


async def test_whoever_waits_is_told_after_the_commit_and_not_before(storage: Storage) -> None:
    (waiter,) = await waiting(storage, put("x"))
    assert not waiter.done()

    await storage.group.flush()

    with sqlite3.connect(storage.file("state")) as elsewhere:
        assert elsewhere.execute("SELECT value FROM meta WHERE name = 'x'").fetchall() == [("1",)]
    elsewhere.close()
    assert await outcomes([waiter]) == [None]


async def test_a_group_is_written_whole_or_not_at_all_and_every_waiter_hears_of_it(storage: Storage) -> None:
    waiters = await waiting(storage, put("a"), put("b", None), put("c"))

    await storage.group.flush()

    told = await outcomes(waiters)
    assert all(isinstance(error, StorageError) for error in told)
    assert await names(storage) == []


async def test_after_a_failed_group_the_next_one_is_written(storage: Storage) -> None:
    await outcomes([*await waiting(storage, put("b", None)), *[asyncio.ensure_future(storage.group.flush())]])  # noqa: TID251
    waiters = await waiting(storage, put("a"))

    await storage.group.flush()

    assert await outcomes(waiters) == [None]
    assert await names(storage) == ["a"]


async def test_writes_of_different_kinds_keep_together(storage: Storage) -> None:
    other = Statement(META.update().where(META.c.name == bindparam("which")).values(value=bindparam("new")))
    storage.group.write_soon([put("a"), put("b")])
    storage.group.write_soon([(other, other.bind(which="b", new="2"))])

    await storage.group.flush()

    async with storage.read() as tx:
        assert (await meta.get(tx, "a"), await meta.get(tx, "b")) == ("1", "2")


async def test_lost_writes_that_nobody_waited_for_are_counted_once(storage: Storage) -> None:
    storage.group.write_soon([put("a")])
    storage.group.write_soon([put("b", None)])
    await storage.group.flush()

    assert (storage.group.take_lost_writes(), storage.group.take_lost_writes()) == (2, 0)


async def test_a_closed_store_takes_no_writes(storage: Storage) -> None:
    writer = storage.group
    await storage.close()

    with pytest.raises(StorageError):
        await writer.write([put("a")])
    with pytest.raises(StorageError):
        writer.write_soon([put("a")])


async def test_closing_writes_what_waits(storage: Storage) -> None:
    storage.group.write_soon([put("a")])
    waiters = await waiting(storage, put("b"))

    await storage.close()

    assert await outcomes(waiters) == [None]
    with sqlite3.connect(storage.file("state")) as elsewhere:
        assert elsewhere.execute("SELECT count(*) FROM meta").fetchall() == [(2,)]
    elsewhere.close()


async def test_a_queue_that_does_not_move_refuses_instead_of_growing(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "MAX_WAITING", 2)
    storage.group.write_soon([put("a")])
    storage.group.write_soon([put("b")])

    with pytest.raises(StorageError, match="does not take writes"):
        await storage.group.write([put("c")])

    await storage.group.flush()
    assert await names(storage) == ["a", "b"]


async def test_a_waiter_who_has_gone_disturbs_nobody(storage: Storage) -> None:
    gone, still = await waiting(storage, put("a"), put("b"))
    gone.cancel()
    await asyncio.sleep(0)

    await storage.group.flush()

    assert await outcomes([still]) == [None]
    assert await names(storage) == ["a", "b"]


async def test_a_group_waits_for_a_change_that_a_person_is_making(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await meta.put(tx, "person", "1")
        (waiter,) = await waiting(storage, put("phone"))
        flushing = asyncio.ensure_future(storage.group.flush())  # noqa: TID251 - runs beside the transaction
        await asyncio.sleep(0.01)
        assert not waiter.done()

    async with asyncio.timeout(5):
        await flushing
    assert await outcomes([waiter]) == [None]
    assert await names(storage) == ["person", "phone"]


async def test_the_writers_task_writes_what_comes_until_it_is_closed(storage: Storage) -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(storage.group.run())
        await storage.group.write([put("a")])
        await asyncio.gather(storage.group.write([put("b")]), storage.group.write([put("c")]))
        await storage.close()
        await running

    with sqlite3.connect(storage.file("state")) as elsewhere:
        assert elsewhere.execute("SELECT count(*) FROM meta").fetchall() == [(3,)]
    elsewhere.close()


async def test_a_group_that_is_cut_off_while_it_waits_for_another_process_leaves_nothing_open(storage: Storage) -> None:
    """A server that stops while an import of another process holds the lock still writes what waits."""
    elsewhere = sqlite3.connect(storage.file("state"), isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    waiters = await waiting(storage, put("cut off"))
    async with asyncio.TaskGroup() as tasks:
        flushing = tasks.create_task(storage.group.flush())
        await asyncio.sleep(0.05)
        flushing.cancel()
        await asyncio.sleep(0.05)
        elsewhere.execute("COMMIT")
    elsewhere.close()
    assert [type(error) for error in await outcomes(waiters)] == [asyncio.CancelledError]

    storage.group.write_soon([put("later")])
    await storage.group.flush()

    assert storage.group.take_lost_writes() == 0
    assert await names(storage) == ["later"]


def test_a_writer_belongs_to_an_open_store(storage: Storage) -> None:
    assert isinstance(storage.group, GroupWriter)
    with pytest.raises(RuntimeError, match="not open"):
        _ = Storage(storage.directory).group
