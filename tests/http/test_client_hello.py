"""What is read from a ClientHello: the name and the version of real ones, and an answer for whatever else arrives."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provserver.http.client_hello import MAX_BYTES, MAX_RECORDS, ClientHello, Foreign, Incomplete, read

NAME = "phones.example.com"


def hello_of(name: str | None = NAME, *, highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> bytes:
    """What OpenSSL says first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.maximum_version = highest
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    line = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        line.do_handshake()
    return outgoing.read()


HELLO = hello_of()


def in_records(hello: bytes, size: int) -> bytes:
    """The same hello, cut into records of *size* bytes."""
    body = hello[5:]
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2) + piece for piece in pieces)


def with_extensions(*extensions: tuple[int, bytes]) -> bytes:
    """A hello that has nothing but these."""
    content = b"".join(kind.to_bytes(2) + len(value).to_bytes(2) + value for kind, value in extensions)
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x02\x00\x2f" + b"\x01\x00" + len(content).to_bytes(2) + content
    message = b"\x01" + len(body).to_bytes(3) + body
    return b"\x16\x03\x01" + len(message).to_bytes(2) + message


def named(*names: bytes, kind: int = 0) -> bytes:
    """The extension's content for *names*."""
    listed = b"".join(bytes([kind]) + len(name).to_bytes(2) + name for name in names)
    return len(listed).to_bytes(2) + listed


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_name_and_version_are_those_that_the_client_has_said(version: ssl.TLSVersion) -> None:
    assert read(hello_of(highest=version)) == ClientHello(server_name=NAME, highest=version)


def test_a_client_may_say_no_name() -> None:
    assert read(hello_of(None)) == ClientHello(server_name="", highest=0x0304)


def test_what_comes_behind_the_hello_does_not_matter() -> None:
    assert read(HELLO + b"\x17\x03\x03\xff\xff") == read(HELLO)


@pytest.mark.parametrize("size", [1_000, 100, (len(HELLO) - 5) // (MAX_RECORDS - 1)])
def test_a_hello_may_be_cut_into_records(size: int) -> None:
    assert read(in_records(HELLO, size)) == read(HELLO)


def test_a_hello_in_too_many_records_is_none() -> None:
    assert read(in_records(HELLO, 10)) == Foreign()


def test_each_beginning_of_a_hello_asks_for_more_and_never_for_what_is_there() -> None:
    for length in range(len(HELLO)):
        found = read(HELLO[:length])

        assert isinstance(found, Incomplete), length
        assert length < found.needed <= len(HELLO), length


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (named(b"Phones.Example.COM."), NAME),
        (named(b"one.example", b"two.example"), "one.example"),
        (named(b"phones.example.com", kind=1), ""),
        (named(b""), ""),
        (named(b"a" * 254), ""),
        (named(b"line\r\nbreak"), ""),
        (named("é.example".encode()), ""),
        (b"", ""),
    ],
)
def test_names_are_plain_or_none(content: bytes, expected: str) -> None:
    assert read(with_extensions((0, content))) == ClientHello(server_name=expected, highest=0x0303)


@pytest.mark.parametrize("content", [b"\x00", b"\xff\xff", named(b"phones.example.com")[:-1]])
def test_lengths_that_point_beyond_the_end_make_no_hello(content: bytes) -> None:
    assert read(with_extensions((0, content))) == Foreign()


def test_versions_that_nobody_knows_are_passed_over() -> None:
    assert read(with_extensions((43, b"\x06\x7a\x7a\x03\x04\x03\x03"))) == ClientHello(server_name="", highest=0x0304)


@pytest.mark.parametrize("method", [b"GET /", b"HEAD /", b"PUT /", b"POST /", b"OPTIONS *", b"PRI * HTTP/2.0"])
def test_plain_http_is_recognised(method: bytes) -> None:
    assert read(method) == Foreign(http=True)
    assert read(method[:3]) == Incomplete(needed=4)


