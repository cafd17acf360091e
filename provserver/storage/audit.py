"""
The audit trail: append-only, each entry carrying the hash of the one before.

Whoever changes or removes an entry breaks the chain from there on, and `first_break` finds the place. No entry holds a
secret; old and new values of settings are there, of credentials only that they changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import AUDIT

_START = "0" * 64
_PAGE = 1000


class AuditEntry(NamedTuple):
    """What was done to what; *detail* says how, without a secret."""

    action: str
    object_: str
    tenant_id: str | None
    detail: dict[str, object]


async def append(
    tx: AsyncConnection,
    *,
    at_ms: int,
    actor: str,
    action: str,
    tenant_id: str | None,
    object_: str,
    detail: dict[str, object],
) -> None:
    """Add an entry. Runs inside the transaction of what it reports: both happen or neither."""
    entry = AuditEntry(action=action, object_=object_, tenant_id=tenant_id, detail=detail)
    await append_all(tx, [entry], at_ms=at_ms, actor=actor)


async def append_all(tx: AsyncConnection, entries: Sequence[AuditEntry], *, at_ms: int, actor: str) -> None:
    """Add several entries, in their order, with one statement: hundreds of them must not hold up who else writes."""
    last = (await tx.execute(select(AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1))).scalar_one_or_none()
    previous, rows = last or _START, []
    for entry in entries:
        row: dict[str, object] = {
            "at": at_ms,
            "actor": actor,
            "action": entry.action,
            "tenant_id": entry.tenant_id,
            "object": entry.object_,
            "detail": orjson.dumps(entry.detail, option=orjson.OPT_SORT_KEYS).decode(),
            "previous": previous,
        }
        previous = _hash(row)
        rows.append({**row, "hash": previous})
    if rows:
        await tx.execute(insert(AUDIT), rows)


async def head(tx: AsyncConnection) -> tuple[int, str]:
    """Number and hash of the last entry; of an empty trail 0 and what its first entry follows."""
    row = (await tx.execute(select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1))).one_or_none()
    return (0, _START) if row is None else (row.seq, row.hash)


async def hash_of(tx: AsyncConnection, seq: int) -> str | None:
    """The hash of the entry with this number."""
    return (await tx.execute(select(AUDIT.c.hash).where(AUDIT.c.seq == seq))).scalar_one_or_none()


async def has(tx: AsyncConnection, action: str) -> bool:
    """Whether there is an entry of this *action*. Looks from the start: it is for what is written early."""
    query = select(AUDIT.c.seq).where(AUDIT.c.action == action).order_by(AUDIT.c.seq).limit(1)
    return (await tx.execute(query)).first() is not None


async def first_break(tx: AsyncConnection) -> int | None:
    """The sequence number of the first entry that does not fit the chain; None when all do."""
    previous, seq = _START, 0
    while True:
        rows = (await tx.execute(select(*AUDIT.c).where(AUDIT.c.seq > seq).order_by(AUDIT.c.seq).limit(_PAGE))).all()
        if not rows:
            return None
        for row in rows:
            # SQLAlchemy's names are more than str, which orjson refuses.
            entry = {str(name): value for name, value in row._mapping.items() if name not in ("seq", "hash")}
            if row.previous != previous or row.hash != _hash(entry):
                return int(row.seq)
            previous, seq = row.hash, row.seq


def _hash(entry: dict[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()
