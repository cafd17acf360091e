"""A provisioning URL leads to the files that a phone means, and shows no token."""

import pytest

from provserver.domain.provisioning_url import URLPart, host_of, is_on, masked, part_of, resolve, shown
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


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "path"),
    [
        (f"https://prov.test/{TOKEN}/", "HTTPS", "prov.test", "443", TOKEN),
        (f"http://prov.test/{TOKEN}/", "HTTP", "prov.test", "80", TOKEN),
        (f"https://prov.test:8443/a/{TOKEN}/", "HTTPS", "prov.test", "8443", f"a/{TOKEN}"),
        (f"https://[2001:db8::1]/{TOKEN}/", "HTTPS", "[2001:db8::1]", "443", TOKEN),
        (f"https://[2001:db8::1]:8443/{TOKEN}/", "HTTPS", "[2001:db8::1]", "8443", TOKEN),
        ("http://198.51.100.7", "HTTP", "198.51.100.7", "80", ""),
    ],
)
def test_a_url_comes_apart(url: str, scheme: str, host: str, port: str, path: str) -> None:
    assert part_of(url, URLPart.WHOLE) == url
    assert part_of(url, URLPart.SCHEME) == scheme
    assert part_of(url, URLPart.HOST) == host
    assert part_of(url, URLPart.PORT) == port
    assert part_of(url, URLPart.PATH) == path
    assert part_of(url, URLPart.WITHOUT_SCHEME) == url.partition("://")[2]


@pytest.mark.parametrize("part", URLPart)
def test_what_stands_for_a_hidden_url_stays_whole(part: URLPart) -> None:
    assert part_of("********", part) == "********"
