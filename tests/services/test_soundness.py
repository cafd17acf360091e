"""A check of a data directory finds what somebody changed in it, and nothing in one that is whole."""

from __future__ import annotations

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant, device_owner
from provserver.secret import Secret
from provserver.storage import credentials
from provserver.storage.audit import append
from tests.services.fleet import MAC, PASSWORD, boot, data_keys, put, yealink


async def test_nothing_is_found_where_nothing_is_wrong(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, secret_settings={"admin_password": Secret("a")}))
    await boot(services)
    await services.devices.arm(MAC)

    assert await services.soundness.problems() == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 2", "audit trail: entry 2 does not follow from the one before"),
        ("DELETE FROM audit WHERE seq = 1", "audit trail: entry 2 does not follow from the one before"),
        ("UPDATE credential SET field = 'line.2.password'", "line.2.password of"),
        ("UPDATE credential SET ciphertext = zeroblob(length(ciphertext))", "line.1.password of"),
        ("UPDATE credential SET tenant_id = 'another'", "line.1.password of"),
    ],
)
async def test_a_change_past_the_program_is_found(
    services: Services, tenant: Tenant, statement: str, problem: str
) -> None:
    await put(services, yealink(tenant))
    async with services.storage.transaction() as tx:
        await append(tx, at_ms=1, actor="a", action="b", tenant_id=None, object_="c", detail={})
        await tx.exec_driver_sql(statement)

    (found,) = await services.soundness.problems()

    assert found.startswith(problem)
    assert PASSWORD not in found


async def test_a_credential_without_its_data_key_is_found(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    async with services.storage.transaction("keystore") as tx:
        await tx.exec_driver_sql("DELETE FROM wrapped_key")

    found = await services.soundness.problems()

    assert found == [f"line.1.password of {device_owner(device.id)}: its data key is missing"]


async def test_more_credentials_than_one_page_are_all_looked_at(services: Services, tenant: Tenant) -> None:
    await services.devices.put([yealink(tenant, number) for number in range(1, 1_203)])
    async with services.storage.transaction("keystore") as tx:
        await tx.exec_driver_sql("DELETE FROM wrapped_key")

    found = await services.soundness.problems()

    assert await data_keys(services) == set()
    assert len(found) == 1_202


async def test_the_next_to_be_deleted_is_named(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    nothing = await services.retention.status()
    await boot(services)

    status = await services.retention.status()

    assert (nothing.held, nothing.running, nothing.next) == (1, 0, None)
    assert (status.held, status.running, status.overdue, status.deleted) == (1, 1, 0, 0)
    assert status.next is not None
    assert (status.next.mac, status.next.credential.field) == (MAC.value, "line.1.password")


async def test_the_earliest_comes_first_and_what_is_overdue_is_not_to_come(services: Services, tenant: Tenant) -> None:
    await services.devices.put([yealink(tenant, number) for number in (1, 2, 3)])
    async with services.storage.transaction() as tx:
        for number, until in ((1, 50), (2, 200), (3, 100)):
            await tx.exec_driver_sql(
                "UPDATE credential SET first_delivered_at = 1, delete_after = ? WHERE owner IN"
                " (SELECT 'device:' || id FROM device WHERE mac = ?)",
                (until, f"805ec0{number:06x}"),
            )
        coming = await credentials.next_due(tx, now_ms=50)

    assert coming is not None
    assert coming.delete_after == 100
