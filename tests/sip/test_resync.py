"""A NOTIFY leaves as RFC 3261 and 6665 want it, and what comes back is judged rightly; peers are real sockets."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest

from provserver.domain.line import Endpoint, Transport
from provserver.errors import InvalidValue
from provserver.sip import NotifyResult, Outcome, notify
from tests.certificates import self_signed

Headers = dict[str, str]
Script = Callable[[int, str, Headers], Iterable[bytes]]
EVENT = "check-sync;reboot=false"
SILENCE_S = 0.05  # how long a test waits for what never comes


def has_ipv6() -> bool:
    """Whether this machine has ::1, which containers often have not."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


LOOPBACKS = ["127.0.0.1", *(["::1"] if has_ipv6() else [])]


def take_apart(message: bytes) -> tuple[str, Headers]:
    """A request's first line and its headers, each of which may occur once."""
    head, blank, body = message.decode("ascii").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name: value for name, value in pairs}  # noqa: C416 - pairs are lists
    assert blank
    assert body == ""
    assert len(headers) == len(pairs)
    return start, headers


def reply(headers: Headers, status: str, **changed: str) -> bytes:
    """An answer as RFC 3261 8.2.6.2 makes it, with headers *changed*."""
    copied = {name: headers[name] for name in ("Via", "From", "To", "Call-ID", "CSeq")}
    copied["To"] += ";tag=peer"
    lines = [f"{name}: {value}" for name, value in (copied | {"Content-Length": "0"} | changed).items()]
    return "\r\n".join([f"SIP/2.0 {status}", *lines, "", ""]).encode()


def always(status: str) -> Script:
    return lambda _number, _start, headers: [reply(headers, status)]


def never(_number: int, _start: str, _headers: Headers) -> Iterable[bytes]:
    return []


