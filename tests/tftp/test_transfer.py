"""A file arrives whole over any link that carries something, and a transfer ends on every one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.tftp.packets import Code, Mode, error
from provserver.tftp.transfer import LIMIT_S, MOST_BLOCK_BYTES, REPEAT_S, TRIES, State, Transfer

CONTENT = bytes(range(256)) * 5


def begun(content: bytes = CONTENT, options: Mapping[str, int] | None = None, *, mode: Mode = Mode.OCTET) -> Transfer:
    return Transfer(content, mode=mode, options=options or {}, now=0.0)


def ack(block: int) -> bytes:
    return b"\0\4" + (block & 0xFFFF).to_bytes(2, "big")


class Reader:
    """A client that acknowledges what it gets, and keeps it."""

    def __init__(self) -> None:
        self.content = b""
        self.options: dict[str, int] = {}
        self.last = 0

    def take(self, packet: bytes) -> bytes:
        if packet[:2] == b"\0\6":
            fields = packet[2:-1].decode().split("\0")
            self.options = dict(zip(fields[::2], map(int, fields[1::2]), strict=True))
            return ack(0)
        block = int.from_bytes(packet[2:4], "big")
        if block == (self.last + 1) & 0xFFFF:
            self.last += 1
            self.content += packet[4:]
        return ack(block)


def carried(transfer: Transfer) -> Reader:
    """What a client has when nothing is lost."""
    reader = Reader()
    packet: bytes | None = transfer.packet
    while packet is not None:
        packet = transfer.receive(reader.take(packet), now=0.0)
    return reader


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1024, 5000])
def test_a_file_of_any_size_arrives(size: int) -> None:
    content = (CONTENT * 4)[:size]
    transfer = begun(content)

    reader = carried(transfer)

    assert reader.content == content
    assert reader.last == size // 512 + 1
    assert transfer.state is State.COMPLETE


def test_block_numbers_begin_anew_after_65535() -> None:
    content = bytes(8) * 65_540
    transfer = begun(content, {"blksize": 8})

    reader = carried(transfer)

    assert len(reader.content) == len(content)
    assert reader.last == 65_541
    assert transfer.state is State.COMPLETE


@pytest.mark.parametrize(
    ("asked", "agreed"),
    [
        ({}, {}),
        ({"blksize": 1024}, {"blksize": 1024}),
        ({"blksize": 65_464}, {"blksize": MOST_BLOCK_BYTES}),
        ({"blksize": 8}, {"blksize": 8}),
        ({"blksize": 7}, {}),
        ({"blksize": 0}, {}),
        ({"tsize": 0}, {"tsize": len(CONTENT)}),
        ({"timeout": 6}, {"timeout": 6}),
        ({"timeout": 0}, {}),
        ({"timeout": 255}, {}),
        ({"windowsize": 8, "multicast": 1}, {}),
        ({"blksize": 600, "windowsize": 8, "timeout": 1, "tsize": 5}, {"blksize": 600, "timeout": 1, "tsize": 1280}),
    ],
)
def test_options_hold_as_they_are_confirmed(asked: dict[str, int], agreed: dict[str, int]) -> None:
    transfer = begun(options=asked)

    reader = carried(transfer)

    assert reader.options == agreed
    assert reader.content == CONTENT
    assert reader.last == len(CONTENT) // agreed.get("blksize", 512) + 1


def test_text_travels_with_the_ends_of_lines_of_netascii() -> None:
    reader = carried(begun(b"a\nb\r\nc\rd", {"tsize": 0}, mode=Mode.NETASCII))

    assert reader.content == b"a\r\nb\r\nc\r\0d"
    assert reader.options == {"tsize": len(reader.content)}


def test_what_is_not_acknowledged_is_sent_again_and_then_given_up() -> None:
    transfer = begun()
    first, now, sent = transfer.packet, 0.0, 1

    while transfer.state is State.RUNNING:
        assert transfer.tick(now=transfer.due - 0.001) is None
        now = transfer.due
        again = transfer.tick(now=now)
        assert again in (first, None)
        sent += again is not None

    assert sent == TRIES
    assert now == TRIES * REPEAT_S


def test_the_client_may_ask_for_more_patience() -> None:
    transfer = begun(options={"timeout": 6})

    assert transfer.due == 6.0


def test_an_acknowledgement_that_comes_twice_is_not_answered_twice() -> None:
    transfer = begun()

    assert transfer.receive(ack(1), now=0.0) is not None
    assert transfer.receive(ack(1), now=0.0) is None
    assert transfer.receive(ack(0), now=0.0) is None
    assert transfer.receive(ack(3), now=0.0) is None
    assert transfer.receive(ack(2), now=0.0) is not None


def test_a_client_that_does_not_want_it_ends_it() -> None:
    transfer = begun()

    assert transfer.receive(error(Code.NOT_FOUND, "no, thanks"), now=0.0) is None
    assert transfer.state is State.BROKEN
    assert transfer.receive(ack(1), now=0.0) is None


def test_no_transfer_lasts_for_ever_however_slowly_it_goes_on() -> None:
    transfer = begun(bytes(512 * 1000))
    now, block = 0.0, 0

    while transfer.state is State.RUNNING:
        now, block = now + REPEAT_S * 0.9, block + 1
        transfer.receive(ack(block), now=now)

    assert transfer.state is State.BROKEN
    assert LIMIT_S <= now < LIMIT_S + REPEAT_S


def test_the_last_block_has_to_be_acknowledged() -> None:
    transfer = begun(b"short")
    states = [transfer.state]

    assert transfer.receive(ack(1), now=0.0) is None
    states.append(transfer.state)

    assert states == [State.RUNNING, State.COMPLETE]


@given(
    size=st.integers(0, 3000),
    block=st.sampled_from([0, 8, 512, 1428]),
    link=st.lists(st.sampled_from(["both", "lost", "ack lost", "twice", "noise"]), max_size=60),
)
def test_over_a_bad_link_a_file_arrives_whole_or_the_transfer_breaks(size: int, block: int, link: list[str]) -> None:
    content = (CONTENT * 3)[:size]
    transfer = begun(content, {"blksize": block})
    reader, now = Reader(), 0.0
    packet: bytes | None = transfer.packet

    for event in [*link, *["both"] * 400]:
        if transfer.state is not State.RUNNING:
            break
        if packet is None:
            now = transfer.due
            packet = transfer.tick(now=now)
            continue
        answer = reader.take(packet) if event != "lost" else b""
        packet = transfer.receive(b"noise" if event == "noise" else answer, now=now) if event != "ack lost" else None
        if event == "twice":
            assert transfer.receive(answer, now=now) is None

    assert transfer.state is not State.RUNNING
    if transfer.state is State.COMPLETE:
        assert reader.content == content
    assert content.startswith(reader.content)


@given(st.lists(st.one_of(st.binary(max_size=8), st.floats(0, 2)), max_size=80))
def test_whatever_a_client_sends_the_transfer_says_nothing_but_its_blocks(events: list[bytes | float]) -> None:
    transfer, now = begun(), 0.0
    blocks = {transfer.packet}

    for event in events:
        if isinstance(event, bytes):
            packet = transfer.receive(event, now=now)
        else:
            now += event
            packet = transfer.tick(now=now)
        assert packet is None or packet[4:] in CONTENT
        blocks |= {packet} if packet else set()

    assert len(blocks) <= 3
