"""Whoever has lost the keystore starts again by one command: devices stay, every password has to be entered anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.system.fleet import Phone, Wish, clock_of, put_phones, rows
from tests.system.inside import deliver, running
from tests.system.server import Nursery, command, opened, settings_for
from tests.system.wire import fetch
from tests.system.works import left


@pytest.mark.parametrize("also", ["nothing", "keys"])
async def test_after_a_lost_keystore_devices_stay_and_passwords_come_anew(
    nursery: Nursery, tmp_path: Path, also: str
) -> None:
    """The keystore alone, or the key files with it. One phone has its password, the other has not been here yet."""
    data = tmp_path / "data"
    told, waiting = await _two(data)
    _lose(data, tmp_path)
    if also == "keys":
        for file in (data / "keys").glob("kek-*.key"):
            file.rename(tmp_path / file.name)

    refused = await command(data, "db", "check")
    done = await command(data, "key", "start-over", "--yes", "--json")
    checked = await command(data, "db", "check")
    async with nursery.serving(data, tmp_path / "log") as server:
        after = [await fetch(server.phone, phone.by_token) for phone in (told, waiting)]
    async with running(settings_for(data)) as services:
        shown = [await services.inventory.show(phone.mac) for phone in (told, waiting)]
        (anew,) = await put_phones(services, await services.tenants.get("demo"), [Wish(number=1)])
        again = await deliver(services, anew, path=f"/{told.lasting}/{told.mac}.cfg")

    assert refused.code == 1
    assert (done.code, json.loads(done.said)) == (0, {"credentials": 2, "uploads": 1, "devices": 2})
    assert (checked.code, checked.complained) == (0, "")
    for phone, answer in zip((told, waiting), after, strict=True):
        assert phone.mark not in answer.body
    assert [(one["state"], one["events"][0]["kind"]) for one in shown] == [("needs_password", "needs_password")] * 2
    assert anew.mark in again.body, "the phone's own URL is as before"
    assert list((data / "uploads").iterdir()) == []
    actions = [row["action"] for row in rows(data, "SELECT action FROM audit ORDER BY seq")]
    assert actions.count("credential.deleted") == 2
    assert "key.started_over" in actions
    assert "audit.break_accepted" in actions


async def test_what_can_be_read_is_not_given_up(tmp_path: Path) -> None:
    """In one line that names the file; and nothing has changed."""
    data = tmp_path / "data"
    told, _ = await _two(data)
    before = clock_of(data, told)

    refused = await command(data, "key", "start-over", "--yes")

    assert refused.code == 1
    assert refused.complained == (
        f"{data / 'keystore.sqlite3'} holds 3 data keys; if they cannot be used any more, move the file away first\n"
    )
    assert clock_of(data, told) == before
    assert (await command(data, "db", "check")).code == 0


async def test_nobody_starts_over_beside_a_server_without_asking_or_without_the_token_key(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    await _two(data)

    async with nursery.serving(data, tmp_path / "log"):
        beside = await command(data, "key", "start-over", "--yes")
    _lose(data, tmp_path)
    unasked = await command(data, "key", "start-over")
    (data / "keys" / "token.key").rename(tmp_path / "token.key")
    without = await command(data, "key", "start-over", "--yes")

    assert (beside.code, "another server" in beside.complained) == (1, True)
    assert unasked.code == 1
    assert without.complained == f"key file {data / 'keys' / 'token.key'}: is missing\n"
    assert not (data / "keystore.sqlite3").exists()
    assert len(rows(data, "SELECT 1 FROM credential WHERE ciphertext IS NOT NULL")) == 2


async def test_one_who_starts_over_twice_gives_up_nothing_more(tmp_path: Path) -> None:
    """As after a crash in the middle: the second goes on, until somebody has entered a password."""
    data = tmp_path / "data"
    await _two(data)
    _lose(data, tmp_path)

    first = await command(data, "key", "start-over", "--yes", "--json")
    second = await command(data, "key", "start-over", "--yes", "--json")

    assert json.loads(first.said)["credentials"] == 2
    assert json.loads(second.said) == {"credentials": 0, "uploads": 0, "devices": 0}
    async with opened(settings_for(data)) as services:
        await put_phones(services, await services.tenants.get("demo"), [Wish(number=1)])
    assert (await command(data, "key", "start-over", "--yes")).code == 1


async def _two(data: Path) -> tuple[Phone, Phone]:
    """A phone that has its password and has left a file, and one that has not."""
    async with running(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        told, waiting = await put_phones(services, tenant, [Wish(number=1), Wish(number=2)])
        await deliver(services, told)
        device = await services.devices.get(told.mac)
        assert await left(services, device, f"{told.mac}-local.cfg", b"left")
    return told, waiting


def _lose(data: Path, elsewhere: Path) -> None:
    (data / "keystore.sqlite3").rename(elsewhere / "keystore.sqlite3")
