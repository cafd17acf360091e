"""What happened to a device that its reseller should know."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.hot import Statement
from provserver.storage.tables import DEAD_TOKEN, DELIVERY, EVENT

ADD_EVENT = Statement(
    insert(EVENT).values(
        tenant_id=bindparam("tenant_id"),
        device_id=bindparam("device_id"),
        at=bindparam("at"),
        kind=bindparam("kind"),
        detail=bindparam("detail"),
    )
)


async def add(tx: AsyncConnection, *, tenant_id: str, device_id: str, at_ms: int, kind: str, detail: str) -> None:
    """Tell the reseller of a device something, in the transaction of what happened."""
    await tx.execute(insert(EVENT).values(tenant_id=tenant_id, device_id=device_id, at=at_ms, kind=kind, detail=detail))


async def events_of(tx: AsyncConnection, device_id: str, *, limit: int) -> list[dict[str, Any]]:
    """The newest events of a device, newest first: at (ms), kind, detail."""
    rows = await tx.execute(
        select(EVENT.c.at, EVENT.c.kind, EVENT.c.detail)
        .where(EVENT.c.device_id == device_id)
        .order_by(EVENT.c.id.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in rows]


async def forget_old(tx: AsyncConnection, *, before_ms: int) -> None:
    """Remove what is older than *before_ms*: events, who received what, and tokens that died."""
    await tx.execute(delete(EVENT).where(EVENT.c.at < before_ms))
    await tx.execute(delete(DELIVERY).where(DELIVERY.c.at < before_ms))
    await tx.execute(delete(DEAD_TOKEN).where(DEAD_TOKEN.c.died_at < before_ms))
