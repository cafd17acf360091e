"""What is read from a TFTP packet, and that nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.tftp.packets import (
    Code,
    Mode,
    acknowledged,
    data,
    error,
    opcode,
    options_agreed,
    read_request,
)


def test_a_request_is_read() -> None:
    asked = read_request(b"\0\1SEP001122334455.cnf.xml\0octet\0")

    assert asked is not None
    assert (asked.name, asked.mode, asked.options) == ("SEP001122334455.cnf.xml", Mode.OCTET, {})


def test_options_are_read_in_any_case_and_only_numbers() -> None:
    asked = read_request(b"\0\1a\0NetASCII\0BLKSIZE\x001428\0tsize\x000\0timeout\0x\0windowsize\0\0odd\0")

    assert asked is not None
    assert asked.mode is Mode.NETASCII
    assert asked.options == {"blksize": 1428, "tsize": 0}


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\0",
        b"\0\1",
        b"\0\1a",
        b"\0\1a\0octet",
        b"\0\1\0octet\0",
        b"\0\1a\0mail\0",
        b"\0\1a\0\0",
        b"\0\2a\0octet\0",
        b"\0\3\0\1",
        b"\1\1a\0octet\0",
        b"\0\1" + b"a" * 504 + b"\0octet\0",
        b"\0\1a\0octet\0" + b"x\0001\0" * 9,
    ],
)
def test_what_is_no_read_request_is_none(datagram: bytes) -> None:
    assert read_request(datagram) is None


def test_the_longest_request_is_read() -> None:
    longest = b"\0\1" + b"a" * 503 + b"\0octet\0"

    assert len(longest) == 512
    assert read_request(longest) is not None


def test_packets_are_as_the_rfcs_draw_them() -> None:
    assert data(1, b"xy") == b"\0\3\0\1xy"
    assert data(65_536, b"") == b"\0\3\0\0"
    assert options_agreed({"blksize": 1428, "tsize": 7}) == b"\0\6blksize\x001428\0tsize\x007\0"
    assert error(Code.NOT_FOUND, "File not found") == b"\0\5\0\1File not found\0"
    assert acknowledged(b"\0\4\1\2") == 258
    assert acknowledged(b"\0\4\1") is None
    assert acknowledged(b"\0\3\0\1") is None


@given(st.binary(max_size=600))
def test_whatever_arrives_is_read_or_is_none(datagram: bytes) -> None:
    asked = read_request(datagram)

    assert 0 <= opcode(datagram) <= 65_535
    assert acknowledged(datagram) is None or opcode(datagram) == 4
    if asked is not None:
        assert 0 < len(asked.name) < 512
        assert len(asked.options) <= 8


@given(st.binary(min_size=1, max_size=60), st.lists(st.binary(max_size=12), max_size=9))
def test_whatever_is_asked_for_in_a_request_is_bounded(name: bytes, fields: list[bytes]) -> None:
    asked = read_request(b"\0\1" + b"\0".join([name, b"octet", *fields]) + b"\0")

    assert asked is None or all(0 <= value < 10**10 for value in asked.options.values())
