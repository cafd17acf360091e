"""Single values about the store itself."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import META


async def get(tx: AsyncConnection, name: str) -> str | None:
    """The value called *name*."""
    return (await tx.execute(select(META.c.value).where(META.c.name == name))).scalar_one_or_none()


async def put(tx: AsyncConnection, name: str, value: str) -> None:
    """Write the value called *name*."""
    await tx.execute(delete(META).where(META.c.name == name))
    await tx.execute(insert(META).values(name=name, value=value))
