"""Each sealed secret has a clock of its own, and what is due is found."""

from __future__ import annotations

import pytest

from provserver.domain.device import Credential
from provserver.errors import StorageError
from provserver.storage import credentials, records
from provserver.storage.database import Storage
from tests.storage.rows import credential, device, store, tenant

DAY = 86_400_000


async def all_of(storage: Storage, *numbers: int) -> list[Credential]:
    async with storage.read() as tx:
        return await credentials.credentials_of(tx, [f"device:device-{number}" for number in numbers])


async def due(storage: Storage, *, now_ms: int, limit: int = 10) -> list[str]:
    async with storage.read() as tx:
        return [c.id for c in await credentials.due_credentials(tx, now_ms=now_ms, limit=limit)]


async def test_what_is_written_is_read_back(storage: Storage) -> None:
    full = credential(
        1, released_at=2, first_delivered_at=3, delete_after=4, expiring_at=5, deleted_at=6, tenant_id="t", sealed=None
    )
    await store(storage, credentials_=(full, credential(2)))

    assert await all_of(storage, 1, 2) == [full, credential(2)]


async def test_a_field_of_an_owner_is_there_once(storage: Storage) -> None:
    await store(storage, credentials_=(credential(1),))

    with pytest.raises(StorageError):
        await store(storage, credentials_=(credential(1, id="another"),))


async def test_many_owners_are_read_in_pieces(storage: Storage) -> None:
    numbers = range(1, 1102)
    await store(storage, credentials_=tuple(credential(number) for number in numbers))

    found = await all_of(storage, *numbers)
    async with storage.transaction() as tx:
        await credentials.remove_credentials(tx, [c.id for c in found[1:]])

    assert len(found) == 1101
    assert await all_of(storage, *numbers) == found[:1]


async def test_a_running_clock_is_due_at_its_end_and_not_before(storage: Storage) -> None:
    await store(
        storage,
        credentials_=(
            credential(1, first_delivered_at=1, delete_after=100),
            credential(2),  # never delivered
            credential(3, released_at=1),  # on its way out
            credential(4, first_delivered_at=1, delete_after=50),
            credential(5, expiring_at=1),  # a deletion that was cut off
            credential(6, first_delivered_at=1, delete_after=10, expiring_at=10, deleted_at=11, sealed=None),
        ),
    )

    assert await due(storage, now_ms=49) == ["credential-0005"]
    assert await due(storage, now_ms=50) == ["credential-0005", "credential-0004"]
    assert await due(storage, now_ms=99) == ["credential-0005", "credential-0004"]
    assert await due(storage, now_ms=100) == ["credential-0005", "credential-0004", "credential-0001"]
    assert await due(storage, now_ms=100, limit=1) == ["credential-0005"]


async def test_a_release_that_nobody_reported_starts_its_clock_at_the_release(storage: Storage) -> None:
    await store(
        storage,
        tenants_=(tenant(), tenant("other")),
        credentials_=(
            credential(1, released_at=100),
            credential(2, released_at=201),  # may still be on its way
            credential(3),
            credential(4, released_at=50, first_delivered_at=60, delete_after=61),
            credential(5, released_at=200, tenant_id="tenant-other"),
        ),
    )

    async with storage.transaction() as tx:
        count = await credentials.presume_delivered(
            tx, released_before_ms=200, retention_ms={"tenant-acme": 15 * DAY, "tenant-other": DAY}
        )

    assert count == 2
    clocks = {c.id[-1]: (c.first_delivered_at, c.delete_after) for c in await all_of(storage, 1, 2, 3, 4, 5)}
    assert clocks == {
        "1": (100, 100 + 15 * DAY),
        "2": (None, None),
        "3": (None, None),
        "4": (60, 61),
        "5": (200, 200 + DAY),
    }


async def test_deletion_marks_then_empties_and_keeps_the_dates(storage: Storage) -> None:
    await store(storage, credentials_=(credential(1, first_delivered_at=1, delete_after=2), credential(2)))

    async with storage.transaction() as tx:
        await credentials.mark_expiring(tx, ["credential-0001"], at_ms=10)
        await credentials.mark_expiring(tx, ["credential-0001"], at_ms=11)
    marked, other = await all_of(storage, 1, 2)
    assert (marked.expiring_at, marked.is_held, marked.sealed is None) == (10, False, False)
    assert other.is_held

    async with storage.transaction() as tx:
        await credentials.mark_deleted(tx, ["credential-0001"], at_ms=12)
    gone, _ = await all_of(storage, 1, 2)

    assert (gone.sealed, gone.deleted_at, gone.first_delivered_at, gone.delete_after) == (None, 12, 1, 2)
    assert await due(storage, now_ms=100) == []


