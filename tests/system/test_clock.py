"""The 15 days: what starts them, and that nothing that happens to a clock makes them shorter or longer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provserver.clock import iso, to_ms
from provserver.domain.device import Tenant
from provserver.errors import Conflict
from tests.clocks import DAY_MS, HOUR_MS, FakeClock
from tests.system.fleet import Phone, Wish, clock_of, put_phones, rows, until_logged, until_set
from tests.system.inside import deliver, running
from tests.system.server import Nursery, Server, opened, settings_for
from tests.system.wire import Call, fetch

FILLING = {f"raw.filling.{number}": "x" * 2_000 for number in range(20)}  # 40 kB: more than a slow phone takes at once
SLOW_BYTES = 2_304  # the least that Linux grants a receiver


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def london(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose local time has daylight saving."""
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def test_a_password_is_deleted_after_fifteen_days_and_not_before(tmp_path: Path, clock: FakeClock) -> None:
    """To the millisecond, however often it is looked at, and however often the phone asks again."""
    data = tmp_path / "data"
    async with running(settings_for(data), clock=clock) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1)])
        await deliver(services, phone)

        for _ in range(14):
            clock.advance_days(1)
            assert await services.retention.run() == 0
            assert phone.mark in (await deliver(services, phone)).body
        clock.advance_ms(DAY_MS - 1)
        assert await services.retention.run() == 0
        clock.advance_ms(1)
        assert await services.retention.run() == 1

        assert phone.mark not in (await deliver(services, phone)).body
    assert clock_of(data, phone)["ciphertext"] is None


async def test_the_server_deletes_by_itself_within_its_interval(nursery: Nursery, tmp_path: Path) -> None:
    """Days as short as seconds; nobody calls a command."""
    data = tmp_path / "data"
    async with opened(settings_for(data)) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1)])
    short = {"RETENTION__CREDENTIAL_DAYS": str(1.5 / 86_400), "RETENTION__INTERVAL_S": "0.2"}

    async with nursery.serving(data, tmp_path / "log", **short) as server:
        assert phone.mark in (await fetch(server.phone, phone.by_window)).body
        await until_set(data, phone, "deleted_at")

    row = clock_of(data, phone)
    assert row["delete_after"] == row["first_delivered_at"] + 1_500
    assert row["delete_after"] <= row["deleted_at"] < row["delete_after"] + 2_000
    assert row["ciphertext"] is None


async def test_restarts_neither_shorten_nor_lengthen_the_days(tmp_path: Path, clock: FakeClock) -> None:
    """A server that is started anew every day, and is down for hours."""
    data = tmp_path / "data"
    phone = await _delivered(data, clock)

    for _ in range(14):
        clock.advance_days(1)
        async with running(settings_for(data), clock=clock) as services:
            assert await services.retention.run() == 0
    clock.advance_ms(DAY_MS - 1)
    async with running(settings_for(data), clock=clock) as services:
        assert await services.retention.run() == 0
    clock.advance_ms(1)
    async with running(settings_for(data), clock=clock) as services:
        assert await services.retention.run() == 1

    assert clock_of(data, phone)["deleted_at"] is not None


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize(
    "start",
    [datetime(2026, 3, 20, 0, 30, tzinfo=UTC), datetime(2026, 10, 20, 0, 30, tzinfo=UTC)],
    ids=["spring forward", "fall back"],
)
async def test_daylight_saving_changes_nothing(tmp_path: Path, start: datetime) -> None:
    """Fifteen days are 360 hours also where one of them has 23 or 25."""
    data, clock = tmp_path / "data", FakeClock(to_ms(start))
    offsets = {time.localtime((to_ms(start) + days * DAY_MS) / 1000).tm_isdst for days in (0, 15)}
    phone = await _delivered(data, clock)

    clock.advance_ms(360 * HOUR_MS - 1)
    async with running(settings_for(data), clock=clock) as services:
        assert await services.retention.run() == 0
        shown = await services.inventory.show(phone.mac)
    clock.advance_ms(1)
    async with running(settings_for(data), clock=clock) as services:
        assert await services.retention.run() == 1

    assert offsets == {0, 1}, "the change has to lie in between"
    assert shown["credentials"]["delete_after"] == iso(to_ms(start) + 360 * HOUR_MS)


async def test_a_clock_that_jumps_back_while_the_server_runs_is_not_believed(tmp_path: Path, clock: FakeClock) -> None:
    """The days go on at the pace of real time."""
    data = tmp_path / "data"
    async with running(settings_for(data), clock=clock) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1)])
        await deliver(services, phone)
        clock.advance_days(5)
        assert await services.retention.run() == 0

        clock.set_wall_ms(clock.wall_ms() - 365 * DAY_MS)
        clock.advance_ms(10 * DAY_MS - 1)
        assert await services.retention.run() == 0
        clock.advance_ms(1)
        assert await services.retention.run() == 1

    assert clock_of(data, phone)["deleted_at"] is not None


