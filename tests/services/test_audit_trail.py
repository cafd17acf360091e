"""The anchor notices what the chain cannot: an end that was cut off, and an old copy in the trail's place."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from provserver.app import Services, build
from provserver.domain.device import Tenant
from provserver.errors import Conflict
from provserver.services.upkeep.audit_trail import Mark
from provserver.settings import Settings
from provserver.storage import anchors, audit
from provserver.storage.anchors import Anchor
from tests.clocks import START_MS, FakeClock
from tests.services.fleet import MAC, last_audit, put, running, yealink

HASH = "0" * 64


@pytest.fixture
async def anchored(services: Services, tenant: Tenant) -> int:
    """The number of the last entry of a trail that has some, and an anchor at its end."""
    await put(services, yealink(tenant))
    await services.trail.renew()  # the first, and the entry that says so
    for _ in range(3):
        await services.devices.lock(MAC, reason="test")
        await services.locks.unlock(MAC)
    await services.trail.renew()
    return (await services.trail.current()).seq


async def test_a_trail_that_grows_fits_its_anchor(services: Services, anchored: int) -> None:
    assert await services.soundness.problems() == []
    assert (await _anchor(services)).seq == anchored == 9

    await services.devices.lock(MAC, reason="test")

    assert await services.soundness.problems() == []


async def test_the_anchor_follows_and_is_made_once(services: Services, anchored: int) -> None:
    await services.devices.lock(MAC, reason="test")
    await services.trail.renew()
    await services.trail.renew()

    assert (await _anchor(services)).seq == anchored + 1
    async with services.storage.read() as tx:
        query = "SELECT count(*) FROM audit WHERE action = 'audit.anchored'"
        assert (await tx.exec_driver_sql(query)).scalar_one() == 1


@pytest.mark.parametrize("cut", [1, 3, 9])
async def test_an_end_that_was_cut_off_is_noticed(services: Services, anchored: int, cut: int) -> None:
    """The chain alone holds: every entry that is left follows from the one before."""
    await _sql(services, f"DELETE FROM audit WHERE seq > {anchored - cut}")  # noqa: S608 - a number
    async with services.storage.read() as tx:
        assert await audit.first_break(tx) is None

    (problem,) = await services.soundness.problems()

    end, said = anchored - cut, f"that there was an entry {anchored}"
    assert problem == f"audit trail: it ends at entry {end}, and the anchor of 2025-10-09T08:53:20Z says {said}"


async def test_an_end_that_was_written_anew_is_noticed(services: Services, anchored: int) -> None:
    """With hashes of its own, which fit, and as long as before."""
    await _sql(services, f"DELETE FROM audit WHERE seq > {anchored - 2}")  # noqa: S608 - a number
    await _sql(services, f"UPDATE sqlite_sequence SET seq = {anchored - 2} WHERE name = 'audit'")  # noqa: S608 - a number
    for _ in range(5):
        await services.devices.lock(MAC, reason="another story")

    (problem,) = await services.soundness.problems()

    assert problem == f"audit trail: entry {anchored} is another than the anchor of 2025-10-09T08:53:20Z says"


async def test_an_old_copy_of_the_database_is_noticed(
    services: Services, anchored: int, settings: Settings, tmp_path: Path, clock: FakeClock
) -> None:
    copy = tmp_path / "copy.sqlite3"
    with (
        closing(sqlite3.connect(services.storage.file("state"))) as state,
        closing(sqlite3.connect(copy)) as target,
    ):
        state.backup(target)
    await services.devices.lock(MAC, reason="to be forgotten")
    await services.trail.renew()
    await services.storage.close()
    for file in settings.data.directory.glob("state.sqlite3*"):
        file.unlink()
    shutil.copy(copy, settings.data.directory / "state.sqlite3")

    async with build(settings, clock=clock) as again:
        (problem,) = await again.soundness.problems()
    await services.storage.open()  # the fixture closes it

    assert problem.startswith(f"audit trail: it ends at entry {anchored}, and the anchor of ")
    assert problem.endswith(f"says that there was an entry {anchored + 1}")


async def test_what_was_found_stays_found_however_the_trail_grows(services: Services, anchored: int) -> None:
    """Else whoever cuts it off would only have to wait for the next entries."""
    kept = await _anchor(services)
    await _sql(services, f"DELETE FROM audit WHERE seq > {anchored - 1}")  # noqa: S608 - a number
    await services.trail.renew()
    assert services.trail.problem is not None
    for _ in range(5):
        await services.devices.lock(MAC, reason="test")
        await services.trail.renew()

    assert await _anchor(services) == kept
    assert len(await services.soundness.problems()) == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM audit_anchor", "its anchor is missing"),
        ("UPDATE audit_anchor SET seq = 0", "its anchor is not the one that this server made"),
        ("UPDATE audit_anchor SET hash = 'f'", "its anchor is not the one that this server made"),
        ("UPDATE audit_anchor SET at = 1", "its anchor is not the one that this server made"),
        ("UPDATE audit_anchor SET seal = x'00'", "its anchor is not the one that this server made"),
    ],
)
@pytest.mark.usefixtures("anchored")
async def test_an_anchor_that_was_changed_or_taken_away_is_noticed(
    services: Services, statement: str, said: str
) -> None:
    async with services.storage.transaction("keystore") as tx:
        assert (await tx.exec_driver_sql(statement)).rowcount == 1

    assert await services.soundness.problems() == [f"audit trail: {said}"]
    await services.trail.renew()
    assert await services.soundness.problems() == [f"audit trail: {said}"]


async def test_an_older_keystore_beside_a_newer_trail_is_no_alarm(services: Services, anchored: int) -> None:
    """So it is after a crash between a commit and the anchor, and after a keystore was put back."""
    old = await _anchor(services)
    await services.devices.lock(MAC, reason="test")
    await services.trail.renew()
    async with services.storage.transaction("keystore") as tx:
        await anchors.put_anchor(tx, old)

    assert await services.soundness.problems() == []
    await services.trail.renew()
    assert (await _anchor(services)).seq == anchored + 1


async def test_a_process_that_dies_before_its_first_anchor_leaves_no_alarm(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    async with services.storage.read("keystore") as keys:
        assert await anchors.find_anchor(keys) is None
    assert await services.soundness.problems() == []

    async with running(settings, clock) as other:  # an upgrade: the trail is there before the anchor
        await other.trail.renew()
        assert other.trail.problem is None

    assert await services.soundness.problems() == []


async def test_whoever_accepts_a_break_says_why_in_the_trail(services: Services, anchored: int) -> None:
    kept = await _anchor(services)
    await _sql(services, f"DELETE FROM audit WHERE seq > {anchored - 2}")  # noqa: S608 - a number
    await services.trail.renew()

    mark = await services.trail.accept("backup of Tuesday put back")

    assert await services.soundness.problems() == []
    assert services.trail.problem is None
    assert (await _anchor(services)).seq == mark.seq
    entry = await last_audit(services)
    assert entry["action"] == "audit.break_accepted"
    assert orjson.loads(entry["detail"]) == {
        "problem": f"it ends at entry {anchored - 2}, and the anchor of 2025-10-09T08:53:20Z says that there was"
        f" an entry {anchored}",
        "reason": "backup of Tuesday put back",
        "expected_seq": kept.seq,
        "expected_hash": kept.hash,
    }


@pytest.mark.usefixtures("anchored")
async def test_there_is_nothing_to_accept_in_a_whole_trail(services: Services) -> None:
    with pytest.raises(Conflict, match="nothing to accept"):
        await services.trail.accept("no reason")


async def test_an_anchor_that_is_kept_outside_convicts_who_can_make_a_new_one(
    services: Services, anchored: int
) -> None:
    """Somebody with the key files too: the trail is cut off and anchored anew, and all is sound inside."""
    outside = await services.trail.current()
    await _sql(services, f"DELETE FROM audit WHERE seq > {anchored - 2}")  # noqa: S608 - a number
    async with services.storage.read() as tx, services.storage.transaction("keystore") as keys:
        await anchors.put_anchor(keys, await services.trail._at_the_end(tx))

    assert await services.soundness.problems() == []
    (problem,) = await services.trail.problems([Mark(seq=1, hash=await _hash(services, 1)), outside])

    end = f"it ends at entry {anchored - 2}"
    assert problem == f"audit trail: {end}, and the anchor kept outside says that there was an entry {anchored}"


async def test_another_hash_outside_is_noticed_too(services: Services, anchored: int) -> None:
    (problem,) = await services.trail.problems([Mark(seq=anchored, hash=HASH)])

    assert problem == f"audit trail: entry {anchored} is another than the anchor kept outside says"


async def _anchor(services: Services) -> Anchor:
    async with services.storage.read("keystore") as keys:
        found = await anchors.find_anchor(keys)
    assert found is not None
    assert found.at >= START_MS
    return found


async def _hash(services: Services, seq: int) -> str:
    async with services.storage.read() as tx:
        return await audit.hash_of(tx, seq) or ""


async def _sql(services: Services, statement: str) -> None:
    async with services.storage.transaction() as tx:
        assert (await tx.exec_driver_sql(statement)).rowcount
