"""Steady time never goes back and never leaps ahead, whatever somebody does to the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.clock import LEAP_MS, LONG_STOP_MS, Clock, SteadyClock, SystemClock, from_ms, iso, to_ms
from tests.clocks import DAY_MS, MINUTE_MS, START_MS, FakeClock

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


@given(
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=40 * DAY_MS),  # time that passes
            st.integers(min_value=-400 * DAY_MS, max_value=400 * DAY_MS),  # what somebody does to the clock
        ),
        max_size=20,
    )
)
def test_a_period_is_neither_shorter_nor_longer_than_the_time_that_has_passed(steps: list[tuple[int, int]]) -> None:
    """But for LEAP_MS with each time that the clock is set."""
    clock = FakeClock()
    steady = SteadyClock(clock)

    for passed_ms, moved_ms in steps:
        before_ms = steady.now_ms()
        clock.set_wall_ms(max(0, clock.wall_ms() + moved_ms))
        clock.advance_ms(passed_ms)
        assert passed_ms <= steady.now_ms() - before_ms <= passed_ms + LEAP_MS


def test_a_step_of_minutes_is_believed_at_once() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)

    clock.set_wall_ms(START_MS + LEAP_MS)

    assert steady.now_ms() == START_MS + LEAP_MS
    assert (steady.leap_ms(), steady.lag_ms()) == (0, 0)


def test_a_leap_is_not_believed_until_somebody_says_so() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)

    clock.set_wall_ms(START_MS + 400 * DAY_MS)
    clock.advance_ms(MINUTE_MS)
    assert steady.now_ms() == START_MS + MINUTE_MS
    assert (steady.leap_ms(), steady.lag_ms()) == (400 * DAY_MS, 0)

    assert steady.believe() == START_MS + 400 * DAY_MS + MINUTE_MS
    clock.advance_ms(MINUTE_MS)
    assert steady.now_ms() == clock.wall_ms()
    assert steady.leap_ms() == 0


def test_a_leap_that_is_taken_back_leaves_nothing_behind() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)

    clock.set_wall_ms(START_MS + 400 * DAY_MS)
    clock.advance_ms(MINUTE_MS)
    steady.now_ms()
    clock.set_wall_ms(START_MS + MINUTE_MS)

    assert steady.now_ms() == START_MS + MINUTE_MS
    assert (steady.leap_ms(), steady.lag_ms()) == (0, 0)


def test_a_leap_that_others_have_believed_is_believed() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)
    clock.set_wall_ms(START_MS + 400 * DAY_MS)

    steady.raise_to(START_MS + 400 * DAY_MS)

    assert (steady.now_ms(), steady.leap_ms()) == (START_MS + 400 * DAY_MS, 0)


@pytest.mark.parametrize("leap_ms", [LEAP_MS + 1, 5 * DAY_MS, 400 * DAY_MS])
def test_a_leap_is_not_believed_either_by_a_process_that_starts_after_it(leap_ms: int) -> None:
    """The machine counts on; that the program is started anew proves nothing."""
    clock = FakeClock()
    steady = SteadyClock(clock)
    clock.set_wall_ms(START_MS + leap_ms)
    clock.advance_ms(MINUTE_MS)
    seen = steady.seen()
    clock.advance_ms(3 * DAY_MS)

    again = SteadyClock(clock, floor_ms=seen.steady_ms, seen=seen)

    assert again.now_ms() == START_MS + MINUTE_MS + 3 * DAY_MS
    assert again.leap_ms() == leap_ms


@pytest.mark.parametrize("leap_ms", [5 * DAY_MS, 400 * DAY_MS])
def test_nor_when_the_machine_is_started_anew(leap_ms: int) -> None:
    """What it was off for is believed, what the clock was ahead by before is not."""
    clock = FakeClock()
    steady = SteadyClock(clock)
    clock.set_wall_ms(START_MS + leap_ms)
    seen = steady.seen()
    clock.restart_machine(off_ms=2 * DAY_MS)

    again = SteadyClock(clock, floor_ms=seen.steady_ms, seen=seen)

    assert again.now_ms() == START_MS + 2 * DAY_MS
    assert again.leap_ms() == leap_ms


@pytest.mark.parametrize(
    ("off_ms", "believed"), [(LONG_STOP_MS, True), (LONG_STOP_MS + 1, False), (3_650 * DAY_MS, False)]
)
def test_a_machine_that_was_off_is_believed_for_weeks_and_not_for_years(off_ms: int, *, believed: bool) -> None:
    clock = FakeClock()
    seen = SteadyClock(clock).seen()
    clock.restart_machine(off_ms=off_ms)

    again = SteadyClock(clock, floor_ms=seen.steady_ms, seen=seen)

    assert again.now_ms() == START_MS + (off_ms if believed else 0)
    assert again.leap_ms() == (0 if believed else off_ms)


def test_a_clock_that_was_behind_and_is_set_right_while_the_machine_is_off_adds_nothing() -> None:
    clock = FakeClock()
    steady = SteadyClock(clock)
    clock.set_wall_ms(START_MS - 20 * DAY_MS)
    seen = steady.seen()
    clock.restart_machine(off_ms=DAY_MS)
    clock.set_wall_ms(START_MS + DAY_MS)

    again = SteadyClock(clock, floor_ms=seen.steady_ms, seen=seen)

    assert (again.now_ms(), again.leap_ms(), again.lag_ms()) == (START_MS + DAY_MS, 0, 0)


def test_where_the_machine_tells_nothing_of_its_start_the_longer_stop_holds() -> None:
    clock = FakeClock(boot_id="")
    seen = SteadyClock(clock).seen()
    clock.advance_ms(5 * DAY_MS)

    assert SteadyClock(clock, floor_ms=seen.steady_ms, seen=seen).now_ms() == START_MS + 5 * DAY_MS


def test_new_data_believes_any_clock() -> None:
    assert SteadyClock(FakeClock(START_MS + 4_000 * DAY_MS)).leap_ms() == 0


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


def test_the_machines_own_counter_runs_on_with_its_clock() -> None:
    clock = SystemClock()
    wall_ms, uptime_ms = clock.wall_ms(), clock.uptime_ms()

    while clock.wall_ms() < wall_ms + 20:
        pass

    assert 15 <= clock.uptime_ms() - uptime_ms < 10_000
    assert clock.boot_id() == SystemClock().boot_id()
