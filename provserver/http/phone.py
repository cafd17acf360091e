"""
The phone listener: bytes in, one call of the provisioning service, bytes out, and one line about it.

It knows no device and decides nothing. What it adds is the edge: who the client is, which methods there are, limits for
bodies and answers, refusals that look and take the same, and the report of how a delivery ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

import structlog
from aiohttp import web

from provserver.clock import Clock
from provserver.domain.request import ProvRequest
from provserver.http.addresses import ClientAddress
from provserver.http.protocol import PhoneConnection, PhoneServer, QuietResponse, arrived
from provserver.http.refusals import Refusals
from provserver.identify import MAX_AGENT_CHARS
from provserver.services.deliveries import Deliveries
from provserver.services.provisioning import Answer, Facts, Provisioning
from provserver.services.traffic import Traffic
from provserver.settings import PhoneSettings

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST"})
_ALLOW = {"Allow": "GET, HEAD, PUT, POST"}
_RETRY = {"Retry-After": "60"}
_CHUNK_BYTES = 65_536
_NO_STORE = "no-store"  # a proxy must not keep a file with a password


class PhoneListener:
    """Serves phones. `server` is the protocol factory to listen with."""

    def __init__(
        self,
        *,
        settings: PhoneSettings,
        provisioning: Provisioning,
        deliveries: Deliveries,
        traffic: Traffic,
        clock: Clock,
        max_upload_bytes: int,
    ) -> None:
        self._settings = settings
        self._provisioning = provisioning
        self._deliveries = deliveries
        self._traffic = traffic
        self._clock = clock
        self._max_upload_bytes = max_upload_bytes
        self._addresses = ClientAddress(settings.trusted_proxies)
        self._refusals = Refusals(settings.refusal_ms / 1000)
        self._busy_s = settings.write_s
        self.server = PhoneServer(self._handle, idle_s=settings.idle_s, malformed=self._malformed)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        started = self._clock.monotonic()
        ticket = self._refusals.ticket()
        connection = cast("PhoneConnection", request.protocol)
        connection.busy(until=started + self._busy_s)
        asked = self._read(request)
        answer = None
        try:
            answer = await self._answer(request, asked, connection)
            if answer.status == 404:  # noqa: PLR2004 - the one refusal
                await ticket.wait()
            response = _response(answer)
            await self._send(request, response, answer, connection)
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not tell a stranger anything
            structlog.get_logger().error("request.failed", problem=type(error).__name__, exc_info=error)
            answer = Answer(outcome="failed", status=503, facts=Facts())
            return QuietResponse(status=503, headers=_RETRY, close=True)
        else:
            return response
        finally:
            connection.done()
            if answer is not None:
                self._traffic.note(asked, answer, seconds=self._clock.monotonic() - started)

    async def _answer(self, request: web.BaseRequest, asked: ProvRequest, connection: PhoneConnection) -> Answer:
        if asked.method not in _METHODS:
            return Answer(outcome="method_not_allowed", status=405, facts=Facts())
        if asked.method in ("GET", "HEAD"):
            return await self._provisioning.answer(asked)
        refusal = await self._provisioning.may_upload(asked)
        if refusal is not None:
            return refusal
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Answer(outcome="refused", status=415, reason="encoded", facts=Facts())
        connection.busy(until=self._clock.monotonic() + self._settings.body_s)
        content = await self._read_body(request)
        if content is None:
            return Answer(outcome="refused", status=413, reason="too_large", facts=Facts())
        return await self._provisioning.upload(asked, content)

    def _read(self, request: web.BaseRequest) -> ProvRequest:
        """Take from the request what matters, as clean text."""
        path, _, query = _clean(request.raw_path).partition("?")
        transport = request.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        headers = request.headers
        forwarded = headers.getall("X-Forwarded-For", ()) if self._settings.trusted_proxies else ()
        return ProvRequest(
            method=request.method,
            path=path,
            query=query,
            user_agent=_clean(headers.get("User-Agent", ""))[:MAX_AGENT_CHARS],
            address=self._addresses.resolve(peer[0] if peer else "", forwarded),
            port=peer[1] if peer else 0,
            if_none_match=headers.get("If-None-Match"),
        )

    async def _read_body(self, request: web.BaseRequest) -> bytes | None:
        """The body of an upload, or None when it is larger than any upload may be."""
        if (request.content_length or 0) > self._max_upload_bytes:
            return None
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        content = bytearray()
        async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
            content += chunk
            if len(content) > self._max_upload_bytes:
                return None
        return bytes(content)

    async def _send(
        self, request: web.BaseRequest, response: QuietResponse, answer: Answer, connection: PhoneConnection
    ) -> None:
        """Send, and report how a delivery ended: complete once the phone's side has acknowledged every byte."""
        delivery = answer.delivery
        if delivery is None:
            await response.prepare(request)
            await response.write_eof()
            return
        outcome, answer.outcome = answer.outcome, "broken"
        try:
            await response.prepare(request)
            await response.write_eof()
            complete = not delivery.starting or await arrived(connection, within_s=self._settings.write_s)
        except asyncio.CancelledError:
            raise  # the server is stopping, and the system goes on sending what it has been given: the release stands
        except BaseException:
            self._deliveries.broken(delivery)
            raise
        if complete:
            answer.outcome = outcome
            await self._deliveries.complete(delivery, answer.facts.asked.file if answer.facts.asked else "")
        else:
            self._deliveries.broken(delivery)

    def _malformed(self, request: web.BaseRequest, error: BaseException | None) -> None:
        transport = request.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        self._traffic.malformed(peer[0] if peer else "", type(error).__name__)


def _response(answer: Answer) -> QuietResponse:
    if answer.status == 404:  # noqa: PLR2004 - the one refusal: nothing in it depends on anything
        return QuietResponse(status=404)
    headers: dict[str, str] = {}
    if answer.etag:
        headers["ETag"] = answer.etag
    if answer.changed is not None:
        headers["Last-Modified"] = answer.changed
    if answer.status in (200, 304):
        headers["Cache-Control"] = _NO_STORE
    headers.update(_extra(answer.status))
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if answer.content_encoding:
        headers["Content-Encoding"] = answer.content_encoding
    return QuietResponse(status=answer.status, body=answer.body or None, headers=headers, close=answer.status == 413)  # noqa: PLR2004


def _extra(status: int) -> Mapping[str, str]:
    return {405: _ALLOW, 503: _RETRY}.get(status, {})


def _clean(text: str) -> str:
    """Text that can be stored and logged: bytes that are not UTF-8 arrive as lone surrogates, and would not encode."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
