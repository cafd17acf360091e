"""Whose request it is: the connection's own address, unless a trusted proxy says otherwise."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.http.addresses import ClientAddress, canonical
from provserver.storage.tables import DELIVERY
from tests.clocks import MINUTE_MS
from tests.http.door import MAC, PASSWORD, open_door, until
from tests.http.wire import request

PROXY, SECOND_PROXY, CLIENT, FORGED = "10.0.0.1", "10.0.0.2", "192.0.2.7", "203.0.113.99"
TRUSTED = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:ffff::/48")]
RESOLVER = ClientAddress(TRUSTED)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (PROXY, [CLIENT], CLIENT),
        (PROXY, [f"{FORGED}, {CLIENT}"], CLIENT),
        (PROXY, [FORGED, CLIENT], CLIENT),  # several header lines are one list
        (PROXY, [f"{FORGED}, {CLIENT}", SECOND_PROXY], CLIENT),
        (PROXY, [f"{CLIENT},{SECOND_PROXY}"], CLIENT),
        (PROXY, [f" {CLIENT} ,  {SECOND_PROXY} "], CLIENT),
        (PROXY, [f"{FORGED}, {CLIENT}, {SECOND_PROXY}, 10.9.9.9"], CLIENT),
        (PROXY, [f"{PROXY}, {SECOND_PROXY}"], PROXY),  # nobody but proxies: the one that began it
        (PROXY, [], PROXY),
        (PROXY, [""], PROXY),
        (PROXY, [CLIENT, ""], PROXY),
        (PROXY, ["unknown"], PROXY),
        (PROXY, [f"{CLIENT}, _hidden"], PROXY),
        (PROXY, [f"{CLIENT}, garbage, {SECOND_PROXY}"], SECOND_PROXY),  # the proxy that passed garbage on
        (PROXY, [f"{CLIENT};drop table"], PROXY),
        (PROXY, ["999.0.0.1"], PROXY),
        (PROXY, ["192.0.2"], PROXY),
        (PROXY, ["1" * 5_000], PROXY),
        (CLIENT, [FORGED], CLIENT),  # who connects directly is believed nothing
        (CLIENT, [PROXY], CLIENT),
        ("2001:db8::7", [FORGED], "2001:db8::7"),
        ("", [FORGED], ""),
    ],
)
def test_proxies_are_believed_from_the_right(peer: str, forwarded: Sequence[str], client: str) -> None:
    assert RESOLVER.resolve(peer, forwarded) == client


@pytest.mark.parametrize(
    ("entry", "client"),
    [
        ("192.0.2.7:4711", CLIENT),
        ('"192.0.2.7:4711"', CLIENT),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0:0:0:0:0:7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ('"[2001:db8::7]:4711"', "2001:db8::7"),
        ("2001:db8::7%eth0", "2001:db8::7"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:192.0.2.7", CLIENT),
        ("[::ffff:192.0.2.7]:4711", CLIENT),
        ("::ffff:c000:207", CLIENT),
        ("::1", "::1"),
        ("[::1", "::1"),
        ("2001:db8:ffff::1", "2001:db8:ffff::1"),
    ],
)
def test_an_entry_is_read_in_every_notation(entry: str, client: str) -> None:
    assert RESOLVER.resolve(PROXY, [entry]) == client


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        ("::ffff:10.0.0.1", CLIENT),  # a proxy that reaches us through a socket for both families
        ("2001:db8:ffff::1", CLIENT),
        ("2001:db8:ffff::1%eth0", CLIENT),
        ("2001:db8:fffe::1", "2001:db8:fffe::1"),
    ],
)
def test_a_proxy_is_known_in_every_notation(peer: str, client: str) -> None:
    assert RESOLVER.resolve(peer, [CLIENT]) == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert ClientAddress([]).resolve(PROXY, [CLIENT]) == PROXY


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:0DB8::0007", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_an_address_has_one_text(address: str, text: str) -> None:
    assert canonical(address) == text


ENTRIES = (
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map("[{}]:80".format)
    | st.sampled_from(["", " ", ":", "[", "]", "[]", "%", "::", "1.2.3.4:", '"', "unknown", "\udcff", "\u0661.1.1.1"])
    | st.text(st.characters(), max_size=12)
)


@given(
    peer=st.ip_addresses().map(str) | st.text(max_size=8) | st.just(PROXY),
    forwarded=st.lists(st.lists(ENTRIES, max_size=4).map(",".join), max_size=3),
)
def test_whatever_is_forwarded_there_is_an_address(peer: str, forwarded: list[str]) -> None:
    """The answer is the peer or an address; and the peer, unless it is trusted."""
    client = RESOLVER.resolve(peer, forwarded)

    if client == canonical(peer):
        return
    assert str(ipaddress.ip_address(client)) == client
    assert any(ipaddress.ip_address(canonical(peer)) in network for network in TRUSTED)


@given(left=st.text(st.characters(exclude_characters=","), max_size=40), client=st.ip_addresses(v=4))
def test_what_the_client_writes_on_the_left_changes_nothing(left: str, client: ipaddress.IPv4Address) -> None:
    believed = RESOLVER.resolve(PROXY, [f"{client}"])

    if client not in TRUSTED[0]:
        assert RESOLVER.resolve(PROXY, [f"{left}, {client}"]) == believed == str(client)


async def test_the_request_log_has_the_address_that_the_proxy_saw(data: Path) -> None:
    async with open_door(data, trusted_proxies="127.0.0.0/8") as door:
        await door.phone(await door.tenant("shop"))
        async with door.connected() as wire:
            lines = request("GET", f"/{MAC}.cfg").removesuffix(b"\r\n")
            await wire.send(lines + b"X-Forwarded-For: 203.0.113.99\r\nX-Forwarded-For: 192.0.2.7, 127.0.0.2\r\n\r\n")
            assert (await wire.reply()).status == 200
            await until(lambda: door.traffic.count == 1)

        (row,) = await door.requests()
        assert row["address"] == CLIENT
        assert door.last_line()["address"] == CLIENT
        (delivery,) = await door.rows(DELIVERY)
        assert delivery["address"] == CLIENT


async def test_a_direct_client_cannot_choose_its_address(data: Path) -> None:
    """Or it would choose the network that a device has just been booted from."""
    async with open_door(data, trusted_proxies="10.0.0.0/8") as door:
        device = await door.phone(await door.tenant("shop"))

        for headers in ({"X-Forwarded-For": CLIENT}, {"Forwarded": f"for={CLIENT}"}, {"X-Real-IP": CLIENT}):
            assert (await door.ask(f"/{MAC}.cfg", headers=headers)).status == 200

        assert {row["address"] for row in await door.requests()} == {"127.0.0.1"}
        assert (await door.device(device)).provisioned_prefix == "127.0.0.0/24"


async def test_settling_goes_by_the_address_behind_the_proxy(data: Path) -> None:
    async with open_door(data, trusted_proxies="127.0.0.1") as door:
        await door.phone(await door.tenant("shop"))
        path = f"/{MAC}.cfg"
        assert (await door.ask(path, headers={"X-Forwarded-For": CLIENT})).status == 200
        door.clock.advance_ms(MINUTE_MS)

        assert (await door.ask(path, headers={"X-Forwarded-For": f"{CLIENT}, 203.0.113.99"})).status == 404
        assert (await door.ask(path)).status == 404, "the proxy itself is another network"
        assert (await door.ask(path, headers={"X-Forwarded-For": f"203.0.113.99, {CLIENT}"})).status == 200


def has_ipv6() -> bool:
    """Whether this machine has a loopback address of IPv6; containers often have none."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
async def test_phones_are_served_over_ipv6(data: Path) -> None:
    async with open_door(data, host="::1") as door:
        device = await door.phone(await door.tenant("shop"))

        reply = await door.ask(f"/{MAC}.cfg")

        assert (reply.status, PASSWORD in reply.text) == (200, True)
        assert [row["address"] for row in await door.requests()] == ["::1"]
        assert (await door.device(device)).provisioned_prefix == "::/56"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
async def test_a_proxy_may_come_over_ipv6(data: Path) -> None:
    async with open_door(data, host="::1", trusted_proxies="::1/128") as door:
        device = await door.phone(await door.tenant("shop"))

        await door.ask(f"/{MAC}.cfg", headers={"X-Forwarded-For": "[2001:db8:1:2ff::7]:4711"})

        assert [row["address"] for row in await door.requests()] == ["2001:db8:1:2ff::7"]
        assert (await door.device(device)).provisioned_prefix == "2001:db8:1:200::/56"
