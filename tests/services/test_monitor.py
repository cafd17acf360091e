"""The monitor in a server: what is decided is in force, written down, and survives; what fails shuts nobody out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from provserver.app import Services, build
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.errors import Conflict, InvalidValue, NotFound, Refused, StorageFull
from provserver.monitor.decision import Decision, Measure, Scope
from provserver.monitor.engine import Engine
from provserver.release import Proof
from provserver.services.monitoring.bans import read_target
from provserver.services.monitoring.sightings import Sighting
from provserver.settings import MonitorSettings, Settings
from provserver.storage import decisions
from provserver.storage.database import Transaction
from provserver.storage.monitor_tables import ALERT, DECISION
from provserver.storage.tables import EVENT
from tests.clocks import DAY_MS, HOUR_MS, FakeClock
from tests.services.fleet import audit_actions, put, running, yealink
from tests.services.test_sightings import seen

ADDRESS = "192.0.2.7"


def unknown(number: int, *, at: int, address: str = ADDRESS) -> Sighting:
    mac = f"805ec0{number * 0x1001:06x}"
    return seen(at=at, mac=mac, address=address, user_agent=f"Yealink SIP-T54W 96.86.0.70 {mac}")


async def walk(
    services: Services, clock: FakeClock, *, count: int = 11, first: int = 0, address: str = ADDRESS
) -> None:
    for number in range(first, first + count):
        clock.advance_ms(100)
        services.monitor.saw(unknown(number, at=clock.wall_ms(), address=address))
    await services.monitor.work()


async def rows(services: Services, table: object) -> list[dict[str, object]]:
    await services.storage.group.write(())
    async with services.storage.read() as tx:
        return [dict(row._mapping) for row in await tx.execute(select(*table.c))]  # type: ignore[attr-defined]


@asynccontextmanager
async def other_process(settings: Settings, clock: FakeClock) -> AsyncIterator[Services]:
    async with build(settings, actor="cli:test", clock=clock) as services:
        yield services


async def test_a_walk_is_banned_and_written_down(services: Services, clock: FakeClock) -> None:
    await walk(services, clock, count=10)
    assert not services.monitor.is_banned(ADDRESS)

    await walk(services, clock, count=12)

    assert services.monitor.is_banned(ADDRESS)
    assert not services.monitor.is_banned("192.0.2.8")
    ((alert,), (decision,)) = await rows(services, ALERT), await rows(services, DECISION)
    assert (alert["detector"], alert["value"]) == ("unknown-macs", ADDRESS)
    assert (decision["measure"], decision["value"], decision["reason"]) == ("ban", ADDRESS, "unknown-macs")
    shown = (await services.bans.in_force())[0]
    assert shown.evidence is not None
    assert shown.evidence["count"] == 11


async def test_a_ban_ends(services: Services, clock: FakeClock) -> None:
    await walk(services, clock)

    clock.advance_ms(HOUR_MS)
    await services.monitor.work()

    assert not services.monitor.is_banned(ADDRESS)
    assert await services.bans.in_force() == []


async def test_decisions_survive_a_restart_and_counters_do_not(
    services: Services, settings: Settings, clock: FakeClock
) -> None:
    await walk(services, clock)
    await walk(services, clock, count=9, address="198.51.100.1")

    async with other_process(settings, clock) as restarted:
        await restarted.monitor.reload()
        assert restarted.monitor.is_banned(ADDRESS)
        await walk(restarted, clock, count=9, address="198.51.100.1")
        assert not restarted.monitor.is_banned("198.51.100.1")


async def test_the_second_ban_is_longer_also_after_a_restart(
    services: Services, settings: Settings, clock: FakeClock
) -> None:
    await walk(services, clock)
    first = (await services.bans.in_force())[0].decision
    clock.advance_ms(2 * HOUR_MS)

    async with other_process(settings, clock) as restarted:
        await restarted.monitor.reload()
        await walk(restarted, clock)
        second = (await restarted.bans.in_force())[0].decision

    assert second.times == 2
    assert (second.until or 0) - second.at > 1.5 * ((first.until or 0) - first.at)


async def test_a_ban_that_people_have_taken_back_does_not_make_the_next_longer(
    services: Services, settings: Settings, clock: FakeClock
) -> None:
    await walk(services, clock)
    await services.bans.remove(ADDRESS)
    await services.monitor.reload()
    clock.advance_ms(2 * HOUR_MS)
    await services.monitor.work()

    await walk(services, clock, first=20)
    again = (await services.bans.in_force())[0].decision

    assert again.times == 1
    await services.bans.remove(ADDRESS)
    async with other_process(settings, clock) as restarted:
        await restarted.monitor.reload()
        await walk(restarted, clock)
        assert [one.decision.times for one in await restarted.bans.in_force()] == [1]


async def test_what_came_from_a_list_does_not_make_the_next_ban_longer(services: Services, clock: FakeClock) -> None:
    await services.bans.take_list(f"{ADDRESS}\n".encode(), name="others", seconds=600)
    clock.advance_ms(HOUR_MS)

    await services.monitor.reload()
    await walk(services, clock)

    assert [one.decision.times for one in await services.bans.in_force()] == [1]


async def test_the_first_ban_after_a_simulation_is_a_first_one(
    services: Services, settings: Settings, clock: FakeClock
) -> None:
    trying = settings.model_copy(update={"monitor": settings.monitor.model_copy(update={"simulate": True})})
    async with other_process(trying, clock) as simulating:
        for day in range(4):
            await walk(simulating, clock, first=20 * day)
            clock.advance_ms(DAY_MS)
            await simulating.monitor.work()
    made = await rows(services, DECISION)
    assert [one["times"] for one in made] == [1, 2, 3, 4]
    assert all(one["simulated"] for one in made)

    await services.monitor.reload()
    await walk(services, clock)

    assert [one.decision.times for one in await services.bans.in_force()] == [1]


async def test_a_simulation_goes_on_after_a_restart(services: Services, settings: Settings, clock: FakeClock) -> None:
    trying = settings.model_copy(update={"monitor": settings.monitor.model_copy(update={"simulate": True})})
    async with other_process(trying, clock) as simulating:
        await walk(simulating, clock)
    async with other_process(trying, clock) as restarted:
        await restarted.monitor.reload()
        await walk(restarted, clock, first=20)

    assert len(await rows(services, DECISION)) == 1


async def test_people_ban_and_unban_from_another_process(
    services: Services, settings: Settings, clock: FakeClock
) -> None:
    async with other_process(settings, clock) as command:
        await command.bans.add("203.0.113.0/24", seconds=600, reason="scanner")
        assert "decisions" in await services.records.follow()
        await services.monitor.reload()
        assert services.monitor.is_banned("203.0.113.200")

        await command.bans.remove("203.0.113.0/24")
        assert "decisions" in await services.records.follow()
        await services.monitor.reload()
        assert not services.monitor.is_banned("203.0.113.200")
    assert (await audit_actions(services))[-2:] == ["ban.added", "ban.removed"]


async def test_what_is_decided_already_or_not_at_all_is_said(services: Services) -> None:
    await services.bans.add(ADDRESS)

    with pytest.raises(Conflict):
        await services.bans.add(ADDRESS)
    with pytest.raises(NotFound):
        await services.bans.remove("192.0.2.8")
    with pytest.raises(InvalidValue):
        await services.bans.add("805ec0", measure=Measure.BAN)
    with pytest.raises(InvalidValue):
        await services.bans.add("192.0.2.9", measure=Measure.LOCK)
    with pytest.raises(InvalidValue):
        await services.bans.add("192.0.2.9", seconds=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.7", (Scope.ADDRESS, "192.0.2.7")),
        ("192.0.2.7/24", (Scope.PREFIX, "192.0.2.0/24")),
        ("2001:db8::1", (Scope.ADDRESS, "2001:db8::/64")),
        ("2001:db8::/48", (Scope.PREFIX, "2001:db8::/48")),
        ("80:5E:C0", (Scope.OUI, "805ec0")),
        ("805ec0123", (Scope.BLOCK, "805ec0123")),
    ],
)
def test_a_target_is_read_as_people_write_it(text: str, expected: tuple[Scope, str]) -> None:
    assert read_target(text) == expected


@pytest.mark.parametrize("text", ["", "0.0.0.0/0", "::/0", "10.0.0.0/7", "example.com", "805ec", "192.0.2.300"])
def test_a_target_that_is_none_or_the_world_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        read_target(text)


async def test_a_device_whose_url_is_used_in_two_places_is_locked_and_its_reseller_told(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    served = {"outcome": "delivered", "reason": None, "device_id": device.id, "mac": device.mac.value}
    for turn in range(8):
        clock.advance_ms(60_000)
        address = ("192.0.2.7", "198.51.100.9")[turn % 2]
        services.monitor.saw(
            seen(
                **served, at=clock.wall_ms(), address=address, tenant_id=tenant.id, proof=Proof.LASTING_TOKEN,
                home="192.0.2.0/24",
            )
        )  # fmt: skip

    await services.monitor.work()

    locked = await services.devices.get(device.mac)
    assert locked.lock_reason == "monitor: two-networks"
    assert {row["kind"] for row in await rows(services, EVENT)} == {"network-change", "two-networks"}


async def test_a_tenant_sees_why_its_office_is_limited_and_ends_it_once(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    other = await services.tenants.add("other")
    device = await put(services, yealink(tenant))
    served = seen(at=clock.wall_ms(), outcome="served", reason=None, device_id=device.id, mac=device.mac.value)
    services.request_log.add(served.row, firmware=None, is_device=True)
    await services.request_log.flush()
    await walk(services, clock)

    (limited,) = await services.bans.of_tenant(tenant.id)
    assert limited.decision.reason == "unknown-macs"
    assert await services.bans.of_tenant(other.id) == []
    with pytest.raises(NotFound):
        await services.bans.lift(other.id, limited.decision.id)
    await services.bans.lift(tenant.id, limited.decision.id)
    await services.monitor.reload()
    assert not services.monitor.is_banned(ADDRESS)

    clock.advance_ms(2 * HOUR_MS)
    await walk(services, clock, first=100)
    (again,) = await services.bans.of_tenant(tenant.id)
    with pytest.raises(Conflict):
        await services.bans.lift(tenant.id, again.decision.id)


async def test_a_tenant_does_not_end_what_a_person_has_decided(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    served = seen(at=clock.wall_ms(), outcome="served", reason=None, device_id=device.id, mac=device.mac.value)
    services.request_log.add(served.row, firmware=None, is_device=True)
    await services.request_log.flush()
    await services.bans.add("192.0.2.0/24")

    (limited,) = await services.bans.of_tenant(tenant.id)
    with pytest.raises(Refused, match="not made by the monitor"):
        await services.bans.lift(tenant.id, limited.decision.id)


async def test_what_a_person_has_decided_outlives_what_a_tenant_ends(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    served = seen(at=clock.wall_ms(), outcome="served", reason=None, device_id=device.id, mac=device.mac.value)
    services.request_log.add(served.row, firmware=None, is_device=True)
    await services.request_log.flush()
    await services.bans.add(ADDRESS, measure=Measure.LIMIT, reason="asked to")
    await services.monitor.reload()
    await walk(services, clock)
    by_reason = {one.decision.reason: one.decision.id for one in await services.bans.of_tenant(tenant.id)}

    await services.bans.lift(tenant.id, by_reason["unknown-macs"])

    assert [one.decision.reason for one in await services.bans.in_force()] == ["asked to"]


async def test_a_tenants_alerts_are_its_own(services: Services, clock: FakeClock, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    late = {"reason": "window_over", "device_id": device.id, "mac": device.mac.value, "tenant_id": tenant.id}
    services.monitor.saw(seen(**late, at=clock.wall_ms()))
    await walk(services, clock)
    await services.tenants.add("other")

    assert [alert["detector"] for alert in await services.bans.alerts(tenant="acme")] == ["window-over"]
    assert await services.bans.alerts(tenant="other") == []
    assert len(await services.bans.alerts()) == 2
    with pytest.raises(NotFound):
        await services.bans.alerts(tenant="nobody")


async def test_a_fleet_with_the_same_trouble_fills_neither_log_nor_store(services: Services, clock: FakeClock) -> None:
    for number in range(400):
        late = {"reason": "window_over", "device_id": f"d{number}", "mac": f"805ec0{number:06x}"}
        services.monitor.saw(seen(**late, at=clock.wall_ms(), user_agent="-"))

    await services.monitor.work()

    assert services.metrics.alerts.of("window-over")._value.get() == 400
    assert len(await rows(services, ALERT)) <= 202


async def test_old_alerts_and_decisions_are_forgotten(services: Services, clock: FakeClock) -> None:
    await walk(services, clock)

    clock.advance_ms(181 * DAY_MS)
    await services.retention.run()

    assert (await rows(services, ALERT), await rows(services, DECISION)) == ([], [])


async def test_a_token_of_a_removed_device_is_no_guess(services: Services, clock: FakeClock, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    await services.devices.delete(device.mac)
    tokens = [device.tokens.lasting, *(bytes([n] * 16) for n in range(9))]

    for token in tokens:
        services.monitor.saw(seen(at=clock.wall_ms(), token=token, user_agent="-"))
    await services.monitor.work()

    assert services.monitor._dead[device.tokens.lasting]
    assert not services.monitor._dead[bytes([3] * 16)]


# ------------------------------------------------- which way it fails: a test for each row of docs/threat-model.md


async def test_a_full_queue_drops_and_counts_and_shuts_nobody_out(services: Services, clock: FakeClock) -> None:
    limit = services.settings.monitor.queue_events
    for number in range(limit + 5):
        services.monitor.saw(unknown(number % 3, at=clock.wall_ms()))

    assert len(services.monitor._queue) == limit
    assert services.metrics.monitor_events.of("dropped").value == 5
    assert not services.monitor.is_banned(ADDRESS)


async def test_a_mistake_of_ours_with_one_request_does_not_blind_the_monitor(
    services: Services, clock: FakeClock
) -> None:
    def stumble(_engine: Engine, _event: object) -> list[object]:
        raise ZeroDivisionError

    with patch.object(Engine, "feed", stumble):
        services.monitor.saw(unknown(1, at=clock.wall_ms()))
        await services.monitor.work()
    await walk(services, clock)

    assert services.metrics.monitor_events.of("failed").value == 1
    assert services.monitor.is_banned(ADDRESS)


async def test_what_cannot_be_written_is_in_force_and_is_written_later(services: Services, clock: FakeClock) -> None:
    with patch.object(services.storage, "transaction", side_effect=StorageFull("no room")):
        await walk(services, clock)
        assert services.monitor.is_banned(ADDRESS)
        assert await rows(services, DECISION) == []
        await services.monitor.reload()
        assert services.monitor.is_banned(ADDRESS)

    await services.monitor.work()

    assert [row["value"] for row in await rows(services, DECISION)] == [ADDRESS]


async def test_what_waits_to_be_written_is_bounded_and_all_of_it_in_force(services: Services, clock: FakeClock) -> None:
    with (
        patch("provserver.services.monitoring.monitor._UNWRITTEN", 1),
        patch.object(services.storage, "transaction", side_effect=StorageFull("no room")),
    ):
        await walk(services, clock)
        await walk(services, clock, address="198.51.100.1")
    services.monitor.measure()

    assert b"provserver_monitor_saturation 1.0" in services.metrics.render()
    assert services.monitor.is_banned("198.51.100.1")
    await services.monitor.work()
    assert [row["value"] for row in await rows(services, DECISION)] == [ADDRESS]


async def test_a_store_that_cannot_be_read_leaves_in_force_what_was(services: Services, clock: FakeClock) -> None:
    await walk(services, clock)

    with (
        patch.object(services.storage, "read", side_effect=StorageFull("gone")),
        pytest.raises(StorageFull),
    ):
        await services.monitor.reload()

    assert services.monitor.is_banned(ADDRESS)


async def test_what_is_written_while_the_store_is_read_stays_in_force(services: Services, clock: FakeClock) -> None:
    """Read before it was there, written before the answer is used: it would be in neither."""
    of_store = decisions.in_force

    async def read_just_before(tx: Transaction, *, now_ms: int) -> list[tuple[Decision, Any]]:
        found = await of_store(tx, now_ms=now_ms)
        await walk(services, clock)
        return found

    with patch.object(decisions, "in_force", read_just_before):
        await services.monitor.reload()
    assert services.monitor.is_banned(ADDRESS)

    await services.bans.remove(ADDRESS)
    await services.monitor.reload()
    assert not services.monitor.is_banned(ADDRESS), "it is not remembered for longer than that"


async def test_tokens_that_the_store_cannot_tell_apart_are_no_guesses(services: Services, clock: FakeClock) -> None:
    with patch.object(services.storage, "hot", side_effect=StorageFull("gone")):
        for number in range(30):
            services.monitor.saw(seen(at=clock.wall_ms(), token=bytes([number] * 16), mac=None, path="/~00/x.cfg"))
        await services.monitor.work()

    assert await rows(services, ALERT) == []


async def test_a_device_that_could_not_be_locked_is_locked_when_that_is_possible(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    await walk(services, clock, count=8)
    hit = {"outcome": "delivered", "reason": None, "device_id": device.id, "mac": device.mac.value}
    services.monitor.saw(seen(**hit, at=clock.wall_ms(), proof=Proof.WINDOW, tenant_id=tenant.id))

    with patch.object(services.storage, "transaction", side_effect=StorageFull("no room")):
        await services.monitor.work()
    assert (await services.devices.get(device.mac)).locked_at is None
    await services.monitor.work()

    assert (await services.devices.get(device.mac)).lock_reason == "monitor: breach"


async def test_a_lock_waits_for_the_store_however_much_waits_already(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    """A device is locked by writing it: what is left out then would never be locked."""
    device = await put(services, yealink(tenant))
    hit = {"outcome": "delivered", "reason": None, "device_id": device.id, "mac": device.mac.value}
    with (
        patch("provserver.services.monitoring.monitor._UNWRITTEN", 1),
        patch.object(services.storage, "transaction", side_effect=StorageFull("no room")),
    ):
        await walk(services, clock, address="198.51.100.1")
        await walk(services, clock, count=8)
        services.monitor.saw(seen(**hit, at=clock.wall_ms(), proof=Proof.WINDOW, tenant_id=tenant.id))
        await services.monitor.work()
    assert (await services.devices.get(device.mac)).locked_at is None

    await services.monitor.work()

    assert (await services.devices.get(device.mac)).lock_reason == "monitor: breach"


async def test_a_device_that_is_gone_by_then_holds_nothing_up(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    await walk(services, clock, count=8)
    hit = {"outcome": "delivered", "reason": None, "device_id": device.id, "mac": device.mac.value}
    services.monitor.saw(seen(**hit, at=clock.wall_ms(), proof=Proof.WINDOW, tenant_id=tenant.id))
    await services.devices.delete(MacAddress(device.mac.value))

    await services.monitor.work()
    await walk(services, clock, address="198.51.100.1")

    assert services.monitor.is_banned("198.51.100.1")
    assert [row["value"] for row in await rows(services, DECISION)] == ["198.51.100.1"]  # what came after is written


async def test_beyond_its_rate_a_source_has_no_windows(services: Services) -> None:
    burst = services.settings.monitor.source_burst

    verdicts = [services.monitor.is_restrained(ADDRESS, "") for _ in range(burst + 1)]

    assert verdicts == [False] * burst + [True]
    assert not services.monitor.is_restrained("192.0.2.8", "")


async def test_addresses_of_one_ipv6_network_share_one_limit(services: Services) -> None:
    """Every address of a /64 is free to whoever has one of them."""
    burst = services.settings.monitor.source_burst

    verdicts = [services.monitor.is_restrained(f"2001:db8::{n:x}", "") for n in range(burst + 1)]

    assert verdicts == [False] * burst + [True]
    assert not services.monitor.is_restrained("2001:db8:0:1::1", "")


async def test_beyond_its_rate_a_device_has_no_windows_whoever_asks(services: Services) -> None:
    burst = services.settings.monitor.device_burst

    verdicts = [services.monitor.is_restrained(f"10.0.0.{n}", "805ec0aabbcc") for n in range(burst + 1)]

    assert verdicts == [False] * burst + [True]


@pytest.mark.parametrize(
    ("monitor", "banned", "written"),
    [
        (MonitorSettings(simulate=True), False, 1),
        (MonitorSettings(simulated=("unknown-macs",)), False, 1),
        (MonitorSettings(allow=(ip_network("192.0.2.0/24"),)), False, 0),
        (MonitorSettings(canaries=("80:5e:c0:00:10:01",)), True, 1),
    ],
)
async def test_settings_say_what_is_carried_out(
    settings: Settings,
    clock: FakeClock,
    monitor: MonitorSettings,
    banned: bool,  # noqa: FBT001 - a case of the table
    written: int,
) -> None:
    async with running(settings.model_copy(update={"monitor": monitor}), clock) as services:
        await walk(services, clock, count=2 if monitor.canaries else 11)

        assert services.monitor.is_banned(ADDRESS) == banned
        assert len(await rows(services, DECISION)) == written
