"""One event is one line, whatever is in it; nothing that is logged raises, floods or gives a secret away."""

import asyncio
import io
import json
import logging
import socket
import string
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
import structlog
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from provserver.log import Log, configure
from provserver.log.libraries import WINDOW_MS, LibraryHandler, MalformedShortened
from provserver.log.lines import ConsoleLine, json_line, printable
from provserver.log.output import BUFFER_BYTES, REQUEST_LINE_BYTES
from provserver.secret import STARS, Secret
from provserver.settings import LogSettings

START_MS = 1_767_225_600_123  # 2026-01-01T00:00:00.123Z
LIMIT = 32_768
HOSTILE = '\x00\x1b[2J\r\n\x7f\x85\u2028\u2029\u202e\u2066\udce9\ud800\ufeff\\"é😀'


class Stream(io.BytesIO):
    """Standard output of a test: a terminal or not, and refusing while *broken*."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self.terminal = terminal
        self.broken = False
        self.most: int | None = None  # bytes taken at a time, as a raw pipe may
        self.during_write: Callable[[], object] | None = None

    def isatty(self) -> bool:
        return self.terminal

    def write(self, data: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        if self.broken:
            raise BrokenPipeError
        if self.during_write is not None:
            intruder, self.during_write = self.during_write, None
            intruder()
        return super().write(data[: self.most])

    @property
    def text(self) -> str:
        return self.getvalue().decode()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


class Wall:
    """The wall clock of a test."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms


@dataclass
class Speaking:
    log: Log
    stream: Stream
    wall: Wall


def speaking(
    *,
    form: Literal["auto", "json", "console"] = "json",
    level: Literal["debug", "info", "warning", "error"] = "info",
    terminal: bool = False,
) -> Speaking:
    stream, wall = Stream(terminal=terminal), Wall()
    log = configure(LogSettings(format=form, level=level), now_ms=wall, stream=stream)
    return Speaking(log, stream, wall)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    server.filters.clear()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_an_event_is_a_line_of_json() -> None:
    s = speaking()

    s.log.events.info("device.served", mac="001565aabbcc", size_bytes=4512)

    assert s.stream.text == (
        '{"timestamp":"2026-01-01T00:00:00.123Z","level":"info","event":"device.served",'
        '"mac":"001565aabbcc","size_bytes":4512}\n'
    )


def test_the_time_follows_the_clock() -> None:
    s = speaking()

    for step_ms in (0, 1, 876, 60_000):
        s.wall.ms += step_ms
        s.log.events.info("clock.read")

    assert [event["timestamp"][17:] for event in s.stream.events] == ["00.123Z", "00.124Z", "01.000Z", "01.000Z"]
    assert s.stream.events[3]["timestamp"] == "2026-01-01T00:01:01.000Z"


def test_less_than_the_level_is_not_written() -> None:
    s = speaking(level="warning")

    s.log.events.info("device.served")
    s.log.requests.write({"status": 200})
    s.log.events.warning("device.odd")
    s.log.flush()

    assert [event["event"] for event in s.stream.events] == ["device.odd"]


def test_what_is_bound_to_the_context_is_in_every_event() -> None:
    s = speaking()

    with structlog.contextvars.bound_contextvars(request_id="r1"):
        s.log.events.info("device.served", mac="001565aabbcc")
    s.log.events.info("server.stopped")

    assert [event.get("request_id") for event in s.stream.events] == ["r1", None]


def test_any_logger_of_the_process_ends_here() -> None:
    s = speaking()

    structlog.get_logger().warning("erase.pending", reason="reader")

    assert s.stream.events[0]["event"] == "erase.pending"


@pytest.mark.parametrize(
    ("form", "terminal", "console", "colours"),
    [
        ("auto", False, False, False),
        ("auto", True, True, True),
        ("json", True, False, False),
        ("console", True, True, True),
        ("console", False, True, False),
    ],
)
def test_people_get_columns_and_terminals_colours(
    form: Literal["auto", "json", "console"],
    terminal: bool,  # noqa: FBT001 - a parameter
    console: bool,  # noqa: FBT001 - a parameter
    colours: bool,  # noqa: FBT001 - a parameter
) -> None:
    s = speaking(form=form, terminal=terminal)

    s.log.events.info("device.served", mac="001565aabbcc")

    assert s.stream.text.startswith("{") is not console
    assert ("\x1b[" in s.stream.text) is colours
    assert "device.served" in s.stream.text


