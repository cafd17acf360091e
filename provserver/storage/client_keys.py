"""Which device a public key belongs to: the first that showed it."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.storage.hot import Statement
from provserver.storage.sqlite import upsert
from provserver.storage.tables import CLIENT_KEY

FIND_KEY = Statement(select(CLIENT_KEY.c.mac).where(CLIENT_KEY.c.key == bindparam("key")))
ADD_KEY = Statement(
    upsert(CLIENT_KEY)
    .values(key=bindparam("key"), mac=bindparam("mac"), seen_at=bindparam("at"))
    .on_conflict_do_nothing()
)


async def forget_keys(tx: AsyncConnection, mac: str) -> None:
    """Forget the keys of a removed device: whoever has it now starts anew."""
    await tx.execute(delete(CLIENT_KEY).where(CLIENT_KEY.c.mac == mac))
