"""What CrowdSec's local API shall hold follows from what is in force, and nothing of anybody else is touched."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.monitor.active_bans import ActiveBan
from provserver.monitor.crowdsec import Held, alert_of, held_of, plan
from provserver.monitor.decision import Origin

NOW = 1_760_000_000.0


def ban(target: str, left_s: float | None = 3_600, *, origin: Origin = Origin.MONITOR) -> ActiveBan:
    return ActiveBan(
        network=ip_network(target), origin=origin, reason="mac-walk", until=None if left_s is None else NOW + left_s
    )


def alert(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    decision = {"id": 70, "origin": "provserver", "duration": "59m59.5s", "value": "192.0.2.7"}
    return {"id": 7, "machine_id": "provserver", "decisions": [decision], **fields}


def test_what_is_in_force_is_pushed_and_what_is_not_is_taken_back() -> None:
    held = {"192.0.2.7": [Held(alert_id=7, until=NOW + 3_590)], "192.0.2.9": [Held(alert_id=9, until=NOW + 100)]}

    todo = plan([ban("192.0.2.7"), ban("2001:db8::/64")], held, NOW)

    assert [one.target for one in todo.push] == ["2001:db8::/64"]
    assert todo.withdraw == (9,)


@pytest.mark.parametrize("left_s", [60.0, 7_200.0, None])
def test_another_end_is_another_ban(left_s: float | None) -> None:
    held = {"192.0.2.7": [Held(alert_id=7, until=NOW + 3_600)]}

    todo = plan([ban("192.0.2.7", left_s)], held, NOW)

    assert ([one.until for one in todo.push], todo.withdraw) == ([None if left_s is None else NOW + left_s], (7,))


def test_a_ban_without_an_end_stays_as_long_as_much_is_left() -> None:
    for left_s, again in ((399 * 86_400, False), (86_400, True)):
        held = {"192.0.2.7": [Held(alert_id=7, until=NOW + left_s)]}
        assert bool(plan([ban("192.0.2.7", None)], held, NOW).push) is again


def test_what_was_pushed_twice_is_kept_once_and_what_is_over_is_left_alone() -> None:
    held = {"192.0.2.7": [Held(alert_id=n, until=NOW + 3_600) for n in (7, 8)], "x": [Held(alert_id=9, until=NOW)]}

    todo = plan([ban("192.0.2.7", 60), ban("192.0.2.7")], held, NOW)

    assert (todo.push, todo.withdraw) == ((), (8,))


def test_an_alert_says_no_more_than_it_must() -> None:
    people = ActiveBan(network=ip_network("192.0.2.0/24"), origin=Origin.OPERATOR, reason="our <rival>", until=None)

    made = alert_of(people, NOW)

    assert "rival" not in str(made)
    assert made["source"] == {"scope": "Range", "value": "192.0.2.0/24", "range": "192.0.2.0/24"}
    assert made["start_at"] == made["stop_at"] == "2025-10-09T08:53:20Z"
    assert made["decisions"] == [
        {
            "duration": "34560000s",
            "origin": "provserver",
            "scenario": "provserver/operator",
            "scope": "Range",
            "type": "ban",
            "value": "192.0.2.0/24",
        }
    ]


@pytest.mark.parametrize(
    "foreign",
    [
        alert(machine_id="another"),
        alert(decisions=[{"id": 1, "origin": "cscli", "duration": "1h", "value": "192.0.2.7"}]),
        alert(decisions=[{"id": 1, "origin": "provserver", "duration": "-1s", "value": "192.0.2.7"}]),
        alert(decisions=None),
    ],
)
def test_what_is_somebody_elses_or_over_is_not_ours(foreign: dict[str, Any]) -> None:
    assert held_of([foreign], machine="provserver", now=NOW) == {}
    assert held_of([foreign, alert()], machine="provserver", now=NOW) == {
        "192.0.2.7": [Held(alert_id=7, until=NOW + 3_599.5)]
    }


@pytest.mark.parametrize("junk", [[1], [{}], [{"id": "7"}], [None]])
def test_a_list_of_something_else_is_refused(junk: list[object]) -> None:
    with pytest.raises(ValueError, match="without an id"):
        held_of(junk, machine="provserver", now=NOW)


TARGETS = st.sampled_from(["192.0.2.7", "192.0.2.0/24", "2001:db8::/64", "198.51.100.1"])
LEFT = st.one_of(st.none(), st.integers(1, 10_000_000))


@given(st.lists(st.tuples(TARGETS, LEFT)), st.lists(st.tuples(TARGETS, st.integers(-100, 50_000_000))))
def test_after_the_plan_is_carried_out_nothing_is_left_to_do(
    wanted: list[tuple[str, int | None]], present: list[tuple[str, int]]
) -> None:
    bans = [ban(target, left_s) for target, left_s in wanted]
    held: dict[str, list[Held]] = {}
    for number, (target, left_s) in enumerate(present):
        held.setdefault(target, []).append(Held(alert_id=number, until=NOW + left_s))

    todo = plan(bans, held, NOW)
    after = {target: [one for one in ones if one.alert_id not in todo.withdraw] for target, ones in held.items()}
    for number, one in enumerate(todo.push, start=1_000):
        after.setdefault(one.target, []).append(Held(alert_id=number, until=one.until or float("inf")))

    assert plan(bans, after, NOW).push == ()
    assert plan(bans, after, NOW).withdraw == ()
    alive = {target for target, ones in after.items() if any(one.until > NOW for one in ones)}
    assert alive == {one.target for one in bans}
