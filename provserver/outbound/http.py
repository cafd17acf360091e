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
from weakref import WeakKeyDictionary

import aiohttp

from provserver import __version__
from provserver.clock import Clock, to_ms
from provserver.domain.endpoint import check_endpoint
from provserver.errors import IdentityRefused, PeerError
from provserver.outbound.identity import Identity

Result = Literal["answered", "failed", "limited", "timed_out", "unreachable"]
Counted = Callable[[Result, float], None]  # what became of a call, and its seconds

_USER_AGENT = f"provserver/{__version__}"
_CHUNK_BYTES = 65_536
_HEAD_BYTES = 8_190  # of one header line and of the status line; aiohttp's own default, said here because it guards us
# How OpenSSL names an alert (RFC 8446 6.2) that speaks of the certificate of the one who reads it.
_ABOUT_OURS = re.compile(r"ALERT_(?:CERTIFICATE_|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)")
_SECONDS = re.compile(r"[0-9]{1,7}")
_REASONS = (  # the first that fits: some of these errors are others' kind
    (aiohttp.ClientConnectorCertificateError, "its certificate is not believed"),
    (aiohttp.ClientConnectorSSLError, "no TLS can be agreed with it"),
    (aiohttp.ClientConnectorDNSError, "its name cannot be found"),
    (aiohttp.ClientConnectorError, "it cannot be connected to"),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError), "it closed the connection"),
    (aiohttp.ClientPayloadError, "its answer broke off"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how large: to connect, a whole call, a reply."""

    connect_s: float
    call_s: float
    reply_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    One request. Headers and body hold secrets, so neither is part of its repr.

    *identity* is shown to who asks for a certificate; None: nothing is.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    identity: Identity | None = field(default=None, repr=False)


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
        # One context for each identity: what has been agreed with one must not be taken up again with another.
        self._showing: WeakKeyDictionary[Identity, ssl.SSLContext] = WeakKeyDictionary()

    async def exchange(
        self, request: Request, *, counted: Counted = lambda _result, _seconds: None, read: bool = True
    ) -> Answer:
        """
        Send *request* once; what came back, whatever its status. Without *read* the body is left where it is.

        *counted* is told what became of it. Raises InvalidValue for a URL that would go over a wire in clear,
        IdentityRefused when the other side says that it does not accept our certificate, and PeerError when there is no
        answer that can be read; they hold neither path nor query, which may be secret.
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
            if _refuses_us(error):
                raise IdentityRefused("it does not accept the certificate that it is shown") from None
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
                ssl=True if request.identity is None else self._context_for(request.identity),
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

    def _context_for(self, identity: Identity) -> ssl.SSLContext:
        context = self._showing.get(identity)
        if context is None:
            context = self._showing[identity] = self._trust()
            identity.load_into(context)
        return context

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


def _refuses_us(error: BaseException | None) -> bool:
    """Whether the other side has said so; with TLS 1.3 that comes after the handshake, when the answer is read."""
    while error is not None:
        if isinstance(error, ssl.SSLError) and _ABOUT_OURS.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _reason(error: Exception) -> str:
    """What happened, in our words."""
    return next((words for kind, words in _REASONS if isinstance(error, kind)), "its answer is no HTTP")