# ------------------------------------------------------------------------------------------------ hostile values


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "value", [HOSTILE, [HOSTILE], {"nested": {HOSTILE: HOSTILE}}, HOSTILE.encode("utf-8", "replace")]
)
def test_one_event_is_one_printable_line(form: Literal["json", "console"], value: object) -> None:
    s = speaking(form=form)

    s.log.events.info("device.served", user_agent=value)
    s.log.requests.write({"user_agent": value})
    s.log.flush()

    lines = s.stream.text.split("\n")
    assert len(lines) == 3
    assert lines[2] == ""
    assert all(line.isprintable() for line in lines)


def test_an_escape_says_what_was_there() -> None:
    assert printable("a\n\x1b\x7f\u2028\udce9é") == "a\\n\\x1b\\x7f\\u2028\\udce9é"


def test_what_needs_no_escape_stays_as_it_is() -> None:
    s = speaking()

    s.log.events.info("tenant.added", name="Müller & Söhne 電話")

    assert s.stream.events[0]["name"] == "Müller & Söhne 電話"


@pytest.mark.parametrize("name", ["exception", "stack", "exc_info", "logger", "level", "timestamp"])
def test_no_name_of_a_fact_makes_a_second_line(name: str) -> None:
    fields = {"timestamp": "now", "level": "info", "event": "value.logged", name: "a fact\nof two lines"}

    line = ConsoleLine(colors=False)(fields, LIMIT).decode()

    assert line.isprintable()
    assert "a fact" in line


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError


class Colour(Enum):
    RED = "r\ned"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2**70, str(2**70)),
        (float("nan"), None),
        ({1: "one"}, {"1": "one"}),
        ((1, None, True), [1, None, True]),
        (Unprintable(), "<Unprintable>"),
        ([Unprintable(), "\n"], ["<Unprintable>", "\\n"]),
        (Colour.RED, "r\\ned"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (Path("/tmp"), "/tmp"),  # noqa: S108 - a name
    ],
)
def test_any_value_can_be_logged(value: object, shown: object) -> None:
    s = speaking()

    s.log.events.info("value.logged", value=value)

    assert s.stream.events[0]["value"] == shown


def test_a_value_that_contains_itself_can_be_logged() -> None:
    s = speaking()
    value: list[object] = []
    value.append(value)

    s.log.events.info("value.logged", value=value)

    assert s.stream.events[0]["event"] == "value.logged"


@dataclass
class Holder:
    password: Secret


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: [s, "\n"], lambda s: {"deep": s}, Holder])
def test_a_secret_prints_as_stars(form: Literal["json", "console"], wrap: Callable[[Secret], object]) -> None:
    s = speaking(form=form)

    s.log.events.info("value.logged", value=wrap(Secret("hunter2")))
    s.log.requests.write({"value": wrap(Secret("hunter2"))})
    s.log.flush()

    assert s.stream.text.count(STARS) == 2
    assert "hunter2" not in s.stream.text


JSONLIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner) | st.tuples(inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(string.ascii_lowercase, min_size=1), JSONLIKE, max_size=4))
def test_whatever_the_fields_are_a_line_comes_out(fields: dict[str, object]) -> None:
    as_json = json_line(fields, LIMIT)
    as_columns = ConsoleLine(colors=False)(fields, LIMIT)

    assert set(json.loads(as_json)) == set(fields)
    for line in (as_json.decode(), as_columns.decode()):
        assert not set(line) & set(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x202E]))


@given(
    st.dictionaries(st.text(string.ascii_lowercase, min_size=1), st.text(string.printable[:95]) | st.integers(0, 99))
)
def test_the_short_way_says_the_same_as_the_long_one(fields: dict[str, object]) -> None:
    forced = fields | {"zz_surrogate": "\ud800"}

    assert json.loads(json_line(fields, LIMIT)) == fields
    assert json.loads(json_line(forced, LIMIT)) == fields | {"zz_surrogate": "\\ud800"}


# ------------------------------------------------------------------------------------------------ request lines


def test_request_lines_wait_and_keep_their_place() -> None:
    s = speaking()

    s.log.requests.write({"status": 200, "mac": "001565aabbcc"})
    waiting = s.stream.text
    s.log.events.info("device.served")

    assert waiting == ""
    assert [event["event"] for event in s.stream.events] == ["request.answered", "device.served"]
    assert s.stream.events[0] == {
        "timestamp": "2026-01-01T00:00:00.123Z",
        "level": "info",
        "event": "request.answered",
        "status": 200,
        "mac": "001565aabbcc",
    }


