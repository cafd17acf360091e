"""The clocks of passwords that are handed to a maker's own server, and who has received them, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import CREDENTIAL, DELIVERY, DEVICE


async def release(tx: AsyncConnection, credential_ids: Sequence[str], *, release_id: int, at_ms: int) -> None:
    """They may be out from now on: their clocks count from here, unless somebody says better."""
    await tx.execute(
        update(CREDENTIAL)
        .where(CREDENTIAL.c.id.in_(list(credential_ids)), CREDENTIAL.c.first_delivered_at.is_(None))
        .values(released_at=at_ms, release_id=release_id)
    )


async def keep_released(tx: AsyncConnection, credential_ids: Sequence[str], *, release_id: int, at_ms: int) -> None:
    """They may be out, and a phone's broken-off download may have taken the mark away: put it back where it is gone."""
    await tx.execute(
        update(CREDENTIAL)
        .where(
            CREDENTIAL.c.id.in_(list(credential_ids)),
            CREDENTIAL.c.first_delivered_at.is_(None),
            CREDENTIAL.c.released_at.is_(None),
        )
        .values(released_at=at_ms, release_id=release_id)
    )


async def take_back(tx: AsyncConnection, credential_ids: Sequence[str], *, release_id: int) -> None:
    """They are not out: take this attempt's own marks away, and nobody else's."""
    await tx.execute(
        update(CREDENTIAL)
        .where(
            CREDENTIAL.c.id.in_(list(credential_ids)),
            CREDENTIAL.c.release_id == release_id,
            CREDENTIAL.c.first_delivered_at.is_(None),
        )
        .values(released_at=None, release_id=None)
    )


async def complete(
    tx: AsyncConnection, credential_ids: Sequence[str], *, at_ms: int, until_ms: int, delivery: dict[str, Any]
) -> None:
    """They have arrived: start their clocks, end the window of their device, and write *delivery* down."""
    await tx.execute(
        update(CREDENTIAL)
        .where(CREDENTIAL.c.id.in_(list(credential_ids)), CREDENTIAL.c.first_delivered_at.is_(None))
        .values(first_delivered_at=at_ms, delete_after=until_ms)
    )
    await tx.execute(
        update(DEVICE)
        .where(DEVICE.c.id == delivery["device_id"], DEVICE.c.provisioned_at.is_(None))
        .values(provisioned_at=at_ms)  # from no network: none may go on asking without a token
    )
    if credential_ids:
        await tx.execute(insert(DELIVERY).values(**delivery, at=at_ms, credentials=len(credential_ids)))
