"""
`Health`: when to leave a service alone, and for how long: the circuit breaker of one account, and the back-off of all.

It is a value that is kept in the store, so that a restart does not forget that a service is down.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

TOLERATED = 5  # failures in a row before the account is paused: single devices fail too, and their turns go by
_FIRST_MS = 2_000
_LONGEST_MS = 900_000  # a quarter of an hour: how late work may go on after a long outage


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    *failures* in a row, and until when (steady ms) nothing is sent.

    After a pause single calls go out, until one succeeds.
    """

    failures: int = 0
    paused_until: int = 0

    @property
    def is_doubtful(self) -> bool:
        """Whether only one call at a time should go out, to see if the service is back."""
        return self.failures >= TOLERATED

    def failed(self, *, now_ms: int, random: Random, retry_after_s: float | None = None) -> Health:
        """After a call that got no answer. What the service itself asks for counts at once."""
        if now_ms < self.paused_until and retry_after_s is None:
            return self  # one of those that were on their way together with the one that failed first
        failures = self.failures + 1
        pause_ms = back_off_ms(failures - TOLERATED, random) if failures >= TOLERATED else 0
        if retry_after_s is not None:
            pause_ms = max(pause_ms, min(int(retry_after_s * 1000), _LONGEST_MS))
        return Health(failures=failures, paused_until=max(self.paused_until, now_ms + pause_ms))


def back_off_ms(attempt: int, random: Random) -> int:
    """How long to wait after failed *attempt* 0, 1, …: doubled each time up to a limit, half of it at random."""
    longest = min(_FIRST_MS * 2 ** min(attempt, 20), _LONGEST_MS)
    return int(longest * (0.5 + random.random() / 2))
