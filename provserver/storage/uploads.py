"""What phones have sent us, as rows; the sealed bytes are files named by the row's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.tables import UPLOAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file a phone sent; its content is sealed in ``uploads/<id>``."""

    id: str
    tenant_id: str
    device_id: str
    name: str
    key_id: str
    alg: int
    nonce: bytes
    size_bytes: int
    may_hold_credentials: bool
    at: int


async def insert_upload(tx: AsyncConnection, upload: Upload) -> None:
    """Add an upload; an older one of the same name has been removed in the same transaction."""
    await tx.execute(insert(UPLOAD).values(asdict(upload)))


async def find_upload(tx: AsyncConnection, device_id: str, name: str) -> Upload | None:
    """The device's upload called *name*."""
    row = (
        await tx.execute(select(*UPLOAD.c).where(UPLOAD.c.device_id == device_id, UPLOAD.c.name == name))
    ).one_or_none()
    return _upload(row) if row else None


async def uploads_of(tx: AsyncConnection, device_id: str) -> list[Upload]:
    """All uploads of a device."""
    rows = await tx.execute(select(*UPLOAD.c).where(UPLOAD.c.device_id == device_id).order_by(UPLOAD.c.name))
    return [_upload(row) for row in rows]


async def risky_uploads(tx: AsyncConnection, device_ids: Sequence[str]) -> list[Upload]:
    """The uploads of *device_ids* (at most a few hundred) that may hold credentials."""
    mine = UPLOAD.c.device_id.in_(list(device_ids))
    rows = await tx.execute(select(*UPLOAD.c).where(mine, UPLOAD.c.may_hold_credentials).order_by(UPLOAD.c.id))
    return [_upload(row) for row in rows]


async def usage(tx: AsyncConnection, device_id: str, *, without: str) -> tuple[int, int]:
    """How many files and bytes a device has here, not counting the file called *without*."""
    row = (
        await tx.execute(
            select(func.count(), func.coalesce(func.sum(UPLOAD.c.size_bytes), 0)).where(
                UPLOAD.c.device_id == device_id, UPLOAD.c.name != without
            )
        )
    ).one()
    return int(row[0]), int(row[1])


async def old_uploads(tx: AsyncConnection, *, before_ms: int, limit: int) -> list[Upload]:
    """Uploads older than *before_ms*."""
    rows = await tx.execute(select(*UPLOAD.c).where(UPLOAD.c.at < before_ms).limit(limit))
    return [_upload(row) for row in rows]


async def remove_upload(tx: AsyncConnection, upload_id: str) -> None:
    """Forget an upload; its key and its file are gone already."""
    await tx.execute(delete(UPLOAD).where(UPLOAD.c.id == upload_id))


async def needed_keys(tx: AsyncConnection, key_ids: Sequence[str]) -> set[str]:
    """Those of *key_ids* that some upload still needs."""
    return set((await tx.execute(select(UPLOAD.c.key_id).where(UPLOAD.c.key_id.in_(list(key_ids))))).scalars())


async def all_ids(tx: AsyncConnection) -> set[str]:
    """The names of all files that belong in the upload folder."""
    return set((await tx.execute(select(UPLOAD.c.id))).scalars())


def _upload(row: Row[Any]) -> Upload:
    return Upload(**row._mapping)
