"""Who else works on a data directory: a second server must not, a command may, and both need the keys."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from provserver.app import Services
from provserver.secret import Secret
from provserver.vault.keyring import KeyRing
from provserver.vault.tokens import TokenKey
from tests.system.fleet import Phone, Wish, put_phones, reading, rows, until_stored
from tests.system.server import ROOT, Nursery, Server, command, environment, log_of, opened, settings_for
from tests.system.wire import LIMIT_S, Reply, fetch

SEEN_S = 1.0  # a running server looks every 0.2 s; the rest is a slow machine's
ZONE = "Pacific/Auckland"


async def test_a_second_server_on_the_same_data_refuses_in_one_line(nursery: Nursery, tmp_path: Path) -> None:
    """It says where and who; the first one goes on."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        second = await command(data, "serve")
        still = await fetch(server.phone, phone.by_window)

    assert second.code == 1
    assert second.said == ""
    assert second.complained.count("\n") == 1
    assert str(data) in second.complained
    assert str(server.pid) in second.complained
    assert phone.mark in still.body


async def test_a_second_server_looks_at_nothing_before_it_refuses(nursery: Nursery, tmp_path: Path) -> None:
    """One of another version would migrate the tables under the first one's feet."""
    data = tmp_path / "data"
    await _added(data)

    async with nursery.serving(data, tmp_path / "log"):
        for kind in ("state", "requests", "keystore"):
            with reading(data, kind) as connection:
                connection.execute("UPDATE alembic_version SET version_num = 'other'")
                connection.commit()
        second = await command(data, "serve")
        versions = [row for kind in ("state", "requests", "keystore") for row in _versions(data, kind)]

    assert second.code == 1
    assert "another server" in second.complained
    assert versions == ["other"] * 3


async def test_of_two_servers_that_start_together_on_new_data_one_serves(tmp_path: Path) -> None:
    """Neither finds keys that the other has only half made."""
    data = tmp_path / "data"
    both = [await _start(data) for _ in range(2)]
    waiting = [asyncio.create_task(process.wait()) for process in both]  # noqa: TID251 - awaited below

    async with asyncio.timeout(LIMIT_S):
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        loser, winner = sorted(both, key=lambda process: process.returncode is None)
        complaint = await _stderr(loser)
        started = await _line(winner)
        winner.send_signal(signal.SIGTERM)
        rest, _ = await winner.communicate()
        await loser.communicate()
        await asyncio.wait(waiting)

    assert len(done) == 1
    assert loser.returncode == 1
    assert complaint.count("\n") == 1
    assert "another server" in complaint
    assert '"server.started"' in started
    assert b'"server.stopped"' in rest
    assert winner.returncode == 0


@pytest.mark.parametrize("name", ["kek-1.key", "token.key"])
@pytest.mark.parametrize("harm", ["missing", "truncated", "empty", "another", "damaged", "open"])
async def test_a_key_that_cannot_be_used_is_a_refusal_that_names_its_file(
    nursery: Nursery, tmp_path: Path, name: str, harm: str
) -> None:
    """In one line, before anything is served or made; with the right key back, everything is as before."""
    data = tmp_path / "data"
    phone = await _added(data)
    key = data / "keys" / name
    good = key.read_bytes()
    _harm(key, harm, tmp_path)
    names = sorted(file.name for file in key.parent.iterdir())
    stored = {kind: rows(data, f"SELECT * FROM {table}", kind=kind) for kind, table in _TABLES.items()}  # noqa: S608

    said = await nursery.refused(data, tmp_path / "refused")

    assert said.count("\n") == 1
    assert str(key) in said
    assert good.split()[3].decode() not in said
    assert sorted(file.name for file in key.parent.iterdir()) == names
    assert stored == {kind: rows(data, f"SELECT * FROM {table}", kind=kind) for kind, table in _TABLES.items()}  # noqa: S608
    key.unlink(missing_ok=True)
    key.write_bytes(good)
    key.chmod(0o400)
    async with nursery.serving(data, tmp_path / "log") as server:
        assert phone.mark in (await fetch(server.phone, phone.by_window)).body


