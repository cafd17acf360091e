"""What is remembered by key: evidence, idle keys, and room that is made for others."""

from __future__ import annotations

import pytest

from provserver.monitor import records
from provserver.monitor.counters import PREFIXES
from provserver.monitor.records import SAMPLES, Record, Table
from provserver.monitor.sketches import hasher
from tests.monitor.test_engine import KEY, detector

NOW = 1_000_000.0
DAY_S = 86_400.0


def test_a_record_keeps_the_first_few_values_and_sources_once() -> None:
    record = Record(detector(), NOW)
    for n in range(20):
        record.note(f"sample {n // 2}", f"source {n // 2}", f"prefix {n}", NOW + n)

    assert record.samples == tuple(f"sample {n}" for n in range(SAMPLES))
    assert record.sources == tuple(f"source {n}" for n in range(SAMPLES))
    assert len(record.prefixes) == PREFIXES
    assert (record.since, record.last_at) == (NOW, NOW + 19)


def test_an_alert_is_followed_by_silence_and_what_was_counted_is_carried() -> None:
    table = Table(detector(silence_s=60))
    for value in range(3):
        table.open("a", NOW, began_at=0.0) if value == 0 else None
        found = table.get("a")
        assert found is not None
        found.counter.add(value, NOW, passed=0, extra=0.0)

    for round_of in (1, 2):
        table.reopen("a", NOW + round_of)
        again = table.get("a")
        assert again is not None
        assert (again.quiet_until, again.distinct, again.counter.distinct) == (NOW + round_of + 60, 3 * round_of, 0)
        for value in range(3):
            again.counter.add(value, NOW, passed=0, extra=0.0)


def test_what_is_idle_for_more_than_a_day_is_forgotten() -> None:
    table = Table(detector())
    table.open("old", NOW, began_at=0.0)
    table.open("new", NOW + 1, began_at=0.0)

    table.forget_idle(NOW + DAY_S)
    assert len(table) == 2
    table.forget_idle(NOW + DAY_S + 0.5)
    assert (table.get("old"), len(table)) == (None, 1)


def test_a_full_table_forgets_the_emptiest_eighth_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LIMIT", 16)
    table = Table(detector(fast={"capacity": 30, "leak_s": 1_000}))
    for n in range(16):
        record = table.open(f"{n}", NOW, began_at=0.0)
        for value in range(16 - n):  # the later ones are the emptier
            record.counter.add(value, NOW, passed=0, extra=0.0)
    assert (len(table), table.evicted) == (16, 0)

    table.open("another", NOW, began_at=0.0)
    assert (len(table), table.evicted) == (15, 2)
    assert table.get("14") is table.get("15") is None
    assert table.get("13") is not None

    for n in range(2):
        table.open(f"more {n}", NOW, began_at=0.0)
    assert (len(table), table.evicted) == (15, 4)
    assert table.get("another") is None


def test_of_equally_empty_ones_the_longest_idle_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LIMIT", 8)
    table = Table(detector())
    for n in range(8):
        table.open(f"{n}", NOW - (n == 5), began_at=0.0)

    table.open("another", NOW, began_at=0.0)

    assert table.get("5") is None
    assert len(table) == 8


def test_a_record_begins_cold_in_the_first_hour_of_the_monitor_only() -> None:
    table = Table(detector(count="pressure", fast={"capacity": 50, "leak_s": 60}))
    early = table.open("early", NOW + 3_599, began_at=NOW)
    late = table.open("late", NOW + 3_600, began_at=NOW)
    hashes = [hasher(KEY)(f"{n}") for n in range(100)]

    assert not any(early.counter.add(value, NOW, passed=0, extra=0.0) for value in hashes)
    assert any(late.counter.add(value, NOW, passed=0, extra=0.0) for value in hashes)
