"""What no maker's file can carry in any value: `check_text`, the least common denominator of all formats."""

from __future__ import annotations

import re

from provserver.errors import InvalidValue

MAX_VALUE_CHARS = 2_048  # longest value a maker documents: Polycom's CONFIG_FILES, 2047 (sheet polycom, H)
# C0, DEL, C1, line and paragraph separators, surrogates, the two non-characters that XML 1.0 forbids, byte order mark
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# Yealink: these words are commands, not data (sheet yealink 4, H); refused for all, a device may change its maker
_KEYWORDS = frozenset({"%NULL%", "%EMPTY%"})


# What nearly every value is made of; nothing in it needs care in any format, and matching it is one step.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+*#=,;()-](?:[A-Za-z0-9_.:/@+*#=,;() -]{0,2046}[A-Za-z0-9_.:/@+*#=,;()-])?")
is_plain = _PLAIN.fullmatch


def text_problem(text: str) -> str | None:
    """Say why no phone's configuration can carry *text*, without quoting it; None when it can."""
    if len(text) > MAX_VALUE_CHARS:
        return f"is longer than {MAX_VALUE_CHARS} characters"
    if _UNPRINTABLE.search(text):
        return "holds a line break or control character, which would change the structure of the file"
    if text != text.strip():
        return "begins or ends with a blank, which phones trim away"
    if text.upper() in _KEYWORDS:
        return "is a keyword of a maker's file format, not a value"
    return None


def check_text(field: str, text: str) -> str:
    """Return *text* when a file can carry it; raise InvalidValue naming *field*, never quoting the value."""
    problem = text_problem(text)
    if problem:
        raise InvalidValue(field, problem)
    return text
