"""A server that is killed while it hands passwords to a maker: their days run, and the phone is configured once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from provserver.app import Services
from provserver.secret import Secret
from tests.redirect.fakes.hosting import YMCSHosting
from tests.redirect.fakes.service import serving
from tests.system.fleet import rows
from tests.system.server import Nursery, opened, settings_for
from tests.system.test_redirection import QUICK, WAIT_S, states, until

DEVICES = 20
PASSWORD = "s3cret-of-the-line"


class Silent(YMCSHosting):
    """Takes a password, says so to the test, and never answers; until it *is_awake*."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()
        self.is_awake = False

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        answered = await super().answer(request, body)
        if request.path.endswith("/sipAccounts") and not self.is_awake:
            self.taken.set()
            await asyncio.sleep(3600)
        return answered


async def prepare(services: Services, fake: YMCSHosting) -> None:
    tenant = await services.tenants.add("acme")
    redirection = services.redirection
    account = await redirection.accounts.add(
        "yealink_ymcs_hosting",
        {"client_id": "client-1"},
        {"client_secret": Secret("pa55")},
        tenant=tenant,
        endpoint=fake.endpoint,
        per_s=10_000,
    )
    await redirection.hosting.choose(account, why="contract 4711")
    lines = ["mac,model,user_name,password,registrar"]
    lines += [f"805ec0{n:06x},T54W,{n},{PASSWORD}-{n},pbx.example.com" for n in range(1, DEVICES + 1)]
    await services.imports.run("\n".join(lines).encode(), tenant=tenant)


def contents(data: Path, log: Path) -> bytes:
    """Everything that the server has written: its log and its databases."""
    return b"".join(file.read_bytes() for file in (log, *data.glob("*.sqlite3*")))


@pytest.mark.timeout(240)  # two starts of a server
async def test_a_kill_leaves_no_password_out_without_a_clock_and_no_phone_configured_twice(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with serving(Silent()) as fake:
        assert isinstance(fake, Silent)
        async with opened(settings_for(data)) as services:
            await prepare(services, fake)
        async with nursery.serving(data, tmp_path / "log", **QUICK) as server:
            async with asyncio.timeout(WAIT_S):
                await fake.taken.wait()
            server.kill()
            assert await nursery.ended() == -9
        out = {password for one in fake.accounts.values() if (password := one["password"])}
        assert out, "the kill has to meet something that is out"
        released = "SELECT count(*) AS n FROM credential WHERE owner LIKE 'device:%' AND released_at IS NOT NULL"
        (found,) = rows(data, released)
        assert found["n"] >= len(out)
        fake.is_awake = True

        async with nursery.serving(data, tmp_path / "log", **QUICK):
            await until(lambda: states(data) == {"confirmed": DEVICES})

    clocks = rows(data, "SELECT first_delivered_at, delete_after FROM credential WHERE owner LIKE 'device:%'")
    assert len(clocks) == DEVICES
    assert all(row["delete_after"] - row["first_delivered_at"] == 15 * 86_400_000 for row in clocks)
    assert len(fake.accounts) == len(fake.ours()) == DEVICES
    told = rows(data, "SELECT why, what FROM disclosure")
    assert len(told) >= DEVICES
    assert {row["why"] for row in told} == {"hosting: contract 4711"}
    written = contents(data, tmp_path / "log")
    assert b"registration.settled" in written
    assert PASSWORD.encode() not in written
    assert fake.refusals == []
