"""What a proxy says of a phone's certificate counts when it says all of it; anything else proves nothing."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.http.peer_headers import CERTIFICATE, NOT_VERIFIED, PROTOCOL, USED, VERIFY, certificate_of, version_of
from tests.pki import Authority

PHONE = Authority("Yealink").sign(CN="805ec0aabbcc")
BASE64 = base64.b64encode(PHONE.der).decode()
PEM = quote(PHONE.pem.decode())


def read(headers: Mapping[str, list[str]]) -> bytes | None:
    return certificate_of(lambda name: headers.get(name, []))


@pytest.mark.parametrize(("verify", "text"), [("0", BASE64), ("SUCCESS", PEM)], ids=["haproxy", "nginx"])
def test_a_certificate_is_passed_on(verify: str, text: str) -> None:
    assert read({USED: ["1"], VERIFY: [verify], CERTIFICATE: [text]}) == PHONE.der


@pytest.mark.parametrize(
    "headers", [{}, {USED: ["0"], VERIFY: ["0"]}, {USED: ["0"], VERIFY: ["NONE"], CERTIFICATE: [""]}]
)
def test_nobody_has_shown_one(headers: dict[str, list[str]]) -> None:
    assert read(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {USED: ["1"], CERTIFICATE: [BASE64]},
        {VERIFY: ["0"], CERTIFICATE: [BASE64]},
        {USED: ["0"], VERIFY: ["0"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["10"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["21"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["FAILED:expired"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["0"]},
        {USED: ["1", "1"], VERIFY: ["0"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["0", "0"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["0"], CERTIFICATE: [BASE64, BASE64]},
        {USED: ["yes"], VERIFY: ["0"], CERTIFICATE: [BASE64]},
        {USED: ["1"], VERIFY: ["0"], CERTIFICATE: ["not base64!"]},
        {USED: ["1"], VERIFY: ["0"], CERTIFICATE: ["%2D-----"]},
        {USED: ["1"], VERIFY: ["0"], CERTIFICATE: ["A" * 20_000]},
        {USED: ["1"], VERIFY: ["0"], CERTIFICATE: ["é"]},
    ],
)
def test_half_of_it_proves_nothing(headers: dict[str, list[str]]) -> None:
    assert read(headers) == NOT_VERIFIED


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    assert isinstance(read({USED: ["1"], VERIFY: ["0"], CERTIFICATE: [text]}), bytes)


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"])
def test_a_proxy_says_which_tls_is_spoken(version: str) -> None:
    assert version_of(lambda name: [version] if name == PROTOCOL else []) == version


@pytest.mark.parametrize("lines", [[], [""], ["SSLv3"], ["tlsv1.2"], ["TLSv1.2, TLSv1.3"], ["TLSv1.2", "TLSv1.2"]])
def test_anything_else_is_no_tls_at_all(lines: list[str]) -> None:
    assert version_of(lambda _: lines) is None
