"""Logins that are posted as a form: who gets in, and that nobody learns anything from being refused."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from provserver.domain.device import Device, ReleasePolicy
from provserver.domain.mac import MacAddress
from provserver.http.refusals import Ticket
from provserver.settings import LoginSettings, MonitorSettings, TLSSettings
from tests.certificates import self_signed
from tests.http.digests import LOGIN, USER, challenges, logged_in
from tests.http.door import PASSWORD, Door, open_door, until
from tests.http.test_logins import undated
from tests.http.wire import Reply, Wire, request

ID = MacAddress("0a1b2c3d4e5f")
OTHER, LOCKED, LINPHONE, UNKNOWN = (MacAddress(f"0a1b2c3d4e{number}") for number in (60, 61, 62, 63))
AGENT = "Bria 4 release 4.7.0 stamp 83078"
FORM_TYPE = "application/x-www-form-urlencoded"
WRONG_TOKEN = "wrong_token_wrong_token_wrong"


def login_file(mac: MacAddress = ID) -> str:
    return f"/{mac}-login.ini"


def form(user: str = USER, password: str = LOGIN, **more: str) -> bytes:
    return urlencode({"Username": user, "Password": password, **more}).encode()


async def bria(door: Door, mac: MacAddress = ID, **more: Any) -> Device:  # noqa: ANN401 - see Door.phone
    """A Bria of a tenant without windows, with a login of its own."""
    tenants = {tenant.name: tenant for tenant in await door.services.tenants.list()}
    careful = tenants.get("careful") or await door.tenant("careful", policy=ReleasePolicy.STRICT)
    usual: dict[str, Any] = {
        "vendor": "counterpath",
        "settings": {"provisioning_user": USER},
        "secrets": {"provisioning_password": LOGIN},
    }
    return await door.phone(careful, mac=mac, **usual | more)


@asynccontextmanager
async def open_private_door(
    data: Path, folder: Path, *, ask: bool = True, monitor: MonitorSettings | None = None
) -> AsyncIterator[tuple[Door, ssl.SSLContext]]:
    """A door with a plain and a TLS listener, and how to trust it."""
    _, trust = self_signed(folder)
    tls = TLSSettings(certificates=(folder / "server.pem",), port=0)
    async with open_door(data, login=LoginSettings(ask=ask), tls=tls, monitor=monitor) as door:
        yield door, ssl.create_default_context(cafile=str(trust))


async def post(
    door: Door,
    path: str,
    body: bytes,
    *,
    context: ssl.SSLContext | None = None,
    content_type: str = FORM_TYPE,
    headers: dict[str, str] | None = None,
) -> Reply:
    """One form, over TLS with *context*, or without any."""
    before = door.traffic.count
    reader, writer = await asyncio.open_connection(*door.addresses["tls" if context else "plain"], ssl=context)
    try:
        wire = Wire(reader, writer)
        all_headers = {"User-Agent": AGENT, "Content-Type": content_type, **(headers or {})}
        await wire.send(request("POST", path, headers=all_headers, body=body))
        reply = await wire.reply("POST")
        await until(lambda: door.traffic.count > before)
        return reply
    finally:
        writer.transport.abort()


async def test_a_devices_own_login_gets_its_settings(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        device = await bria(door)

        reply = await post(door, login_file(), form(platform="win32", lic=""), context=context)

        assert reply.status == 200
        assert PASSWORD in reply.text
        assert f"/{door.lasting(device)}/{ID}-update.ini" in reply.text  # from there on it needs no login
        assert door.last_line()["proof"] == "login"
        assert door.services.metrics.logins.of("counterpath", "right").value == 1


async def test_guesses_by_form_are_shut_out_and_nothing_of_them_is_kept(data: Path, tmp_path: Path) -> None:
    """A guess is often a password of something else."""
    folder, guesses = tmp_path / "tls", [f"guess-{number}" for number in range(12)]
    folder.mkdir()
    async with open_private_door(data, folder, monitor=MonitorSettings(allow=())) as (door, context):
        await bria(door)
        for guess in guesses[:-2]:
            assert (await post(door, login_file(), form(password=guess), context=context)).status == 401
        with pytest.raises(ConnectionError):  # who is shut out while his refusal waits does not get it
            await post(door, login_file(), form(password=guesses[-2]), context=context)
        await until(lambda: door.services.monitor.is_banned("127.0.0.1"))
        await door.services.monitor.work()
        alerts = await door.services.bans.alerts()

    assert "login-spray" in [alert["detector"] for alert in alerts]
    assert [guess for guess in guesses if guess in str(alerts)] == []


async def test_a_login_that_was_delivered_starts_the_days(data: Path) -> None:
    async with open_door(data) as door:
        device = await bria(door)

        reply = await door.ask(f"/{door.bootstrap(device)}{login_file()}", method="POST", body=form())

        assert (reply.status, PASSWORD in reply.text) == (200, True)
        assert (await door.credential(device)).first_delivered_at is not None


async def test_updates_are_fetched_with_the_lasting_token_and_logins_are_not_had_by_get(data: Path) -> None:
    async with open_door(data) as door:
        device = await bria(door)
        base = f"/{door.lasting(device)}/{ID}"

        update = await door.ask(f"{base}-update.ini")
        by_get = await door.ask(f"{base}-login.ini")
        head = await door.ask(f"{base}-login.ini", method="HEAD")
        posted = await door.ask(f"{base}-update.ini", method="POST", body=form())

        assert (update.status, PASSWORD in update.text) == (200, True)
        assert [reply.status for reply in (by_get, head, posted)] == [404, 404, 404]


async def test_a_tag_of_the_last_answer_is_not_looked_at(data: Path) -> None:
    async with open_door(data) as door:
        device = await bria(door)

        path = f"/{door.lasting(device)}{login_file()}"
        reply = await door.ask(path, method="POST", body=form(), headers={"If-None-Match": "*"})

        assert reply.status == 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (form(password="login of the phonf"), FORM_TYPE),
        (form(user="phone-1002"), FORM_TYPE),
        (form(password=""), FORM_TYPE),
        (b"", FORM_TYPE),
        (b"username=x", FORM_TYPE),
        (form() + b"&Password=x", FORM_TYPE),
        (form(), "text/plain"),
        (form(lic="x" * 5_000), FORM_TYPE),
        (b"\xff" * 100, FORM_TYPE),
    ],
)
async def test_what_is_not_exactly_right_is_withheld(
    data: Path, tmp_path: Path, body: bytes, content_type: str
) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        await bria(door)

        reply = await post(door, login_file(), body, context=context, content_type=content_type)
        unknown = await post(door, login_file(UNKNOWN), body, context=context, content_type=content_type)

        assert reply.status == 401
        assert undated(reply) == undated(unknown)


async def test_nobody_gets_in_by_a_password_in_clear(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, _):
        await bria(door)

        assert (await post(door, login_file(), form())).status == 401


async def test_a_form_is_nobodys_login_where_none_is_asked_for(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path, ask=False) as (door, context):
        await bria(door)

        reply = await post(door, login_file(), form(), context=context)

        assert (reply.status, challenges(reply)) == (404, [])


async def test_makers_whose_phones_post_no_form_have_no_such_login(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        await bria(door, LINPHONE, vendor="linphone")
        await bria(door)

        assert (await post(door, login_file(LINPHONE), form(), context=context)).status == 401
        assert (await logged_in(door, f"/{ID}-update.ini")).status == 401  # Bria is not known to know Digest


async def test_a_login_opens_its_own_device_only(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        await bria(door)
        await bria(door, OTHER, secrets={"provisioning_password": "another"})

        assert (await post(door, login_file(OTHER), form(), context=context)).status == 401
        assert (await post(door, login_file(OTHER), form(password="another"), context=context)).status == 200


@pytest.mark.parametrize("ask", [False, True])
async def test_every_refusal_of_a_form_is_the_same(data: Path, tmp_path: Path, ask: bool) -> None:  # noqa: FBT001 - both
    async with open_private_door(data, tmp_path, ask=ask) as (door, context):
        await bria(door)
        await bria(door, OTHER, secrets={}, settings={})
        await door.services.devices.lock((await bria(door, LOCKED)).mac, reason="a test")
        await bria(door, LINPHONE, vendor="linphone")
        paths = [login_file(mac) for mac in (ID, OTHER, LOCKED, LINPHONE, UNKNOWN)]

        plain = {undated(await post(door, path, form(password="a guess"))) for path in paths}
        private = {undated(await post(door, path, form(password="a guess"), context=context)) for path in paths}
        by_token = {undated(await post(door, f"/{WRONG_TOKEN}{path}", form())) for path in paths}

        assert len(plain | private) == 1
        assert next(iter(plain)).startswith(b"HTTP/1.1 401" if ask else b"HTTP/1.1 404")
        assert by_token == {b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}


async def test_a_refusals_time_runs_from_the_end_of_the_form(data: Path) -> None:
    """Else a form that comes after its ticket is due would be refused as soon as the work is done."""
    async with open_door(data, refusal_ms=1) as door:
        drawn: list[int] = []
        ticket = door.listener.refusals.ticket

        def counted() -> Ticket:
            drawn.append(door.traffic.count)
            return ticket()

        door.listener.refusals.ticket = counted  # type: ignore[method-assign]  # counts, and does what it does
        async with door.connected() as wire:
            whole = request("POST", login_file(), headers={"Content-Type": FORM_TYPE}, body=form())
            await wire.send(whole[:-1])
            await until(lambda: bool(drawn))
            assert len(drawn) == 1
            await wire.send(whole[-1:])
            reply = await wire.reply("POST")

        assert (reply.status, len(drawn)) == (404, 2)


async def test_no_form_reaches_a_log(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        await bria(door)
        await post(door, login_file(), form(), context=context)
        await post(door, login_file(), form(user="user-in-no-log", password="password-in-no-log"), context=context)
        await door.settled()

        said = door.output.getvalue() + repr(door.lines()).encode() + repr(await door.requests()).encode()

        assert b"in-no-log" not in said
        assert USER.encode() not in said
        assert LOGIN.encode() not in said
