"""What a released artefact looks like on the wire, when it is sent again, and when it counts as delivered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest
from sqlalchemy import update

from provserver.domain.device import Device, device_owner
from provserver.domain.mac import MacAddress
from provserver.errors import NotFound
from provserver.secret import Secret
from provserver.storage import credentials
from provserver.storage.tables import CREDENTIAL, DELIVERY, SETTING
from tests.clocks import DAY_MS, MINUTE_MS
from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door, until
from tests.http.wire import cut, request, slow_socket

FILE = f"{MAC}.cfg"
NOTES = {f"raw.note.{number}": "x" * 2_000 for number in range(150)}  # an artefact of 300 kB: no slow socket takes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A device of one maker: the file that carries its password, the parameter that does, and what follows deletion."""

    slug: str
    mac: MacAddress | None
    model: str | None
    file: str
    content_type: str
    parameter: str
    keeps_rest: bool

    async def add(self, door: Door) -> tuple[Device, str]:
        """The device, and the path of its file with its lasting token."""
        tenant = await door.tenant("shop")
        device = await door.phone(tenant, mac=self.mac, vendor=self.slug, model=self.model)
        file = self.file.format(mac=device.mac, MAC=device.mac.upper)
        return device, f"/{door.lasting(device)}/{file}"


MAKERS = (
    Maker(
        slug="yealink",
        mac=MAC,
        model="T54W",
        file="{mac}.cfg",
        content_type="text/plain; charset=utf-8",
        parameter="account.1.password",
        keeps_rest=True,
    ),
    Maker(
        slug="snom",
        mac=MacAddress("000413aabbcc"),
        model="D785",
        file="{MAC}.xml",
        content_type="text/xml; charset=utf-8",
        parameter="user_pass",
        keeps_rest=True,
    ),
    Maker(
        slug="polycom",
        mac=MacAddress("0004f2aabbcc"),
        model="VVX450",
        file="{mac}-user.cfg",
        content_type="text/xml; charset=utf-8",
        parameter="reg.1.auth.password",
        keeps_rest=False,
    ),
    Maker(
        slug="linphone",
        mac=None,
        model=None,
        file="{mac}.xml",
        content_type="application/xml; charset=utf-8",
        parameter="passwd",
        keeps_rest=False,
    ),
)


@pytest.fixture(params=MAKERS, ids=lambda maker: str(maker.slug))
def maker(request: pytest.FixtureRequest) -> Maker:
    """Each maker in turn."""
    made: Maker = request.param
    return made


async def test_an_artefact_comes_with_its_type_its_tag_and_a_ban_on_keeping_it(data: Path, maker: Maker) -> None:
    async with open_door(data) as door:
        device, path = await maker.add(door)

        reply = await door.ask(path)

        assert reply.status == 200
        assert PASSWORD in reply.text
        assert maker.parameter in reply.text
        assert [name for name, _ in reply.headers] == [
            "ETag",
            "Last-Modified",
            "Cache-Control",
            "Content-Type",
            "Content-Length",
            "Date",
        ]
        assert reply.header("Content-Type") == maker.content_type
        assert reply.header("Cache-Control") == "no-store"
        assert reply.header("Content-Length") == str(len(reply.body))
        assert reply.header("Last-Modified") == formatdate(device.updated_at / 1000, usegmt=True)


async def test_head_says_what_get_would_and_starts_no_clock(data: Path, maker: Maker) -> None:
    async with open_door(data) as door:
        device, path = await maker.add(door)

        head = await door.ask(path, method="HEAD")

        assert (head.status, head.body) == (200, b"")
        assert (await door.credential(device)).released_at is None
        assert await door.rows(DELIVERY) == []
        assert (await door.device(device)).provisioned_at is None
        got = await door.ask(path)
        assert head.undated == got.undated.removesuffix(got.body)


