"""How far the audit trail had come when it was last looked at: one row, in another file than the trail itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import AUDIT_ANCHOR

_ONLY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The trail's last entry (0: it was empty) and its hash, at a time (steady ms), under the vault's *seal*."""

    seq: int
    hash: str
    at: int
    seal: bytes


async def find_anchor(tx: AsyncConnection) -> Anchor | None:
    """The anchor; None before the first."""
    row = (await tx.execute(select(AUDIT_ANCHOR).where(AUDIT_ANCHOR.c.id == _ONLY))).one_or_none()
    return None if row is None else Anchor(seq=row.seq, hash=row.hash, at=row.at, seal=row.seal)


async def put_anchor(tx: AsyncConnection, anchor: Anchor) -> None:
    """Keep *anchor* in place of the one before."""
    await tx.execute(delete(AUDIT_ANCHOR).where(AUDIT_ANCHOR.c.id == _ONLY))
    await tx.execute(
        insert(AUDIT_ANCHOR).values(id=_ONLY, seq=anchor.seq, hash=anchor.hash, at=anchor.at, seal=anchor.seal)
    )
