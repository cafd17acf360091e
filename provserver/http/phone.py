"""
The phone listener: bytes in, one call of the provisioning service, bytes out, and one line about it.

It knows no device and decides nothing. What it adds is the edge: who the client is, which methods there are, limits for
bodies and answers, refusals that look and take the same, and the report of how a delivery ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import structlog
from aiohttp import web
from multidict import CIMultiDictProxy

from provserver.clock import Clock, SystemClock
from provserver.domain.request import ProvRequest
from provserver.http.addresses import ClientAddress
from provserver.http.answers import DateHeader, PhoneAnswer
from provserver.http.connection import BANNED
from provserver.http.peer_headers import certificate_of
from provserver.http.protocol import PhoneConnection, PhoneServer, arrived
from provserver.http.refusals import Refusals
from provserver.identify import MAX_AGENT_CHARS
from provserver.services.deliveries import Deliveries
from provserver.services.provisioning import Answer, Facts, Provisioning
from provserver.services.traffic import Traffic
from provserver.settings import PhoneSettings

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST"})
_FIELDS = {405: "Allow: GET, HEAD, PUT, POST\r\n", 503: "Retry-After: 60\r\n"}
_REFUSED = frozenset({401, 404})
_CHUNK_BYTES = 65_536
_NO_STORE = "Cache-Control: no-store\r\n"  # a proxy must not keep a file with a password


class PhoneListener:
    """
    Serves phones: `server` makes the protocols of connections, `refusals.run` keeps the time of refusals.

    *known* is told from which addresses proofs came. *banned* is asked for clients of a proxy, which are not refused at
    accept; *pause* holds refusals of an address back for as long as was decided.
    """

    def __init__(
        self,
        *,
        settings: PhoneSettings,
        provisioning: Provisioning,
        deliveries: Deliveries,
        traffic: Traffic,
        clock: Clock,
        max_upload_bytes: int,
        known: Callable[[str], None],
        banned: Callable[[str], bool],
        pause: Callable[[str], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._provisioning = provisioning
        self._deliveries = deliveries
        self._traffic = traffic
        self._clock = clock
        self._max_upload_bytes = max_upload_bytes
        self._known = known
        self._banned = banned
        self._pause = pause
        self._addresses = ClientAddress(settings.trusted_proxies)
        self.refusals = Refusals(settings.refusal_ms / 1000, clock=SystemClock())  # waiting is real under any clock
        self._busy_s = settings.write_s
        self._date = DateHeader(clock.wall_ms)
        self.server = PhoneServer(self._handle, idle_s=settings.idle_s, date=self._date, malformed=self._malformed)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        started = self._clock.monotonic()
        ticket = self.refusals.ticket()
        connection = cast("PhoneConnection", request.protocol)
        connection.busy(until=started + self._busy_s)
        asked = self._read(request, connection)
        answer = response = None
        try:
            answer = await self._answer(request, asked, connection)
            if answer.status in _REFUSED:
                await ticket.wait()
                await self._pause(asked.address)
            response = self._response(answer)
            await self._send(request, response, answer, connection)
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not tell a stranger anything
            structlog.get_logger().error("request.failed", problem=type(error).__name__, exc_info=error)
            answer = Answer(outcome="failed", status=503, facts=Facts())
            if response is None or not response.prepared:  # else it has its answer, and gets no second one
                response = self._response(answer)
            response.force_close()
            return response
        else:
            return response
        finally:
            connection.done()
            if answer is not None:
                if answer.facts.proof is not None:
                    self._known(connection.peer[0])
                self._traffic.note(asked, answer, seconds=self._clock.monotonic() - started)

    async def _answer(self, request: web.BaseRequest, asked: ProvRequest, connection: PhoneConnection) -> Answer:
        if asked.address != connection.peer[0] and self._banned(asked.address):
            return Answer(outcome="refused", status=404, reason=BANNED, facts=Facts())
        if asked.method in ("GET", "HEAD"):
            return await self._provisioning.answer(asked)
        if asked.method not in _METHODS:
            return Answer(outcome="method_not_allowed", status=405, facts=Facts())
        return await self._upload(request, asked, connection)

    async def _upload(self, request: web.BaseRequest, asked: ProvRequest, connection: PhoneConnection) -> Answer:
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

    def _read(self, request: web.BaseRequest, connection: PhoneConnection) -> ProvRequest:
        """Take from the request what matters, as clean text."""
        path, _, query = _clean(request.raw_path).partition("?")
        peer, port = connection.peer
        headers = request.headers
        forwarded = headers.getall("X-Forwarded-For", ()) if self._settings.trusted_proxies else ()
        return ProvRequest(
            method=request.method,
            path=path,
            query=query,
            user_agent=_clean(headers.get("User-Agent", ""))[:MAX_AGENT_CHARS],
            address=self._addresses.resolve(peer, forwarded),
            port=port,
            tls_version=connection.tls_version,
            legacy=connection.legacy,
            certificate=self._certificate(connection, headers),
            if_none_match=headers.get("If-None-Match"),
            authorization=headers.get("Authorization", ""),
        )

    def _certificate(self, connection: PhoneConnection, headers: CIMultiDictProxy[str]) -> bytes | None:
        """The certificate that the phone has shown, to us or to a trusted proxy; headers of others are nothing."""
        if self._settings.certificate_headers and self._addresses.trusts(connection.peer[0]):
            return certificate_of(lambda name: headers.getall(name, []))
        return connection.certificate

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
        self, request: web.BaseRequest, response: PhoneAnswer, answer: Answer, connection: PhoneConnection
    ) -> None:
        """Send, and report how a delivery ended: complete once the phone's side has acknowledged every byte."""
        delivery = answer.delivery
        if delivery is None:
            await response.prepare(request)
            return
        outcome, answer.outcome = answer.outcome, "broken"
        try:
            await response.prepare(request)
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
        self._traffic.malformed(cast("PhoneConnection", request.protocol).peer[0], type(error).__name__)

    def _response(self, answer: Answer) -> PhoneAnswer:
        if answer.status == 404:  # noqa: PLR2004 - the one refusal: nothing in it depends on anything
            return PhoneAnswer(status=404, date=self._date)
        if answer.status == 401:  # noqa: PLR2004 - the same refusal where logins are asked for
            return PhoneAnswer(status=401, date=self._date, fields=answer.challenge)
        etag = f"ETag: {answer.etag}\r\n" if answer.etag else ""
        changed = f"Last-Modified: {answer.changed}\r\n" if answer.changed else ""
        kept = _NO_STORE if answer.status in (200, 304) else _FIELDS.get(answer.status, "")
        kind = f"Content-Type: {answer.content_type}\r\n" if answer.content_type else ""
        coding = f"Content-Encoding: {answer.content_encoding}\r\n" if answer.content_encoding else ""
        return PhoneAnswer(
            status=answer.status,
            date=self._date,
            fields=f"{etag}{changed}{kept}{kind}{coding}",
            body=answer.body,
            close=answer.status == 413,  # noqa: PLR2004 - what comes behind is the rest of what was too large
        )


def _clean(text: str) -> str:
    """Text that can be stored and logged: bytes that are not UTF-8 arrive as lone surrogates, and would not encode."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
