"""What detectors have said, with what it rests on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.monitor.decision import Alert
from provserver.storage.hot import Statement
from provserver.storage.monitor_tables import ALERT
from provserver.storage.tables import DEAD_TOKEN

_MS = 1000
FIND_DEAD_TOKEN = Statement(select(DEAD_TOKEN.c.device_id).where(DEAD_TOKEN.c.fingerprint == bindparam("fingerprint")))


async def insert_alert(tx: AsyncConnection, alert: Alert) -> None:
    """Write an alert down."""
    await tx.execute(
        insert(ALERT).values(
            at=int(alert.at * _MS),
            detector=alert.detector,
            signal=alert.signal,
            pace=alert.pace,
            scope=alert.scope.value,
            value=alert.value,
            confidence=alert.confidence,
            tenant_id=alert.tenant or None,
            evidence=orjson.dumps(asdict(alert.evidence)).decode(),
        )
    )


async def newest_alerts(tx: AsyncConnection, *, limit: int, tenant_id: str | None = None) -> list[dict[str, Any]]:
    """
    The newest alerts, newest first: at (ms), detector, signal, pace, scope, value, confidence, tenant_id, evidence.

    With *tenant_id* those about its own devices only.
    """
    wanted = select(*ALERT.c).order_by(ALERT.c.id.desc()).limit(limit)
    if tenant_id is not None:
        wanted = wanted.where(ALERT.c.tenant_id == tenant_id)
    rows = await tx.execute(wanted)
    return [{**{str(k): v for k, v in row._mapping.items()}, "evidence": orjson.loads(row.evidence)} for row in rows]


async def last_id(tx: AsyncConnection) -> int:
    """The id of the newest alert; 0 where there is none."""
    return (await tx.execute(select(func.max(ALERT.c.id)))).scalar_one() or 0


async def count_after(tx: AsyncConnection, last: int) -> int:
    """How many alerts came after the one with the id *last*."""
    return (await tx.execute(select(func.count()).where(ALERT.c.id > last))).scalar_one()


async def after(tx: AsyncConnection, last: int, *, limit: int) -> list[dict[str, Any]]:
    """The alerts that came after the one with the id *last*, the oldest first."""
    rows = await tx.execute(select(*ALERT.c).where(ALERT.c.id > last).order_by(ALERT.c.id).limit(limit))
    return [{**{str(k): v for k, v in row._mapping.items()}, "evidence": orjson.loads(row.evidence)} for row in rows]


async def forget_old(tx: AsyncConnection, *, before_ms: int) -> None:
    """Remove alerts older than *before_ms*."""
    await tx.execute(delete(ALERT).where(ALERT.c.at < before_ms))
