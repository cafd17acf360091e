"""Steady time never goes back, whatever somebody does to the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from provserver.clock import Clock, SteadyClock, SystemClock, from_ms, iso, to_ms
from tests.clocks import DAY_MS, START_MS, FakeClock

STEPS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=400 * DAY_MS),  # time that passes
        st.integers(min_value=-400 * DAY_MS, max_value=400 * DAY_MS),  # what somebody does to the clock
        st.none() | st.integers(min_value=0, max_value=START_MS + 800 * DAY_MS),  # what another process has written
    ),
    max_size=30,
)


@given(STEPS, st.integers(min_value=0, max_value=START_MS + 800 * DAY_MS))
def test_steady_time_never_goes_back(steps: list[tuple[int, int, int | None]], floor_ms: int) -> None:
    clock = FakeClock()
    steady = SteadyClock(clock, floor_ms=floor_ms)
    told = steady.now_ms()

    for passed_ms, moved_ms, seen_ms in steps:
        clock.advance_ms(passed_ms)
        clock.set_wall_ms(max(0, clock.wall_ms() + moved_ms))
        if seen_ms is not None:
            steady.raise_to(seen_ms)
        now_ms = steady.now_ms()
        assert now_ms >= told
        assert now_ms >= clock.wall_ms()
        assert now_ms >= (seen_ms or 0)
        told = now_ms


@given(st.lists(st.integers(min_value=0, max_value=10 * DAY_MS), max_size=20), st.integers(1, 400 * DAY_MS))
def test_a_clock_set_back_does_not_lengthen_a_period(passing: list[int], back_ms: int) -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)

    clock.set_wall_ms(START_MS - back_ms)
    for passed_ms in passing:
        clock.advance_ms(passed_ms)
        steady.now_ms()

    assert steady.now_ms() >= START_MS + sum(passing) - len(passing)  # a millisecond may be rounded off each time


def test_steady_time_starts_at_the_latest_time_ever_written() -> None:
    steady = SteadyClock(FakeClock(), floor_ms=START_MS + DAY_MS)

    assert steady.now_ms() == START_MS + DAY_MS
    assert steady.lag_ms() == DAY_MS


def test_a_clock_that_is_ahead_is_believed() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock, floor_ms=START_MS - DAY_MS)

    clock.set_wall_ms(START_MS + DAY_MS)

    assert steady.now_ms() == START_MS + DAY_MS
    assert steady.lag_ms() == 0


def test_the_lag_ends_when_the_machine_has_caught_up() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)

    clock.set_wall_ms(START_MS - DAY_MS)
    assert steady.lag_ms() == DAY_MS

    clock.set_wall_ms(START_MS + 1)
    assert steady.lag_ms() == 0
    assert steady.now_ms() == START_MS + 1


def test_times_are_written_in_utc_to_the_second() -> None:
    assert iso(START_MS + 999) == "2025-10-09T08:53:20Z"
    assert iso(None) is None
    assert from_ms(START_MS) == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
    assert to_ms(datetime(2025, 10, 9, 10, 53, 20, tzinfo=timezone(timedelta(hours=2)))) == START_MS


def test_the_machines_clock_counts_milliseconds_since_1970() -> None:
    clock: Clock = SystemClock()

    first, second = clock.wall_ms(), clock.wall_ms()
    earlier, later = clock.monotonic(), clock.monotonic()

    assert second >= first > START_MS - 365 * DAY_MS
    assert first < START_MS + 36_500 * DAY_MS  # seconds or microseconds would be far outside
    assert later >= earlier
