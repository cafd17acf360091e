"""Devices that were moved, copied or found: what is withheld, what still works, and how people let them in again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network

import pytest

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.errors import NotFound, Refused
from provserver.secret import Secret
from provserver.services.fleet.locks import OldUrl
from provserver.services.requests.answers import Answer
from provserver.settings import ReleaseSettings, Settings
from provserver.storage import events
from tests.clocks import DAY_MS, HOUR_MS, FakeClock
from tests.services.fleet import AGENT, MAC, OFFICE, ask, audit_actions, boot, lasting_url, put, running, yealink

FILE = f"{MAC}.cfg"
SAME_OFFICE, ELSEWHERE = "192.0.2.99", "198.51.100.9"
BENCH = "203.0.113.50"


async def bootstrap(services: Services, device: Device) -> str:
    return services.devices.bootstrap_token(device).reveal()


async def seen(services: Services, answer: Answer, *, address: str, agent: str = AGENT) -> None:
    """Tell the monitor of an answer as the phone door does, and let it work."""
    from provserver.domain.request import ProvRequest  # noqa: PLC0415
    from provserver.services.requests.traffic import _sighting  # noqa: PLC0415

    facts = answer.facts
    request = ProvRequest(path=f"/{FILE}", address=address, user_agent=agent)
    device = facts.record.access.device if facts.record else None
    row = (
        services.context.clock.now_ms(), address, 0, "GET", f"/{FILE}", MAC.value, device.id if device else None,
        "yealink", agent, None, answer.outcome, answer.reason, answer.status, 0, 0,
    )  # fmt: skip
    services.monitor.saw(_sighting(row, request, facts, services.homes))
    await services.monitor.work()


async def kinds(services: Services, device: Device) -> set[str]:
    await services.storage.group.write(())
    async with services.storage.read() as tx:
        return {event["kind"] for event in await events.events_of(tx, device.id, limit=20)}


async def delivered(services: Services, tenant: Tenant) -> Device:
    """A device that has been delivered by its window, whose phone has not used its lasting URL yet."""
    device = await put(services, yealink(tenant))
    await boot(services)
    return device


async def test_a_first_url_from_elsewhere_gets_nothing_and_locks_the_device(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await delivered(services, tenant)
    clock.advance_ms(HOUR_MS)
    token = await bootstrap(services, device)

    answer = await ask(services, f"{token}/{FILE}", address=ELSEWHERE)
    assert (answer.status, answer.reason, answer.body) == (404, "moved", b"")
    await seen(services, answer, address=ELSEWHERE)

    locked = await services.devices.get(MAC)
    assert locked.lock_reason == "monitor: other-network"
    assert "other-network" in await kinds(services, device)
    (alert,) = await services.bans.alerts(tenant="acme")
    assert alert["detector"] == "other-network"


async def test_a_first_url_in_the_same_network_is_served_whatever_the_address(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await delivered(services, tenant)
    clock.advance_ms(HOUR_MS)

    answer = await ask(services, f"{await bootstrap(services, device)}/{FILE}", address=SAME_OFFICE)

    assert answer.status == 200


async def test_a_phone_that_moves_with_its_lasting_url_is_served_and_its_tenant_told(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await delivered(services, tenant)
    clock.advance_ms(HOUR_MS)

    answer = await boot(services, f"{lasting_url(services, device)}/{FILE}", address=ELSEWHERE)
    await seen(services, answer, address=ELSEWHERE)

    assert (await services.devices.get(MAC)).locked_at is None
    assert "network-change" in await kinds(services, device)


async def test_in_a_tenant_with_fixed_networks_its_own_url_locks_it_too(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    await services.tenants.decide("acme", fixed_networks=True)
    device = await delivered(services, tenant)
    url = f"{lasting_url(services, device)}/{FILE}"
    assert (await ask(services, url)).status == 200, "at home; from now on the path is known"
    clock.advance_ms(HOUR_MS)

    answer = await ask(services, url, address=ELSEWHERE)
    await seen(services, answer, address=ELSEWHERE)

    assert answer.reason == "moved"
    assert (await services.devices.get(MAC)).lock_reason == "monitor: other-network"


async def test_unlocking_makes_it_at_home_where_it_comes_next(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await delivered(services, tenant)
    clock.advance_ms(HOUR_MS)
    url = f"{await bootstrap(services, device)}/{FILE}"
    await seen(services, await ask(services, url, address=ELSEWHERE), address=ELSEWHERE)

    await services.locks.unlock(MAC)
    await services.monitor.reload()
    assert (await ask(services, url, address=ELSEWHERE)).status == 200
    await services.storage.group.write(())
    assert (await services.devices.get(MAC)).provisioned_prefix == "198.51.100.0/24"

    clock.advance_ms(2 * HOUR_MS)
    back = await ask(services, url, address=OFFICE)
    await seen(services, back, address=OFFICE)
    assert back.reason == "moved"
    assert (await services.devices.get(MAC)).locked_at is not None, "the next lock is not taken for the one that ended"


@pytest.fixture
async def with_bench(settings: Settings, clock: FakeClock) -> AsyncIterator[Services]:
    """Services that know the network in which devices are loaded."""
    release = ReleaseSettings(staging=(ip_network("203.0.113.0/24"),))
    async with running(settings.model_copy(update={"release": release}), clock) as services:
        await services.tenants.add("acme")
        yield services


@pytest.mark.parametrize("came_back", [False, True], ids=["loaded", "loaded-and-started-again"])
async def test_stock_that_was_loaded_before_shipping_arrives_unlocked(
    with_bench: Services, clock: FakeClock, *, came_back: bool
) -> None:
    """Reset on the way or not: with its lasting URL, with its first URL, and by its window while that is open."""
    services = with_bench
    device = await put(services, yealink(await services.tenants.get("acme")))
    own, first = f"{lasting_url(services, device)}/{FILE}", f"{await bootstrap(services, device)}/{FILE}"
    await boot(services, address=BENCH)
    if came_back:
        await boot(services, own, address=BENCH)
    clock.advance_ms(3 * DAY_MS)

    for path in (first, FILE, own):
        answer = await ask(services, path, address=OFFICE)
        assert answer.status == 200, (path, answer.reason)
        await seen(services, answer, address=OFFICE)

    await services.storage.group.write(())
    at_home = await services.devices.get(MAC)
    assert (at_home.locked_at, at_home.provisioned_prefix) == (None, "192.0.2.0/24")


async def test_stock_that_was_never_delivered_is_served_after_a_season_on_the_shelf(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    clock.advance_ms(90 * DAY_MS)
    stranger = await ask(services, address=ELSEWHERE)
    await seen(services, stranger, address=ELSEWHERE)
    assert stranger.reason == "window_over"
    assert (await services.devices.get(MAC)).locked_at is None, "who knows a MAC must not lock a device"

    answer = await ask(services, f"{await bootstrap(services, device)}/{FILE}")

    assert answer.status == 200


async def test_a_url_in_a_tool_is_rotated(services: Services, clock: FakeClock, tenant: Tenant) -> None:
    device = await delivered(services, tenant)
    clock.advance_ms(HOUR_MS)
    url = f"{lasting_url(services, device)}/{FILE}"

    answer = await boot(services, url, address=ELSEWHERE, user_agent="curl/8.5.0")
    await seen(services, answer, address=ELSEWHERE, agent="curl/8.5.0")

    rotated = await services.devices.get(MAC)
    assert rotated.lock_reason == "monitor: copied-url"
    assert rotated.tokens.generation == device.tokens.generation + 1
    assert rotated.needs_password_at is not None
    assert {"needs_password", "copied-url"} <= await kinds(services, device)


# --------------------------------------------------------------------------------------------------------- rotation


async def rotated_by_the_monitor(services: Services, clock: FakeClock, tenant: Tenant) -> Device:
    """A device in service, whose URL is the one from before its rotation."""
    device = await delivered(services, tenant)
    clock.advance_ms(HOUR_MS)
    answer = await boot(services, f"{lasting_url(services, device)}/{FILE}", address=ELSEWHERE, user_agent="curl/8.5.0")
    await seen(services, answer, address=ELSEWHERE, agent="curl/8.5.0")
    return device


async def test_rotation_ends_the_first_url_at_once_and_withholds_everything(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    old = await bootstrap(services, device)

    new = await services.locks.rotate(MAC, reason="mail to the wrong address")

    assert (await ask(services, f"{old}/{FILE}")).reason == "wrong_token"
    assert (await ask(services, f"{await bootstrap(services, new)}/{FILE}")).reason == "locked"
    assert (await ask(services)).reason == "locked"
    assert new.armed_until is None, "nor is there a window after it is unlocked"
    assert "device.rotated" in await audit_actions(services)


async def test_a_phone_in_service_keeps_its_url_over_any_number_of_rotations(
    services: Services, tenant: Tenant
) -> None:
    device = await delivered(services, tenant)
    own = f"{lasting_url(services, device)}/{FILE}"
    await boot(services, own)

    for _ in range(3):
        await services.locks.rotate(MAC, reason="to be sure")
    await services.locks.unlock(MAC)

    answer = await boot(services, own)
    new = await services.devices.get(MAC)
    assert lasting_url(services, new).encode() in answer.body, "and it learns the new one from what it fetches"
    assert lasting_url(services, new) != lasting_url(services, device)


async def test_what_the_monitor_has_rotated_is_not_unlocked_without_saying_whose_the_old_url_is(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    await rotated_by_the_monitor(services, clock, tenant)

    with pytest.raises(Refused, match="is the old one its own phone's"):
        await services.locks.unlock(MAC)

    assert (await services.devices.get(MAC)).locked_at is not None


async def test_kept_the_old_url_goes_on_and_the_password_is_not_asked_for(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await rotated_by_the_monitor(services, clock, tenant)

    await services.locks.unlock(MAC, url=OldUrl.KEEP)

    assert (await boot(services, f"{lasting_url(services, device)}/{FILE}")).status == 200
    assert (await services.devices.get(MAC)).needs_password_at is None
    assert await services.bans.in_force() == []


async def test_ended_the_old_url_gets_nothing_not_even_the_new_password(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await rotated_by_the_monitor(services, clock, tenant)
    await put(services, replace(yealink(tenant), passwords={1: Secret("another-one")}))

    await services.locks.unlock(MAC, url=OldUrl.END)

    assert (await ask(services, f"{lasting_url(services, device)}/{FILE}")).reason == "wrong_token"
    new = await services.devices.get(MAC)
    assert (await ask(services)).reason == "not_armed"
    fetched = await boot(services, f"{await bootstrap(services, new)}/{FILE}")
    assert b"another-one" in fetched.body


@pytest.mark.parametrize("locked_by", ["monitor", "hand"])
async def test_the_new_password_opens_no_window_also_if_it_comes_after_the_unlocking(
    services: Services, clock: FakeClock, tenant: Tenant, locked_by: str
) -> None:
    if locked_by == "monitor":
        await rotated_by_the_monitor(services, clock, tenant)
    else:
        await delivered(services, tenant)
        await services.devices.lock(MAC, reason="its URL was seen in a mail")
    await services.locks.unlock(MAC, url=OldUrl.END)
    assert (await services.devices.get(MAC)).needs_password_at is not None

    device = await put(services, replace(yealink(tenant), passwords={1: Secret("another-one")}))

    assert device.needs_password_at is None
    assert (await ask(services)).reason in ("not_armed", "window_over", "provisioned")
    assert (await ask(services, f"{await bootstrap(services, device)}/{FILE}")).status == 200


async def test_nobody_unlocks_or_rotates_the_device_of_another_tenant(services: Services, tenant: Tenant) -> None:
    other = await services.tenants.add("other")
    await put(services, yealink(tenant))
    await services.devices.lock(MAC, reason="stolen")

    with pytest.raises(NotFound):
        await services.locks.unlock(MAC, tenant_id=other.id)
    with pytest.raises(NotFound):
        await services.locks.rotate(MAC, reason="", tenant_id=other.id)

    assert (await services.devices.get(MAC)).lock_reason == "stolen"
