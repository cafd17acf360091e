"""Wrapped data keys and key generations, in a file of their own with a short backup life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.sealed import WrappedKey
from provserver.storage.tables import KEY_GENERATION, WRAPPED_KEY

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGeneration:
    """A key-encryption key as the keystore knows it: never the key, only a value to recognise it by."""

    generation: int
    check_value: bytes
    created_at: int
    retired_at: int | None = None
    destroyed_at: int | None = None


async def insert_keys(
    tx: AsyncConnection, keys: Sequence[WrappedKey], *, owner_of: Callable[[WrappedKey], str]
) -> None:
    """Add wrapped data keys; *owner_of* names whom each belongs to, which its wrapping is bound to."""
    if keys:
        await tx.execute(
            insert(WRAPPED_KEY),
            [
                {
                    "key_id": key.key_id,
                    "owner": owner_of(key),
                    "generation": key.generation,
                    "nonce": key.nonce,
                    "wrapped": key.wrapped,
                }
                for key in keys
            ],
        )


async def find_keys(tx: AsyncConnection, key_ids: Sequence[str]) -> dict[str, WrappedKey]:
    """The wrapped data keys that exist: key id → key."""
    found: dict[str, WrappedKey] = {}
    for start in range(0, len(key_ids), _CHUNK):
        rows = await tx.execute(
            select(*WRAPPED_KEY.c).where(WRAPPED_KEY.c.key_id.in_(list(key_ids[start : start + _CHUNK])))
        )
        for row in rows:
            found[row.key_id] = WrappedKey(
                key_id=row.key_id, generation=row.generation, nonce=row.nonce, wrapped=row.wrapped
            )
    return found


async def destroy_keys(tx: AsyncConnection, key_ids: Sequence[str]) -> None:
    """Destroy data keys: what they sealed cannot be read again, wherever copies of it are."""
    for start in range(0, len(key_ids), _CHUNK):
        await tx.execute(delete(WRAPPED_KEY).where(WRAPPED_KEY.c.key_id.in_(list(key_ids[start : start + _CHUNK]))))


async def keys_not_of(tx: AsyncConnection, generation: int, *, after: str, limit: int) -> list[tuple[WrappedKey, str]]:
    """Data keys wrapped under another generation, with their owners, in the order of their ids from *after* on."""
    rows = await tx.execute(
        select(*WRAPPED_KEY.c)
        .where(WRAPPED_KEY.c.generation != generation, WRAPPED_KEY.c.key_id > after)
        .order_by(WRAPPED_KEY.c.key_id)
        .limit(limit)
    )
    return [
        (WrappedKey(key_id=row.key_id, generation=row.generation, nonce=row.nonce, wrapped=row.wrapped), row.owner)
        for row in rows
    ]


async def replace_keys(tx: AsyncConnection, keys: Sequence[WrappedKey]) -> None:
    """Write re-wrapped data keys over the old ones."""
    for key in keys:
        await tx.execute(
            update(WRAPPED_KEY)
            .where(WRAPPED_KEY.c.key_id == key.key_id)
            .values(generation=key.generation, nonce=key.nonce, wrapped=key.wrapped)
        )


async def key_ids_after(tx: AsyncConnection, after: str, *, limit: int) -> list[str]:
    """Data keys in the order of their ids, from *after* on."""
    query = select(WRAPPED_KEY.c.key_id).where(WRAPPED_KEY.c.key_id > after).order_by(WRAPPED_KEY.c.key_id)
    return list((await tx.execute(query.limit(limit))).scalars())


async def count_by_generation(tx: AsyncConnection) -> dict[int, int]:
    """How many data keys each generation wraps."""
    rows = await tx.execute(
        select(WRAPPED_KEY.c.generation, func.count().label("keys")).group_by(WRAPPED_KEY.c.generation)
    )
    return {row.generation: row.keys for row in rows}


async def generations(tx: AsyncConnection) -> list[KeyGeneration]:
    """All key generations, oldest first, destroyed ones too."""
    rows = await tx.execute(select(*KEY_GENERATION.c).order_by(KEY_GENERATION.c.generation))
    return [KeyGeneration(**row._mapping) for row in rows]


async def insert_generation(tx: AsyncConnection, generation: int, check_value: bytes, *, at_ms: int) -> None:
    """Remember a new generation, and retire those before it."""
    await tx.execute(
        update(KEY_GENERATION)
        .where(KEY_GENERATION.c.generation < generation, KEY_GENERATION.c.retired_at.is_(None))
        .values(retired_at=at_ms)
    )
    await tx.execute(insert(KEY_GENERATION).values(generation=generation, check_value=check_value, created_at=at_ms))


async def mark_destroyed(tx: AsyncConnection, generation: int, *, at_ms: int) -> None:
    """Remember that a generation's key no longer exists."""
    await tx.execute(update(KEY_GENERATION).where(KEY_GENERATION.c.generation == generation).values(destroyed_at=at_ms))
