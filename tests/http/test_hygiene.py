"""Whatever arrives: a fixed answer, nothing of it said back or logged, and no connection held for ever."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door, until
from tests.http.junk import HOSTILE, MALFORMED, MARK, METHODS, ODD
from tests.http.wire import Reply, Wire, request, slow_socket

LINE_BYTES = 1_000
BAD_REQUEST = b"HTTP/1.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
REFUSED = b"404 Not Found\r\nContent-Length: 0\r\n\r\n"
NOT_ALLOWED = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, PUT, POST\r\nContent-Length: 0\r\n\r\n"
SLOW_S = 30


@asynccontextmanager
async def bothered(data: Path) -> AsyncIterator[Door]:
    """A door with a device that gets nothing, and a device that does."""
    async with open_door(data, idle_s=0.2) as door:
        tenant = await door.tenant("shop")
        await door.phone(tenant, arm=False)
        yield door
        written(door)


def written(door: Door) -> None:
    """What was logged is lines, each short, and nothing in them is a stranger's to choose."""
    door.lines()  # each is JSON by itself
    output = door.output.getvalue()
    assert output.isascii() or output.decode().replace("\n", "").isprintable()
    assert max(map(len, output.splitlines()), default=0) < LINE_BYTES
    assert not [line for line in door.lines() if line["event"] == "forged"]


async def answers(door: Door, junk: Mapping[str, bytes]) -> dict[str, bytes]:
    """All that comes back for each, until the connection ends, without the dates."""

    async def answer(content: bytes) -> bytes:
        async with door.connected() as wire:
            with suppress(ConnectionError):  # cut off before the end of it: the answer is there, or lost with it
                await wire.send(content)
            received = await wire.rest()
        return b"\r\n".join(line for line in received.split(b"\r\n") if not line.startswith(b"Date: "))

    return dict(zip(junk, await asyncio.gather(*map(answer, junk.values())), strict=True))


async def test_what_is_no_http_gets_one_fixed_answer_and_is_counted(data: Path) -> None:
    async with bothered(data) as door:
        found = await answers(door, MALFORMED)

        lost = {name for name, answer in found.items() if not answer}
        assert lost <= {"header without an end"}, "its answer may be lost while it is still sending"
        assert {name: answer for name, answer in found.items() if answer != BAD_REQUEST and name not in lost} == {}
        assert door.malformed() == len(MALFORMED)
        said = [(line["event"], line["reason"]) for line in door.lines()]
        assert said == [("handshake.failed", "tls_on_plain")], "counted; a line each would be a way to fill a disk"
        assert await door.requests() == []


async def test_hostile_paths_get_the_refusal_that_everybody_gets(data: Path) -> None:
    async with bothered(data) as door:
        found = await answers(door, HOSTILE)

        assert set(found.values()) == {b"HTTP/1.1 " + REFUSED}
        assert [line["reason"] for line in door.lines()] == ["hostile_path"] * len(HOSTILE)
        assert [row["reason"] for row in await door.requests()] == ["hostile_path"] * len(HOSTILE)
        assert MARK not in door.output.getvalue()
        assert not [row for row in await door.requests() if MARK.decode() in str(row)]


async def test_odd_requests_are_answered_like_any_other(data: Path) -> None:
    async with bothered(data) as door:
        found = await answers(door, ODD)

        assert {answer.partition(b" ")[2] for answer in found.values()} == {REFUSED}
        rows = await door.requests()
        assert len(rows) == len(ODD)
        assert {row["outcome"] for row in rows} == {"refused"}


async def test_other_methods_are_not_allowed(data: Path) -> None:
    async with bothered(data) as door:
        found = await answers(door, METHODS)

        assert set(found.values()) == {NOT_ALLOWED}
        assert {row["outcome"] for row in await door.requests()} == {"method_not_allowed"}
        assert MARK not in b"".join(found.values())


def fail(*_: object) -> None:
    message = "detail of ours"
    raise ZeroDivisionError(message)


