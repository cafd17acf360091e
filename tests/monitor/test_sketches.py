"""Sketches of fixed size: how far off they are, and in which direction."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from provserver.monitor import gate as gates
from provserver.monitor.gate import FULL, GENERATION_S, Gate
from provserver.monitor.sketches import Bloom, CountMin, HyperLogLog, hasher

KEY = b"k" * 16


@pytest.fixture
def random() -> Random:
    return Random(7)


def test_a_hash_depends_on_the_key() -> None:
    assert hasher(KEY)("192.0.2.1") != hasher(b"j" * 16)("192.0.2.1")


def test_a_hash_takes_any_text() -> None:
    assert hasher(KEY)("\udcff\x00") >= 0


def test_count_min_never_counts_too_little(random: Random) -> None:
    sketch, truth = CountMin(8), Counter[int]()

    for _ in range(3_000):
        value = random.randrange(1 << 64) if random.random() < 0.7 else random.randrange(50) << 40
        sketch.add(value)
        truth[value] += 1

    assert all(sketch.estimate(value) >= min(255, count) for value, count in truth.items())


def test_count_min_is_right_while_it_is_nearly_empty(random: Random) -> None:
    sketch = CountMin(16)
    values = [random.randrange(1 << 64) for _ in range(500)]

    for value in values:
        sketch.add(value)
        sketch.add(value)

    assert {sketch.estimate(value) for value in values} == {2}
    assert sketch.estimate(random.randrange(1 << 64)) == 0


def test_count_min_stops_at_the_most_a_cell_holds() -> None:
    sketch = CountMin(8)

    for _ in range(400):
        sketch.add(5)

    assert sketch.estimate(5) == 255


def test_a_bloom_filter_denies_nothing_that_came(random: Random) -> None:
    bloom = Bloom(16)
    values = [random.randrange(1 << 64) for _ in range(3_000)]

    new = sum(bloom.add(value) for value in values)

    assert all(value in bloom for value in values)
    assert new > 2_970
    assert sum(random.randrange(1 << 64) in bloom for _ in range(2_000)) < 20


@pytest.mark.parametrize("count", [10, 100, 1_000, 10_000, 200_000])
def test_hyperloglog_is_a_few_percent_off(count: int, random: Random) -> None:
    sketch = HyperLogLog()

    for _ in range(count):
        value = random.randrange(1 << 64)
        sketch.add(value)
        sketch.add(value)

    assert sketch.estimate() == pytest.approx(count, rel=0.1)


def test_a_gate_counts_different_values_of_a_key() -> None:
    gate, of = Gate(), hasher(KEY)

    counts = [gate.admit(of("192.0.2.1"), of(value), 0.0) for value in ("a", "b", "a", "c", "c")]

    assert counts == [1, 2, 0, 3, 0]
    assert gate.has(of("192.0.2.1"), of("b"))
    assert not gate.has(of("192.0.2.2"), of("b"))


def test_a_gate_forgets_after_two_generations() -> None:
    gate, of = Gate(), hasher(KEY)
    gate.admit(of("192.0.2.1"), of("a"), 0.0)

    one_later = gate.admit(of("192.0.2.1"), of("b"), GENERATION_S)
    two_later = gate.admit(of("192.0.2.1"), of("c"), 2 * GENERATION_S)

    assert (one_later, two_later) == (2, 2)
    assert gate.early_rotations == 0


def test_a_gate_that_is_full_turns_early_and_says_so() -> None:
    gate, random = Gate(), Random(1)

    for _ in range(FULL + 200):
        gate.admit(random.randrange(1 << 64), random.randrange(1 << 64), 0.0)

    assert gate.early_rotations == 1


def test_one_shot_keys_do_not_pass_a_gate() -> None:
    gate, random = Gate(), Random(1)

    passed = sum(gate.admit(random.randrange(1 << 64), 1, 0.0) >= 3 for _ in range(FULL))

    assert passed < FULL / 500


def test_a_tally_counts_every_time() -> None:
    gate = Gate()

    counts = [gate.tally(5, 0.0) for _ in range(4)]

    assert counts == [1, 2, 3, 4]
    assert gate.early_rotations == 0


def test_a_tally_forgets_after_two_generations() -> None:
    gate = Gate()
    counts = [gate.tally(5, at) for at in (0.0, GENERATION_S - 1, GENERATION_S, 2 * GENERATION_S, 2 * GENERATION_S)]

    assert counts == [1, 2, 3, 2, 3]


def test_a_tally_that_is_full_begins_another_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "FULL", 4)
    gate = Gate()

    assert [gate.tally(5, 0.0) for _ in range(4)] == [1, 2, 3, 4]
    assert [gate.tally(6, 0.0) for _ in range(4)] == [1, 2, 3, 4]  # 5 is in the older generation now
    assert gate.tally(5, 0.0) == 1


def test_a_full_gate_still_knows_the_generation_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "FULL", 4)
    gate, of = Gate(), hasher(KEY)
    key, other = of("192.0.2.1"), of("192.0.2.2")

    assert [gate.admit(key, of(value), 0.0) for value in "abcdae"] == [1, 2, 3, 4, 0, 5]
    assert gate.early_rotations == 1
    assert [gate.admit(other, of(value), 0.0) for value in "ijkl"] == [1, 2, 3, 4]  # the third begins the next
    assert gate.early_rotations == 2
    assert not gate.has(key, of("a"))
    assert gate.has(key, of("e"))


def test_a_gate_takes_its_memory_when_something_comes() -> None:
    gate = Gate()
    assert not gate.has(1, 2)
    assert _bytes(gate) < 100

    gate.admit(1, 2, 0.0)
    once = _bytes(gate)
    gate.admit(1, 2, GENERATION_S)

    assert once < _bytes(gate) < 2 * once + 100
    assert _bytes(gate) < 3 * 1_048_576 + 1_000


def _bytes(gate: Gate) -> int:
    """Of its sketches."""
    return sum(8 * len(pairs._words) + sum(map(len, keys._rows)) for pairs, keys in (gate._young, gate._old))
