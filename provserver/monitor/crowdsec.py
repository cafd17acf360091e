"""
What CrowdSec's local API shall hold of ours, and what it holds: `plan`, the difference. Pure functions.

Its words are alerts with a decision each (LAPI, /v1/alerts). They were looked at in CrowdSec 1.4.6, which counts a
decision's duration from the alert's *stop_at* on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from provserver.clock import iso
from provserver.monitor.active_bans import ActiveBan
from provserver.monitor.ban_lists import seconds_left
from provserver.monitor.exports import SCENARIO_PREFIX, crowdsec_decision

ORIGIN: Final = "provserver"  # of decisions; as `crowdsec_decision` has it

_SLACK_S = 60  # ends that differ by less are the same: both sides round, and a call takes its time
_FOR_GOOD_S = 30 * 86_400  # what is left of a ban without an end when it is handed over again


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An alert of ours over there, whose decision is in force until then (seconds since 1970 UTC)."""

    alert_id: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be pushed, and after that the ids of alerts whose decisions have to go."""

    push: tuple[ActiveBan, ...]
    withdraw: tuple[int, ...]


def alert_of(ban: ActiveBan, now: float) -> dict[str, object]:
    """The alert that carries *ban* there. Its message is ours: what people said stays here."""
    decision = crowdsec_decision(ban, now)
    decision["scenario"] = decision.pop("reason")
    if ban.origin.value != "monitor":
        decision["scenario"] = f"{SCENARIO_PREFIX}{ban.origin.value}"
    where = {"Ip": "ip", "Range": "range"}[decision["scope"]]
    moment = iso(int(now * 1000))
    return {
        "scenario": decision["scenario"],
        "scenario_hash": "",
        "scenario_version": "",
        "message": f"banned by {ORIGIN}",
        "events": [],
        "events_count": 1,
        "start_at": moment,
        "stop_at": moment,
        "capacity": 0,
        "leakspeed": "0",
        "simulated": False,
        "source": {"scope": decision["scope"], "value": ban.target, where: ban.target},
        "decisions": [decision],
    }


def held_of(alerts: Iterable[Any], *, machine: str, now: float) -> dict[str, list[Held]]:
    """
    Our own among *alerts*, as the API lists them, by target. Raises ValueError for what is no alert.

    Ours are those of our machine whose decision names us: nothing of anybody else is ever taken back.
    """
    found: dict[str, list[Held]] = defaultdict(list)
    for alert in alerts:
        if not isinstance(alert, Mapping) or not isinstance(alert.get("id"), int):
            raise ValueError("an alert without an id")  # noqa: TRY004 - one error for whatever is wrong with an answer
        if alert.get("machine_id") != machine:
            continue
        for decision in alert.get("decisions") or ():
            left_s = seconds_left(decision.get("duration"))
            if decision.get("origin") == ORIGIN and isinstance(left_s, float) and left_s > 0:
                found[str(decision.get("value"))].append(Held(alert_id=alert["id"], until=now + left_s))
    return dict(found)


def plan(wanted: Iterable[ActiveBan], held: Mapping[str, Sequence[Held]], now: float) -> Plan:
    """What makes *held* what is *wanted*; of several bans of one target, the one that lasts longest."""
    longest: dict[str, ActiveBan] = {}
    for ban in wanted:
        present = longest.get(ban.target)
        if present is None or _end(present) < _end(ban):
            longest[ban.target] = ban
    push = []
    kept: set[int] = set()
    for target, ban in longest.items():
        fitting = next((one for one in held.get(target, ()) if _fits(one, ban, now)), None)
        if fitting is None:
            push.append(ban)
        else:
            kept.add(fitting.alert_id)
    withdraw = [one.alert_id for ones in held.values() for one in ones if one.alert_id not in kept and one.until > now]
    return Plan(push=tuple(push), withdraw=tuple(dict.fromkeys(withdraw)))


def _fits(one: Held, ban: ActiveBan, now: float) -> bool:
    if ban.until is None:
        return one.until - now > _FOR_GOOD_S
    return abs(one.until - ban.until) <= _SLACK_S


def _end(ban: ActiveBan) -> float:
    return float("inf") if ban.until is None else ban.until