@pytest.mark.parametrize("kind", ["keystore", "state"])
async def test_a_database_that_is_gone_is_a_refusal_too(nursery: Nursery, tmp_path: Path, kind: str) -> None:
    """Data without its keystore would serve nobody, and keys without data would hide that it is lost."""
    data = tmp_path / "data"
    phone = await _added(data)
    lost = (data / f"{kind}.sqlite3").rename(tmp_path / "lost")

    said = [await nursery.refused(data, tmp_path / "refused") for _ in range(2)]

    for line in said:
        assert line.count("\n") == 1
        assert str(data / f"{kind}.sqlite3") in line
    lost.rename(data / f"{kind}.sqlite3")
    async with nursery.serving(data, tmp_path / "log") as server:
        assert phone.mark in (await fetch(server.phone, phone.by_window)).body


async def test_a_command_beside_the_server_takes_effect(nursery: Nursery, tmp_path: Path) -> None:
    """The command line itself, in a process of its own, on a device that the server has in its cache."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        assert phone.mark in (await fetch(server.phone, phone.by_token)).body
        locked = await command(data, "device", "lock", phone.mac.colons, "--reason", "stolen")
        withheld = await _seen(server, phone.by_token, lambda reply: reply.status == 404)
        unlocked = await command(data, "device", "unlock", phone.mac.colons)
        served = await _seen(server, phone.by_token, lambda reply: phone.mark in reply.body)

    assert (locked.code, locked.complained) == (0, "")
    assert (unlocked.code, unlocked.complained) == (0, "")
    assert withheld.body == b""
    assert served.status == 200


async def test_what_a_registrars_log_says_of_a_canary_reaches_the_server(nursery: Nursery, tmp_path: Path) -> None:
    """Three processes: one sets the trap, the server finds who asks for it, one reads the registrar's log."""
    data, trap, log = tmp_path / "data", "805ec0fffff0", tmp_path / "registrar.log"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log", CACHE__POLL_MS="100") as server:
        added = await command(data, "monitor", "canary", "add", trap, "--like", phone.mac.value)
        given = (await fetch(server.phone, f"/{trap}.cfg")).body
        account = re.findall(rb"account\.1\.user_name = (\S+)", given)[0].decode()
        line = f"Request 'REGISTER' from '<sip:{account}@pbx>' failed for '192.0.2.7:5060' (callid: x) - No match\n"
        log.write_text(line)
        read = await command(data, "monitor", "sip-log", str(log))
        (alert,) = await _alerts(data, "canary-account")
        await fetch(server.phone, f"/{trap}.cfg")  # by now the server knows what it is
        assert await _alerts(data, "canary")
        (ban,) = json.loads((await command(data, "ban", "list", "--json")).said)

    assert (added.code, added.said) == (0, f"{trap} is a canary\n")
    assert read.said == f"canary {account} tried from 192.0.2.7\n"
    assert (alert["value"], ban["value"], ban["measure"]) == ("192.0.2.7", "192.0.2.7", "ban")


