"""A slot says what of a secret stands in a file: all of it, or one part of a URL."""

from __future__ import annotations

import pytest

from provserver.domain.slot import PROVISIONING_URL, SecretSlot, URLPart

URL = SecretSlot(PROVISIONING_URL)
SCHEMES = URL.scheme(http="1", https="2")


@pytest.mark.parametrize(
    ("slot", "secret", "expected"),
    [
        (URL, "https://prov.example.net/t/", "https://prov.example.net/t/"),
        (URL.framed(after="x.cfg"), "https://prov.example.net/t/", "https://prov.example.net/t/x.cfg"),
        (URL.only(URLPart.WITHOUT_SCHEME), "https://prov.example.net:8443/t/", "prov.example.net:8443/t/"),
        (URL.only(URLPart.WITHOUT_SCHEME).framed(after="x.cfg"), "http://198.51.100.7/t/", "198.51.100.7/t/x.cfg"),
        (URL.only(URLPart.WITHOUT_SCHEME), "http://h/a://b", "h/a://b"),
        (URL.only(URLPart.AUTHORITY), "https://prov.example.net:8443/t/x/", "prov.example.net:8443"),
        (URL.only(URLPart.AUTHORITY), "http://[2001:db8::1]/", "[2001:db8::1]"),
        (URL.only(URLPart.PATH), "https://prov.example.net:8443/t/x/", "t/x"),
        (URL.only(URLPart.PATH).framed(after="/$mac.cfg"), "https://prov.example.net/t/", "t/$mac.cfg"),
        (URL.only(URLPart.PATH), "https://prov.example.net", ""),
        (URL.only(URLPart.AUTHORITY), "*****", "*****"),
        (SCHEMES, "https://prov.example.net/t/", "2"),
        (SCHEMES, "HTTP://prov.example.net/t/", "1"),
        (SCHEMES, "*****", "*****"),
        (URL.only(URLPart.WITHOUT_SCHEME), "*****", "*****"),
        (SecretSlot("line.1.password").framed(before="1001:"), "a://b", "1001:a://b"),
    ],
)
def test_a_part_of_a_url_stands_where_it_was_asked_for(slot: SecretSlot, secret: str, expected: str) -> None:
    assert slot.filled(secret) == expected


def test_a_scheme_without_a_word_is_refused_and_not_quoted() -> None:
    with pytest.raises(ValueError, match="no word") as refused:
        SCHEMES.filled("ftp://prov.example.net/t/")

    assert "prov.example.net" not in str(refused.value)
