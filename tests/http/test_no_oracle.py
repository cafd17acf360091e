"""Strangers cannot tell refusal from absence: every refusal is the same bytes, whatever its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provserver.domain.device import ReleasePolicy
from provserver.domain.mac import MacAddress
from provserver.http.refusals import Ticket
from provserver.settings import LoginSettings
from provserver.storage.database import Storage
from tests.clocks import MINUTE_MS
from tests.http.door import MAC, Door, open_door
from tests.http.wire import Reply, request

WRONG = "QUJDREVGR0hJSktMTU5PUFFS"
UNKNOWN, LOCKED, UNARMED, DELETED, STRICT, PROVISIONED = (
    MacAddress(f"805ec0aabb{number:02x}") for number in range(1, 7)
)
POLYCOM = MacAddress("0004f2aabbcc")
METHODS = ("GET", "HEAD", "PUT", "POST")

# What is asked → why it is refused. The log has to know, or the cases below would all be one.
REFUSALS = {
    "unknown MAC": "unknown_device",
    "unknown MAC of no maker": "unknown_device",
    "locked": "locked",
    "locked, with its token": "locked",
    "wrong token": "wrong_token",
    "wrong token, unknown MAC": "unknown_device",
    "wrong token, common file": "unknown_device",
    "token of another device": "wrong_token",
    "not armed": "not_armed",
    "strict tenant": "strict",
    "provisioned, settled": "provisioned",
    "password deleted": "deleted",
    "unknown file": "no_rule",
    "expected miss": "no_template",
    "upload that was never sent": "no_upload",
    "hostile path": "hostile_path",
    "encoded hostile path": "hostile_path",
    "NUL": "hostile_path",
    "too long a path": "hostile_path",
    "too many query fields": "hostile_path",
    "root": "unknown_device",
    "common file": "unknown_device",
    "browser": "unknown_device",
    "percent signs": "hostile_path",
}
# With a proof a device may write what it cannot read, and the other way round.
OF_UPLOADS = {**REFUSALS, "password deleted": "no_upload", "unknown file": "no_upload", "expected miss": "no_upload"}
del OF_UPLOADS["upload that was never sent"]


async def fill(door: Door) -> dict[str, str]:
    """Put a device into every situation that is refused; the path for each case."""
    shop = await door.tenant("shop")
    careful = await door.tenant("careful", policy=ReleasePolicy.STRICT)
    armed = await door.phone(shop)
    polycom = await door.phone(shop, mac=POLYCOM, vendor="polycom", model="VVX450")
    locked = await door.phone(shop, mac=LOCKED)
    await door.services.devices.lock(LOCKED, reason="stolen")
    await door.phone(shop, mac=UNARMED, arm=False)
    await door.phone(careful, mac=STRICT)
    provisioned = await door.phone(shop, mac=PROVISIONED)
    for path in (f"/{door.lasting(polycom)}/{POLYCOM}-user.cfg", f"/{door.lasting(provisioned)}/{PROVISIONED}.cfg"):
        assert (await door.ask(path)).status == 200
    door.clock.advance_ms(16 * MINUTE_MS)
    await door.services.retention.delete([await door.credential(polycom)], why="test")
    return {
        "unknown MAC": f"/{UNKNOWN}.cfg",
        "unknown MAC of no maker": "/0a1b2c3d4e5f.cfg",
        "locked": f"/{LOCKED}.cfg",
        "locked, with its token": f"/{door.lasting(locked)}/{LOCKED}.cfg",
        "wrong token": f"/{WRONG}/{MAC}.cfg",
        "wrong token, unknown MAC": f"/{WRONG}/{UNKNOWN}.cfg",
        "wrong token, common file": f"/{WRONG}/y000000000096.cfg",
        "token of another device": f"/{door.lasting(provisioned)}/{MAC}.cfg",
        "not armed": f"/{UNARMED}.cfg",
        "strict tenant": f"/{STRICT}.cfg",
        "provisioned, settled": f"/{PROVISIONED}.cfg",
        "password deleted": f"/{door.lasting(polycom)}/{POLYCOM}-user.cfg",
        "unknown file": f"/{door.lasting(armed)}/{MAC}.unknown",
        "expected miss": f"/{door.lasting(armed)}/y000000000096.boot",
        "upload that was never sent": f"/{door.lasting(armed)}/{MAC}-local.cfg",
        "hostile path": f"/{door.lasting(armed)}/../../etc/passwd",
        "encoded hostile path": f"/{door.lasting(armed)}/%2e%2e%2f{MAC}.cfg",
        "NUL": f"/{MAC}.cfg%00",
        "too long a path": "/" + "a" * 1_500,
        "too many query fields": "/phone.cfg?" + "&".join(["a=b"] * 12),
        "root": "/",
        "common file": "/y000000000096.cfg",
        "browser": "/favicon.ico",
        "percent signs": "/%zz%%.cfg",
    }


def sent(method: str, path: str, headers: Mapping[str, str] | None = None) -> bytes:
    body = b"what a phone sends" if method in ("PUT", "POST") else b""
    return request(method, path, headers={"User-Agent": "Yealink SIP-T54W 96.86.0.70", **(headers or {})}, body=body)


async def asked(door: Door, request_bytes: bytes, method: str) -> Reply:
    """The answer to the bytes of one request, and that the connection serves the next one as well."""
    async with door.connected() as wire:
        await wire.send(request_bytes)
        reply = await wire.reply(method)
        await wire.send(sent("GET", "/next"))
        assert (await wire.reply()).status == 404
        return reply


@pytest.mark.parametrize("method", METHODS)
async def test_strangers_cannot_tell_refusal_from_absence(data: Path, method: str) -> None:
    """Status line, names, order and values of all headers, and the body are the same bytes."""
    async with open_door(data) as door:
        paths = await fill(door)
        assert paths.keys() == REFUSALS.keys()
        expected = REFUSALS if method in ("GET", "HEAD") else OF_UPLOADS
        answers: dict[str, bytes] = {}
        seen = len(door.lines())

        for case in expected:
            answers[case] = (await asked(door, sent(method, paths[case]), method)).undated

        assert set(answers.values()) == {b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}
        reasons = [line["reason"] for line in door.lines()[seen:] if line["path"] != "/next"]
        assert dict(zip(expected, reasons, strict=True)) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Fri, 15 Jan 2027 08:00:00 GMT"},
        {"Range": "bytes=0-0"},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Accept-Encoding": "gzip"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Connection": "close"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_no_header_makes_a_refusal_say_more(data: Path, headers: dict[str, str]) -> None:
    async with open_door(data) as door:
        paths = await fill(door)

        answers = set()
        for path in paths.values():
            async with door.connected() as wire:
                await wire.send(sent("GET", path, headers))
                answers.add((await wire.reply()).undated)

        assert len(answers) == 1


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_older_http_gets_the_same_refusals(data: Path, version: str) -> None:
    async with open_door(data) as door:
        paths = await fill(door)

        answers = set()
        for path in paths.values():
            async with door.connected() as wire:
                await wire.send(request("GET", path, version=version))
                answers.add((await wire.reply()).undated)

        assert len(answers) == 1


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "MKCOL", "LOCK"])
async def test_other_methods_are_refused_before_anything_is_looked_at(data: Path, method: str) -> None:
    async with open_door(data) as door:
        paths = await fill(door)

        answers = {(await asked(door, sent(method, path), method)).undated for path in paths.values()}
        answers.add((await asked(door, sent(method, f"/{MAC}.cfg"), method)).undated)  # an armed device's own file

        (answer,) = answers
        assert answer.startswith(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, PUT, POST\r\n")


async def test_refusals_wait_for_the_same_time_whatever_was_found_out(data: Path) -> None:
    """None is answered before its time: with a long delay, all of them take at least that long."""
    async with open_door(data, refusal_ms=150) as door:
        paths = await fill(door)
        loop = asyncio.get_running_loop()

        async def seconds(path: str) -> float:
            began = loop.time()
            await asked_once(door, path)
            return loop.time() - began

        times = await asyncio.gather(*(seconds(path) for path in paths.values()))

        assert min(times) >= 0.150


async def asked_once(door: Door, path: str) -> Reply:
    async with door.connected() as wire:
        await wire.send(sent("GET", path))
        return await wire.reply()


@pytest.mark.parametrize("asks_for_logins", [False, True], ids=["no logins", "logins"])
async def test_a_refusal_costs_the_same_look_ups_whatever_is_in_the_cache(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    asks_for_logins: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A thread that had nothing to do shows in the time of an answer, though all wait for the same moment."""
    looked_up: list[str] = []
    hot_bound = Storage.hot_bound

    async def counted(storage: Storage, kind: str, text: str, parameters: tuple[Any, ...]) -> list[Any]:
        if "dead_token" not in text:  # asked by the monitor, once for each token
            looked_up.append(text)
        return await hot_bound(storage, kind, text, parameters)

    async with open_door(data, login=LoginSettings(ask=True) if asks_for_logins else None) as door:
        paths = await fill(door)
        cases = ["unknown MAC", "locked", "not armed", "strict tenant", "provisioned, settled"]
        cases += [] if asks_for_logins else ["wrong token", "wrong token, unknown MAC", "token of another device"]
        headers = {"Authorization": "Basic dXNlcjpndWVzcw=="} if asks_for_logins else {}
        for case in cases:
            await door.ask(paths[case], headers=headers)  # from now on everything that can be is in the cache

        monkeypatch.setattr(Storage, "hot_bound", counted)
        costs = {}
        for case in cases:
            await door.ask(paths[case], headers=headers)
            costs[case] = tuple(looked_up)
            looked_up.clear()

        assert len(set(costs.values())) == 1, costs
        assert all(costs.values())


async def test_a_refusal_is_noted_before_it_leaves(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done after an answer can be felt by who asks again at once, and an unknown MAC gives more to do."""
    async with open_door(data) as door:
        noted: list[int] = []
        wait = Ticket.wait

        def seen(ticket: Ticket) -> asyncio.Future[None]:
            noted.append(door.traffic.count)
            return wait(ticket)

        monkeypatch.setattr(Ticket, "wait", seen)
        before = door.traffic.count
        await asked_once(door, f"/{UNKNOWN}.cfg")

        assert noted == [before + 1]
        assert door.traffic.count == before + 1
