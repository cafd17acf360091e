"""Vendor-neutral settings in the store, by owner; never secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import SETTING

_CHUNK = 500


async def settings_of(tx: AsyncConnection, owners: Sequence[str]) -> dict[str, dict[str, str]]:
    """Owner → name → value, for those of *owners* that have any."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(owners), _CHUNK):
        rows = await tx.execute(
            select(SETTING.c.owner, SETTING.c.name, SETTING.c.value).where(
                SETTING.c.owner.in_(list(owners[start : start + _CHUNK]))
            )
        )
        for owner, name, value in rows:
            found.setdefault(owner, {})[name] = value
    return found


async def newest_change(tx: AsyncConnection, owners: Sequence[str]) -> int:
    """When a setting of *owners* was changed last; 0 if they have none."""
    rows = await tx.execute(select(func.max(SETTING.c.updated_at)).where(SETTING.c.owner.in_(list(owners))))
    return rows.scalar_one() or 0


async def put_settings(tx: AsyncConnection, owner: str, values: Mapping[str, str | None], *, at_ms: int) -> None:
    """Set (or with None remove) settings of one owner."""
    await put_many(tx, {owner: values}, at_ms=at_ms)


async def put_many(tx: AsyncConnection, settings: Mapping[str, Mapping[str, str | None]], *, at_ms: int) -> None:
    """Set (or with None remove) settings of many owners."""
    touched = [{"of": owner, "called": name} for owner, values in settings.items() for name in values]
    if touched:
        await tx.execute(
            delete(SETTING).where(SETTING.c.owner == bindparam("of"), SETTING.c.name == bindparam("called")), touched
        )
    rows = [
        {"owner": owner, "name": name, "value": value, "updated_at": at_ms}
        for owner, values in settings.items()
        for name, value in values.items()
        if value is not None
    ]
    if rows:
        await tx.execute(insert(SETTING), rows)


async def forget_owner(tx: AsyncConnection, owner: str) -> None:
    """Remove all settings of one owner."""
    await tx.execute(delete(SETTING).where(SETTING.c.owner == owner))
