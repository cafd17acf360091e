"""`framed`: parts of a message joined so that no two lists of parts give the same bytes."""

from __future__ import annotations

import struct

# 4 bytes, big endian, before each part. With a delimiter instead, ("a|b", "c") and ("a", "b|c") would be one message.
_length = struct.Struct(">I").pack
_number = struct.Struct(">IQ").pack


def framed(text: str) -> bytes:
    """*text* in UTF-8 behind its length. Lone surrogates pass: what came out of a URL must not raise here."""
    part = text.encode("utf-8", "surrogatepass")
    return _length(len(part)) + part


def framed_number(number: int) -> bytes:
    """*number* (0 to 2^64-1) as 8 bytes behind their length."""
    return _number(8, number)
