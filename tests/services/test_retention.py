"""Deletion comes after the days and not before, in an order that a crash cannot turn into a leak."""

from __future__ import annotations

import asyncio

import orjson
from sqlalchemy import event

from provserver.app import Services, build
from provserver.domain.device import Credential, Tenant, device_owner
from provserver.secret import Secret
from provserver.services.upkeep.retention import STALE_RELEASE_MS
from provserver.settings import Settings
from provserver.storage import audit
from provserver.storage.requests import ADD_REQUESTS
from tests.clocks import DAY_MS, START_MS, FakeClock
from tests.services.fleet import (
    FIELD,
    MAC,
    PASSWORD,
    ask,
    audit_actions,
    boot,
    data_keys,
    last_audit,
    lasting_url,
    line,
    owned_by,
    password_of,
    put,
    running,
    yealink,
)
from tests.storage.test_requests import row as request_row

DAYS_15 = 15 * DAY_MS


async def test_a_password_is_deleted_after_its_days_and_not_before(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant))
    clock.advance_days(40)  # no delivery, no clock
    assert await services.retention.run() == 0
    await services.devices.arm(MAC)
    await boot(services)
    delivered_ms = clock.wall_ms()

    clock.advance_ms(DAYS_15 - 1)
    assert await services.retention.run() == 0
    assert (await password_of(services, device)).is_held

    clock.advance_ms(1)
    assert await services.retention.run() == 1
    gone = await password_of(services, device)
    assert (gone.sealed, gone.is_held, gone.deleted_at) == (None, False, delivered_ms + DAYS_15)
    assert (gone.first_delivered_at, gone.delete_after) == (delivered_ms, delivered_ms + DAYS_15)
    assert await data_keys(services) == set()
    assert await services.retention.run() == 0


async def test_a_tenant_has_days_of_its_own(services: Services, clock: FakeClock) -> None:
    short = await services.tenants.add("short", retention_days=1)
    await put(services, yealink(short))
    await boot(services)

    clock.advance_days(1)

    assert await services.retention.run() == 1


