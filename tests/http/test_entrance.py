"""Who is let in: bans, places, PROXY headers and deadlines, before anything is known about a request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from provserver.settings import ConnectionSettings
from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door, until
from tests.http.test_client_hello import HELLO
from tests.http.test_proxy_protocol import IPV4, V1, V2, version_2
from tests.http.tls import NAME, Pair, make, phone, settings_of
from tests.http.wire import LIMIT_S, Wire, request

STALLED = 500
LOOPBACK = "127.0.0.0/8"
OTHER = "127.0.0.2"  # as good an address of ours as the usual one
GET = request("GET", f"/{MAC}.cfg", headers={"User-Agent": AGENT})


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The server's certificate."""
    return make(tmp_path_factory.mktemp("keys"), NAME)


@asynccontextmanager
async def behind_proxy(data: Path, pair: Pair, **settings: Any) -> AsyncIterator[Door]:  # noqa: ANN401 - what open_door takes
    """A door for which everybody on this machine is a proxy, and an armed phone."""
    async with open_door(data, tls=settings_of(pair), proxy_protocol=(LOOPBACK,), **settings) as door:
        await door.phone(await door.tenant("shop"))
        yield door


async def served(wire: Wire) -> bool:
    """Whether the phone is given its file."""
    await wire.send(GET)
    return PASSWORD in (await wire.reply()).text


def proxied(address: str) -> bytes:
    """A header that names *address*."""
    family, other = ("TCP6", "::1") if ":" in address else ("TCP4", "127.0.0.1")
    return f"PROXY {family} {address} {other} 40000 443\r\n".encode()


@asynccontextmanager
async def holding(door: Door, *addresses: str) -> AsyncIterator[list[Wire]]:
    """Connections of clients at *addresses*, which have come in and say nothing more."""
    async with AsyncExitStack() as stack:
        wires = []
        for address in addresses:
            wires.append(await stack.enter_async_context(door.connected("plain")))
            await wires[-1].send(proxied(address))
        await until(lambda: door.capacity.open == len(addresses))
        yield wires
    await until(lambda: door.capacity.open == 0)


async def turned_away(door: Door, address: str, reason: str) -> bool:
    """Whether a client at *address* finds no place, and that is counted under *reason*."""
    before = door.count("connections_total", outcome=reason)
    async with door.connected("plain") as wire:
        with suppress(ConnectionError):  # cut off before it has spoken: not even the proxy finds a place
            await wire.send(proxied(address) + request("GET", "/x"))
        said = await wire.rest()
    return not said and door.count("connections_total", outcome=reason) == before + 1


async def answered(door: Door, address: str) -> bool:
    """Whether a client at *address* gets an answer, whatever it is."""
    async with door.connected("plain") as wire:
        await wire.send(proxied(address) + request("GET", "/x"))
        return (await wire.reply()).status == 404


async def test_who_is_banned_while_it_comes_in_is_cut_off_before_it_is_answered(data: Path) -> None:
    """One that has come in and waits with its first word is not yet among the open connections that are closed."""
    banned: set[str] = set()
    async with open_door(data, banned=banned) as door, door.connected(source=OTHER) as wire:
        await until(lambda: door.capacity.open == 1)
        banned.add(OTHER)

        with suppress(ConnectionError):
            await wire.send(GET)
        said = b""
        with suppress(ConnectionError):
            said = await wire.rest()

        assert said == b""
        await until(lambda: door.capacity.open == 0)
        assert door.count("connections_total", outcome="banned") == 1
        assert door.count("connections_total", outcome="admitted") == 0


async def test_who_is_banned_is_cut_off_before_anything_is_read(data: Path, pair: Pair) -> None:
    async with open_door(data, tls=settings_of(pair), banned={OTHER}) as door:
        await door.phone(await door.tenant("shop"))
        for entrance in ("plain", "tls"):
            async with door.connected(entrance, source=OTHER) as wire:
                assert await wire.rest() == b""
            assert door.count("connections_total", listener=entrance, outcome="banned") == 1

        async with door.connected("tls", tls=phone()) as wire:
            assert await served(wire), "others are not"
        assert [line["event"] for line in door.lines()][:1] == ["connection.refused"]
        assert door.count("connections_total", outcome="banned") == 2


