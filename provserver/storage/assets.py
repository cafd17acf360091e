"""Bundles, the files in them, and pins, as rows. What a file holds lies on the disk, under its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.domain.assets import Asset, AssetKind, Bundle, Choice, Pin
from provserver.storage.tables import ASSET, BUNDLE, PIN

_ASSET = select(
    ASSET.c.id, ASSET.c.name, ASSET.c.sha256, ASSET.c.size_bytes, ASSET.c.added_at,
    *(column.label(f"bundle_{column.name}") for column in BUNDLE.c),
).join(BUNDLE, BUNDLE.c.id == ASSET.c.bundle_id)  # fmt: skip
_BY_PATH = _ASSET.where(BUNDLE.c.folder == bindparam("folder"), ASSET.c.name_key == bindparam("name_key"))
_BY_BUNDLE = _ASSET.where(BUNDLE.c.id == bindparam("bundle"), ASSET.c.name_key == bindparam("name_key"))


async def find_bundle(tx: AsyncConnection, bundle: Bundle) -> Bundle | None:
    """The bundle there is for the same tenant, maker, model, kind and version as *bundle*; models as they are spelt."""
    rows = await tx.execute(
        select(*BUNDLE.c).where(
            BUNDLE.c.tenant_id.is_not_distinct_from(bundle.tenant_id),
            BUNDLE.c.vendor == bundle.vendor,
            BUNDLE.c.model.is_not_distinct_from(bundle.model),
            BUNDLE.c.kind == bundle.kind,
            BUNDLE.c.version == bundle.version,
        )
    )
    row = rows.one_or_none()
    return _bundle(row._mapping) if row else None


async def insert_bundle(tx: AsyncConnection, bundle: Bundle) -> None:
    """Add a bundle."""
    await tx.execute(insert(BUNDLE).values(asdict(bundle)))


async def insert_asset(tx: AsyncConnection, asset: Asset) -> None:
    """Add a file to its bundle."""
    await tx.execute(
        insert(ASSET).values(
            id=asset.id,
            bundle_id=asset.bundle.id,
            name=asset.name,
            name_key=asset.name.lower(),
            sha256=asset.sha256,
            size_bytes=asset.size_bytes,
            added_at=asset.added_at,
        )
    )


async def asset_at(tx: AsyncConnection, folder: str, name: str) -> Asset | None:
    """The file called *name*, in any case, in the bundle whose folder this is; one look-up, found or not."""
    row = (await tx.execute(_BY_PATH, {"folder": folder, "name_key": name.lower()})).one_or_none()
    return _asset(row) if row else None


async def asset_in(tx: AsyncConnection, bundle_id: str, name: str) -> Asset | None:
    """The file called *name*, in any case, in a bundle."""
    row = (await tx.execute(_BY_BUNDLE, {"bundle": bundle_id, "name_key": name.lower()})).one_or_none()
    return _asset(row) if row else None


async def find_asset(tx: AsyncConnection, asset_id: str) -> Asset | None:
    """The file with this id."""
    row = (await tx.execute(_ASSET.where(ASSET.c.id == asset_id))).one_or_none()
    return _asset(row) if row else None


async def all_assets(
    tx: AsyncConnection, *, vendor: str | None = None, tenant_id: str | None = None, shared: bool = True
) -> list[Asset]:
    """All files, or those of a maker, or of a *tenant_id* with (or without) what all tenants share."""
    query = _ASSET
    if vendor is not None:
        query = query.where(BUNDLE.c.vendor == vendor)
    if tenant_id is not None:
        own = BUNDLE.c.tenant_id == tenant_id
        query = query.where(or_(own, BUNDLE.c.tenant_id.is_(None)) if shared else own)
    order = (BUNDLE.c.vendor, BUNDLE.c.kind, BUNDLE.c.model, BUNDLE.c.version, ASSET.c.name, ASSET.c.id)
    return [_asset(row) for row in await tx.execute(query.order_by(*order))]


async def files_of(tx: AsyncConnection, bundle_id: str) -> list[str]:
    """The names of the files in a bundle."""
    rows = await tx.execute(select(ASSET.c.name).where(ASSET.c.bundle_id == bundle_id).order_by(ASSET.c.name))
    return list(rows.scalars())


async def usage(tx: AsyncConnection, *, tenant_id: str | None = None) -> int:
    """Bytes that all files take, or those of one tenant; what two bundles share counts for both."""
    query = select(func.coalesce(func.sum(ASSET.c.size_bytes), 0)).join(BUNDLE, BUNDLE.c.id == ASSET.c.bundle_id)
    if tenant_id is not None:
        query = query.where(BUNDLE.c.tenant_id == tenant_id)
    return int((await tx.execute(query)).scalar_one())


async def remove_asset(tx: AsyncConnection, asset: Asset) -> None:
    """Remove a file, and its bundle when it was the last one. Nothing may be pinned to it then."""
    await tx.execute(delete(ASSET).where(ASSET.c.id == asset.id))
    await tx.execute(
        delete(BUNDLE).where(
            BUNDLE.c.id == asset.bundle.id, ~exists(select(ASSET.c.id).where(ASSET.c.bundle_id == asset.bundle.id))
        )
    )


async def is_named(tx: AsyncConnection, sha256: str) -> bool:
    """Whether some file has this content."""
    return (await tx.execute(select(ASSET.c.id).where(ASSET.c.sha256 == sha256).limit(1))).first() is not None


async def all_hashes(tx: AsyncConnection) -> set[str]:
    """The contents that some file has."""
    return set((await tx.execute(select(ASSET.c.sha256).distinct())).scalars())


async def put_pin(tx: AsyncConnection, pin: Pin, *, at_ms: int) -> None:
    """Pin, in place of what was pinned in the same slot."""
    await remove_pin(tx, pin)
    owner, vendor, model, kind = pin.slot
    await tx.execute(
        insert(PIN).values(
            owner=owner,
            vendor=vendor,
            model_key=model,
            kind=kind,
            bundle_id=pin.choice.bundle.id,
            file=pin.choice.file,
            percent=pin.percent,
            before_id=pin.before.bundle.id if pin.before else None,
            before_file=pin.before.file if pin.before else None,
            pinned_at=at_ms,
        )
    )


async def remove_pin(tx: AsyncConnection, pin: Pin) -> None:
    """Remove what is pinned in the slot of *pin*."""
    owner, vendor, model, kind = pin.slot
    await tx.execute(
        delete(PIN).where(PIN.c.owner == owner, PIN.c.vendor == vendor, PIN.c.model_key == model, PIN.c.kind == kind)
    )


async def pins_of(tx: AsyncConnection, owners: Sequence[str] | None = None) -> list[Pin]:
    """The pins of *owners*, or all."""
    query = select(*PIN.c).order_by(PIN.c.owner, PIN.c.vendor, PIN.c.model_key, PIN.c.kind)
    if owners is not None:
        query = query.where(PIN.c.owner.in_(list(owners)))
    rows = (await tx.execute(query)).all()
    named = {row.bundle_id for row in rows} | {row.before_id for row in rows if row.before_id}
    if not named:
        return []
    found = await tx.execute(select(*BUNDLE.c).where(BUNDLE.c.id.in_(named)))
    bundles = {row.id: _bundle(row._mapping) for row in found}
    return [_pin(row, bundles) for row in rows]


async def any_device_pins(tx: AsyncConnection) -> bool:
    """Whether anything is pinned for a single device: hardly ever, and then nobody has to look for it."""
    row = await tx.execute(select(PIN.c.owner).where(PIN.c.owner >= "device:", PIN.c.owner < "device;").limit(1))
    return row.first() is not None


async def is_pinned(tx: AsyncConnection, bundle_id: str) -> bool:
    """Whether a pin names the bundle."""
    query = select(PIN.c.owner).where(or_(PIN.c.bundle_id == bundle_id, PIN.c.before_id == bundle_id)).limit(1)
    return (await tx.execute(query)).first() is not None


def _pin(row: Row[Any], bundles: Mapping[str, Bundle]) -> Pin:
    return Pin(
        owner=row.owner,
        choice=Choice(bundle=bundles[row.bundle_id], file=row.file),
        percent=row.percent,
        before=Choice(bundle=bundles[row.before_id], file=row.before_file) if row.before_id else None,
    )


def _asset(row: Row[Any]) -> Asset:
    values = row._mapping
    return Asset(
        id=values["id"],
        bundle=_bundle({name.removeprefix("bundle_"): values[name] for name in values if name.startswith("bundle_")}),
        name=values["name"],
        sha256=values["sha256"],
        size_bytes=values["size_bytes"],
        added_at=values["added_at"],
    )


def _bundle(values: Mapping[Any, Any]) -> Bundle:
    return Bundle(
        id=values["id"],
        tenant_id=values["tenant_id"],
        vendor=values["vendor"],
        model=values["model"],
        kind=AssetKind(values["kind"]),
        version=values["version"],
        folder=values["folder"],
    )
