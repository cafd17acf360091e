"""Authorization headers: the standards' own examples, what is near them and wrong, and whatever else may come."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.authorization import BasicClaim, DigestClaim, read, read_form
from provserver.domain.identity import LoginForm

# RFC 7616, 3.9.1: the same request answered with both algorithms.
_EXAMPLE = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{response}", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
EXAMPLES = {
    "SHA-256": _EXAMPLE.format(
        algorithm="SHA-256", response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    ),
    "MD5": _EXAMPLE.format(algorithm="MD5", response="8ca523f5e9506fed4657c9700eebdbec"),
    # RFC 2617, 3.5
    "MD5 of 1999": 'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
}
PASSWORDS = {"SHA-256": "Circle of Life", "MD5": "Circle of Life", "MD5 of 1999": "Circle Of Life"}
PARTS = {
    "username": '"phone"',
    "realm": '"provisioning"',
    "nonce": '"n"',
    "uri": '"/a.cfg"',
    "response": '"0"',
    "qop": "auth",
    "nc": "00000001",
    "cnonce": '"c"',
}


def header(**changes: str | None) -> str:
    parts = PARTS | changes
    return "Digest " + ", ".join(f"{name}={value}" for name, value in parts.items() if value is not None)


def digest(text: str) -> DigestClaim:
    claim = read(text)
    assert isinstance(claim, DigestClaim)
    return claim


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_standards_examples_fit(name: str) -> None:
    claim = digest(EXAMPLES[name])

    assert claim.fits(user="Mufasa", password=PASSWORDS[name], method="GET")
    assert claim.is_for("/dir/index.html")


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(
    "changes", [{"password": "circle of life"}, {"password": ""}, {"user": "mufasa"}, {"method": "HEAD"}], ids=str
)
def test_nothing_near_them_does(name: str, changes: dict[str, str]) -> None:
    asked = {"user": "Mufasa", "password": PASSWORDS[name], "method": "GET"} | changes

    assert not digest(EXAMPLES[name]).fits(**asked)


@pytest.mark.parametrize("name", ["username", "realm", "nonce", "uri", "response", "nc", "cnonce"])
def test_every_part_is_in_the_digest(name: str) -> None:
    claim = digest(EXAMPLES["SHA-256"])
    values = {"username": "Scar", "realm": "r", "nonce": "n", "uri": "/", "response": "0" * 64, "nc": "00000002"}
    before = {
        "username": claim.user,
        "realm": claim.realm,
        "nonce": claim.nonce,
        "uri": claim.uri,
        "response": claim.response,
        "nc": claim.count,
        "cnonce": claim.client_nonce,
    }[name]

    altered = digest(EXAMPLES["SHA-256"].replace(before, values.get(name, "c")))

    assert not altered.fits(user="Mufasa", password="Circle of Life", method="GET")


def test_a_colon_that_moved_between_name_and_realm_does_not_fit() -> None:
    secret = hashlib.sha256(b"a:b:provisioning:secret").hexdigest()
    request = hashlib.sha256(b"GET:/a.cfg").hexdigest()
    response = hashlib.sha256(f"{secret}:n:00000001:c:auth:{request}".encode()).hexdigest()
    text = header(algorithm="SHA-256", username='"a"', realm='"b:provisioning"', response=f'"{response}"')

    assert not digest(text).fits(user="a:b", password="secret", method="GET")


@pytest.mark.parametrize("name", PARTS)
def test_an_answer_that_lacks_a_part_is_none(name: str) -> None:
    assert read(header(**{name: None})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"qop": "auth-int"},
        {"nc": "1"},
        {"nc": "0000000g"},
        {"nc": "000000001"},
        {"algorithm": "MD5-sess"},
        {"algorithm": "SHA-512-256"},
        {"algorithm": '""'},
        {"userhash": "true"},
        {"username*": "UTF-8''phone"},
        {"Nonce": '"twice"'},
        {"cnonce": '"open'},
        {"cnonce": ""},
    ],
    ids=str,
)
def test_what_was_not_offered_is_none(changes: dict[str, str]) -> None:
    assert read(header()) is not None
    assert read(header(**changes)) is None


def test_quoted_parts_may_hold_commas_and_escapes_and_plain_ones_may_be_quoted() -> None:
    claim = digest(header(username='"a, \\"b\\"=c"', qop='"auth"', nc='"00000001"', algorithm='"sha-256"'))

    assert (claim.user, claim.algorithm) == ('a, "b"=c', "SHA-256")


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("/a.cfg?mac=1", True),
        ("http://phones.example.com/a.cfg?mac=1", True),
        ("HTTPS://phones.example.com:8443/a.cfg?mac=1", True),
        ("/a.cfg", False),
        ("a.cfg?mac=1", False),
        ("ftp://phones.example.com/a.cfg?mac=1", False),
        ("/b.cfg?mac=1", False),
    ],
)
def test_an_answer_is_for_its_own_target_only(uri: str, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    assert digest(header(uri=f'"{uri}"')).is_for("/a.cfg?mac=1") is fits


def test_basic_is_a_name_and_a_password() -> None:
    # RFC 7617, 2 and 2.1
    claim = read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    international = read("basic dGVzdDoxMjPCow==")

    assert claim == BasicClaim(user="Aladdin", password="open sesame")
    assert international == BasicClaim(user="test", password="123£")
    assert isinstance(claim, BasicClaim)
    assert claim.fits(user="Aladdin", password="open sesame")
    assert not claim.fits(user="Aladdin", password="open sesam")
    assert not claim.fits(user="Jasmine", password="open sesame")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Basic",
        "Basic ***",
        "Basic " + b64encode(b"no colon").decode(),
        "Basic " + b64encode(b"\xff\xfe:x").decode(),
        "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Digest",
        "Digest ,",
        header() + " " * 4_000,
    ],
)
def test_other_headers_are_none(text: str) -> None:
    assert read(text) is None


def test_a_claim_shows_no_password() -> None:
    assert "sesame" not in repr(read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))


@given(
    st.one_of(
        st.text(),
        st.text(alphabet='Digest auth=",\\ncuri*0').map("Digest ".__add__),
        st.binary().map(lambda content: "Basic " + b64encode(content).decode()),
    )
)
def test_any_text_is_a_claim_or_none(text: str) -> None:
    claim = read(text)

    if isinstance(claim, DigestClaim):
        assert not claim.fits(user="phone", password="secret", method="GET")
    elif claim is not None:
        assert claim.fits(user=claim.user, password=claim.password)


FORM = LoginForm(user="Username", password="Password")


@pytest.mark.parametrize(
    ("body", "user", "password"),
    [
        ("Username=21187&Password=rosebud", "21187", "rosebud"),
        ("platform=win32&Password=&Username=a&lic=", "a", ""),
        ("Username=anna%40example.com&Password=a%26b%3Dc+d%C3%BC", "anna@example.com", "a&b=c dü"),
    ],
)
def test_a_form_says_a_name_and_a_password(body: str, user: str, password: str) -> None:
    claim = read_form(body, FORM)

    assert claim == BasicClaim(user=user, password=password)
    assert not password or password not in repr(claim)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Username=a",
        "Password=b",
        "username=a&password=b",
        "Username=a&Username=a&Password=b",
        "Username=a&Password=b&Password=c",
        "Username=a;Password=b",
        "Username=a&Password=b&broken",
        "Username=%FF&Password=b",
        '{"Username": "a", "Password": "b"}',
        "Username=a&Password=b" + "&x=1" * 31,
    ],
)
def test_what_is_not_exactly_a_login_form_is_none(body: str) -> None:
    assert read_form(body, FORM) is None


@given(user=st.text(), password=st.text())
def test_any_text_comes_through_a_form_as_it_was(user: str, password: str) -> None:
    body = urlencode({"Username": user, "Password": password}, errors="surrogatepass")

    assert read_form(body, FORM) in (BasicClaim(user=user, password=password), None)
    if (user + password).isprintable():
        assert read_form(body, FORM) is not None


@given(st.text())
def test_any_form_is_read_or_none(body: str) -> None:
    assert isinstance(read_form(body, FORM), BasicClaim | None)