async def test_a_ban_holds_behind_a_proxy(data: Path, pair: Pair) -> None:
    async with behind_proxy(data, pair, banned={"192.0.2.7"}) as door:
        assert await turned_away(door, "192.0.2.7", "banned")
        assert await turned_away(door, "::ffff:192.0.2.7", "banned"), "however it is written"
        assert await answered(door, "192.0.2.8")


async def test_one_address_has_only_its_own_places(data: Path, pair: Pair) -> None:
    async with (
        behind_proxy(data, pair, connections=ConnectionSettings(per_address=3)) as door,
        holding(door, *["192.0.2.7"] * 3),
    ):
        assert await turned_away(door, "192.0.2.7", "address_full")
        assert await answered(door, "192.0.2.8")


async def test_one_ipv6_network_has_only_its_own_places(data: Path, pair: Pair) -> None:
    async with (
        behind_proxy(data, pair, connections=ConnectionSettings(per_network=3)) as door,
        holding(door, "2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"),
    ):
        assert await turned_away(door, "2001:db8::4", "network_full")
        assert await answered(door, "2001:db8:0:1::4")


async def test_strangers_leave_places_to_addresses_where_phones_are_known(data: Path, pair: Pair) -> None:
    places = ConnectionSettings(total=16, known_share=0.25)
    async with behind_proxy(data, pair, connections=places) as door:
        async with door.connected("plain") as wire:
            await wire.send(proxied("198.51.100.1"))
            assert await served(wire)
        await until(lambda: door.capacity.open == 0)

        async with holding(door, *(f"192.0.2.{number}" for number in range(12))):
            assert await turned_away(door, "192.0.2.200", "server_full")
            assert await answered(door, "198.51.100.1")

        async with holding(door, *["198.51.100.1"] * 16):
            assert await turned_away(door, "198.51.100.1", "server_full"), "the total holds for everybody"


async def test_places_are_given_back_however_a_connection_ends(data: Path, pair: Pair) -> None:
    async with open_door(data, tls=settings_of(pair, handshake_s=0.2), idle_s=0.2) as door:
        await door.phone(await door.tenant("shop"))
        for first in (b"", GET, b"SSH-2.0-x\r\n", HELLO, HELLO[:50], b"\x16"):
            for entrance in ("plain", "tls"):
                async with door.connected(entrance) as wire:
                    await wire.send(first)
                    await wire.rest()
        async with door.connected("tls", tls=phone()) as wire:
            assert await served(wire)

        await until(lambda: door.capacity.open == 0)
        assert door.capacity._taken == {}
        assert door.capacity._strangers == 0


@pytest.mark.parametrize("header", [V1, V2], ids=["version 1", "version 2"])
@pytest.mark.parametrize("pieces", [1, 0], ids=["at once", "byte by byte"])
async def test_who_is_behind_a_proxy_is_said_by_its_header(data: Path, pair: Pair, header: bytes, pieces: int) -> None:
    async with behind_proxy(data, pair) as door, door.connected("plain") as wire:
        for at in range(0, len(header), len(header) if pieces else 1):
            await wire.send(header[at:] if pieces else header[at : at + 1])
            await asyncio.sleep(0)

        assert await served(wire)
        await until(lambda: door.traffic.count == 1)
        assert [row["address"] for row in await door.requests()] == ["192.0.2.7"]
        assert door.last_line()["address"] == "192.0.2.7"


@pytest.mark.parametrize("header", [V1, V2, proxied("2001:db8::7")], ids=["version 1", "version 2", "IPv6"])
async def test_tls_may_come_behind_the_header(data: Path, pair: Pair, header: bytes) -> None:
    async with behind_proxy(data, pair) as door:
        reader, writer = await asyncio.open_connection(*door.addresses["tls"])
        writer.write(header)
        await writer.start_tls(phone(), server_hostname=NAME)
        wire = Wire(reader, writer)

        assert await served(wire)
        writer.transport.abort()
        await until(lambda: door.traffic.count == 1)
        (row,) = await door.requests()
        assert row["address"] == ("2001:db8::7" if b"TCP6" in header else "192.0.2.7")
        assert row["tls_version"] == "TLSv1.3"


