"""Who calls too fast waits, who fails too often is left alone for longer and longer, and one success ends it."""

from __future__ import annotations

from random import Random

from provserver.redirect.health import TOLERATED, Health, back_off_ms
from provserver.redirect.pace import Pace
from tests.clocks import FakeClock

RANDOM = Random(7)  # noqa: S311 - jitter, and the same one each time


async def test_calls_beyond_the_pace_wait_their_turn() -> None:
    clock, slept = FakeClock(), []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))

    pace = Pace(per_s=10, burst=3, clock=clock, sleep=sleep)
    for _ in range(5):
        await pace.turn()
    assert slept == [0.1, 0.2]

    clock.advance_ms(10_000)
    for _ in range(4):
        await pace.turn()
    assert slept == [0.1, 0.2, 0.1]


def test_the_back_off_doubles_up_to_a_limit_and_half_of_it_is_chance() -> None:
    waits = [back_off_ms(attempt, RANDOM) for attempt in range(30)]

    assert 1_000 <= waits[0] <= 2_000
    assert 8_000 <= waits[3] <= 16_000
    assert all(450_000 <= wait <= 900_000 for wait in waits[10:])
    assert len(set(waits[10:])) > 10


def test_a_service_is_left_alone_after_some_failures_in_a_row() -> None:
    health = Health()
    for _ in range(TOLERATED - 1):
        health = health.failed(now_ms=1_000, random=RANDOM)
    assert health.paused_until <= 1_000
    assert not health.is_doubtful

    health = health.failed(now_ms=1_000, random=RANDOM)
    assert 2_000 <= health.paused_until <= 3_000
    assert health.is_doubtful

    # the rest of those that were on their way make it no longer
    assert health.failed(now_ms=1_500, random=RANDOM) == health
    again = health.failed(now_ms=3_000, random=RANDOM)
    assert again.paused_until - 3_000 > health.paused_until - 1_000 - 1_000


def test_a_service_that_asks_for_time_gets_it_at_once_and_not_for_ever() -> None:
    assert Health().failed(now_ms=0, random=RANDOM, retry_after_s=60).paused_until == 60_000
    assert Health().failed(now_ms=0, random=RANDOM, retry_after_s=10**7).paused_until == 900_000
