"""What follows an alert: how much, how long, about whom, and when nothing does."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from random import Random
from typing import Any

import pytest

from provserver.monitor import history
from provserver.monitor import policy as policies
from provserver.monitor.decision import Alert, Decision, Evidence, Measure, Origin, Scope
from provserver.monitor.detector import Detector
from provserver.monitor.history import MEMORY_S
from provserver.monitor.policy import LONGEST_S, Policy
from provserver.monitor.restraints import Restraints
from tests.monitor.test_engine import detector

NOW = 1_000_000.0
HOUR_S = 3600.0
EVIDENCE = Evidence(count=11, known=0, since=NOW - 9, samples=("805ec0000001",), sources=("192.0.2.7",))


def alert(value: str = "192.0.2.7", **fields: Any) -> Alert:  # noqa: ANN401 - fields of Alert
    about: dict[str, Any] = {"detector": "tried", "signal": "S1", "pace": "fast", "at": NOW, "scope": Scope.ADDRESS}
    return Alert(**{**about, "value": value, "confidence": "high", "evidence": EVIDENCE, **fields})


def policy(*detectors: Detector, **fields: Any) -> Policy:  # noqa: ANN401 - fields of Policy
    return Policy(detectors or (detector(measure="ban", duration_s=HOUR_S),), **{"random": Random(1), **fields})


def decision(value: str, measure: Measure = Measure.BAN, *, scope: Scope = Scope.ADDRESS, **fields: Any) -> Decision:  # noqa: ANN401
    return Decision(
        **{
            "at": NOW,
            "until": NOW + HOUR_S,
            "scope": scope,
            "value": value,
            "measure": measure,
            "reason": "x",
            **fields,
        }
    )


def in_force(*decisions: Decision) -> Restraints:
    found = Restraints()
    found.replace(decisions, NOW)
    return found


def test_an_alert_becomes_a_decision_with_its_reason() -> None:
    found = policy().decide(alert(), Restraints())

    assert [(d.scope, d.value, d.measure, d.reason, d.origin, d.times) for d in found] == [
        (Scope.ADDRESS, "192.0.2.7", Measure.BAN, "tried", Origin.MONITOR, 1)
    ]


def test_durations_grow_are_random_and_have_an_end() -> None:
    tried, lengths = policy(), []

    for _ in range(12):
        found = tried.decide(alert(), Restraints())[0]
        lengths.append((found.until or 0) - found.at)

    assert all(HOUR_S * 2**n <= length <= HOUR_S * 2**n * 1.25 for n, length in enumerate(lengths[:7]))
    assert lengths[-1] == LONGEST_S
    assert len({length / 2**n for n, length in enumerate(lengths[:7])}) == 7


def test_what_was_long_ago_is_forgiven() -> None:
    tried = policy()
    for _ in range(5):
        tried.decide(alert(), Restraints())

    later = tried.decide(alert(at=NOW + MEMORY_S + 1), Restraints())[0]

    assert later.times == 1


@pytest.mark.parametrize(("confidence", "measure"), [("low", None), ("medium", Measure.REFUSE), ("high", Measure.BAN)])
def test_confidence_bounds_what_may_follow(confidence: str, measure: Measure | None) -> None:
    found = policy().decide(alert(confidence=confidence), Restraints())

    assert [one.measure for one in found] == ([measure] if measure else [])


def test_nothing_follows_what_is_only_observed() -> None:
    assert policy(detector(measure="observe")).decide(alert(), Restraints()) == []


@pytest.mark.parametrize(
    ("scope", "value"), [(Scope.ADDRESS, "192.0.2.7"), (Scope.PREFIX, "192.0.0.0/16"), (Scope.ADDRESS, "2001:db8::/64")]
)
def test_nothing_is_decided_about_allowed_networks(scope: Scope, value: str) -> None:
    allow = (ip_network("192.0.2.0/28"), ip_network("2001:db8::1/128"))

    assert policy(allow=allow).decide(alert(value, scope=scope), Restraints()) == []
    assert policy(allow=allow).decide(alert("192.0.2.17"), Restraints())


def test_an_allowed_network_inside_keeps_the_network_around_it_open() -> None:
    present = in_force(*(decision(f"192.0.2.{n}") for n in range(20, 30)))

    found = policy(allow=(ip_network("192.0.2.250/32"),)).decide(alert(), present)

    assert [one.value for one in found] == ["192.0.2.7"]


def test_simulation_is_global_or_for_one_detector() -> None:
    everything = policy(simulate=True).decide(alert(), Restraints())
    one = policy(simulated=("tried",)).decide(alert(), Restraints())
    other = policy(simulated=("other",)).decide(alert(), Restraints())

    assert [d.simulated for d in (*everything, *one, *other)] == [True, True, False]


def test_simulated_decisions_are_not_carried_out() -> None:
    assert not in_force(decision("192.0.2.7", simulated=True)).is_banned("192.0.2.7")


def test_what_is_simulated_goes_as_it_would_go() -> None:
    tried, nothing = policy(simulate=True), Restraints()

    first = [tried.decide(alert(f"192.0.2.{n}"), nothing) for n in range(10, 15)]
    again = tried.decide(alert("192.0.2.10"), nothing)
    sixth = tried.decide(alert("192.0.2.15"), nothing)
    tried.as_if.expire(NOW + 2 * HOUR_S)
    later = tried.decide(alert("192.0.2.10", at=NOW + 2 * HOUR_S), nothing)

    assert [len(made) for made in first] == [1] * 5
    assert again == []
    assert [(one.value, one.simulated) for one in sixth] == [("192.0.2.15", True), ("192.0.2.0/24", True)]
    assert [one.times for one in later] == [2]


def test_what_was_simulated_changes_nothing_that_is_decided_for_real() -> None:
    tried = policy(detector(measure="ban", duration_s=HOUR_S), simulated=("tried",))
    for day in range(4):
        tried.as_if.expire(NOW + 24 * day * HOUR_S)
        assert tried.decide(alert(at=NOW + 24 * day * HOUR_S), Restraints())
    real = policy()
    real.history, real.as_if = tried.history, tried.as_if

    found = real.decide(alert(at=NOW + 100 * HOUR_S), Restraints())[0]

    assert (found.times, found.simulated) == (1, False)
    assert (found.until or 0) - found.at <= HOUR_S * 1.25


def test_what_was_decided_for_real_makes_simulated_decisions_longer() -> None:
    tried = policy(simulate=True)
    tried.history.add(decision("192.0.2.7", times=3))

    assert [one.times for one in tried.decide(alert(), Restraints())] == [4]


def test_so_much_is_in_force_and_no_more_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "MOST_IN_FORCE", 2)
    tried, full = policy(), in_force(decision("192.0.2.20"), decision("198.51.100.1"))

    assert tried.decide(alert(), full) == []
    assert tried.left_out == 1
    assert tried.decide(alert("805ec0000001", scope=Scope.DEVICE), full)
    assert tried.decide(alert(), in_force(decision("192.0.2.20")))


def test_what_is_in_force_is_not_decided_again() -> None:
    assert policy().decide(alert(), in_force(decision("192.0.2.7"))) == []
    assert policy().decide(alert(), in_force(decision("192.0.2.7", Measure.LIMIT)))


def test_six_banned_addresses_ban_their_network() -> None:
    five = in_force(*(decision(f"192.0.2.{n}") for n in range(10, 15)))
    four = in_force(*(decision(f"192.0.2.{n}") for n in range(10, 14)))

    assert [(d.scope, d.value) for d in policy().decide(alert(), five)] == [
        (Scope.ADDRESS, "192.0.2.7"),
        (Scope.PREFIX, "192.0.2.0/24"),
    ]
    assert len(policy().decide(alert(), four)) == 1


def test_the_smaller_network_is_taken_where_it_explains_everything() -> None:
    near = in_force(*(decision(f"2001:db8:1:{n:x}::/64") for n in range(16)))
    spread = in_force(*(decision(f"2001:db8:1:{n:x}00::/64") for n in range(24)))

    assert [d.value for d in policy().decide(alert("2001:db8:1:ff::/64"), near)][1:] == ["2001:db8:1::/56"]
    assert [d.value for d in policy().decide(alert("2001:db8:1:ffff::/64"), spread)][1:] == ["2001:db8:1::/48"]


def test_a_network_is_left_alone_where_its_members_explain_the_alert() -> None:
    tried = policy(detector(measure="limit", key="prefix"))
    about = alert("192.0.2.0/24", scope=Scope.PREFIX)

    assert tried.decide(about, in_force(decision("192.0.2.7"))) == []
    assert tried.decide(about, Restraints())


def test_locks_have_no_end() -> None:
    found = policy(detector(measure="lock", key="device")).decide(
        alert("805ec0000001", scope=Scope.DEVICE), Restraints()
    )

    assert found[0].until is None


def test_what_is_remembered_is_bounded_and_the_latest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "REMEMBERED", 2)
    tried = policy()
    for value in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"):
        tried.history.add(decision(value))

    times = [tried.decide(alert(f"192.0.2.{n}"), Restraints())[0].times for n in (1, 3)]

    assert times == [2, 2]
    assert tried.decide(alert("192.0.2.2"), Restraints())[0].times == 1


def test_what_is_remembered_out_of_order_counts_the_most() -> None:
    tried = policy()
    tried.history.add(decision("192.0.2.7", times=4))
    tried.history.add(decision("192.0.2.7", times=2))

    found = tried.decide(alert(), Restraints())[0]

    assert found.times == 5
    assert HOUR_S * 2**4 <= (found.until or 0) - NOW <= HOUR_S * 2**4 * 1.25


def test_an_earlier_decision_is_forgiven_after_exactly_so_long() -> None:
    for age, times in ((MEMORY_S, 2), (MEMORY_S + 1, 1)):
        tried = policy()
        tried.history.add(decision("192.0.2.7", at=NOW - age))
        assert tried.decide(alert(), Restraints())[0].times == times


def test_only_addresses_and_networks_are_allowed() -> None:
    tried = policy(allow=(ip_network("192.0.2.0/24"),))

    assert tried.is_allowed(Scope.ADDRESS, "192.0.2.7/24")
    assert tried.is_allowed(Scope.PREFIX, "192.0.2.7/25")
    assert not tried.is_allowed(Scope.ADDRESS, "no address")
    assert not tried.is_allowed(Scope.ADDRESS, "::192.0.2.7")
    assert not tried.is_allowed(Scope.BLOCK, "192.0.2.0")
    assert not policy().is_allowed(Scope.ADDRESS, "192.0.2.7")


@pytest.mark.parametrize(
    ("tried", "value", "scope"),
    [
        (policy(detector(measure="limit")), "192.0.2.7", Scope.ADDRESS),
        (policy(detector(measure="ban", key="prefix")), "192.0.3.0/24", Scope.PREFIX),
        (policy(detector(measure="ban")), "no address", Scope.ADDRESS),
    ],
)
def test_a_network_is_banned_for_banned_addresses_only(tried: Policy, value: str, scope: Scope) -> None:
    present = in_force(
        *(decision(f"192.0.2.{n}") for n in range(10, 30)), *(decision(f"192.0.3.{n}") for n in range(9))
    )

    found = tried.decide(alert(value, scope=scope), present)

    assert [(one.scope, one.value) for one in found] == [(scope, value)]


def test_a_network_that_is_restrained_already_is_not_banned_again() -> None:
    present = in_force(
        *(decision(f"192.0.2.{n}") for n in range(10, 30)), decision("192.0.2.0/24", Measure.LIMIT, scope=Scope.PREFIX)
    )

    assert len(policy().decide(alert(), present)) == 1


def test_a_network_has_a_history_of_its_own() -> None:
    tried = policy()
    for _ in range(3):
        tried.decide(alert(), Restraints())

    about, network = tried.decide(alert(), in_force(*(decision(f"192.0.2.{n}") for n in range(10, 16))))

    assert (about.times, network.times) == (4, 1)
    assert (network.measure, network.reason, network.at) == (Measure.BAN, "tried", NOW)


def test_an_alert_of_a_detector_that_is_gone_leads_to_nothing() -> None:
    assert policy().decide(alert(detector="gone"), Restraints()) == []


def test_a_network_is_dealt_with_where_one_of_its_sources_is_not_or_nothing_is_known() -> None:
    tried = policy(detector(measure="limit", key="prefix"))
    present = in_force(decision("192.0.2.7"))

    for sources in ((), ("192.0.2.7", "192.0.2.8")):
        about = alert("192.0.2.0/24", scope=Scope.PREFIX, evidence=replace(EVIDENCE, sources=sources))
        assert tried.decide(about, present)
