"""The request log: who asked for what, when, and what came of it; written in batches, read by people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.hot import Bulk
from provserver.storage.sqlite import Upsert, upsert
from provserver.storage.tables import COPY, LAST_SEEN, REQUEST

REQUEST_COLUMNS = tuple(column.name for column in REQUEST.c if column.name != "id")
SEEN_COLUMNS = tuple(column.name for column in LAST_SEEN.c)


def _set_last_seen(rows: list[dict[str, Any]]) -> Upsert:
    statement = upsert(LAST_SEEN).values(rows)
    return statement.on_conflict_do_update(
        index_elements=[LAST_SEEN.c.device_id],
        set_={name: statement.excluded[name] for name in SEEN_COLUMNS if name != "device_id"},
    )


ADD_REQUESTS = Bulk(insert(REQUEST).values, REQUEST_COLUMNS)
SET_LAST_SEEN = Bulk(_set_last_seen, SEEN_COLUMNS)


async def last_seen(tx: AsyncConnection, device_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Device id → at (ms), address, user_agent, firmware, for those that were ever seen."""
    rows = await tx.execute(select(*LAST_SEEN.c).where(LAST_SEEN.c.device_id.in_(list(device_ids))))
    return {row.device_id: dict(row._mapping) for row in rows}


async def requests_of(tx: AsyncConnection, mac: str, *, limit: int) -> list[dict[str, Any]]:
    """The newest requests that named *mac*, newest first."""
    rows = await tx.execute(select(*REQUEST.c).where(REQUEST.c.mac == mac).order_by(REQUEST.c.at.desc()).limit(limit))
    # SQLAlchemy's names are more than str, which orjson refuses.
    return [{str(name): value for name, value in row._mapping.items()} for row in rows]


async def devices_after(
    tx: AsyncConnection, after: int, *, outcomes: Collection[str], limit: int
) -> tuple[int, list[str]]:
    """
    Who has asked since request number *after* with one of *outcomes*, each device once.

    *limit* requests are looked at, up to the number that is given first; *after* itself when there is nothing new.
    """
    page = select(REQUEST.c.id).where(REQUEST.c.id > after).order_by(REQUEST.c.id).limit(limit).subquery()
    upto = (await tx.execute(select(func.max(page.c.id)))).scalar_one() or after
    found = await tx.execute(
        select(REQUEST.c.device_id)
        .where(REQUEST.c.id > after, REQUEST.c.id <= upto)
        .where(REQUEST.c.device_id.is_not(None), REQUEST.c.outcome.in_(sorted(outcomes)))
        .distinct()
    )
    return upto, list(found.scalars())


async def newest(tx: AsyncConnection) -> int:
    """The number of the last request; 0 when there is none."""
    return (await tx.execute(select(func.max(REQUEST.c.id)))).scalar_one() or 0


async def forget_old(tx: AsyncConnection, *, before_ms: int, limit: int) -> int:
    """Remove requests older than *before_ms*, at most *limit*; returns how many."""
    old = select(REQUEST.c.id).where(REQUEST.c.at < before_ms).order_by(REQUEST.c.at).limit(limit)
    return (await tx.execute(delete(REQUEST).where(REQUEST.c.id.in_(old)))).rowcount


async def forget_device(tx: AsyncConnection, device_id: str) -> None:
    """Forget when a removed device was last seen, and what it had fetched."""
    await tx.execute(delete(LAST_SEEN).where(LAST_SEEN.c.device_id == device_id))
    await tx.execute(delete(COPY).where(COPY.c.device_id == device_id))
