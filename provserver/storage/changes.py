"""What other processes must forget: every change of a device or of a shared setting leaves a note here."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.hot import Statement
from provserver.storage.tables import CHANGE

EVERYTHING = "*"  # a shared setting changed: any device may look different now
DECISIONS = "decisions"  # what is in force against attackers changed
KEPT = 100_000  # notes that are kept; a process that slept longer forgets everything

NOTES_SINCE = Statement(
    select(CHANGE.c.seq, CHANGE.c.key).where(CHANGE.c.seq > bindparam("since")).order_by(CHANGE.c.seq).limit(KEPT)
)


async def note(tx: AsyncConnection, keys: Iterable[str]) -> None:
    """Leave a note for each of *keys*: MACs, EVERYTHING or DECISIONS."""
    rows = [{"key": key} for key in keys]
    if rows:
        await tx.execute(insert(CHANGE), rows)


async def newest(tx: AsyncConnection) -> int:
    """The number of the last note."""
    return int((await tx.execute(select(func.coalesce(func.max(CHANGE.c.seq), 0)))).scalar_one())


async def forget_old(tx: AsyncConnection) -> None:
    """Remove notes that every process has long read."""
    await tx.execute(delete(CHANGE).where(CHANGE.c.seq <= await newest(tx) - KEPT))
