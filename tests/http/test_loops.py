"""The way in is the same on every event loop there is for it: uvloop's, where it is installed, and asyncio's."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.http.door import AGENT, MAC, PASSWORD, open_door, until
from tests.http.test_client_hello import HELLO
from tests.http.test_proxy_protocol import V2
from tests.http.tls import NAME, make, phone, settings_of
from tests.http.wire import request

OTHER, BANNED = "127.0.0.2", "127.0.0.3"
GET = request("GET", f"/{MAC}.cfg", headers={"User-Agent": AGENT})
# A process of its own, which can leave between any two steps of ours: 100 connections, each gone with its answer.
LEAVING = """
import select, socket, sys

for _ in range(10):
    lines = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(100)]
    for line in lines:
        line.sendall(sys.argv[2].encode())
    while lines:
        for line in select.select(lines, [], [])[0]:
            assert line.recv(1000).startswith(b"HTTP/1.1 404")
            line.close()
            lines.remove(line)
"""
Loop = Callable[[], asyncio.AbstractEventLoop]


def loops() -> dict[str, Loop]:
    """The loops there are on this machine; uvloop is an extra."""
    found: dict[str, Loop] = {"asyncio": asyncio.new_event_loop}
    if importlib.util.find_spec("uvloop"):
        found["uvloop"] = importlib.import_module("uvloop").new_event_loop
    return found


@pytest.mark.parametrize("loop", loops().values(), ids=loops().keys())
def test_phones_come_in_and_others_are_ended(data: Path, tmp_path: Path, loop: Loop) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(coming_in(data, tmp_path))


async def coming_in(data: Path, folder: Path) -> None:
    tls = settings_of(make(folder, NAME), handshake_s=0.3)
    async with open_door(data, tls=tls, proxy_protocol=(f"{OTHER}/32",), banned={BANNED}, idle_s=0.3) as door:
        await door.phone(await door.tenant("shop"))
        async with door.connected("tls", tls=phone()) as wire:
            await wire.send(GET)
            assert PASSWORD in (await wire.reply()).text
        async with door.connected("plain", source=OTHER) as wire:
            await wire.send(V2 + GET)
            assert (await wire.reply()).status == 404, "its password has gone to another network"

        for first in (b"", HELLO, HELLO[:40], b"GET / HTTP/1.1\r\n\r\n"):
            async with door.connected("tls") as wire:
                await wire.send(first)
                await wire.rest()
        async with door.connected("tls", source=BANNED) as wire:
            assert await wire.rest() == b""
        async with door.connected("tls") as wire:
            await wire.send(HELLO)
            await wire.some()  # the server's half of the handshake

        await until(lambda: door.capacity.open == 0)
        failures = ("timeout", "plain_http", "nothing_said", "closed", "failed")
        found = [door.count("handshake_failures_total", listener="tls", reason=reason) for reason in failures]
        assert found == [2, 1, 1, 1, 0]
        assert door.count("connections_total", listener="tls", outcome="banned") == 1
        assert {row["address"] for row in await door.requests()} == {"127.0.0.1", "192.0.2.7"}
        assert not [line for line in door.lines() if line["event"] == "arrival.failed"]


@pytest.mark.parametrize("loop", loops().values(), ids=loops().keys())
def test_who_leaves_with_its_answer_takes_no_room_any_more(data: Path, loop: Loop) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(leaving(data))


async def leaving(data: Path) -> None:
    async with open_door(data, idle_s=3600) as door:  # nothing but their leaving ends these connections
        client = await asyncio.create_subprocess_exec(sys.executable, "-c", LEAVING, str(door.port), GET.decode())

        assert await client.wait() == 0
        await until(lambda: door.capacity.open == 0)