async def _alerts(data: Path, detector: str) -> list[dict[str, object]]:
    """The alerts of one detector, once there are any."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            said = json.loads((await command(data, "alert", "list", "--json")).said)
            if found := [alert for alert in said if alert["detector"] == detector]:
                return found


Change = Callable[[Services, Phone], Awaitable[object]]


async def test_deletions_of_the_server_and_of_commands_beside_it_are_written_down_once(
    nursery: Nursery, tmp_path: Path
) -> None:
    """Three processes with the same work at the same moment."""
    data = tmp_path / "data"
    async with opened(settings_for(data)) as services:
        await put_phones(services, await services.tenants.add("demo"), [Wish(number=number) for number in range(600)])

    async with nursery.serving(data, tmp_path / "log", RETENTION__INTERVAL_S="0.2"):
        with reading(data) as connection:
            connection.execute("UPDATE credential SET released_at = 1, first_delivered_at = 1, delete_after = 2")
            connection.commit()
        ended = await asyncio.gather(*(command(data, "retention", "run") for _ in range(2)))
        await until_stored(data, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM credential WHERE deleted_at IS NULL)")

    assert [end.code for end in ended] == [0, 0]  # each may complain that another reads while it empties the log
    (audited,) = rows(
        data, "SELECT count(*) n, count(DISTINCT object) of FROM audit WHERE action = 'credential.deleted'"
    )
    assert audited == {"n": 600, "of": 600}


async def _new_password(services: Services, phone: Phone) -> None:
    tenant = await services.tenants.get("demo")
    await put_phones(services, tenant, [Wish(number=1, password="another-password-1")])
    del phone


async def _shared_zone(services: Services, phone: Phone) -> None:
    await services.tenants.set_shared({"timezone": ZONE}, {}, tenant=await services.tenants.get("demo"))
    del phone


async def _shared_secret(services: Services, phone: Phone) -> None:
    await services.tenants.set_shared({}, {"admin_password": Secret("for-all-phones-1")})
    del phone


async def _deleted(services: Services, phone: Phone) -> None:
    await services.devices.delete(phone.mac)


async def _expired(services: Services, phone: Phone) -> None:
    await services.retention.run(at_ms=services.context.clock.now_ms() + 16 * 86_400_000)
    del phone


async def _armed_twice(services: Services, phone: Phone) -> None:
    for _ in range(2):
        await services.devices.arm(phone.mac)
    assert (await services.devices.get(phone.mac)).tokens.generation == 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_new_password, lambda phone, reply: b"another-password-1" in reply.body and phone.mark not in reply.body),
        (_shared_zone, lambda _, reply: ZONE.encode() in reply.body or b"+12" in reply.body),
        (_shared_secret, lambda _, reply: b"for-all-phones-1" in reply.body),
        (_deleted, lambda _, reply: reply.status == 404),
        (_expired, lambda phone, reply: reply.status == 200 and phone.mark not in reply.body),
        (_armed_twice, lambda phone, reply: reply.status == 404 or phone.lasting.encode() not in reply.body),
    ],
)
async def test_what_another_process_changes_the_server_sees_within_a_moment(
    nursery: Nursery, tmp_path: Path, change: Change, expected: Callable[[Phone, Reply], bool]
) -> None:
    """Its cache forgets what was changed behind its back."""
    data = tmp_path / "data"
    phone = await _added(data)

    async with nursery.serving(data, tmp_path / "log") as server:
        await fetch(server.phone, phone.by_token)
        before = await fetch(server.phone, phone.by_token)
        assert phone.mark in before.body
        assert not expected(phone, before)
        async with opened(settings_for(data)) as services:
            await change(services, phone)
        await _seen(server, phone.by_token, lambda reply: expected(phone, reply))

    assert all(line["level"] != "error" for line in log_of(tmp_path / "log"))


_TABLES = {"state": "credential", "keystore": "key_generation"}


async def _added(data: Path) -> Phone:
    async with opened(settings_for(data)) as services:
        (phone,) = await put_phones(services, await services.tenants.add("demo"), [Wish(number=1)])
    return phone


async def _seen(server: Server, path: str, expected: Callable[[Reply], bool]) -> Reply:
    """The first answer that is as expected, within the time in which it must be."""
    async with asyncio.timeout(SEEN_S):
        while True:
            reply = await fetch(server.phone, path)
            if expected(reply):
                return reply
            await asyncio.sleep(0.02)


def _harm(key: Path, harm: str, tmp_path: Path) -> None:
    """Do to a key file what happens to files."""
    content = key.read_bytes()
    if harm == "open":
        key.chmod(0o444)
        return
    key.unlink()
    if harm == "missing":
        return
    if harm == "another":
        other = tmp_path / "other"
        KeyRing.create(other)
        TokenKey.create(other)
        shutil.copy(other / key.name, key)
    elif harm == "damaged":
        middle = len(content) // 2
        key.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    else:
        key.write_bytes(content[: len(content) // 2] if harm == "truncated" else b"")
    key.chmod(0o400)


def _versions(data: Path, kind: str) -> list[str]:
    return [row["version_num"] for row in rows(data, "SELECT version_num FROM alembic_version", kind=kind)]


async def _start(data: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "provserver",
        "serve",
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment(data)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def _stderr(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read()).decode()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()
