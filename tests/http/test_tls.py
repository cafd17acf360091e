"""The modern listener: which versions, ciphers and certificates there are, who is told what, and what is counted."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from provserver.errors import ConfigurationError
from provserver.http.tls import Contexts
from provserver.settings import MonitorSettings
from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door, until
from tests.http.tls import NAME, Pair, make, only, phone, settings_of
from tests.http.wire import LIMIT_S, Wire, request

LONG_AGO = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
V1_0, V1_1 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pair, Pair]:
    """The server's certificates, ECDSA and RSA."""
    folder = tmp_path_factory.mktemp("keys")
    return make(folder, NAME, kind="ec"), make(folder, NAME, kind="rsa")


@asynccontextmanager
async def speaking(data: Path, pairs: tuple[Pair, ...], **tls: object) -> AsyncIterator[Door]:
    """A door with TLS, and an armed phone."""
    async with open_door(data, tls=settings_of(*pairs, **tls)) as door:
        await door.phone(await door.tenant("shop"))
        yield door


async def served(wire: Wire) -> bool:
    """Whether the phone is given its file."""
    await wire.send(request("GET", f"/{MAC}.cfg", headers={"User-Agent": AGENT}))
    return PASSWORD in (await wire.reply()).text


async def refused(door: Door, tls: ssl.SSLContext, entrance: str = "tls") -> bool:
    """Whether the handshake fails on the server's side: it is that which ends it."""
    try:
        async with door.connected(entrance, tls=tls) as wire:
            await wire.send(request("GET", "/x"))
            return not await wire.rest()
    except (ssl.SSLError, ConnectionError):
        return True


@pytest.mark.parametrize("version", [V1_2, V1_3])
async def test_phones_are_served_over_the_versions_of_today(
    data: Path, keys: tuple[Pair, Pair], version: ssl.TLSVersion
) -> None:
    async with speaking(data, keys) as door:
        async with door.connected("tls", tls=only(version)) as wire:
            assert await served(wire)
            assert wire.agreed.selected_alpn_protocol() is None
            spoken = str(wire.agreed.version())

        assert door.count("tls_handshakes_total", listener="tls", version=spoken, kind="full") == 1
        await until(lambda: door.traffic.count == 1)
        assert (await door.requests())[0]["tls_version"] == spoken


@pytest.mark.parametrize("version", [V1_0, V1_1])
async def test_older_versions_find_no_common_ground_and_that_is_said(
    data: Path, keys: tuple[Pair, Pair], version: ssl.TLSVersion
) -> None:
    async with speaking(data, keys) as door:
        assert await refused(door, only(version))

        await until(lambda: door.count("handshake_failures_total", listener="tls", reason="no_common_ground") == 1)
        (line,) = (line for line in door.lines() if line["event"] == "handshake.failed")
        assert (line["address"], line["reason"], line["listener"]) == ("127.0.0.1", "no_common_ground", "tls")
        assert door.capacity.open == 0


@pytest.mark.parametrize("version", [V1_2, V1_3])
@pytest.mark.parametrize("algorithm", ["ECDSA", "RSA"])
async def test_a_phone_gets_the_certificate_that_it_can_check(
    data: Path, keys: tuple[Pair, Pair], version: ssl.TLSVersion, algorithm: str
) -> None:
    """With TLS 1.2 its ciphers say which; with 1.3 it is its signatures, and OpenSSL prefers ECDSA where both fit."""
    ciphers = f"ECDHE-{algorithm}-AES128-GCM-SHA256"
    async with speaking(data, keys) as door, door.connected("tls", tls=only(version, ciphers=ciphers)) as wire:
        assert await served(wire)
        wanted = keys[algorithm == "RSA" and version is V1_2]
        assert wire.agreed.getpeercert(binary_form=True) == wanted.der


@pytest.mark.parametrize("which", [0, 1], ids=["ECDSA", "RSA"])
async def test_one_certificate_is_enough(data: Path, keys: tuple[Pair, Pair], which: int) -> None:
    async with speaking(data, (keys[which],)) as door, door.connected("tls", tls=phone()) as wire:
        assert await served(wire)


async def test_a_key_may_be_in_a_file_of_its_own(data: Path, tmp_path: Path) -> None:
    pair = make(tmp_path, NAME)
    private, _, public = pair.file.read_text().partition("-----BEGIN CERTIFICATE")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_text(private)
    certificate.write_text(f"-----BEGIN CERTIFICATE{public}")

    async with (
        speaking(data, (pair,), certificates=(certificate,), keys=(key,)) as door,
        door.connected("tls", tls=phone()) as wire,
    ):
        assert await served(wire)