@pytest.mark.timeout(120)  # ten days of hourly runs
async def test_a_clock_that_jumped_back_stays_disbelieved_across_restarts(tmp_path: Path, clock: FakeClock) -> None:
    """A server with a wrong clock that is started anew every day still deletes within the hour."""
    data = tmp_path / "data"
    phone = await _delivered(data, clock)
    clock.advance_days(5)
    async with running(settings_for(data), clock=clock) as services:
        assert await services.retention.run() == 0
    clock.set_wall_ms(clock.wall_ms() - 365 * DAY_MS)

    hours = 0
    while clock_of(data, phone)["deleted_at"] is None and hours < 300:
        async with running(settings_for(data), clock=clock) as services:
            for _ in range(24):
                clock.advance_ms(HOUR_MS)
                hours += 1
                if await services.retention.run():
                    break

    assert hours == 10 * 24


async def test_a_clock_that_leaps_ahead_deletes_nothing_early(tmp_path: Path, clock: FakeClock) -> None:
    """Somebody mistypes a year. The days go on at the pace of real time, for what was delivered before and after."""
    data = tmp_path / "data"
    async with running(settings_for(data), clock=clock) as services:
        tenant = await services.tenants.add("demo")
        before, after = await put_phones(services, tenant, [Wish(number=1), Wish(number=2)])
        await deliver(services, before)
        clock.set_wall_ms(clock.wall_ms() + 365 * DAY_MS)
        clock.advance_days(5)
        assert await services.retention.run() == 0
        await deliver(services, after)

        clock.advance_ms(10 * DAY_MS - 1)
        assert await services.retention.run() == 0
        clock.advance_ms(1)
        assert await services.retention.run() == 1
        assert clock_of(data, before)["deleted_at"] is not None

        clock.set_wall_ms(clock.wall_ms() - 365 * DAY_MS)  # and corrects it
        clock.advance_ms(5 * DAY_MS - 1)
        assert await services.retention.run() == 0
        clock.advance_ms(1)
        assert await services.retention.run() == 1


async def test_a_clock_that_leapt_ahead_stays_disbelieved_across_restarts(tmp_path: Path, clock: FakeClock) -> None:
    """Of the program every day, and of the machine: else whoever restarts it, to help, deletes everything."""
    data = tmp_path / "data"
    phone = await _delivered(data, clock)
    clock.set_wall_ms(clock.wall_ms() + 365 * DAY_MS)

    for day in range(14):
        async with running(settings_for(data), clock=clock) as services:
            assert await services.retention.run() == 0
            assert services.timekeeping.problem() is not None
        if day == 7:
            clock.restart_machine(off_ms=DAY_MS)
        else:
            clock.advance_days(1)
    clock.advance_days(1)
    async with running(settings_for(data), clock=clock) as services:
        assert await services.retention.run() == 1

    assert clock_of(data, phone)["deleted_at"] is not None


async def test_a_leap_that_somebody_confirms_was_time_that_passed(tmp_path: Path, clock: FakeClock) -> None:
    """A guest that its host had stopped for twenty days: told once, and a command beside the server settles it."""
    data = tmp_path / "data"
    phone = await _delivered(data, clock)
    async with running(settings_for(data), clock=clock) as services:
        await services.timekeeping.follow()
        clock.set_wall_ms(clock.wall_ms() + 20 * DAY_MS)
        await services.timekeeping.follow()
        held = await services.retention.run()
        said = services.timekeeping.problem()

        async with running(settings_for(data), clock=clock) as command:
            await command.timekeeping.believe()
            with pytest.raises(Conflict, match="believed already"):
                await command.timekeeping.believe()
        await services.timekeeping.follow()

        assert (held, said) == (
            0,
            "the machine's clock is 480.0 h ahead of the time that has passed; deletion waits",
        )
        assert services.timekeeping.problem() is None
        assert await services.retention.run() == 1

    assert clock_of(data, phone)["deleted_at"] == clock.wall_ms()
    (entry,) = rows(data, "SELECT action, detail FROM audit WHERE action = 'clock.believed'")
    assert json.loads(entry["detail"]) == {
        "from": iso(clock.wall_ms() - 20 * DAY_MS),
        "to": iso(clock.wall_ms()),
    }


async def test_every_tenant_has_its_own_days(tmp_path: Path, clock: FakeClock) -> None:
    """Three days for one, the server's fifteen for another, thirty for the third."""
    data = tmp_path / "data"
    days = {"short": 3.0, "usual": None, "long": 30.0}
    deleted_on: dict[str, int] = {}
    async with running(settings_for(data), clock=clock) as services:
        phones: dict[str, Phone] = {}
        for number, (name, retention_days) in enumerate(days.items()):
            tenant = await services.tenants.add(name, retention_days=retention_days)
            (phones[name],) = await put_phones(services, tenant, [Wish(number=number)])
            await deliver(services, phones[name])

        for day in range(1, 32):
            clock.advance_days(1)
            await services.retention.run()
            for name, phone in phones.items():
                if clock_of(data, phone)["deleted_at"] is not None:
                    deleted_on.setdefault(name, day)

    assert deleted_on == {"short": 3, "usual": 15, "long": 30}


