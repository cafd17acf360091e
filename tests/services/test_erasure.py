"""What is deleted is in no file, and a crash at any step only delays it; leftovers are swept."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from typing import Any

import pytest
from structlog.testing import capture_logs

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.request import ProvRequest
from provserver.errors import SecretGone
from provserver.secret import Secret
from provserver.services.layers import Places
from provserver.services.records import load_whole
from provserver.services.upkeep import retention
from provserver.storage import changes, credentials, keystore
from provserver.storage.records import RecordReader
from provserver.storage.requests import ADD_REQUESTS, REQUEST_COLUMNS
from tests.clocks import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, FakeClock
from tests.pieces import pieces
from tests.services.fleet import (
    AGENT,
    FIELD,
    MAC,
    PASSWORD,
    ask,
    boot,
    count,
    data_keys,
    lasting_url,
    password_of,
    put,
    yealink,
)

DAYS_15 = 15 * DAY_MS


async def test_uploads_that_may_hold_the_password_go_with_it(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant))
    url = lasting_url(services, device)
    await boot(services, f"{url}/{MAC}.cfg")
    for name in (f"{MAC}-local.cfg", f"{MAC}-contact.xml"):
        assert (await _upload(services, f"/{url}/{name}", b"content")).status == 201
    clock.advance_days(15)

    await services.retention.run()

    assert (await ask(services, f"{url}/{MAC}-local.cfg")).status == 404
    kept = await ask(services, f"{url}/{MAC}-contact.xml")
    assert (kept.status, kept.body) == (200, b"content")
    assert len(list((services.storage.directory / "uploads").iterdir())) == 1


async def test_nothing_of_the_secret_is_left_in_any_file(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)
    before = await password_of(services, device)
    assert before.sealed is not None
    async with services.storage.read("keystore") as tx:
        wrapped = (await keystore.find_keys(tx, [before.sealed.key_id]))[before.sealed.key_id].wrapped
    assert _files_with(services, before.sealed.ciphertext)
    assert _files_with(services, wrapped)
    clock.advance_days(15)

    await services.retention.run()

    assert _files_with(services, before.sealed.ciphertext) == []
    assert _files_with(services, wrapped) == []
    assert _files_with(services, PASSWORD.encode()) == []


@pytest.mark.parametrize("step", ["marked", "key destroyed"])
async def test_a_deletion_that_was_cut_off_is_brought_to_its_end(
    services: Services, tenant: Tenant, clock: FakeClock, step: str
) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(15)
    credential = await password_of(services, device)
    async with services.storage.transaction() as tx:
        await credentials.mark_expiring(tx, [credential.id], at_ms=clock.wall_ms())
    services.context.settled((MAC.value,))
    if step == "key destroyed":
        assert credential.sealed is not None
        async with services.storage.transaction("keystore") as tx:
            await keystore.destroy_keys(tx, [credential.sealed.key_id])

    answer = await ask(services, f"{lasting_url(services, device)}/{MAC}.cfg")
    assert PASSWORD.encode() not in answer.body, "from the mark on nobody opens it"
    await _cannot_be_opened(services)

    assert await services.retention.run() == 1
    assert (await password_of(services, device)).sealed is None
    assert await data_keys(services) == set()


async def test_the_key_is_destroyed_before_the_row_says_so(
    services: Services, tenant: Tenant, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(15)
    seen: list[tuple[bool, set[str]]] = []
    mark_deleted = credentials.mark_deleted

    async def watched(*args: Any, **kwargs: Any) -> set[str]:  # noqa: ANN401 - passed on
        credential = await password_of(services, device)
        seen.append((credential.is_held, await data_keys(services)))
        return await mark_deleted(*args, **kwargs)

    monkeypatch.setattr(credentials, "mark_deleted", watched)
    await services.retention.run()

    assert seen == [(False, set())]


async def test_many_are_deleted_in_batches_and_counted(
    services: Services, tenant: Tenant, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 50)
    await services.devices.put([yealink(tenant, number) for number in range(1, 121)])
    async with services.storage.transaction() as tx:
        await tx.exec_driver_sql(
            "UPDATE credential SET first_delivered_at = ?, delete_after = ?", (START_MS, START_MS + DAYS_15)
        )
    clock.advance_days(15)

    with capture_logs() as logs:
        assert await services.retention.run() == 120

    assert [entry["count"] for entry in logs if entry["event"] == "credential.deleted"] == [50, 50, 20]
    assert b'provserver_credentials_deletions_total{result="deleted"} 120.0' in services.metrics.render()
    assert await data_keys(services) == set()


async def test_old_requests_events_and_notes_are_forgotten(
    services: Services, tenant: Tenant, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 3)
    row = dict.fromkeys(REQUEST_COLUMNS, 1) | dict.fromkeys(("address", "method", "path", "user_agent", "outcome"), "x")
    values = [tuple((row | {"at": at})[name] for name in REQUEST_COLUMNS) for at in (START_MS, START_MS + 20 * DAY_MS)]
    await services.storage.append("requests", ADD_REQUESTS, values)
    for number in range(1, 9):
        await put(services, yealink(tenant, number))
    clock.advance_ms(30 * DAY_MS + 1)

    await services.retention.run()

    async with services.storage.read("requests") as tx:
        assert (await tx.exec_driver_sql("SELECT at FROM request")).scalars().all() == [START_MS + 20 * DAY_MS]
    assert await count(services, "change") <= 3


async def test_old_uploads_are_destroyed(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    device = await put(services, yealink(tenant, passwords={}))
    url = lasting_url(services, device)
    assert (await _upload(services, f"/{url}/{MAC}-contact.xml", b"content")).status == 201
    clock.advance_ms(30 * DAY_MS + 1)

    await services.retention.run()

    assert list((services.storage.directory / "uploads").iterdir()) == []
    assert await count(services, "upload") == 0
    assert await data_keys(services) == set()


async def test_an_orphan_is_swept_only_when_it_is_seen_twice(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    """The first sweep may have met an import that had written its keys and not yet its rows."""
    await put(services, yealink(tenant))
    needed = await data_keys(services)
    _, orphan = services.devices._secrets.seal(
        Secret("half"), tenant_id=tenant.id, owner="device:x", field=FIELD, at_ms=clock.wall_ms()
    )
    await services.devices._secrets.store_keys([(orphan, "device:x")])

    await services.retention.sweep()
    assert await data_keys(services) == needed | {orphan.key_id}

    await services.retention.sweep()
    assert await data_keys(services) == needed


async def test_a_sweep_rests_after_each_batch_of_keys(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million keys are there when the server starts, and so are the phones that have lost power with it."""
    seal = services.devices._secrets.seal
    keys = [seal(Secret("half"), tenant_id=tenant.id, owner="device:x", field=FIELD, at_ms=0)[1] for _ in range(500)]
    await services.devices._secrets.store_keys([(key, "device:x") for key in keys])
    monkeypatch.setattr(retention, "_SWEEP_REST_S", 3600)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await services.retention.sweep()


