"""On which line of a TOML file a value stands: `line_of`. The parser of the standard library does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = Sequence[str | int]  # keys, and the number of a table in its array, as in ("file", 2, "pattern")

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*[.=]""")
_SYNTAX = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)")


def line_of(text: str, path: Path) -> int:
    """The line, from 1, of the value at *path* in *text*; of what is around it, as near as there is anything."""
    lines = text.splitlines()
    start, end, rest = _table(lines, path)
    for key in rest:
        found = next((number for number in range(start, end) if _key(lines[number]) == key), None)
        if found is None:
            break
        start = found
    return start + 1


def syntax_problem(message: str, text: str) -> tuple[int, str]:
    """The line and the problem that the parser's *message* speaks of."""
    found = _SYNTAX.fullmatch(message)
    if found is None:
        return 1, message
    return int(found[2] or len(text.splitlines()) or 1), found[1][:1].lower() + found[1][1:]


def _table(lines: Sequence[str], path: Path) -> tuple[int, int, list[str]]:
    """Where the innermost table of *path* that has a header begins and ends, and what of the path is left."""
    keys = [part for part in path if isinstance(part, str)]
    nth = next((part for part in path if isinstance(part, int)), 0)
    headers = [
        (number, match[2].replace('"', "")) for number, line in enumerate(lines) if (match := _HEADER.match(line))
    ]
    if not keys:
        return 0, len(lines), []
    of_key = [number for number, name in headers if name == keys[0]]
    if nth >= len(of_key):
        return 0, headers[0][0] if headers else len(lines), keys
    start = of_key[nth]
    inside = [(number, name) for number, name in headers if number > start]
    for depth in range(len(keys), 1, -1):  # [parameter.values] below [[parameter]]
        for number, name in inside:
            if name == keys[0]:
                break
            if name == ".".join(keys[:depth]):
                return number, _end(headers, number, len(lines)), keys[depth:]
    return start, _end(headers, start, len(lines)), keys[1:]


def _end(headers: Sequence[tuple[int, str]], start: int, last: int) -> int:
    return next((number for number, _ in headers if number > start), last)


def _key(line: str) -> str | None:
    found = _KEY.match(line)
    return next((name for name in found.groups() if name is not None), None) if found else None
