"""The queue of registrations: who may work on what, and what becomes of it when somebody is too late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount, Registration, RegistrationState, RegistrationWish
from provserver.storage import redirect_accounts, registrations, tenants
from provserver.storage.database import Storage
from tests.storage.rows import tenant

ACCOUNT = RedirectAccount(
    id="a1",
    tenant_id="tenant-acme",
    service="snom_sraps",
    endpoint="https://api.example.com/",
    fields={"key_id": "k"},
    base_url=None,
    per_s=None,
    updated_at=5,
)


def registration(number: int = 1, **fields: Any) -> Registration:  # noqa: ANN401 - any field of Registration
    usual: dict[str, Any] = {
        "id": f"r{number}",
        "account_id": "a1",
        "mac": MacAddress(f"000413{number:06x}"),
        "tenant_id": "tenant-acme",
        "device_id": f"device-{number}",
        "serial": None,
        "generation": 1,
        "base_url": "https://prov.example.net",
        "wish": RegistrationWish.LISTED,
        "state": RegistrationState.WANTED,
        "due_at": number,
        "changed_at": 1,
    }
    return Registration(**usual | fields)


@pytest.fixture
async def queue(storage: Storage) -> Storage:
    async with storage.transaction() as tx:
        await tenants.insert_tenant(tx, tenant(), at_ms=1)
        await redirect_accounts.insert_account(tx, ACCOUNT)
    return storage


async def claim(storage: Storage, lease: str, *, now_ms: int = 100, limit: int = 10) -> list[str]:
    async with storage.transaction() as tx:
        claimed = await registrations.claim(tx, "a1", lease=lease, until_ms=now_ms + 50, now_ms=now_ms, limit=limit)
    return [one.id for one in claimed]


async def only(storage: Storage, number: int = 1) -> Registration:
    async with storage.read() as tx:
        (found,) = (await registrations.of_macs(tx, [f"000413{number:06x}"])).values()
    assert len(found) == 1
    return found[0]


async def test_an_account_comes_back_as_it_went_in(queue: Storage) -> None:
    async with queue.transaction() as tx:
        assert await redirect_accounts.all_accounts(tx) == [ACCOUNT]
        changed = replace(ACCOUNT, base_url="https://other.example.net", checked_at=7)
        await redirect_accounts.update_account(tx, changed)
        await redirect_accounts.set_health(tx, "a1", failures=6, paused_until=99, problem="down")

        found = await redirect_accounts.get_account(tx, "a1")

    assert found == replace(changed, failures=6, paused_until=99, problem="down")


async def test_the_longest_due_comes_first_and_nobody_else_gets_it(queue: Storage) -> None:
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration(3), registration(1), registration(2), registration(4, due_at=101)])

    assert await claim(queue, "one", limit=2) == ["r1", "r2"]
    assert await claim(queue, "two") == ["r3"]
    assert await claim(queue, "three") == []
    assert (await only(queue)).state is RegistrationState.SENT


async def test_a_lease_that_has_run_out_is_anybodys_and_its_holder_is_too_late(queue: Storage) -> None:
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration()])
    await claim(queue, "slow")

    assert await claim(queue, "quick", now_ms=151) == ["r1"]
    done = replace(registration(), state=RegistrationState.CONFIRMED, due_at=None)
    async with queue.transaction() as tx:
        await registrations.finish(tx, [done], lease="slow")
    assert (await only(queue)).state is RegistrationState.SENT

    async with queue.transaction() as tx:
        await registrations.finish(tx, [done], lease="quick")
    assert (await only(queue)).state is RegistrationState.CONFIRMED
    assert await claim(queue, "next", now_ms=500) == []


async def test_a_new_wish_takes_the_place_of_the_old_one_and_its_lease(queue: Storage) -> None:
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration()])
    await claim(queue, "one")
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration(id="other", wish=RegistrationWish.GONE)])
        await registrations.finish(tx, [replace(registration(), state=RegistrationState.CONFIRMED)], lease="one")

    found = await only(queue)

    assert (found.id, found.wish, found.state) == ("r1", RegistrationWish.GONE, RegistrationState.WANTED)
    assert await claim(queue, "two") == ["r1"]


async def test_what_the_dead_had_taken_is_free_again(queue: Storage) -> None:
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration(1), registration(2)])
    assert await claim(queue, "server:1", limit=1) == ["r1"]
    assert await claim(queue, "serv_r:2", limit=1) == ["r2"]

    async with queue.transaction() as tx:
        assert await registrations.release_leases(tx, "server:") == 1

    assert await claim(queue, "server:3") == ["r1"]


async def test_only_what_is_confirmed_is_seen(queue: Storage) -> None:
    states = [RegistrationState.CONFIRMED, RegistrationState.WANTED, RegistrationState.FAILED]
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration(n + 1, state=state) for n, state in enumerate(states)])
        seen = await registrations.mark_seen(tx, ["device-1", "device-2", "device-3", "device-4"], at_ms=50)

    assert seen == 1
    assert (await only(queue, 1)).seen_at == 50


async def test_a_tenant_sees_its_own_failures_and_counts_only(queue: Storage) -> None:
    failed = {"state": RegistrationState.FAILED, "reason": "owned_by_another", "due_at": None}
    async with queue.transaction() as tx:
        await registrations.put(tx, [registration(1, **failed), registration(2, tenant_id="tenant-beta", **failed)])

        of_acme = await registrations.failed(tx, tenant_id="tenant-acme", limit=10)
        conflicts = await registrations.conflicts(tx, "tenant-acme", reason="owned_by_another", since_ms=0)

        assert [one.id for one in of_acme] == ["r1"]
        assert conflicts == 1
        assert await registrations.counts(tx, tenant_id="tenant-acme") == {("a1", "failed"): 1}
        assert await registrations.counts(tx) == {("a1", "failed"): 2}


async def test_disclosures_are_the_devices_own_and_end_with_their_time(queue: Storage) -> None:
    row = {"tenant_id": "t", "mac": "000413000001", "recipient": "snom_sraps", "what": "mac, url", "why": "register"}
    async with queue.transaction() as tx:
        await registrations.disclose(tx, [{**row, "at": n, "device_id": f"device-{n}"} for n in (1, 2)])
        await registrations.put(tx, [registration(state=RegistrationState.WITHDRAWN, due_at=None)])
        assert [d["at"] for d in await registrations.disclosures_of(tx, "device-2", limit=9)] == [2]

        await registrations.forget_old(tx, before_ms=2)

        assert await registrations.disclosures_of(tx, "device-1", limit=9) == []
        assert len(await registrations.disclosures_of(tx, "device-2", limit=9)) == 1
        assert await registrations.of_macs(tx, ["000413000001"]) == {}
