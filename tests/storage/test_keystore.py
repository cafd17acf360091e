"""Data keys live in a file of their own, and what is destroyed there is in no byte of it."""

from __future__ import annotations

from provserver.storage import keystore
from provserver.storage.database import Storage
from provserver.storage.keystore import KeyGeneration
from tests.storage.rows import wrapped


async def kept(storage: Storage, *ids: str, generation: int = 1) -> None:
    async with storage.transaction("keystore") as tx:
        await keystore.insert_keys(
            tx,
            [wrapped(key_id, generation=generation) for key_id in ids],
            owner_of=lambda key: f"owner of {key.key_id}",
        )


async def test_keys_are_found_by_their_ids(storage: Storage) -> None:
    await kept(storage, "a", "b")

    async with storage.read("keystore") as tx:
        found = await keystore.find_keys(tx, ["a", "c"])

    assert found == {"a": wrapped("a")}


async def test_more_keys_than_one_statement_takes_are_found_and_destroyed(storage: Storage) -> None:
    ids = [f"{number:05}" for number in range(1201)]
    await kept(storage, *ids)

    async with storage.transaction("keystore") as tx:
        assert sorted(await keystore.find_keys(tx, ids)) == ids
        await keystore.destroy_keys(tx, ids[1:])
        assert list(await keystore.find_keys(tx, ids)) == ids[:1]


async def test_a_destroyed_key_is_in_no_file_when_the_commit_returns(storage: Storage) -> None:
    await kept(storage, "marked-key-5f3759df", "other")

    async with storage.transaction("keystore") as tx:
        await keystore.destroy_keys(tx, ["marked-key-5f3759df"])

    left = [file.name for file in storage.directory.iterdir() if b"marked-key" in file.read_bytes()]
    assert left == []


async def test_keys_of_other_generations_come_in_pages_with_their_owners(storage: Storage) -> None:
    await kept(storage, "a", "b", "c", generation=1)
    await kept(storage, "d", generation=2)

    async with storage.read("keystore") as tx:
        first = await keystore.keys_not_of(tx, 2, after="", limit=2)
        rest = await keystore.keys_not_of(tx, 2, after=first[-1][0].key_id, limit=2)

    assert [(key.key_id, owner) for key, owner in first] == [("a", "owner of a"), ("b", "owner of b")]
    assert [key.key_id for key, _ in rest] == ["c"]


async def test_a_rewrapped_key_replaces_the_old_bytes(storage: Storage) -> None:
    await kept(storage, "a", "b")
    fresh = wrapped("a", generation=2)

    async with storage.transaction("keystore") as tx:
        await keystore.replace_keys(tx, [fresh])
        assert (await keystore.find_keys(tx, ["a"]))["a"] == fresh
        assert await keystore.count_by_generation(tx) == {1: 1, 2: 1}


async def test_ids_come_in_pages(storage: Storage) -> None:
    await kept(storage, "c", "a", "b")

    async with storage.read("keystore") as tx:
        assert await keystore.key_ids_after(tx, "", limit=2) == ["a", "b"]
        assert await keystore.key_ids_after(tx, "b", limit=2) == ["c"]
        assert await keystore.key_ids_after(tx, "c", limit=2) == []


async def test_a_new_generation_retires_those_before_it_once(storage: Storage) -> None:
    async with storage.transaction("keystore") as tx:
        await keystore.insert_generation(tx, 1, b"one", at_ms=10)
        await keystore.insert_generation(tx, 2, b"two", at_ms=20)
        await keystore.insert_generation(tx, 3, b"three", at_ms=30)
        await keystore.mark_destroyed(tx, 1, at_ms=40)
        found = await keystore.generations(tx)

    assert found == [
        KeyGeneration(generation=1, check_value=b"one", created_at=10, retired_at=20, destroyed_at=40),
        KeyGeneration(generation=2, check_value=b"two", created_at=20, retired_at=30),
        KeyGeneration(generation=3, check_value=b"three", created_at=30),
    ]
