"""How speaking is set up: `configure`, once a process, gives a `Log`."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from provserver.log.libraries import LibraryHandler, route
from provserver.log.lines import ConsoleLine, Line, json_line
from provserver.log.output import RequestLine, Sink, Stamp
from provserver.settings import LogSettings

LOST_EVENT = "log.lost"
EVENT_BYTES = 32_768  # four times the longest traceback: room for its escapes
TRACEBACK_CHARACTERS = 8_000  # the end of it, where the error is; endless recursion alone would fill 90 kB


class Log:
    """What `configure` gives: `events` for everything that happens, `requests` for the canonical lines."""

    __slots__ = ("_libraries", "_sink", "events", "requests")

    def __init__(
        self, *, events: FilteringBoundLogger, requests: RequestLine, libraries: LibraryHandler, sink: Sink
    ) -> None:
        self.events = events
        self.requests = requests
        self._libraries = libraries
        self._sink = sink

    def flush(self) -> None:
        """Write what waits, and say what was held back or lost. To be called every 200 ms, and at the end."""
        self._libraries.settle()
        self._sink.flush()
        lost = self._sink.lost
        if lost:
            self.events.error(LOST_EVENT, count=lost)
            if self._sink.lost == lost:  # this very line got through
                self._sink.lost = 0


def configure(settings: LogSettings, *, now_ms: Callable[[], int], stream: BinaryIO | None = None) -> Log:
    """
    Set up structlog and stdlib logging for this process, to write to *stream* (default: standard output).

    *now_ms* is wall time, milliseconds since 1970 UTC. Calling this again replaces the earlier set-up.
    """
    stream = stream or sys.stdout.buffer
    on_terminal = stream.isatty()
    for_people = settings.format == "console" or (settings.format == "auto" and on_terminal)
    line: Line = ConsoleLine(colors=on_terminal) if for_people else json_line
    sink, stamp = Sink(stream), Stamp(now_ms)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _Head(stamp), _add_traceback, _Render(line)],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=True,
    )
    events: FilteringBoundLogger = structlog.get_logger().bind()
    return Log(
        events=events,
        requests=RequestLine(sink, line, now_ms=now_ms, enabled=settings.level in {"debug", "info"}),
        libraries=route(events, now_ms),
        sink=sink,
    )


class _Head:
    """The processor that puts time, level and event in front."""

    def __init__(self, stamp: Stamp) -> None:
        self._stamp = stamp

    def __call__(self, logger: WrappedLogger, level: str, facts: EventDict) -> EventDict:
        del logger
        return {"timestamp": self._stamp(), "level": level, "event": facts.pop("event"), **facts}


def _add_traceback(logger: WrappedLogger, level: str, facts: EventDict) -> EventDict:
    """Replace ``exc_info`` by the lines of its traceback, without the values of variables: they hold secrets."""
    del logger, level
    error = _error_of(facts.pop("exc_info", None))
    if error is not None:
        whole = "".join(traceback.format_exception(error))
        facts["traceback"] = whole[-TRACEBACK_CHARACTERS:].rstrip("\n").split("\n")
    return facts


def _error_of(exc_info: object) -> BaseException | None:
    match exc_info:
        case BaseException() as error:
            return error
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exc_info()[1]
        case _:
            return None


class _Render:
    """The last processor: fields → line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __call__(self, logger: WrappedLogger, level: str, facts: EventDict) -> bytes:
        del logger, level
        return self._line(facts, EVENT_BYTES)
