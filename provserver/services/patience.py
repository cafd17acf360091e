"""When is somebody tried again who did not take something? `Patience`: later and later, at random."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_FIRST_S, _LONGEST_S = 2.0, 600.0  # who is back is found within twenty minutes


class Patience:
    """One for each receiver. *monotonic* is in seconds."""

    def __init__(self, *, monotonic: Callable[[], float], random: Random) -> None:
        self._monotonic = monotonic
        self._random = random
        self._failures = 0
        self._not_before = 0.0

    def is_time(self) -> bool:
        """Whether the next try may be made."""
        return self._monotonic() >= self._not_before

    def worked(self) -> None:
        """Begin anew."""
        self._failures = 0

    def failed(self) -> float:
        """Wait once more, twice as long; for how many seconds."""
        # Up to twice the time, at random: servers that lost the same receiver do not all come back at once.
        wait_s = min(_LONGEST_S, _FIRST_S * 2.0 ** min(self._failures, 16)) * (1 + self._random.random())
        self._failures += 1
        self._not_before = self._monotonic() + wait_s
        return wait_s
