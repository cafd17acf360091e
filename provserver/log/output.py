"""Where lines go: `Sink`, one stream for all, in the order in which things happened; `RequestLine`, the fast way in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import BinaryIO

from provserver.clock import from_ms
from provserver.log.lines import Line

REQUEST_EVENT = "request.answered"  # the canonical line
BUFFER_BYTES = 65_536  # what a Linux pipe takes at once; some 200 request lines
REQUEST_LINE_BYTES = 1_000  # a request of a stranger costs less than 1 kB of disk; one of a phone takes about 350


class Stamp:
    """Gives the present moment as ISO 8601 in UTC, to the millisecond."""

    __slots__ = ("_now_ms", "_second")

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._second = (-1, "")  # formatted once a second, not once a line: 0.3 µs instead of 1.5

    def __call__(self) -> str:
        """The present moment."""
        second, millisecond = divmod(self._now_ms(), 1000)
        known = self._second  # read once: threads log too
        if known[0] != second:
            self._second = known = (second, from_ms(second * 1000).strftime("%Y-%m-%dT%H:%M:%S"))
        return f"{known[1]}.{millisecond:03d}Z"


class Sink:
    """
    A stream that takes lines: `append` lets them wait, `write` and the names of levels send them at once.

    When the stream refuses them (disk full, reader gone) they are lost and counted, and nobody who logs notices.
    """

    __slots__ = ("_flushing", "_lock", "_stream", "_waiting", "lost")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting = bytearray()
        # Re-entrant: in the middle of a write the garbage collector may run code that logs, and streams refuse that.
        self._lock = threading.RLock()
        self._flushing = False
        self.lost = 0

    def append(self, line: bytes) -> None:
        """Take *line*, to be written with the next ones."""
        with self._lock:
            self._waiting += line
            self._waiting += b"\n"
            if len(self._waiting) >= BUFFER_BYTES:
                self.flush()

    def write(self, line: bytes) -> None:
        """Take *line* and write it, after those that wait."""
        with self._lock:
            self.append(line)
            self.flush()

    debug = info = warning = error = critical = write  # structlog calls the method named like the level

    def flush(self) -> None:
        """Hand all that waits to the operating system."""
        with self._lock:
            if self._flushing:
                return  # called from within itself: what was added meanwhile is taken by the outer loop
            self._flushing = True
            try:
                while self._waiting:
                    waiting, self._waiting = self._waiting, bytearray()
                    self._pass_on(waiting)
            finally:
                self._flushing = False

    def _pass_on(self, waiting: bytearray) -> None:
        rest = memoryview(waiting)
        try:
            while rest:
                taken = self._stream.write(rest)  # a part of it, when Python runs unbuffered
                if not taken:
                    raise BlockingIOError
                rest = rest[taken:]
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: somebody closed the stream
            self.lost += waiting.count(b"\n")


class RequestLine:
    """
    The canonical line of a request, one `write` each; lines wait until `flush`, or until BUFFER_BYTES are full.

    Nothing is written when the level is above info.
    """

    __slots__ = ("_enabled", "_line", "_sink", "_stamp")

    def __init__(self, sink: Sink, line: Line, *, stamp: Stamp, enabled: bool) -> None:
        self._sink = sink
        self._line = line
        self._stamp = stamp
        self._enabled = enabled

    def write(self, fields: Mapping[str, object]) -> None:
        """Say *fields* of one request, after the time, the level and (unless it is among them) the event."""
        if self._enabled:
            whole = {"timestamp": self._stamp(), "level": "info", "event": REQUEST_EVENT, **fields}
            self._sink.append(self._line(whole, REQUEST_LINE_BYTES))

    def flush(self) -> None:
        """Hand all lines that wait to the operating system."""
        self._sink.flush()