def test_the_framing_of_ssl_2_is_a_greeting_when_it_offers_tls() -> None:
    assert read(b"\x80\x2e\x01\x03\x01" + bytes(41)) == ClientHello(server_name="", highest=0x0301)
    assert read(b"\x80\x2e\x01\x00\x02" + bytes(41)) == Foreign()
    assert read(b"\x80\x2e\x01\x03") == Incomplete(needed=5)


@pytest.mark.parametrize("junk", [b"SSH-2.0-x", bytes(8), b"\x16\x05\x01\x00\x05\x01", b"\x16\x03\x01\x00\x01\x02"])
def test_anything_else_is_foreign(junk: bytes) -> None:
    assert read(junk) == Foreign()


@example(b"\x16\x03\x01\xff\xff")
@example(b"\x16\x03\x01\x00\x04\x01\xff\xff\xff")
@example(b"\x80")
@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda rest: b"\x16\x03\x01" + rest))
def test_whatever_arrives_gets_a_bounded_answer(data: bytes) -> None:
    judged(data)


@given(st.lists(st.tuples(st.integers(0, len(HELLO) - 1), st.integers(0, 255)), max_size=8), st.integers(0, 600))
def test_a_hello_with_bytes_changed_gets_a_bounded_answer(changes: list[tuple[int, int]], length: int) -> None:
    changed = bytearray(HELLO)
    for at, value in changes:
        changed[at] = value
    judged(bytes(changed[:length]))


@given(st.lists(st.tuples(st.sampled_from([0, 43, 16]), st.binary(max_size=60)), max_size=6))
def test_extensions_of_any_content_get_a_bounded_answer(extensions: list[tuple[int, bytes]]) -> None:
    judged(with_extensions(*extensions))


def judged(data: bytes) -> None:
    """It is answered, what is asked for grows and stays within the limit, and a name is harmless."""
    match read(data):
        case Incomplete(needed=needed):
            assert len(data) < needed <= MAX_BYTES
        case ClientHello(server_name=name):
            assert len(name) <= 253
            assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._")
        case Foreign():
            pass


def offer(hello: bytes) -> str:
    found = read(hello)
    assert isinstance(found, ClientHello)
    return found.offer


def offering(*, ciphers: str = "", groups: str = "") -> bytes:
    """What a program says that offers these only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if ciphers:
        context.set_ciphers(ciphers)
    if groups:
        context.set_ecdh_curve(groups)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    line = context.wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        line.do_handshake()
    return outgoing.read()


def test_a_program_has_one_offer_whatever_it_asks_for() -> None:
    assert {offer(one) for one in (HELLO, hello_of("other.example.org"), hello_of(None), hello_of())} == {offer(HELLO)}
    assert len(offer(HELLO)) == 16


def test_programs_that_offer_other_things_have_other_offers() -> None:
    others = [
        offering(ciphers="ECDHE-RSA-AES128-GCM-SHA256"),
        offering(groups="secp384r1"),
        hello_of(highest=ssl.TLSVersion.TLSv1_2),
    ]

    assert len({offer(HELLO), *map(offer, others)}) == 4


def test_what_changes_every_time_is_not_in_the_offer() -> None:
    """Numbers that mean nothing (RFC 8701), padding, a ticket: as the same program sends them or not."""
    plain = with_extensions((10, b"\x00\x02\x00\x1d"), (13, b"\x00\x02\x04\x03"))
    groups = b"\x00\x06\x3a\x3a\x00\x1d\xda\xda"
    noisy = with_extensions(
        (0x1A1A, b""), (13, b"\x00\x02\x04\x03"), (10, groups), (35, b"ticket"), (21, bytes(20)), (41, b"psk")
    )

    assert offer(noisy) == offer(plain)
    assert offer(with_extensions((10, b"\x00\x02\x00\x17"), (13, b"\x00\x02\x04\x03"))) != offer(plain)
