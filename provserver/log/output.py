"""Where lines go: `Sink`, one stream for all, in the order in which things happened; `RequestLine`, the fast way in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import BinaryIO

from provserver.clock import from_ms
from provserver.log.lines import Line

REQUEST_EVENT = "request.answered"  # the canonical line
BUFFER_BYTES = 65_536  # what a Linux pipe takes at once; some 200 request lines
_LINES_AT_ONCE = 128  # requests that wait for their lines; making them takes half a millisecond
REQUEST_LINE_BYTES = 1_000  # a request of a stranger costs less than 1 kB of disk; one of a phone takes about 350


class Stamp:
    """Gives the present moment as ISO 8601 in UTC, to the millisecond."""

    __slots__ = ("_now_ms", "_second")

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._second = (-1, "")  # formatted once a second, not once a line: 0.3 µs instead of 1.5

    def __call__(self) -> str:
        """The present moment."""
        return self.of(self._now_ms())

    def of(self, moment_ms: int) -> str:
        """*moment_ms*, milliseconds since 1970."""
        second, millisecond = divmod(moment_ms, 1000)
        known = self._second  # read once: threads log too
        if known[0] != second:
            self._second = known = (second, from_ms(second * 1000).strftime("%Y-%m-%dT%H:%M:%S"))
        return f"{known[1]}.{millisecond:03d}Z"


class Sink:
    """
    A stream that takes lines: `append` lets them wait, `write` and the names of levels send them at once.

    When the stream refuses them (disk full, reader gone) they are lost and counted, and nobody who logs notices.
    *earlier* is called before anything is sent, and appends the lines of what has happened and is no line yet.
    """

    __slots__ = ("_flushing", "_lock", "_stream", "_waiting", "earlier", "lost")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting = bytearray()
        # Re-entrant: in the middle of a write the garbage collector may run code that logs, and streams refuse that.
        self._lock = threading.RLock()
        self._flushing = False
        self.earlier: Callable[[], None] = lambda: None
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
            self.earlier()
            self.append(line)
            self.flush()

    debug = info = warning = error = critical = write  # structlog calls the method named like the level

    def catch_up(self) -> None:
        """Have lines made of what happened, without sending them."""
        with self._lock:
            self.earlier()

    def flush(self) -> None:
        """Hand all that waits to the operating system."""
        with self._lock:
            if self._flushing:
                return  # called from within itself: what was added meanwhile is taken by the outer loop
            self._flushing = True
            try:
                self.earlier()
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

    They are made many at once: one after the other takes a third of the time that each takes amid a request. Nothing is
    written when the level is above info. For one thread; what others log keeps its place among the lines.
    """

    __slots__ = ("_enabled", "_line", "_now_ms", "_sink", "_stamp", "_waiting")

    def __init__(self, sink: Sink, line: Line, *, now_ms: Callable[[], int], enabled: bool) -> None:
        self._sink = sink
        self._line = line
        self._now_ms = now_ms
        self._stamp = Stamp(now_ms)
        self._enabled = enabled
        self._waiting: deque[tuple[int, Mapping[str, object]]] = deque()
        sink.earlier = self._make_lines

    def write(self, fields: Mapping[str, object]) -> None:
        """Say *fields* of one request, after the time, the level and (unless it is among them) the event."""
        if self._enabled:
            self._waiting.append((self._now_ms(), fields))
            if len(self._waiting) >= _LINES_AT_ONCE:
                self._sink.catch_up()

    def flush(self) -> None:
        """Hand all lines that wait to the operating system."""
        self._sink.flush()

    def _make_lines(self) -> None:
        waiting, stamp = self._waiting, self._stamp
        while waiting:
            at_ms, fields = waiting.popleft()
            whole = {"timestamp": stamp.of(at_ms), "level": "info", "event": REQUEST_EVENT, **fields}
            self._sink.append(self._line(whole, REQUEST_LINE_BYTES))
