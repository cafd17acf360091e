"""Phones that ask by multicast or by address hear where their server is; nobody outside the network hears anything."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv4Interface

import pytest

from provserver.errors import ConfigurationError, InvalidValue
from provserver.identify import Catalogue
from provserver.services.requests.pnp import PnpUrls
from provserver.sip.interfaces import interface_of, usual_address
from provserver.sip.message import read_head
from provserver.sip.pnp import GROUP, Subscribe
from provserver.sip.responder import IN_ALL, PER_ADDRESS, PERIOD_S, Allowance, responding
from provserver.vendors import load_vendors
from tests.clocks import FakeClock
from tests.sip.questions import QUESTIONS, Question, wire

URL = "https://prov.example.com/"
CATALOGUE = Catalogue(load_vendors())
LOOPBACK = IPv4Interface("127.0.0.1/8")
LIMIT_S = 10.0  # for an answer on loopback; a failure takes that long
SILENCE_S = 0.2  # how long a test waits for what never comes


def multicast_works() -> bool:
    """Whether this machine carries multicast on its loopback interface."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending,
    ):
        try:
            listening.bind((GROUP, 0))
            membership = IPv4Address(GROUP).packed + LOOPBACK.ip.packed
            listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
            listening.settimeout(1)
            sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, LOOPBACK.ip.packed)
            sending.sendto(b"?", listening.getsockname())
            return listening.recv(1) == b"?"
        except OSError:
            return False


GROUPS = ["127.0.0.1", *([GROUP] if multicast_works() else [])]


