"""
Firmware and its kin: `Assets` takes files in, lists and removes them. Which device gets which version: `pins`.

A file comes with its checksum, and is kept only if that is right. What it holds is on the disk before its row is there;
both happen while nobody else writes, so that a removal at the same moment cannot take the content away again.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog

from provserver.domain.assets import Asset, AssetKind, Bundle, check_file_name, read_sha256
from provserver.domain.device import Tenant
from provserver.errors import Conflict, InvalidValue, NotFound
from provserver.identify import Catalogue
from provserver.services.context import Context
from provserver.services.filestore.asset_files import AssetFiles, Received
from provserver.storage import assets
from provserver.storage.database import Transaction
from provserver.storage.tables import new_id

_FOLDER_BYTES = 18  # 144 bits, as many as a URL token has: the folder's name is what keeps a tenant's files its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What may be kept: one file, all files of one tenant, all together."""

    file_bytes: int
    tenant_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a person calls a bundle by. *tenant* None: it is for everybody."""

    vendor: str
    kind: AssetKind
    version: str
    model: str | None = None
    tenant: Tenant | None = None


class Assets:
    """Keeps assets."""

    def __init__(self, *, context: Context, catalogue: Catalogue, quota: Quota) -> None:
        self._context = context
        self._catalogue = catalogue
        self._quota = quota
        self.files = AssetFiles(context.storage.directory)

    async def add(self, source: Path, wanted: Version, *, sha256: str, name: str | None = None) -> Asset:
        """
        Keep the file *source*, called *name* (default: as it is called), if its SHA-256 is *sha256*.

        Raises InvalidValue for a wrong checksum or name, and for more than there is room for; Conflict when the version
        has a file of this name already. Then nothing is kept.
        """
        name = check_file_name(source.name if name is None else name)
        expected = read_sha256(sha256)
        bundle = self.bundle_of(wanted)
        received = await asyncio.to_thread(self.files.receive, source, limit_bytes=self._quota.file_bytes)
        try:
            if received.sha256 != expected:  # fail closed: a firmware that is not the maker's could be anybody's
                raise InvalidValue("sha256", f"the file's is {received.sha256}")
            return await self._keep(received, bundle, name)
        finally:
            await asyncio.to_thread(self.files.discard, received)

    async def list(self, *, vendor: str | None = None, tenant: Tenant | None = None) -> list[Asset]:
        """All files, or those of a maker, or those that *tenant* may use."""
        async with self._context.storage.read() as tx:
            return await assets.all_assets(tx, vendor=vendor, tenant_id=tenant.id if tenant else None)

    async def remove(self, asset_id: str) -> Asset:
        """Remove one file. Raises NotFound; Conflict when devices are pinned to its version."""
        async with self._context.storage.transaction() as tx:
            asset = await assets.find_asset(tx, asset_id)
            if asset is None:
                raise NotFound("asset", asset_id)
            if await assets.is_pinned(tx, asset.bundle.id):
                raise Conflict(f"version {asset.bundle.version} of {asset.bundle.vendor} is pinned for devices")
            await assets.remove_asset(tx, asset)
            await self._context.record(
                tx, "asset.removed", object_=asset.name, tenant_id=asset.bundle.tenant_id, detail=_detail(asset)
            )
        await self._remove_content(asset.sha256)
        return asset

    async def sweep(self, *, older_than_ms: int) -> None:
        """Remove content that no asset names: what a crash between writing and recording left."""
        async with self._context.storage.read() as tx:
            known = await assets.all_hashes(tx)
        strays = await asyncio.to_thread(self.files.strays, known, older_than_ms=older_than_ms)
        for sha256 in strays:
            await self._remove_content(sha256)
        if strays:
            structlog.get_logger().warning("asset.strays_removed", count=len(strays))

    def is_told(self, bundle: Bundle) -> bool:
        """Whether phones are told where it is, by a setting; they ask for everything else under names they know."""
        return bundle.kind is AssetKind.FIRMWARE and self._catalogue.vendors[bundle.vendor].supports("firmware_url")

    def bundle_of(self, wanted: Version) -> Bundle:
        """What *wanted* would be if it were new. Raises InvalidValue for a maker that there is not."""
        maker = self._catalogue.vendors.get(wanted.vendor)
        if maker is None:
            raise InvalidValue(
                "vendor", f"{wanted.vendor!r} is not one of {', '.join(sorted(self._catalogue.vendors))}"
            )
        model = maker.model(wanted.model)
        return Bundle(
            id=new_id(self._context.clock.now_ms()),
            tenant_id=wanted.tenant.id if wanted.tenant else None,
            vendor=maker.slug,
            model=model.name if model else wanted.model,
            kind=wanted.kind,
            version=wanted.version,
            folder=secrets.token_urlsafe(_FOLDER_BYTES),
        )

    async def _keep(self, received: Received, new: Bundle, name: str) -> Asset:
        async with self._context.storage.transaction() as tx:
            bundle = await assets.find_bundle(tx, new)
            if bundle is not None and await assets.asset_in(tx, bundle.id, name) is not None:
                raise Conflict(f"version {new.version} has a file {name!r} already")
            await self._check_quota(tx, new.tenant_id, received.size_bytes)
            if bundle is None:
                await assets.insert_bundle(tx, new)
            at_ms = self._context.clock.now_ms()
            asset = Asset(
                id=new_id(at_ms),
                bundle=bundle or new,
                name=name,
                sha256=received.sha256,
                size_bytes=received.size_bytes,
                added_at=at_ms,
            )
            await assets.insert_asset(tx, asset)
            await self._context.record(
                tx, "asset.added", object_=name, tenant_id=asset.bundle.tenant_id, detail=_detail(asset)
            )
            await asyncio.to_thread(self.files.place, received)
        return asset

    async def _check_quota(self, tx: Transaction, tenant_id: str | None, size_bytes: int) -> None:
        if await assets.usage(tx) + size_bytes > self._quota.total_bytes:
            raise InvalidValue("file", f"is more than the {self._quota.total_bytes} bytes there are for all assets")
        if tenant_id is not None:
            used = await assets.usage(tx, tenant_id=tenant_id)
            if used + size_bytes > self._quota.tenant_bytes:
                raise InvalidValue("file", f"is more than the {self._quota.tenant_bytes} bytes there are for a tenant")

    async def _remove_content(self, sha256: str) -> None:
        """Remove content unless a file has it, asked while nobody else writes."""
        async with self._context.storage.transaction() as tx:
            if not await assets.is_named(tx, sha256):
                await asyncio.to_thread(self.files.remove, sha256)


def _detail(asset: Asset) -> dict[str, object]:
    bundle = asset.bundle
    return {
        "vendor": bundle.vendor,
        "model": bundle.model,
        "kind": bundle.kind.value,
        "version": bundle.version,
        "sha256": asset.sha256,
        "size_bytes": asset.size_bytes,
    }