async def test_the_same_data_gives_the_same_bytes_after_a_restart(data: Path, maker: Maker) -> None:
    async with open_door(data) as door:
        _, path = await maker.add(door)
        first = await door.ask(path)
        again = await door.ask(path)
    async with open_door(data, clock=door.clock) as door:
        restarted = await door.ask(path)

    assert first.undated == again.undated == restarted.undated


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_phone_that_has_it_already_is_not_sent_it_again(data: Path, maker: Maker, method: str) -> None:
    async with open_door(data) as door:
        device, path = await maker.add(door)
        tag = (await door.ask(path, method="HEAD")).header("ETag")
        assert tag is not None

        for header in (tag, f"W/{tag}", "*", f'"other", {tag}'):
            reply = await door.ask(path, method=method, headers={"If-None-Match": header})

            assert (reply.status, reply.body, reply.header("ETag")) == (304, b"", tag)
            assert reply.header("Cache-Control") == "no-store"
            assert door.last_line()["outcome"] == "not_modified"
        assert (await door.credential(device)).released_at is None, "a 304 is no delivery"
        assert (await door.device(device)).provisioned_at is None


async def test_another_tag_gets_everything(data: Path) -> None:
    async with open_door(data) as door:
        _, path = await MAKERS[0].add(door)
        tag = (await door.ask(path, method="HEAD")).header("ETag")
        assert tag is not None

        for header in ('"other"', tag[:-2] + '"', tag.strip('"'), "", "\udcff"):
            assert (await door.ask(path, headers={"If-None-Match": header})).status == 200


@pytest.mark.parametrize("change", ["password", "setting", "shared setting", "token"])
async def test_every_change_of_the_content_changes_the_tag(data: Path, change: str) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        before = await door.ask(f"/{door.lasting(device)}/{FILE}")
        door.clock.advance_ms(MINUTE_MS)

        match change:
            case "password":
                await door.phone(tenant, password=PASSWORD)  # the same again: a new version, a new clock
            case "setting":
                await door.phone(tenant, settings={"timezone": "Europe/London"})
            case "shared setting":
                await door.services.tenants.set_shared({"timezone": "Europe/London"}, {}, tenant=tenant)
            case "token":
                device = await door.services.devices.arm(MAC)
        after = await door.ask(f"/{door.lasting(device)}/{FILE}")

        assert before.header("ETag") != after.header("ETag")
        assert change == "password" or before.body != after.body


async def test_what_does_not_change_the_content_does_not_change_the_tag(data: Path) -> None:
    """Phones that compare tags would restart for nothing."""
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant, settings={"timezone": "Europe/London"})
        path = f"/{door.lasting(device)}/{FILE}"
        before = await door.ask(path)
        door.clock.advance_ms(MINUTE_MS)

        await door.phone(tenant, password=None, settings={"timezone": "Europe/London"})
        await door.services.devices.lock(MAC, reason="looking")
        await door.services.locks.unlock(MAC)

        after = await door.ask(path)
        assert (before.header("ETag"), before.body) == (after.header("ETag"), after.body)


async def test_ranges_are_not_served_in_parts(data: Path) -> None:
    """A part of an artefact is no complete delivery, so there are none."""
    async with open_door(data) as door:
        _, path = await MAKERS[0].add(door)

        reply = await door.ask(path, headers={"Range": "bytes=0-9"})

        assert (reply.status, PASSWORD in reply.text) == (200, True)


async def test_after_deletion_the_phone_keeps_working(data: Path, maker: Maker) -> None:
    """Omit: the file without the parameter, never with an empty one. Not found: the phone keeps what it has."""
    async with open_door(data) as door:
        device, path = await maker.add(door)
        delivered = await door.ask(path)
        door.clock.advance_ms(15 * DAY_MS - 1)
        assert await door.services.retention.run() == 0
        assert PASSWORD in (await door.ask(path)).text
        door.clock.advance_ms(1)

        assert await door.services.retention.run() == 1

        for _ in range(2):
            reply = await door.ask(path)
            assert PASSWORD not in reply.text
            if maker.keeps_rest:
                assert reply.status == 200
                assert maker.parameter not in reply.text
                missing = set(delivered.text.splitlines()) - set(reply.text.splitlines())
                assert len(missing) == 1, "only the line with the password is gone"
                assert reply.header("ETag") != delivered.header("ETag")
            else:
                assert (reply.status, reply.body) == (404, b"")
                assert door.last_line()["outcome"] == "withheld_after_deletion"
        assert (await door.services.inventory.show(device.mac))["credentials"]["held"] is False