async def test_no_answer_says_what_runs_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        own = f"/{door.lasting(device)}/{MAC}"
        tag = (await door.ask(f"{own}.cfg", method="HEAD")).header("ETag") or ""

        replies = [
            await door.ask(f"{own}.cfg"),
            await door.ask(f"{own}.cfg", method="HEAD"),
            await door.ask(f"{own}.cfg", headers={"If-None-Match": tag}),
            await door.ask(f"{own}.boot"),
            await door.ask(f"{own}-local.cfg", method="PUT", body=b"x"),
            await door.ask(f"{own}-local.cfg"),
            await door.ask(f"{own}-local.cfg", method="PUT", body=b"x", headers={"Content-Encoding": "gzip"}),
            await door.ask("/unknown"),
            await door.ask("/unknown", method="DELETE"),
            await malformed(door),
        ]
        monkeypatch.setattr(door.services.records, "cached", fail)
        replies.append(await door.ask(f"/{MAC}.cfg"))

        assert [reply.status for reply in replies] == [200, 200, 304, 200, 201, 200, 415, 404, 405, 400, 503]
        known = {"Allow", "Cache-Control", "Connection", "Content-Length", "Content-Type", "Date", "ETag"}
        known |= {"Last-Modified", "Retry-After"}
        assert {name for reply in replies for name, _ in reply.headers} <= known
        said = b"".join(reply.raw for reply in replies).lower()
        assert not [word for word in (b"aiohttp", b"python", b"provserver", b"server") if word in said]


async def malformed(door: Door) -> Reply:
    async with door.connected() as wire:
        await wire.send(MALFORMED["no host"])
        return await wire.reply()


async def test_a_mistake_of_ours_tells_a_stranger_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_door(data) as door:
        await door.phone(await door.tenant("shop"))
        monkeypatch.setattr(door.services.records, "cached", fail)

        reply = await door.ask(f"/{MAC}.cfg")

        assert (reply.status, reply.body, reply.header("Retry-After")) == (503, b"", "60")
        assert door.last_line()["outcome"] == "failed"
        (said,) = (line for line in door.lines() if line["event"] == "request.failed")
        assert said["problem"] == "ZeroDivisionError"


async def test_a_connection_that_says_nothing_is_closed(data: Path) -> None:
    async with open_door(data, idle_s=0.2) as door, door.connected() as wire:
        assert await wire.rest() == b""


async def test_a_connection_that_has_nothing_more_to_say_is_closed(data: Path) -> None:
    async with open_door(data, idle_s=0.2) as door, door.connected() as wire:
        await wire.send(request("GET", "/x"))
        assert (await wire.reply()).status == 404

        assert await wire.rest() == b""


@pytest.mark.parametrize("first", [b"", request("GET", "/x")], ids=["first request", "second request"])
async def test_a_head_that_drips_is_closed_however_steadily(data: Path, first: bytes) -> None:
    async with open_door(data, idle_s=0.2) as door, door.connected() as wire:
        if first:
            await wire.send(first)
            assert (await wire.reply()).status == 404

        async with asyncio.TaskGroup() as tasks:
            drip = tasks.create_task(dripping(wire, request("GET", "/" + "a" * 1_000)))
            assert await wire.rest() == b""
            drip.cancel()

        assert door.traffic.count == bool(first)


async def dripping(wire: Wire, content: bytes) -> None:
    for position in range(len(content)):
        try:
            await wire.send(content[position : position + 1])
        except ConnectionError:
            return
        await asyncio.sleep(0.02)  # a tenth of the limit: steady