async def test_a_clock_that_jumps_back_does_not_lengthen_the_days(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(10)
    await services.retention.run()

    clock.set_wall_ms(START_MS - 300 * DAY_MS)
    clock.advance_days(5)

    assert await services.retention.run() == 1


async def test_a_restart_does_not_lengthen_the_days(services: Services, tenant: Tenant, settings: Settings) -> None:
    await put(services, yealink(tenant))
    await boot(services)

    behind = FakeClock(START_MS - 300 * DAY_MS)
    async with build(settings, actor="tests", clock=behind) as restarted:
        assert restarted.context.clock.now_ms() >= START_MS
        behind.advance_days(15)
        assert await restarted.retention.run() == 1


async def test_listing_what_is_due_deletes_nothing(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)

    assert await services.retention.due() == []
    due = await services.retention.due(at_ms=START_MS + DAYS_15)

    assert [(one.mac, one.credential.field) for one in due] == [(MAC.value, FIELD)]
    assert (await password_of(services, device)).is_held
    assert "credential.deleted" not in await audit_actions(services)
    clock.advance_days(15)
    assert len(await services.retention.due()) == 1


async def test_listing_for_a_later_time_does_not_touch_what_is_on_its_way(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    answer = await ask(services)
    assert answer.delivery is not None

    await services.retention.due(at_ms=START_MS + 400 * DAY_MS)

    assert (await password_of(services, device)).first_delivered_at is None
    services.deliveries.broken(answer.delivery)
    await services.storage.group.flush()
    assert (await password_of(services, device)).released_at is None


async def test_an_earlier_time_is_not_believed(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(15)

    assert await services.retention.run(at_ms=START_MS) == 1


async def test_a_later_time_can_be_pretended(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await boot(services)

    assert await services.retention.run(at_ms=START_MS + DAYS_15) == 1


async def test_a_broken_delivery_starts_no_clock(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    device = await put(services, yealink(tenant))
    answer = await ask(services)
    assert answer.delivery is not None
    assert (await password_of(services, device)).released_at == START_MS

    services.deliveries.broken(answer.delivery)
    await services.storage.group.flush()
    clock.advance_days(30)

    assert await services.retention.run() == 0
    assert (await password_of(services, device)).released_at is None
    assert (await services.devices.get(MAC)).provisioned_at is None


async def test_a_release_that_a_crash_left_standing_counts_from_the_release(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant))
    await ask(services)  # and nobody reports how it ended

    clock.advance_ms(STALE_RELEASE_MS - 1)
    await services.retention.run()
    assert (await password_of(services, device)).first_delivered_at is None

    clock.advance_ms(1)
    await services.retention.run()
    presumed = await password_of(services, device)
    assert (presumed.first_delivered_at, presumed.delete_after) == (START_MS, START_MS + DAYS_15)
    clock.advance_ms(START_MS + DAYS_15 - clock.wall_ms())
    assert await services.retention.run() == 1


async def test_what_was_presumed_is_seen_by_the_next_request(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    """Else a poll would release the password again, as if its clock were not running."""
    device = await put(services, yealink(tenant))
    await ask(services)
    clock.advance_ms(STALE_RELEASE_MS)
    await services.retention.run()

    answer = await ask(services, f"{lasting_url(services, device)}/{MAC}.cfg")

    assert answer.delivery is None
    assert (await password_of(services, device)).first_delivered_at == START_MS


async def test_a_second_delivery_does_not_start_the_days_again(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(10)
    await boot(services, f"{lasting_url(services, device)}/{MAC}.cfg")

    clock.advance_days(5)

    assert await services.retention.run() == 1


async def test_after_deletion_the_phone_is_told_nothing_about_its_password(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant, lines=(line(1), line(2)), passwords={1: Secret(PASSWORD)}))
    await boot(services)
    clock.advance_days(15)
    await services.retention.run()

    answer = await ask(services, f"{lasting_url(services, device)}/{MAC}.cfg")

    assert answer.status == 200
    assert PASSWORD.encode() not in answer.body
    assert b"account.1.password" not in answer.body
    assert b"account.1.user_name = 1001" in answer.body


async def test_a_device_that_lost_its_password_tells_its_reseller_once(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(15)
    await services.retention.run()

    for _ in range(3):
        assert (await ask(services)).status == 404
    await services.storage.group.flush()

    shown = await services.inventory.show(MAC)
    assert shown["state"] == "needs_password"
    assert [event["kind"] for event in shown["events"]] == ["needs_password"]

    await put(services, yealink(tenant, passwords={1: Secret("anew")}))
    assert (await services.inventory.show(MAC))[
        "state"
    ] == "provisioned"  # it has had its first boot; `device arm` lets a reset one in
    assert (await services.devices.get(MAC)).needs_password_at is None


async def test_a_new_password_has_a_new_clock(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(15)
    await services.retention.run()

    await put(services, yealink(tenant, passwords={1: Secret("anew")}))
    assert (await password_of(services, device)).is_held
    answer = await boot(services, f"{lasting_url(services, device)}/{MAC}.cfg")

    assert b"anew" in answer.body
    assert (await password_of(services, device)).delete_after == START_MS + 2 * DAYS_15


async def test_shared_secrets_are_not_deleted_with_a_device(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant, secret_settings={"user_password": Secret("own")}))
    await services.tenants.set_shared({}, {"admin_password": Secret("shared")}, tenant=tenant)
    await boot(services)

    clock.advance_days(400)

    assert await services.retention.run() == 2
    (shared,) = (await owned_by(services, f"tenant:{tenant.id}")).values()
    assert shared.is_held
    assert shared.sealed is not None
    assert await data_keys(services) == {shared.sealed.key_id}


async def test_a_secret_deleted_at_the_device_is_not_replaced_by_a_shared_one(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    """The phone has its own administrator's password; the tenant's would lock its owner out."""
    device = await put(services, yealink(tenant, secret_settings={"admin_password": Secret("own")}))
    await services.tenants.set_shared({}, {"admin_password": Secret("of-tenant")}, tenant=tenant)
    await boot(services)
    clock.advance_days(15)
    await services.retention.run()

    answer = await ask(services, f"{lasting_url(services, device)}/{MAC}.cfg")

    assert answer.status == 200
    assert b"own" not in answer.body
    assert b"of-tenant" not in answer.body


async def test_each_deletion_is_audited_without_its_secret(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    device = await put(services, yealink(tenant))
    key_id = next(iter(await data_keys(services)))
    await boot(services)
    clock.advance_days(15)
    await services.retention.run()

    async with services.storage.read() as tx:
        assert await audit.first_break(tx) is None
    entry = await last_audit(services)
    assert (entry["action"], entry["object"], entry["tenant_id"]) == (
        "credential.deleted",
        device_owner(device.id),
        tenant.id,
    )
    assert orjson.loads(entry["detail"]) == {"field": FIELD, "key": key_id, "why": "retention"}


async def test_of_two_processes_that_delete_the_same_one_writes_it_down(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    """The server's own run and a command beside it, each with the batch in hand before the other has begun."""
    await services.devices.put([yealink(tenant, number) for number in range(1, 21)])
    at_ms = START_MS + DAYS_15
    await _deliver_all(services)
    async with running(settings, clock) as other:
        batch = [due.credential for due in await services.retention.due(at_ms=at_ms)]

        first = await other.retention.run(at_ms=at_ms)
        second = await services.retention.delete(batch, why="retention")

    assert (len(batch), first, second) == (20, 20, 0)
    assert (await audit_actions(services)).count("credential.deleted") == 20


async def test_two_processes_that_delete_at_the_same_time_share_the_work(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    """However their steps fall between each other's: each credential goes once, is counted once and audited once."""
    await services.devices.put([yealink(tenant, number) for number in range(1, 701)])
    at_ms = START_MS + DAYS_15
    await _deliver_all(services)
    async with running(settings, clock) as other:
        counts = await asyncio.gather(services.retention.run(at_ms=at_ms), other.retention.run(at_ms=at_ms))

    assert sum(counts) == 700
    async with services.storage.read() as tx:
        entries = await tx.exec_driver_sql(
            "SELECT count(*), count(DISTINCT object) FROM audit WHERE action = 'credential.deleted'"
        )
        assert entries.one() == (700, 700)
        assert await audit.first_break(tx) is None
    assert await data_keys(services) == set()


async def test_a_password_that_is_replaced_while_it_is_deleted_is_not_said_to_be_deleted(
    services: Services, tenant: Tenant
) -> None:
    """The new one is another row: it is neither deleted nor marked."""
    device = await put(services, yealink(tenant))
    await boot(services)
    batch = [due.credential for due in await services.retention.due(at_ms=START_MS + DAYS_15)]

    await put(services, yealink(tenant, passwords={1: Secret("anew")}))

    assert await services.retention.delete(batch, why="retention") == 0
    assert "credential.deleted" not in await audit_actions(services)
    assert (await password_of(services, device)).is_held


async def test_many_deletions_take_as_few_statements_as_few_do(services: Services, tenant: Tenant) -> None:
    """Deliveries wait while a batch is written down: 500 entries one by one took 1.6 s, together they take 0.03 s."""
    await services.devices.put([yealink(tenant, number) for number in range(1, 304)])
    await _deliver_all(services)
    batch = [due.credential for due in await services.retention.due(at_ms=START_MS + DAYS_15)]

    few = await _statements(services, batch[:3])
    many = await _statements(services, batch[3:])

    assert len(batch) == 303
    assert many == few


async def test_all_old_requests_are_forgotten_however_many_there_are(services: Services, clock: FakeClock) -> None:
    old, new = clock.wall_ms() - 31 * DAY_MS, clock.wall_ms() - 29 * DAY_MS
    rows = [request_row(at=at) for at in [*[old] * 12_000, new]]
    await services.storage.append("requests", ADD_REQUESTS, rows)

    await services.retention.run()

    async with services.storage.read("requests") as tx:
        assert (await tx.exec_driver_sql("SELECT count(*), min(at) FROM request")).one() == (1, new)


async def _deliver_all(services: Services) -> None:
    """As if every phone had fetched its file at the start."""
    async with services.storage.transaction() as tx:
        await tx.exec_driver_sql(
            "UPDATE credential SET first_delivered_at = ?, delete_after = ?", (START_MS, START_MS + DAYS_15)
        )


async def _statements(services: Services, batch: list[Credential]) -> int:
    """How many statements SQLite runs to delete *batch*, one for many rows counted once."""
    seen: list[str] = []

    def note(*said: object) -> None:
        seen.append(str(said[2]))

    engine = services.storage._engines["state"].sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert await services.retention.delete(batch, why="retention") == len(batch)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
