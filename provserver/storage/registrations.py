"""The queue of registrations in the store: what is wished, who works on it, what came of it, who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.mac import MacAddress
from provserver.domain.registration import Registration, RegistrationState, RegistrationWish
from provserver.storage.redirect_tables import DISCLOSURE, REDIRECT_ACCOUNT, REGISTRATION
from provserver.storage.sqlite import upsert

_NAMES = tuple(field.name for field in fields(Registration))
_COLUMNS = tuple(REGISTRATION.c[name] for name in _NAMES)
_REPLACED = tuple(name for name in _NAMES if name not in ("id", "account_id", "mac"))
_RESULT = ("state", "attempts", "due_at", "reason", "said", "changed_at", "confirmed_at", "seen_at")
_CHUNK = 500  # parameters in one IN list; SQLite allows 32,766


async def put(tx: AsyncConnection, registrations: Sequence[Registration]) -> None:
    """
    Write wishes; one for an account and MAC that is there already takes its place.

    Whoever works on the old one loses his lease, so that what he finds out is not taken for what became of the new.
    """
    if not registrations:
        return
    statement = upsert(REGISTRATION)
    replaced: dict[str, Any] = {name: statement.excluded[name] for name in _REPLACED}
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[REGISTRATION.c.account_id, REGISTRATION.c.mac],
            set_={**replaced, "lease": None, "leased_until": 0},
        ),
        [_row(registration) for registration in registrations],
    )


async def claim(
    tx: AsyncConnection, account_id: str, *, lease: str, until_ms: int, now_ms: int, limit: int
) -> list[Registration]:
    """
    Take up to *limit* registrations that are due and that nobody works on, the longest due first.

    They are given as they were before, and are ``sent`` from now on: what a crash leaves behind may have been told.
    """
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(
            REGISTRATION.c.account_id == account_id,
            REGISTRATION.c.due_at.is_not(None),
            REGISTRATION.c.due_at <= now_ms,
            REGISTRATION.c.leased_until <= now_ms,
        )
        .order_by(REGISTRATION.c.due_at, REGISTRATION.c.id)
        .limit(limit)
    )
    claimed = [_registration(dict(row._mapping)) for row in rows]
    for start in range(0, len(claimed), _CHUNK):
        await tx.execute(
            update(REGISTRATION)
            .where(REGISTRATION.c.id.in_([one.id for one in claimed[start : start + _CHUNK]]))
            .values(lease=lease, leased_until=until_ms, state=RegistrationState.SENT)
        )
    return claimed


async def finish(tx: AsyncConnection, results: Sequence[Registration], *, lease: str) -> None:
    """Write what became of claimed ones, and let go of them. One whose wish was changed meanwhile stays as it is."""
    if not results:
        return
    values: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in _RESULT}
    await tx.execute(
        update(REGISTRATION)
        .where(REGISTRATION.c.id == bindparam("of"), REGISTRATION.c.lease == lease)
        .values(**values, lease=None, leased_until=0),
        [{"of": one.id, **{f"new_{name}": getattr(one, name) for name in _RESULT}} for one in results],
    )


async def release_leases(tx: AsyncConnection, prefix: str) -> int:
    """Let go of what somebody who is dead had taken; leases begin with *prefix*."""
    done = await tx.execute(
        update(REGISTRATION)
        .where(REGISTRATION.c.lease.startswith(prefix, autoescape=True))
        .values(lease=None, leased_until=0)
    )
    return done.rowcount


async def due_accounts(tx: AsyncConnection, *, now_ms: int) -> list[str]:
    """The accounts for which something can be done now."""
    rows = await tx.execute(
        select(REGISTRATION.c.account_id)
        .where(
            REGISTRATION.c.due_at.is_not(None),
            REGISTRATION.c.due_at <= now_ms,
            REGISTRATION.c.leased_until <= now_ms,
        )
        .distinct()
    )
    return list(rows.scalars())


async def of_macs(tx: AsyncConnection, macs: Sequence[str]) -> dict[str, list[Registration]]:
    """MAC → its registrations, at whatever account."""
    found: dict[str, list[Registration]] = {}
    for start in range(0, len(macs), _CHUNK):
        chunk = list(macs[start : start + _CHUNK])
        rows = await tx.execute(select(*_COLUMNS).where(REGISTRATION.c.mac.in_(chunk)).order_by(REGISTRATION.c.id))
        for row in rows:
            found.setdefault(row.mac, []).append(_registration(dict(row._mapping)))
    return found


async def of_account(tx: AsyncConnection, account_id: str, *, after: str, limit: int) -> list[Registration]:
    """Registrations of an account by MAC, from *after* on."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(REGISTRATION.c.account_id == account_id, REGISTRATION.c.mac > after)
        .order_by(REGISTRATION.c.mac)
        .limit(limit)
    )
    return [_registration(dict(row._mapping)) for row in rows]


