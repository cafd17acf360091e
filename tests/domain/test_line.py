"""A line holds what a phone can register with, and nothing else gets in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.line import MAX_LINES, Endpoint, Line, Transport, is_host, password_field
from provserver.errors import InvalidValue

PBX = Endpoint(host="pbx.example.com")


def line(**fields: Any) -> Line:  # noqa: ANN401 - any field of Line
    usual: dict[str, Any] = {"number": 1, "user_name": "1001", "registrar": PBX}
    return Line(**usual | fields)


@pytest.mark.parametrize(
    "text",
    [
        "pbx.example.com",
        "pbx",
        "PBX.Example.com.",
        "sip_01.example.com",
        "xn--mnchen-3ya.example",
        "3cx.example.com",
        "192.0.2.1",
        "2001:db8::1",
        "::1",
        "::ffff:192.0.2.1",
        "a" * 63 + ".example",
        ".".join(["a" * 49] * 5),
    ],
)
def test_a_host_is_a_name_or_an_address(text: str) -> None:
    assert is_host(text)
    assert Endpoint(host=text).host == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "pbx..example.com",
        ".example.com",
        "-pbx.example.com",
        "pbx-.example.com",
        "pbx example.com",
        "pbx.example.com/",
        "sip:pbx.example.com",
        "user@pbx.example.com",
        "pbx.example.com\n",
        "münchen.example",
        "256.1.1.1",
        "192.0.2",
        "1.2.3.4.5",
        "[::1]",
        "2001:db8::1::2",
        "fe80::1%eth0",
        "a" * 64 + ".example",
        ".".join(["a" * 50] * 5),
        "*",
        "pbx.example.com;transport=tcp",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    assert not is_host(text)
    with pytest.raises(InvalidValue, match="is not a host name or address"):
        Endpoint(host=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pbx.example.com", Endpoint(host="pbx.example.com")),
        (" pbx.example.com ", Endpoint(host="pbx.example.com")),
        ("pbx.example.com:5061", Endpoint(host="pbx.example.com", port=5061)),
        ("pbx.example.com;transport=tcp", Endpoint(host="pbx.example.com", transport=Transport.TCP)),
        ("pbx.example.com:5061;transport=TLS", Endpoint(host="pbx.example.com", port=5061, transport=Transport.TLS)),
        ("pbx.example.com ; transport = dns", Endpoint(host="pbx.example.com", transport=Transport.DNS)),
        ("192.0.2.1:5060", Endpoint(host="192.0.2.1", port=5060)),
        ("2001:db8::1", Endpoint(host="2001:db8::1")),
        ("[2001:db8::1]", Endpoint(host="2001:db8::1")),
        ("[2001:db8::1]:5070", Endpoint(host="2001:db8::1", port=5070)),
        ("[::1]:5070;transport=tcp", Endpoint(host="::1", port=5070, transport=Transport.TCP)),
    ],
)
def test_an_endpoint_is_read_as_people_write_it(text: str, expected: Endpoint) -> None:
    assert Endpoint.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "registrar"),
        ("pbx.example.com:0", "port"),
        ("pbx.example.com:65536", "port"),
        ("pbx.example.com:-1", "port"),
        ("pbx.example.com:sip", "port"),
        ("pbx.example.com:" + "9" * 5000, "port"),
        ("[::1", "registrar"),
        ("[::1]5060", "registrar"),
        ("[]", "registrar"),
        ("::1:99999:5060:zz", "registrar"),
        ("pbx.example.com;transport=sctp", "registrar"),
        ("pbx.example.com;lr", "registrar"),
        ("pbx.example.com;transport=tcp;lr", "registrar"),
        ("sip:pbx.example.com", "port"),
        (":5060", "registrar"),
    ],
)
def test_what_is_no_endpoint_is_refused_by_field(text: str, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Endpoint.parse(text)

    assert refused.value.field == field


@given(st.text(max_size=40))
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    try:
        endpoint = Endpoint.parse(text)
    except InvalidValue:
        return
    assert is_host(endpoint.host)


@given(
    st.ip_addresses().map(str) | st.from_regex(r"[a-z][a-z0-9]{0,20}(\.[a-z]{2,5})?", fullmatch=True),
    st.none() | st.integers(1, 65_535),
    st.sampled_from(Transport),
)
def test_what_is_written_is_read_back(host: str, port: int | None, transport: Transport) -> None:
    endpoint = Endpoint(host=host, port=port, transport=transport)

    assert Endpoint.parse(f"{endpoint};transport={transport}") == endpoint
    assert Endpoint.parse(str(endpoint), transport=transport) == endpoint


def test_an_ipv6_address_stands_in_brackets_in_a_uri() -> None:
    assert Endpoint(host="2001:db8::1").uri_host == "[2001:db8::1]"
    assert str(Endpoint(host="2001:db8::1", port=5060)) == "[2001:db8::1]:5060"
    assert str(PBX) == "pbx.example.com"


@pytest.mark.parametrize("user_name", ["1001", "anna.b", "+4930123", "a_b-c", "*98", "üser", "1001!x", "a%20b"])
def test_a_user_name_is_what_a_sip_uri_carries(user_name: str) -> None:
    assert line(user_name=user_name).user_name == user_name


@pytest.mark.parametrize(
    "user_name",
    ["", " ", "10 01", "1001@pbx", "sip:1001", "1001;x", "a,b", "a?b", "a&b", "a=b", "a/b", "a\\b", '"a"', "<a>", "a\n",
     "a\x00", "a\x7f", "a" * 2049],
)  # fmt: skip
def test_a_user_name_that_a_sip_uri_cannot_carry_is_refused(user_name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        line(user_name=user_name)

    assert refused.value.field == "user_name"


@pytest.mark.parametrize("field", ["label", "display_name", "auth_name", "voicemail"])
def test_a_text_that_no_file_can_carry_is_refused_by_field(field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        line(**{field: "Front\nauto_provision.server.url = http://evil.example/"})

    assert refused.value.field == field
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize("number", [0, -1, MAX_LINES + 1])
def test_a_number_that_no_device_has_is_refused(number: int) -> None:
    with pytest.raises(InvalidValue, match="line"):
        line(number=number)


@pytest.mark.parametrize("expires_s", [0, 29, 86_401])
def test_an_expiry_out_of_range_is_refused(expires_s: int) -> None:
    with pytest.raises(InvalidValue, match="expires"):
        line(expires_s=expires_s)


def test_what_is_not_given_falls_back_on_what_is() -> None:
    plain = line()
    named = line(auth_name="auth", display_name="Anna", label="Desk")

    assert (plain.auth_user, plain.shown_name, plain.shown_label) == ("1001", "1001", "1001")
    assert (named.auth_user, named.shown_name, named.shown_label) == ("auth", "Anna", "Desk")
    assert line(display_name="Anna").shown_label == "Anna"


def test_the_password_of_a_line_has_a_field_of_its_own() -> None:
    assert line(number=3).password_field == password_field(3) == "line.3.password"
