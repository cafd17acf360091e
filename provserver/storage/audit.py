"""
The audit trail: append-only, each entry carrying the hash of the one before.

Whoever changes or removes an entry breaks the chain from there on, and `first_break` finds the place. No entry holds a
secret; old and new values of settings are there, of credentials only that they changed.
"""

from __future__ import annotations

import hashlib

import orjson
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import AUDIT

_START = "0" * 64
_PAGE = 1000


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
    last = (await tx.execute(select(AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1))).scalar_one_or_none()
    previous = last or _START
    text = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode()
    entry = {
        "at": at_ms,
        "actor": actor,
        "action": action,
        "tenant_id": tenant_id,
        "object": object_,
        "detail": text,
        "previous": previous,
    }
    await tx.execute(insert(AUDIT).values(**entry, hash=_hash(entry)))


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
