"""How much of what was sent has not arrived yet? `unacknowledged`: what the system knows of one connection."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import sys
import termios


def unacknowledged(transport: asyncio.BaseTransport | None) -> int | None:
    """Bytes that the peer's TCP has not acknowledged; None where the system cannot tell."""
    sock = transport.get_extra_info("socket") if transport is not None else None
    if sock is None or sys.platform != "linux" or sock.fileno() < 0:
        return None
    try:
        return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
    except OSError:
        return None
