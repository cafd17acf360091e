"""
How one detector counts for one key: `Bucket`, `Walk`, `Pressure`, `Switches`.

Each takes one event's value and says at which pace that was too much, if it was. All are of bounded size.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from typing import Protocol

from provserver.monitor.detector import Detector
from provserver.monitor.gcra import Leak, pour
from provserver.monitor.sketches import HyperLogLog

SEEN = 64  # values a counter knows exactly; the thresholds of buckets are below
PREFIXES = 16  # source networks a counter knows exactly
_LAST = 10  # MACs a walk looks back on
_DENSE = 8  # of these in one block of 4,096: chance puts 10 of an OUI's 16.7 million there once in 10^24
_STEPS = 5  # of +1 to +4 between one and the next
_LONGEST_STEP = 4
_HOUR_S = 3600.0
_REMEMBERED = 0.1  # weight of an hour in what is usual: about the last day counts
_UNUSUAL = 6.0  # standard deviations
_COLD = 5  # times the capacity: so much is unusual while the usual is not known
_DRIFT = 1.0  # standard deviations above the usual that are let pass every hour before they add up
_DRIFTED = 12.0  # standard deviations that have added up


class Counter(Protocol):
    """What the four have in common. *passed* values came before there was a counter, and count."""

    distinct: int

    def add(self, value: int, now: float, *, passed: int, extra: float) -> str | None:
        """Count *value*; ``fast`` or ``slow`` if that was too much, with *extra* capacity."""
        ...

    def load(self, now: float) -> float:
        """How full it is, 0 to 1: the emptiest is forgotten first."""
        ...


class Bucket:
    """A leaky bucket at one pace or two; each different value goes in once while it is remembered."""

    __slots__ = ("_detector", "_fast_empty_at", "_seen", "_slow_empty_at", "distinct")

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._fast_empty_at = self._slow_empty_at = 0.0
        self._seen: array[int] | None = array("Q") if detector.distinct else None
        self.distinct = 0

    def add(self, value: int, now: float, *, passed: int, extra: float) -> str | None:
        """See `Counter.add`."""
        if self._seen is not None:
            if value in self._seen:
                return None
            self._seen.append(value)
            if len(self._seen) > SEEN:
                del self._seen[0]
        first = self.distinct == 0
        for _ in range(passed + 1 if first else 1):
            self.distinct += 1
            if pace := self._pour(now, extra):
                return pace
        return None

    def load(self, now: float) -> float:
        """See `Counter.load`."""
        loads = [max(0.0, self._fast_empty_at - now) / (_longest(self._detector.fast))]
        if self._detector.slow is not None:
            loads.append(max(0.0, self._slow_empty_at - now) / _longest(self._detector.slow))
        return max(loads)

    def _pour(self, now: float, extra: float) -> str | None:
        self._fast_empty_at, over = pour(self._fast_empty_at, now, self._detector.fast, extra=extra)
        if over:
            return "fast"
        if self._detector.slow is None:
            return None
        self._slow_empty_at, over = pour(self._slow_empty_at, now, self._detector.slow, extra=extra)
        return "slow" if over else None


class Walk:
    """
    Neighbouring MACs, whatever the pace: most of the last ones in one block of 4,096, or small steps upwards.

    *value* is the MAC itself. The capacity of the detector's fast bucket is how many have to have come.
    """

    __slots__ = ("_blocks", "_least", "_macs", "_steps", "distinct")

    def __init__(self, detector: Detector) -> None:
        self._least = detector.fast.capacity
        self._macs: array[int] = array("Q")
        self._blocks: array[int] = array("Q")  # of each of them
        self._steps = bytearray()  # 1 for each that is a small step up from the one before
        self.distinct = 0

    def add(self, value: int, now: float, *, passed: int, extra: float) -> str | None:
        """See `Counter.add`."""
        del now
        macs = self._macs
        if value in macs:
            return None
        if not macs:
            self.distinct += passed
        self.distinct += 1
        self._steps.append(0 < value - macs[-1] <= _LONGEST_STEP if macs else 0)
        self._blocks.append(value >> 12)
        macs.append(value)
        if len(macs) > _LAST:
            del macs[0], self._blocks[0], self._steps[0]
            self._steps[0] = 0  # from one that is not among the last any more
        if self.distinct <= self._least + extra or len(macs) < _DENSE:
            return None
        blocks = self._blocks
        # Where so many are in one block, at least one of any three is.
        dense = max(blocks.count(blocks[0]), blocks.count(blocks[1]), blocks.count(blocks[2])) >= _DENSE
        return "fast" if dense or self._steps.count(1) >= _STEPS else None

    def load(self, now: float) -> float:
        """See `Counter.load`."""
        del now
        return min(1.0, len(self._macs) / _LAST)


class Pressure:
    """
    How many different values an hour, against what is usual for this key.

    Fast: more than the capacity in this hour, and six standard deviations above the usual. Slow: what is above the
    usual adds up over hours and days (CUSUM; Page 1954). The usual is a moving average of whole hours. *cold*: nothing
    is known yet, and phones that ask every day in vain are all new: the first hour is taken for the usual.
    """

    __slots__ = ("_began_at", "_capacity", "_cold", "_drift", "_mean", "_variance", "_window", "distinct")

    def __init__(self, detector: Detector, *, cold: bool = False) -> None:
        self._capacity = detector.fast.capacity
        self._cold = cold
        self._window = HyperLogLog()
        self._began_at: float | None = None
        self._mean = self._variance = self._drift = 0.0
        self.distinct = 0

    def add(self, value: int, now: float, *, passed: int, extra: float) -> str | None:
        """See `Counter.add`."""
        del passed
        if self._began_at is None:
            self._began_at = now
        pace = None
        while now - self._began_at >= _HOUR_S:
            pace = self._close_hour(now) or pace
        if self._window.add(value):
            self.distinct = round(self._window.estimate())
        unusual = self._capacity * _COLD if self._cold else self._mean + _UNUSUAL * self._deviation()
        if self.distinct > max(self._capacity + extra, unusual):
            return "fast"
        return pace

    def load(self, now: float) -> float:
        """See `Counter.load`."""
        del now
        return 1.0  # there are as many as makers have blocks: none is forgotten before others

    def _close_hour(self, now: float) -> str | None:
        assert self._began_at is not None  # noqa: S101 - set with the first value
        count = self._window.estimate()
        if self._cold:
            self._cold, self._mean, self._variance = False, count, count
        deviation = self._deviation()
        self._drift = max(0.0, self._drift + (count - self._mean) / deviation - _DRIFT)
        over = self._drift > _DRIFTED and count * 24 > self._capacity
        # What is unusual moves the usual by one deviation at most: else an attack would soon be what is usual.
        difference = max(-deviation, min(deviation, count - self._mean))
        self._mean += _REMEMBERED * difference
        self._variance = (1 - _REMEMBERED) * (self._variance + _REMEMBERED * difference * difference)
        self._window = HyperLogLog()
        if now - self._began_at > 100 * _HOUR_S:  # hours without any event are over at once, and nothing is usual then
            self._began_at, self._mean, self._variance = now, 0.0, 0.0
        else:
            self._began_at += _HOUR_S
        if over:
            self._drift = 0.0
            return "slow"
        return None

    def _deviation(self) -> float:
        # A mean of n events an hour has at least the spread of a Poisson process; two at least: nothing is exact.
        return max(2.0, math.sqrt(self._mean), math.sqrt(self._variance))


class Switches:
    """How often the value changes from one event to the next."""

    __slots__ = ("_bucket", "_last", "distinct")

    def __init__(self, detector: Detector) -> None:
        self._bucket = Bucket(detector)
        self._bucket._seen = None  # noqa: SLF001 - coming back to an earlier value is what is counted
        self._last: int | None = None
        self.distinct = 0

    def add(self, value: int, now: float, *, passed: int, extra: float) -> str | None:
        """See `Counter.add`."""
        del passed
        last, self._last = self._last, value
        if last in (None, value):
            return None
        self.distinct += 1
        return self._bucket.add(value, now, passed=0, extra=extra)

    def load(self, now: float) -> float:
        """See `Counter.load`."""
        return self._bucket.load(now)


_KINDS: dict[str, Callable[[Detector], Counter]] = {"bucket": Bucket, "walk": Walk, "switches": Switches}


def counter_for(detector: Detector, *, cold: bool) -> Counter:
    """A new counter, as *detector* counts; *cold*: the monitor has only just begun to look."""
    return Pressure(detector, cold=cold) if detector.count == "pressure" else _KINDS[detector.count](detector)


def _longest(leak: Leak) -> float:
    """How long a full bucket needs to run empty; one of capacity 0 is full at once."""
    return max(1.0, leak.capacity) * leak.leak_s
