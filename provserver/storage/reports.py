"""What other processes tell the monitor of the server: commands, and readers of other programs' logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.monitor_tables import REPORT


class Report(NamedTuple):
    """One thing to tell: *word* is of `monitor.event.WORDS`, *at* in ms; empty where there is none."""

    at: int
    word: str
    address: str = ""
    mac: str = ""
    tenant: str = ""
    account: str = ""


async def add(tx: AsyncConnection, reports: Sequence[Report]) -> None:
    """Write *reports* down, in their order."""
    if reports:
        await tx.execute(insert(REPORT), [report._asdict() for report in reports])


async def after(tx: AsyncConnection, last: int, *, limit: int) -> list[tuple[int, Report]]:
    """Number and content of the reports after number *last*, the oldest first."""
    rows = await tx.execute(select(*REPORT.c).where(REPORT.c.id > last).order_by(REPORT.c.id).limit(limit))
    found: list[dict[str, Any]] = [dict(row._mapping) for row in rows]
    return [(row.pop("id"), Report(**row)) for row in found]


async def forget(tx: AsyncConnection, last: int) -> None:
    """Remove those up to number *last*."""
    await tx.execute(delete(REPORT).where(REPORT.c.id <= last))
