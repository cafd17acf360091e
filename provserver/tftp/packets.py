"""TFTP packets: what is read from one, and how they are written (RFC 1350, 2347, 2348, 2349)."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

_REQUEST_BYTES = 512  # RFC 2347: the longest request
_FIELDS = 2 + 2 * 8  # name, mode, and more options than there are
_NUMBER = re.compile(r"\d{1,10}")


class Opcode(IntEnum):
    """RFC 1350 5, RFC 2347."""

    READ = 1
    WRITE = 2
    DATA = 3
    ACK = 4
    ERROR = 5
    OPTIONS = 6


class Code(IntEnum):
    """Of an error, RFC 1350 appendix."""

    NOT_FOUND = 1
    ILLEGAL = 4


class Mode(StrEnum):
    """How a file travels. Mail, the third, is of 1981."""

    OCTET = "octet"
    NETASCII = "netascii"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """A client wants the file called *name*, under *options* (small letters; numbers only, others are left out)."""

    name: str
    mode: Mode
    options: Mapping[str, int]


def opcode(datagram: bytes) -> int:
    """What kind of packet *datagram* is; 0 when it is too short to be any."""
    return int.from_bytes(datagram[:2], "big") if len(datagram) >= 4 else 0  # noqa: PLR2004 - the shortest packet


def read_request(datagram: bytes) -> ReadRequest | None:
    """The read request in *datagram*; None for everything else."""
    if opcode(datagram) != Opcode.READ or len(datagram) > _REQUEST_BYTES or not datagram.endswith(b"\0"):
        return None
    fields = [field.decode("latin-1") for field in datagram[2:-1].split(b"\0")]
    if len(fields) < 2 or len(fields) > _FIELDS or not fields[0]:  # noqa: PLR2004 - name and mode
        return None
    name, mode, *others = fields
    if mode.lower() not in set(Mode):
        return None
    pairs = zip(others[::2], others[1::2], strict=False)
    options = {option.lower(): int(value) for option, value in pairs if _NUMBER.fullmatch(value)}
    return ReadRequest(name=name, mode=Mode(mode.lower()), options=options)


def acknowledged(datagram: bytes) -> int | None:
    """The number of the block that is acknowledged; None if nothing is."""
    if opcode(datagram) != Opcode.ACK:
        return None
    return int.from_bytes(datagram[2:4], "big")


def data(block: int, content: bytes) -> bytes:
    """The packet with a block; its number begins anew after 65535."""
    return struct.pack("!HH", Opcode.DATA, block & 0xFFFF) + content


def options_agreed(options: Mapping[str, int]) -> bytes:
    """The packet that says which options hold."""
    fields = "".join(f"{name}\0{value}\0" for name, value in options.items())
    return struct.pack("!H", Opcode.OPTIONS) + fields.encode("ascii")


def error(code: Code, message: str) -> bytes:
    """The packet that ends everything."""
    return struct.pack("!HH", Opcode.ERROR, code) + message.encode("ascii") + b"\0"
