"""One call out by HTTP: whose answer is read, how much of it, where it goes, and what of it may be repeated."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest

from provserver.errors import InvalidValue, PeerError
from provserver.outbound.http import Limits, Outside, Request
from tests.clocks import FakeClock
from tests.redirect.loopback import RESET, STALL, answer, loopback


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def outside(clock: FakeClock) -> AsyncIterator[Outside]:
    outside = Outside(
        limits=Limits(connect_s=5, call_s=10, reply_bytes=1_000),
        clock=clock,
        trust=ssl.create_default_context,
        connections=2,
    )
    yield outside
    await outside.close()


def post(url: str) -> Request:
    return Request(method="POST", url=url, body=b"what is sent")


@pytest.mark.parametrize("status", ["200 OK", "404 No", "429 Slow down", "500 Oops", "302 Found"])
async def test_any_status_is_an_answer_and_nobody_follows_it(outside: Outside, status: str) -> None:
    async with loopback(answer("mine")) as thief:
        async with loopback(answer("x", status=status, headers=[f"Location: {thief.url}/"])) as service:
            reply = await outside.exchange(post(f"{service.url}/hook"))

        assert thief.requests == []
    assert (reply.status, reply.body) == (int(status[:3]), b"x")
    assert (reply.ok, reply.is_redirect) == (status == "200 OK", status == "302 Found")
    (received,) = service.requests
    assert (received.method, received.target, received.body) == ("POST", "/hook", b"what is sent")
    assert received.headers["user-agent"].startswith("provserver/")


async def test_an_answer_is_read_to_its_limit_and_only_where_it_is_wanted(outside: Outside) -> None:
    async with loopback(answer("x" * 1_001)) as service:
        with pytest.raises(PeerError, match="larger than 1000 bytes"):
            await outside.exchange(post(service.url))
        reply = await outside.exchange(post(service.url), read=False)

    assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize(
    ("bad", "problem", "result"),
    [
        (RESET, "it closed the connection", "unreachable"),
        (STALL, "it does not answer in time", "timed_out"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf",
            "its answer broke off",
            "unreachable",
        ),
        (b"220 smtp.example.com ESMTP\r\n\r\n", "its answer is no HTTP", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "its answer is no HTTP", "unreachable"),
    ],
)
async def test_what_is_no_answer_is_one_error_without_what_was_sent(
    clock: FakeClock, bad: bytes, problem: str, result: str
) -> None:
    limits = Limits(connect_s=5, call_s=0.2 if bad == STALL else 10, reply_bytes=1_000)
    outside = Outside(limits=limits, clock=clock, trust=ssl.create_default_context, connections=2)
    counted: list[str] = []
    async with loopback(bad) as service:
        with pytest.raises(PeerError) as told:
            await outside.exchange(
                post(f"{service.url}/t0ken"), counted=lambda result, _seconds: counted.append(result)
            )
        assert len(service.requests) == 1, "nothing is tried again here"
    await outside.close()

    assert (str(told.value), counted) == (problem, [result])
    assert told.value.__cause__ is None  # a library's own would carry the request with its headers
    assert "t0ken" not in repr(told.value)


async def test_who_is_away_is_one_error(outside: Outside) -> None:
    with pytest.raises(PeerError, match="it cannot be connected to"):
        await outside.exchange(post("http://127.0.0.1:1/t0ken"))


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "http://127.0.0.1@192.0.2.1/", "http://localhost /", "ftp://::1/"]
)
async def test_nothing_goes_over_a_wire_in_clear(outside: Outside, url: str) -> None:
    counted: list[str] = []

    with pytest.raises(InvalidValue):
        await outside.exchange(post(url), counted=lambda result, _seconds: counted.append(result))

    assert counted == []


async def test_the_environment_has_no_say(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback(answer("proxy")) as proxy, loopback(answer("yes")) as service:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)

        reply = await outside.exchange(post(service.url))

    assert (reply.body, proxy.requests) == (b"yes", [])


async def test_what_a_receiver_wants_to_be_remembered_is_not(outside: Outside) -> None:
    async with loopback(answer("x", headers=["Set-Cookie: a=b"])) as service:
        await asyncio.gather(*(outside.exchange(post(service.url)) for _ in range(2)))
        await outside.exchange(post(service.url))

    assert all("cookie" not in received.headers for received in service.requests)
