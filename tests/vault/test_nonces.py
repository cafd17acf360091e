"""Nonces: ours, young, and good for each count once, however many there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.clock import SteadyClock
from provserver.vault import nonces as module
from provserver.vault.nonces import Nonces
from tests.clocks import FakeClock

LIFE_S = 300


def made(clock: FakeClock | None = None) -> tuple[Nonces, FakeClock]:
    clock = clock or FakeClock()
    return Nonces(clock=SteadyClock(clock), life_s=LIFE_S), clock


def test_a_nonce_is_fresh_for_its_life_and_not_longer() -> None:
    nonces, clock = made()
    nonce = nonces.make()

    clock.advance_ms(LIFE_S * 1000)
    assert nonces.is_fresh(nonce)

    clock.advance_ms(1)
    assert not nonces.is_fresh(nonce)


def test_no_two_are_the_same() -> None:
    nonces, _ = made()

    assert len({nonces.make() for _ in range(1_000)}) == 1_000


def test_those_of_another_process_are_not_ours() -> None:
    assert not made()[0].is_fresh(made()[0].make())


@given(st.integers(0, 43), st.characters(codec="ascii"))
def test_a_nonce_that_was_altered_is_not_ours(place: int, character: str) -> None:
    nonces, _ = made()
    nonce = nonces.make()
    altered = nonce[:place] + character + nonce[place + 1 :]

    assert nonces.is_fresh(altered) is (altered == nonce)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert not made()[0].is_fresh(text)


def test_each_count_is_good_once() -> None:
    nonces, _ = made()
    nonce = nonces.make()

    assert [nonces.use(nonce, count) for count in (1, 1, 2, 1, 2, 0)] == [True, False, True, False, False, False]


def test_requests_of_two_connections_may_overtake_each_other() -> None:
    nonces, _ = made()
    nonce = nonces.make()

    assert [nonces.use(nonce, count) for count in (3, 1, 2, 2, 70, 7, 6)] == [
        True,
        True,
        True,
        False,
        True,
        True,
        False,
    ]


@given(st.lists(st.integers(1, 200)))
def test_no_count_is_ever_good_twice(counts: list[int]) -> None:
    nonces, _ = made()
    nonce = nonces.make()

    good = [count for count in counts if nonces.use(nonce, count)]

    assert len(good) == len(set(good))


def test_a_full_memory_gives_up_old_nonces_and_never_their_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 4)
    nonces, clock = made()
    used = []
    for _ in range(20):
        used.append(nonces.make())
        assert nonces.is_fresh(used[-1])
        assert nonces.use(used[-1], 1)
        clock.advance_ms(1)

    again = [nonce for nonce in used if nonces.is_fresh(nonce) and nonces.use(nonce, 1)]

    assert again == []
    assert nonces.is_fresh(used[-1])
    assert len(nonces._used) <= 4


def test_a_full_memory_forgets_those_that_have_run_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 4)
    nonces, clock = made()
    for _ in range(3):
        assert nonces.use(nonces.make(), 1)
    clock.advance_ms(LIFE_S * 1000 + 1)
    young = [nonces.make() for _ in range(3)]

    assert all(nonces.use(nonce, 1) for nonce in young)
    assert all(nonces.is_fresh(nonce) for nonce in young)
