"""Signatures agree with those of others: published vectors, another library, openssl on the command line."""

from __future__ import annotations

import subprocess

import mohawk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.errors import ServiceUnreachable
from provserver.redirect.signatures import gaps, gdms, hawk, x_ca
from provserver.redirect.signatures.digest import Digest
from provserver.redirect.xmlrpc import basic, md5_twice
from provserver.secret import Secret

# github.com/mozilla/hawk, API.md, "Protocol Example" and "Payload Validation"
HAWK_KEY = Secret("werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn")
HAWK_URL = "http://example.com:8000/resource/1?b=1&a=2"


def openssl(text: str, *arguments: str) -> str:
    """What openssl prints of *text*, in hex."""
    done = subprocess.run(
        ["openssl", "dgst", *arguments, "-r"], input=text.encode(), capture_output=True, check=True, timeout=20
    )
    return done.stdout.split()[0].decode()


def test_hawk_agrees_with_its_specification() -> None:
    without_body = hawk.request_mac(
        key=HAWK_KEY, method="GET", url=HAWK_URL, at_s=1353832234, nonce="j4h3g2", ext="some-app-ext-data"
    )
    hashed = hawk.payload_hash("text/plain", b"Thank you for flying Hawk")
    with_body = hawk.request_mac(
        key=HAWK_KEY,
        method="POST",
        url=HAWK_URL,
        at_s=1353832234,
        nonce="j4h3g2",
        hashed=hashed,
        ext="some-app-ext-data",
    )

    assert without_body == "6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE="
    assert hashed == "Yi9LfIIFRtBEPt74PVmbTF/xVAwPn7ub15ePICfgnuY="
    assert with_body == "aSe1DERmZuRl3pI36/9BdZmnErTw3sNzOOAUlfeKjVw="


def test_the_hash_of_no_body_is_the_one_that_is_seen_on_the_wire() -> None:
    assert hawk.payload_hash("", b"") == "B0weSUXsMcb5UhL41FZbrUJCAotzSI3HawE1NPLRUz8="


@given(body=st.binary(max_size=200), query=st.sampled_from(["", "?page=2", "?a=b%20c&d="]))
def test_hawk_agrees_with_another_library(body: bytes, query: str) -> None:
    url, content_type = f"https://api.example.com/api/v1/endpoints/{query}", "application/json" if body else ""

    header = hawk.authorization(
        key_id="id-1",
        key=HAWK_KEY,
        method="PUT",
        url=url,
        at_s=1_760_000_000,
        nonce="n0nce",
        content_type=content_type,
        body=body,
    )

    theirs = mohawk.Sender(
        {"id": "id-1", "key": HAWK_KEY.reveal(), "algorithm": "sha256"},
        url,
        "PUT",
        content=body,
        content_type=content_type,
        nonce="n0nce",
        _timestamp=1_760_000_000,
    ).request_header
    assert parts(header) == parts(theirs)


def parts(header: str) -> set[str]:
    return set(header.removeprefix("Hawk ").split(", "))


# Made with: printf … | openssl dgst -sha256 -hmac s3cret -binary | base64
@pytest.mark.parametrize(
    ("method", "url", "body", "signature"),
    [
        (
            "POST",
            "https://api.example.com:8443/api/open/v1/device/add",
            b'{"macs":["805ec0aabbcc"],"serverId":null}',
            "jZp/33E1OrRvrj6WF4ubal8EVA34FYCAAI/T96mCmUo=",
        ),
        (
            "GET",
            "https://api.example.com:8443/api/open/v1/device/checkMac?mac=805ec0aabbcc&empty=",
            b"",
            "4x8S9Ge2TpAIbM7wg9KtqwpAdYxRnTPKOR4yZk+wmoU=",
        ),
    ],
)
def test_x_ca_agrees_with_openssl(method: str, url: str, body: bytes, signature: str) -> None:
    headers = x_ca.headers(
        key="key-1",
        secret=Secret("s3cret"),
        method=method,
        url=url,
        body=body,
        nonce="0123456789abcdef",
        at_ms=1_760_000_000_000,
    )

    assert headers["X-Ca-Signature"] == signature
    assert headers.get("Content-MD5") == ("lue9SG5Fp/GTWh/d3wRIkw==" if body else None)


def test_gdms_agrees_with_openssl() -> None:
    parameters = {"timestamp": "1760000000000", "access_token": "t0k", "client_secret": "s1", "client_id": "c1"}
    body = b'[{"mac":"00:0B:82:AA:BB:CC"}]'
    text = "&access_token=t0k&client_id=c1&client_secret=s1&timestamp=1760000000000&"

    assert gdms.signature(parameters) == openssl(text, "-sha256")
    assert gdms.signature(parameters, body) == openssl(f"{text}{openssl(body.decode(), '-sha256')}&", "-sha256")


def test_gaps_agrees_with_openssl() -> None:
    body = b'{"cid":"7","method":"listProfile","params":{}}'

    signature = gaps.signature(Secret("s3cret"), body, "1760000000")

    assert signature == openssl(body.decode() + "1760000000", "-sha1", "-hmac", "s3cret")


def test_passwords_that_are_hashed_agree_with_openssl() -> None:
    once = openssl("pa55", "-md5")

    assert md5_twice(Secret("pa55")) == openssl(once, "-md5")
    assert gdms.password_digest(Secret("pa55")).reveal() == openssl(once, "-sha256")
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 2


def test_digest_agrees_with_its_specification() -> None:
    digest = Digest("Mufasa", Secret("Circle Of Life"))  # RFC 2617 3.5
    digest.learn('Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"')

    header = digest.header("GET", "/dir/index.html", cnonce="0a4f113b")

    assert 'response="6629fae49393a05397450978507c4ef1"' in header
    assert "nc=00000001" in header
    assert "nc=00000002" in digest.header("GET", "/dir/index.html", cnonce="0a4f113b")


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        'Basic realm="x"',
        'Digest realm="x", nonce="n"',
        'Digest qop="auth"',
        'Digest nonce="n", qop="auth", algorithm=X',
    ],
)
def test_a_challenge_that_asks_for_less_is_not_answered(challenge: str) -> None:
    with pytest.raises(ServiceUnreachable):
        Digest("user", Secret("pa55")).learn(challenge)
