"""Ask a phone to fetch its configuration: one SIP NOTIFY, sent to the registrar that knows where the phone is."""

from __future__ import annotations

import asyncio
import re
import secrets
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from provserver.domain.line import Endpoint, Transport
from provserver.domain.text import check_text
from provserver.errors import InvalidValue
from provserver.sip.message import TOKEN, read_head, shown, written

T1_S = 0.5  # RFC 3261 17.1.1.1: the round trip one reckons with
T2_S = 4.0  # RFC 3261 17.1.2.2: the longest time between two copies
PORTS = {Transport.UDP: 5060, Transport.DNS: 5060, Transport.TCP: 5060, Transport.TLS: 5061}  # RFC 3261 19.1.2
_REPLY_LIMIT_BYTES = 65_535  # as long as a datagram can be; answers to a NOTIFY have no body worth more
_UNSUPPORTED = frozenset({405, 489, 501})  # method not allowed, bad event, not implemented
_USER_SAFE = "-_.!~*'()&=+$"  # RFC 3261 25.1: mark and user-unreserved, less , ; ? / which separate elsewhere
_EVENT = re.compile(rf"{TOKEN}(?:;{TOKEN}(?:={TOKEN})?)*")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: (.*))?")
_BRANCH = re.compile(r";\s*branch\s*=\s*([^\s;,]+)", re.IGNORECASE)


class Outcome(StrEnum):
    """What became of a NOTIFY."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyResult:
    """*status* is None when there was no answer; *said* is the reason phrase, or why there was none."""

    outcome: Outcome
    status: int | None = None
    said: str


async def notify(
    *,
    target_user: str,
    registrar: Endpoint,
    event: str,
    from_user: str,
    timeout_s: float = 4.0,  # RFC 3261 would wait for 32 s; four copies have gone by then, and a person is waiting
    t1_s: float = T1_S,
    tls: ssl.SSLContext | None = None,
) -> NotifyResult:
    """
    Send one NOTIFY for *event* (``check-sync;reboot=false``), outside of any dialog, to *target_user* at *registrar*.

    Accepted means that the registrar or the phone answered 2xx, not that the phone did anything. *tls* None: the
    certificate authorities of this machine. Raises InvalidValue for users and events that no header can carry.
    """
    if not _EVENT.fullmatch(event):
        raise InvalidValue("event", "is not an event name with parameters")
    notice = _Notice(
        target=_escape("target_user", target_user), sender=_escape("from_user", from_user), event=event,
        registrar=registrar,
    )  # fmt: skip
    by_datagram = registrar.transport in {Transport.UDP, Transport.DNS}
    sending = _by_udp(notice, t1_s=t1_s) if by_datagram else _by_stream(notice, connect_s=timeout_s / 2, tls=tls)
    try:
        async with asyncio.timeout(timeout_s):
            status, said = await sending
    except TimeoutError:
        return NotifyResult(outcome=Outcome.NO_ANSWER, said=f"no answer within {timeout_s:g} s")
    except EOFError:
        return NotifyResult(outcome=Outcome.NO_ANSWER, said="the connection ended without an answer")
    except OSError as error:
        return NotifyResult(outcome=Outcome.UNREACHABLE, said=shown(error.strerror or str(error)))
    return NotifyResult(outcome=_judge(status), status=status, said=shown(said))


def _judge(status: int) -> Outcome:
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 3261 7.2: success
        return Outcome.ACCEPTED
    return Outcome.UNSUPPORTED if status in _UNSUPPORTED else Outcome.REFUSED


def _escape(name: str, user: str) -> str:
    """*user* as a SIP URI has it: what is left of it cannot end a header, a URI or an angle bracket."""
    if not user:
        raise InvalidValue(name, "is empty")
    return quote(check_text(name, user), safe=_USER_SAFE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """The request, and how to know the answers to it."""

    target: str
    sender: str
    event: str
    registrar: Endpoint
    # RFC 3261 8.1.1.7 (the cookie z9hG4bK), 19.3, 8.1.1.4; random, so that nobody off the path can forge an answer
    branch: str = field(default_factory=lambda: f"z9hG4bK{secrets.token_hex(16)}")
    tag: str = field(default_factory=lambda: secrets.token_hex(8))
    call_id: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def port(self) -> int:
        return self.registrar.port or PORTS[self.registrar.transport]

    def wire(self, local: tuple[str, int]) -> bytes:
        """The request as it is sent from the address *local*."""
        host = local[0].partition("%")[0]  # without the zone of fe80::1%eth0, which means nothing to others
        sent_by = f"[{host}]:{local[1]}" if ":" in host else f"{host}:{local[1]}"
        transport = "udp" if self.registrar.transport is Transport.DNS else self.registrar.transport.value
        lines = (
            f"NOTIFY sip:{self.target}@{self.registrar} SIP/2.0",
            f"Via: SIP/2.0/{transport.upper()} {sent_by};branch={self.branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.sender}@{self.registrar.uri_host}>;tag={self.tag}",
            f"To: <sip:{self.target}@{self.registrar.uri_host}>",
            f"Call-ID: {self.call_id}",
            "CSeq: 1 NOTIFY",
            f"Contact: <sip:{self.sender}@{sent_by};transport={transport}>",
            f"Event: {self.event}",
            "Subscription-State: terminated",
        )
        return written(lines)

    def answer(self, message: bytes) -> tuple[int, str] | None:
        """Status and reason phrase when *message* answers this request (RFC 3261 17.1.3); None for anything else."""
        start, headers = read_head(message)
        status = _STATUS_LINE.fullmatch(start)
        branch = _BRANCH.search(headers.get("via", ""))
        if not status or not branch or branch[1] != self.branch or headers.get("call-id") != self.call_id:
            return None
        return int(status[1]), status[2] or ""


class _Listener(asyncio.DatagramProtocol):
    """Waits for the answer to *notice* among all that arrives."""

    def __init__(self, notice: _Notice) -> None:
        self._notice = notice
        self.final: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.is_tried = False

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:  # noqa: ARG002 - of the protocol
        answer = self._notice.answer(data)
        if answer is None or self.final.done():
            return
        if answer[0] < 200:  # noqa: PLR2004 - RFC 3261 7.2: provisional, somebody is at it
            self.is_tried = True
        else:
            self.final.set_result(answer)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (RFC 3261 18.4)."""
        if not self.final.done():
            self.final.set_exception(exc)