@pytest.mark.parametrize("version", [V1_2, V1_3])
@pytest.mark.parametrize("asked", [False, True], ids=["nobody asked", "certificate asked for"])
async def test_a_phone_that_comes_back_resumes(
    data: Path, tmp_path: Path, keys: tuple[Pair, Pair], *, version: ssl.TLSVersion, asked: bool
) -> None:
    """Also with a certificate of its own, which is then known from the ticket."""
    maker = make(tmp_path, "Maker")
    own = make(tmp_path, str(MAC), signed_by=maker) if asked else None
    tls = phone(lowest=version, highest=version, certificate=own)
    async with speaking(data, keys, maker_authorities=authorities(tmp_path, maker) if asked else None) as door:
        seen, session, _ = await resumed(door, tls, None)
        seen_again, _, reused = await resumed(door, tls, session)

        assert seen == seen_again == (own.der if own else None)
        assert reused
        assert door.count("tls_handshakes_total", kind="full") == 1
        assert door.count("tls_handshakes_total", kind="resumed") == 1


async def resumed(
    door: Door, tls: ssl.SSLContext, session: ssl.SSLSession | None
) -> tuple[bytes | None, ssl.SSLSession | None, bool]:
    """A fetch with *session*: which certificate the server saw, the next session, and whether this one was taken."""
    tls.sslobject_class = resuming(session)
    async with door.connected("tls", tls=tls) as wire:
        assert await served(wire)
        (connection,) = door.listener.server.watched
        seen = connection.certificate
        reused = bool(wire.agreed.session_reused)
        session = wire.agreed.session
    await until(lambda: not door.listener.server.watched)
    return seen, session, reused


def resuming(session: ssl.SSLSession | None) -> type[ssl.SSLObject]:
    """What asyncio makes brings a session along, which there is no other way to hand over."""

    class Line(ssl.SSLObject):
        @classmethod
        def _create(cls, *args: object, **kwargs: object) -> Line:
            made = super()._create(*args, **{**kwargs, "session": session})  # type: ignore[misc]
            assert isinstance(made, Line)
            return made

    return Line


def authorities(folder: Path, maker: Pair) -> Path:
    """A folder with the authority of one maker, as an operator fills it."""
    stores = folder / "makers"
    stores.mkdir()
    public = "-----BEGIN CERTIFICATE" + maker.file.read_text().partition("-----BEGIN CERTIFICATE")[2]
    (stores / "yealink.pem").write_text(public)
    return stores


async def test_a_certificate_is_asked_for_and_an_expired_one_comes_through(data: Path, tmp_path: Path) -> None:
    """It is judged by its maker's rule, not by the handshake."""
    maker = make(tmp_path, "Maker")
    expired = make(tmp_path, str(MAC), signed_by=maker, until=LONG_AGO)
    async with speaking(data, (make(tmp_path, NAME),), maker_authorities=authorities(tmp_path, maker)) as door:
        async with door.connected("tls", tls=phone(certificate=expired)) as wire:
            assert await served(wire)
            (connection,) = door.listener.server.watched
            assert connection.certificate == expired.der
        await until(lambda: not door.listener.server.watched)
        async with door.connected("tls", tls=phone()) as wire:
            assert await served(wire), "never required"


async def test_an_authority_that_nobody_has_named_ends_the_handshake_and_that_is_said(
    data: Path, tmp_path: Path
) -> None:
    maker, rogue = make(tmp_path, "Maker"), make(tmp_path, "Rogue")
    own = make(tmp_path, str(MAC), signed_by=rogue)
    async with speaking(data, (make(tmp_path, NAME),), maker_authorities=authorities(tmp_path, maker)) as door:
        assert await refused(door, phone(certificate=own))

        await until(lambda: door.count("handshake_failures_total", listener="tls", reason="unknown_authority") == 1)
        assert "handshake.failed" in {line["event"] for line in door.lines()}
        assert door.count("connections_total", listener="tls", outcome="admitted") == 0


@pytest.mark.parametrize(("name", "seen"), [(NAME, True), ("Plain.phones.example.com", False)])
async def test_under_some_names_no_certificate_is_asked_for(
    data: Path, tmp_path: Path, name: str, *, seen: bool
) -> None:
    """For phones whose old certificates break the handshake."""
    maker = make(tmp_path, "Maker")
    own = make(tmp_path, str(MAC), signed_by=maker)
    settings = {
        "maker_authorities": authorities(tmp_path, maker),
        "unasked_names": ("plain.phones.example.com",),
    }
    async with (
        speaking(data, (make(tmp_path, NAME),), **settings) as door,
        door.connected("tls", tls=phone(certificate=own), name=name) as wire,
    ):
        assert await served(wire)
        (connection,) = door.listener.server.watched
        assert (connection.certificate == own.der) is seen


@pytest.mark.parametrize("version", [V1_2, V1_3])
async def test_a_phone_that_does_not_trust_us_is_noticed(
    data: Path, keys: tuple[Pair, Pair], version: ssl.TLSVersion
) -> None:
    async with speaking(data, keys) as door:
        await asyncio.to_thread(distrusting, door.addresses["tls"], version)

        await until(lambda: door.count("handshake_failures_total", listener="tls", reason="not_accepted") == 1)
        assert door.count("connections_total", listener="tls", outcome="admitted") == 0


