"""One file on its way to one client: `Transfer`. Pure: packets go in and come out, and the time is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from provserver.tftp.packets import Mode, Opcode, acknowledged, data, opcode, options_agreed

BLOCK_BYTES = 512  # RFC 1350
MOST_BLOCK_BYTES = 1428  # what fits into one Ethernet frame with room for a tunnel: no fragments
_LEAST_BLOCK_BYTES = 8  # RFC 2348
REPEAT_S = 1.0  # round trips in an office are milliseconds
_MOST_REPEAT_S = 10  # of the 255 s that RFC 2349 knows: a transfer must not lie about for that long
TRIES = 5
LIMIT_S = 60.0  # from the first packet to the last acknowledgement
_NEWLINE = re.compile(rb"\r\n|\r|\n")


class State(StrEnum):
    """What became of it."""

    RUNNING = "running"
    COMPLETE = "complete"  # the last block was acknowledged
    BROKEN = "broken"


class Transfer:
    """
    Sends *content*; *options* are what the client asked for, *now* and all other times seconds of a monotonic clock.

    Only what was acknowledged is followed by more, and an acknowledgement that comes twice is not answered again (RFC
    1123 4.2.3.1). *due* is when `tick` wants to be called next.
    """

    def __init__(self, content: bytes, *, mode: Mode, options: Mapping[str, int], now: float) -> None:
        self._content = content if mode is Mode.OCTET else _netascii(content)
        agreed = self._agree(options)
        self._last = len(self._content) // self._block_bytes + 1
        self._block = 0 if agreed else 1  # the agreement is acknowledged as block 0
        self._packet = options_agreed(agreed) if agreed else self._data()
        self._tries = 1
        self._ends = now + LIMIT_S
        self.state = State.RUNNING
        self.due = min(now + self._repeat_s, self._ends)

    @property
    def packet(self) -> bytes:
        """What is on its way and not acknowledged."""
        return self._packet

    def receive(self, datagram: bytes, *, now: float) -> bytes | None:
        """Take a packet from the client; gives the next one for it, or None."""
        if now >= self._ends or opcode(datagram) == Opcode.ERROR:
            self.state = State.BROKEN
        if self.state is not State.RUNNING or acknowledged(datagram) != self._block & 0xFFFF:
            return None
        if self._block == self._last:
            self.state = State.COMPLETE
            return None
        self._block += 1
        self._packet = self._data()
        self._tries = 1
        self.due = min(now + self._repeat_s, self._ends)
        return self._packet

    def tick(self, *, now: float) -> bytes | None:
        """Let time pass; gives the packet again if it is due once more, and gives up after `TRIES`."""
        if self.state is not State.RUNNING or now < self.due:
            return None
        if now >= self._ends or self._tries == TRIES:
            self.state = State.BROKEN
            return None
        self._tries += 1
        self.due = min(now + self._repeat_s, self._ends)
        return self._packet

    def _agree(self, options: Mapping[str, int]) -> dict[str, int]:
        """Those of *options* that hold, with the values that we give them (RFC 2347: others are left out)."""
        agreed: dict[str, int] = {}
        if options.get("blksize", 0) >= _LEAST_BLOCK_BYTES:
            agreed["blksize"] = min(options["blksize"], MOST_BLOCK_BYTES)
        if 1 <= options.get("timeout", 0) <= _MOST_REPEAT_S:
            agreed["timeout"] = options["timeout"]
        if "tsize" in options:
            agreed["tsize"] = len(self._content)
        self._block_bytes = agreed.get("blksize", BLOCK_BYTES)
        self._repeat_s = float(agreed.get("timeout", REPEAT_S))
        return agreed

    def _data(self) -> bytes:
        begin = (self._block - 1) * self._block_bytes
        return data(self._block, self._content[begin : begin + self._block_bytes])


def _netascii(content: bytes) -> bytes:
    """RFC 764: lines end in CR LF, and a CR alone is followed by a zero."""
    return _NEWLINE.sub(lambda found: b"\r\0" if found[0] == b"\r" else b"\r\n", content)