class Peer(asyncio.DatagramProtocol):
    """Answers each datagram as its script says, and keeps what came."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.received: list[bytes] = []
        self.senders: list[tuple[str, int]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.append(data)
        self.senders.append(addr)
        for answer in self.script(len(self.received), *take_apart(data)):
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def udp_peer(script: Script, *, host: str = "127.0.0.1") -> AsyncIterator[tuple[Endpoint, Peer]]:
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(lambda: Peer(script), local_addr=(host, 0))
    try:
        yield Endpoint(host=host, port=transport.get_extra_info("sockname")[1]), peer
    finally:
        transport.close()


@asynccontextmanager
async def stream_peer(
    script: Script, *, transport: Transport = Transport.TCP, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Endpoint, list[bytes]]]:
    """A peer on a stream, which answers one request and then closes when its script has nothing to say."""
    received: list[bytes] = []
    closed: list[asyncio.Event] = []  # Python 3.11 does not wait for connections when a server closes

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.Event()
        closed.append(connection)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            received.append(await reader.readuntil(b"\r\n\r\n"))
            answers = list(script(1, *take_apart(received[-1])))
            for answer in answers:
                writer.write(answer)
            await writer.drain()
            if answers:
                await reader.read()  # until the other side closes
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        connection.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield Endpoint(host="127.0.0.1", port=server.sockets[0].getsockname()[1], transport=transport), received
    finally:
        server.close()
        for connection in closed:
            await connection.wait()


async def send(
    registrar: Endpoint, *, timeout_s: float = 4.0, t1_s: float = 0.5, tls: ssl.SSLContext | None = None
) -> NotifyResult:
    return await notify(
        target_user="1001", registrar=registrar, event=EVENT, from_user="provisioning",
        timeout_s=timeout_s, t1_s=t1_s, tls=tls,
    )  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACKS)
async def test_the_request_is_complete(host: str) -> None:
    async with udp_peer(always("200 OK"), host=host) as (registrar, peer):
        result = await send(registrar)

    start, headers = take_apart(peer.received[0])
    shown = f"[{host}]" if ":" in host else host
    local = f"{shown}:{peer.senders[0][1]}"
    assert result == NotifyResult(outcome=Outcome.ACCEPTED, status=200, said="OK")
    assert start == f"NOTIFY sip:1001@{shown}:{registrar.port} SIP/2.0"
    assert re.fullmatch(re.escape(f"SIP/2.0/UDP {local};branch=") + r"z9hG4bK[0-9a-f]{32};rport", headers["Via"])
    assert re.fullmatch(re.escape(f"<sip:provisioning@{shown}>") + r";tag=[0-9a-f]{16}", headers["From"])
    assert headers["To"] == f"<sip:1001@{shown}>"
    assert headers["Contact"] == f"<sip:provisioning@{local};transport=udp>"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["Call-ID"])
    assert headers["CSeq"] == "1 NOTIFY"
    assert headers["Max-Forwards"] == "70"
    assert headers["Event"] == EVENT
    assert headers["Subscription-State"] == "terminated"
    assert headers["Content-Length"] == "0"


async def test_two_requests_share_no_identifier() -> None:
    async with udp_peer(always("200 OK")) as (registrar, peer):
        await send(registrar)
        await send(registrar)

    first, second = (take_apart(message)[1] for message in peer.received)
    assert first["Call-ID"] != second["Call-ID"]
    assert first["From"] != second["From"]
    assert first["Via"].partition("branch=")[2] != second["Via"].partition("branch=")[2]


@pytest.mark.parametrize(
    ("status", "outcome", "code", "said"),
    [
        ("202 Accepted", Outcome.ACCEPTED, 202, "Accepted"),
        ("302 Moved Temporarily", Outcome.REFUSED, 302, "Moved Temporarily"),
        ("401 Unauthorized", Outcome.REFUSED, 401, "Unauthorized"),
        ("404 Not Found", Outcome.REFUSED, 404, "Not Found"),
        ("405 Method Not Allowed", Outcome.UNSUPPORTED, 405, "Method Not Allowed"),
        ("481 Subscription does not exist", Outcome.REFUSED, 481, "Subscription does not exist"),
        ("489 Bad Event", Outcome.UNSUPPORTED, 489, "Bad Event"),
        ("501 Not Implemented", Outcome.UNSUPPORTED, 501, "Not Implemented"),
        ("503 ", Outcome.REFUSED, 503, ""),
        ("603", Outcome.REFUSED, 603, ""),
        ("486 Besetzt, späť\x1b[2J", Outcome.REFUSED, 486, "Besetzt, späť[2J"),
    ],
)
async def test_an_answer_is_judged(status: str, outcome: Outcome, code: int, said: str) -> None:
    async with udp_peer(always(status)) as (registrar, peer):
        result = await send(registrar)

    assert result == NotifyResult(outcome=outcome, status=code, said=said)
    assert len(peer.received) == 1


async def test_silence_is_no_answer() -> None:
    async with udp_peer(never) as (registrar, peer):
        result = await send(registrar, timeout_s=SILENCE_S)

    assert result == NotifyResult(outcome=Outcome.NO_ANSWER, said="no answer within 0.05 s")
    assert len(peer.received) == 1


async def test_a_lost_request_is_sent_again_unchanged() -> None:
    def lossy(number: int, _start: str, headers: Headers) -> Iterable[bytes]:
        return [] if number < 3 else [reply(headers, "200 OK")]

    async with udp_peer(lossy) as (registrar, peer):
        result = await send(registrar, t1_s=0.01)

    assert result.outcome == "accepted"
    assert len(peer.received) == 3
    assert len(set(peer.received)) == 1
    assert len(set(peer.senders)) == 1


class Waits:
    """Stands in for `asyncio.wait`: notes how long the wait would be, and ends the last of *number* with an answer."""

    def __init__(self, number: int, *, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        self.number = number
        self.meanwhile = meanwhile
        self.intervals: list[float] = []

    async def __call__(self, futures: set[asyncio.Future[tuple[int, str]]], *, timeout: float) -> None:  # noqa: ASYNC109
        self.intervals.append(timeout)
        if self.meanwhile:
            await self.meanwhile()
        if len(self.intervals) == self.number:
            next(iter(futures)).set_result((200, "OK"))


async def test_copies_come_at_doubling_intervals_of_four_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 3261 17.1.2.2."""
    waits = Waits(6)
    monkeypatch.setattr(asyncio, "wait", waits)

    async with udp_peer(never) as (registrar, _peer):
        await send(registrar)

    assert waits.intervals == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


