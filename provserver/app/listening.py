"""Where phones come in: `listening` opens the entrances that the settings ask for, and closes them politely."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date

from aiohttp import web

from provserver.clock import from_ms
from provserver.errors import ConfigurationError
from provserver.http.capacity import Capacity
from provserver.http.client_hello import ClientHello
from provserver.http.connection import Entrance
from provserver.http.protocol import PhoneServer
from provserver.http.tls import Contexts
from provserver.services.requests.arrivals import Arrivals
from provserver.settings import LegacySettings, Settings

SHUTDOWN_S = 5  # how long requests that run may take to finish once the server is told to stop
_BACKLOG = 4096  # connections the system may hold for us: a thousand phones boot in the same second
_OTHER_FILES = 256  # databases, uploads, the ops listener: descriptors that no connection may take


def contexts_of(settings: Settings, *, makers: Sequence[str], now_ms: int) -> Contexts | None:
    """The TLS contexts; None where there is no TLS. Raises ConfigurationError for what cannot or must not be served."""
    tls = settings.tls
    if settings.legacy.enabled:
        _check_legacy(settings.legacy, makers=makers, today=from_ms(now_ms).date(), certificates=bool(tls.certificates))
    if not tls.certificates:
        if not settings.phone.plain:
            raise ConfigurationError("phone.plain is off and tls.certificates is empty: nothing would listen")
        return None
    return Contexts(tls)


def capacity_of(settings: Settings) -> Capacity:
    """Places for connections, as the settings say and as the system has file descriptors."""
    places = settings.connections
    return Capacity(
        total=min(places.total, _raise_file_limit(places.total + _OTHER_FILES) - _OTHER_FILES),
        per_address=places.per_address,
        per_network=places.per_network,
        reserved=places.known_share,
        shared=(*settings.phone.trusted_proxies, *settings.phone.proxy_protocol),
    )


@asynccontextmanager
async def listening(
    settings: Settings,
    server: PhoneServer,
    *,
    contexts: Contexts | None,
    capacity: Capacity,
    arrivals: Arrivals,
    banned: Callable[[str], bool],
) -> AsyncIterator[list[Entrance]]:
    """
    Listen; gives the entrances, which let nobody in until they run.

    At the end requests that run are finished, for a moment. Raises ConfigurationError where an address cannot be had.
    """
    runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    entrances: list[Entrance] = []

    def enter(
        name: str, host: str, port: int, *, context: Callable[[ClientHello], ssl.SSLContext] | None, limit_s: float
    ) -> None:
        entrances.append(
            Entrance(
                name,
                _sockets(host, port),
                protocol=server.connection,
                context=context,
                capacity=capacity,
                arrivals=arrivals,
                banned=banned,
                proxies=settings.phone.proxy_protocol,
                limit_s=limit_s,
                legacy=name == "legacy",
            )
        )

    phone, tls, legacy = settings.phone, settings.tls, settings.legacy
    try:
        if phone.plain:
            enter("plain", phone.host, phone.port, context=None, limit_s=phone.idle_s)
        if contexts is not None:
            enter("tls", tls.host, tls.port, context=contexts.modern, limit_s=tls.handshake_s)
        if contexts is not None and legacy.enabled:
            enter("legacy", legacy.host, legacy.port, context=contexts.legacy, limit_s=tls.handshake_s)
        yield entrances
    finally:
        for entrance in entrances:
            entrance.close()
        await runner.cleanup()


def _check_legacy(legacy: LegacySettings, *, makers: Sequence[str], today: date, certificates: bool) -> None:
    # Fail closed: old TLS is served on purpose, for named makers, and for a while, or it is not served.
    if not certificates:
        raise ConfigurationError("legacy.enabled needs tls.certificates")
    if legacy.until is None:
        raise ConfigurationError("legacy.until is not set: the listener for old TLS has to end on some day")
    if today > legacy.until:
        raise ConfigurationError(f"legacy.until is over since {legacy.until}: the listener for old TLS does not start")
    if not legacy.makers:
        raise ConfigurationError("legacy.makers is empty: nobody would be served")
    unknown = sorted({*legacy.makers} - {*makers})
    if unknown:
        raise ConfigurationError(f"legacy.makers: no maker {', '.join(unknown)}")


def _sockets(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of *host*."""
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(found):
            sock = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            sock.bind(address)
            sock.listen(_BACKLOG)
    except OSError as error:
        for sock in sockets:
            sock.close()
        raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    return sockets


def _raise_file_limit(wanted: int) -> int:
    """Let this process have *wanted* open files, as far as the system allows; gives the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = wanted
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = max(soft, min(wanted, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return wanted if soft == resource.RLIM_INFINITY else soft


async def stop_accepting(accepting: Sequence[asyncio.Task[None]]) -> None:
    """Let nobody in any more; returns once that holds."""
    for task in accepting:
        task.cancel()
    if accepting:
        await asyncio.wait(accepting)
