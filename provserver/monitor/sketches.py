"""
Counting without remembering everything: sketches of fixed size, however many different things come.

All are keyed: without the key nobody can choose values that fall together. Sources: Cormode and Muthukrishnan 2005
(count-min), Estan and Varghese 2002 (conservative update), Bloom 1970, Flajolet et al. 2007 (HyperLogLog).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

_ROWS = 4  # the least of four cells: an error in all of them at once is rare
_KEPT = 4_096  # texts with their hashes
_MOST = 255  # of one cell; what is counted here is compared with numbers below ten
_SMALL = 2.5  # below so many values a register, empty registers say more than full ones (Flajolet 2007, figure 3)


def hasher(key: bytes) -> Callable[[str], int]:
    """
    A function from texts to 64 bits, which say nothing about the text to who does not have *key*.

    The latest ones are kept: one event is looked at by many detectors. Any text will do, strangers send any.
    """

    @lru_cache(maxsize=_KEPT)
    def hashed(text: str) -> int:
        return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8, key=key).digest(), "big")

    return hashed


class CountMin:
    """
    How often did each key come, roughly, and never less than it did.

    *bits* is the binary logarithm of a row's width. Conservative update: only the smallest of a key's cells grow.
    """

    __slots__ = ("_mask", "_rows")

    def __init__(self, bits: int) -> None:
        self._mask = (1 << bits) - 1
        self._rows = tuple(bytearray(1 << bits) for _ in range(_ROWS))

    def add(self, value: int) -> int:
        """Count *value* (64 bits of a keyed hash) once more; its estimate then."""
        first, second, third, fourth = self._rows
        a, b, c, d = self._cells(value)
        least = min(first[a], second[b], third[c], fourth[d])
        if least == _MOST:
            return least
        for row, cell in ((first, a), (second, b), (third, c), (fourth, d)):
            if row[cell] == least:
                row[cell] = least + 1
        return least + 1

    def estimate(self, value: int) -> int:
        """How often *value* came; at most 255, sometimes too much, never too little below that."""
        first, second, third, fourth = self._rows
        a, b, c, d = self._cells(value)
        return min(first[a], second[b], third[c], fourth[d])

    def _cells(self, value: int) -> tuple[int, int, int, int]:
        """Its cell in each row: two independent halves make as many hashes as needed (Kirsch and Mitzenmacher 2006)."""
        place, step, mask = value & 0xFFFF_FFFF, (value >> 32) | 1, self._mask
        return place & mask, (place + step) & mask, (place + 2 * step) & mask, (place + 3 * step) & mask


class Bloom:
    """
    Which values came before; sometimes says so of one that did not, never denies one that did.

    The four bits of a value, taken from its upper half, are in one word that its lower half chooses (Putze, Sanders and
    Singler 2007): one look instead of four, for a few more mistakes.
    """

    __slots__ = ("_mask", "_words")

    def __init__(self, bits: int) -> None:
        """Use two to the power of *bits* bits."""
        words = 1 << max(0, bits - 6)
        self._mask = words - 1
        self._words = array("Q", bytes(8 * words))

    def add(self, value: int) -> bool:
        """Remember *value* (64 bits of a keyed hash); whether it was new."""
        place = value & self._mask
        bits = 1 << (value >> 58) | 1 << (value >> 52 & 63) | 1 << (value >> 46 & 63) | 1 << (value >> 40 & 63)
        word = self._words[place]
        if word & bits == bits:
            return False
        self._words[place] = word | bits
        return True

    def __contains__(self, value: int) -> bool:
        bits = 1 << (value >> 58) | 1 << (value >> 52 & 63) | 1 << (value >> 46 & 63) | 1 << (value >> 40 & 63)
        return self._words[value & self._mask] & bits == bits


class HyperLogLog:
    """How many different values came: 1 KiB for any number of them, 3 % off (1.04/√1024)."""

    __slots__ = ("_empty", "_registers", "_sum")

    _BITS = 10
    _COUNT = 1 << _BITS

    def __init__(self) -> None:
        self._registers = bytearray(self._COUNT)
        self._sum = float(self._COUNT)  # of two to the power of minus each register
        self._empty = self._COUNT

    def add(self, value: int) -> bool:
        """Count *value* (64 bits of a keyed hash) unless it came before; whether the estimate is another now."""
        rank = 65 - self._BITS - (value >> self._BITS).bit_length()
        place = value & (self._COUNT - 1)
        before = self._registers[place]
        if rank <= before:
            return False
        self._registers[place] = rank
        self._sum += math.ldexp(1.0, -rank) - math.ldexp(1.0, -before)
        self._empty -= not before
        return True

    def estimate(self) -> float:
        """How many different values came."""
        count = self._COUNT
        raw = 0.7213 / (1 + 1.079 / count) * count * count / self._sum
        if raw <= _SMALL * count and self._empty:
            return count * math.log(count / self._empty)
        return raw
