"""
The one way out by HTTP: an `Outside` opens it, `exchange` sends one request and gives one reply.

TLS is verified, redirects are not followed, replies are capped, every call has a deadline, and nothing that left with
a request comes back in an error. Nothing is tried again here: whoever calls knows whether that is harmless.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

import aiohttp

from provserver import __version__
from provserver.clock import Clock, to_ms
from provserver.domain.endpoint import check_endpoint
from provserver.errors import PeerError

Result = Literal["answered", "failed", "limited", "timed_out", "unreachable"]
Counted = Callable[[Result, float], None]  # what became of a call, and its seconds

_USER_AGENT = f"provserver/{__version__}"
_CHUNK_BYTES = 65_536
_HEAD_BYTES = 8_190  # of one header line and of the status line; aiohttp's own default, said here because it guards us
_SECONDS = re.compile(r"[0-9]{1,7}")


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
class Answer:
    """What came back; *headers* by lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_redirect(self) -> bool:
        """Whether the status points elsewhere; nobody goes there."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST

    @property
    def result(self) -> Result:
        """``answered`` for what has a meaning, 4xx too; ``limited`` and ``failed`` for what is worth another try."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return "limited"
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status < HTTPStatus.OK or self.is_redirect:
            return "failed"
        return "answered"

    def retry_after_s(self, clock: Clock) -> float | None:
        """Seconds that the other side wants to be left alone for (RFC 9110 10.2.3: a number, or a date)."""
        text = self.headers.get("retry-after", "").strip()
        if _SECONDS.fullmatch(text):
            return float(text)
        try:
            return max(0.0, (to_ms(parsedate_to_datetime(text)) - clock.wall_ms()) / 1000)
        except (ValueError, TypeError):
            return None


class Outside:
    """
    What all calls share: one session, opened when it is first used.

    *trust* makes the context by which certificates are verified, see `trust.trusting`. No cookies, no proxy from the
    environment, no compression (a small reply must not grow).
    """

    def __init__(self, *, limits: Limits, clock: Clock, trust: Callable[[], ssl.SSLContext], connections: int) -> None:
        self.limits = limits
        self._clock = clock
        self._trust = trust
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def exchange(
        self, request: Request, *, counted: Counted = lambda _result, _seconds: None, read: bool = True
    ) -> Answer:
        """
        Send *request* once; what came back, whatever its status. Without *read* the body is left where it is.

        *counted* is told what became of it. Raises InvalidValue for a URL that would go over a wire in clear, and
        PeerError when there is no answer that can be read; it holds neither path nor query, which may be secret.
        """
        check_endpoint(request.url)
        started = self._clock.monotonic()
        result: Result = "unreachable"
        try:
            answer = await self._exchange(request, read=read)
            result = answer.result
        except TimeoutError:
            result = "timed_out"
            raise PeerError("it does not answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:  # theirs carry the request with its headers
            raise PeerError(_reason(error)) from None
        finally:
            counted(result, self._clock.monotonic() - started)
        return answer

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, request: Request, *, read: bool) -> Answer:
        async with (
            asyncio.timeout(self.limits.call_s),
            self._open().request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body or None,
                allow_redirects=False,  # fail closed: credentials go to the host they were entered for
            ) as response,
        ):
            body = bytearray()
            while read and (chunk := await response.content.read(_CHUNK_BYTES)):
                body += chunk
                if len(body) > self.limits.reply_bytes:
                    raise PeerError(f"its answer is larger than {self.limits.reply_bytes} bytes")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status, headers=headers, body=bytes(body))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._trust(), limit=self._connections, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
                skip_auto_headers=("Content-Type",),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=self.limits.call_s, connect=self.limits.connect_s),
                trust_env=False,
                read_bufsize=_CHUNK_BYTES,
                max_line_size=_HEAD_BYTES,
                max_field_size=_HEAD_BYTES,
            )
            # aiohttp sends a GET again by itself when a connection breaks; a nonce would then come twice.
            self._session._retry_connection = False  # noqa: SLF001 - there is no public switch, and a test watches it
        return self._session


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
