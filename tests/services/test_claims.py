"""Adding devices that are not a tenant's to add: refused, told to people, and never to the one it concerns."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.errors import Conflict, ImportRefused, Refused, StorageFull
from provserver.settings import Settings
from provserver.storage import reports
from tests.clocks import FakeClock
from tests.services.fleet import MAC, count, put, yealink
from tests.services.test_monitor import other_process


async def told(services: Services) -> list[tuple[str, str, float]]:
    """The alerts that have come of it in the server: detector, whose, how many."""
    await services.reports.take(services.monitor)
    await services.monitor.work()
    return [(a["detector"], a["value"], a["evidence"]["count"]) for a in await services.bans.alerts()]


async def test_a_claim_of_another_tenants_device_is_refused_and_told_to_the_operator_alone(
    services: Services, settings: Settings, clock: FakeClock, tenant: Tenant
) -> None:
    await put(services, yealink(tenant))
    async with other_process(settings, clock) as command:
        grabber = await command.tenants.add("grabber")
        with pytest.raises(Conflict, match=f"mac {MAC.colons} belongs to another tenant"):
            await command.devices.put([yealink(grabber)])

    assert await told(services) == [("claim-conflict", "grabber", 1)]
    assert await services.bans.alerts(tenant="grabber") == []
    assert await services.bans.alerts(tenant="acme") == []


async def test_a_dry_run_of_an_import_asks_nothing_in_silence(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    grabber = await services.tenants.add("grabber")
    file = f"mac,model,user_name,registrar,password\n{MAC.colons},T54W,1001,pbx.example.com,secret-of-it\n"

    with pytest.raises(ImportRefused, match="1 problem"):
        await services.imports.run(file.encode(), tenant=grabber, dry_run=True)

    assert await told(services) == [("claim-conflict", "grabber", 1)]


async def test_beyond_its_quota_a_tenant_adds_nothing_and_goes_on_changing_what_it_has(
    services: Services, tenant: Tenant
) -> None:
    tenant = await services.tenants.decide(tenant.name, quota=2)
    await services.devices.put([yealink(tenant, 1), yealink(tenant, 2)])

    with pytest.raises(Refused, match="tenant 'acme' may have 2 devices, and has 2"):
        await services.devices.put([yealink(tenant, 2), yealink(tenant, 3)])
    await services.devices.put([yealink(tenant, 1), yealink(tenant, 2)])

    assert await count(services, "device") == 2
    assert await told(services) == [], "a few too many are a slip"


async def test_many_beyond_the_quota_are_told(services: Services, tenant: Tenant) -> None:
    tenant = await services.tenants.decide(tenant.name, quota=2)

    with pytest.raises(Refused, match="may have 2 devices"):
        await services.devices.put([yealink(tenant, number) for number in range(60)])

    assert [detector for detector, _, _ in await told(services)] == ["over-quota"]


async def test_a_quota_is_one_tenants_and_can_be_taken_away(services: Services, tenant: Tenant) -> None:
    await services.tenants.decide(tenant.name, quota=1)
    other = await services.tenants.add("other")
    await services.devices.put([yealink(other, number) for number in range(3)])

    tenant = await services.tenants.decide(tenant.name, quota=0)
    await services.devices.put([yealink(tenant, number) for number in range(10, 13)])

    assert await count(services, "device") == 6


async def test_a_quota_that_was_lowered_meanwhile_holds(services: Services, tenant: Tenant) -> None:
    """Looked at again where it is written: two commands at once must not have twice as many."""

    async def overtaken(*_: object) -> None:
        await services.tenants.decide(tenant.name, quota=1)

    with patch.object(services.devices._claims, "refuse_beyond_quota", overtaken), pytest.raises(Refused):
        await services.devices.put([yealink(tenant, 1), yealink(tenant, 2)])

    assert await count(services, "device") == 0


async def test_a_report_stays_until_what_came_of_it_is_written(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    grabber = await services.tenants.add("grabber")
    with pytest.raises(Conflict):
        await services.devices.put([yealink(grabber)])

    await services.reports.take(services.monitor)
    with patch.object(services.storage, "transaction", side_effect=StorageFull("no room")):
        await services.monitor.work()
    await services.reports.take(services.monitor)
    assert await _waiting(services) == 1, "the process may die now, and the next one is told"

    await services.monitor.work()
    await services.reports.take(services.monitor)
    assert await _waiting(services) == 0
    assert len(await services.bans.alerts()) == 1


async def _waiting(services: Services) -> int:
    async with services.storage.read() as tx:
        return len(await reports.after(tx, 0, limit=10))