class Phone(asyncio.DatagramProtocol):
    """A phone's socket: asks, and keeps what comes back and from where."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait((data, addr))


@asynccontextmanager
async def phone(host: str = "127.0.0.1") -> AsyncIterator[tuple[asyncio.DatagramTransport, Phone]]:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, LOOPBACK.ip.packed)
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(Phone, sock=sock)
    try:
        yield transport, protocol
    finally:
        transport.close()


@asynccontextmanager
async def server(
    group: str = "127.0.0.1", *, interface: IPv4Interface = LOOPBACK, url: str = URL, clock: FakeClock | None = None
) -> AsyncIterator[tuple[tuple[str, int], list[tuple[Subscribe, str, str]]]]:
    told: list[tuple[Subscribe, str, str]] = []
    async with responding(
        interface,
        group=IPv4Address(group),
        port=0,
        url_for=PnpUrls(CATALOGUE, url=url).url_for,
        told=lambda *answer: told.append(answer),
        clock=clock or FakeClock(),
    ) as address:
        yield address, told


async def ask(
    transport: asyncio.DatagramTransport, asking: Phone, at: tuple[str, int], question: Question
) -> tuple[bytes, bytes]:
    """The 200 and the NOTIFY that *question* gets."""
    host, port = transport.get_extra_info("sockname")
    transport.sendto(wire(question, host=host, port=port), at)
    async with asyncio.timeout(LIMIT_S):
        return (await asking.heard.get())[0], (await asking.heard.get())[0]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
async def test_a_phone_is_told_its_url(group: str, question: Question) -> None:
    async with server(group) as (address, told), phone() as (transport, asking):
        accepted, notified = await ask(transport, asking, address, question)

    assert address[0] == group
    assert read_head(accepted)[0] == "SIP/2.0 200 OK"
    assert notified.partition(b"\r\n\r\n")[2].decode() == question.told
    assert [(url, source) for _, url, source in told] == [(question.told, "127.0.0.1")]


@pytest.mark.parametrize("group", GROUPS)
async def test_answers_say_where_they_come_from(group: str) -> None:
    async with server(group) as (address, _), phone() as (transport, asking):
        transport.sendto(wire(QUESTIONS["snom"]), address)
        async with asyncio.timeout(LIMIT_S):
            (accepted, first), (notified, second) = await asking.heard.get(), await asking.heard.get()

    assert first == second
    for message in (accepted, notified):
        assert read_head(message)[1]["contact"] == f"<sip:{first[0]}:{first[1]}>"
    assert (first == address) is (group != GROUP)


async def test_nobody_outside_the_interfaces_network_is_answered() -> None:
    """Loopback has many addresses: 127.0.0.9 is a stranger where the network is 127.0.0.0/29."""
    async with (
        server(interface=IPv4Interface("127.0.0.1/29")) as (address, told),
        phone("127.0.0.9") as (stranger, deaf),
        phone("127.0.0.6") as (transport, asking),
    ):
        stranger.sendto(wire(QUESTIONS["snom"], host="127.0.0.6"), address)
        await ask(transport, asking, address, QUESTIONS["snom"])
        await asyncio.sleep(SILENCE_S)

        assert deaf.heard.empty()
        assert [source for *_, source in told] == ["127.0.0.6"]


async def test_what_is_no_question_is_met_with_silence() -> None:
    async with server() as (address, told), phone() as (transport, asking):
        transport.sendto(b"?", address)
        transport.sendto(b"\r\n\r\n", address)
        transport.sendto(wire(QUESTIONS["snom"], {"Event": "presence"}), address)
        transport.sendto(wire(QUESTIONS["snom"], {"Padding": "x" * 5000}), address)
        _, notified = await ask(transport, asking, address, QUESTIONS["snom"])

        assert URL.encode() in notified
        assert asking.heard.empty()
        assert len(told) == 1


async def test_a_phone_that_does_not_say_its_mac_gets_no_url_that_needs_one() -> None:
    async with server(url="http://192.0.2.1/{mac}.xml") as (address, told), phone() as (transport, asking):
        transport.sendto(wire(QUESTIONS["audiocodes"]), address)
        _, notified = await ask(transport, asking, address, QUESTIONS["snom"])

    assert notified.endswith(b"\r\n\r\nhttp://192.0.2.1/000413aabbcc.xml")
    assert len(told) == 1


async def test_whoever_asks_too_often_is_not_answered_for_a_while() -> None:
    clock = FakeClock()
    async with server(clock=clock) as (address, told), phone() as (transport, asking):
        for _ in range(PER_ADDRESS):
            await ask(transport, asking, address, QUESTIONS["snom"])
        transport.sendto(wire(QUESTIONS["snom"]), address)
        async with phone("127.0.0.2") as (other, patient):
            await ask(other, patient, address, QUESTIONS["snom"])
        assert len(told) == PER_ADDRESS + 1
        assert asking.heard.empty()

        clock.advance_ms(int(PERIOD_S * 1000))
        await ask(transport, asking, address, QUESTIONS["snom"])


def test_all_together_are_answered_so_often_and_no_more() -> None:
    clock = FakeClock()
    allowance = Allowance(clock)

    taken = [allowance.take(f"10.0.{number // 256}.{number % 256}") for number in range(IN_ALL + 3)]

    assert taken == [True] * IN_ALL + [False] * 3
    clock.advance_ms(int(PERIOD_S * 1000))
    assert allowance.take("10.0.0.0")


@pytest.mark.skipif(not multicast_works(), reason="no multicast on loopback")
async def test_two_can_listen_to_the_group_at_one_port() -> None:
    """A PBX on the same machine may listen to it as well."""
    async with (
        server(GROUP) as ((_, port), _),
        responding(
            LOOPBACK,
            group=IPv4Address(GROUP),
            port=port,
            url_for=lambda _: None,
            told=lambda *_: None,
            clock=FakeClock(),
        ) as address,
    ):
        assert address == (GROUP, port)


async def test_an_address_that_cannot_be_had_is_a_configuration_error() -> None:
    async with server() as ((host, port), _):
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1 port {port} of 127.0.0.1"):
            async with responding(
                LOOPBACK,
                group=IPv4Address(host),
                port=port,
                url_for=lambda _: None,
                told=lambda *_: None,
                clock=FakeClock(),
            ):
                pass


def test_the_network_of_an_interface_is_what_the_machine_knows() -> None:
    assert interface_of("127.0.0.1", towards=GROUP) == LOOPBACK
    assert interface_of("192.0.2.1/29", towards=GROUP) == IPv4Interface("192.0.2.1/29")
    assert interface_of(None, towards="127.0.0.1") == LOOPBACK
    assert usual_address("127.0.0.1") == LOOPBACK.ip


@pytest.mark.parametrize("text", ["eth0", "::1", "192.0.2.1/33", "/24", "", "192.0.2.256"])
def test_what_is_no_interface_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="interface"):
        interface_of(text, towards=GROUP)


def test_an_address_whose_network_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"the network of 203\.0\.113\.77 is not known here"):
        interface_of("203.0.113.77", towards=GROUP)
