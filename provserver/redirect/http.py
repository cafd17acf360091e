"""
The one way out to makers' services: `Outside` opens it, a `Channel` is one account's part of it.

TLS is verified, redirects are not followed, replies are capped, every call has a deadline, and nothing that left with
a request comes back in an error. Retries for blips are here and nowhere else; what lasts longer, the queue waits for.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import stamina
from stamina.instrumentation import set_on_retry_hooks

from provserver import __version__
from provserver.clock import Clock, to_ms
from provserver.errors import AccountRefused, ConfigurationError, InvalidValue, ServiceUnreachable
from provserver.redirect.pace import Pace
from provserver.redirect.protocol import spoken

_USER_AGENT = f"provserver/{__version__}"
_ATTEMPTS = 3  # of one call; a blip is over by then, and the queue waits for what is not
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 2.0
_RETRY_AFTER_S = 2.0  # a service that wants more time gets it, from the queue
_CHUNK_BYTES = 65_536
_SECONDS = re.compile(r"[0-9]{1,7}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how large: to connect, a whole call, a reply."""

    connect_s: float
    call_s: float
    reply_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. Headers and body hold secrets, so neither is part of its repr."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; *headers* by lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def demand_ok(self) -> None:
        """Raise AccountRefused for 401 and 403, ServiceUnreachable for anything else that is no success."""
        self.demand_let_in()
        if not self.ok:
            raise ServiceUnreachable(f"it answers {self.status}")

    def demand_let_in(self) -> None:
        """Raise AccountRefused for 401 and 403."""
        if self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise AccountRefused(f"it answers {self.status} {spoken(self.body.decode('utf-8', 'replace'))}".rstrip())

    def json(self) -> Any:  # noqa: ANN401 - whatever the service sends
        """The body as JSON; raises ServiceUnreachable if it is none, such as a proxy's page."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise ServiceUnreachable(f"its answer ({self.status}) is no JSON") from None


class Outside:
    """
    What all channels share: one session, opened when it is first used.

    *authorities* is a PEM file believed beside the system's own. No cookies, no proxy from the environment, no
    compression (a small reply must not grow).
    """

    def __init__(self, *, limits: Limits, clock: Clock, authorities: Path | None, connections: int) -> None:
        self._limits = limits
        self._clock = clock
        self._authorities = authorities
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    def channel(self, pace: Pace, counted: Callable[[str, float], None] = lambda _result, _seconds: None) -> Channel:
        """A way out at *pace*; *counted* is told of every try, see `Channel`."""
        return Channel(open_session=self._open, limits=self._limits, pace=pace, clock=self._clock, counted=counted)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            set_on_retry_hooks(())  # tries are counted by us; the library would log what they were called with
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._context(), limit=self._connections, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
                skip_auto_headers=("Content-Type",),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=self._limits.call_s, connect=self._limits.connect_s),
                trust_env=False,
                read_bufsize=_CHUNK_BYTES,
            )
            # aiohttp sends a GET again by itself when a connection breaks; a nonce would then come twice.
            self._session._retry_connection = False  # noqa: SLF001 - there is no public switch, and a test watches it
        return self._session

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._authorities is not None:
            try:
                context.load_verify_locations(self._authorities)
            except (OSError, ssl.SSLError) as error:
                raise ConfigurationError(f"redirect.authorities {self._authorities}: {error}") from error
        return context


class Channel:
    """
    The way to one service, for one account.

    *counted* is told what became of each try (``answered``, ``limited``, ``failed``, ``timed_out``, ``unreachable``)
    and how long it took, in seconds.
    """

    def __init__(
        self,
        *,
        open_session: Callable[[], aiohttp.ClientSession],
        limits: Limits,
        pace: Pace,
        clock: Clock,
        counted: Callable[[str, float], None] = lambda _result, _seconds: None,
    ) -> None:
        self._open_session = open_session
        self._limits = limits
        self._pace = pace
        self._clock = clock
        self._counted = counted

    async def send(self, make: Callable[[], Request] | Callable[[], Awaitable[Request]]) -> Reply:
        """
        Send what *make* gives; it is called for every try, so that each is signed anew.

        Raises ServiceUnreachable when the last try got no answer, or one that says "later" (429, 5xx), or a redirect.
        """
        async for attempt in stamina.retry_context(
            on=_worth_another_try,
            attempts=_ATTEMPTS,
            timeout=self._limits.call_s,
            wait_initial=_FIRST_WAIT_S,
            wait_max=_LONGEST_WAIT_S,
            wait_jitter=_FIRST_WAIT_S,
        ):
            made = make()  # outside of the attempt: what it asks for itself has been tried often enough
            request = await made if isinstance(made, Awaitable) else made
            with attempt:
                return await self._once(request)
        raise AssertionError  # not reached: the last attempt returns or raises

    async def _once(self, request: Request) -> Reply:
        check_endpoint(request.url)
        await self._pace.turn()
        started = self._clock.monotonic()
        result = "unreachable"
        try:
            reply = await self._exchange(request)
            result = _judged(reply)
        except TimeoutError:
            result = "timed_out"
            raise ServiceUnreachable("it does not answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:  # theirs carry the request with its headers
            raise ServiceUnreachable(_reason(error)) from None
        finally:
            self._counted(result, self._clock.monotonic() - started)
        if result == "answered":
            return reply
        if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
            raise ServiceUnreachable("it answers with a redirect, which is not followed")
        raise ServiceUnreachable(f"it answers {reply.status}", retry_after_s=_retry_after(reply, self._clock))

    async def _exchange(self, request: Request) -> Reply:
        async with (
            asyncio.timeout(self._limits.call_s),
            self._open_session().request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,  # fail closed: credentials go to the host they were entered for
            ) as response,
        ):
            body = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                body += chunk
                if len(body) > self._limits.reply_bytes:
                    raise ServiceUnreachable(f"its answer is larger than {self._limits.reply_bytes} bytes")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(status=response.status, headers=headers, body=bytes(body))


def check_endpoint(url: str) -> None:
    """Raise InvalidValue unless *url* is one of https, or of http on this machine: no wire sees it in clear."""
    scheme, separator, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    host = authority.rpartition(":")[0] if not authority.endswith("]") and ":" in authority else authority
    if not separator or not host or "@" in authority:
        raise InvalidValue("endpoint", "is not an https URL with a host and without a login")
    if scheme == "https" or (scheme == "http" and host.strip("[]") in _LOOPBACK):
        return
    raise InvalidValue("endpoint", "is not an https URL; http is for this machine only")


def _judged(reply: Reply) -> str:
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return "limited"
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status < HTTPStatus.OK:
        return "failed"
    return "failed" if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST else "answered"


def _worth_another_try(error: Exception) -> bool | float:
    """For stamina: whether to try again here, or after how many seconds."""
    if not isinstance(error, ServiceUnreachable):
        return False
    if error.retry_after_s is None:
        return True
    return error.retry_after_s if error.retry_after_s <= _RETRY_AFTER_S else False


def _retry_after(reply: Reply, clock: Clock) -> float | None:
    """Seconds that the service wants to be left alone for (RFC 9110 10.2.3: a number, or a date)."""
    text = reply.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        return max(0.0, (to_ms(parsedate_to_datetime(text)) - clock.wall_ms()) / 1000)
    except (ValueError, TypeError):
        return None


def _reason(error: Exception) -> str:
    """What happened, in our words."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "its certificate is not believed"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name cannot be found"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "it cannot be connected to"
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionError):
        return "it closed the connection"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "its answer broke off"
    return "its answer is no HTTP"
