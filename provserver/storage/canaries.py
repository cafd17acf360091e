"""Devices that no phone is, and the SIP accounts that are given out by them alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.monitor_tables import CANARY
from provserver.storage.tables import DEVICE, LINE


async def add(tx: AsyncConnection, device_ids: Sequence[str], *, at_ms: int) -> None:
    """Note that these devices are canaries; they go with their device."""
    await tx.execute(insert(CANARY), [{"device_id": device_id, "added_at": at_ms} for device_id in device_ids])


async def ids(tx: AsyncConnection) -> frozenset[str]:
    """The ids of all canaries."""
    return frozenset(await tx.scalars(select(CANARY.c.device_id)))


async def macs(tx: AsyncConnection) -> list[str]:
    """Their MACs, in order."""
    return list(await tx.scalars(select(DEVICE.c.mac).join(CANARY).order_by(DEVICE.c.mac)))


async def accounts(tx: AsyncConnection) -> frozenset[str]:
    """The names under which their lines register."""
    rows = await tx.execute(
        select(LINE.c.user_name, LINE.c.auth_name).join(CANARY, CANARY.c.device_id == LINE.c.device_id)
    )
    return frozenset(name for row in rows for name in row if name)


async def is_account(tx: AsyncConnection, name: str) -> bool:
    """Whether any device's line registers under *name*, a real one's or not."""
    used = select(LINE.c.device_id).where(or_(LINE.c.user_name == name, LINE.c.auth_name == name)).limit(1)
    return (await tx.execute(used)).first() is not None