async def test_a_provisional_answer_makes_copies_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 3261 17.1.2.2: somebody is at it, so the next copy is four seconds away."""
    answered = asyncio.Event()

    def trying(_number: int, _start: str, headers: Headers) -> Iterable[bytes]:
        yield reply(headers, "100 Trying")
        answered.set()

    async def hear() -> None:
        await answered.wait()
        for _ in range(3):  # turns of the loop, in which it reads what is at the socket
            await asyncio.sleep(0)

    waits = Waits(2, meanwhile=hear)
    monkeypatch.setattr(asyncio, "wait", waits)

    async with udp_peer(trying) as (registrar, _peer):
        await send(registrar)

    assert waits.intervals == [0.5, 4.0]


async def test_a_final_answer_after_a_provisional_one_counts() -> None:
    def both(_number: int, _start: str, headers: Headers) -> Iterable[bytes]:
        return [reply(headers, "100 Trying"), reply(headers, "200 OK"), reply(headers, "481 Gone")]

    async with udp_peer(both) as (registrar, _peer):
        result = await send(registrar)

    assert result == NotifyResult(outcome=Outcome.ACCEPTED, status=200, said="OK")


async def test_what_does_not_answer_this_request_is_passed_over() -> None:
    def chatter(_number: int, start: str, headers: Headers) -> Iterable[bytes]:
        branch = headers["Via"].partition("branch=")[2].partition(";")[0]
        return [
            b"",
            b"\r\n\r\n",
            b"\x00\xff\xfe garbage",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"SIP/2.0 200 OK\r\n\r\n",
            b"SIP/2.0 200 OK",
            f"{start}\r\nVia: {headers['Via']}\r\nCall-ID: {headers['Call-ID']}\r\n\r\n".encode(),
            reply(headers, "200 OK", Via=headers["Via"].replace(branch, "z9hG4bKother")),
            reply(headers, "200 OK", Via=f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKproxy, {headers['Via']}"),
            reply(headers, "200 OK", **{"Call-ID": "another"}),
            reply(headers, "2000 OK"),
            reply(headers, "099 OK"),
            reply(headers, "404 Not Found"),
        ]

    async with udp_peer(chatter) as (registrar, _peer):
        result = await send(registrar)

    assert result == NotifyResult(outcome=Outcome.REFUSED, status=404, said="Not Found")


async def test_compact_folded_and_oddly_written_headers_are_read() -> None:
    """RFC 3261 7.3.1 and 7.3.3."""

    def odd(_number: int, _start: str, headers: Headers) -> Iterable[bytes]:
        via = (
            headers["Via"].replace(";branch=", "\r\n\t; BRANCH = ").replace(";rport", ";rport=5062;received=127.0.0.1")
        )
        return [f"\r\nSIP/2.0 200 Fine\r\nv : {via}\r\nI:{headers['Call-ID']}\r\nl: 0\r\n\r\n".encode()]

    async with udp_peer(odd) as (registrar, _peer):
        result = await send(registrar)

    assert result == NotifyResult(outcome=Outcome.ACCEPTED, status=200, said="Fine")


async def test_an_answer_from_another_port_does_not_count() -> None:
    """Who is not the registrar cannot answer for it, even knowing the request."""
    async with udp_peer(never) as (registrar, peer), udp_peer(never) as (_other, forger):

        def forge(_number: int, _start: str, headers: Headers) -> Iterable[bytes]:
            forger.transport.sendto(reply(headers, "200 OK"), peer.senders[-1])
            return []

        peer.script = forge
        result = await send(registrar, timeout_s=SILENCE_S)

    assert len(peer.received) == 1
    assert result.outcome == "no_answer"


async def test_nobody_at_the_port_is_unreachable() -> None:
    async with udp_peer(never) as (closed, _peer):
        pass

    by_udp = await send(closed)
    by_tcp = await send(Endpoint(host=closed.host, port=closed.port, transport=Transport.TCP))

    assert by_udp.outcome == "unreachable"
    assert by_udp.said == "Connection refused"
    assert by_tcp.outcome == "unreachable"
    assert by_tcp.status is None


@pytest.mark.parametrize("transport", list(Transport))
async def test_a_host_that_does_not_exist_is_unreachable(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = await send(Endpoint(host="registrar.invalid", transport=transport))

    assert result == NotifyResult(outcome=Outcome.UNREACHABLE, said="Name or service not known")


async def test_dns_transport_resolves_the_host_and_uses_udp(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, asked = socket.getaddrinfo, []

    def local(host: str, port: int, *options: int) -> list[tuple[object, ...]]:
        asked.append(host)
        return list(resolve("127.0.0.1", port, *options))

    async with udp_peer(always("200 OK")) as (registrar, peer):
        monkeypatch.setattr(socket, "getaddrinfo", local)
        result = await send(Endpoint(host="pbx.test", port=registrar.port, transport=Transport.DNS))

    start, headers = take_apart(peer.received[0])
    assert result.outcome == "accepted"
    assert asked == ["pbx.test"]
    assert start.startswith("NOTIFY sip:1001@pbx.test:")
    assert headers["To"] == "<sip:1001@pbx.test>"
    assert headers["Via"].startswith("SIP/2.0/UDP 127.0.0.1:")


async def test_tcp_reads_answers_from_a_stream() -> None:
    def stream(_number: int, start: str, headers: Headers) -> Iterable[bytes]:
        final = reply(headers, "200 OK")
        body = b"SIP/2.0 500 Not this\r\n\r\n"
        return [
            b"\r\n\r\n",
            f"{start}\r\nVia: x\r\nl: {len(body)}\r\n\r\n".encode() + body,
            reply(headers, "100 Trying"),
            final[:20],
            final[20:],
        ]

    async with stream_peer(stream) as (registrar, received):
        result = await send(registrar)

    _, headers = take_apart(received[0])
    assert result == NotifyResult(outcome=Outcome.ACCEPTED, status=200, said="OK")
    assert headers["Via"].startswith("SIP/2.0/TCP 127.0.0.1:")
    assert headers["Contact"].endswith(";transport=tcp>")


@pytest.mark.parametrize(
    "answers",
    [[], [b"x" * 70_000], [b"SIP/2.0 100 Trying\r\nContent-Length: 99999999999\r\n\r\n"]],
    ids=["closed", "no end", "body without end"],
)
async def test_a_stream_without_sip_is_no_answer(answers: list[bytes]) -> None:
    async with stream_peer(lambda _number, _start, _headers: answers) as (registrar, received):
        result = await send(registrar)

    assert len(received) == 1
    assert result == NotifyResult(outcome=Outcome.NO_ANSWER, said="the connection ended without an answer")


async def test_tls_is_used_when_the_certificate_is_trusted(tmp_path: Path) -> None:
    server, trust = self_signed(tmp_path)

    async with stream_peer(always("200 OK"), transport=Transport.TLS, tls=server) as (registrar, received):
        trusting = await send(registrar, tls=ssl.create_default_context(cafile=trust))
        distrusting = await send(registrar)

    assert trusting == NotifyResult(outcome=Outcome.ACCEPTED, status=200, said="OK")
    assert take_apart(received[0])[1]["Via"].startswith("SIP/2.0/TLS 127.0.0.1:")
    assert distrusting.outcome == "unreachable"
    assert "CERTIFICATE_VERIFY_FAILED" in distrusting.said
    assert len(received) == 1


async def test_tls_against_a_peer_without_tls_fails_within_the_limit() -> None:
    async with stream_peer(never) as (registrar, _received):
        plain = Endpoint(host=registrar.host, port=registrar.port, transport=Transport.TLS)
        result = await send(plain, timeout_s=8 * SILENCE_S, tls=ssl.create_default_context())

    assert result.outcome == "unreachable"


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("+4930123456", "+4930123456"),
        ("w.müller", "w.m%C3%BCller"),
        ("100#1", "100%231"),
        ("a@evil.test>;x=<sip:b", "a%40evil.test%3E%3Bx=%3Csip%3Ab"),
        ("a b", "a%20b"),
    ],
)
async def test_a_user_stays_a_user(user: str, expected: str) -> None:
    async with udp_peer(always("200 OK")) as (registrar, peer):
        await notify(target_user=user, registrar=registrar, event=EVENT, from_user=user)

    start, headers = take_apart(peer.received[0])
    assert start == f"NOTIFY sip:{expected}@{registrar} SIP/2.0"
    assert headers["To"] == f"<sip:{expected}@127.0.0.1>"
    assert headers["From"].startswith(f"<sip:{expected}@127.0.0.1>;tag=")
    assert headers["Contact"].startswith(f"<sip:{expected}@127.0.0.1:")


@pytest.mark.parametrize("text", ["", "a\r\nX: y", "a\nb", "a\rb", "a\x00", "a\u2028b", "a\ud800", " a"])
@pytest.mark.parametrize("field", ["target_user", "from_user", "event"])
async def test_what_would_inject_a_header_is_refused(field: str, text: str) -> None:
    values = {"target_user": "1001", "from_user": "provisioning", "event": EVENT} | {field: text}

    async with udp_peer(always("200 OK")) as (registrar, peer):
        with pytest.raises(InvalidValue) as refused:
            await notify(
                target_user=values["target_user"], from_user=values["from_user"], event=values["event"],
                registrar=registrar,
            )  # fmt: skip

    assert refused.value.field == field
    assert peer.received == []


@pytest.mark.parametrize("event", ["check sync", "check-sync;", "check-sync;reboot=", "a\n", "a,b", "a:b", "ü", ";a"])
async def test_what_is_no_event_is_refused(event: str) -> None:
    async with udp_peer(always("200 OK")) as (registrar, peer):
        with pytest.raises(InvalidValue):
            await notify(target_user="1001", registrar=registrar, event=event, from_user="provisioning")

    assert peer.received == []


@pytest.mark.parametrize("event", ["check-sync", "check-sync;reboot=true", "resync", "reboot_now", "x.y;a;b=c"])
async def test_events_of_all_makers_are_sent_as_they_are(event: str) -> None:
    async with udp_peer(always("200 OK")) as (registrar, peer):
        await notify(target_user="1001", registrar=registrar, event=event, from_user="provisioning")

    assert take_apart(peer.received[0])[1]["Event"] == event
