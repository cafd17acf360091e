"""
The TFTP listener: a read request in, one call of the provisioning service, the file out, and one line about it.

TFTP has no encryption and no login, and anybody can write any sender into a datagram. So it is off by default, hears
only the networks and serves only the makers that the settings name, and gives what an open window releases: see
docs/decisions/0017. All refusals are one error, after the time that refusals take on the other listeners.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol
from urllib.parse import quote

import structlog

from provserver.clock import Clock
from provserver.domain.request import ProvRequest
from provserver.errors import ConfigurationError
from provserver.services.requests.answers import Answer, Facts
from provserver.services.requests.deliveries import Deliveries
from provserver.services.requests.provisioning import Provisioning
from provserver.services.requests.traffic import Traffic
from provserver.settings import TFTPSettings
from provserver.tftp.packets import Code, Opcode, ReadRequest, error, opcode, read_request
from provserver.tftp.transfer import State, Transfer

IN_ALL = 256  # transfers at once; each holds one file, a socket and a task
PER_ADDRESS = 8  # a phone reads one file after the other, a few phones may share an address
_WAITING = 8  # packets of one client that are not looked at yet; it has to wait for us after each
_METHOD = "RRQ"  # in the log, where HTTP has GET

NOT_FOUND = error(Code.NOT_FOUND, "File not found")
NO_WRITING = error(Code.ILLEGAL, "Illegal TFTP operation")
_GONE = error(Code.NOT_FOUND, "")  # what a client would say that is not there any more

Address = tuple[Any, ...]  # host and port, of IPv6 with flow and scope


class Due(Protocol):
    """The moment at which a refusal may be sent."""

    def wait(self) -> Awaitable[None]:
        """What is awaited until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A request that is let in; a refusal waits for *due*. *asked* None: it was no reading."""

    asked: ReadRequest | None
    client: Address
    due: Due
    at: float


class TFTPListener:
    """
    Serves phones; `datagram` takes what arrives, `run` the work that comes of it.

    *ticket* gives what a refusal waits for, *counted* hears what became of each datagram.
    """

    def __init__(
        self,
        *,
        settings: TFTPSettings,
        provisioning: Provisioning,
        deliveries: Deliveries,
        traffic: Traffic,
        clock: Clock,
        ticket: Callable[[], Due],
        counted: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._provisioning = provisioning
        self._deliveries = deliveries
        self._traffic = traffic
        self._clock = clock
        self._ticket = ticket
        self._counted = counted
        self._arrivals: asyncio.Queue[_Arrival] = asyncio.Queue(IN_ALL)  # has room for everybody who is let in
        self._clients: dict[Address, str] = {}
        self._places: Counter[str] = Counter()

    def datagram(self, content: bytes, client: Address) -> None:
        """Take what *client* has sent to the well-known port."""
        self._counted(self._admit(content, client))

    def _admit(self, content: bytes, client: Address) -> str:
        address = _canonical(client[0])
        # fail closed: whoever is outside hears nothing at all, so that nothing can be sent there in his name either
        if not any(ip_address(address) in network for network in self._settings.networks):
            return "stranger"
        asked = read_request(content)
        if asked is None and opcode(content) != Opcode.WRITE:
            return "malformed"
        if client in self._clients:
            return "repeated"  # it did not hear from us yet
        if len(self._clients) >= IN_ALL or self._places[address] >= PER_ADDRESS:
            return "full"  # it asks again
        self._clients[client] = address
        self._places[address] += 1
        arrival = _Arrival(asked=asked, client=client, due=self._ticket(), at=self._clock.monotonic())
        self._arrivals.put_nowait(arrival)
        return "admitted"

    async def run(self) -> None:
        """Serve what arrives, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                arrival = await self._arrivals.get()
                tasks.create_task(self._serve(arrival), name="tftp transfer")

    async def _serve(self, arrival: _Arrival) -> None:
        try:
            async with _conversation(self._settings.host, arrival.client) as client:
                if arrival.asked is None:
                    client.send(NO_WRITING)
                else:
                    await self._answer(arrival, arrival.asked, client)
        except OSError as problem:  # no socket left, or no way there: the phone asks again
            structlog.get_logger().error("tftp.failed", problem=problem.strerror or type(problem).__name__)
        finally:
            address = self._clients.pop(arrival.client)
            self._places[address] -= 1
            if not self._places[address]:
                del self._places[address]

    async def _answer(self, arrival: _Arrival, asked: ReadRequest, client: _Client) -> None:
        request = ProvRequest(
            method=_METHOD,
            path=f"/{quote(asked.name.lstrip('/'))}",
            address=_canonical(arrival.client[0]),
            port=arrival.client[1],
            tftp=True,
        )
        answer = Answer(outcome="failed", status=503, facts=Facts())
        try:
            answer = await self._provisioning.answer(request)
            if answer.status == 200:  # noqa: PLR2004 - OK
                await self._send(asked, answer, client)
            elif answer.status != 503:  # noqa: PLR2004 - come again: the phone does by itself, when it hears nothing
                await arrival.due.wait()
                client.send(NOT_FOUND)
        except OSError:
            raise
        except Exception as problem:  # noqa: BLE001 - a mistake of ours must not end the listener, nor tell anything
            structlog.get_logger().error("request.failed", problem=type(problem).__name__, exc_info=problem)
        finally:
            self._traffic.note(request, answer, seconds=self._clock.monotonic() - arrival.at)

    async def _send(self, asked: ReadRequest, answer: Answer, client: _Client) -> None:
        """Send the file, and report how a delivery ended: complete once its last block was acknowledged."""
        outcome, answer.outcome = answer.outcome, "broken" if answer.outcome == "delivered" else answer.outcome
        transfer = Transfer(answer.body, mode=asked.mode, options=asked.options, now=self._clock.monotonic())
        try:
            client.send(transfer.packet)
            while transfer.state is State.RUNNING:
                heard = await client.hear(within_s=transfer.due - self._clock.monotonic())
                now = self._clock.monotonic()
                packet = transfer.tick(now=now) if heard is None else transfer.receive(heard, now=now)
                if packet is not None:
                    client.send(packet)
        except asyncio.CancelledError:
            raise  # the server is stopping: the release stands, like that of an answer by HTTP
        except BaseException:
            if answer.delivery is not None:
                self._deliveries.broken(answer.delivery)
            raise
        if transfer.state is State.COMPLETE:
            answer.outcome = outcome
            if answer.delivery is not None:
                await self._deliveries.complete(answer.delivery, answer.facts.asked.file if answer.facts.asked else "")
        elif answer.delivery is not None:
            self._deliveries.broken(answer.delivery)