async def test_a_proxy_that_speaks_for_itself_is_the_client(data: Path, pair: Pair) -> None:
    async with behind_proxy(data, pair) as door, door.connected("plain") as wire:
        await wire.send(version_2(command=0x20, block=IPV4))

        assert await served(wire)
        await until(lambda: door.traffic.count == 1)
        assert [row["address"] for row in await door.requests()] == ["127.0.0.1"]


@pytest.mark.parametrize("first", [GET, b"PROXY TCP4 evil\r\n" + GET, HELLO], ids=["none", "a broken one", "TLS"])
@pytest.mark.parametrize("entrance", ["plain", "tls"])
async def test_a_proxy_without_a_header_is_cut_off(data: Path, pair: Pair, first: bytes, entrance: str) -> None:
    """Fail closed: else whoever gets a proxy to leave it out would be the proxy."""
    async with behind_proxy(data, pair) as door, door.connected(entrance) as wire:
        await wire.send(first)

        assert await wire.rest() == b""
        assert door.count("handshake_failures_total", listener=entrance, reason="no_proxy_header") == 1
        assert await door.requests() == []


@pytest.mark.parametrize("header", [V1, V2], ids=["version 1", "version 2"])
async def test_nobody_else_may_send_a_header(data: Path, pair: Pair, header: bytes) -> None:
    async with open_door(data, tls=settings_of(pair), proxy_protocol=("192.0.2.0/24",)) as door:
        await door.phone(await door.tenant("shop"))
        async with door.connected("plain") as wire:
            await wire.send(header + GET)
            assert b" 400 " in (await wire.rest())[:20]
        async with door.connected("tls") as wire:
            await wire.send(header + HELLO)
            assert await wire.rest() == b""

        assert door.count("handshake_failures_total", listener="tls", reason="not_tls") == 1
        assert await door.requests() == []


async def stall(door: Door, number: int) -> None:
    """Come in, go as far as *number* says, and wait until we are cut off."""
    said = (b"", HELLO[:1], HELLO[:100], HELLO)[number % 4]  # the last one waits with its half of the handshake
    async with door.connected("tls", source=OTHER) as wire:
        await wire.send(said)
        await wire.rest()


async def test_phones_are_served_while_handshakes_stall_and_those_are_ended(data: Path, pair: Pair) -> None:
    limit_s = 2.0
    async with open_door(data, tls=settings_of(pair, handshake_s=limit_s)) as door:
        await door.phone(await door.tenant("shop"))
        async with asyncio.timeout(10 * limit_s), asyncio.TaskGroup() as tasks:
            for number in range(STALLED):
                tasks.create_task(stall(door, number), name="stalled")
            await until(lambda: door.capacity.open == STALLED)

            for _ in range(20):
                async with door.connected("tls", tls=phone()) as wire:
                    assert await served(wire)

        await until(lambda: door.capacity.open == 0)
        assert door.count("handshake_failures_total", listener="tls", reason="timeout") == STALLED * 3 / 4
        assert door.count("handshake_failures_total", listener="tls", reason="nothing_said") == STALLED / 4
        assert len(door.lines()) < 50, "one line for an address in a while"


async def test_a_hello_that_drips_ends_with_the_time_for_handshakes(data: Path, pair: Pair) -> None:
    async with open_door(data, tls=settings_of(pair, handshake_s=0.3)) as door, door.connected("tls") as wire:
        async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
            drip = tasks.create_task(dripping(wire), name="drip")
            assert await wire.rest() == b""
            drip.cancel()

        await until(lambda: door.count("handshake_failures_total", listener="tls", reason="timeout") == 1)


async def dripping(wire: Wire) -> None:
    for byte in HELLO:
        try:
            await wire.send(bytes([byte]))
        except ConnectionError:
            return
        await asyncio.sleep(0.02)


async def test_renegotiation_is_not_done(data: Path, pair: Pair) -> None:
    """It would be a handshake without a deadline, as often as a stranger likes."""
    async with open_door(data, tls=settings_of(pair)) as door:
        assert door.contexts is not None
        for context in (door.contexts._loaded.asking, door.contexts._loaded.unasking, door.contexts._loaded.legacy):
            assert context.options & ssl.OP_NO_RENEGOTIATION
            assert context.options & ssl.OP_NO_COMPRESSION
