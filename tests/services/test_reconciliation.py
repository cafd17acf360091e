"""Lists at makers are compared with ours: what differs is told, and mended where it is ours to mend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.registration import RegistrationState, RegistrationWish
from provserver.errors import InvalidValue, Refused
from provserver.redirect.protocol import Standing
from provserver.services.redirection.reconciliation import Drift
from tests.clocks import HOUR_MS, FakeClock
from tests.redirect.fakes.all import FAKES
from tests.redirect.fakes.service import OTHERS, US, FakeService, serving
from tests.services.fleet import put, yealink
from tests.services.redirection import account, add_account, registration, send, snom, url_of


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


async def compare(services: Services, *, repair: bool = False) -> Drift:
    (known,) = await services.redirection.accounts.list()
    return await services.redirection.reconciliation.compare(known, repair=repair)


async def drifted(services: Services, tenant: Tenant, fake: FakeService) -> None:
    """Five devices, of which four are not as they were left; and one that nobody here knows."""
    for number in range(1, 6):
        await put(services, snom(tenant, number))
    await send(services)
    await services.devices.delete(snom(tenant, 5).mac)  # type: ignore[arg-type]  # it has a MAC
    await send(services)
    del fake.devices["000413000001"]
    fake.devices["000413000002"] = (US, "https://old.example.net/")
    fake.devices["000413000003"] = (OTHERS, "https://theirs.example.org/")
    fake.devices["000413000005"] = (US, "https://prov.example.net/back-again/")
    fake.devices["0004130000ff"] = (US, "https://unknown.example.net/")


async def test_what_differs_is_told_by_kind_and_nothing_is_changed(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        await drifted(services, tenant, fake)
        before = dict(fake.devices)

        drift = await compare(services)
        await send(services)

        assert drift.compared == 5
        assert drift.found() == {"missing": 2, "elsewhere": 1, "lingering": 1, "unknown": 1}  # a list shows no foreign
        assert fake.devices == before


async def test_what_is_ours_is_mended_and_what_is_not_is_left(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        await drifted(services, tenant, fake)

        await compare(services, repair=True)
        await send(services)

        ours = [await services.devices.get(snom(tenant, n).mac) for n in (1, 2, 4)]  # type: ignore[arg-type]
        assert fake.ours() == {device.mac.value: url_of(services, device) for device in ours} | {
            "0004130000ff": "https://unknown.example.net/"
        }
        foreign = await services.devices.get(snom(tenant, 3).mac)  # type: ignore[arg-type]
        assert (await registration(services, foreign)).reason == "owned_by_another"
        assert (await compare(services)).found() == {"unknown": 1}


async def test_where_nothing_is_listed_each_is_looked_up(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant, "yealink_rps") as fake:
        devices = [await put(services, yealink(tenant, number)) for number in range(1, 4)]
        await send(services)
        del fake.devices[devices[0].mac.value]
        fake.devices[devices[1].mac.value] = (OTHERS, "")

        drift = await compare(services, repair=True)
        await send(services)

        assert (drift.compared, drift.found()) == (3, {"missing": 1, "foreign": 1})
        assert devices[0].mac.value in fake.ours()


async def test_a_service_that_cannot_be_asked_is_said_to_be_so(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant, "fanvil_fdps"):
        assert (await compare(services)).problem == "Fanvil FDPS can be asked for nothing"


async def test_a_service_that_is_down_is_a_problem_and_no_drift(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        await put(services, snom(tenant))
        await send(services)
        fake.is_down = True

        drift = await compare(services, repair=True)

        assert (drift.problem, drift.found()) == ("it answers 503", {})
        device = await services.devices.get(snom(tenant).mac)  # type: ignore[arg-type]
        assert (await registration(services, device)).state is RegistrationState.CONFIRMED


async def test_devices_from_before_the_account_are_found(services: Services, tenant: Tenant) -> None:
    await put(services, snom(tenant))
    await put(services, yealink(tenant))
    async with account(services, tenant) as fake:
        await services.redirection.reconciliation.run()
        await send(services)

        assert list(fake.ours()) == ["000413000001"]


async def test_it_is_done_once_an_interval_also_across_restarts(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, tenant) as fake:
        for hours, asked in ((0, True), (1, False), (22, False), (2, True)):
            clock.advance_ms(hours * HOUR_MS)
            fake.calls.clear()
            await services.redirection.reconciliation.run()
            assert bool(fake.calls) is asked


async def test_a_tenant_is_pointed_to_another_url_and_a_broken_off_sync_goes_on(
    services: Services, tenant: Tenant
) -> None:
    reconciliation = services.redirection.reconciliation
    async with account(services, tenant) as fake:
        devices = await services.devices.put([snom(tenant, number) for number in range(1, 21)])
        await send(services)
        (known,) = await services.redirection.accounts.list()

        moved = await reconciliation.point_to(known, "https://new.example.net/")
        assert await reconciliation.wish(moved) == 20
        fake.faults.extend([lambda _request: None] * 3)
        await send(services)
        assert await reconciliation.wish(moved) == 0  # what is under way is not wished again

        token = services.devices.bootstrap_token(devices[0]).reveal()
        done = [url for url in fake.ours().values() if url.startswith("https://new.example.net/")]
        assert len(done) >= 10
        assert fake.ours()["000413000001"] in (
            f"https://new.example.net/{token}/",
            url_of(services, devices[0]),
        )
        added = await put(services, snom(tenant, 99))
        await send(services)
        assert fake.ours()[added.mac.value].startswith("https://new.example.net/")
        with pytest.raises(InvalidValue, match="url"):
            await reconciliation.point_to(known, "ftp://new.example.net/")


async def test_what_somebody_has_taken_out_by_hand_stays_out(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await send(services)
        async with services.storage.transaction() as tx:
            await services.redirection.registrations.withdraw(tx, [device.mac], by_hand=True)
        await send(services)
        assert fake.ours() == {}

        await put(services, snom(tenant, description="changed"))
        (known,) = await services.redirection.accounts.list()
        await services.redirection.reconciliation.wish(known)
        await send(services)
        assert fake.ours() == {}
        assert (await registration(services, device)).wish is RegistrationWish.KEPT_OUT

        await services.redirection.reconciliation.wish(known, again=True)
        await send(services)
        assert list(fake.ours()) == [device.mac.value]


async def test_a_tenant_cannot_withdraw_the_device_of_another(services: Services, tenant: Tenant) -> None:
    beta = await services.tenants.add("beta")
    async with account(services, None) as fake:
        device = await put(services, snom(tenant))
        await send(services)
        async with services.storage.transaction() as tx:
            withdrawn = await services.redirection.registrations.withdraw(tx, [device.mac], tenant_id=beta.id)
        await send(services)

        assert withdrawn == 0
        assert list(fake.ours()) == [device.mac.value]


async def test_one_device_is_looked_up(services: Services, tenant: Tenant) -> None:
    reconciliation = services.redirection.reconciliation
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await send(services)
        known = await registration(services, device)

        entry = await reconciliation.look_up(known)
        assert entry.standing is Standing.OURS
        assert await reconciliation.points_here(known, entry) is True
        fake.devices[device.mac.value] = (US, "https://old.example.net/")
        assert await reconciliation.points_here(known, await reconciliation.look_up(known)) is False
    async with serving(FAKES["fanvil_fdps"]()) as other:
        await add_account(services, tenant, "fanvil_fdps", other)
        fanvil = await put(services, snom(tenant, mac=device.mac.parse("0c383e000001"), model="X6", vendor="fanvil"))
        with pytest.raises(Refused, match="no call"):
            await reconciliation.look_up(await registration(services, fanvil))
