"""Devices, as people look at them: shown, searched, rendered. Never a secret, unless asked for and written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provserver.clock import iso
from provserver.domain.device import Credential, Device, Tenant, device_owner
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.vendor import AfterDeletion
from provserver.domain.words import unsupported_of
from provserver.errors import NotFound
from provserver.identify import Catalogue, take_apart
from provserver.render import Renderer, fill
from provserver.secret import STARS, Secret
from provserver.services.context import Context
from provserver.services.fleet.origins import origins_of
from provserver.services.layers import Places
from provserver.services.records import Whole, load_whole
from provserver.services.redirection import redirect_views
from provserver.services.secrets import Secrets
from provserver.storage import credentials, devices, events, requests, tenants
from provserver.storage.records import Access, RecordReader
from provserver.vault.tokens import TokenKey

_EVENTS_SHOWN = 20


class Inventory:
    """Answers people's questions about devices."""

    def __init__(
        self,
        *,
        context: Context,
        catalogue: Catalogue,
        renderer: Renderer,
        secrets: Secrets,
        tokens: TokenKey,
        base_url: str,
        places: Places,
    ) -> None:
        self._context = context
        self._catalogue = catalogue
        self._renderer = renderer
        self._secrets = secrets
        self._tokens = tokens
        self._base_url = base_url
        self._places = places

    async def show(self, mac: MacAddress, *, tenant_id: str | None = None) -> dict[str, Any]:
        """Everything about one device that is no secret, ready for JSON."""
        access, whole = await self._load(mac, tenant_id)
        device = access.device
        async with self._context.storage.read() as tx:
            site = await tenants.site_name(tx, device.site_id)
            happened = await events.events_of(tx, device.id, limit=_EVENTS_SHOWN)
            redirection = await redirect_views.stages(tx, device.id, device.mac)
            disclosed = await redirect_views.told(tx, device.id)
        async with self._context.storage.read("requests") as tx:
            seen = (await requests.last_seen(tx, [device.id])).get(device.id)
        own = list(whole.details.credentials.values())
        return {
            **_brief(device, access.tenant, self._context.clock.now_ms(), own),
            "site": site,
            "serial": device.serial,
            "lines": [_line(line, whole.details.credentials) for line in whole.view.lines],
            "settings": dict(sorted(whole.details.settings.items())),
            "secrets": sorted(c.field for c in own if c.is_held),
            "credentials": _clock(own),
            "armed_until": iso(device.armed_until),
            "provisioned_at": iso(device.provisioned_at),
            "locked": {"at": iso(device.locked_at), "reason": device.lock_reason} if device.locked_at else None,
            "last_seen": {
                "at": iso(seen["at"]) if seen else None,
                "address": seen["address"] if seen else None,
                "user_agent": seen["user_agent"] if seen else None,
                "firmware": seen["firmware"] if seen else None,
            },
            "redirection": redirection,
            "disclosures": disclosed,
            "unsupported_settings": list(unsupported_of(self._catalogue.vendors[device.vendor], whole.view.settings)),
            "events": [{"at": iso(e["at"]), "kind": e["kind"], "detail": e["detail"]} for e in happened],
        }

    async def settings(self, mac: MacAddress, *, tenant_id: str | None = None) -> list[dict[str, Any]]:
        """Every setting in force for one device, where it comes from and what it hides, see `origins_of`."""
        access = await self._access(mac, tenant_id)
        return await origins_of(self._context.storage, access.device, self._catalogue.vendors[access.device.vendor])

    async def search(
        self, words: Sequence[str], *, tenant_id: str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Devices in which every word occurs, by MAC."""
        async with self._context.storage.read() as tx:
            found = await devices.search_devices(tx, words, tenant_id=tenant_id, limit=limit)
            names = {tenant.id: tenant for tenant in await tenants.all_tenants(tx)}
            lines = {device.id: await devices.lines_of(tx, device.id) for device in found}
            own: dict[str, list[Credential]] = {device_owner(device.id): [] for device in found}
            for credential in await credentials.credentials_of(tx, list(own)):
                own[credential.owner].append(credential)
        now_ms = self._context.clock.now_ms()
        return [
            {
                **_brief(device, names[device.tenant_id], now_ms, own[device_owner(device.id)]),
                "lines": [{"number": line.number, "user_name": line.user_name} for line in lines[device.id]],
            }
            for device in found
        ]

    async def history(self, mac: MacAddress, *, limit: int = 50) -> list[dict[str, Any]]:
        """The newest requests that named this MAC, newest first, with why each was refused."""
        async with self._context.storage.read("requests") as tx:
            rows = await requests.requests_of(tx, mac.value, limit=limit)
        return [{**row, "at": iso(row["at"])} for row in rows]

    async def render(self, mac: MacAddress, file: str, *, reveal: bool = False, tenant_id: str | None = None) -> bytes:
        """
        The artefact *file* as the phone would get it; secrets are stars unless *reveal*, which is audited first.

        Raises NotFound for a file that this maker's phones do not get (now), with the reason.
        """
        access, whole = await self._load(mac, tenant_id)
        vendor = self._catalogue.vendors[access.device.vendor]
        asked = take_apart("/" + file.lstrip("/"))
        rule = self._catalogue.file_rule(vendor.slug, asked) if asked else None
        if rule is None or rule.template is None or (asked and asked.mac not in (None, mac)):
            raise NotFound(f"file of a {vendor.name} device called", file)
        gone = whole.lost_password and rule.configuration
        if gone and vendor.after_deletion_of(whole.view, rule) is AfterDeletion.NOT_FOUND:
            raise NotFound("file any more: the password was deleted and the phone keeps its own copy of", file)
        skeleton = self._renderer.render(vendor, rule, whole.view)
        if not reveal:
            return fill(skeleton, dict.fromkeys(skeleton.fields, Secret(STARS)))
        async with self._context.storage.transaction() as tx:
            await self._context.record(
                tx,
                "credential.revealed",
                object_=mac.value,
                tenant_id=access.device.tenant_id,
                detail={"file": file, "fields": sorted(skeleton.fields)},
            )
        return fill(skeleton, {name: self._open(name, access.device, whole) for name in skeleton.fields})

    def _open(self, name: str, device: Device, whole: Whole) -> Secret:
        if name == PROVISIONING_URL:
            return Secret(f"{self._base_url}/{self._tokens.lasting(device.id, device.tokens.generation)}/")
        return self._secrets.open(whole.envelopes[name])

    async def _load(self, mac: MacAddress, tenant_id: str | None) -> tuple[Access, Whole]:
        access = await self._access(mac, tenant_id)
        return access, await load_whole(self._context.storage, access, self._places)

    async def _access(self, mac: MacAddress, tenant_id: str | None) -> Access:
        access = await RecordReader(self._context.storage).access_by_mac(mac.value)
        if access is None or (tenant_id is not None and access.tenant.id != tenant_id):
            raise NotFound("device", mac.colons)
        return access


def _brief(device: Device, tenant: Tenant, now_ms: int, own: Sequence[Credential]) -> dict[str, Any]:
    return {
        "mac": device.mac.value,
        "vendor": device.vendor,
        "model": device.model,
        "description": device.description,
        "tenant": tenant.name,
        "state": _state(device, now_ms, own),
    }


def _state(device: Device, now_ms: int, own: Sequence[Credential]) -> str:
    """One word for where a device stands, the most urgent first."""
    if device.locked_at is not None:
        return "locked"
    if device.needs_password_at is not None:
        return "needs_password"
    if device.provisioned_at is not None:
        return "deleted" if any(not c.is_held for c in own) else "provisioned"
    if device.armed_until is not None and device.armed_until >= now_ms:
        return "armed"
    return "waiting"


def _line(line: Line, credentials: Mapping[str, Credential]) -> dict[str, Any]:
    credential = credentials.get(line.password_field)
    return {
        "number": line.number,
        "label": line.label,
        "display_name": line.display_name,
        "user_name": line.user_name,
        "auth_name": line.auth_name,
        "registrar": _endpoint(line.registrar),
        "backup_registrar": _endpoint(line.backup_registrar),
        "outbound_proxy": _endpoint(line.outbound_proxy),
        "expires_s": line.expires_s,
        "voicemail": line.voicemail,
        "password": "held" if credential and credential.is_held else ("deleted" if credential else "none"),
    }


def _endpoint(endpoint: Endpoint | None) -> dict[str, Any] | None:
    if endpoint is None:
        return None
    return {"host": endpoint.host, "port": endpoint.port, "transport": endpoint.transport.value}


def _clock(own: Sequence[Credential]) -> dict[str, Any]:
    """The clocks of all credentials together: the first start, the first end, the last deletion."""
    started = [c.first_delivered_at for c in own if c.first_delivered_at is not None]
    ends = [c.delete_after for c in own if c.delete_after is not None and c.is_held]
    deleted = [c.deleted_at for c in own if c.deleted_at is not None]
    return {
        "held": any(c.is_held for c in own),
        "first_delivered_at": iso(min(started, default=None)),
        "delete_after": iso(min(ends, default=None)),
        "deleted_at": iso(max(deleted, default=None)),
    }