@asynccontextmanager
async def listening(settings: TFTPSettings, listener: TFTPListener) -> AsyncIterator[tuple[str, int]]:
    """Listen; gives the address. What arrives is served while *listener* runs. Raises ConfigurationError."""
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Port(listener), local_addr=(settings.host, settings.port)
        )
    except OSError as problem:
        raise ConfigurationError(
            f"cannot listen on {settings.host} UDP port {settings.port}: {problem.strerror or problem}"
        ) from problem
    try:
        yield transport.get_extra_info("sockname")[:2]
    finally:
        transport.close()


class _Port(asyncio.DatagramProtocol):
    """The well-known port, at which every transfer begins."""

    def __init__(self, listener: TFTPListener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._listener.datagram(data, addr)


class _Client(asyncio.DatagramProtocol):
    """One client, at a port of ours that is its own (RFC 1350 4); the system drops what others send there."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        del addr
        with suppress(asyncio.QueueFull):  # it sends more than it is asked for; what is lost is repeated
            self._heard.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        del exc
        with suppress(asyncio.QueueFull):
            self._heard.put_nowait(_GONE)

    def send(self, packet: bytes) -> None:
        assert self._transport is not None  # noqa: S101 - connected before it is given out
        self._transport.sendto(packet)

    async def hear(self, *, within_s: float) -> bytes | None:
        """The next packet; None if none comes in time."""
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                return await self._heard.get()
        except TimeoutError:
            return None


@asynccontextmanager
async def _conversation(host: str, client: Address) -> AsyncIterator[_Client]:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        _Client, local_addr=(host, 0), remote_addr=client[:2]
    )
    try:
        yield protocol
    finally:
        transport.close()


def _canonical(host: str) -> str:
    """The address without the zone of fe80::1%eth0, and IPv4 as such."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)
