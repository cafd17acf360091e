"""Deliveries that overlap, and copies of a device that were read in between: cache and store agree in the end."""

from __future__ import annotations

import asyncio

import pytest

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.services.requests.deliveries import Delivery
from provserver.storage import changes
from provserver.storage.records import RecordReader
from tests.clocks import FakeClock
from tests.services.fleet import MAC, ask, lasting_url, put, yealink

FILE = f"{MAC}.cfg"
LATER_MS = 3_600_000  # the settling time is over


async def stored(services: Services) -> Device:
    """The device as the store has it, past any cache."""
    await services.storage.group.flush()
    access = await RecordReader(services.storage).access_by_mac(MAC.value)
    assert access is not None
    return access.device


def begun(services: Services) -> int:
    """How many deliveries are under way that would end a window."""
    return sum(attempts.under_way for attempts in services.deliveries._endings.values())


async def together(services: Services, clock: FakeClock, count: int) -> list[Delivery]:
    """So many first deliveries that are under way at once, each begun a millisecond after the one before."""
    async with asyncio.TaskGroup() as tasks, services.storage.group._lock:  # nothing is written before all have begun
        waiting = []
        for number in range(1, count + 1):
            waiting.append(tasks.create_task(ask(services)))
            while begun(services) < number:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.005)
            clock.advance_ms(1)
    deliveries = [task.result().delivery for task in waiting]
    found = [delivery for delivery in deliveries if delivery is not None and delivery.provisions]
    assert len({delivery.begun_at for delivery in found}) == count
    return found


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the first breaks off first", "the first arrives first"])
@pytest.mark.parametrize("arrives", [0, 1])
async def test_one_of_two_first_deliveries_that_arrives_ends_the_window(
    services: Services, tenant: Tenant, clock: FakeClock, arrives: int, order: tuple[int, int]
) -> None:
    await put(services, yealink(tenant))
    deliveries = await together(services, clock, 2)

    for number in order:
        if number == arrives:
            await services.deliveries.complete(deliveries[number], FILE)
        else:
            services.deliveries.broken(deliveries[number])

    assert (await stored(services)).provisioned_at is not None
    clock.advance_ms(LATER_MS)
    assert (await ask(services)).status == 404
    services.records.forget(changes.EVERYTHING)
    assert (await ask(services)).status == 404


async def test_first_deliveries_that_all_break_off_leave_the_window_open(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    for delivery in await together(services, clock, 3):
        services.deliveries.broken(delivery)

    assert (await stored(services)).provisioned_at is None
    clock.advance_ms(LATER_MS)
    assert (await ask(services)).status == 200


@pytest.mark.parametrize("read", ["while it is written", "and kept, before it is written"])
async def test_a_copy_that_was_read_before_a_release_was_written_does_not_keep_the_window_open(
    services: Services, tenant: Tenant, clock: FakeClock, read: str
) -> None:
    await put(services, yealink(tenant))
    async with asyncio.TaskGroup() as tasks, services.storage.group._lock:
        first = tasks.create_task(ask(services))
        while not begun(services):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)
        services.records.forget(MAC.value)  # as a cache does that is full
        if read.startswith("and"):
            assert (await ask(services, method="HEAD")).status == 200
    delivery = first.result().delivery
    assert delivery is not None
    await services.deliveries.complete(delivery, FILE)

    clock.advance_ms(LATER_MS)

    assert (await ask(services)).status == 404


async def test_a_copy_that_was_read_before_a_bootstrap_token_died_does_not_keep_it_alive(
    services: Services, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    bootstrap = services.provisioning._tokens.bootstrap(device.id, device.tokens.generation)
    async with asyncio.TaskGroup() as tasks, services.storage.group._lock:
        tasks.create_task(ask(services, f"{lasting_url(services, device)}/{FILE}"))
        await asyncio.sleep(0.05)
        services.records.forget(MAC.value)
        tasks.create_task(ask(services, f"{bootstrap}/{FILE}"))  # it is still alive: this one may pass
        await asyncio.sleep(0.05)
    await services.storage.group.flush()

    assert (await ask(services, f"{bootstrap}/{FILE}")).status == 404
