"""Whatever goes wrong between us and a maker, nothing is lost, nothing is there twice, and it is done in its order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina
from aiohttp import web

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.registration import RegistrationState
from provserver.settings import Settings
from provserver.storage import registrations
from tests.clocks import FakeClock
from tests.redirect.fakes.all import FAKES
from tests.redirect.fakes.hosting import YMCSHosting
from tests.redirect.fakes.service import LOST, SPARED, STALLED, FakeService, Fault, serving
from tests.services.fleet import running, yealink
from tests.services.redirection import add_account, registration, send

HOUR_MS = 3_600_000
DEVICES = 2
# One device a call by XML-RPC and by JSON, a hundred a call, and one that is given passwords.
SERVICES = ("yealink_rps", "yealink_open", "yealink_ymcs", "yealink_ymcs_hosting")
FAULTS: dict[str, Fault | object] = {
    "stalled": STALLED,
    "lost": LOST,
    "reset": lambda _request: None,
    "limited": lambda _request: web.Response(status=429, headers={"Retry-After": "120"}),
    "failed": lambda _request: web.Response(status=500, text="oops"),
    "half": lambda _request: web.Response(text='{"ret": 1, "da'),
    "page": lambda _request: web.Response(text="<html>We are upgrading</html>"),
    "nothing": lambda _request: web.Response(),
}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
async def services(settings: Settings, clock: FakeClock) -> AsyncIterator[Services]:
    """Services that call one after the other, and do not wait long."""
    patience = settings.redirect.model_copy(update={"calls": 1, "call_s": 1.0})
    async with running(settings.model_copy(update={"redirect": patience}), clock) as services:
        yield services


async def opened(services: Services, tenant: Tenant, slug: str, fake: FakeService) -> None:
    account = await add_account(services, tenant, slug, fake, check=False)
    if slug.endswith("_hosting"):
        await services.redirection.hosting.choose(account, why="a test")
    fake.sent.clear()


def there(fake: FakeService) -> list[str]:
    """MACs in the order in which they were entered; of phones that are configured there, each with one account."""
    macs = list(fake.ours())
    if isinstance(fake, YMCSHosting):
        assert sorted(fake.bound) == sorted(macs)
        assert len(fake.accounts) == len(macs)
    return macs


async def drained(services: Services, clock: FakeClock, devices: list[Device]) -> None:
    """Let hours go by until nothing is left to be done, or too many have gone by."""
    for _ in range(12):
        clock.advance_ms(HOUR_MS)
        await send(services)
        async with services.storage.read() as tx:
            if not await registrations.due_accounts(tx, now_ms=clock.wall_ms() + 12 * HOUR_MS):
                break
    assert {(await registration(services, device)).state for device in devices} == {RegistrationState.CONFIRMED}


async def calls_of(services: Services, tenant: Tenant, slug: str) -> int:
    """How many requests it takes to enter the devices when nothing goes wrong."""
    async with serving(FAKES[slug]()) as fake:
        await opened(services, tenant, slug, fake)
        await services.devices.put([yealink(tenant, number) for number in range(101, 101 + DEVICES)])
        await send(services)
        return len(fake.sent)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("slug", SERVICES)
async def test_a_fault_at_any_moment_loses_nothing_and_doubles_nothing(
    services: Services, tenant: Tenant, clock: FakeClock, slug: str, fault: str
) -> None:
    """One fault at each request of an undisturbed run, each time with new devices."""
    calls = await calls_of(services, await services.tenants.add("undisturbed"), slug)
    async with serving(FAKES[slug]()) as fake:
        await opened(services, tenant, slug, fake)
        entered: list[Device] = []
        for moment in range(calls):
            wanted = [yealink(tenant, moment * DEVICES + number) for number in range(1, 1 + DEVICES)]
            entered += await services.devices.put(wanted)
            fake.faults.extend([SPARED] * moment)
            fake.faults.append(FAULTS[fault])
            await send(services)
            fake.faults.clear()
            await drained(services, clock, entered[-DEVICES:])

        assert sorted(there(fake)) == sorted(device.mac.value for device in entered)
        assert fake.refusals == []


@pytest.mark.parametrize("slug", SERVICES)
async def test_the_queue_drains_in_its_order_after_a_day(
    services: Services, tenant: Tenant, clock: FakeClock, slug: str
) -> None:
    async with serving(FAKES[slug]()) as fake:
        await opened(services, tenant, slug, fake)
        devices = []
        for number in range(1, 11):
            devices += await services.devices.put([yealink(tenant, number)])
            clock.advance_ms(1)
        fake.is_down = True
        for _ in range(24):
            await send(services)
            clock.advance_ms(HOUR_MS)
        waiting = [await registration(services, device) for device in devices]
        assert there(fake) == []

        fake.is_down = False
        await drained(services, clock, devices)

        in_order = sorted(waiting, key=lambda one: (one.due_at or 0, one.id))
        assert there(fake) == [one.mac.value for one in in_order]


async def test_a_batch_that_was_taken_without_an_answer_is_looked_up_and_not_sent_again(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with serving(FAKES["yealink_ymcs"]()) as fake:
        await opened(services, tenant, "yealink_ymcs", fake)
        devices = await services.devices.put([yealink(tenant, number) for number in range(1, 101)])
        fake.calls.clear()
        fake.faults.extend([SPARED, LOST])  # the token, the batch
        await send(services)
        assert {(await registration(services, device)).state for device in devices} == {RegistrationState.SENT}

        await drained(services, clock, devices)

        assert fake.calls.count("/v2/rps/addDevicesByMac") == 1
        assert len(there(fake)) == 100