async def _by_udp(notice: _Notice, *, t1_s: float) -> tuple[int, str]:
    """Send until there is a final answer (RFC 3261 17.1.2.2). Only the registrar's own address and port can answer."""
    transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Listener(notice), remote_addr=(notice.registrar.host, notice.port)
    )
    try:
        message = notice.wire(transport.get_extra_info("sockname")[:2])
        interval_s = t1_s
        while True:
            transport.sendto(message)
            await asyncio.wait({listener.final}, timeout=interval_s)
            if listener.final.done():
                return listener.final.result()
            interval_s = T2_S if listener.is_tried else min(2 * interval_s, T2_S)
    finally:
        transport.close()


async def _by_stream(notice: _Notice, *, connect_s: float, tls: ssl.SSLContext | None) -> tuple[int, str]:
    """Send once by TCP or TLS; EOFError when the connection ends first."""
    try:
        async with asyncio.timeout(connect_s):
            if notice.registrar.transport is Transport.TLS:
                tls = tls or await asyncio.to_thread(ssl.create_default_context)  # reads files
            else:
                tls = None
            reader, writer = await asyncio.open_connection(
                notice.registrar.host, notice.port, ssl=tls, limit=_REPLY_LIMIT_BYTES
            )
    except TimeoutError as error:
        raise ConnectionError(f"no connection within {connect_s:g} s") from error
    try:
        writer.write(notice.wire(writer.get_extra_info("sockname")[:2]))
        while True:
            answer = notice.answer(await _read_message(reader))
            if answer and answer[0] >= 200:  # noqa: PLR2004 - RFC 3261 7.2: final
                return answer
    except (OSError, asyncio.LimitOverrunError) as error:
        raise EOFError from error
    finally:
        writer.transport.abort()  # all is said; a polite end of TLS would wait for the other side
        with suppress(OSError):
            await writer.wait_closed()


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    """The next head on a stream; its body is read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = read_head(head)[1].get("content-length", "0")
    if not length.isdecimal() or len(length) > len(str(_REPLY_LIMIT_BYTES)):
        raise EOFError("where the next message begins is anybody's guess")
    await reader.readexactly(int(length))
    return head