async def slip_in(door: Door, device: Device, password: str) -> None:
    """Seal a password that no format can carry, past every check that people meet."""
    secrets, owner = door.services.devices._secrets, device_owner(device.id)
    old = await door.credential(device)
    new, key = secrets.seal(
        Secret(password), tenant_id=device.tenant_id, owner=owner, field="line.1.password", at_ms=old.created_at
    )
    await secrets.store_keys([(key, owner)])
    async with door.services.storage.transaction() as tx:
        await credentials.remove_credentials(tx, [old.id])
        await credentials.insert_credentials(tx, [new])
    door.services.records.forget(device.mac.value)


async def test_a_password_that_the_format_cannot_carry_is_not_sent_and_not_quoted(data: Path, maker: Maker) -> None:
    async with open_door(data) as door:
        device, path = await maker.add(door)
        await slip_in(door, device, f"{PASSWORD}\naccount.1.enable = 0")

        reply = await door.ask(path)

        assert (reply.status, reply.body, reply.header("Retry-After")) == (503, b"", "60")
        assert (door.last_line()["outcome"], door.last_line()["reason"]) == ("failed", "unfit_value")
        (said,) = (line for line in door.lines() if line["event"] == "render.failed")
        assert "line.1.password" in said["problem"]
        assert PASSWORD not in door.output.getvalue().decode()
        assert (await door.credential(device)).released_at is None
        failures = door.services.metrics.render_failures.of(maker.slug, "unfit_value")
        assert failures._value.get() == 1


async def test_a_setting_that_the_format_cannot_carry_is_not_sent_and_not_quoted(data: Path, maker: Maker) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        setting = {"raw.misc/note": "harmless"} if maker.slug == "linphone" else {"raw.note": "harmless"}
        device = await door.phone(tenant, mac=maker.mac, vendor=maker.slug, model=maker.model, settings=setting)
        (name,) = setting
        async with door.services.storage.transaction() as tx:
            changed = await tx.execute(update(SETTING).where(SETTING.c.name == name).values(value="fine\nevil = 1"))
        assert changed.rowcount == 1
        file = maker.file.format(mac=device.mac, MAC=device.mac.upper)

        reply = await door.ask(f"/{door.lasting(device)}/{file}")

        assert (reply.status, reply.body) == (503, b"")
        assert (door.last_line()["outcome"], door.last_line()["reason"]) == ("failed", "unfit_value")
        (said,) = (line for line in door.lines() if line["event"] == "render.failed")
        assert name in said["problem"]
        assert "evil" not in door.output.getvalue().decode()


async def test_an_altered_password_is_not_sent(data: Path) -> None:
    async with open_door(data) as door:
        device, path = await MAKERS[0].add(door)
        async with door.services.storage.transaction() as tx:
            await tx.execute(update(CREDENTIAL).values(ciphertext=bytes(64)))

        reply = await door.ask(path)

        assert (reply.status, reply.body, reply.header("Retry-After")) == (503, b"", "60")
        assert (door.last_line()["outcome"], door.last_line()["reason"]) == ("unavailable", "store")
        assert door.services.metrics.credentials_rejected.of("tampered")._value.get() == 1
        assert (await door.credential(device)).released_at is None


async def large(door: Door) -> tuple[Device, str]:
    tenant = await door.tenant("shop")
    device = await door.phone(tenant, settings=NOTES)
    return device, f"/{FILE}"


