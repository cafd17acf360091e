"""Resellers, their sites, and the settings that their devices share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provserver.domain.catalogue import find_spec, read_setting
from provserver.domain.device import ReleasePolicy, Scope, Tenant, model_owner
from provserver.domain.resolve import setting_field
from provserver.domain.text import check_text
from provserver.errors import Conflict, InvalidValue, NotFound
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.secrets import Secrets
from provserver.storage import changes, credentials, settings, tenants
from provserver.storage.tables import new_id

_DAY_MS = 86_400_000
_NAME_CHARS = 100
_SHARED_TENANT = "global"  # what secrets of the global scope are bound to in place of a tenant


class Tenants:
    """Adds and lists tenants, and keeps what is set above single devices."""

    def __init__(self, *, context: Context, secrets: Secrets) -> None:
        self._context = context
        self._secrets = secrets

    async def add(
        self,
        name: str,
        *,
        policy: ReleasePolicy = ReleasePolicy.WINDOW,
        window_days: float | None = None,
        retention_days: float | None = None,
        legacy_tls: bool = False,
    ) -> Tenant:
        """Add a tenant. Raises Conflict if there is one of this name, InvalidValue for values out of range."""
        check_text("name", name)
        if not 1 <= len(name) <= _NAME_CHARS:
            raise InvalidValue("name", f"is not between 1 and {_NAME_CHARS} characters")
        at_ms = self._context.clock.now_ms()
        tenant = Tenant(
            id=new_id(at_ms),
            name=name,
            policy=policy,
            window_ms=_period("window", window_days, most=90),
            retention_ms=_period("retention", retention_days, most=3650),
            legacy_tls=legacy_tls,
        )
        async with self._context.storage.transaction() as tx:
            if await tenants.find_tenant(tx, name) is not None:
                raise Conflict(f"tenant {name!r} exists already")
            await tenants.insert_tenant(tx, tenant, at_ms=at_ms)
            await self._context.record(tx, "tenant.added", object_=name, tenant_id=tenant.id)
        return tenant

    async def list(self) -> list[Tenant]:
        """All tenants by name."""
        async with self._context.storage.read() as tx:
            return await tenants.all_tenants(tx)

    async def get(self, name: str) -> Tenant:
        """The tenant called *name*; raises NotFound."""
        async with self._context.storage.read() as tx:
            tenant = await tenants.find_tenant(tx, name)
        if tenant is None:
            raise NotFound("tenant", name)
        return tenant

    async def decide(
        self,
        name: str,
        *,
        policy: ReleasePolicy | None = None,
        legacy_tls: bool | None = None,
        fixed_networks: bool | None = None,
        quota: int | None = None,
    ) -> Tenant:
        """
        Change what a tenant has decided, or may have (*quota*: devices; 0: any number); None leaves it as it is.

        Raises NotFound.
        """
        async with self._context.storage.transaction() as tx:
            tenant = await tenants.find_tenant(tx, name)
            if tenant is None:
                raise NotFound("tenant", name)
            changed = replace(
                tenant,
                policy=tenant.policy if policy is None else policy,
                legacy_tls=tenant.legacy_tls if legacy_tls is None else legacy_tls,
                fixed_networks=tenant.fixed_networks if fixed_networks is None else fixed_networks,
                quota=tenant.quota if quota is None else quota or None,
            )
            await tenants.update_tenant(tx, changed)
            await self._context.record(
                tx,
                "tenant.changed",
                object_=name,
                tenant_id=tenant.id,
                changed=(changes.EVERYTHING,),
                detail={
                    "policy": changed.policy.value,
                    "legacy_tls": changed.legacy_tls,
                    "fixed_networks": changed.fixed_networks,
                    "quota": changed.quota,
                },
            )
        self._context.settled((changes.EVERYTHING,))
        return changed

    async def set_shared(
        self,
        values: Mapping[str, str | None],
        secrets: Mapping[str, Secret | None],
        *,
        tenant: Tenant | None = None,
        site: str | None = None,
        vendor: str | None = None,
        model: str | None = None,
    ) -> None:
        """
        Set (None removes) settings for everybody, for a *tenant*, for one of its sites, or for its devices of a model.

        Raises InvalidValue naming the setting.
        """
        for name, value in values.items():
            spec = find_spec(name)
            if spec.secret:
                raise InvalidValue(name, "is a secret; it is not given as a plain value")
            if value is not None:
                read_setting(name, value)
        for name, secret in secrets.items():
            _check_secret(name, secret)
        at_ms = self._context.clock.now_ms()
        owner = await self._owner(tenant=tenant, site=site, vendor=vendor, model=model)
        tenant_id = tenant.id if tenant else _SHARED_TENANT
        fields = {setting_field(name) for name in secrets}
        sealed = [
            self._secrets.seal(secret, tenant_id=tenant_id, owner=owner, field=setting_field(name), at_ms=at_ms)
            for name, secret in secrets.items()
            if secret is not None
        ]
        await self._secrets.store_keys([(key, owner) for _, key in sealed])
        async with self._context.storage.transaction() as tx:
            await settings.put_settings(tx, owner, values, at_ms=at_ms)
            old = [c for c in await credentials.credentials_of(tx, [owner]) if c.field in fields]
            await credentials.remove_credentials(tx, [c.id for c in old])
            await credentials.insert_credentials(tx, [credential for credential, _ in sealed])
            await self._context.record(
                tx,
                "setting.changed",
                object_=owner,
                tenant_id=tenant.id if tenant else None,
                changed=(changes.EVERYTHING,),
                detail={"values": dict(values), "secrets": sorted(secrets)},
            )
        self._context.settled((changes.EVERYTHING,))
        await self._secrets.destroy_keys([c.sealed.key_id for c in old if c.sealed])

    async def _owner(self, *, tenant: Tenant | None, site: str | None, vendor: str | None, model: str | None) -> str:
        if tenant is None:
            if site is not None or model is not None:  # else what is meant for a few would be everybody's
                raise InvalidValue("tenant", "is needed to say whose site or model it is")
            return f"{Scope.GLOBAL}:"
        if model is not None:
            if vendor is None:
                raise InvalidValue("vendor", "is needed to say whose model it is")
            return model_owner(tenant.id, vendor, model)
        if site is None:
            return f"{Scope.TENANT}:{tenant.id}"
        async with self._context.storage.transaction() as tx:
            found = (await tenants.site_ids(tx, tenant.id)).get(site)
            if found is None:
                found = new_id(self._context.clock.now_ms())
                await tenants.insert_site(tx, site_id=found, tenant_id=tenant.id, name=check_text("site", site))
        return f"{Scope.SITE}:{found}"


def _check_secret(name: str, secret: Secret | None) -> None:
    if not find_spec(name).secret:
        raise InvalidValue(name, "is not a secret setting")
    if secret is not None:
        check_text(name, secret.reveal())
        if not secret:
            raise InvalidValue(name, "is empty; an empty password is none")


def _period(field: str, days: float | None, *, most: int) -> int | None:
    if days is None:
        return None
    if not 0 < days <= most:
        raise InvalidValue(field, f"{days:g} days is not between 0 and {most}")
    return int(days * _DAY_MS)
