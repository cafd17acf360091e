"""
Metrics of the request path as plain numbers: counted by the event loop's thread, read when Prometheus asks.

prometheus_client's own counters take a lock at every step, for threads that this path does not have; four of them took
a tenth of a warm request. Registered as collectors, these look the same from outside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector


class Count:
    """One series of a `TallyCounter`."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self, amount: int = 1) -> None:
        """Count *amount* more."""
        self.value += amount


class Spread:
    """One series of a `TallyHistogram`: how many observations fell up to each bound, and their sum."""

    __slots__ = ("_bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one observation; a value that equals a bound is within it."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.sum += value


class TallyCounter(Collector):
    """A counter with labels. Only one thread may count; any may collect."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str], *, registry: CollectorRegistry) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._series: dict[tuple[str, ...], Count] = {}
        registry.register(self)

    def labels(self, *values: str) -> Count:
        """The series of *values*, made when it is first asked for."""
        return self._series.setdefault(values, Count())

    def collect(self) -> Iterator[CounterMetricFamily]:
        """What there is now."""
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for values, count in tuple(self._series.items()):
            family.add_metric(values, count.value)
        yield family


class TallyHistogram(Collector):
    """A histogram with labels. Only one thread may count; any may collect."""

    def __init__(
        self, name: str, meaning: str, labels: Sequence[str], *, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._bounds = tuple(bounds)
        self._series: dict[tuple[str, ...], Spread] = {}
        registry.register(self)

    def labels(self, *values: str) -> Spread:
        """The series of *values*, made when it is first asked for."""
        return self._series.setdefault(values, Spread(self._bounds))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """What there is now."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        bounds = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for values, spread in tuple(self._series.items()):
            totals = accumulate(tuple(spread.counts))
            family.add_metric(values, list(zip(bounds, totals, strict=True)), spread.sum)
        yield family
