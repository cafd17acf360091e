"""
Who is worth a record of its own? `Gate` lets a key through once enough different values have come with it.

A spray of sources that come once each stays in sketches of fixed size, and evicts nobody. Two generations are kept:
when the younger is full or old, the older is forgotten. A generation takes its memory when something comes into it.
"""

from __future__ import annotations

from provserver.monitor.sketches import Bloom, CountMin

_PAIR_BITS = 22  # 512 KiB a generation; at FULL pairs 1 of 1,000 new ones is taken for known
_KEY_BITS = 18  # 1 MiB a generation; at FULL one in a thousand one-shot keys gets through by accident
FULL = 131_072  # pairs in one generation: one for every two cells
GENERATION_S = (
    21_600.0  # a quarter of a day: what comes slower than three values in six to twelve hours is not seen here
)


class Gate:
    """Counts different values by key, in bounded memory."""

    __slots__ = ("_began_at", "_count", "_old", "_young", "early_rotations")

    def __init__(self) -> None:
        self._young = self._old = (Bloom(0), CountMin(0))  # empty ones of one cell say the same as large ones
        self._count = 0
        self._began_at: float | None = None
        self.early_rotations = 0  # because the generation was full: so much comes that slow offenders may get through

    def admit(self, key: int, value: int, now: float) -> int:
        """
        Note *value* for *key* (both keyed hashes): how many different values there have been; 0 if this one was there.

        The number is at least the true one among those still remembered.
        """
        if self._began_at is None or self._count >= FULL or now - self._began_at >= GENERATION_S:
            self.early_rotations += self._count >= FULL
            self._turn(Bloom(_PAIR_BITS), now)
        pair = _pair(key, value)
        counts = self._young[1]
        if pair in self._old[0] or not self._young[0].add(pair):
            return 0
        self._count += 1
        return counts.add(key) + self._old[1].estimate(key)

    def tally(self, key: int, now: float) -> int:
        """Note *key* once more, without any value: how often it came, at least, while that is remembered."""
        if self._began_at is None or self._count >= FULL or now - self._began_at >= GENERATION_S:
            self._turn(self._young[0], now)
        self._count += 1
        return self._young[1].add(key) + self._old[1].estimate(key)

    def has(self, key: int, value: int) -> bool:
        """Whether *value* came with *key*; nothing is noted."""
        pair = _pair(key, value)
        return pair in self._young[0] or pair in self._old[0]

    def _turn(self, pairs: Bloom, now: float) -> None:
        self._old, self._young = self._young, (pairs, CountMin(_KEY_BITS))
        self._count, self._began_at = 0, now


def _pair(key: int, value: int) -> int:
    # Multiplied by an odd number (2^64 over the golden ratio), so that key and value do not cancel each other out.
    return (key * 0x9E37_79B9_7F4A_7C15 ^ value) & 0xFFFF_FFFF_FFFF_FFFF
