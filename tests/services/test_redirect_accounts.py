"""Accounts at redirection services: tried before they are kept, one a maker, sealed, the tenant's own first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.registration import RegistrationState
from provserver.errors import Conflict, InvalidValue, NotFound, Refused
from provserver.secret import Secret
from tests.clocks import FakeClock
from tests.redirect.fakes.all import FAKES
from tests.redirect.fakes.service import serving
from tests.services.fleet import data_keys, put
from tests.services.redirection import account, add_account, registration, send, snom

STATE = RegistrationState
SNOM = "Mozilla/4.0 (compatible; snomD785-SIP 10.1.175.16 2010.12-00004-g9ba52f5 000413000001 SXM:0 UXM:0)"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


async def test_an_account_that_is_not_let_in_pauses_and_says_so(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with serving(FAKES["snom_sraps"]()) as fake:
        known = await services.redirection.accounts.add(
            "snom_sraps", {"key_id": "id-1"}, {"key": Secret("wr0ng")},
            tenant=tenant, endpoint=fake.endpoint, check=False,
        )  # fmt: skip
        device = await put(services, snom(tenant))
        await send(services)
        await send(services)

        overview = await services.redirection.views.overview()
        assert "401" in overview["accounts"][0]["problem"]
        assert overview["accounts"][0]["paused_until"] is not None
        assert (await registration(services, device)).state is STATE.WANTED
        with pytest.raises(Refused, match="401"):
            await services.redirection.accounts.check(known)
        del clock


async def test_accounts_are_checked_on_entry_and_keep_their_secret(services: Services, tenant: Tenant) -> None:
    accounts = services.redirection.accounts
    async with serving(FAKES["snom_sraps"]()) as fake:
        with pytest.raises(Refused, match="nothing was changed"):
            await accounts.add(
                "snom_sraps", {"key_id": "id-1"}, {"key": Secret("wr0ng")}, tenant=tenant, endpoint=fake.endpoint
            )
        assert await accounts.list() == []
        with pytest.raises(InvalidValue, match="key_id: is needed"):
            await accounts.add("snom_sraps", {}, {"key": Secret("pa55")}, tenant=tenant, endpoint=fake.endpoint)
        with pytest.raises(InvalidValue, match="is nothing that"):
            await accounts.add(
                "snom_sraps", {"key_id": "id-1", "x": "y"}, {"key": Secret("pa55")}, endpoint=fake.endpoint
            )
        with pytest.raises(InvalidValue, match="https"):
            await accounts.add("snom_sraps", {"key_id": "i"}, {"key": Secret("p")}, endpoint="http://example.com/")
        with pytest.raises(InvalidValue, match="is not one of"):
            await accounts.add("snom", {}, {})

        known = await add_account(services, tenant, "snom_sraps", fake)

        assert known.checked_at is not None
        for file in services.storage.directory.iterdir():
            assert not file.is_file() or b"pa55" not in file.read_bytes()
        with pytest.raises(Conflict, match="already"):
            await add_account(services, tenant, "snom_sraps", fake)
        assert await services.soundness.problems() == []


async def test_an_account_gets_another_secret_and_its_devices_stay(services: Services, tenant: Tenant) -> None:
    accounts = services.redirection.accounts
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await send(services)
        known = await accounts.find("snom_sraps", tenant=tenant)
        before = await data_keys(services)
        with pytest.raises(Refused, match="nothing was changed"):
            await accounts.change(known, {}, {"key": Secret("wr0ng")})
        with pytest.raises(InvalidValue, match="key_id"):
            await accounts.change(known, {"key_id": ""}, {})
        assert await data_keys(services) == before

        changed = await accounts.change(known, {}, {"key": Secret("pa55")}, per_s=5)

        assert (changed.per_s, changed.fields) == (5, known.fields)
        assert len(await data_keys(services)) == len(before)  # the old secret's key is destroyed
        await services.devices.delete(device.mac)
        await send(services)
        assert fake.ours() == {}
        assert await services.soundness.problems() == []


async def test_a_tenants_own_account_goes_before_the_one_for_all(services: Services, tenant: Tenant) -> None:
    beta = await services.tenants.add("beta")
    async with account(services, None) as everybodys, account(services, tenant) as own:
        await put(services, snom(tenant, 1))
        await put(services, snom(beta, 2))
        await send(services)

    assert list(own.ours()) == ["000413000001"]
    assert list(everybodys.ours()) == ["000413000002"]


async def test_an_account_with_devices_is_not_removed_unless_they_are_to_be_forgotten(
    services: Services, tenant: Tenant
) -> None:
    accounts = services.redirection.accounts
    async with account(services, tenant) as fake:
        await put(services, snom(tenant))
        await send(services)
        known = await accounts.find("snom_sraps", tenant=tenant)
        with pytest.raises(NotFound):
            await accounts.find("snom_sraps", tenant=None)
        with pytest.raises(Conflict, match="1 devices"):
            await accounts.remove(known)

        await accounts.remove(known, forget=True)

    assert await accounts.list() == []
    assert len(fake.ours()) == 1
    assert await services.soundness.problems() == []
