"""
What exactly is agreed on with a client that offers one version, one cipher and one curve at a time.

The lists in `suites` are complete: what is missing there is refused. They are what docs/tls.md promises, so a new
OpenSSL that offers more, or less, shows here first.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from provserver.http.client_hello import ClientHello
from provserver.http.tls import Contexts
from tests.http.tls import NAME, make, only, settings_of

SUITES = Path(__file__).parent / "suites"
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2)
CURVES = ("prime256v1", "secp384r1", "secp521r1", "X25519", "X448", "brainpoolP256r1", "secp256k1", "sect283k1")
HELLO = ClientHello(server_name=NAME, highest=0x0303)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    """Of a server with both kinds of certificates."""
    folder = tmp_path_factory.mktemp("keys")
    return Contexts(settings_of(make(folder, NAME, kind="ec"), make(folder, NAME, kind="rsa")))


def agree(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Whether the two come to a connection."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(down, up), server.wrap_bio(up, down, server_side=True)]
    for side in sides * 3:  # hello, hello and keys, finished
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLError:
            return False
    return sides[0].version() is not None


def all_ciphers() -> list[str]:
    """Every cipher that OpenSSL still has, but those of TLS 1.3: it has no weak ones."""
    return sorted(
        cipher["name"] for cipher in only(ssl.TLSVersion.TLSv1_2).get_ciphers() if cipher["protocol"] != "TLSv1.3"
    )


def agreed(server: ssl.SSLContext) -> Iterator[str]:
    """All that *server* takes, a line each: version and cipher, or version and curve."""
    for version in OLD:
        for cipher in all_ciphers():
            if agree(server, only(version, ciphers=cipher)):
                yield f"{version.name} {cipher}"
    if agree(server, only(ssl.TLSVersion.TLSv1_3)):
        offered = server.get_ciphers()
        yield from sorted(f"TLSv1_3 {cipher['name']}" for cipher in offered if cipher["protocol"] == "TLSv1.3")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for curve in CURVES:
            if agree(server, only(version, ciphers="ECDHE", curve=curve)):
                yield f"{version.name} curve {curve}"


@pytest.mark.parametrize("listener", ["modern", "legacy"])
def test_what_is_agreed_on_is_exactly_what_is_documented(contexts: Contexts, listener: str) -> None:
    documented = (SUITES / f"{listener}.txt").read_text(encoding="utf-8").splitlines()

    found = list(agreed(getattr(contexts, listener)(HELLO)))

    assert found == [line for line in documented if not line.startswith("#")]


def test_there_are_weak_ciphers_that_could_have_been_agreed_on() -> None:
    """Else the lists would show what this machine's OpenSSL can do, not what we refuse."""
    ciphers = all_ciphers()

    assert {"AES128-SHA", "ADH-AES128-SHA", "ECDHE-RSA-NULL-SHA", "DHE-RSA-AES128-GCM-SHA256"} <= set(ciphers)
