"""
A store that is really broken while a server runs: phones are served, and each check fails the way it is written.

The rows of docs/threat-model.md that are about the store: the disk takes no byte, another process holds the write lock,
pages of a table are no pages any more.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from tests.system.fleet import Phone, Wish, mac_of, reading, rows, until_stored
from tests.system.room import no_room
from tests.system.server import Nursery, command
from tests.system.strangers import ATTACKER, BYSTANDER, OFFICE, Door, opened_door

PAGE_BYTES = 4_096
WALKED = 0x400000  # number of the first MAC that is walked
MOST_MISSES = 12
BANNED = "SELECT 1 FROM decision WHERE value = ? AND ended_at IS NULL"


@asynccontextmanager
async def known_phone(nursery: Nursery, folder: Path) -> AsyncIterator[tuple[Door, Phone]]:
    """A server at whose door a phone stands that it knows well: served, its clock running, nothing left to write."""
    async with opened_door(nursery, folder, [Wish(number=1)], RELEASE__SETTLING_MINUTES="0") as door:
        (phone,) = door.phones
        assert await door.boot(phone, by_window=False)
        await until_stored(folder / "data", "SELECT 1 FROM device WHERE lasting_used_at IS NOT NULL")
        await door.settle()
        yield door, phone


def walk() -> Iterator[str]:
    return (f"/{mac_of(WALKED + step)}.cfg" for step in range(40))


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Another process writes all the time: nobody else can."""
    with closing(sqlite3.connect(directory / "state.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def damaged(directory: Path, table: str, *, note: str) -> Iterator[None]:
    """The pages where *table* and its indices begin hold rubbish; *note* makes the server look into the file again."""
    file = directory / "state.sqlite3"
    with reading(directory) as state:
        assert state.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        found = state.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = ? AND rootpage > 0", (table,))
        places = [(row[0] - 1) * PAGE_BYTES for row in found]
    assert places
    before = {place: _overwritten(file, place, b"\xff" * PAGE_BYTES) for place in places}
    try:
        with reading(directory) as state:
            state.execute("INSERT INTO change (key) VALUES (?)", (note,))
            state.commit()
        yield
    finally:
        for place, content in before.items():
            _overwritten(file, place, content)
        with reading(directory) as state:  # a commit, so that nobody goes on with pages that he remembers
            state.execute("INSERT INTO change (key) VALUES ('nothing')")
            state.commit()


def _overwritten(file: Path, place: int, content: bytes) -> bytes:
    with file.open("r+b") as stream:
        stream.seek(place)
        before = stream.read(len(content))
        stream.seek(place)
        stream.write(content)
    return before


async def test_on_a_full_disk_a_walk_is_shut_out_and_that_is_written_when_there_is_room(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with known_phone(nursery, tmp_path) as (door, phone):
        with no_room(door.server, 0):
            assert await door.asked_until_shut_out(walk()) <= MOST_MISSES
            await door.serves_others()
            assert rows(data, BANNED, ATTACKER) == []
        await until_stored(data, BANNED, ATTACKER)
        assert await door.ask("/") is None
        assert await door.boot(phone, by_window=False)


async def test_while_another_process_writes_a_walk_is_shut_out_and_that_is_written_afterwards(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with known_phone(nursery, tmp_path) as (door, _):
        with held(data):
            assert await door.asked_until_shut_out(walk()) <= MOST_MISSES
            await door.serves_others()
            assert rows(data, BANNED, ATTACKER) == []
        await until_stored(data, BANNED, ATTACKER)


async def test_on_a_full_disk_a_copied_url_gets_nothing_and_its_device_is_locked_when_there_is_room(
    nursery: Nursery, tmp_path: Path
) -> None:
    """In a tenant whose phones stay where they are, the URL of one comes from another network."""
    data = tmp_path / "data"
    locked = "SELECT 1 FROM device WHERE lock_reason = 'monitor: other-network'"
    async with known_phone(nursery, tmp_path) as (door, phone):
        decided = await command(data, "tenant", "policy", "shop", "--fixed-networks")
        assert decided.code == 0, decided.complained
        await asyncio.sleep(1)  # the server looks four times a second
        with no_room(door.server, 0):
            answer = await door.ask(phone.by_token, source=BYSTANDER, agent=phone.agent)
            assert answer is not None
            assert (answer.status, phone.mark in answer.body) == (404, False)
            await door.settle()
            assert await door.boot(phone, by_window=False), "until it can be locked, its own token goes on"
            assert rows(data, locked) == []
        await until_stored(data, locked)
        assert not await door.boot(phone, by_window=False)


async def test_decisions_that_cannot_be_read_leave_in_force_what_was_and_are_read_when_that_is_possible(
    nursery: Nursery, tmp_path: Path
) -> None:
    """Another process bans somebody; the table cannot be read when the server hears of it."""
    data = tmp_path / "data"
    async with known_phone(nursery, tmp_path) as (door, phone):
        assert await door.asked_until_shut_out(walk()) <= MOST_MISSES
        await until_stored(data, BANNED, ATTACKER)
        with reading(data) as state:  # as `ban add` does it, but that the server does not hear of it yet
            state.execute(
                "INSERT INTO decision (at, scope, value, measure, reason, origin, times, simulated, evidence)"
                " VALUES (1, 'address', ?, 'ban', 'by hand', 'operator', 1, 0, 'null')",
                (BYSTANDER,),
            )
            state.commit()
        with damaged(data, "decision", note="decisions"):
            await asyncio.sleep(1)  # it looks four times a second
            assert await door.ask("/") is None, "what was in force is"
            assert await door.ask("/", source=BYSTANDER) is not None
            assert await door.boot(phone, by_window=False)
        async with asyncio.timeout(10):
            while await door.ask("/", source=BYSTANDER) is not None:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        assert await door.ask("/") is None


async def test_a_server_starts_without_its_decisions_and_has_them_in_force_once_they_can_be_read(
    nursery: Nursery, tmp_path: Path
) -> None:
    """A power cut, a broken table, and phones that boot: nobody waits until somebody has mended it."""
    data = tmp_path / "data"
    async with known_phone(nursery, tmp_path) as (door, phone):
        assert (await command(data, "ban", "add", BYSTANDER)).code == 0
    with damaged(data, "decision", note="nothing"):
        async with nursery.serving(data, tmp_path / "log2", MONITOR__ALLOW="") as server:
            again = Door(server=server, output=tmp_path / "log2", phones=door.phones)
            assert again.said("monitor.unread")
            assert await again.boot(phone, by_window=False)
            assert await again.ask("/", source=BYSTANDER) is not None
    async with nursery.serving(data, tmp_path / "log3", MONITOR__ALLOW="") as server:
        assert await Door(server=server, output=tmp_path / "log3", phones=()).ask("/", source=BYSTANDER) is None


async def test_canaries_that_cannot_be_read_are_known_once_they_can_be(nursery: Nursery, tmp_path: Path) -> None:
    data, trap = tmp_path / "data", mac_of(WALKED).value
    async with known_phone(nursery, tmp_path) as (door, phone):
        added = await command(data, "device", "add", "--tenant", "shop", "--mac", trap, "--vendor", "yealink")
        assert added.code == 0, added.complained
        with reading(data) as state:  # as `monitor canary add` does it, but that the server does not hear of it yet
            state.execute("INSERT INTO canary (device_id, added_at) SELECT id, 1 FROM device WHERE mac = ?", (trap,))
            state.commit()
        with damaged(data, "canary", note="decisions"):
            await asyncio.sleep(1)  # it looks four times a second
            assert await door.ask(f"/{trap}.cfg") is not None
            await door.settle()
            assert await door.boot(phone, by_window=False)
        async with asyncio.timeout(10):
            while await door.ask(f"/{trap}.cfg") is not None:  # noqa: ASYNC110 - another process; one touch shuts out
                await asyncio.sleep(0.1)
        assert await door.boot(phone, by_window=False)


async def test_while_the_store_cannot_say_what_was_a_token_nobody_is_taken_for_a_guesser(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with known_phone(nursery, tmp_path) as (door, phone):
        with damaged(data, "dead_token", note="nothing"):
            for number in range(20):
                answer = await door.ask(f"/{phone.lasting[:-2]}{number:02}/{phone.mac}.cfg", source=OFFICE)
                assert answer is not None
                assert answer.status == 404
            await door.settle()
            assert await door.boot(phone, by_window=False)
    assert door.decided() == []
