"""The PROXY header: whom it names, how much of it there is, and what is none."""

from __future__ import annotations

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provserver.http.proxy_protocol import MAX_BYTES, Incomplete, NoHeader, ProxyHeader, read

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
REQUEST = b"GET / HTTP/1.1\r\n\r\n"
V1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n"


def version_2(*, command: int = 0x21, family: int = 0x11, block: bytes = b"", extras: bytes = b"") -> bytes:
    """A header in the binary form."""
    content = block + extras
    return SIGNATURE + bytes([command, family]) + len(content).to_bytes(2) + content


IPV4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("192.0.2.1") + b"\xdc\x04" + b"\x01\xbb"
IPV6 = ipaddress.ip_address("2001:db8::7").packed + ipaddress.ip_address("2001:db8::1").packed + b"\xdc\x04\x01\xbb"
V2 = version_2(block=IPV4, extras=b"\x03\x00\x04abcd")


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (V1, "192.0.2.7"),
        (b"PROXY TCP6 2001:DB8:0::7 2001:db8::1 56324 443\r\n", "2001:db8::7"),
        (version_2(block=IPV4), "192.0.2.7"),
        (V2, "192.0.2.7"),
        (version_2(family=0x21, block=IPV6), "2001:db8::7"),
    ],
)
def test_a_header_names_the_client(header: bytes, address: str) -> None:
    assert read(header + REQUEST) == ProxyHeader(size=len(header), address=address, port=56324)


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n",
        version_2(command=0x20, family=0),
        version_2(command=0x20, block=IPV4),
    ],
)
def test_a_proxy_may_speak_for_itself(header: bytes) -> None:
    assert read(header + REQUEST) == ProxyHeader(size=len(header))


@pytest.mark.parametrize("header", [V1, V2, version_2(family=0x21, block=IPV6)])
def test_each_beginning_of_a_header_asks_for_more_and_never_for_what_is_there(header: bytes) -> None:
    for length in range(len(header)):
        found = read(header[:length])

        assert isinstance(found, Incomplete), length
        assert length < found.needed <= len(header), length


NONE = {
    "a request": REQUEST,
    "TLS": b"\x16\x03\x01\x02\x00",
    "small letters": V1.lower(),
    "one blank too many": V1.replace(b"TCP4 ", b"TCP4  "),
    "no ports": b"PROXY TCP4 192.0.2.7 192.0.2.1\r\n",
    "a name": V1.replace(b"192.0.2.7", b"phones.example"),
    "a zone": b"PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n",
    "a sign": V1.replace(b"56324", b"-5632"),
    "a port that is none": V1.replace(b"56324", b"65536"),
    "another family than said": V1.replace(b"TCP4", b"TCP6"),
    "families mixed": V1.replace(b"192.0.2.1 ", b"2001:db8::1 "),
    "another protocol": V1.replace(b"TCP4", b"UDP4"),
    "a line without an end": b"PROXY TCP4 " + b"1" * 100,
    "a line too long": b"PROXY UNKNOWN " + b"x" * 100 + b"\r\n",
    "version 3": version_2(command=0x31, block=IPV4),
    "a command nobody knows": version_2(command=0x22, block=IPV4),
    "no family": version_2(family=0x00, block=IPV4),
    "datagrams": version_2(family=0x12, block=IPV4),
    "a Unix socket": version_2(family=0x31, block=bytes(216)),
    "half an address": version_2(block=IPV4[:11]),
    "too many extras": version_2(block=IPV4, extras=bytes(MAX_BYTES)),
}


@pytest.mark.parametrize("data", NONE.values(), ids=NONE.keys())
def test_what_is_no_header_is_none(data: bytes) -> None:
    with pytest.raises(NoHeader):
        read(data)


@given(client=st.ip_addresses(), port=st.integers(0, 65_535))
def test_every_address_is_read_as_it_was_written(client: IPv4Address | IPv6Address, port: int) -> None:
    line = f"PROXY TCP{client.version} {client} {client} {port} 443\r\n".encode()
    block = client.packed * 2 + port.to_bytes(2) + b"\x01\xbb"
    binary = version_2(family=0x11 if client.version == 4 else 0x21, block=block)

    for header in (line, binary):
        assert read(header) == ProxyHeader(size=len(header), address=str(client), port=port)


@example(SIGNATURE + b"\x21\x11\xff\xff")
@example(b"PROXY \r\n")
@example(b"PROXY  \xff\r\n")
@given(
    st.binary(max_size=200)
    | st.binary(max_size=120).map(lambda rest: b"PROXY " + rest)
    | st.binary(max_size=120).map(lambda rest: SIGNATURE + rest)
    | st.text("PROXYTCP46UNKW 0123456789abcdef:.\r\n", max_size=130).map(lambda text: b"PROXY " + text.encode())
)
def test_whatever_arrives_gets_a_bounded_answer(data: bytes) -> None:
    try:
        found = read(data)
    except NoHeader:
        return
    if isinstance(found, Incomplete):
        assert len(data) < found.needed <= MAX_BYTES
    else:
        assert found.size <= len(data)
        assert found.address is None or str(ipaddress.ip_address(found.address)) == found.address