async def test_a_key_that_is_used_by_the_second_sweep_stays(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    needed = await data_keys(services)
    with sqlite3.connect(services.storage.file("state")) as elsewhere:
        (row,) = elsewhere.execute("SELECT key_id FROM credential").fetchall()
        elsewhere.execute("UPDATE credential SET key_id = 'not written yet'")
    await services.retention.sweep()
    with elsewhere:
        elsewhere.execute("UPDATE credential SET key_id = ?", row)
    elsewhere.close()

    await services.retention.sweep()

    assert await data_keys(services) == needed


async def test_a_file_that_no_row_names_is_swept_after_an_hour(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant))
    url = lasting_url(services, device)
    await _upload(services, f"/{url}/{MAC}-contact.xml", b"content")
    folder = services.storage.directory / "uploads"
    (named,) = folder.iterdir()
    for name, age_ms in (("young", 59 * MINUTE_MS), ("old", 61 * MINUTE_MS)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, times=((START_MS - age_ms) / 1000,) * 2)
    os.utime(named, times=((START_MS - HOUR_MS * 2) / 1000,) * 2)

    await services.retention.sweep()

    assert {file.name for file in folder.iterdir()} == {named.name, "young"}
    assert clock.wall_ms() == START_MS


async def _upload(services: Services, path: str, content: bytes) -> Any:  # noqa: ANN401 - Answer
    return await services.provisioning.upload(
        ProvRequest(path=path, method="PUT", user_agent=AGENT, address="192.0.2.10"), pieces(content)
    )


async def _cannot_be_opened(services: Services) -> None:
    access = await RecordReader(services.storage).access_by_mac(MAC.value)
    assert access is not None
    whole = await load_whole(services.storage, access, Places())
    assert FIELD not in whole.credentials
    with pytest.raises((SecretGone, KeyError)):
        services.devices._secrets.open(whole.envelopes[FIELD])


def _files_with(services: Services, content: bytes) -> list[str]:
    return [
        file.name for file in services.storage.directory.rglob("*") if file.is_file() and content in file.read_bytes()
    ]


async def test_a_file_that_is_being_received_is_not_swept_when_the_clock_was_set_back(
    services: Services, clock: FakeClock
) -> None:
    """Steady time is a day ahead of the machine's clock, which the times of files are in."""
    folder = services.storage.directory / "uploads"
    folder.mkdir()
    young, old = folder / "young", folder / "old"
    clock.set_wall_ms(clock.wall_ms() - DAY_MS)
    for file, age_ms in ((young, MINUTE_MS), (old, 2 * HOUR_MS)):
        file.write_bytes(b"sealed")
        moment_s = (clock.wall_ms() - age_ms) / 1000
        os.utime(file, (moment_s, moment_s))

    await services.retention.sweep()

    assert [file.name for file in folder.iterdir()] == ["young"]
