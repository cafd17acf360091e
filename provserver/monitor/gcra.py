"""
How fast may something happen? `overflows`: the generic cell rate algorithm, one number for each thing that is limited.

The number is the theoretical arrival time: when the bucket will have run empty. There is no background work, and the
burst is exact. Source: ATM Forum, Traffic Management 4.0 (1996), annex C; the "virtual scheduling" form.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A bucket that takes *capacity* events at once and leaks one every *leak_s* seconds."""

    capacity: float
    leak_s: float

    def __post_init__(self) -> None:
        if self.capacity < 0 or self.leak_s <= 0:
            msg = f"capacity {self.capacity}, leak {self.leak_s} s"
            raise ValueError(msg)


def pour(empty_at: float, now: float, leak: Leak, *, extra: float = 0.0) -> tuple[float, bool]:
    """
    Pour an event into the bucket that will be empty at *empty_at*: when it is empty then, and whether it overflows.

    *extra* is added to the capacity. An event that overflows is not poured in.
    """
    start = max(now, empty_at)
    # A hair of tolerance: after a thousand additions of 0.1 the sum is a little more than 100.
    if start - now > (leak.capacity + extra - 1) * leak.leak_s + leak.leak_s * 1e-6:
        return empty_at, True
    return start + leak.leak_s, False


def level(empty_at: float, now: float, leak: Leak) -> float:
    """How many events are in the bucket now."""
    return max(0.0, empty_at - now) / leak.leak_s
