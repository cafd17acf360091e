"""
Counting without remembering everything: sketches of fixed size, however many different things come.

All are keyed: without the key nobody can choose values that fall together. Sources: Cormode and Muthukrishnan 2005
(count-min), Estan and Varghese 2002 (conservative update), Bloom 1970, Flajolet et al. 2007 (HyperLogLog).
"""

from __future__ import annotations

import math
from hashlib import blake2b

_ROWS = 4  # the least of four cells: an error in all of them at once is rare
_MOST = 255  # of one cell; what is counted here is compared with numbers below ten
_SMALL = 2.5  # below so many values a register, empty registers say more than full ones (Flajolet 2007, figure 3)


class Hasher:
    """Makes 64-bit numbers of texts, with a *key* that nobody outside knows."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, text: str) -> int:
        """64 bits that say nothing about *text* to who does not have the key. Any text: strangers send any."""
        digest = blake2b(text.encode("utf-8", "replace"), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "big")


class CountMin:
    """
    How often did each key come, roughly, and never less than it did.

    *bits* is the binary logarithm of a row's width. Conservative update: only the smallest of a key's cells grow.
    """

    __slots__ = ("_mask", "_rows")

    def __init__(self, bits: int) -> None:
        self._mask = (1 << bits) - 1
        self._rows = tuple(bytearray(1 << bits) for _ in range(_ROWS))

    def add(self, value: int) -> None:
        """Count *value* (64 bits of a keyed hash) once more."""
        cells = self._cells(value)
        least = min(row[cell] for row, cell in zip(self._rows, cells, strict=True))
        if least < _MOST:
            for row, cell in zip(self._rows, cells, strict=True):
                if row[cell] == least:
                    row[cell] = least + 1

    def estimate(self, value: int) -> int:
        """How often *value* came; at most 255, sometimes too much, never too little below that."""
        return min(row[cell] for row, cell in zip(self._rows, self._cells(value), strict=True))

    def _cells(self, value: int) -> tuple[int, int, int, int]:
        # Two independent halves make as many hash functions as are needed (Kirsch and Mitzenmacher 2006).
        first, second, mask = value & 0xFFFF_FFFF, (value >> 32) | 1, self._mask
        return (
            first & mask,
            (first + second) & mask,
            (first + 2 * second) & mask,
            (first + 3 * second) & mask,
        )


class Bloom:
    """Which values came before; sometimes says so of one that did not, never denies one that did."""

    __slots__ = ("_bits", "_mask")

    def __init__(self, bits: int) -> None:
        """Use two to the power of *bits* bits."""
        self._mask = (1 << bits) - 1
        self._bits = bytearray(1 << max(0, bits - 3))

    def add(self, value: int) -> bool:
        """Remember *value* (64 bits of a keyed hash); whether it was new."""
        new = False
        first, second, bits = value & 0xFFFF_FFFF, (value >> 32) | 1, self._bits
        for step in range(_ROWS):
            place = (first + step * second) & self._mask
            bit = 1 << (place & 7)
            if not bits[place >> 3] & bit:
                bits[place >> 3] |= bit
                new = True
        return new

    def __contains__(self, value: int) -> bool:
        first, second = value & 0xFFFF_FFFF, (value >> 32) | 1
        places = ((first + step * second) & self._mask for step in range(_ROWS))
        return all(self._bits[place >> 3] & (1 << (place & 7)) for place in places)


class HyperLogLog:
    """How many different values came: 1 KiB for any number of them, 3 % off (1.04/√1024)."""

    __slots__ = ("_registers",)

    _BITS = 10
    _COUNT = 1 << _BITS

    def __init__(self) -> None:
        self._registers = bytearray(self._COUNT)

    def add(self, value: int) -> None:
        """Count *value* (64 bits of a keyed hash) unless it came before."""
        rest = value >> self._BITS
        rank = 65 - self._BITS - rest.bit_length()
        place = value & (self._COUNT - 1)
        self._registers[place] = max(self._registers[place], rank)

    def merge(self, other: HyperLogLog) -> None:
        """Count everything that *other* has counted as well."""
        self._registers = bytearray(map(max, self._registers, other._registers))

    def estimate(self) -> float:
        """How many different values came."""
        count = self._COUNT
        raw = 0.7213 / (1 + 1.079 / count) * count * count / sum(math.ldexp(1.0, -rank) for rank in self._registers)
        empty = self._registers.count(0)
        if raw <= _SMALL * count and empty:
            return count * math.log(count / empty)
        return raw
