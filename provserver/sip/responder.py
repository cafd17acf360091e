"""
Answers phones that ask for their server by multicast: `responding`.

Only phones of the interface's own network are answered, at the address they asked from, each a few times in ten seconds
and all together not without limit. A NOTIFY is sent once: a phone that missed it asks again.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv4Interface
from typing import cast

from provserver.clock import Clock
from provserver.errors import ConfigurationError
from provserver.sip.pnp import Address, Subscribe, accept, read_subscribe, tell

PERIOD_S = 10.0
PER_ADDRESS = 5  # a phone that hears nothing repeats itself for five seconds, at growing distances (RFC 3261 17.1.2)
IN_ALL = 2000  # an office of four hundred, all repeating: two million bytes in ten seconds at most

UrlFor = Callable[[Subscribe], str | None]
Told = Callable[[Subscribe, str, str], None]


class Allowance:
    """How often anybody may still be answered. What it remembers is bounded by what it allows in all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends = 0.0
        self._given: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Whether *address* may be answered now; counts it if so."""
        now = self._clock.monotonic()
        if now >= self._ends:
            self._ends = now + PERIOD_S
            self._given.clear()
        if self._given[address] >= PER_ADDRESS or self._given.total() >= IN_ALL:
            return False
        self._given[address] += 1
        return True


class Responder(asyncio.DatagramProtocol):
    """
    Answers what arrives. *url_for* gives the URL for a phone, or None: it is not answered; *told* hears of answers.

    Answers leave by *sender*; None: by the socket at which the question arrived.
    """

    def __init__(
        self,
        interface: IPv4Interface,
        *,
        sender: asyncio.DatagramTransport | None,
        url_for: UrlFor,
        told: Told,
        allowance: Allowance,
    ) -> None:
        self._interface = interface
        self._sender = sender
        self._url_for = url_for
        self._told = told
        self._allowance = allowance

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer by the same socket, unless there is one for answers."""
        self._sender = self._sender or cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Answer *data*, if it is a phone's question."""
        source = (addr[0], addr[1])
        # fail closed: who claims to be elsewhere is answered nowhere, so nobody outside can be made to hear us
        if IPv4Address(source[0]) not in self._interface.network:
            return
        asked = read_subscribe(data)
        url = self._url_for(asked) if asked else None
        if asked is None or url is None or not self._allowance.take(source[0]):
            return
        sender = cast("asyncio.DatagramTransport", self._sender)
        local = (str(self._interface.ip), sender.get_extra_info("sockname")[1])
        tag = secrets.token_hex(8)
        sender.sendto(*accept(asked, source=source, local=local, tag=tag))
        branch = f"z9hG4bK{secrets.token_hex(16)}"
        sender.sendto(*tell(asked, url, source=source, local=local, tag=tag, branch=branch))
        self._told(asked, url, source[0])

    def error_received(self, exc: Exception) -> None:
        """Nothing is expected back: whoever is not there any more has missed its answer."""


@asynccontextmanager
async def responding(
    interface: IPv4Interface, *, group: IPv4Address, port: int, url_for: UrlFor, told: Told, clock: Clock
) -> AsyncIterator[Address]:
    """
    Answer for as long as the block runs; gives the address that is listened on.

    *group* may be an address of this machine instead, for phones that were told whom to ask. Raises
    ConfigurationError where the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    sender = None
    try:
        listening = _listen(interface, group, port)
        try:
            if group.is_multicast:
                sender, _ = await loop.create_datagram_endpoint(
                    asyncio.DatagramProtocol, local_addr=(str(interface.ip), 0)
                )
            responder = Responder(interface, sender=sender, url_for=url_for, told=told, allowance=Allowance(clock))
            transport, _ = await loop.create_datagram_endpoint(lambda: responder, sock=listening)
        except BaseException:
            listening.close()
            if sender is not None:
                sender.close()
            raise
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {group} port {port} of {interface.ip}: {error.strerror or error}"
        ) from error
    try:
        yield transport.get_extra_info("sockname")
    finally:
        transport.close()
        if sender is not None:
            sender.close()


def _listen(interface: IPv4Interface, group: IPv4Address, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listening.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        if group.is_multicast:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a PBX may listen to the group, too
        listening.bind((str(group), port))  # to the group itself: what is sent to this machine's 5060 is a PBX's
        if group.is_multicast:
            listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group.packed + interface.ip.packed)
    except BaseException:
        listening.close()
        raise
    return listening
