"""Whoever changes or removes an entry of the audit trail breaks its chain there."""

from __future__ import annotations

import sqlite3

import pytest

from provserver.storage import audit
from provserver.storage.database import Storage

COLUMNS = {
    "at": 5,
    "actor": "cli:mallory",
    "action": "device.unlocked",
    "tenant_id": None,
    "object": "805ec0ffffff",
    "detail": "{}",
    "previous": "0" * 64,
    "hash": "f" * 64,
}


async def written(storage: Storage, count: int = 5) -> None:
    for number in range(1, count + 1):
        async with storage.transaction() as tx:
            await audit.append(
                tx,
                at_ms=1000 + number,
                actor="cli:anna",
                action="device.locked",
                tenant_id="t1",
                object_=f"805ec0{number:06x}",
                detail={"reason": "stolen", "number": number},
            )


async def first_break(storage: Storage) -> int | None:
    async with storage.read() as tx:
        return await audit.first_break(tx)


def tamper(storage: Storage, statement: str, *values: object) -> None:
    with sqlite3.connect(storage.file("state")) as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


async def test_an_untouched_trail_holds(storage: Storage) -> None:
    assert await first_break(storage) is None
    await written(storage)
    assert await first_break(storage) is None


@pytest.mark.parametrize("column", COLUMNS)
async def test_a_changed_column_breaks_the_chain_at_its_entry(storage: Storage, column: str) -> None:
    await written(storage)

    tamper(storage, f'UPDATE audit SET "{column}" = ? WHERE seq = 3', COLUMNS[column])  # noqa: S608 - our own names

    assert await first_break(storage) == 3


async def test_no_column_is_left_out(storage: Storage) -> None:
    with sqlite3.connect(storage.file("state")) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(audit)")}
    connection.close()

    assert columns == {*COLUMNS, "seq"}


@pytest.mark.parametrize("seq", [1, 3])
async def test_a_removed_entry_breaks_the_chain_at_the_next_one(storage: Storage, seq: int) -> None:
    await written(storage)

    tamper(storage, "DELETE FROM audit WHERE seq = ?", seq)

    assert await first_break(storage) == seq + 1


async def test_a_rewritten_entry_breaks_the_chain_even_with_a_hash_of_its_own(storage: Storage) -> None:
    await written(storage)
    with sqlite3.connect(storage.file("state")) as connection:
        connection.row_factory = sqlite3.Row
        entry = dict(connection.execute("SELECT * FROM audit WHERE seq = 3").fetchone())
    connection.close()
    del entry["seq"], entry["hash"]
    entry["actor"] = "cli:mallory"

    tamper(storage, "UPDATE audit SET actor = ?, hash = ? WHERE seq = 3", entry["actor"], audit._hash(entry))

    assert await first_break(storage) == 4


async def test_entries_in_another_order_break_the_chain(storage: Storage) -> None:
    await written(storage)

    tamper(storage, "UPDATE audit SET seq = 99 WHERE seq = 2")

    assert await first_break(storage) == 3


async def test_a_long_trail_is_read_page_by_page(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_PAGE", 2)
    await written(storage, 7)
    assert await first_break(storage) is None

    tamper(storage, "UPDATE audit SET at = 1 WHERE seq = 6")

    assert await first_break(storage) == 6


async def test_an_entry_is_there_only_if_what_it_reports_is(storage: Storage) -> None:
    await written(storage, 1)

    async def undone() -> None:
        async with storage.transaction() as tx:
            await audit.append(tx, at_ms=1, actor="a", action="b", tenant_id=None, object_="c", detail={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    await written(storage, 1)

    async with storage.read() as tx:
        assert (await tx.exec_driver_sql("SELECT count(*) FROM audit")).scalar_one() == 2
    assert await first_break(storage) is None


async def test_several_entries_of_one_transaction_are_chained(storage: Storage) -> None:
    async with storage.transaction() as tx:
        for number in range(3):
            await audit.append(
                tx, at_ms=1, actor="server", action="x.done", tenant_id=None, object_=str(number), detail={}
            )

    assert await first_break(storage) is None
    async with storage.read() as tx:
        previous = (await tx.exec_driver_sql("SELECT previous FROM audit ORDER BY seq")).scalars().all()
        hashes = (await tx.exec_driver_sql("SELECT hash FROM audit ORDER BY seq")).scalars().all()
    assert previous == ["0" * 64, *hashes[:-1]]
