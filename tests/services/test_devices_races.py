"""Whoever changes devices at the same time, and whatever fails in between: one whole result, no halves."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.errors import Conflict, ProvserverError
from provserver.storage.database import Storage
from tests.services.fleet import (
    MAC,
    count,
    put,
    state,
    yealink,
)


async def test_two_who_add_the_same_mac_at_the_same_time_make_one_device(services: Services, tenant: Tenant) -> None:
    results = await asyncio.gather(
        *(services.devices.put([yealink(tenant, description=f"number {number}")]) for number in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, list) for result in results) == 1
    assert all(isinstance(result, list | Conflict) for result in results)
    assert await count(services, "device") == 1
    assert await count(services, "credential") == 1


async def test_two_tenants_who_add_the_same_mac_at_the_same_time_learn_nothing_of_each_other(
    services: Services, tenant: Tenant
) -> None:
    other = await services.tenants.add("Competitor Ltd")

    results = await asyncio.gather(
        services.devices.put([yealink(tenant)]), services.devices.put([yealink(other)]), return_exceptions=True
    )

    (error,) = [result for result in results if isinstance(result, Conflict)]
    assert "Competitor" not in str(error)
    assert "acme" not in str(error)
    assert await count(services, "device") == 1


async def test_what_a_phone_does_while_a_change_is_prepared_is_not_undone(services: Services, tenant: Tenant) -> None:
    """A bootstrap token that died meanwhile stays dead, and the window that a boot has closed stays closed."""
    device = await put(services, yealink(tenant))

    def phone_boots(_done: int) -> None:
        _elsewhere(
            services.storage, "UPDATE device SET provisioned_at = 5, bootstrap_token = NULL, lasting_used_at = 6"
        )

    await put(services, yealink(tenant, description="changed"), progress=phone_boots)

    after = await services.devices.get(MAC)
    assert (after.description, after.provisioned_at, after.tokens.lasting_used_at) == ("changed", 5, 6)
    assert after.tokens.bootstrap is None
    assert after.id == device.id


async def test_a_device_that_is_removed_while_a_change_is_prepared_is_a_conflict(
    services: Services, tenant: Tenant
) -> None:
    await put(services, yealink(tenant))

    def somebody_removes_it(_done: int) -> None:
        _elsewhere(services.storage, "DELETE FROM device")

    with pytest.raises(Conflict, match="removed by somebody else"):
        await put(services, yealink(tenant, description="changed"), progress=somebody_removes_it)

    assert await count(services, "line") == 0


async def test_a_full_disk_leaves_no_half_of_a_device(services: Services, tenant: Tenant) -> None:
    """SQLite's page limit stands in for the disk's end: the error is the same."""
    before = await state(services)
    await _limit_pages(services, extra=3)

    with pytest.raises(ProvserverError, match="no room left"):
        await services.devices.put([yealink(tenant, number, description="x" * 1500) for number in range(1, 60)])

    await _limit_pages(services, extra=100_000)
    after = await state(services)
    orphans = after.pop("keys")
    assert after == {name: rows for name, rows in before.items() if name != "keys"}
    assert orphans == 59  # halves that the sweep destroys, see test_retention


async def _limit_pages(services: Services, *, extra: int) -> None:
    """Bound every connection of the pool; the limit belongs to a connection."""
    async with services.storage.read() as one, services.storage.read() as two:
        for tx in (one, two):
            pages = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
            await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + extra}")


def _elsewhere(storage: Storage, statement: str) -> None:
    """What another process writes."""
    with sqlite3.connect(storage.file("state")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(statement)
    connection.close()
