"""Data keys live in a file of their own, and what is destroyed there is in no byte of it."""

from __future__ import annotations

import asyncio
import sys

from provserver.storage import keystore
from provserver.storage.database import Storage
from provserver.storage.keystore import KeyGeneration
from tests.storage.rows import wrapped

# Writes pages of a transaction to the file, as one does that is too large for its memory, and is killed before its end.
KILLED_WRITER = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode = TRUNCATE", "synchronous = FULL", "cache_size = 1", "cache_spill = 1"):
    connection.execute(f"PRAGMA {pragma}")
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM wrapped_key")
connection.execute("CREATE TABLE rubbish AS SELECT randomblob(3000) FROM pragma_function_list")
os.kill(os.getpid(), signal.SIGKILL)
"""


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


async def test_what_a_killed_writer_left_keeps_nobody_from_reading(storage: Storage) -> None:
    """A command that is killed in its transaction leaves a journal, and whoever comes next has to roll it back."""
    await kept(storage, "a")
    file = storage.file("keystore")
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED_WRITER, file)
    assert await writer.wait() < 0
    assert file.with_name(f"{file.name}-journal").stat().st_size > 0

    found = await storage.hot_bound("keystore", "SELECT key_id FROM wrapped_key", ())

    assert [tuple(row) for row in found] == [("a",)]
