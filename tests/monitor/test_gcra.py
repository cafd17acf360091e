"""The leaky bucket against a plain model that keeps every event."""

from __future__ import annotations

from random import Random

import pytest

from provserver.monitor.gcra import Leak, level, pour


class Model:
    """A bucket as a number of drops that leaks as time passes."""

    def __init__(self, leak: Leak) -> None:
        self._leak = leak
        self._drops = 0.0
        self._at = 0.0

    def pour(self, now: float) -> bool:
        self._drops = max(0.0, self._drops - (now - self._at) / self._leak.leak_s)
        self._at = now
        if self._drops + 1 > self._leak.capacity + 1e-6:
            return True
        self._drops += 1
        return False


@pytest.mark.parametrize("capacity", [1, 3, 10])
@pytest.mark.parametrize("seed", range(5))
def test_it_overflows_when_the_model_does(seed: int, capacity: int) -> None:
    leak = Leak(capacity=capacity, leak_s=10)
    random, model = Random(seed), Model(leak)
    now, empty_at, overflows = 0.0, 0.0, 0

    for _ in range(500):
        now += random.choice([0.0, 0.5, 3.0, 11.0, 60.0])
        empty_at, over = pour(empty_at, now, leak)
        assert over == model.pour(now)
        overflows += over

    assert 0 < overflows < 500


def test_exactly_the_capacity_fits_at_once() -> None:
    leak, empty_at, verdicts = Leak(capacity=10, leak_s=0.1), 1000.0, []

    for _ in range(11):
        empty_at, over = pour(empty_at, 1000.0, leak)
        verdicts.append(over)

    assert verdicts == [False] * 10 + [True]
    assert level(empty_at, 1000.0, leak) == pytest.approx(10)


def test_extra_capacity_is_added() -> None:
    leak, empty_at, count = Leak(capacity=2, leak_s=60), 0.0, 0

    while count < 100:
        empty_at, over = pour(empty_at, 5.0, leak, extra=3)
        if over:
            break
        count += 1

    assert count == 5


def test_nothing_fits_into_a_bucket_of_no_capacity() -> None:
    assert pour(0.0, 5.0, Leak(capacity=0, leak_s=60)) == (0.0, True)


@pytest.mark.parametrize(("capacity", "leak_s"), [(-1, 1), (1, 0)])
def test_an_impossible_bucket_is_refused(capacity: float, leak_s: float) -> None:
    with pytest.raises(ValueError, match="capacity"):
        Leak(capacity=capacity, leak_s=leak_s)
