"""
The phone listener: bytes in, one call of the provisioning service, bytes out, and one line about it.

It knows no device and decides nothing. What it adds is the edge: who the client is, which methods there are, limits for
bodies and answers, refusals that look and take the same, and the report of how a delivery ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from multidict import CIMultiDictProxy

from provserver.clock import Clock, SystemClock
from provserver.domain.request import ProvRequest
from provserver.http.addresses import ClientAddress
from provserver.http.answers import DateHeader, PhoneAnswer
from provserver.http.connection import BANNED
from provserver.http.files import FileAnswer, report_file
from provserver.http.peer_headers import OLD_VERSIONS, certificate_of, version_of
from provserver.http.protocol import PhoneConnection, PhoneServer, arrived
from provserver.http.refusals import Refusals
from provserver.http.request import PhoneRequest
from provserver.identify import MAX_AGENT_CHARS
from provserver.services.requests.answers import Answer, Facts
from provserver.services.requests.deliveries import Deliveries
from provserver.services.requests.provisioning import Provisioning
from provserver.services.requests.traffic import Traffic
from provserver.settings import PhoneSettings

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST"})
_FIELDS = {405: "Allow: GET, HEAD, PUT, POST\r\n", 429: "Retry-After: 60\r\n", 503: "Retry-After: 60\r\n"}
_REFUSED = frozenset({401, 404})
_FORM, _MAX_FORM_BYTES = "application/x-www-form-urlencoded", 4096  # Bria's has some hundred bytes
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
        self._date = DateHeader(clock.wall_ms)
        self.server = PhoneServer(
            self._handle,
            idle_s=settings.idle_s,
            window_s=settings.slow_s,
            least_rate=settings.least_rate,
            date=self._date,
            malformed=self._malformed,
        )

    async def _handle(self, request: PhoneRequest) -> PhoneAnswer:
        started = self._clock.monotonic()
        ticket = self.refusals.ticket()
        connection = request.connection
        connection.busy(now=started)
        asked = self._read(request, connection)
        answer = response = None
        try:
            if self._provisioning.takes_form(asked):
                asked = asked._replace(form=await self._read_form(request, connection), if_none_match=None)
                ticket = self.refusals.ticket()  # else a body that comes slowly would show how long the work takes
                answer = await self._provisioning.answer(asked)
            else:
                answer = await self._answer(request, asked, connection)
            if answer.status in _REFUSED:
                # Taken note of before it leaves: a MAC that nobody knows gives the monitor more to do than a device
                # that is locked, and what is done after an answer can be felt by whoever asks again at once.
                self._traffic.note(asked, answer, seconds=ticket.due_s - started)
                await ticket.wait()
                await self._pause(asked.address)
            response = self._response(answer, connection)
            connection.gives(len(answer.body))
            await self._send(request, response, answer, connection)
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not tell a stranger anything
            structlog.get_logger().error("request.failed", problem=type(error).__name__, exc_info=error)
            answer = Answer(outcome="failed", status=503, facts=Facts())
            if response is None or not response.sent:  # else it has its answer, and gets no second one
                response = self._response(answer, connection)
            response.close = True
            return response
        else:
            return response
        finally:
            connection.done()
            if answer is not None and answer.status not in _REFUSED:
                if answer.facts.proof is not None:
                    self._known(connection.peer[0])
                self._traffic.note(asked, answer, seconds=self._clock.monotonic() - started)

    async def _answer(self, request: PhoneRequest, asked: ProvRequest, connection: PhoneConnection) -> Answer:
        if asked.address != connection.peer[0] and self._banned(asked.address):
            return Answer(outcome="refused", status=404, reason=BANNED, facts=Facts())
        if asked.method in ("GET", "HEAD"):
            return await self._provisioning.answer(asked)
        if asked.method not in _METHODS:
            return Answer(outcome="method_not_allowed", status=405, facts=Facts())
        return await self._upload(request, asked, connection)

    async def _upload(self, request: PhoneRequest, asked: ProvRequest, connection: PhoneConnection) -> Answer:
        refusal = await self._provisioning.may_upload(asked)
        if refusal is not None:
            return refusal
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Answer(outcome="refused", status=415, reason="encoded", facts=Facts())
        if (request.body_bytes or 0) > self._max_upload_bytes:
            return Answer(outcome="refused", status=413, reason="too_large", facts=Facts())
        try:
            return await self._provisioning.upload(asked, self._body(request, connection))
        finally:
            connection.received()

    def _read(self, request: PhoneRequest, connection: PhoneConnection) -> ProvRequest:
        """Take from the request what matters, as clean text."""
        path, _, query = _clean(request.target).partition("?")
        peer, port = connection.peer
        headers = request.headers
        forwarded = headers.getall("X-Forwarded-For", ()) if self._settings.trusted_proxies else ()
        tls_version, certificate = self._tls(connection, headers)
        return ProvRequest(
            method=request.method,
            path=path,
            query=query,
            user_agent=_clean(headers.get("User-Agent", ""))[:MAX_AGENT_CHARS],
            address=self._addresses.resolve(peer, forwarded),
            port=port,
            tls_version=tls_version,
            legacy=connection.legacy or tls_version in OLD_VERSIONS,
            certificate=certificate,
            if_none_match=headers.get("If-None-Match"),
            authorization=headers.get("Authorization", ""),
            hello=connection.hello,
        )

    def _tls(self, connection: PhoneConnection, headers: CIMultiDictProxy[str]) -> tuple[str | None, bytes | None]:
        """What the phone speaks and has shown, to us or to a trusted proxy; headers of others are nothing."""
        if not self._settings.certificate_headers or not self._addresses.trusts(connection.peer[0]):
            return connection.tls_version, connection.certificate

        def lines(name: str) -> list[str]:
            return headers.getall(name, [])

        return version_of(lines), certificate_of(lines)

    async def _body(self, request: PhoneRequest, connection: PhoneConnection) -> AsyncIterator[bytes]:
        """The body of an upload, as it comes in."""
        if request.headers.get("Expect", "").lower() == "100-continue":
            connection.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.receiving(now=self._clock.monotonic())
        async for piece in request.body.iter_any():
            connection.came(len(piece))
            yield piece
        connection.received()

    async def _read_form(self, request: PhoneRequest, connection: PhoneConnection) -> str:
        """A login form's text; empty for a body that is none, or too large for one: then nobody has logged in."""
        content = bytearray()
        if (request.body_bytes or 0) <= _MAX_FORM_BYTES:
            async for piece in self._body(request, connection):
                content += piece
                if len(content) > _MAX_FORM_BYTES:
                    break
        connection.received()
        is_form = request.content_type == _FORM and "Content-Encoding" not in request.headers
        return content.decode("utf-8", "replace") if is_form and len(content) <= _MAX_FORM_BYTES else ""

    async def _send(
        self, request: PhoneRequest, response: PhoneAnswer, answer: Answer, connection: PhoneConnection
    ) -> None:
        """Send, and report how a delivery ended: complete once the phone's side has acknowledged every byte."""
        delivery = answer.delivery
        if isinstance(response, FileAnswer):
            await report_file(request, response, answer)
            return
        if delivery is None:
            await response.send(request)
            return
        outcome, answer.outcome = answer.outcome, "broken"
        try:
            await response.send(request)
            complete = not delivery.starting or await arrived(connection)
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

    def _malformed(self, address: str, error: BaseException) -> None:
        self._traffic.malformed(address, type(error).__name__)

    def _response(self, answer: Answer, connection: PhoneConnection) -> PhoneAnswer:
        if answer.file is not None:
            return FileAnswer(
                answer.file,
                date=self._date,
                limit_s=self._settings.slow_s,
                piece_bytes=int(self.server.least_bytes),
                goes_on=lambda: connection.begin_window(now=self._clock.monotonic()),
            )
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
