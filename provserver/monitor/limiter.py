"""How often may each of many do something? `Limiter`: a leaky bucket each, in bounded memory."""

from __future__ import annotations

from provserver.monitor.gcra import Leak, pour

_KEYS = 16_384  # of one generation; some 2 MB, and 16,384 others have to come before a bucket is forgotten


class Limiter:
    """
    Buckets by key, of the latest keys only.

    Two generations: when the younger is full, the older is forgotten. Fails open: a flood of keys forgets buckets, and
    empty ones take their place; whoever floods is for the detectors.
    """

    def __init__(self, leak: Leak) -> None:
        self._leak = leak
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def overflows(self, key: str, now: float) -> bool:
        """Count one more of *key*; whether that was too many."""
        empty_at = self._young.get(key)
        if empty_at is None:
            empty_at = self._old.pop(key, 0.0)
            if len(self._young) >= _KEYS:
                self._old, self._young = self._young, {}
        self._young[key], over = pour(empty_at, now, self._leak)
        return over
