"""SIP messages as text: a head taken apart, and one written."""

from __future__ import annotations

import re
from collections.abc import Iterable

TOKEN = r"[A-Za-z0-9.!%*_+`'~-]+"  # noqa: S105 - RFC 3261 25.1 calls it so
_FOLD = re.compile(r"\r\n[ \t]+")
# RFC 3261 7.3.3, RFC 6665 8.2.1
_COMPACT = {
    "f": "from",
    "i": "call-id",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "t": "to",
    "v": "via",
}
_SAID_CHARS = 200


def read_head(message: bytes) -> tuple[str, dict[str, str]]:
    """Start line and headers by lower-case long name; of headers that come again, the topmost."""
    head = message.lstrip(b"\r\n").partition(b"\r\n\r\n")[0].decode(errors="replace")
    start, *lines = _FOLD.sub(" ", head).split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers.setdefault(_COMPACT.get(name, name), value.strip())
    return start, headers


def written(lines: Iterable[str], body: bytes = b"") -> bytes:
    """A message of *lines* (its start line first) and *body*, whose length is said."""
    head = "".join(f"{line}\r\n" for line in (*lines, f"Content-Length: {len(body)}", ""))
    return head.encode("ascii") + body


def shown(text: str) -> str:
    """*text*, which others wrote, as it may be shown: printable, and not long."""
    return "".join(character for character in text if character.isprintable())[:_SAID_CHARS]