def test_flush_writes_the_lines_that_wait() -> None:
    s = speaking()

    s.log.requests.write({"status": 200})
    s.log.requests.flush()

    assert len(s.stream.events) == 1


def test_lines_do_not_wait_for_ever() -> None:
    s = speaking()

    written = 0
    while not s.stream.text:
        s.log.requests.write({"status": 200, "user_agent": "a" * 200})
        written += 1

    assert len(s.stream.text) >= BUFFER_BYTES
    assert len(s.stream.events) == written


def test_a_request_line_is_readable_on_a_console() -> None:
    s = speaking(form="console")

    s.log.requests.write({"status": 200, "vendor": "yealink"})
    s.log.flush()

    assert s.stream.text.split() == [
        "2026-01-01T00:00:00.123Z",
        "[info",
        "]",
        "request.answered",
        "status=200",
        "vendor=yealink",
    ]


@pytest.mark.parametrize("agent", ["A" * 8000, HOSTILE * 800, "😀" * 2000, "\\" * 8000, '"' * 8000])
def test_a_request_costs_less_than_a_kilobyte_of_disk(agent: str) -> None:
    s = speaking()

    s.log.requests.write({"mac": "001565aabbcc", "status": 404, "path": agent, "user_agent": agent, "address": "::1"})
    s.log.flush()

    assert len(s.stream.getvalue()) <= REQUEST_LINE_BYTES + 1
    assert s.stream.events[0]["mac"] == "001565aabbcc"


# ------------------------------------------------------------------------------------------------ tracebacks


def fail(message: str) -> None:
    password = "hunter2"  # noqa: F841 - a variable that a talkative traceback would show
    raise ValueError(message)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_is_in_the_line_without_variables(form: Literal["json", "console"]) -> None:
    s = speaking(form=form)

    try:
        fail("first\nsecond\x1b")
    except ValueError:
        s.log.events.exception("job.failed")

    assert s.stream.text.count("\n") == 1
    assert s.stream.text.rstrip("\n").isprintable()
    assert "in fail" in s.stream.text
    assert "second\\\\x1b" in s.stream.text or "second\\x1b" in s.stream.text
    assert '"hunter2"' not in s.stream.text.replace('password = "hunter2"', "").replace('password = \\"hunter2\\"', "")


@pytest.mark.parametrize("given_as", ["instance", "tuple", "true"])
def test_an_error_can_be_given_in_every_usual_way(given_as: str) -> None:
    s = speaking()

    try:
        fail("boom")
    except ValueError as error:
        exc_info = {"instance": error, "tuple": sys.exc_info(), "true": True}[given_as]
        s.log.events.error("job.failed", exc_info=exc_info)

    assert s.stream.events[0]["traceback"][-1] == "ValueError: boom"
    assert "exc_info" not in s.stream.events[0]


def test_no_error_is_no_traceback() -> None:
    s = speaking()

    s.log.events.error("job.failed", exc_info=True)
    s.log.events.error("job.failed", exc_info=None)

    assert all(set(event) == {"timestamp", "level", "event"} for event in s.stream.events)


def test_of_an_endless_traceback_the_end_is_kept() -> None:
    s = speaking()

    try:
        fail("x" * 100_000 + " the end")
    except ValueError:
        s.log.events.exception("job.failed")

    assert len(s.stream.text) < 10_000
    assert s.stream.events[0]["traceback"][-1].endswith(" the end")


# ------------------------------------------------------------------------------------------------ streams that refuse


def test_a_stream_that_refuses_costs_lines_and_they_are_counted() -> None:
    s = speaking()
    s.stream.broken = True

    s.log.events.info("device.served")
    s.log.requests.write({"status": 200})
    s.log.flush()
    s.log.flush()
    s.stream.broken = False
    s.log.flush()
    s.log.flush()

    # two events, and the two attempts to tell that they are lost
    assert [(event["event"], event.get("count")) for event in s.stream.events] == [("log.lost", 4)]


def test_a_closed_stream_disturbs_nobody() -> None:
    s = speaking()
    s.stream.close()

    s.log.events.info("device.served")
    s.log.flush()

    assert s.stream.closed


def test_a_stream_may_take_a_part() -> None:
    s = speaking()
    s.stream.most = 7

    s.log.events.info("device.served", mac="001565aabbcc")

    assert s.stream.events[0]["mac"] == "001565aabbcc"


