"""A provisioning URL leads to the files that a phone means, and shows no token."""

import pytest

from provserver.domain.provisioning_url import host_of, is_on, masked, resolve, shown
from provserver.errors import InvalidValue

TOKEN = "QUJDREVGR0hJSktMTU5PUFFS"


@pytest.mark.parametrize(
    ("base_url", "file", "expected"),
    [
        ("http://prov.test:8080", "a.cfg", "http://prov.test:8080/a.cfg"),
        ("http://prov.test:8080/", "a.cfg", "http://prov.test:8080/a.cfg"),
        ("http://198.51.100.7", "a.cfg", "http://198.51.100.7/a.cfg"),
        ("http://[::1]:8080", "a.cfg", "http://[::1]:8080/a.cfg"),
        (f"https://prov.test/{TOKEN}", "a.cfg", f"https://prov.test/{TOKEN}/a.cfg"),
        (f"https://prov.test/{TOKEN}/", "a.cfg", f"https://prov.test/{TOKEN}/a.cfg"),
        (f"https://prov.test/{TOKEN}/b.xml", "a.cfg", f"https://prov.test/{TOKEN}/a.cfg"),
        (f"https://prov.test/{TOKEN}/b.xml?mac=1#2", "a.cfg", f"https://prov.test/{TOKEN}/a.cfg"),
        (f"https://prov.test/{TOKEN}/", "Grandstream/a.xml", f"https://prov.test/{TOKEN}/Grandstream/a.xml"),
        (f"https://prov.test/{TOKEN}/", "?mac=0004", f"https://prov.test/{TOKEN}/?mac=0004"),
        (f"https://prov.test/{TOKEN}/b.xml", "?mac=0004", f"https://prov.test/{TOKEN}/b.xml?mac=0004"),
        (f"https://prov.test/{TOKEN}/", "", f"https://prov.test/{TOKEN}/"),
        (f"https://prov.test/{TOKEN}/", "/a.cfg", "https://prov.test/a.cfg"),
        ("http://prov.test/", "fe:ed:00.cfg", "http://prov.test/fe:ed:00.cfg"),
        ("http://prov.test/", "ftp://other.test/a", "ftp://other.test/a"),
        ("http://prov.test/", "https://other.test/a", "https://other.test/a"),
    ],
)
def test_a_file_is_found_from_the_provisioning_url(base_url: str, file: str, expected: str) -> None:
    assert resolve(base_url, file) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"https://prov.test:8443/{TOKEN}/", "https://prov.test:8443/<token>/"),
        (f"https://prov.test/{TOKEN}", "https://prov.test/<token>/"),
        (f"https://prov.test/{TOKEN}/a.xml", "https://prov.test/<token>/a.xml"),
        (f"https://prov.test/a/{TOKEN}/", "https://prov.test/<token>/"),
        (f"https://me:{TOKEN}@prov.test/?k={TOKEN}#{TOKEN}", "https://prov.test/"),
        ("https://prov.test/a.xml", "https://prov.test/a.xml"),
        (f"http://[{TOKEN}", "<unreadable URL>"),
        (TOKEN, "<unreadable URL>"),
        (f"mailto:{TOKEN}", "<unreadable URL>"),
    ],
)
def test_a_shown_url_holds_no_token(url: str, expected: str) -> None:
    assert masked(url) == expected


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("a.cfg", "a.cfg"),
        ("?mac=0004", "?mac=0004"),
        (f"/{TOKEN}/a.cfg", "http://prov.test/<token>/a.cfg"),
        (f"https://other.test/{TOKEN}/a.cfg", "https://other.test/<token>/a.cfg"),
    ],
)
def test_a_shown_file_holds_no_token(file: str, expected: str) -> None:
    assert shown(f"http://prov.test/{TOKEN}/", file) == expected


@pytest.mark.parametrize(
    "url",
    ["", "prov.test", "//prov.test/", "tftp://prov.test/", "file:///etc/passwd", "http:///a", "http://[::1", "http://a:b/",
     f"http://me:{TOKEN}@prov.test/"],
)  # fmt: skip
def test_what_is_no_url_to_provision_from_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        host_of(url)

    assert TOKEN not in str(refused.value)
    assert not is_on(url, {"prov.test", "me", "", "a"})


def test_a_host_is_compared_as_hosts_are() -> None:
    assert host_of("HTTPS://Prov.Test:8443/a") == "prov.test"
    assert is_on("http://[::1]:8080/a", {"::1"})
    assert not is_on("http://prov.test.evil.test/", {"prov.test"})
    assert not is_on("http://evil.test#@prov.test/", {"prov.test"})
