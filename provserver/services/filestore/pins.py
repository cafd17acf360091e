"""
Which version of an asset devices get: `Pins`, for everybody, a tenant, a site, a model of a tenant, or one device.

What is pinned is inherited like a setting. A version can be rolled out step by step: those who are not in yet keep what
was pinned in the same place before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from provserver.domain.assets import AssetKind, Choice, Pin
from provserver.domain.device import Scope, Tenant, device_owner, model_owner
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue, NotFound
from provserver.services.context import Context
from provserver.services.filestore.assets import Assets, Version
from provserver.storage import assets, changes, devices, tenants
from provserver.storage.database import Transaction

_ALL = 100  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    Whom something is pinned for: one *device*, a *model* or a *site* of *tenant*, the tenant, or (nothing given) all.

    *model* is for versions that are for all models of a maker; one that is for a model is for its devices only anyway.
    """

    tenant: Tenant | None = None
    site: str | None = None
    model: str | None = None
    device: MacAddress | None = None

    def __post_init__(self) -> None:
        if (self.site is not None or self.model is not None) and self.tenant is None:
            raise InvalidValue("tenant", "is needed to say whose site or model it is")
        if sum(narrow is not None for narrow in (self.site, self.model, self.device)) > 1:
            raise InvalidValue("target", "site, model and device exclude each other")


class Pins:
    """Pins versions."""

    def __init__(self, *, context: Context, assets_service: Assets) -> None:
        self._context = context
        self._assets = assets_service

    async def pin(self, wanted: Version, target: Target, *, percent: int = _ALL, file: str | None = None) -> Pin:
        """
        Pin a version for *target*, in place of what is pinned there for the same maker, model and kind.

        *file* is the one that phones are told of: needed for a firmware of several files. A *percent* below 100 leaves
        the rest of the devices what they had; pinning the same version again changes the percentage. Raises NotFound
        for a version there is not, InvalidValue for one that *target* may not have.
        """
        async with self._context.storage.transaction() as tx:
            bundle = await assets.find_bundle(tx, self._assets.bundle_of(wanted))
            if bundle is None:
                raise NotFound(f"{wanted.kind} of {wanted.vendor}, version", wanted.version)
            owner, tenant_id = await self._owner(tx, target, wanted.vendor)
            if bundle.tenant_id not in (None, tenant_id):
                raise InvalidValue("version", "belongs to one tenant, and is for that one's devices only")
            files = await assets.files_of(tx, bundle.id)
            choice = Choice(bundle=bundle, file=_told(file, files, needed=self._assets.is_told(bundle)))
            pin = Pin(owner=owner, choice=choice, percent=percent)
            old = next((old for old in await assets.pins_of(tx, [owner]) if old.slot == pin.slot), None)
            if percent < _ALL:
                pin = replace(pin, before=_before(old, choice))
            await assets.put_pin(tx, pin, at_ms=self._context.clock.now_ms())
            await self._record(tx, "asset.pinned", pin, tenant_id)
        self._context.settled((changes.EVERYTHING,))
        return pin

    async def unpin(self, vendor: str, kind: AssetKind, target: Target, *, model: str | None = None) -> Pin:
        """Take away what is pinned for *target*; *model*: what is for that model only. Raises NotFound."""
        wanted = self._assets.bundle_of(Version(vendor=vendor, kind=kind, version="0", model=model))
        async with self._context.storage.transaction() as tx:
            owner, tenant_id = await self._owner(tx, target, vendor)
            slot = Pin(owner=owner, choice=Choice(bundle=wanted)).slot
            old = next((old for old in await assets.pins_of(tx, [owner]) if old.slot == slot), None)
            if old is None:
                raise NotFound("pin for", f"{kind} of {vendor}{f' {model}' if model else ''}")
            await assets.remove_pin(tx, old)
            await self._record(tx, "asset.unpinned", old, tenant_id)
        self._context.settled((changes.EVERYTHING,))
        return old

    async def list(self) -> list[tuple[Pin, str]]:
        """All pins, each with the words for whom it is."""
        async with self._context.storage.read() as tx:
            names = {tenant.id: tenant.name for tenant in await tenants.all_tenants(tx)}
            return [(pin, await _words(tx, pin.owner, names)) for pin in await assets.pins_of(tx)]

    async def _owner(self, tx: Transaction, target: Target, vendor: str) -> tuple[str, str | None]:
        """The owner of what is pinned for *target*, and the tenant that it belongs to."""
        if target.device is not None:
            device = await devices.find_device(tx, target.device, tenant_id=target.tenant.id if target.tenant else None)
            if device is None:
                raise NotFound("device", target.device.colons)
            return device_owner(device.id), device.tenant_id
        if target.tenant is None:
            return f"{Scope.GLOBAL}:", None
        if target.model is not None:
            found = self._assets.bundle_of(
                Version(vendor=vendor, kind=AssetKind.FIRMWARE, version="0", model=target.model)
            ).model
            return model_owner(target.tenant.id, vendor, found or target.model), target.tenant.id
        if target.site is None:
            return f"{Scope.TENANT}:{target.tenant.id}", target.tenant.id
        site_id = (await tenants.site_ids(tx, target.tenant.id)).get(target.site)
        if site_id is None:
            raise NotFound("site", target.site)
        return f"{Scope.SITE}:{site_id}", target.tenant.id

    async def _record(self, tx: Transaction, action: str, pin: Pin, tenant_id: str | None) -> None:
        bundle = pin.choice.bundle
        await self._context.record(
            tx,
            action,
            object_=pin.owner,
            tenant_id=tenant_id,
            changed=(changes.EVERYTHING,),
            detail={
                "vendor": bundle.vendor,
                "model": bundle.model,
                "kind": bundle.kind.value,
                "version": bundle.version,
                "percent": pin.percent,
            },
        )


def _told(file: str | None, files: list[str], *, needed: bool) -> str | None:
    """The file that phones are told of, if they are told of any."""
    if file is not None and file not in files:
        raise InvalidValue("file", f"{file!r} is not one of {', '.join(files)}")
    if not needed:
        return None
    if file is not None:
        return file
    if len(files) > 1:
        raise InvalidValue("file", f"is needed, to say which of {', '.join(files)} phones are told of")
    return files[0]


def _before(old: Pin | None, choice: Choice) -> Choice | None:
    """What devices keep that are not in the roll-out of *choice*: what all of them had, before it began."""
    if old is None:
        return None
    if old.choice.bundle.id == choice.bundle.id:
        return old.before
    return old.choice if old.percent == _ALL else old.before


async def _words(tx: Transaction, owner: str, tenant_names: dict[str, str]) -> str:
    scope, _, rest = owner.partition(":")
    if scope == Scope.DEVICE:
        return f"device {await devices.mac_of(tx, rest)}"
    if scope == Scope.SITE:
        return f"site {await tenants.site_name(tx, rest)}"
    if scope == Scope.MODEL:
        tenant_id, _, model = rest.partition(":")
        return f"tenant {tenant_names.get(tenant_id, tenant_id)}, model {model}"
    return f"tenant {tenant_names.get(rest, rest)}" if scope == Scope.TENANT else "all"
