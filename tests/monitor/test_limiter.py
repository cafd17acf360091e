"""How often each of many may: exact for the latest, forgotten generation by generation."""

from __future__ import annotations

import pytest

from provserver.monitor import limiter
from provserver.monitor.gcra import Leak
from provserver.monitor.limiter import Limiter

NOW = 1_000_000.0


def test_each_key_has_a_bucket_of_its_own() -> None:
    tried = Limiter(Leak(capacity=2, leak_s=10))

    assert [tried.overflows(key, NOW) for key in "aabaabb"] == [False, False, False, True, True, False, True]


def test_a_bucket_leaks_and_what_overflows_is_not_poured_in() -> None:
    tried = Limiter(Leak(capacity=2, leak_s=10))
    for _ in range(50):
        tried.overflows("a", NOW)

    assert [tried.overflows("a", NOW + after) for after in (9, 10, 10, 20)] == [True, False, True, False]


def test_buckets_outlast_one_generation_and_not_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "_KEYS", 4)

    def after(others: int) -> bool:
        """Whether a full bucket is still full once so many others have come."""
        tried = Limiter(Leak(capacity=1, leak_s=1_000))
        tried.overflows("a", NOW)
        for n in range(others):
            tried.overflows(f"other {n}", NOW)
        return tried.overflows("a", NOW)

    assert [after(others) for others in (0, 3, 4, 7)] == [True] * 4
    assert not after(8)


def test_a_bucket_that_is_used_moves_to_the_younger_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "_KEYS", 4)
    tried = Limiter(Leak(capacity=1, leak_s=1_000))
    tried.overflows("a", NOW)

    answers = []
    for n in range(40):
        tried.overflows(f"other {n}", NOW)
        answers.append(tried.overflows("a", NOW))

    assert all(answers)
    assert len(tried._young) + len(tried._old) <= 2 * 4
