"""What was decided about addresses, networks, blocks and devices; each row stays until its time is long over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row, Select, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.monitor.decision import Decision, Evidence, Measure, Origin, Scope
from provserver.storage.monitor_tables import DECISION

_MS = 1000


async def insert_decision(tx: AsyncConnection, decision: Decision, evidence: Evidence | None) -> int:
    """Write a decision down; its id."""
    result = await tx.execute(insert(DECISION).values(_values(decision, evidence)))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


async def insert_decisions(tx: AsyncConnection, made: Sequence[Decision]) -> None:
    """Write many decisions down that rest on nobody's evidence."""
    if made:
        await tx.execute(insert(DECISION), [_values(decision, None) for decision in made])


async def end_imported(tx: AsyncConnection, name: str, *, at_ms: int, by: str) -> int:
    """End what the list *name* has brought and is in force; how many."""
    mine = or_(DECISION.c.reason == name, DECISION.c.reason.startswith(f"{name} ", autoescape=True))
    current = or_(DECISION.c.until.is_(None), DECISION.c.until > at_ms)
    result = await tx.execute(
        update(DECISION)
        .where(DECISION.c.origin == Origin.IMPORT.value, DECISION.c.ended_at.is_(None), mine, current)
        .values(ended_at=at_ms, ended_by=by)
    )
    return result.rowcount


async def in_force(tx: AsyncConnection, *, now_ms: int) -> list[tuple[Decision, dict[str, Any] | None]]:
    """What is in force at *now_ms*, simulated ones too, the oldest first, with the numbers of its evidence."""
    rows = await tx.execute(_current(now_ms).order_by(DECISION.c.id))
    return [(_decision(row), orjson.loads(row.evidence)) for row in rows]


async def own_bans(tx: AsyncConnection, *, now_ms: int) -> list[Decision]:
    """The bans in force at *now_ms* that are carried out and did not come from a list of others."""
    rows = await tx.execute(
        _current(now_ms).where(
            DECISION.c.measure == Measure.BAN.value,
            DECISION.c.origin != Origin.IMPORT.value,
            DECISION.c.simulated.is_(False),
        )
    )
    return [_decision(row) for row in rows]


async def history(tx: AsyncConnection, *, since_ms: int, limit: int) -> list[Decision]:
    """
    The last *limit* that the monitor and people have decided since *since_ms*, the oldest first.

    Not what people have taken back, nor what has come from lists.
    """
    counting = (DECISION.c.at >= since_ms, DECISION.c.ended_at.is_(None), DECISION.c.origin != Origin.IMPORT.value)
    rows = await tx.execute(select(*DECISION.c).where(*counting).order_by(DECISION.c.id.desc()).limit(limit))
    return [_decision(row) for row in reversed(rows.all())]


async def about(tx: AsyncConnection, scope: Scope, value: str, *, now_ms: int) -> list[Decision]:
    """What is in force about *value* itself."""
    rows = await tx.execute(_current(now_ms).where(DECISION.c.scope == scope.value, DECISION.c.value == value))
    return [_decision(row) for row in rows]


async def was_ended_by(tx: AsyncConnection, scope: Scope, value: str, who: str, *, since_ms: int) -> bool:
    """Whether *who* has ended a decision about *value* since then."""
    found = await tx.execute(
        select(DECISION.c.id)
        .where(DECISION.c.scope == scope.value, DECISION.c.value == value)
        .where(DECISION.c.ended_by == who, DECISION.c.ended_at >= since_ms)
        .limit(1)
    )
    return found.first() is not None


async def end(tx: AsyncConnection, decision_id: int, *, at_ms: int, by: str) -> None:
    """End a decision before its time."""
    await tx.execute(update(DECISION).where(DECISION.c.id == decision_id).values(ended_at=at_ms, ended_by=by))


async def forget_old(tx: AsyncConnection, *, before_ms: int) -> None:
    """Remove decisions that were made before *before_ms* and are over."""
    over = or_(DECISION.c.ended_at.is_not(None), DECISION.c.until < before_ms)
    await tx.execute(delete(DECISION).where(DECISION.c.at < before_ms, over))


def _values(decision: Decision, evidence: Evidence | None) -> dict[str, object]:
    facts = None if evidence is None else {"count": evidence.count, "known": evidence.known, "since": evidence.since}
    return {
        "at": int(decision.at * _MS),
        "until": None if decision.until is None else int(decision.until * _MS),
        "scope": decision.scope.value,
        "value": decision.value,
        "measure": decision.measure.value,
        "reason": decision.reason,
        "origin": decision.origin.value,
        "times": decision.times,
        "simulated": decision.simulated,
        "evidence": orjson.dumps(facts).decode(),
    }


def _current(now_ms: int) -> Select[Any]:
    not_over = or_(DECISION.c.until.is_(None), DECISION.c.until > now_ms)
    return select(*DECISION.c).where(DECISION.c.ended_at.is_(None), not_over)


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        at=row.at / _MS,
        until=None if row.until is None else row.until / _MS,
        scope=Scope(row.scope),
        value=row.value,
        measure=Measure(row.measure),
        reason=row.reason,
        origin=Origin(row.origin),
        times=row.times,
        simulated=row.simulated,
    )