async def test_pipelined_requests_are_answered_in_their_order(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        own = f"/{door.lasting(device)}/{MAC}"
        paths = [f"{own}.cfg", "/unknown", f"{own}.boot", f"{own}.cfg"] * 25
        methods = ["GET", "GET", "GET", "HEAD"] * 25
        expected = [
            (await door.ask(path, method=method)).undated for path, method in zip(paths[:4], methods, strict=False)
        ]

        async with door.connected() as wire:
            await wire.send(
                b"".join(request(m, p, headers={"User-Agent": AGENT}) for m, p in zip(methods, paths, strict=True))
            )
            got = [(await wire.reply(method)).undated for method in methods]

        assert got == expected * 25


async def test_a_thousand_pipelined_requests_keep_no_other_phone_waiting(data: Path) -> None:
    async with open_door(data) as door:
        await door.phone(await door.tenant("shop"))
        async with door.connected() as greedy:
            await greedy.send(request("GET", "/unknown") * 1_000)

            reply = await door.ask(f"/{MAC}.cfg")

            assert PASSWORD in reply.text
            assert door.traffic.count < 1_000


def unsent(door: Door) -> int:
    """Bytes that this process holds for slow readers."""
    lines = [connection.transport for connection in door.listener.server.watched]
    return sum(line.get_write_buffer_size() for line in lines if line is not None)


async def clogged(door: Door, notes: int) -> socket.socket:
    """A connection whose reader takes nothing: requests go in until an answer gets stuck on the way out."""
    device = await door.phone(await door.tenant("shop"), settings={f"raw.note.{n}": "x" * 2_000 for n in range(notes)})
    asked = request("GET", f"/{door.lasting(device)}/{MAC}.cfg", headers={"User-Agent": AGENT})
    assert (await door.ask(f"/{door.lasting(device)}/{MAC}.cfg")).status == 200
    loop, slow = asyncio.get_running_loop(), await slow_socket(door.host, door.port)
    done = door.traffic.count
    for number in range(1, 2_000):
        await loop.sock_sendall(slow, asked)
        await until(lambda n=number: door.traffic.count >= done + n or unsent(door) > 0)  # type: ignore[misc]
        if unsent(door):
            return slow
    pytest.fail("the system's buffers take everything")


@pytest.mark.parametrize("notes", [10, 150], ids=["a rest below the buffer's limit", "more than the buffer's limit"])
async def test_a_reader_that_takes_nothing_is_closed_in_time(data: Path, notes: int) -> None:
    async with open_door(data, slow_s=SLOW_S) as door:
        with await clogged(door, notes) as slow:
            door.clock.advance_ms(SLOW_S * 1_000 - 1)
            await asyncio.sleep(0.05)  # five looks of the watch: nothing is expected to happen
            assert len(door.listener.server.watched) == 1

            door.clock.advance_ms(2)

            await until(lambda: not door.listener.server.watched)
            await until(lambda: slow.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == bytes([7]))  # reset


async def test_a_reader_that_takes_nothing_is_not_held_beyond_its_idle_time(data: Path) -> None:
    """Closing politely would wait for it for ever."""
    async with open_door(data, slow_s=SLOW_S, idle_s=0.2) as door:
        with await clogged(door, 10):
            await until(lambda: unsent(door) == 0)  # idle: aiohttp has let go of it
            door.clock.advance_ms(SLOW_S * 1_000 + 1)

            await until(lambda: not door.listener.server.watched)


async def test_a_reader_that_is_slow_but_reads_gets_everything(data: Path) -> None:
    async with open_door(data, slow_s=SLOW_S) as door:
        with await clogged(door, 150) as slow:
            loop = asyncio.get_running_loop()
            while unsent(door):
                assert await loop.sock_recv(slow, 65_536)
            await until(lambda: not any(line._handling for line in door.listener.server.watched))

            door.clock.advance_ms(SLOW_S * 1_000 + 1)
            await asyncio.sleep(0.05)

            assert len(door.listener.server.watched) == 1, "it has taken its answers: nothing is late"


async def test_a_reader_that_is_slower_than_the_least_rate_is_closed(data: Path) -> None:
    """Taking a little now and then keeps nobody's connection."""
    async with open_door(data, slow_s=SLOW_S, least_rate=1_000_000) as door:
        with await clogged(door, 150) as slow:
            door.clock.advance_ms(SLOW_S * 1_000 + 1)  # what the buffers took may have been enough for the first window
            await asyncio.sleep(0.05)
            assert await asyncio.get_running_loop().sock_recv(slow, 65_536)

            door.clock.advance_ms(SLOW_S * 1_000 + 1)

            await until(lambda: not door.listener.server.watched)


async def test_who_takes_no_answers_is_not_given_more_of_them(data: Path) -> None:
    """Requests that go on coming neither fill the memory with their answers nor begin the time anew."""
    async with open_door(data, slow_s=SLOW_S) as door:
        with await clogged(door, 150) as slow:
            loop = asyncio.get_running_loop()
            handled = door.traffic.count
            with suppress(TimeoutError):  # nobody reads them any more
                async with asyncio.timeout(1):
                    while True:
                        await loop.sock_sendall(slow, request("GET", "/unknown") * 100)
            assert unsent(door) < 1_000_000
            assert door.traffic.count <= handled + 1

            door.clock.advance_ms(SLOW_S * 1_000 + 1)
            await asyncio.sleep(0.05)
            door.clock.advance_ms(SLOW_S * 1_000 + 1)

            await until(lambda: not door.listener.server.watched)


async def test_who_says_that_it_will_send_nothing_more_gets_its_answer(data: Path) -> None:
    async with open_door(data) as door:
        await door.phone(await door.tenant("shop"))
        async with door.connected() as wire:
            await wire.send(request("GET", f"/{MAC}.cfg", headers={"User-Agent": AGENT}))
            wire.end()

            assert PASSWORD in (await wire.reply()).text
            assert await wire.rest() == b""
