"""From an import to the maker's list, to the phone that boots by it, and out again; also over a server's death."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from provserver.app import Services
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from tests.redirect.fakes.rest import YMCS, YealinkOpen
from tests.redirect.fakes.service import serving
from tests.system.fleet import rows
from tests.system.server import Nursery, Server, opened, settings_for
from tests.system.wire import Reply, fetch

DEVICES = 1_000
KILLED_AT = 400  # of the first claim's 512
BATCHED = 250
QUICK = {"REDIRECT__POLL_S": "0.1"}
WAIT_S = 60.0  # for what takes seconds; a busy machine is no mistake of the code
_ADDED = re.compile(rb'/device/add\n.*"macs":\["([0-9a-f]{12})"\]', re.DOTALL)


def mac_of(number: int) -> str:
    return f"805ec0{number:06x}"


def password_of(number: int) -> str:
    return f"s3cret-of-{number}-line"


class Counting(YealinkOpen):
    """
    Says when *KILLED_AT* devices are there, and then enters what it is told and does not answer any more.

    The first claim is larger, so the rest of it is on its way, however late the kill comes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.enough = asyncio.Event()
        self.is_silent = True

    def enter(self, mac: str, url: str) -> str | None:
        owner = super().enter(mac, url)
        if len(self.devices) >= KILLED_AT:
            self.enough.set()
        return owner

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        answered = await super().answer(request, body)
        if self.enough.is_set() and self.is_silent:
            await asyncio.sleep(3600)
        return answered


