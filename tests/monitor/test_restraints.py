"""What is in force, as the doors ask for it: by address, by network, by MAC."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.monitor.decision import Measure, Scope
from provserver.monitor.restraints import Restraints
from tests.monitor.test_policy import HOUR_S, NOW, decision, in_force


def test_what_is_asked_by_address_is_in_force_for_its_networks() -> None:
    found = in_force(
        decision("192.0.2.7"),
        decision("198.51.100.0/24", Measure.LIMIT, scope=Scope.PREFIX),
        decision("203.0.113.0/30", scope=Scope.PREFIX),
        decision("2001:db8:1::/48", scope=Scope.PREFIX),
    )

    assert all(found.is_banned(address) for address in ("192.0.2.7", "::ffff:192.0.2.7", "203.0.113.2"))
    assert not any(found.is_banned(address) for address in ("192.0.2.8", "203.0.113.4"))
    assert found.measure_at("198.51.100.99") is Measure.LIMIT
    assert found.is_banned("2001:db8:1:ffff::1")
    assert not found.is_banned("2001:db8:2::1")
    assert not found.is_banned("no address")


def test_the_severest_of_several_is_in_force() -> None:
    found = in_force(decision("192.0.2.0/24", Measure.LIMIT, scope=Scope.PREFIX), decision("192.0.2.7"))

    assert (found.measure_at("192.0.2.7"), found.measure_at("192.0.2.8")) == (Measure.BAN, Measure.LIMIT)


def test_blocks_and_makers_blocks_are_locked_down_by_mac() -> None:
    found = in_force(
        decision("805ec0123", Measure.REFUSE, scope=Scope.BLOCK), decision("0004f2", Measure.REFUSE, scope=Scope.OUI)
    )

    macs = ("805ec0123fff", "805ec0124000", "0004f2ffffff")
    assert [found.is_locked_down(mac) for mac in macs] == [True, False, True]


def test_decisions_end() -> None:
    found = in_force(decision("192.0.2.7"), decision("192.0.2.8", until=None))

    over = found.expire(NOW + HOUR_S)

    assert [one.value for one in over] == ["192.0.2.7"]
    assert (found.is_banned("192.0.2.7"), found.is_banned("192.0.2.8")) == (False, True)
    assert len(found) == 1


def test_what_is_over_is_not_put_in_force() -> None:
    assert not in_force(decision("192.0.2.7", until=NOW)).is_banned("192.0.2.7")


def test_what_is_over_or_simulated_is_not_added_at_the_door() -> None:
    found = in_force()

    found.add(decision("192.0.2.7", until=NOW), NOW)
    found.add(replace(decision("192.0.2.8"), simulated=True), NOW)

    assert [found.measure_at(address) for address in ("192.0.2.7", "192.0.2.8")] == [None, None]
    assert found.banned_within("192.0.2.0/24") == 0


def test_a_milder_decision_does_not_replace_a_severer_one() -> None:
    found = in_force(decision("192.0.2.7"))

    found.add(replace(decision("192.0.2.7"), measure=Measure.LIMIT), NOW)

    assert found.is_banned("192.0.2.7")


def test_an_equal_decision_is_replaced_and_counts_once() -> None:
    found = in_force(decision("192.0.2.7"))

    found.add(decision("192.0.2.7", until=NOW + 9 * HOUR_S), NOW)

    present = found.find(Scope.ADDRESS, "192.0.2.7")
    assert present is not None
    assert present.until == NOW + 9 * HOUR_S
    assert found.banned_within("192.0.2.0/24") == len(found) == len(list(found)) == 1


def test_a_severer_decision_takes_the_place_of_a_milder_one_at_the_door() -> None:
    found = in_force(decision("192.0.2.7", Measure.LIMIT))
    assert found.banned_within("192.0.2.0/24") == 0

    found.add(decision("192.0.2.7"), NOW)

    assert found.measure_at("192.0.2.7") is Measure.BAN
    assert found.banned_within("192.0.2.0/24") == 1


def test_only_addresses_that_are_banned_themselves_count_in_their_networks() -> None:
    found = in_force(
        decision("192.0.2.0/24", scope=Scope.PREFIX),
        decision("192.0.2.9", Measure.REFUSE),
        decision("2001:db8:1:1::/64"),
        decision("2001:db8:1:2::/64"),
    )

    assert found.banned_within("192.0.2.0/24") == 0
    assert [found.banned_within(prefix) for prefix in ("2001:db8:1::/56", "2001:db8:1::/48")] == [2, 2]
    assert found.expire(NOW + HOUR_S)
    assert found.banned_within("2001:db8:1::/56") == 0


@pytest.mark.parametrize(
    ("value", "inside", "outside", "odd"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.8", False),
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0", False),
        ("192.0.2.9/24", "192.0.2.1", "192.0.3.9", False),
        ("192.0.0.0/16", "192.0.99.1", "192.1.0.1", True),
        ("192.0.2.0/25", "192.0.2.127", "192.0.2.128", True),
        ("2001:db8:1:1::/64", "2001:db8:1:1:ffff::1", "2001:db8:1:2::1", False),
        ("2001:db8:1:100::/56", "2001:db8:1:1ff::1", "2001:db8:1:200::1", False),
        ("2001:db8:1::/48", "2001:db8:1:ffff::1", "2001:db8:2::1", False),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1", True),
    ],
)
def test_networks_of_every_length_are_looked_up_the_usual_ones_directly(
    value: str,
    inside: str,
    outside: str,
    odd: bool,  # noqa: FBT001 - a case of the table
) -> None:
    found = in_force(decision(value, Measure.LIMIT, scope=Scope.PREFIX))

    assert (found.measure_at(inside), found.measure_at(outside)) == (Measure.LIMIT, None)
    assert bool(found._odd) is odd


def test_odd_networks_of_both_versions_and_several_lengths_stand_side_by_side() -> None:
    found = in_force(
        *(
            decision(value, scope=Scope.PREFIX)
            for value in ("10.0.0.0/15", "10.4.0.0/15", "10.8.0.0/13", "2001:db8::/32")
        )
    )

    inside = ("10.1.0.1", "10.5.0.1", "10.15.0.1", "2001:db8:9::1")
    assert [found.is_banned(address) for address in (*inside, "10.2.0.1", "0.0.0.10", "::1")] == [True] * 4 + [
        False
    ] * 3


def test_what_is_no_address_can_be_limited() -> None:
    found = in_force(decision("unix:", Measure.LIMIT))

    assert found.measure_at("unix:") is Measure.LIMIT
    assert found.measure_at("other") is None
    assert in_force(decision("10.0.0.0/15", scope=Scope.PREFIX)).measure_at("unix:") is None


def test_a_block_is_open_again_when_its_decision_is_over() -> None:
    found = in_force(decision("805ec0123", Measure.REFUSE, scope=Scope.BLOCK), decision("192.0.2.7", until=None))

    assert found.expire(NOW) == []
    found.expire(NOW + HOUR_S)

    assert not found.is_locked_down("805ec0123fff")
    assert found.is_banned("192.0.2.7")


def test_nothing_is_restrained_where_nothing_was_decided() -> None:
    found = Restraints()

    assert found.measure_at("192.0.2.7") is None
    assert not found.is_banned("192.0.2.7")
    assert not found.is_locked_down("805ec0123fff")


def test_what_is_in_force_now_replaces_all_that_was() -> None:
    found = in_force(
        decision("192.0.2.7"), decision("10.0.0.0/15", scope=Scope.PREFIX), decision("805ec0", scope=Scope.OUI)
    )

    found.replace([decision("192.0.2.8")], NOW)

    assert [one.value for one in found] == ["192.0.2.8"]
    assert not found.is_banned("192.0.2.7")
    assert not found.is_banned("10.0.0.1")
    assert not found.is_locked_down("805ec0123fff")
