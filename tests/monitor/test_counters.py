"""How one detector counts for one key, call by call: when it says that it was too much, and how full it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from provserver.monitor.counters import SEEN, Bucket, Counter, Pressure, Switches, Walk, counter_for
from provserver.monitor.detector import Detector
from provserver.monitor.sketches import hasher
from tests.monitor.test_engine import KEY, detector

NOW = 1_000_000.0
HOUR_S = 3_600.0
BLOCK = 0x805EC0123 << 12
hashed = hasher(KEY)


def said(counter: Counter, values: Iterable[int], *, at: float = NOW, step_s: float = 0.0, **fields: Any) -> list[int]:  # noqa: ANN401 - of Counter.add
    """Which of *values*, by position, were too many."""
    options = {"passed": 0, "extra": 0.0, **fields}
    return [n for n, value in enumerate(values) if counter.add(value, at + n * step_s, **options) is not None]


def both_paces() -> Detector:
    return detector(fast={"capacity": 4, "leak_s": 10}, slow={"capacity": 20, "leak_s": 1_000})


# ------------------------------------------------------------------------------------------------------------ buckets


def test_a_bucket_counts_each_value_once_while_it_remembers_it() -> None:
    bucket = Bucket(detector(fast={"capacity": 1_000, "leak_s": 1e6}))

    said(bucket, [*range(SEEN), *range(SEEN)])
    assert bucket.distinct == SEEN

    said(bucket, [SEEN])  # the first is forgotten for it, and no other
    said(bucket, range(1, SEEN + 1))
    assert bucket.distinct == SEEN + 1
    said(bucket, [0])
    assert bucket.distinct == SEEN + 2


def test_a_bucket_without_different_values_counts_every_event() -> None:
    assert said(Bucket(detector(distinct="")), [7] * 8) == [5, 6, 7]


def test_values_that_came_before_the_bucket_count_with_the_first() -> None:
    bucket = Bucket(detector())

    assert said(bucket, [1, 2, 3, 4], passed=2) == [3]  # of capacity 5: two that passed, and three
    assert bucket.distinct == 6


def test_values_that_came_before_can_be_too_many_by_themselves() -> None:
    assert said(Bucket(detector()), [1], passed=5) == [0]
    assert said(Bucket(detector()), [1], passed=4) == []


def test_extra_capacity_is_for_both_paces() -> None:
    assert said(Bucket(detector()), range(8), extra=2.0) == [7]
    slow = detector(fast={"capacity": 90, "leak_s": 10}, slow={"capacity": 5, "leak_s": 1_000})
    assert said(Bucket(slow), range(8), extra=2.0) == [7]


def test_each_pace_says_which_it_is() -> None:
    fast = Bucket(both_paces())
    paces = [fast.add(value, NOW, passed=0, extra=0.0) for value in range(5)]
    assert paces == [None] * 4 + ["fast"]

    slow = Bucket(both_paces())
    paces = [slow.add(value, NOW + value * 10, passed=0, extra=0.0) for value in range(21)]
    assert paces == [None] * 20 + ["slow"]


def test_the_load_of_a_bucket_is_that_of_its_fuller_pace() -> None:
    bucket = Bucket(both_paces())
    assert bucket.load(NOW) == 0.0

    said(bucket, [1, 2])
    assert bucket.load(NOW) == pytest.approx(2 / 4)
    assert bucket.load(NOW + 10) == pytest.approx(1 / 4)
    assert bucket.load(NOW + 20) == pytest.approx((2_000 - 20) / 20_000)  # only the slow one has something left
    assert bucket.load(NOW + 1e6) == 0.0


def test_a_bucket_of_one_pace_runs_empty() -> None:
    bucket = Bucket(detector(fast={"capacity": 5, "leak_s": 10}))
    said(bucket, [1, 2, 3])

    assert bucket.load(NOW + 5) == pytest.approx(25 / 50)
    assert bucket.load(NOW + 30) == bucket.load(NOW + 31) == 0.0


def test_a_bucket_of_no_capacity_is_full_with_one_leak() -> None:
    bucket = Bucket(detector(fast={"capacity": 0, "leak_s": 10}))

    assert said(bucket, [1]) == [0]
    assert bucket.load(NOW) == 0.0
    roomier = Bucket(detector(fast={"capacity": 1, "leak_s": 10}))
    said(roomier, [1])
    assert roomier.load(NOW) == 1.0


# -------------------------------------------------------------------------------------------------------------- walks


def walks(capacity: float = 8) -> Walk:
    return Walk(detector(count="walk", fast={"capacity": capacity, "leak_s": 60}))


def test_a_walk_is_eight_of_the_last_ten_in_one_block() -> None:
    far = [(0x805EC0900 + n) << 12 for n in range(9)]

    assert said(walks(), [BLOCK + n * 50 for n in range(10)])[:1] == [8]  # the ninth: more than the least
    assert said(walks(), [*far[:2], *(BLOCK + n * 50 for n in range(8))]) == [9]
    assert said(walks(), [*far[:3], *(BLOCK + n * 50 for n in range(7))]) == []


def test_a_walk_is_five_small_steps_upwards_of_the_last_ten() -> None:
    def stepping(step: int, count: int) -> list[int]:
        far = [(0x805EC0900 + n) << 12 for n in range(10 - count)]
        return far + [BLOCK - 8 + n * step for n in range(count)]  # over the edge of a block

    assert said(walks(), stepping(4, 6)) == [9]
    assert said(walks(), stepping(1, 6)) == [9]
    assert said(walks(), stepping(5, 6)) == []
    assert said(walks(), stepping(-1, 6)) == []
    assert said(walks(), stepping(4, 5)) == []


def test_a_walk_needs_as_many_as_its_detector_says_and_what_passed_counts() -> None:
    steps = [BLOCK + n for n in range(12)]

    assert said(walks(10), steps) == [10, 11]
    assert said(walks(10), steps, extra=1.0) == [11]
    assert said(walks(10), steps, passed=2) == [8, 9, 10, 11]
    assert said(walks(2), steps)[0] == 7  # never from fewer than eight


def test_a_walk_does_not_go_on_by_asking_again() -> None:
    walk = walks()

    assert said(walk, [BLOCK + n % 8 for n in range(100)]) == []
    assert walk.distinct == 8


def test_a_walk_looks_back_on_ten() -> None:
    walk = walks()
    said(walk, [BLOCK + n * 50 for n in range(8)])
    far = [(0x805EC0900 + n) << 12 for n in range(20)]

    assert said(walk, far) == [0, 1]  # eight of ten are still in the block
    assert said(walk, [BLOCK + n * 50 for n in range(7)]) == []


def test_the_load_of_a_walk_is_how_much_it_looks_back_on() -> None:
    walk = walks()
    assert walk.load(NOW) == 0.0

    said(walk, [BLOCK, BLOCK + 50, BLOCK + 100])
    assert walk.load(NOW) == pytest.approx(0.3)
    said(walk, (BLOCK + 1_000 + n for n in range(20)))
    assert walk.load(NOW) == 1.0


# ----------------------------------------------------------------------------------------------------------- pressure


def pressing(*, cold: bool = False) -> Pressure:
    return Pressure(detector(count="pressure", fast={"capacity": 50, "leak_s": 60}), cold=cold)


def values(count: int, *, first: int = 0) -> list[int]:
    """As the engine has them: keyed hashes."""
    return [hashed(f"{n}") for n in range(first, first + count)]


def test_pressure_is_more_than_the_capacity_where_nothing_is_usual() -> None:
    first = said(pressing(), values(80))[0]

    assert 47 <= first <= 53  # the count is an estimate, 3 % off


def test_extra_capacity_is_for_pressure_too() -> None:
    assert 66 <= said(pressing(), values(120), extra=20.0)[0] <= 74


def test_pressure_that_has_just_begun_to_look_takes_five_times_as_much() -> None:
    first = said(pressing(cold=True), values(400))[0]

    assert 235 <= first <= 265


def test_the_first_hour_of_one_that_begins_is_the_usual_and_its_next_is_measured_against_it() -> None:
    pressure = pressing(cold=True)
    said(pressure, values(200))

    again = said(pressure, values(400, first=1_000), at=NOW + HOUR_S)

    assert 270 <= again[0] <= 300  # 200 and six times the root of 200


def test_hours_are_counted_by_themselves() -> None:
    pressure = pressing(cold=True)

    for hour in range(5):
        assert said(pressure, values(40, first=100 * hour), at=NOW + hour * HOUR_S) == []
    assert 38 <= pressure.distinct <= 42


def test_an_hour_is_a_whole_one() -> None:
    pressure = pressing(cold=True)
    said(pressure, values(200))
    assert said(pressure, values(80, first=1_000), at=NOW + HOUR_S - 1)

    pressure = pressing(cold=True)
    said(pressure, values(200))
    assert said(pressure, values(80, first=1_000), at=NOW + HOUR_S) == []


def test_what_is_above_the_usual_adds_up_over_hours() -> None:
    """Usual: 40 an hour. 60 are no alert of their own against six deviations; hour after hour they are one."""
    pressure = pressing(cold=True)
    for hour in range(200):
        assert said(pressure, values(40, first=1_000 * hour), at=NOW + hour * HOUR_S) == []
    paces: list[str | None] = []
    for hour in range(200, 300):
        at = NOW + hour * HOUR_S
        paces += [pressure.add(value, at, passed=0, extra=0.0) for value in values(60, first=1_000 * hour)]
    said_at = [n // 60 for n, pace in enumerate(paces) if pace == "slow"]

    assert "fast" not in paces
    assert said_at
    assert 4 <= said_at[0] <= 12
    assert all(later - earlier > 3 for earlier, later in itertools.pairwise(said_at))  # it begins anew


def test_a_few_in_a_day_add_up_to_nothing() -> None:
    pressure = pressing(cold=True)

    for hour in range(500):
        assert said(pressure, values(1 + hour // 250, first=10 * hour), at=NOW + hour * HOUR_S) == []


def test_years_without_an_event_are_over_at_once_and_leave_nothing_usual() -> None:
    pressure = pressing(cold=True)
    said(pressure, values(240))

    late = NOW + 10 * 365 * 24 * HOUR_S
    assert said(pressure, values(10), at=late) == []
    assert 47 <= said(pressure, values(90), at=late + 1)[0] <= 53


def test_pressure_is_never_the_first_to_be_forgotten() -> None:
    assert pressing().load(NOW) == 1.0


# ----------------------------------------------------------------------------------------------------------- switches


def test_switches_counts_changes_of_the_value() -> None:
    switches = Switches(detector(count="switches", distinct="prefix", fast={"capacity": 3, "leak_s": 600}))

    assert said(switches, [1, 1, 2, 2, 1, 2, 2, 1, 1]) == [7]
    assert switches.distinct == 4


def test_switches_that_come_slowly_are_none_too_many() -> None:
    switches = Switches(detector(count="switches", distinct="prefix", fast={"capacity": 3, "leak_s": 600}))

    assert said(switches, [1, 2] * 20, step_s=600) == []
    assert said(switches, [1, 2, 1, 2, 1], at=NOW + 1e6, extra=1.0) == [4]


def test_the_load_of_switches_is_that_of_their_bucket() -> None:
    switches = Switches(detector(count="switches", distinct="prefix", fast={"capacity": 4, "leak_s": 10}))
    said(switches, [1, 2, 1])

    assert switches.load(NOW) == pytest.approx(0.5)
    assert switches.load(NOW + 100) == 0.0


@pytest.mark.parametrize(
    ("count", "kind"), [("bucket", Bucket), ("walk", Walk), ("pressure", Pressure), ("switches", Switches)]
)
def test_a_detector_names_how_it_counts(count: str, kind: type) -> None:
    assert isinstance(counter_for(detector(count=count), cold=False), kind)


def test_only_one_that_begins_is_cold() -> None:
    tried = detector(count="pressure", fast={"capacity": 50, "leak_s": 60})

    assert said(counter_for(tried, cold=False), values(100))
    assert said(counter_for(tried, cold=True), values(100)) == []