class InBatches(YMCS):
    """Says when it has taken a whole batch, and then does not answer any more."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()
        self.is_silent = True

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        answered = await super().answer(request, body)
        if request.path.endswith("addDevicesByMac") and self.is_silent:
            self.taken.set()
            await asyncio.sleep(3600)
        return answered


async def prepare_batches(services: Services, fake: YMCS) -> None:
    """The same for a service that takes a hundred devices at once."""
    tenant = await services.tenants.add("acme")
    accounts = services.redirection.accounts
    secrets = {"client_secret": Secret("pa55")}
    await accounts.add(
        "yealink_ymcs", {"client_id": "client-1"}, secrets, tenant=tenant, endpoint=fake.endpoint, per_s=10_000
    )
    lines = ["mac,model,user_name,password,registrar"]
    lines += [f"{mac_of(n)},T54W,{n},{password_of(n)},pbx.example.com" for n in range(1, BATCHED + 1)]
    await services.imports.run("\n".join(lines).encode(), tenant=tenant)


async def prepare(services: Services, fake: YealinkOpen) -> None:
    """An account, and an import of devices that their maker is to be told of."""
    tenant = await services.tenants.add("acme")
    await services.redirection.accounts.add(
        "yealink_open",
        {"access_key": "key-1"},
        {"access_secret": Secret("pa55")},
        tenant=tenant,
        endpoint=fake.endpoint,
        per_s=10_000,
    )
    lines = ["mac,model,user_name,password,registrar"]
    lines += [f"{mac_of(n)},T54W,{n},{password_of(n)},pbx.example.com" for n in range(1, DEVICES + 1)]
    report = await services.imports.run("\n".join(lines).encode(), tenant=tenant)
    assert report.new == DEVICES


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until *is_so*."""
    async with asyncio.timeout(WAIT_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens in another process, which tells nobody
            await asyncio.sleep(0.05)


async def visit(server: Server, url: str, number: int) -> Reply:
    """What a phone gets that was sent to *url*."""
    path = f"{urlsplit(url).path}{mac_of(number)}.cfg"
    return await fetch(server.phone, path, agent="Yealink SIP-T54W 96.86.0.70")


def states(data: Path) -> Counter[str]:
    return Counter(row["state"] for row in rows(data, "SELECT state FROM registration"))


@pytest.mark.timeout(240)  # a thousand devices, each a call; and a server that starts
async def test_a_thousand_devices_are_entered_boot_by_their_makers_word_and_are_taken_out(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with serving(YealinkOpen()) as fake:
        assert isinstance(fake, YealinkOpen)
        async with opened(settings_for(data)) as services:
            await prepare(services, fake)
            assert states(data) == {"wanted": DEVICES}

            async with nursery.serving(data, tmp_path / "log", **QUICK) as server:
                await until(lambda: states(data) == {"confirmed": DEVICES})
                urls = fake.ours()
                assert len(urls) == len(set(urls.values())) == DEVICES

                reply = await visit(server, urls[mac_of(7)], 7)
                assert (reply.status, password_of(7).encode() in reply.body) == (200, True)
                assert (await visit(server, urls[mac_of(8)], 7)).status == 404  # another's URL opens nothing
                assert (await visit(server, "http://x/", 9)).status == 404  # and no window is open
                await until(lambda: bool(rows(data, "SELECT 1 FROM credential WHERE first_delivered_at IS NOT NULL")))
                await until(lambda: states(data) == {"confirmed": DEVICES - 1, "seen": 1})

                await services.devices.delete(MacAddress(mac_of(1)))
                async with services.storage.transaction() as tx:
                    everyone = [MacAddress(mac_of(n)) for n in range(2, DEVICES + 1)]
                    await services.redirection.registrations.withdraw(tx, everyone, by_hand=True)
                await until(lambda: states(data) == {"withdrawn": DEVICES})

    assert fake.ours() == {}
    assert fake.refusals == []
    # Signatures and nonces have any four characters sooner or later.
    sent = re.sub(rb"(?im)^(x-ca-[a-z-]+|content-md5): .*$", b"", b"\n".join(fake.sent))
    for private in (b"s3cret", b"pbx.example", b"acme", b"T54W", b"pa55"):
        assert private not in sent
    told = Counter(row["why"] for row in rows(data, "SELECT why FROM disclosure"))
    assert told == {"register": DEVICES, "withdraw": DEVICES}


@pytest.mark.timeout(240)  # two starts of a server
async def test_a_server_killed_while_whole_batches_are_on_their_way_enters_each_device_once(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with serving(InBatches()) as fake:
        assert isinstance(fake, InBatches)
        async with opened(settings_for(data)) as services:
            await prepare_batches(services, fake)
        async with nursery.serving(data, tmp_path / "log", **QUICK) as server:
            async with asyncio.timeout(WAIT_S):
                await fake.taken.wait()
            server.kill()
            assert await nursery.ended() == -9
        assert states(data)["sent"] == BATCHED
        fake.is_silent = False

        async with nursery.serving(data, tmp_path / "log", **QUICK):
            await until(lambda: states(data) == {"confirmed": BATCHED})

    batches = [json.loads(text.partition(b"\n\n")[2]) for text in fake.sent if b"/addDevicesByMac\n" in text]
    added = Counter(device["mac"] for batch in batches for device in batch)
    assert (len(added), set(added.values())) == (BATCHED, {1})
    assert len(fake.ours()) == BATCHED
    assert fake.refusals == []


@pytest.mark.timeout(240)  # as above, and another start
async def test_a_server_killed_in_the_middle_loses_nothing_and_tells_nothing_twice(
    nursery: Nursery, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with serving(Counting()) as fake:
        assert isinstance(fake, Counting)
        async with opened(settings_for(data)) as services:
            await prepare(services, fake)
        fake.latency_s = 0.02

        async with nursery.serving(data, tmp_path / "log", **QUICK) as server:
            await until(lambda: bool(fake.ours()))
            number = int(next(iter(fake.ours()))[6:], 16)
            reply = await visit(server, fake.ours()[mac_of(number)], number)
            assert reply.status == 200  # phones are served while makers are told
            async with asyncio.timeout(WAIT_S):
                await fake.enough.wait()
            server.kill()
            assert await nursery.ended() == -9
        left = states(data)
        assert left["sent"] > 0, "the kill has to meet something on its way"
        assert left["confirmed"] < DEVICES
        fake.is_silent = False

        async with nursery.serving(data, tmp_path / "log", **QUICK):
            await until(lambda: states(data)["confirmed"] + states(data)["seen"] == DEVICES)

    added = Counter(match[1] for text in fake.sent if (match := _ADDED.search(text)))
    assert len(added) == DEVICES
    assert set(added.values()) == {1}
    assert len(fake.ours()) == DEVICES
    assert fake.refusals == []
