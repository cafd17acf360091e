"""
What one event looks like: fields → one line, as JSON (`json_line`) or as columns for people (`ConsoleLine`).

The values come from strangers. Whatever is in them, an event is one line, and making it never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from typing import Final

import orjson
import structlog

Line = Callable[[Mapping[str, object], int], bytes]  # fields, most bytes → the line, without its end

_DEEPEST = 6  # containers within containers; facts are flat
_CUTS = (256, 96, 32)  # tried in turn on each text of a line that is too long; 32 keeps a MAC and a token's hash whole
_LARGEST_INT = 2**63 - 1  # what readers in other languages are sure to take; orjson refuses more than 64 bits
# Control characters, line and paragraph separators, text direction (shows a line other than it is), surrogates (a byte
# of a header that is not UTF-8 arrives as one, and cannot be encoded again), byte order mark.
_UNPRINTABLE = (
    *(*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)),
    *(*range(0xD800, 0xE000), 0xFEFF),
)
_ESCAPES = {code: chr(code).encode("unicode_escape").decode("ascii") for code in _UNPRINTABLE}
_RENDERER_OWN = frozenset({"exc_info", "exception", "stack"})  # structlog writes facts of these names on further lines
_JSON: Final = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME  # both are left to `_words`


def printable(text: str) -> str:
    r"""Give *text* with everything that could break or disguise a line written as an escape: ``\n``, ``\x1b``."""
    return text if text.isprintable() else text.translate(_ESCAPES)


def json_line(fields: Mapping[str, object], limit_bytes: int) -> bytes:
    """
    Render *fields* as one line of JSON.

    Most lines take the short way: orjson has escaped nothing, and what it wrote is printable. Otherwise every text is
    made `printable`, and cut when the line is longer than *limit_bytes*.
    """
    line = _dumped(fields)
    if line is not None and len(line) <= limit_bytes and b"\\" not in line and _is_printable(line):
        return line
    line = orjson.dumps(_plain(fields, longest=limit_bytes), option=_JSON)
    for longest in _CUTS:
        if len(line) <= limit_bytes:
            break
        line = orjson.dumps(_plain(fields, longest=longest), option=_JSON)
    return line


class ConsoleLine:
    """Renders fields as columns: time, level, event, facts. One line too; only its colours are control characters."""

    def __init__(self, *, colors: bool) -> None:
        self._render = structlog.dev.ConsoleRenderer(colors=colors, sort_keys=False, pad_event_to=20)

    def __call__(self, fields: Mapping[str, object], limit_bytes: int) -> bytes:
        """Render *fields*; *limit_bytes* is for each text, people read what is there."""
        facts = {_text(key, limit_bytes): _plain(value, longest=limit_bytes) for key, value in fields.items()}
        for name in _RENDERER_OWN & facts.keys():
            facts[f"{name}_"] = facts.pop(name)
        facts["level"] = _words(facts.get("level"))
        match facts.get("traceback"):
            case list() as lines:
                facts["traceback"] = " | ".join(str(line).strip() for line in lines)
        return self._render(None, "", facts).encode("utf-8", "backslashreplace")


def _is_printable(line: bytes) -> bool:
    """Whether *line*, in which orjson has escaped nothing, is: in ASCII that leaves one character to look for."""
    return b"\x7f" not in line if line.isascii() else line.decode().isprintable()


def _dumped(fields: Mapping[str, object]) -> bytes | None:
    try:
        return orjson.dumps(fields, default=_words, option=_JSON)
    except TypeError:  # the base of orjson's own error: surrogates, large numbers, keys that are no text, depth
        return None


def _plain(value: object, *, longest: int, depth: int = 0) -> object:
    """Give *value* as something that orjson takes, every text in it printable and of at most *longest* characters."""
    match value:
        case Enum():
            return _plain(value.value, longest=longest, depth=depth)
        case None | bool() | float():
            return value
        case int() if abs(value) <= _LARGEST_INT:
            return value
        case Mapping() if depth < _DEEPEST:
            return {_text(k, longest): _plain(v, longest=longest, depth=depth + 1) for k, v in value.items()}
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_plain(item, longest=longest, depth=depth + 1) for item in value]
        case _:
            return _text(value, longest)


def _text(value: object, longest: int) -> str:
    text = printable(_words(value)[: longest + 1])
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _words(value: object) -> str:
    """Give *value* as text, whatever it is. A Secret gives stars."""
    try:
        return value.isoformat() if isinstance(value, date) else str(value)
    except Exception:  # noqa: BLE001 - code of others: an object that cannot be printed must not cost the event
        return f"<{type(value).__name__}>"