def distrusting(address: tuple[str, int], version: ssl.TLSVersion) -> None:
    """A phone that says why it leaves: clients made with asyncio go without a word."""
    tls = phone(lowest=version, highest=version)
    tls.verify_mode = ssl.CERT_REQUIRED
    with (
        socket.create_connection(address, timeout=LIMIT_S) as sock,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        tls.wrap_socket(sock)


async def test_plain_http_on_the_port_of_tls_is_closed_and_counted(data: Path, keys: tuple[Pair, Pair]) -> None:
    async with speaking(data, keys) as door, door.connected("tls") as wire:
        await wire.send(request("GET", f"/{MAC}.cfg"))

        assert await wire.rest() == b""
        assert door.count("handshake_failures_total", listener="tls", reason="plain_http") == 1
        assert await door.requests() == []


async def test_tls_on_the_port_of_plain_http_gets_the_answer_that_malformed_requests_get(
    data: Path, keys: tuple[Pair, Pair]
) -> None:
    async with speaking(data, keys) as door:
        with pytest.raises(ssl.SSLError, match=r"WRONG_VERSION_NUMBER|HTTP_REQUEST"):
            await door.connected("plain", tls=phone()).__aenter__()

        await until(lambda: door.malformed() == 1)
        assert door.count("handshake_failures_total", listener="plain", reason="tls_on_plain") == 1


@pytest.mark.parametrize(
    "junk", [b"SSH-2.0-OpenSSH\r\n", bytes(600), b"\x16\x03\x01\x00\x02\x02\x00", b"\x80\x2e\x01\x00\x02"]
)
async def test_anything_else_on_the_port_of_tls_is_closed_and_counted(
    data: Path, keys: tuple[Pair, Pair], junk: bytes
) -> None:
    async with speaking(data, keys) as door, door.connected("tls") as wire:
        await wire.send(junk)

        assert await wire.rest() == b""
        assert door.count("handshake_failures_total", listener="tls", reason="not_tls") == 1


@pytest.mark.parametrize("junk", [b"SSH-2.0-OpenSSH\r\n", request("GET", "/805ec0aabbcc.cfg")])
async def test_who_goes_on_with_what_is_no_tls_is_shut_out(data: Path, keys: tuple[Pair, Pair], junk: bytes) -> None:
    strict = MonitorSettings(allow=())
    async with open_door(data, tls=settings_of(*keys), monitor=strict) as door:
        for _ in range(21):
            async with door.connected("tls") as wire:
                await wire.send(junk)
                await wire.rest()
        await door.services.monitor.work()

        assert door.services.monitor.is_banned("127.0.0.1")


async def test_a_hello_that_openssl_cannot_read_ends_the_connection(data: Path, keys: tuple[Pair, Pair]) -> None:
    async with speaking(data, keys) as door, door.connected("tls") as wire:
        body = b"\x03\x03" + bytes(32) + b"\x00\x00\x02\xff\xff\x01\x00"
        await wire.send(b"\x16\x03\x01\x00" + bytes([len(body) + 4]) + b"\x01\x00\x00" + bytes([len(body)]) + body)

        await wire.rest()
        await until(lambda: door.count("handshake_failures_total", listener="tls") == 1)
        assert door.capacity.open == 0


async def test_a_health_check_that_says_nothing_is_no_news(data: Path, keys: tuple[Pair, Pair]) -> None:
    async with speaking(data, keys) as door:
        async with door.connected("tls"):
            await until(lambda: door.capacity.open == 1)

        await until(lambda: door.count("handshake_failures_total", listener="tls", reason="nothing_said") == 1)
        assert door.lines() == []


async def test_new_files_are_used_by_new_connections_and_old_ones_go_on(data: Path, tmp_path: Path) -> None:
    first = make(tmp_path, NAME)
    async with speaking(data, (first,)) as door, door.connected("tls", tls=phone()) as old:
        assert await served(old)
        assert door.contexts is not None
        assert not door.contexts.reload(only_if_changed=True)
        second = make(tmp_path, NAME)  # into the same file

        assert door.contexts.reload(only_if_changed=True)

        async with door.connected("tls", tls=phone()) as new:
            assert await served(new)
            assert new.agreed.getpeercert(binary_form=True) == second.der
        assert await served(old)
        assert old.agreed.getpeercert(binary_form=True) == first.der


@pytest.mark.parametrize("content", [b"", b"nonsense", None], ids=["empty", "nonsense", "gone"])
async def test_files_that_cannot_be_used_replace_nothing(data: Path, tmp_path: Path, content: bytes | None) -> None:
    first = make(tmp_path, NAME)
    async with speaking(data, (first,)) as door:
        assert door.contexts is not None
        first.file.unlink()
        if content is not None:
            first.file.write_bytes(content)

        with pytest.raises(ConfigurationError, match=first.file.name):
            door.contexts.reload(only_if_changed=True)

        assert not door.contexts.reload(only_if_changed=True), "the same failure is not tried again"
        async with door.connected("tls", tls=phone()) as wire:
            assert await served(wire)
            assert wire.agreed.getpeercert(binary_form=True) == first.der


def test_a_key_that_does_not_fit_is_named(tmp_path: Path) -> None:
    one, other = make(tmp_path, "one"), make(tmp_path, "other")

    with pytest.raises(ConfigurationError, match=r"one-ec\.pem with key .*other-ec\.pem"):
        Contexts(settings_of(one, keys=(other.file,)))