async def test_a_new_password_starts_a_new_clock(tmp_path: Path, clock: FakeClock) -> None:
    """From its own first delivery; the old one's key is destroyed when the new one comes."""
    data = tmp_path / "data"
    async with running(settings_for(data), clock=clock) as services:
        tenant = await services.tenants.add("demo")
        (old,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, old)
        before = clock_of(data, old)
        clock.advance_days(10)
        (new,) = await put_phones(services, tenant, [Wish(number=1)])
        assert clock_of(data, new)["first_delivered_at"] is None
        clock.advance_days(1)

        body = (await deliver(services, new)).body
        clock.advance_ms(15 * DAY_MS - 1)
        assert await services.retention.run() == 0
        clock.advance_ms(1)
        assert await services.retention.run() == 1

    assert new.mark in body
    assert old.mark not in body
    assert rows(data, "SELECT 1 FROM wrapped_key WHERE key_id = ?", before["key_id"], kind="keystore") == []


async def test_a_device_that_is_changed_keeps_its_clock(tmp_path: Path, clock: FakeClock) -> None:
    """Another name or setting is no new password."""
    data = tmp_path / "data"
    async with running(settings_for(data), clock=clock) as services:
        tenant = await services.tenants.add("demo")
        (phone,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, phone)
        before = clock_of(data, phone)
        clock.advance_days(10)

        await services.devices.arm(phone.mac)
        await services.devices.lock(phone.mac, reason="test")
        await services.locks.unlock(phone.mac)
        clock.advance_days(5)

        assert clock_of(data, phone) == before
        assert await services.retention.run() == 1


async def test_what_carries_no_password_starts_no_clock(nursery: Nursery, tmp_path: Path) -> None:
    """HEAD, and an answer 304."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        head = await fetch(server.phone, phone.by_window, method="HEAD")
        etag = head.header("etag") or ""
        same = await fetch(server.phone, phone.by_window, headers={"If-None-Match": etag})
        boot = await fetch(server.phone, f"/{phone.mac}.boot")

    assert (head.status, same.status, boot.status) == (200, 304, 200)
    assert head.body == same.body == b""
    row = clock_of(data, phone)
    assert (row["released_at"], row["first_delivered_at"]) == (None, None)


async def test_a_range_is_not_served_so_what_arrives_is_whole(nursery: Nursery, tmp_path: Path) -> None:
    """A part of a file would start no clock; there are no parts."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        reply = await fetch(server.phone, phone.by_window, headers={"Range": "bytes=0-9"})
        await until_set(data, phone, "first_delivered_at")

    assert reply.status == 200
    assert phone.mark in reply.body


async def test_an_answer_that_breaks_off_starts_no_clock_and_can_be_asked_for_again(
    nursery: Nursery, tmp_path: Path
) -> None:
    """A phone that loses its line half-way boots again, still without a token."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        call = await _half(server, phone)
        call.close(reset=True)
        await until_logged(data, "broken")
        row = clock_of(data, phone)
        again = await fetch(server.phone, phone.by_window)
        await until_set(data, phone, "first_delivered_at")

    assert (row["released_at"], row["first_delivered_at"]) == (None, None)
    assert again.status == 200
    assert phone.mark in again.body


async def test_an_answer_that_is_not_taken_in_time_starts_no_clock(nursery: Nursery, tmp_path: Path) -> None:
    """The server hangs up on a phone that stops reading."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log", PHONE__SLOW_S="1") as server:
        call = await _half(server, phone)
        await until_logged(data, "broken")
        row = clock_of(data, phone)
        call.close()

    assert (row["released_at"], row["first_delivered_at"]) == (None, None)


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
async def test_an_answer_that_arrived_starts_the_clock_however_the_phone_hangs_up(
    nursery: Nursery, tmp_path: Path, *, reset: bool
) -> None:
    """Small stacks reset the connection once they have everything; they have it all the same."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        call = await _half(server, phone)
        await asyncio.sleep(
            0.3
        )  # the listener now looks only ten times a second: it cannot see the end before it is over
        reply = await call.read()
        call.close(reset=reset)
        await until_logged(data, "delivered")

    assert reply.whole
    assert clock_of(data, phone)["first_delivered_at"] is not None


async def _added(data: Path) -> Phone:
    """A device whose file is long."""
    async with opened(settings_for(data)) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1, settings=FILLING)])
    return phone


async def _delivered(data: Path, clock: FakeClock) -> Phone:
    """A device whose clock has just been started."""
    async with running(settings_for(data), clock=clock) as services:
        tenant: Tenant = await services.tenants.add("demo")
        (phone,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, phone)
    assert clock_of(data, phone)["first_delivered_at"] == clock.wall_ms()
    return phone


async def _half(server: Server, phone: Phone) -> Call:
    """A slow phone that has taken the beginning."""
    call = Call(server.phone, receive_bytes=SLOW_BYTES)
    await call.ask(phone.by_window)
    await call.read(up_to=1_000)
    return call