async def failed(tx: AsyncConnection, *, tenant_id: str | None, limit: int) -> list[Registration]:
    """Those that failed, newest first; with *tenant_id*, that tenant's only."""
    query = select(*_COLUMNS).where(REGISTRATION.c.state == RegistrationState.FAILED)
    if tenant_id is not None:
        query = query.where(REGISTRATION.c.tenant_id == tenant_id)
    rows = await tx.execute(query.order_by(REGISTRATION.c.changed_at.desc(), REGISTRATION.c.id).limit(limit))
    return [_registration(dict(row._mapping)) for row in rows]


async def counts(tx: AsyncConnection, *, tenant_id: str | None = None) -> dict[tuple[str, str], int]:
    """(account, state) → how many."""
    query = select(REGISTRATION.c.account_id, REGISTRATION.c.state, func.count())
    if tenant_id is not None:
        query = query.where(REGISTRATION.c.tenant_id == tenant_id)
    rows = await tx.execute(query.group_by(REGISTRATION.c.account_id, REGISTRATION.c.state))
    return {(account_id, state): count for account_id, state, count in rows}


async def count_open(tx: AsyncConnection, account_ids: Sequence[str], *, tenant_id: str | None = None) -> int:
    """How many of these accounts still have something to be done."""
    query = select(func.count()).where(
        REGISTRATION.c.account_id.in_(list(account_ids)), REGISTRATION.c.due_at.is_not(None)
    )
    if tenant_id is not None:
        query = query.where(REGISTRATION.c.tenant_id == tenant_id)
    return int((await tx.execute(query)).scalar_one())


async def conflicts(tx: AsyncConnection, tenant_id: str, *, reason: str, since_ms: int) -> int:
    """How many of a tenant's registrations have failed for *reason* since then."""
    query = select(func.count()).where(
        REGISTRATION.c.tenant_id == tenant_id,
        REGISTRATION.c.state == RegistrationState.FAILED,
        REGISTRATION.c.reason == reason,
        REGISTRATION.c.changed_at >= since_ms,
    )
    return int((await tx.execute(query)).scalar_one())


async def refused_after(
    tx: AsyncConnection, after_ms: int, after_id: str, *, reason: str, limit: int
) -> list[tuple[Registration, str]]:
    """Those that have failed for *reason* after then (time, and id at the same time), the oldest first, and where."""
    later = or_(
        REGISTRATION.c.changed_at > after_ms,
        and_(REGISTRATION.c.changed_at == after_ms, REGISTRATION.c.id > after_id),
    )
    rows = await tx.execute(
        select(*_COLUMNS, REDIRECT_ACCOUNT.c.service)
        .join(REDIRECT_ACCOUNT, REDIRECT_ACCOUNT.c.id == REGISTRATION.c.account_id)
        .where(REGISTRATION.c.state == RegistrationState.FAILED, REGISTRATION.c.reason == reason, later)
        .order_by(REGISTRATION.c.changed_at, REGISTRATION.c.id)
        .limit(limit)
    )
    found = []
    for row in rows:
        values = dict(row._mapping)
        service = values.pop("service")
        found.append((_registration(values), service))
    return found


async def mark_seen(tx: AsyncConnection, device_ids: Sequence[str], *, at_ms: int) -> int:
    """Their phones have come. Only what is confirmed can be seen; returns how many were."""
    count = 0
    for start in range(0, len(device_ids), _CHUNK):
        done = await tx.execute(
            update(REGISTRATION)
            .where(
                REGISTRATION.c.device_id.in_(list(device_ids[start : start + _CHUNK])),
                REGISTRATION.c.state == RegistrationState.CONFIRMED,
            )
            .values(state=RegistrationState.SEEN, seen_at=at_ms)
        )
        count += done.rowcount
    return count


async def forget_old(tx: AsyncConnection, *, before_ms: int) -> None:
    """Remove what was withdrawn before then, and disclosures from before then."""
    gone = and_(REGISTRATION.c.state == RegistrationState.WITHDRAWN, REGISTRATION.c.changed_at < before_ms)
    await tx.execute(delete(REGISTRATION).where(gone, REGISTRATION.c.due_at.is_(None)))
    await tx.execute(delete(DISCLOSURE).where(DISCLOSURE.c.at < before_ms))


async def disclose(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down who is told what: at, tenant_id, device_id, mac, recipient, what, why."""
    if rows:
        await tx.execute(insert(DISCLOSURE), [dict(row) for row in rows])


async def disclosures_of(tx: AsyncConnection, device_id: str, *, limit: int) -> list[dict[str, Any]]:
    """Who was told what about a device, newest first."""
    rows = await tx.execute(
        select(DISCLOSURE.c.at, DISCLOSURE.c.recipient, DISCLOSURE.c.what, DISCLOSURE.c.why)
        .where(DISCLOSURE.c.device_id == device_id)
        .order_by(DISCLOSURE.c.id.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in rows]


def _row(registration: Registration) -> dict[str, Any]:
    return {name: getattr(registration, name) for name in _NAMES} | {"mac": registration.mac.value}


def _registration(row: Mapping[str, Any]) -> Registration:
    return Registration(
        **{
            **row,
            "mac": MacAddress(row["mac"]),
            "wish": RegistrationWish(row["wish"]),
            "state": RegistrationState(row["state"]),
        }
    )
