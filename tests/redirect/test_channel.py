"""The way out: who may be spoken to, what is believed of an answer, what is tried again, and what never shows."""

from __future__ import annotations

import gzip
import ssl
from functools import partial
from pathlib import Path

import pytest

from provserver.domain.endpoint import check_endpoint
from provserver.errors import AccountRefused, InvalidValue, ServiceUnreachable
from provserver.outbound.http import Limits, Outside, Request
from provserver.outbound.trust import trusting
from provserver.redirect.channel import Channel
from provserver.redirect.pace import Pace
from tests.certificates import self_signed
from tests.clocks import FakeClock
from tests.redirect.loopback import RESET, STALL, answer, loopback

PASSWORD = "Basic dXNlcjpwYTU1"


def post(url: str) -> Request:
    return Request(method="POST", url=url, headers={"Authorization": PASSWORD}, body=b"a password")


async def test_an_answer_comes_back_whole_and_says_who_asked(channel: Channel) -> None:
    async with loopback(answer("yes", headers=["X-Page: 2"])) as service:
        reply = await channel.send(lambda: post(f"{service.url}/api?a=b%20c"))

    assert (reply.status, reply.body, reply.headers["x-page"]) == (200, b"yes", "2")
    (received,) = service.requests
    assert (received.method, received.target, received.body) == ("POST", "/api?a=b%20c", b"a password")
    assert received.headers["user-agent"].startswith("provserver/")


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (RESET, "it closed the connection"),
        (answer(status="500 Oops"), "it answers 500"),
        (answer(status="503 Busy"), "it answers 503"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf", "its answer broke off"),
        (b"220 smtp.example.com ESMTP\r\n\r\n", "its answer is no HTTP"),
        (answer("x" * 100_001), "its answer is larger than 100000 bytes"),
    ],
)
async def test_a_blip_is_tried_again_and_what_stays_is_said(channel: Channel, bad: bytes, problem: str) -> None:
    async with loopback(bad, bad, answer("yes")) as service:
        assert (await channel.send(lambda: post(service.url))).body == b"yes"
        assert len(service.requests) == 3

    async with loopback(bad) as service:
        with pytest.raises(ServiceUnreachable) as told:
            await channel.send(lambda: post(service.url))
        assert (str(told.value), len(service.requests)) == (problem, 3)


async def test_who_does_not_answer_is_given_up(clock: FakeClock) -> None:
    outside = Outside(
        limits=Limits(connect_s=5, call_s=0.05, reply_bytes=10),
        clock=clock,
        trust=ssl.create_default_context,
        connections=2,
    )
    counted: list[str] = []
    channel = Channel(
        outside,
        pace=Pace(per_s=9, burst=9, clock=clock),
        clock=clock,
        counted=lambda result, _seconds: counted.append(result),
    )
    async with loopback(STALL) as service:
        with pytest.raises(ServiceUnreachable, match="in time"):
            await channel.send(lambda: post(service.url))
    await outside.close()

    assert set(counted) == {"timed_out"}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120", 120.0),
        ("Retry-After: Thu, 09 Oct 2025 08:54:20 GMT", 60.0),
        ("Retry-After: soon", None),
        ("X-Other: 1", None),
    ],
)
async def test_a_service_says_how_long_it_wants_to_be_left_alone(
    channel: Channel, header: str, seconds: float | None
) -> None:
    async with loopback(answer(status="429 Slow down", headers=[header])) as service:
        with pytest.raises(ServiceUnreachable) as told:
            await channel.send(lambda: post(service.url))

    assert told.value.retry_after_s == seconds
    assert len(service.requests) == (1 if seconds else 3)


async def test_a_redirect_is_not_followed(channel: Channel) -> None:
    async with loopback(answer("mine")) as thief:
        moved = answer(status="302 Found", headers=[f"Location: {thief.url}/"])
        async with loopback(moved) as service:
            with pytest.raises(ServiceUnreachable, match="redirect, which is not followed"):
                await channel.send(lambda: post(service.url))

    assert thief.requests == []


async def test_each_try_is_made_anew(channel: Channel) -> None:
    nonces = iter("abc")
    async with loopback(RESET, answer()) as service:
        await channel.send(lambda: Request(method="GET", url=f"{service.url}/{next(nonces)}"))

    assert [received.target for received in service.requests] == ["/a", "/b"]


async def test_a_packed_answer_is_not_unpacked(channel: Channel) -> None:
    bomb = gzip.compress(bytes(1_000_000))
    async with loopback(answer(bomb, headers=["Content-Encoding: gzip"])) as service:
        reply = await channel.send(lambda: post(service.url))

    assert reply.body == bomb
    assert service.requests[0].headers["accept-encoding"] == "identity"


async def test_a_certificate_is_believed_only_from_those_who_are_named(clock: FakeClock, tmp_path: Path) -> None:
    context, trust = self_signed(tmp_path)
    async with loopback(answer("yes"), tls=context) as service:
        for authorities, believed in ((None, False), (trust, True)):
            outside = Outside(
                limits=Limits(connect_s=5, call_s=5, reply_bytes=10),
                clock=clock,
                trust=partial(trusting, authorities, setting="x.authorities"),
                connections=2,
            )
            channel = Channel(outside, pace=Pace(per_s=9, burst=9, clock=clock), clock=clock)
            if believed:
                assert (await channel.send(lambda: post(service.url))).body == b"yes"
            else:
                with pytest.raises(ServiceUnreachable, match="certificate is not believed"):
                    await channel.send(lambda: post(service.url))
            await outside.close()
        assert len(service.requests) == 1


@pytest.mark.parametrize("bad", [RESET, answer(status="500 Oops"), b"HTTP/9 junk\r\n\r\n", b"\xff\xff"])
async def test_nothing_that_was_sent_is_in_an_error(channel: Channel, bad: bytes) -> None:
    async with loopback(bad) as service:
        with pytest.raises(ServiceUnreachable) as told:
            await channel.send(lambda: post(f"{service.url}/t0ken"))

    error: BaseException | None = told.value
    while error is not None:
        assert "dXNlcjpwYTU1" not in repr(error)
        assert "t0ken" not in repr(error)
        error = error.__cause__  # a library's own would carry the request with its headers
    assert "t0ken" not in repr(post("https://x/t0ken"))
    assert "dXNlcjpwYTU1" not in repr(post("https://x/t0ken"))


async def test_who_is_not_let_in_is_told_in_the_makers_words(channel: Channel) -> None:
    async with loopback(answer("bad\nlogin\x1b[2J", status="401 No")) as service:
        reply = await channel.send(lambda: post(service.url))

    with pytest.raises(AccountRefused) as told:
        reply.demand_ok()
    assert str(told.value) == "it answers 401 bad login\\x1b[2J"


@pytest.mark.parametrize(
    "url", ["https://api.example.com/x", "https://[2001:db8::1]:8443/", "http://127.0.0.1:80/", "http://[::1]/"]
)
def test_an_endpoint_is_https_or_here(url: str) -> None:
    check_endpoint(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1:80@example.com/",
        "http://localhost.example.com:80/",
        "ftp://127.0.0.1/",
        "https://",
        "api.example.com",
        "https://user:pw@api.example.com/",
    ],
)
async def test_nothing_goes_over_a_wire_in_clear(channel: Channel, url: str) -> None:
    with pytest.raises(InvalidValue):
        await channel.send(lambda: post(url))