async def test_a_delivery_that_breaks_off_starts_no_clock_and_leaves_the_window_open(data: Path) -> None:
    async with open_door(data) as door:
        device, path = await large(door)
        loop = asyncio.get_running_loop()
        slow = await slow_socket(door.host, door.port)
        await loop.sock_sendall(slow, request("GET", path, headers={"User-Agent": AGENT}))
        assert (await loop.sock_recv(slow, 64)).startswith(b"HTTP/1.1 200 OK")
        assert (await door.credential(device)).released_at is not None

        cut(slow)  # the line goes dead with most of it on the way

        await until(lambda: door.traffic.count == 1)
        credential, stored = await door.credential(device), await door.device(device)
        assert (credential.released_at, credential.first_delivered_at, credential.delete_after) == (None, None, None)
        assert (stored.provisioned_at, stored.provisioned_prefix) == (None, None)
        assert await door.rows(DELIVERY) == []
        assert door.last_line()["outcome"] == "broken"
        again = await door.ask(path)
        assert (again.status, PASSWORD in again.text) == (200, True)
        assert (await door.credential(device)).first_delivered_at == door.clock.wall_ms()


async def test_a_delivery_that_nobody_takes_in_time_does_not_count(data: Path) -> None:
    async with open_door(data, slow_s=30) as door:
        device, path = await large(door)
        loop = asyncio.get_running_loop()
        slow = await slow_socket(door.host, door.port)
        with slow:
            await loop.sock_sendall(slow, request("GET", path, headers={"User-Agent": AGENT}))
            assert await loop.sock_recv(slow, 1)

            door.clock.advance_ms(30_001)
            await asyncio.sleep(0.05)  # a look of the watch: what the system's buffers took was enough for a window
            door.clock.advance_ms(30_001)

            await until(lambda: door.traffic.count == 1)
        credential, stored = await door.credential(device), await door.device(device)
        assert (credential.released_at, credential.first_delivered_at) == (None, None)
        assert stored.provisioned_at is None
        assert door.last_line()["outcome"] == "broken"


async def test_the_clock_is_on_the_disk_before_the_first_byte_leaves(data: Path) -> None:
    """A process that dies while it sends leaves the release standing, and deletion counts from that."""
    async with open_door(data) as door:
        device, path = await large(door)
        loop = asyncio.get_running_loop()
        slow = await slow_socket(door.host, door.port)
        with slow:
            await loop.sock_sendall(slow, request("GET", path, headers={"User-Agent": AGENT}))
            assert await loop.sock_recv(slow, 1)

            credential = await door.credential(device)

            assert (credential.released_at, credential.first_delivered_at) == (door.clock.wall_ms(), None)


async def test_the_same_delivery_twice_at_once_starts_one_clock(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))

        replies = await asyncio.gather(*(door.ask(f"/{FILE}") for _ in range(8)))
        await until(lambda: door.traffic.count == 8)

        assert {reply.status for reply in replies} == {200}
        credential = await door.credential(device)
        assert credential.first_delivered_at == door.clock.wall_ms()
        assert len(await door.rows(DELIVERY)) >= 1


async def test_what_a_phone_has_fetched_is_compared_with_what_it_would_get(data: Path) -> None:
    """A question for its head is no fetch."""
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        path = f"/{door.lasting(device)}/{FILE}"
        await door.ask(path, method="HEAD")
        await door.services.copies.flush()
        with pytest.raises(NotFound):
            await door.services.differences.since_fetch(MAC)

        body = (await door.ask(path)).body
        await door.services.copies.flush()
        (same,) = await door.services.differences.since_fetch(MAC)
        await door.services.edits.change(MAC, {"vlan_id": "30"}, {})
        (changed,) = await door.services.differences.since_fetch(MAC)

    assert PASSWORD.encode() in body
    assert (same.file, same.standing) == (FILE, "same")
    assert changed.standing == "changed"
    assert "+static.network.vlan.internet_port_vid = 30" in changed.lines
    assert [line for line in changed.lines[2:] if line.startswith("-")] == []
    assert PASSWORD not in "\n".join(changed.lines)
