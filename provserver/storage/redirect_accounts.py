"""Accounts at redirection services in the store; their secrets are credentials like all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.registration import RedirectAccount
from provserver.storage.redirect_tables import REDIRECT_ACCOUNT, REGISTRATION

_COLUMNS = tuple(column for column in REDIRECT_ACCOUNT.c if column.name != "created_at")


async def insert_account(tx: AsyncConnection, account: RedirectAccount) -> None:
    """Add an account; the tenant has none yet for this maker (looked up in the same transaction)."""
    await tx.execute(insert(REDIRECT_ACCOUNT).values(**_row(account), created_at=account.updated_at))


async def update_account(tx: AsyncConnection, account: RedirectAccount) -> None:
    """Write an account as it is now."""
    await tx.execute(update(REDIRECT_ACCOUNT).where(REDIRECT_ACCOUNT.c.id == account.id).values(_row(account)))


async def set_health(
    tx: AsyncConnection, account_id: str, *, failures: int, paused_until: int, problem: str | None
) -> None:
    """Write how the service is, and nothing else."""
    await tx.execute(
        update(REDIRECT_ACCOUNT)
        .where(REDIRECT_ACCOUNT.c.id == account_id)
        .values(failures=failures, paused_until=paused_until, problem=problem)
    )


async def delete_account(tx: AsyncConnection, account_id: str) -> None:
    """Remove an account, with what is known of its registrations."""
    await tx.execute(delete(REGISTRATION).where(REGISTRATION.c.account_id == account_id))
    await tx.execute(delete(REDIRECT_ACCOUNT).where(REDIRECT_ACCOUNT.c.id == account_id))


async def all_accounts(tx: AsyncConnection) -> list[RedirectAccount]:
    """Every account, the oldest first."""
    rows = await tx.execute(select(*_COLUMNS).order_by(REDIRECT_ACCOUNT.c.id))
    return [_account(dict(row._mapping)) for row in rows]


async def get_account(tx: AsyncConnection, account_id: str) -> RedirectAccount | None:
    """The account with this id."""
    row = (await tx.execute(select(*_COLUMNS).where(REDIRECT_ACCOUNT.c.id == account_id))).one_or_none()
    return _account(dict(row._mapping)) if row else None


def _row(account: RedirectAccount) -> dict[str, Any]:
    row = {column.name: getattr(account, column.name) for column in _COLUMNS}
    return row | {"fields": orjson.dumps(dict(account.fields), option=orjson.OPT_SORT_KEYS).decode()}


def _account(row: Mapping[str, Any]) -> RedirectAccount:
    return RedirectAccount(**{**row, "fields": orjson.loads(row["fields"])})
