"""What libraries say through stdlib logging: warnings and worse become events, each kind once in ten seconds."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable

from structlog.typing import FilteringBoundLogger

LIBRARY_EVENT = "library.complained"
SUPPRESSED_EVENT = "log.suppressed"

WINDOW_MS = 10_000  # a library says the same thing once in this time: soon enough for people, slow enough for disks
MESSAGE_CHARACTERS = 500  # what is longer quotes its input


class LibraryHandler(logging.Handler):
    """Passes records on to *events*; the same thing once in WINDOW_MS, the rest is counted and reported by `settle`."""

    def __init__(self, events: FilteringBoundLogger, now_ms: Callable[[], int]) -> None:
        super().__init__(logging.WARNING)
        self._events = events
        self._quota = _Quota(now_ms)

    def handle(self, record: logging.LogRecord) -> bool:
        """Take no lock around `emit`: it would be held while the stream's is waited for, and the other way round."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        self.settle()
        if self._quota.admits(record):
            say = self._events.error if record.levelno >= logging.ERROR else self._events.warning
            say(LIBRARY_EVENT, logger=record.name, message=_message(record), exc_info=record.exc_info)

    def settle(self) -> None:
        """Say how much was held back in windows that are over."""
        for name, count in self._quota.over():
            self._events.warning(SUPPRESSED_EVENT, logger=name, count=count)


class _Quota:
    """Lets the first record from each place in the code through, and counts the others until its window is over."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._lock = threading.RLock()
        # Place → when its window began, who spoke, how many were held back. Places are lines of code: strangers can
        # make a known one speak again, but add none.
        self._windows: dict[tuple[object, ...], tuple[int, str, int]] = {}

    def admits(self, record: logging.LogRecord) -> bool:
        place = _place(record)
        with self._lock:
            window = self._windows.get(place)
            if window is None:
                self._windows[place] = (self._now_ms(), record.name, 0)
                return True
            began_ms, name, held_back = window
            self._windows[place] = (began_ms, name, held_back + 1)
            return False

    def over(self) -> list[tuple[str, int]]:
        """Close the windows that are over: logger and number for each that held something back."""
        with self._lock:
            now_ms = self._now_ms()
            closed = [
                place
                for place, (began_ms, _, _) in self._windows.items()
                if not 0 <= now_ms - began_ms < WINDOW_MS  # a clock that was set back closes them, too
            ]
            windows = [self._windows.pop(place) for place in closed]
        return [(name, held_back) for _, name, held_back in windows if held_back]


class MalformedShortened(logging.Filter):
    """
    Reduces aiohttp's report of a request that is no HTTP to a few words of ours.

    As it comes it ends with a traceback that quotes the request: 16 kB for each one (aiohttp 3.14.5).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter.filter`; everything passes."""
        error = record.exc_info[1] if record.exc_info else None
        # By name, because only http knows aiohttp. A test with a real server notices when the name changes.
        if any(kind.__name__ == "HttpProcessingError" for kind in type(error).__mro__):
            address = record.args[0] if isinstance(record.args, tuple) and record.args else None
            record.msg, record.args = "malformed request from %s: %s", (address, type(error).__name__)
            record.exc_info = record.exc_text = None
        return True


def route(events: FilteringBoundLogger, now_ms: Callable[[], int]) -> LibraryHandler:
    """Make stdlib logging end in *events*. Handlers of others (a test runner's) stay; an earlier one of ours goes."""
    handler = LibraryHandler(events, now_ms)
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    root.handlers = [kept for kept in root.handlers if not isinstance(kept, LibraryHandler)] + [handler]
    root.setLevel(logging.WARNING)
    server.filters = [kept for kept in server.filters if not isinstance(kept, MalformedShortened)]
    server.addFilter(MalformedShortened())
    return handler


def _place(record: logging.LogRecord) -> tuple[object, ...]:
    """Where in the code *record* comes from: the line that logged, the kind of error and the line that raised it."""
    error = record.exc_info[1] if record.exc_info else None
    raised = None
    for frame, line in traceback.walk_tb(error.__traceback__ if error else None):
        raised = (frame.f_code.co_filename, line)
    return (record.name, record.pathname, record.lineno, type(error), raised)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()[:MESSAGE_CHARACTERS]
    except Exception:  # noqa: BLE001 - code of others: a message that cannot be put together must not cost the event
        return str(record.msg)[:MESSAGE_CHARACTERS]
