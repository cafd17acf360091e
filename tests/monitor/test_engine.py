"""The engine, one rule at a time, with detectors made for it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.monitor import records
from provserver.monitor.decision import Alert, Scope
from provserver.monitor.detector import Detector, read_detector
from provserver.monitor.engine import SATURATED, Engine
from provserver.monitor.event import Event
from provserver.monitor.keys import source_of

KEY = b"k" * 16
TEXTS = dict.fromkeys(("signal", "title", "sees", "why", "false_positives", "tuning"), "text")
ROOMY = {"capacity": 5, "leak_s": 10}


def detector(name: str = "tried", **fields: Any) -> Detector:  # noqa: ANN401 - fields of a detector's file
    return read_detector(
        name, {**TEXTS, "when": ["unknown_mac"], "key": "source", "distinct": "mac", "fast": ROOMY, **fields}
    )


def engine(*detectors: Detector) -> Engine:
    return Engine(detectors, key=KEY)


def unknown(number: int, *, at: float = 0.0, address: str = "192.0.2.1", **fields: Any) -> Event:  # noqa: ANN401
    words = fields.pop("words", ("unknown_mac",))
    return Event(at=1000.0 + at, words=words, address=address, mac=f"805ec0{number:06x}", **fields)


def walk(tried: Engine, count: int, *, step_s: float = 0.1, first: int = 0, **fields: Any) -> list[Alert]:  # noqa: ANN401
    return [
        alert
        for n in range(count)
        for alert in tried.feed(unknown((first + n) * 0x1001, at=(first + n) * step_s, **fields))
    ]


def test_one_more_than_the_capacity_is_an_alert() -> None:
    assert walk(engine(detector()), 5) == []

    alerts = walk(engine(detector()), 6)

    assert [(a.detector, a.pace, a.scope, a.value) for a in alerts] == [("tried", "fast", Scope.ADDRESS, "192.0.2.1")]
    assert alerts[0].evidence.count == 6


def test_the_same_mac_counts_once_however_often_it_asks() -> None:
    tried = engine(detector())

    alerts = [alert for n in range(2_000) for alert in tried.feed(unknown(n % 5, at=n * 0.01))]

    assert alerts == []


def test_a_bucket_leaks() -> None:
    assert walk(engine(detector()), 100, step_s=10.0) == []


def test_the_slow_bucket_sees_what_the_fast_one_lets_pass() -> None:
    alerts = walk(engine(detector(slow={"capacity": 8, "leak_s": 3600})), 20, step_s=20.0)

    assert alerts[0].pace == "slow"


def test_an_alert_is_followed_by_silence_and_a_new_beginning() -> None:
    tried = engine(detector(silence_s=60))

    alerts = walk(tried, 1_300, step_s=0.1)

    assert len(alerts) == 3
    assert alerts[1].at - alerts[0].at > 60


def test_known_devices_of_the_source_raise_the_capacity() -> None:
    tried = engine(detector(credit=0.5))
    for number in range(8):
        tried.feed(unknown(0xFF0000 + number, words=("proven",), device="d"))

    assert walk(tried, 9) == []
    assert len(walk(tried, 1, first=9)) == 1


def test_known_devices_of_another_source_do_not() -> None:
    tried = engine(detector(credit=0.5))
    for number in range(8):
        tried.feed(unknown(0xFF0000 + number, words=("proven",), device="d", address="198.51.100.1"))

    assert len(walk(tried, 6)) == 1


def test_sources_are_counted_by_themselves() -> None:
    tried = engine(detector())

    alerts = [a for n in range(50) for a in tried.feed(unknown(n, address=f"192.0.2.{n}"))]

    assert alerts == []


def test_ipv6_addresses_of_one_64_are_one_source() -> None:
    tried = engine(detector())

    alerts = [a for n in range(6) for a in tried.feed(unknown(n, address=f"2001:db8::{n + 1:x}"))]

    assert [alert.value for alert in alerts] == ["2001:db8::/64"]


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        ("192.0.2.7", ("192.0.2.7", "192.0.2.0/24", "192.0.2.0/24")),
        ("::ffff:192.0.2.7", ("192.0.2.7", "192.0.2.0/24", "192.0.2.0/24")),
        ("2001:db8:1:2ff::9", ("2001:db8:1:2ff::/64", "2001:db8:1:200::/56", "2001:db8:1::/48")),
        ("unix", ("unix", "unix", "unix")),
    ],
)
def test_an_address_is_counted_at_three_levels(address: str, keys: tuple[str, str, str]) -> None:
    assert tuple(source_of(address)) == keys


@given(st.ip_addresses())
def test_an_address_has_the_keys_that_pythons_own_library_gives(address: IPv4Address | IPv6Address) -> None:
    ip = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    bits = (32, 24, 24) if isinstance(ip, IPv4Address) else (64, 56, 48)
    expected = [str(ip_network((ip, one), strict=False)).removesuffix("/32") for one in bits]

    assert [*source_of(str(address))] == expected


def test_a_target_needs_sources_in_several_networks() -> None:
    spread = engine(detector(key="block", prefixes=3))
    near = engine(detector(key="block", prefixes=3))

    from_many = [a for n in range(8) for a in spread.feed(unknown(n, address=f"10.{n}.0.1"))]
    from_one = [a for n in range(8) for a in near.feed(unknown(n, address=f"10.0.0.{n + 1}"))]

    assert [(alert.scope, alert.value) for alert in from_many] == [(Scope.BLOCK, "805ec0000")]
    assert from_one == []


def test_where_most_are_known_people_look_only() -> None:
    tried = engine(detector(known_share=0.5))
    for number in range(20):
        tried.feed(unknown(0xFF0000 + number, words=("proven",), device="d"))

    assert [alert.confidence for alert in walk(tried, 6)] == ["low"]


def test_a_word_that_cancels_empties_the_counter() -> None:
    tried = engine(detector(cancel=["proven"]))
    walk(tried, 5)

    tried.feed(unknown(1, at=0.6, words=("proven",), device="d"))

    assert walk(tried, 1, first=6) == []


def test_an_event_with_a_word_that_excludes_is_not_counted() -> None:
    assert walk(engine(detector(unless=["canary"])), 20, words=("unknown_mac", "canary")) == []


def test_a_detector_can_wait_for_another() -> None:
    first = detector("first", fast={"capacity": 50, "leak_s": 600})
    second = detector(
        "second",
        when=["delivered_unproven"],
        key="device",
        fast={"capacity": 0, "leak_s": 60},
        after=[{"detector": "first", "distinct": 5, "ratio": 4}],
    )
    hit = unknown(0xABC, at=9, words=("window", "delivered_unproven"), device="d", tenant="acme")
    after_many, after_few = engine(first, second), engine(first, second)
    walk(after_many, 6)
    walk(after_few, 3)

    assert [(a.detector, a.scope, a.value, a.tenant) for a in after_many.feed(hit)] == [
        ("second", Scope.DEVICE, "805ec0000abc", "acme")
    ]
    assert after_few.feed(hit) == []


def test_what_was_counted_before_an_alert_still_counts_for_another_detector() -> None:
    first = detector("first")
    second = detector(
        "second",
        when=["delivered_unproven"],
        key="device",
        fast={"capacity": 0, "leak_s": 60},
        after=[{"detector": "first", "distinct": 5}],
    )
    tried = engine(first, second)
    assert len(walk(tried, 6)) == 1

    assert tried.feed(unknown(0xABC, at=9, words=("delivered_unproven",), device="d"))


def test_neighbours_are_a_walk_at_any_pace() -> None:
    fields: dict[str, Any] = {"count": "walk", "fast": {"capacity": 8, "leak_s": 1}}
    tried, scattered = engine(detector(**fields)), engine(detector(**fields))

    in_block = [a for n in range(10) for a in tried.feed(unknown(0x5000 + n * 97, at=n * 7_000.0))]

    assert len(in_block) == 1
    assert walk(scattered, 200) == []


def test_small_steps_over_the_edge_of_a_block_are_a_walk() -> None:
    tried = engine(detector(count="walk", fast={"capacity": 8, "leak_s": 1}))

    alerts = [a for n in range(10) for a in tried.feed(unknown(0x4FFC + n, at=n * 60.0))]

    assert len(alerts) == 1


def test_a_carton_beside_known_devices_is_no_walk() -> None:
    tried = engine(detector(count="walk", known_block=True, fast={"capacity": 8, "leak_s": 1}))
    tried.feed(unknown(0x5000, words=("proven",), device="d"))

    assert [a for n in range(1, 65) for a in tried.feed(unknown(0x5000 + n, at=float(n)))] == []


def test_who_walks_on_from_a_phone_of_its_own_is_told_after_what_can_have_come_with_it() -> None:
    tried = engine(detector(count="walk", known_block=True, fast={"capacity": 8, "leak_s": 1}))
    tried.feed(unknown(0x5000, words=("proven",), device="d"))

    alerts = [a for n in range(1, 64 + 11) for a in tried.feed(unknown(0x5000 + n, at=float(n)))]

    assert len(alerts) == 1


def test_a_window_makes_nobody_a_neighbour() -> None:
    """Else the first armed device that a walk finds would hide the rest of it."""
    tried = engine(detector(count="walk", known_block=True, fast={"capacity": 8, "leak_s": 1}))
    tried.feed(unknown(0x5FFF, words=("window",), device="d"))

    assert len([a for n in range(10) for a in tried.feed(unknown(0x5000 + n, at=float(n)))]) == 1


def pressed(tried: Engine, count: int, *, at: float, seed: int) -> list[Alert]:
    """*count* unknown MACs within an hour, each from a network of its own."""
    random = Random(seed)
    return [
        alert
        for n in range(count)
        for alert in tried.feed(
            unknown(
                random.randrange(1 << 24), at=at + n * 3600 / count, address=f"10.{random.randrange(256)}.{n % 256}.1"
            )
        )
    ]


def pressure() -> Detector:
    return detector(key="oui", count="pressure", fast={"capacity": 50, "leak_s": 72}, prefixes=5, silence_s=3600)


def test_pressure_is_measured_against_what_is_usual() -> None:
    tried = engine(pressure())
    usual = [alert for hour in range(48) for alert in pressed(tried, 80, at=hour * 3600.0, seed=hour)]

    attack = pressed(tried, 400, at=48 * 3600.0, seed=99)

    assert usual == []
    assert [alert.pace for alert in attack][:1] == ["fast"]


def test_a_little_more_than_usual_adds_up() -> None:
    tried = engine(pressure())
    for hour in range(24):
        pressed(tried, 10, at=hour * 3600.0, seed=hour)

    attack = [alert for hour in range(24, 40) for alert in pressed(tried, 30, at=hour * 3600.0, seed=hour)]

    assert "slow" in [alert.pace for alert in attack]


def test_a_value_that_changes_back_and_forth_is_counted_by_its_changes() -> None:
    tried = engine(
        detector(
            when=["elsewhere", "proven"],
            opens=["elsewhere_delivered"],
            key="device",
            distinct="prefix",
            count="switches",
            fast={"capacity": 3, "leak_s": 1200},
        )
    )
    away = ("proven", "elsewhere", "elsewhere_delivered")
    home = ("proven",)
    fed = [
        tried.feed(unknown(1, at=n * 30.0, words=away if n % 2 else home, device="d", address=f"10.0.{n % 2}.1"))
        for n in range(6)
    ]

    assert [len(alerts) for alerts in fed] == [0, 0, 0, 0, 0, 1]


def test_what_is_idle_for_a_day_is_forgotten() -> None:
    tried = engine(detector())
    walk(tried, 4)
    assert tried.records == 1

    tried.feed(unknown(1, at=90_000.0, address="198.51.100.1"))

    assert tried.records == 0


def test_a_flood_of_keys_evicts_the_emptiest_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LIMIT", 64)
    tried = engine(detector())
    walk(tried, 5, address="198.51.100.1", step_s=0.0)
    for source in range(200):
        walk(tried, 3, address=f"10.1.{source}.1", step_s=0.0)

    offender = tried.feed(unknown(0xFFFFFF, at=0.1, address="198.51.100.1"))
    later = tried.feed(unknown(1, at=700.0, address="10.9.9.9"))

    assert [alert.value for alert in offender] == ["198.51.100.1"]
    assert [alert.detector for alert in later] == [SATURATED]
    assert tried.records <= 64
