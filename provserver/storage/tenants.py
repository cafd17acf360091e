"""Tenants and their sites in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.device import ReleasePolicy, Tenant
from provserver.storage.tables import SITE, TENANT

_COLUMNS = (
    TENANT.c.id,
    TENANT.c.name,
    TENANT.c.policy,
    TENANT.c.window_ms,
    TENANT.c.retention_ms,
    TENANT.c.legacy_tls,
    TENANT.c.fixed_networks,
    TENANT.c.quota,
)


async def insert_tenant(tx: AsyncConnection, tenant: Tenant, *, at_ms: int) -> None:
    """Add a tenant; its name is not in use (looked up in the same transaction)."""
    await tx.execute(
        insert(TENANT).values(
            id=tenant.id,
            name=tenant.name,
            policy=tenant.policy.value,
            window_ms=tenant.window_ms,
            retention_ms=tenant.retention_ms,
            legacy_tls=tenant.legacy_tls,
            fixed_networks=tenant.fixed_networks,
            quota=tenant.quota,
            created_at=at_ms,
        )
    )


async def update_tenant(tx: AsyncConnection, tenant: Tenant) -> None:
    """Write what a tenant has decided: policy, periods, old TLS, networks, quota."""
    await tx.execute(
        update(TENANT)
        .where(TENANT.c.id == tenant.id)
        .values(
            policy=tenant.policy.value,
            window_ms=tenant.window_ms,
            retention_ms=tenant.retention_ms,
            legacy_tls=tenant.legacy_tls,
            fixed_networks=tenant.fixed_networks,
            quota=tenant.quota,
        )
    )


async def find_tenant(tx: AsyncConnection, name: str) -> Tenant | None:
    """The tenant called *name*."""
    row = (await tx.execute(select(*_COLUMNS).where(TENANT.c.name == name))).one_or_none()
    return _tenant(dict(row._mapping)) if row else None


async def get_tenant(tx: AsyncConnection, tenant_id: str) -> Tenant:
    """The tenant with this id, which exists: devices hold a reference to it."""
    row = (await tx.execute(select(*_COLUMNS).where(TENANT.c.id == tenant_id))).one()
    return _tenant(dict(row._mapping))


async def all_tenants(tx: AsyncConnection) -> list[Tenant]:
    """Every tenant, by name."""
    return [_tenant(dict(row._mapping)) for row in await tx.execute(select(*_COLUMNS).order_by(TENANT.c.name))]


async def site_ids(tx: AsyncConnection, tenant_id: str) -> dict[str, str]:
    """The sites of a tenant: name → id."""
    rows = await tx.execute(select(SITE.c.name, SITE.c.id).where(SITE.c.tenant_id == tenant_id))
    return {row.name: row.id for row in rows}


async def site_name(tx: AsyncConnection, site_id: str | None) -> str | None:
    """What a site is called."""
    if site_id is None:
        return None
    return (await tx.execute(select(SITE.c.name).where(SITE.c.id == site_id))).scalar_one_or_none()


async def insert_site(tx: AsyncConnection, *, site_id: str, tenant_id: str, name: str) -> None:
    """Add a site."""
    await tx.execute(insert(SITE).values(id=site_id, tenant_id=tenant_id, name=name))


def _tenant(row: Mapping[str, Any]) -> Tenant:
    return Tenant(
        id=row["id"],
        name=row["name"],
        policy=ReleasePolicy(row["policy"]),
        window_ms=row["window_ms"],
        retention_ms=row["retention_ms"],
        legacy_tls=bool(row["legacy_tls"]),
        fixed_networks=bool(row["fixed_networks"]),
        quota=row["quota"],
    )
