"""Killed at any moment, a server keeps its promises: every password that left has a clock, and the store opens."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.clocks import DAY_MS
from tests.system.fleet import Phone, Wish, put_phones, rows, until_logged
from tests.system.load import Load
from tests.system.server import Nursery, Server, log_of, opened, settings_for
from tests.system.wire import Address, Call

KILLS = 50
LONG_EVERY = 5  # every so often a run is long enough for the request log to have a part that must not be lost
CLIENTS = 16
PHONES = 9_000  # more than all runs together deliver to for the first time
LOG_LOSS_S = 1.0
STOPS = 30
STOPPED_S = 10.0  # a phone that is slow is waited for, but none is here
FILLING = {f"raw.filling.{number}": "x" * 2_000 for number in range(20)}  # 40 kB: more than a slow phone takes at once
SLOW_BYTES = 2_304  # the least that Linux grants a receiver
SEED = 20_260_101
KINDS = ("state", "requests", "keystore")
RUNNING = "released_at IS NOT NULL OR first_delivered_at IS NOT NULL"


@pytest.mark.timeout(300)  # fifty starts, a third of a second each, and what happens between
async def test_killed_under_load_fifty_times_no_password_is_out_without_a_clock(
    nursery: Nursery, tmp_path: Path
) -> None:
    """Whoever has a device's password, wholly or in part, has it with a clock on the disk, after every single kill."""
    data = tmp_path / "data"
    async with opened(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        phones = await put_phones(services, tenant, [Wish(number=number) for number in range(PHONES)])
    random = Random(SEED)  # noqa: S311 - moments and choices, no secrets
    load = Load(phones=phones, random=random)

    for number in range(KILLS):
        async with nursery.serving(data, tmp_path / "log", RETENTION__INTERVAL_S="0.2") as server:
            killed_at = await _run_and_kill(load, server.phone, nursery, _how_long(random, number))
            assert await nursery.ended() == -9
        copy = _copy(data, tmp_path / "copy")
        assert _damage(copy) == []
        assert load.informed - _with_clock(copy) == set()
        lost = _lost(copy, load, killed_at)
        assert lost == [], f"kill {number}: lost from the request log, though answered before its last second"

    assert len(load.informed) > 10 * KILLS, f"too little load to prove anything: {load.by_status}"
    assert set(load.by_status) <= {200, 404}
    assert set(_presumed(data)) != set(), "no kill met a password on its way, which is what this is about"
    async with nursery.serving(data, tmp_path / "log"):
        pass  # its start is enough: what a killed one has released counts as delivered
    await _clocks_run_out(data, load, phones)


@pytest.mark.parametrize("number", [9, 15])
async def test_a_password_that_still_travels_when_the_server_ends_has_a_clock(
    nursery: Nursery, tmp_path: Path, number: int
) -> None:
    """The system goes on sending what a server had handed over, killed or stopped: that counts as out."""
    data = tmp_path / "data"
    phone = await _added(data)
    async with nursery.serving(data, tmp_path / "log") as server:
        call = await _begin(server, phone)
        nursery.signal(number)
        await nursery.ended()
    reply = await call.read()
    call.close()

    assert reply.whole
    assert phone.mark in reply.body
    assert phone.id in _with_clock(data)


async def test_a_phone_that_hangs_up_does_not_stop_the_clock_that_another_request_has_started(
    nursery: Nursery, tmp_path: Path
) -> None:
    """One request got everything when the server was killed; the next, to the new server, breaks off."""
    data = tmp_path / "data"
    phone = await _added(data)
    async with nursery.serving(data, tmp_path / "log") as server:
        call = await _begin(server, phone)
        server.kill()
        await nursery.ended()
    reply = await call.read()
    call.close()
    assert phone.mark in reply.body

    async with nursery.serving(data, tmp_path / "log") as server:
        call = await _begin(server, phone)
        call.close(reset=True)

    assert phone.id in _with_clock(data)


async def test_of_two_requests_at_once_the_one_that_breaks_off_leaves_the_others_clock(
    nursery: Nursery, tmp_path: Path
) -> None:
    """Both are on their way; the later one resets; the server is killed before the first has been acknowledged."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        patient, hasty = await _begin(server, phone), await _begin(server, phone)
        hasty.close(reset=True)
        await until_logged(data, "broken")
        server.kill()
        await nursery.ended()
    reply = await patient.read()
    patient.close()

    assert reply.whole
    assert phone.mark in reply.body
    assert phone.id in _with_clock(data)


@pytest.mark.timeout(180)  # thirty starts
async def test_asked_to_stop_at_any_moment_a_server_stops(nursery: Nursery, tmp_path: Path) -> None:
    """Also in the middle of what it does at its start: soon, in order, and with nothing wrong in its log."""
    data, random = tmp_path / "data", Random(SEED)  # noqa: S311 - moments, no secrets
    phone = await _added(data)
    loop = asyncio.get_running_loop()

    for _ in range(STOPS):
        async with nursery.serving(data, tmp_path / "log", RETENTION__INTERVAL_S="0.05") as server:
            (await _begin(server, phone)).close(reset=True)
            await asyncio.sleep(random.uniform(0, 0.06))
            asked_at = loop.time()
            nursery.signal(signal.SIGTERM)
            assert await nursery.ended() == 0
            assert loop.time() - asked_at < STOPPED_S

    lines = log_of(tmp_path / "log")
    assert [line["event"] for line in lines].count("server.stopped") == STOPS
    assert [line for line in lines if line["level"] == "error"] == []


async def _added(data: Path) -> Phone:
    """A device whose file is long."""
    async with opened(settings_for(data)) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1, settings=FILLING)])
    return phone


async def _begin(server: Server, phone: Phone) -> Call:
    """A slow phone that has taken the beginning of its file."""
    call = Call(server.phone, receive_bytes=SLOW_BYTES)
    await call.ask(phone.by_window)
    await call.read(up_to=64)
    return call


async def _run_and_kill(load: Load, at: Address, nursery: Nursery, seconds: float) -> float:
    """Let phones boot for *seconds*, kill, and say when that was."""
    loop = asyncio.get_running_loop()
    load.answered.clear()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(load.run(at, CLIENTS))
        await asyncio.sleep(seconds)
        killed_at = loop.time()
        nursery.signal(9)
        async with asyncio.timeout(10):
            await running
    return killed_at


def _how_long(random: Random, number: int) -> float:
    return random.uniform(1.2, 2.0) if number % LONG_EVERY == 0 else random.uniform(0.01, 0.5)


def _copy(data: Path, target: Path) -> Path:
    """The databases as the kill has left them; the next server must recover the originals by itself."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for file in data.glob("*.sqlite3*"):
        shutil.copy(file, target / file.name)
    return target


def _damage(data: Path) -> list[str]:
    return [found for kind in KINDS for found in _checked(data / f"{kind}.sqlite3")]


def _checked(file: Path) -> Iterator[str]:
    with sqlite3.connect(file) as connection:
        for (answer,) in connection.execute("PRAGMA integrity_check"):
            if answer != "ok":
                yield f"{file.name}: {answer}"
    connection.close()


def _with_clock(data: Path) -> set[str]:
    found = rows(data, f"SELECT owner FROM credential WHERE {RUNNING}")  # noqa: S608 - a constant
    return {row["owner"].removeprefix("device:") for row in found}


def _lost(data: Path, load: Load, killed_at: float) -> list[str]:
    there = {row["user_agent"] for row in rows(data, "SELECT user_agent FROM request", kind="requests")}
    return [label for at, label in load.answered if at < killed_at - LOG_LOSS_S and label not in there]


def _presumed(data: Path) -> list[str]:
    """Credentials whose clock was started without a complete delivery that the server knew of."""
    query = (
        "SELECT owner FROM credential WHERE first_delivered_at = released_at OR "
        "(released_at IS NOT NULL AND first_delivered_at IS NULL)"
    )
    return [row["owner"] for row in rows(data, query)]


async def _clocks_run_out(data: Path, load: Load, phones: list[Phone]) -> None:
    """Sixteen days later whatever has left is deleted, and what has not is still there."""
    standing = "SELECT 1 FROM credential WHERE released_at IS NOT NULL AND first_delivered_at IS NULL"
    assert rows(data, standing) == []
    async with opened(settings_for(data)) as services:
        now_ms = services.context.clock.now_ms()
        await services.retention.presume(released_before_ms=now_ms)  # as the next server does when it starts
        assert await services.retention.run(at_ms=now_ms + 14 * DAY_MS) == 0
        deleted = await services.retention.run(at_ms=now_ms + 16 * DAY_MS)
    held = {row["owner"] for row in rows(data, "SELECT owner FROM credential WHERE key_id IS NOT NULL")}
    keys = rows(data, "SELECT key_id FROM wrapped_key", kind="keystore")
    assert deleted >= len(load.informed)
    assert {f"device:{id_}" for id_ in load.informed} & held == set()
    assert len(held) == len(keys) == len(phones) - deleted
    assert held, "there was none left that had not been asked for"