def test_whoever_logs_in_the_middle_of_a_write_comes_next() -> None:
    """The garbage collector can make a library log at any moment, also then; a stream would refuse it."""
    s = speaking()
    s.stream.during_write = lambda: s.log.events.warning("inner.said")

    s.log.events.info("outer.said")

    assert [event["event"] for event in s.stream.events] == ["outer.said", "inner.said"]


# ------------------------------------------------------------------------------------------------ libraries


def test_what_libraries_warn_of_becomes_an_event() -> None:
    s = speaking()

    logging.getLogger("asyncio").info("not interesting")
    logging.getLogger("asyncio").warning("took %s s", 3)
    logging.getLogger("some.library").error("gone\n%s", "\x1b")

    assert [(e["level"], e["event"], e["logger"], e["message"]) for e in s.stream.events] == [
        ("warning", "library.complained", "asyncio", "took 3 s"),
        ("error", "library.complained", "some.library", "gone\\n\\x1b"),
    ]


def test_a_message_that_cannot_be_put_together_is_shown_as_it_is() -> None:
    s = speaking()
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, LibraryHandler)]  # pytest's raise

    logging.getLogger("some.library").warning("%d items", "many")

    assert s.stream.events[0]["message"] == "%d items"


def test_a_library_says_the_same_thing_once_and_the_rest_is_counted() -> None:
    s = speaking()
    library = logging.getLogger("some.library")

    def complain(about: str) -> None:
        library.warning("about %s", about)

    for number in range(50):
        complain(str(number))
    library.warning("something else")
    s.wall.ms += WINDOW_MS
    s.log.flush()
    complain("late")

    assert [(e["event"], e.get("message"), e.get("count")) for e in s.stream.events] == [
        ("library.complained", "about 0", None),
        ("library.complained", "something else", None),
        ("log.suppressed", None, 49),
        ("library.complained", "about late", None),
    ]


def test_another_error_at_the_same_place_is_said() -> None:
    s = speaking()

    for kind in (KeyError, KeyError, OSError):
        try:
            raise kind("x")
        except (KeyError, OSError):
            logging.getLogger("some.library").exception("Error handling request")

    assert [event["traceback"][-1] for event in s.stream.events] == ["KeyError: 'x'", "OSError: x"]


def test_a_clock_that_is_set_back_silences_nobody() -> None:
    s = speaking()

    for _ in range(2):
        logging.getLogger("some.library").warning("once")
        s.wall.ms -= 86_400_000

    assert len(s.stream.events) == 2


def test_configuring_again_replaces_the_earlier_set_up() -> None:
    before, after = speaking(), speaking()

    logging.getLogger("asyncio").warning("took long")

    assert before.stream.text == ""
    assert len(after.stream.events) == 1
    assert sum(isinstance(handler, LibraryHandler) for handler in logging.getLogger().handlers) == 1
    assert [type(found) for found in logging.getLogger("aiohttp.server").filters] == [MalformedShortened]


async def broken_handler(request: web.BaseRequest) -> web.StreamResponse:
    raise LookupError(request.path)


async def send(requests: list[bytes]) -> None:
    """Send each of *requests* to a real aiohttp server, on a connection of its own, and read what it answers."""
    server = web.Server(broken_handler, access_log=None)
    runner = web.ServerRunner(server)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    for request in requests:
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(request)
        await reader.read()
        writer.close()
        await writer.wait_closed()
    await runner.cleanup()


MALFORMED = [
    b"GET / HTTP/1.1\r\nHost: a\r\nEVIL" + b"A" * 9000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: EVIL\x1b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nEVIL : x\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", MALFORMED)
async def test_a_malformed_request_is_one_short_line_without_its_bytes(request_bytes: bytes) -> None:
    s = speaking()

    await send([request_bytes])

    assert len(s.stream.events) == 1
    assert s.stream.events[0]["message"].startswith("malformed request from 127.0.0.1: ")
    assert len(s.stream.text) < 1000
    assert "EVIL" not in s.stream.text
    assert "traceback" not in s.stream.events[0]


async def test_a_flood_of_malformed_requests_is_one_line_and_a_number() -> None:
    s = speaking()

    await send(MALFORMED * 5)
    s.wall.ms += WINDOW_MS
    s.log.flush()

    assert [(e["event"], e.get("count")) for e in s.stream.events] == [
        ("library.complained", None),
        ("log.suppressed", 14),
    ]


async def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    s = speaking()

    await send([b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])

    assert s.stream.events[0]["traceback"][-1] == "LookupError: /x"
