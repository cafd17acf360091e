"""Sealed credentials and their clocks in the store, for people's side and for deletion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.device import Credential
from provserver.domain.resolve import PREVIOUS_LOGIN_PASSWORD
from provserver.domain.sealed import Sealed
from provserver.storage.tables import CREDENTIAL

COLUMNS = tuple(CREDENTIAL.c)
_CHUNK = 500


async def insert_credentials(tx: AsyncConnection, credentials: Sequence[Credential]) -> None:
    """Add sealed credentials. There is none yet of the same owner and field (removed in the same transaction)."""
    if credentials:
        await tx.execute(insert(CREDENTIAL), [_row(credential) for credential in credentials])


async def credentials_of(tx: AsyncConnection, owners: Sequence[str]) -> list[Credential]:
    """All credentials of *owners*, deleted ones too."""
    found: list[Credential] = []
    for start in range(0, len(owners), _CHUNK):
        chunk = list(owners[start : start + _CHUNK])
        rows = await tx.execute(
            select(*COLUMNS).where(CREDENTIAL.c.owner.in_(chunk)).order_by(CREDENTIAL.c.owner, CREDENTIAL.c.field)
        )
        found += [credential_of(dict(row._mapping)) for row in rows]
    return found


async def remove_credentials(tx: AsyncConnection, ids: Sequence[str]) -> None:
    """Remove rows whose data keys are destroyed already, or which a new version replaces."""
    for start in range(0, len(ids), _CHUNK):
        await tx.execute(delete(CREDENTIAL).where(CREDENTIAL.c.id.in_(list(ids[start : start + _CHUNK]))))


async def keep_as_previous(tx: AsyncConnection, credential_id: str, *, until_ms: int) -> None:
    """Let a login password that is being replaced be accepted until then; there is no other previous one."""
    await tx.execute(
        update(CREDENTIAL)
        .where(CREDENTIAL.c.id == credential_id)
        .values(field=PREVIOUS_LOGIN_PASSWORD, delete_after=until_ms, released_at=None, release_id=None)
    )


async def due_credentials(tx: AsyncConnection, *, now_ms: int, limit: int) -> list[Credential]:
    """Credentials whose time is up or whose deletion was begun and not finished, oldest first."""
    due = and_(CREDENTIAL.c.delete_after.is_not(None), CREDENTIAL.c.delete_after <= now_ms)
    rows = await tx.execute(
        select(*COLUMNS)
        .where(CREDENTIAL.c.deleted_at.is_(None), or_(due, CREDENTIAL.c.expiring_at.is_not(None)))
        .order_by(CREDENTIAL.c.delete_after)
        .limit(limit)
    )
    return [credential_of(dict(row._mapping)) for row in rows]


async def next_due(tx: AsyncConnection, *, now_ms: int) -> Credential | None:
    """The credential whose time is up next."""
    rows = await tx.execute(
        select(*COLUMNS)
        .where(CREDENTIAL.c.deleted_at.is_(None), CREDENTIAL.c.delete_after > now_ms)
        .order_by(CREDENTIAL.c.delete_after)
        .limit(1)
    )
    row = rows.one_or_none()
    return credential_of(dict(row._mapping)) if row else None


async def held_after(tx: AsyncConnection, after: str, *, limit: int) -> list[Credential]:
    """Credentials that can be opened, in the order of their ids, from *after* on."""
    rows = await tx.execute(
        select(*COLUMNS)
        .where(CREDENTIAL.c.id > after, CREDENTIAL.c.key_id.is_not(None), CREDENTIAL.c.expiring_at.is_(None))
        .order_by(CREDENTIAL.c.id)
        .limit(limit)
    )
    return [credential_of(dict(row._mapping)) for row in rows]


async def sealed_credentials(tx: AsyncConnection, *, limit: int) -> list[Credential]:
    """Credentials that are still there under a data key, those whose deletion has begun as well."""
    rows = await tx.execute(select(*COLUMNS).where(CREDENTIAL.c.key_id.is_not(None)).limit(limit))
    return [credential_of(dict(row._mapping)) for row in rows]


async def presume_delivered(tx: AsyncConnection, *, released_before_ms: int, retention_ms: Mapping[str, int]) -> int:
    """
    Start the clock of credentials that were released and never reported as delivered or broken off.

    That is what a crash between sending and recording leaves behind. Counted from the release, which is before the
    password went out: rather too early than never. *retention_ms* by tenant id. Returns how many.
    """
    stale = and_(
        CREDENTIAL.c.released_at.is_not(None),
        CREDENTIAL.c.first_delivered_at.is_(None),
        CREDENTIAL.c.released_at <= released_before_ms,
    )
    count = 0
    tenants = (await tx.execute(select(CREDENTIAL.c.tenant_id).where(stale).distinct())).scalars().all()
    for tenant_id in tenants:
        result = await tx.execute(
            update(CREDENTIAL)
            .where(stale, CREDENTIAL.c.tenant_id == tenant_id)
            .values(
                first_delivered_at=CREDENTIAL.c.released_at,
                delete_after=CREDENTIAL.c.released_at + retention_ms[tenant_id],
            )
        )
        count += result.rowcount
    return count


async def mark_expiring(tx: AsyncConnection, ids: Sequence[str], *, at_ms: int) -> None:
    """Step 1 of deletion: from now on nobody opens them."""
    for start in range(0, len(ids), _CHUNK):
        await tx.execute(
            update(CREDENTIAL)
            .where(CREDENTIAL.c.id.in_(list(ids[start : start + _CHUNK])), CREDENTIAL.c.expiring_at.is_(None))
            .values(expiring_at=at_ms)
        )


async def mark_deleted(tx: AsyncConnection, ids: Sequence[str], *, at_ms: int) -> set[str]:
    """
    Step 3 of deletion, after the data keys are destroyed: the ciphertext goes, the dates stay.

    Gives the ids of those that were not deleted yet: what another process has deleted in the meantime is its deed.
    """
    done = set[str]()
    for start in range(0, len(ids), _CHUNK):
        rows = await tx.execute(
            update(CREDENTIAL)
            .where(CREDENTIAL.c.id.in_(list(ids[start : start + _CHUNK])), CREDENTIAL.c.deleted_at.is_(None))
            .values(key_id=None, alg=None, nonce=None, ciphertext=None, deleted_at=at_ms)
            .returning(CREDENTIAL.c.id)
        )
        done.update(rows.scalars())
    return done


async def needed_keys(tx: AsyncConnection, key_ids: Sequence[str]) -> set[str]:
    """Those of *key_ids* that some credential still needs."""
    rows = await tx.execute(select(CREDENTIAL.c.key_id).where(CREDENTIAL.c.key_id.in_(list(key_ids))))
    return set(rows.scalars())


async def summary(tx: AsyncConnection, *, now_ms: int) -> dict[str, int]:
    """How many are held, running, overdue, deleted; and how overdue the oldest is (ms)."""
    held = CREDENTIAL.c.key_id.is_not(None)
    running = and_(held, CREDENTIAL.c.delete_after.is_not(None))
    overdue = and_(held, CREDENTIAL.c.delete_after < now_ms)
    row = (
        await tx.execute(
            select(
                func.count().filter(held).label("held"),
                func.count().filter(running).label("running"),
                func.count().filter(overdue).label("overdue"),
                func.count().filter(CREDENTIAL.c.deleted_at.is_not(None)).label("deleted"),
                func.coalesce(now_ms - func.min(CREDENTIAL.c.delete_after).filter(overdue), 0).label("oldest_ms"),
            ).select_from(CREDENTIAL)
        )
    ).one()
    return {name: int(value) for name, value in row._mapping.items()}


async def newest_moment(tx: AsyncConnection) -> int:
    """The latest time written beside any credential: the floor of steady time after a restart."""
    values = (
        await tx.execute(
            select(
                func.max(CREDENTIAL.c.created_at),
                func.max(CREDENTIAL.c.released_at),
                func.max(CREDENTIAL.c.first_delivered_at),
            )
        )
    ).one()
    return max((value for value in values if value is not None), default=0)


def credential_of(row: Mapping[str, Any]) -> Credential:
    """A row of `COLUMNS` as a Credential."""
    sealed = (
        Sealed(key_id=row["key_id"], alg=row["alg"], nonce=row["nonce"], ciphertext=row["ciphertext"])
        if row["key_id"] is not None
        else None
    )
    return Credential(
        id=row["id"],
        tenant_id=row["tenant_id"],
        owner=row["owner"],
        field=row["field"],
        sealed=sealed,
        created_at=row["created_at"],
        released_at=row["released_at"],
        first_delivered_at=row["first_delivered_at"],
        delete_after=row["delete_after"],
        expiring_at=row["expiring_at"],
        deleted_at=row["deleted_at"],
    )


def _row(credential: Credential) -> dict[str, Any]:
    sealed = credential.sealed
    return {
        "id": credential.id,
        "tenant_id": credential.tenant_id,
        "owner": credential.owner,
        "field": credential.field,
        "key_id": sealed.key_id if sealed else None,
        "alg": sealed.alg if sealed else None,
        "nonce": sealed.nonce if sealed else None,
        "ciphertext": sealed.ciphertext if sealed else None,
        "created_at": credential.created_at,
        "released_at": credential.released_at,
        "first_delivered_at": credential.first_delivered_at,
        "delete_after": credential.delete_after,
        "expiring_at": credential.expiring_at,
        "deleted_at": credential.deleted_at,
    }
