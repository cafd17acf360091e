"""By which certificate this server shows who it is: what is one, who sees it, and what its refusal looks like."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from provserver.errors import IdentityRefused, InvalidValue, PeerError
from provserver.outbound.http import Limits, Outside, Request
from provserver.outbound.identity import MAX_IDENTITY_CHARS, Identity
from provserver.secret import Secret
from tests.clocks import FakeClock
from tests.pki import Authority
from tests.redirect.fakes import tls
from tests.redirect.fakes.service import serving
from tests.redirect.fakes.unify import CloudSetup
from tests.redirect.loopback import answer

OURS, THEIRS = Authority("Ours").sign(CN="customer-1"), Authority("Theirs").sign(CN="customer-1")


def key_of(passphrase: bytes) -> str:
    return OURS.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)).decode()


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    limits = Limits(connect_s=5, call_s=10, reply_bytes=1_000)
    outside = Outside(limits=limits, clock=FakeClock(), trust=tls.trusting, connections=4)
    yield outside
    await outside.close()


@pytest.fixture
def demanding() -> Iterator[str]:
    """
    The URL of a server that wants the customer's certificate in the handshake; with TLS 1.2 it refuses others there.

    On sockets that block: asyncio's own servers hang up without the alert that tells why.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.TRUST.with_name("server.pem"))
    context.load_verify_locations(cadata=tls.AUTHORITY.root.pem.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_welcome, args=(listener, context))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _welcome(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the test is over
            return
        with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as line:
            line.recv(65_536)
            line.sendall(answer("welcome", headers=["Connection: close"]))


def shown(pem: str) -> Identity:
    return Identity(Secret(pem), field="identity")


async def test_who_wants_it_is_shown_it(outside: Outside, demanding: str) -> None:
    request = Request(method="GET", url=demanding, identity=shown(tls.CUSTOMER))

    assert [(await outside.exchange(request)).body for _ in range(2)] == [b"welcome"] * 2


async def test_a_refusal_of_it_is_no_service_that_is_down(outside: Outside, demanding: str) -> None:
    with pytest.raises(IdentityRefused, match="does not accept the certificate"):
        await outside.exchange(Request(method="GET", url=demanding, identity=shown(tls.STRANGER)))


async def test_without_one_there_is_no_talking_to_who_wants_it(outside: Outside, demanding: str) -> None:
    with pytest.raises(PeerError, match="no TLS can be agreed"):
        await outside.exchange(Request(method="GET", url=demanding))


async def test_a_connection_with_it_is_not_used_without(outside: Outside) -> None:
    async with serving(CloudSetup()) as service:
        with_it = Request(method="GET", url=service.url, identity=shown(tls.CUSTOMER))

        assert [
            (await outside.exchange(request)).status
            for request in (with_it, Request(method="GET", url=service.url), with_it)
        ] == [HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        OURS.pem.decode(),
        OURS.pem.decode() + key_of(b"pa55"),
        OURS.pem.decode() + tls.pem(THEIRS).partition("-----BEGIN CERT")[0],
    ],
    ids=["nothing", "no certificate", "no key", "a passphrase", "another's key"],
)
def test_what_is_none_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(InvalidValue, match="is no certificate with its own key") as told:
        shown(text)

    assert told.value.field == "identity"
    assert "BEGIN" not in str(told.value)


def test_what_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(InvalidValue, match="is longer than"):
        shown(tls.CUSTOMER + "\n" * MAX_IDENTITY_CHARS)


def test_the_key_is_in_no_file_that_stays() -> None:
    def open_files() -> list[str]:
        return [str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]

    Identity(Secret(tls.CUSTOMER), field="identity").load_into(ssl.create_default_context())

    assert not [name for name in open_files() if "identity" in name]
