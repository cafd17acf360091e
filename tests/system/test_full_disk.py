"""A disk without room: no password leaves, nothing is half-written, and it all works again when there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from provserver.errors import StorageFull
from provserver.storage import sqlite
from tests.clocks import DAY_MS
from tests.system.fleet import Phone, Wish, clock_of, put_phones, rows, until_set, until_stored
from tests.system.inside import deliver, running
from tests.system.room import no_room
from tests.system.server import Nursery, log_of, opened, settings_for
from tests.system.wire import fetch

FRAME_BYTES = 4_096 + 24  # a page in the write-ahead log
MANY = 400


@pytest.mark.parametrize("frames", [None, 1], ids=["nothing fits", "one page fits"])
async def test_on_a_full_disk_no_password_leaves_that_has_no_clock(
    nursery: Nursery, tmp_path: Path, frames: int | None
) -> None:
    """The phone is asked to come again; its clock, its window and everybody else's answers are as before."""
    data = tmp_path / "data"
    async with running(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        fresh, known = await put_phones(services, tenant, [Wish(number=1), Wish(number=2)])
        await deliver(services, known)

    async with nursery.serving(data, tmp_path / "log") as server:
        await fetch(server.phone, known.by_token)
        await until_stored(data, "SELECT 1 FROM device WHERE lasting_used_at IS NOT NULL")
        before = clock_of(data, fresh)
        log_bytes = (data / "state.sqlite3-wal").stat().st_size
        with no_room(server, 0 if frames is None else log_bytes + frames * FRAME_BYTES):
            refused = await fetch(server.phone, fresh.by_window)
            again = await fetch(server.phone, fresh.by_token)
            served = await fetch(server.phone, known.by_token)
            stranger = await fetch(server.phone, "/805ec0ffffff.cfg")
            left = await fetch(
                server.phone, f"/{known.lasting}/{known.mac}-local.cfg", method="PUT", body=b"x" * 400_000
            )
            await asyncio.sleep(0.7)  # the request log tries to write, twice a second
            metrics = (await fetch(server.ops, "/metrics")).body.decode()
            during = clock_of(data, fresh)
        files = sorted((data / "uploads").iterdir()) if (data / "uploads").exists() else []
        after = await fetch(server.phone, fresh.by_window)
        await until_set(data, fresh, "first_delivered_at")

    # Where a page fits, the log may have begun anew meanwhile and have room: then the clock is there, and all is well.
    went_out = frames is not None and 200 in (refused.status, again.status)
    for reply in (refused, again):
        if not went_out:
            assert (reply.status, reply.body, reply.header("retry-after")) == (503, b"", "60")
    assert known.mark in served.body
    assert stranger.status == 404
    assert left.status == 503
    assert files == []
    assert rows(data, "SELECT id FROM upload") == []
    assert during["released_at"] is not None if went_out else during == before
    assert fresh.mark in after.body
    if frames is None:
        assert 'provserver_request_log_rows_total{result="dropped"}' in metrics
        assert 'provserver_request_log_rows_total{result="dropped"} 0.0' not in metrics
    assert not _damage(data)


async def test_deletion_that_finds_no_room_is_made_up_for(nursery: Nursery, tmp_path: Path) -> None:
    """It fails, says so, and goes on as soon as it can."""
    data = tmp_path / "data"
    async with opened(settings_for(data)) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1)])
    short = {"RETENTION__CREDENTIAL_DAYS": str(1 / 86_400), "RETENTION__INTERVAL_S": "0.2"}

    async with nursery.serving(data, tmp_path / "log", **short) as server:
        assert phone.mark in (await fetch(server.phone, phone.by_window)).body
        await until_set(data, phone, "first_delivered_at")
        with no_room(server, 0):
            await asyncio.sleep(1.5)
            overdue = clock_of(data, phone)
            metrics = (await fetch(server.ops, "/metrics")).body.decode()
        await until_set(data, phone, "deleted_at")
        gone = await fetch(server.phone, phone.by_token)

    assert overdue["deleted_at"] is None
    assert 'provserver_job_runs_total{name="retention",result="failed"}' in metrics
    assert 'provserver_job_runs_total{name="retention",result="failed"} 0.0' not in metrics
    assert "log.lost" in [line["event"] for line in log_of(tmp_path / "log")]
    assert phone.mark not in gone.body
    assert clock_of(data, phone)["ciphertext"] is None


@pytest.mark.parametrize("kind", ["keystore", "state"])
async def test_devices_that_do_not_fit_are_not_put_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Wherever the disk fills up: all of them or none, one clear line, and the same import fits when there is room."""
    data = tmp_path / "data"
    wishes = [Wish(number=number) for number in range(10, 10 + MANY)]
    async with running(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        (known,) = await put_phones(services, tenant, [Wish(number=1)])
    (size,) = (row["page_count"] for row in rows(data, "PRAGMA page_count", kind=kind))
    usual = sqlite.PRAGMAS[kind]

    full = 0
    for pages in range(size, size + 200, 9):
        monkeypatch.setitem(sqlite.PRAGMAS, kind, (*usual, f"PRAGMA max_page_count = {pages}"))
        async with running(settings_for(data)) as services:
            phones, refused = await _try(put_phones(services, tenant, wishes))
            if phones:
                break
            full += 1
            assert "\n" not in refused
            for table in ("device", "credential", "line"):
                assert len(rows(data, f"SELECT 1 FROM {table}")) == 1  # noqa: S608 - a name
            assert known.mark in (await deliver(services, known)).body
    else:
        pytest.fail("it never fitted")

    assert full > 2
    monkeypatch.setitem(sqlite.PRAGMAS, kind, usual)
    async with running(settings_for(data)) as services:
        assert await services.soundness.problems() == []
        assert phones[-1].mark in (await deliver(services, phones[-1])).body
        assert len(rows(data, "SELECT 1 FROM device")) == 1 + MANY


async def test_one_who_changes_a_device_on_a_full_disk_leaves_it_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password is still there and still works when the new one does not fit."""
    data = tmp_path / "data"
    long = {f"raw.filling.{number}": "x" * 2_000 for number in range(40)}
    async with running(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        (phone,) = await put_phones(services, tenant, [Wish(number=1)])
    before = clock_of(data, phone)
    (size,) = (row["page_count"] for row in rows(data, "PRAGMA page_count"))

    monkeypatch.setitem(sqlite.PRAGMAS, "state", (*sqlite.PRAGMAS["state"], f"PRAGMA max_page_count = {size}"))
    async with running(settings_for(data)) as services:
        with pytest.raises(StorageFull):
            await put_phones(services, tenant, [Wish(number=1, settings=long)])
        with pytest.raises(StorageFull):
            await services.tenants.set_shared(long, {}, tenant=tenant)

    monkeypatch.undo()
    assert clock_of(data, phone) == before
    async with running(settings_for(data)) as services:
        assert phone.mark in (await deliver(services, phone)).body
        assert await services.soundness.problems() == []
        assert await services.retention.run(at_ms=services.context.clock.now_ms() + 16 * DAY_MS) == 1


async def _try(work: Awaitable[list[Phone]]) -> tuple[list[Phone], str]:
    """What came of it: phones, or what was said when there was no room for them."""
    try:
        return await work, ""
    except StorageFull as error:
        return [], str(error)


def _damage(data: Path) -> list[str]:
    checks = (rows(data, "PRAGMA integrity_check", kind=kind) for kind in ("state", "requests", "keystore"))
    return [text for found in checks for row in found for text in row.values() if text != "ok"]
