"""Single values about the store itself."""

from __future__ import annotations

from sqlalchemy import Integer, bindparam, cast, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.hot import Statement
from provserver.storage.tables import META

STEADY_TIME = "steady_time"  # how far steady time has come: after a restart it goes on from there

# A write of one page that changes nothing else, to see whether the disk takes it. Time goes on only.
TOUCH = Statement(
    update(META)
    .where(META.c.name == STEADY_TIME, cast(META.c.value, Integer) < bindparam("at_ms"))
    .values(value=bindparam("at"))
)


async def get(tx: AsyncConnection, name: str) -> str | None:
    """The value called *name*."""
    return (await tx.execute(select(META.c.value).where(META.c.name == name))).scalar_one_or_none()


async def put(tx: AsyncConnection, name: str, value: str) -> None:
    """Write the value called *name*."""
    await tx.execute(delete(META).where(META.c.name == name))
    await tx.execute(insert(META).values(name=name, value=value))
