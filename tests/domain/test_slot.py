"""A slot says what of a secret stands in a file: all of it, or one part of a URL."""

from __future__ import annotations

import pytest

from provserver.domain.slot import PROVISIONING_URL, SecretSlot

URL = SecretSlot(PROVISIONING_URL)
SCHEMES = URL.scheme(http="1", https="2")


@pytest.mark.parametrize(
    ("slot", "secret", "expected"),
    [
        (URL, "https://prov.example.net/t/", "https://prov.example.net/t/"),
        (URL.framed(after="x.cfg"), "https://prov.example.net/t/", "https://prov.example.net/t/x.cfg"),
        (URL.without_scheme(), "https://prov.example.net:8443/t/", "prov.example.net:8443/t/"),
        (URL.without_scheme().framed(after="x.cfg"), "http://198.51.100.7/t/", "198.51.100.7/t/x.cfg"),
        (URL.without_scheme(), "http://h/a://b", "h/a://b"),
        (URL.host(), "https://prov.example.net:8443/t/x/", "prov.example.net:8443"),
        (URL.host(), "http://[2001:db8::1]/", "[2001:db8::1]"),
        (URL.path(), "https://prov.example.net:8443/t/x/", "t/x/"),
        (URL.path().framed(after="$mac.cfg"), "https://prov.example.net/t/", "t/$mac.cfg"),
        (URL.path(), "https://prov.example.net", ""),
        (URL.host(), "*****", "*****"),
        (SCHEMES, "https://prov.example.net/t/", "2"),
        (SCHEMES, "HTTP://prov.example.net/t/", "1"),
        (SCHEMES, "*****", "*****"),
        (URL.without_scheme(), "*****", "*****"),
        (SecretSlot("line.1.password").framed(before="1001:"), "a://b", "1001:a://b"),
    ],
)
def test_a_part_of_a_url_stands_where_it_was_asked_for(slot: SecretSlot, secret: str, expected: str) -> None:
    assert slot.text(secret) == expected


def test_a_scheme_without_a_word_is_refused_and_not_quoted() -> None:
    with pytest.raises(ValueError, match="no word") as refused:
        SCHEMES.text("ftp://prov.example.net/t/")

    assert "prov.example.net" not in str(refused.value)