async def test_the_summary_counts_by_clock(storage: Storage) -> None:
    async with storage.read() as tx:
        assert await credentials.summary(tx, now_ms=1) == {
            "held": 0, "running": 0, "overdue": 0, "deleted": 0, "oldest_ms": 0,
        }  # fmt: skip
    await store(
        storage,
        credentials_=(
            credential(1),
            credential(2, first_delivered_at=1, delete_after=1000),
            credential(3, first_delivered_at=1, delete_after=400),
            credential(4, first_delivered_at=1, delete_after=300),
            credential(5, first_delivered_at=1, delete_after=10, deleted_at=11, sealed=None),
        ),
    )

    async with storage.read() as tx:
        found = await credentials.summary(tx, now_ms=500)

    assert found == {"held": 4, "running": 3, "overdue": 2, "deleted": 1, "oldest_ms": 200}


async def test_keys_that_are_still_needed_are_told_from_orphans(storage: Storage) -> None:
    await store(storage, credentials_=(credential(1), credential(2, sealed=None)))

    async with storage.read() as tx:
        assert await credentials.needed_keys(tx, ["key-1", "key-2", "key-3"]) == {"key-1"}


async def test_the_newest_moment_of_any_credential_is_the_floor_of_time(storage: Storage) -> None:
    async with storage.read() as tx:
        assert await credentials.newest_moment(tx) == 0
    await store(
        storage,
        credentials_=(
            credential(1, created_at=5, released_at=70),
            credential(2, first_delivered_at=60, delete_after=999),
        ),
    )

    async with storage.read() as tx:
        assert await credentials.newest_moment(tx) == 70


async def _group(storage: Storage, *writes: tuple[object, tuple[object, ...]]) -> None:
    storage.group.write_soon(writes)  # type: ignore[arg-type]
    await storage.group.flush()


async def test_an_attempt_takes_back_its_own_mark_only(storage: Storage) -> None:
    await store(storage, credentials_=(credential(1),))
    mark, back = records.MARK_RELEASED, records.TAKE_BACK
    await _group(storage, (mark, mark.bind(credential="credential-0001", at=10, release=1)))
    await _group(storage, (mark, mark.bind(credential="credential-0001", at=20, release=2)))

    await _group(storage, (back, back.bind(credential="credential-0001", release=1)))
    assert (await all_of(storage, 1))[0].released_at == 20

    await _group(storage, (back, back.bind(credential="credential-0001", release=2)))
    assert (await all_of(storage, 1))[0].released_at is None


async def test_a_first_delivery_stays_the_first(storage: Storage) -> None:
    await store(storage, credentials_=(credential(1),))
    delivered, mark, back = records.MARK_DELIVERED, records.MARK_RELEASED, records.TAKE_BACK
    await _group(storage, (mark, mark.bind(credential="credential-0001", at=10, release=1)))
    await _group(storage, (delivered, delivered.bind(credential="credential-0001", at=11, until=111)))

    await _group(
        storage,
        (delivered, delivered.bind(credential="credential-0001", at=50, until=150)),
        (mark, mark.bind(credential="credential-0001", at=60, release=2)),
        (back, back.bind(credential="credential-0001", release=1)),
    )

    (found,) = await all_of(storage, 1)
    assert (found.released_at, found.first_delivered_at, found.delete_after) == (10, 11, 111)


async def test_using_the_lasting_token_ends_the_others_of_its_own_generation_only(storage: Storage) -> None:
    """A request that was decided before a new arming must not end the tokens that the arming has made."""
    await store(storage, tenants_=(tenant(),), devices_=(device(1),))
    used = records.MARK_LASTING_USED

    await _group(storage, (used, used.bind(device="device-1", at=5, lasting=b"lasting of before the arming")))
    async with storage.read() as tx:
        rows = await tx.exec_driver_sql("SELECT bootstrap_token, lasting_used_at FROM device")
        assert rows.one() == (b"bootstrap 1", None)

    await _group(storage, (used, used.bind(device="device-1", at=5, lasting=b"lasting 1")))
    async with storage.read() as tx:
        rows = await tx.exec_driver_sql("SELECT bootstrap_token, previous_token, lasting_used_at FROM device")
        assert rows.one() == (None, None, 5)
