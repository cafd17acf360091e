"""What each device last fetched, secrets as stars: written in batches, read by people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.hot import Bulk
from provserver.storage.sqlite import Upsert, upsert
from provserver.storage.tables import COPY, LAST_SEEN

_CHUNK = 500
COPY_COLUMNS = tuple(column.name for column in COPY.c)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One file as a device last fetched it: *content* is packed (None: too large), *at* is when it first went out."""

    rule: str
    file: str
    at: int
    content: bytes | None


def _put_copy(rows: list[dict[str, Any]]) -> Upsert:
    statement = upsert(COPY).values(rows)
    return statement.on_conflict_do_update(
        index_elements=[COPY.c.device_id, COPY.c.rule],
        set_={name: statement.excluded[name] for name in COPY_COLUMNS if name not in ("device_id", "rule")},
    )


PUT_COPIES = Bulk(_put_copy, COPY_COLUMNS)


async def tags_of(tx: AsyncConnection, device_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """The tags of all copies of some devices, by device id and rule."""
    wanted, found = list(device_ids), dict[tuple[str, str], str]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = COPY.c.device_id.in_(wanted[start : start + _CHUNK])
        rows = await tx.execute(select(COPY.c.device_id, COPY.c.rule, COPY.c.tag).where(chunk))
        found |= {(row.device_id, row.rule): row.tag for row in rows}
    return found


async def copies_of(tx: AsyncConnection, device_id: str) -> list[Copy]:
    """The copies of one device, by file."""
    columns = (COPY.c.rule, COPY.c.file, COPY.c.at, COPY.c.content)
    rows = await tx.execute(select(*columns).where(COPY.c.device_id == device_id).order_by(COPY.c.file))
    return [Copy(rule=row.rule, file=row.file, at=row.at, content=row.content) for row in rows]


async def unseen(tx: AsyncConnection, *, before_ms: int) -> list[str]:
    """Ids of devices that have copies and were last seen before *before_ms*."""
    has_copies = exists(select(COPY.c.device_id).where(COPY.c.device_id == LAST_SEEN.c.device_id))
    rows = await tx.execute(select(LAST_SEEN.c.device_id).where(LAST_SEEN.c.at < before_ms, has_copies))
    return list(rows.scalars())


async def forget_copies(tx: AsyncConnection, device_ids: Sequence[str]) -> None:
    """Remove the copies of some devices."""
    for start in range(0, len(device_ids), _CHUNK):
        await tx.execute(delete(COPY).where(COPY.c.device_id.in_(device_ids[start : start + _CHUNK])))
