"""Arming, locking and removing devices, and which URLs live and die with that."""

from __future__ import annotations

import pytest

from provserver.app import Services
from provserver.domain.device import Device, ReleasePolicy, Tenant
from provserver.domain.request import ProvRequest
from provserver.errors import NotFound
from provserver.identify import Asked, take_apart
from provserver.secret import Secret
from provserver.services.requests.answers import Answer
from tests.clocks import DAY_MS, MINUTE_MS, START_MS, FakeClock
from tests.pieces import pieces
from tests.services.fleet import (
    MAC,
    ask,
    audit_actions,
    boot,
    count,
    data_keys,
    lasting_url,
    put,
    yealink,
)

FILE = f"{MAC}.cfg"


async def ask_with(services: Services, token: str) -> Answer:
    return await ask(services, f"{token}/{FILE}")


async def dead_tokens(services: Services) -> set[bytes]:
    async with services.storage.read() as tx:
        return set((await tx.exec_driver_sql("SELECT fingerprint FROM dead_token")).scalars())


def bootstrap_url(services: Services, device: Device) -> str:
    return services.devices.bootstrap_token(device).reveal()


async def test_arming_lets_a_device_boot_once_more(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(30)
    assert (await ask(services)).status == 404

    armed = await services.devices.arm(MAC)

    assert armed.armed_until == START_MS + 37 * DAY_MS
    assert (armed.provisioned_at, armed.provisioned_prefix, armed.needs_password_at) == (None, None, None)
    assert armed.tokens.generation == 2
    assert (await boot(services)).outcome == "delivered"
    assert await audit_actions(services) == ["tenant.added", "device.put", "device.armed"]


async def test_arming_takes_the_days_it_is_given_else_the_tenants(services: Services, tenant: Tenant) -> None:
    short = await services.tenants.add("short", window_days=2)
    await put(services, yealink(tenant))
    await put(services, yealink(short, 1))

    assert (await services.devices.arm(MAC, days=0.5)).armed_until == START_MS + DAY_MS // 2
    assert (await services.devices.arm(yealink(short, 1).mac or MAC)).armed_until == START_MS + 2 * DAY_MS


async def test_the_url_before_an_arming_stays_until_the_new_one_is_used(services: Services, tenant: Tenant) -> None:
    first = await put(services, yealink(tenant))
    old = lasting_url(services, first)
    assert (await ask_with(services, old)).status == 200

    second = await services.devices.arm(MAC)
    new = lasting_url(services, second)
    moved = await ask_with(services, old)
    assert moved.status == 200
    assert new.encode() in moved.body, "the phone learns its new URL over the old one"
    assert (await ask_with(services, old)).status == 200

    assert (await ask_with(services, new)).status == 200
    assert (await ask_with(services, old)).reason == "wrong_token"
    assert (await ask_with(services, new)).status == 200


async def test_arming_twice_keeps_the_url_that_the_phone_has(services: Services, tenant: Tenant) -> None:
    first = await put(services, yealink(tenant))
    old = lasting_url(services, first)
    await ask_with(services, old)

    unseen = await services.devices.arm(MAC)
    armed = await services.devices.arm(MAC)

    assert (await ask_with(services, old)).status == 200
    assert (await ask_with(services, lasting_url(services, unseen))).reason == "wrong_token"
    assert (await ask_with(services, lasting_url(services, armed))).status == 200


async def test_arming_after_a_delivery_keeps_the_url_that_was_delivered(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    delivered = await services.devices.arm(MAC)
    await boot(services)

    await services.devices.arm(MAC)

    assert (await ask_with(services, lasting_url(services, delivered))).status == 200


async def test_a_bootstrap_url_dies_when_the_lasting_one_is_used(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    bootstrap = bootstrap_url(services, device)
    assert lasting_url(services, device).encode() in (await ask_with(services, bootstrap)).body
    assert (await ask_with(services, bootstrap)).status == 200

    assert (await ask_with(services, lasting_url(services, device))).status == 200

    assert (await ask_with(services, bootstrap)).reason == "wrong_token"
    await services.storage.group.flush()
    assert device.tokens.bootstrap in await dead_tokens(services)
    assert (await services.devices.get(MAC)).tokens.bootstrap is None


async def test_arming_makes_a_new_bootstrap_url_and_buries_the_old(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    old = bootstrap_url(services, device)

    armed = await services.devices.arm(MAC)

    assert (await ask_with(services, old)).reason == "wrong_token"
    assert (await ask_with(services, bootstrap_url(services, armed))).status == 200
    assert await dead_tokens(services) == {device.tokens.bootstrap}


async def test_a_use_that_was_decided_before_an_arming_ends_nothing_of_it(services: Services, tenant: Tenant) -> None:
    """The record of the use waits in the queue of the group writer while the arming commits."""
    device = await put(services, yealink(tenant))
    record = await services.records.look_up(_asked(f"{lasting_url(services, device)}/{FILE}"), device.tokens.lasting)
    assert record is not None

    armed = await services.devices.arm(MAC)
    services.deliveries.lasting_token_used(record, START_MS)
    await services.storage.group.flush()

    after = await services.devices.get(MAC)
    assert after.tokens == armed.tokens
    assert (await ask_with(services, lasting_url(services, device))).status == 200


async def test_a_locked_device_gets_nothing_until_it_is_unlocked(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    url = lasting_url(services, device)
    assert (await ask_with(services, url)).status == 200

    locked = await services.devices.lock(MAC, reason="stolen")
    assert (locked.locked_at, locked.lock_reason) == (START_MS, "stolen")
    assert (await ask_with(services, url)).reason == "locked"
    assert (await ask(services)).reason == "locked"

    unlocked = await services.locks.unlock(MAC)
    assert (unlocked.locked_at, unlocked.lock_reason) == (None, None)
    assert (await ask_with(services, url)).status == 200
    assert await audit_actions(services) == ["tenant.added", "device.put", "device.locked", "device.unlocked"]


async def test_a_strict_tenants_device_boots_with_a_token_only(services: Services) -> None:
    strict = await services.tenants.add("strict", policy=ReleasePolicy.STRICT)
    device = await put(services, yealink(strict))

    assert (await ask(services)).reason == "strict"
    assert (await ask_with(services, bootstrap_url(services, device))).status == 200


async def test_the_window_closes_after_its_days_and_after_settling(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await put(services, yealink(tenant, 1))
    await boot(services)
    clock.advance_ms(15 * MINUTE_MS)
    assert (await ask(services)).status == 200
    assert (await ask(services, address="198.51.100.7")).reason == "provisioned"
    clock.advance_ms(1)
    assert (await ask(services)).reason == "provisioned"

    clock.advance_days(7)
    other = yealink(tenant, 1).mac
    assert other is not None
    assert (await ask(services, mac=other)).reason == "window_over"


async def test_a_removed_device_leaves_nothing(services: Services, tenant: Tenant) -> None:
    device = await put(
        services, yealink(tenant, settings={"vlan_id": "20"}, secret_settings={"admin_password": Secret("adm1n")})
    )
    url = lasting_url(services, device)
    await boot(services)
    upload = await services.provisioning.upload(
        ProvRequest(path=f"/{url}/{MAC}-local.cfg", method="PUT"), pieces(b"account.1.password = x")
    )
    assert upload.status == 201

    await services.devices.delete(MAC)

    for table in ("device", "line", "setting", "credential", "upload"):
        assert await count(services, table) == 0, table
    assert await data_keys(services) == set()
    assert list((services.storage.directory / "uploads").iterdir()) == []
    assert (await ask_with(services, url)).status == 404
    assert (await ask(services)).reason == "unknown_device"
    assert {device.tokens.lasting, device.tokens.bootstrap} <= await dead_tokens(services)
    assert (await audit_actions(services))[-1] == "device.deleted"


async def test_a_removed_device_can_be_another_tenants(services: Services, tenant: Tenant) -> None:
    other = await services.tenants.add("other")
    first = await put(services, yealink(tenant))
    await services.devices.delete(MAC)

    second = await put(services, yealink(other))

    assert second.id != first.id
    assert (await ask_with(services, lasting_url(services, first))).reason == "wrong_token"
    assert (await ask_with(services, lasting_url(services, second))).status == 200


@pytest.mark.parametrize("change", ["arm", "lock", "delete", "get"])
async def test_another_tenants_device_does_not_exist(services: Services, tenant: Tenant, change: str) -> None:
    other = await services.tenants.add("other")
    before = await put(services, yealink(tenant))
    more = {"reason": "mine"} if change == "lock" else {}

    with pytest.raises(NotFound) as refused:
        await getattr(services.devices, change)(MAC, tenant_id=other.id, **more)

    assert str(refused.value) == f"no device '{MAC.colons}'"
    assert await services.devices.get(MAC, tenant_id=tenant.id) == before


async def test_a_device_that_does_not_exist_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound):
        await services.devices.delete(MAC)


def _asked(path: str) -> Asked:
    asked = take_apart(f"/{path}")
    assert asked is not None
    return asked
