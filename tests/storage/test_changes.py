"""Every change leaves a note that other processes find, once and in order."""

from __future__ import annotations

import pytest

from provserver.storage import changes
from provserver.storage.database import Storage


async def noted(storage: Storage, *keys: str) -> None:
    async with storage.transaction() as tx:
        await changes.note(tx, keys)


async def since(storage: Storage, seq: int) -> list[str]:
    return [key for _, key in await storage.hot("state", changes.NOTES_SINCE, since=seq)]


async def newest(storage: Storage) -> int:
    async with storage.read() as tx:
        return await changes.newest(tx)


async def test_notes_are_found_from_where_one_stopped(storage: Storage) -> None:
    assert await newest(storage) == 0
    await noted(storage, "805ec0000001", "805ec0000002")
    middle = await newest(storage)
    await noted(storage, changes.EVERYTHING)

    assert await since(storage, 0) == ["805ec0000001", "805ec0000002", changes.EVERYTHING]
    assert await since(storage, middle) == [changes.EVERYTHING]
    assert await since(storage, await newest(storage)) == []


async def test_nothing_changed_leaves_no_note(storage: Storage) -> None:
    await noted(storage)

    assert await newest(storage) == 0


async def test_a_note_of_a_change_that_was_undone_is_not_there(storage: Storage) -> None:
    async def undone() -> None:
        async with storage.transaction() as tx:
            await changes.note(tx, ["805ec0000001"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()

    assert await since(storage, 0) == []


async def test_old_notes_are_forgotten_and_numbers_are_never_used_again(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 2)
    await noted(storage, *"abcde")

    async with storage.transaction() as tx:
        await changes.forget_old(tx)
    assert await since(storage, 0) == ["d", "e"]

    async with storage.transaction() as tx:
        await tx.exec_driver_sql("DELETE FROM change")
    await noted(storage, "f")
    assert await since(storage, 5) == ["f"]
