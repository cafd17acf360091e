"""Devices, as people change them: added, filled, armed, locked, removed. One transaction a use case."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provserver.domain.device import Credential, Device, Tenant, Tokens, device_owner
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress, local_mac
from provserver.domain.resolve import setting_field
from provserver.errors import Conflict, InvalidValue, NotFound
from provserver.identify import Catalogue
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.filestore.uploads import Uploads
from provserver.services.fleet.checks import check_device
from provserver.services.fleet.claims import Claims, refuse_too_many
from provserver.services.fleet.device_batch import Batch, of_no_line, refuse_overtaken
from provserver.services.fleet.makers import maker_of
from provserver.services.fleet.replacing import Replacing
from provserver.services.redirection.registrations import Registrations
from provserver.services.secrets import Secrets
from provserver.storage import canaries, client_keys, credentials, devices, requests, settings, tenants, uploads
from provserver.storage.database import Transaction
from provserver.storage.tables import new_id
from provserver.vault.tokens import TokenKey

_SEALED_AT_ONCE = 200  # then the loop gets its turn: sealing 10,000 passwords takes a tenth of a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    A device as somebody wants it to be.

    *mac* None asks for a generated id (softphones); *vendor* None is found from the MAC's block. *passwords* by line
    number. Of a device that exists, what is None stays as it is, "" takes model, site, description or serial away, and
    so does None a setting.
    """

    tenant: Tenant
    mac: MacAddress | None
    vendor: str | None = None
    model: str | None = None
    description: str | None = None
    site: str | None = None
    serial: str | None = None
    lines: tuple[Line, ...] = ()
    passwords: Mapping[int, Secret] = field(default_factory=dict)
    settings: Mapping[str, str | None] = field(default_factory=dict)
    secret_settings: Mapping[str, Secret | None] = field(default_factory=dict)


Change = Callable[[Transaction, Device], Awaitable[Device]]


class Devices:
    """Everything that changes a device."""

    def __init__(
        self,
        *,
        context: Context,
        catalogue: Catalogue,
        secrets: Secrets,
        tokens: TokenKey,
        uploads_service: Uploads,
        replacing: Replacing,
        registrations: Registrations,
        claims: Claims,
        window_ms: int,
    ) -> None:
        self._context = context
        self._catalogue = catalogue
        self._secrets = secrets
        self._tokens = tokens
        self._uploads = uploads_service
        self._replacing = replacing
        self._registrations = registrations
        self._claims = claims
        self._window_ms = window_ms

    async def put(
        self,
        wanted: Sequence[Wanted],
        *,
        arm: bool = True,
        only_new: bool = False,
        canary: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> list[Device]:
        """
        Make devices what is wanted, all or none: new ones are added, a tenant's own are brought up to date.

        *arm* opens the window for those that are neither provisioned nor locked, nor need their password again, and
        that their maker does not send here with a URL of their own. *canary*: no phone has these (see `Canaries`).
        Raises Conflict (a MAC of another tenant; with *only_new* also of this one), Refused (more than the tenant may
        have) and InvalidValue.
        *progress* is told how many devices are sealed.
        """
        wanted_macs = [one.mac for one in wanted if one.mac]
        async with self._context.storage.read() as tx:
            existing = await devices.owners_of(tx, wanted_macs)
            accounts = await self._registrations.accounts(tx)
        twice = [mac for mac, count in Counter(wanted_macs).items() if count > 1]
        if twice:
            raise InvalidValue("mac", f"{twice[0].colons} is there twice")
        claimed = [(one.tenant, one.mac) for one in wanted]
        await self._claims.refuse_foreign(claimed, existing)
        if only_new and existing:
            raise Conflict(f"device {next(iter(existing.values())).mac.colons} exists already")
        await self._claims.refuse_beyond_quota(c for c in claimed if c[1] is None or c[1].value not in existing)
        wanted = [_as_known(one, existing) for one in wanted]
        for one in wanted:
            self.check(one)
        to_arm = (
            (lambda device: not accounts.need_no_window(device.tenant_id, device.vendor)) if arm else (lambda _: False)
        )
        batch = await self._assemble(wanted, existing, arm=to_arm, progress=progress or (lambda _done: None))
        macs = tuple(device.mac.value for device in batch.devices)
        await self._secrets.store_keys([(key, credential.owner) for credential, key in batch.sealed])
        async with self._context.storage.transaction() as tx:
            # Looked up again: between the first look and this transaction somebody may have been quicker.
            await refuse_too_many(tx, (device.tenant_id for device in batch.new))
            refuse_overtaken(batch, await devices.owners_of(tx, [device.mac for device in batch.devices]))
            await self._place_sites(tx, batch)
            replaced = await self._write(tx, batch)
            if canary:
                await canaries.add(tx, [device.id for device in batch.new], at_ms=self._context.clock.now_ms())
            await self._registrations.want(tx, batch.devices, renewed=batch.lines.keys())
            await self._context.record(
                tx,
                "device.put",
                object_=macs[0] if len(macs) == 1 else f"{len(macs)} devices",
                tenant_id=wanted[0].tenant.id if wanted else None,
                changed=macs,
                detail={"new": len(batch.new), "changed": len(batch.changed), "credentials": len(batch.sealed)},
            )
        self._context.settled(macs)
        await self._secrets.destroy_keys([c.sealed.key_id for c in replaced if c.sealed])
        return [*batch.new, *batch.changed]

    def check(self, wanted: Wanted) -> str:
        """The slug of the maker; raises InvalidValue for whatever the device or its maker cannot do."""
        maker = maker_of(self._catalogue, mac=wanted.mac, slug=wanted.vendor)
        check_device(maker, wanted.mac or local_mac(bytes(6)), wanted)
        return maker.slug

    def refusal(self, wanted: Wanted) -> str:
        """Why the device takes neither lines nor settings; empty: it does, or its maker is not known."""
        try:
            return maker_of(self._catalogue, mac=wanted.mac, slug=wanted.vendor).refusal(wanted.model)
        except InvalidValue:
            return ""

    async def get(self, mac: MacAddress, *, tenant_id: str | None = None) -> Device:
        """The device with this MAC; raises NotFound, also for another tenant's."""
        async with self._context.storage.read() as tx:
            return await _existing(tx, mac, tenant_id)

    async def arm(self, mac: MacAddress, *, days: float | None = None, tenant_id: str | None = None) -> Device:
        """
        Let the device be booted without its token for a while, and make new tokens.

        The lasting token before stays valid until the phone has used the new one.
        """

        async def change(tx: Transaction, device: Device) -> Device:
            tenant = await tenants.get_tenant(tx, device.tenant_id)
            period_ms = int(days * 86_400_000) if days else (tenant.window_ms or self._window_ms)
            armed_until = self._context.clock.now_ms() + period_ms
            return await self.renewed(tx, replace(device, armed_until=armed_until, needs_password_at=None))

        return await self.change(mac, tenant_id, "device.armed", change)

    async def renewed(self, tx: Transaction, device: Device, *, keep: bool = True) -> Device:
        """
        *device* with new tokens, told to its maker's service, and with its first delivery still to come.

        *keep*: the lasting token that its phone has stays valid until the phone has used the new one; else both end.
        """
        tokens, now_ms = device.tokens, self._context.clock.now_ms()
        # Nothing was delivered since the tokens were made: the phone still has the URL from before that.
        unseen = device.provisioned_at is None and tokens.previous is not None
        kept, dead = (tokens.previous, tokens.lasting) if unseen else (tokens.lasting, tokens.previous)
        await devices.bury_tokens(tx, device.id, [tokens.bootstrap, dead, None if keep else kept], at_ms=now_ms)
        new = replace(
            device,
            tokens=self._new_tokens(device.id, tokens.generation + 1, previous=kept if keep else None),
            provisioned_at=None,
            provisioned_prefix=None,
        )
        await self._registrations.want(tx, [new])  # its maker has to send it to the new URL
        return new

    async def lock(self, mac: MacAddress, *, reason: str, tenant_id: str | None = None) -> Device:
        """Withhold everything from the device until it is unlocked."""

        async def change(_tx: Transaction, device: Device) -> Device:
            return replace(device, locked_at=self._context.clock.now_ms(), lock_reason=reason)

        return await self.change(mac, tenant_id, "device.locked", change, reason=reason)

    async def delete(self, mac: MacAddress, *, tenant_id: str | None = None) -> None:
        """Remove a device with everything it has here; its data keys are destroyed first."""
        async with self._context.storage.read() as tx:
            device = await _existing(tx, mac, tenant_id)
            owned = await credentials.credentials_of(tx, [device_owner(device.id)])
            left = await uploads.uploads_of(tx, device.id)
        await self._secrets.destroy_keys([c.sealed.key_id for c in owned if c.sealed])
        await self._uploads.destroy(left)
        async with self._context.storage.transaction() as tx:
            await credentials.remove_credentials(tx, [c.id for c in owned])
            await settings.forget_owner(tx, device_owner(device.id))
            tokens = (device.tokens.lasting, device.tokens.previous, device.tokens.bootstrap)
            await devices.bury_tokens(tx, device.id, tokens, at_ms=self._context.clock.now_ms())
            await client_keys.forget_keys(tx, mac.value)
            await self._registrations.withdraw(tx, [mac])
            await devices.delete_device(tx, device.id)
            await self._context.record(
                tx, "device.deleted", object_=mac.value, tenant_id=device.tenant_id, changed=(mac.value,)
            )
        self._context.settled((mac.value,))
        async with self._context.storage.transaction("requests") as tx:
            await requests.forget_device(tx, device.id)

    def bootstrap_token(self, device: Device) -> Secret:
        """The token for the device's first visit: for a redirection service, a DHCP option, a QR code."""
        return Secret(self._tokens.bootstrap(device.id, device.tokens.generation))

    async def _assemble(
        self,
        wanted: Sequence[Wanted],
        existing: Mapping[str, Device],
        *,
        arm: Callable[[Device], bool],
        progress: Callable[[int], None],
    ) -> Batch:
        batch = Batch()
        at_ms = self._context.clock.now_ms()
        for position, one in enumerate(wanted):
            if position % _SEALED_AT_ONCE == 0:
                progress(position)
                await asyncio.sleep(0)
            known = existing.get(one.mac.value) if one.mac else None
            device = self._brought_up_to_date(known, one, at_ms=at_ms) if known else self._added(one, at_ms=at_ms)
            waits = device.provisioned_at is None and device.locked_at is None
            # A password that took the place of one that got out opens no window: whoever has that knows the MAC.
            renewed = known is not None and known.needs_password_at is not None
            if waits and not renewed and arm(device) and not self.refusal(one):
                period_ms = one.tenant.window_ms or self._window_ms
                device = replace(device, armed_until=at_ms + period_ms)
            (batch.changed if known else batch.new).append(device)
            self._fill(batch, device, one, at_ms=at_ms)
        return batch

    def _added(self, one: Wanted, *, at_ms: int) -> Device:
        device_id = new_id(at_ms)
        vendor = maker_of(self._catalogue, mac=one.mac, slug=one.vendor)
        model = vendor.model(one.model)
        return Device(
            id=device_id,
            tenant_id=one.tenant.id,
            site_id=None,
            mac=one.mac or local_mac(os.urandom(6)),
            vendor=vendor.slug,
            model=model.name if model else one.model or None,
            description=one.description or "",
            serial=one.serial or None,
            tokens=self._new_tokens(device_id, 1, previous=None),
            created_at=at_ms,
            updated_at=at_ms,
        )

    def _brought_up_to_date(self, device: Device, one: Wanted, *, at_ms: int) -> Device:
        vendor = self._catalogue.vendors[one.vendor or device.vendor]
        model = vendor.model(one.model)
        return replace(
            device,
            vendor=vendor.slug,
            model=device.model if one.model is None else model.name if model else one.model or None,
            site_id=None if one.site == "" else device.site_id,
            description=device.description if one.description is None else one.description,
            serial=device.serial if one.serial is None else one.serial or None,
            needs_password_at=None if one.passwords else device.needs_password_at,
            updated_at=at_ms,
        )

    def _fill(self, batch: Batch, device: Device, one: Wanted, *, at_ms: int) -> None:
        owner = device_owner(device.id)
        if one.site:
            batch.sites[device.id] = one.site
        if one.lines:
            batch.lines[device.id] = one.lines
        if one.settings:
            batch.settings[owner] = one.settings
        new: dict[str, Secret | None] = {setting_field(name): secret for name, secret in one.secret_settings.items()}
        for line in one.lines:
            if line.number in one.passwords:
                new[line.password_field] = one.passwords[line.number]
        if new:
            batch.replaced_fields[owner] = set(new)
        batch.sealed += [
            self._secrets.seal(secret, tenant_id=device.tenant_id, owner=owner, field=name, at_ms=at_ms)
            for name, secret in new.items()
            if secret is not None
        ]

    async def _place_sites(self, tx: Transaction, batch: Batch) -> None:
        """Put devices into their sites, adding sites that do not exist yet."""
        known: dict[str, dict[str, str]] = {}
        for group in (batch.new, batch.changed):
            for position, device in enumerate(group):
                name = batch.sites.get(device.id)
                if name is None:
                    continue
                if device.tenant_id not in known:
                    known[device.tenant_id] = await tenants.site_ids(tx, device.tenant_id)
                sites = known[device.tenant_id]
                if name not in sites:
                    sites[name] = new_id(device.updated_at)
                    await tenants.insert_site(tx, site_id=sites[name], tenant_id=device.tenant_id, name=name)
                group[position] = replace(device, site_id=sites[name])

    async def _write(self, tx: Transaction, batch: Batch) -> list[Credential]:
        """Write the rows; returns the credentials that new ones replace."""
        await devices.insert_devices(tx, batch.new)
        await devices.update_entered(tx, batch.changed)
        await devices.replace_lines(tx, batch.lines)
        if batch.settings:
            await settings.put_many(tx, batch.settings, at_ms=self._context.clock.now_ms())
        old = await credentials.credentials_of(tx, [device_owner(device.id) for device in batch.changed])
        replaced = [c for c in old if c.field in batch.replaced_fields.get(c.owner, ()) or of_no_line(c, batch)]
        return await self._replacing.replace(tx, old, replaced, [credential for credential, _ in batch.sealed])

    async def change(
        self,
        mac: MacAddress,
        tenant_id: str | None,
        action: str,
        change: Change,
        *,
        changed: tuple[str, ...] = (),
        **detail: object,
    ) -> Device:
        """
        Make of one device what *change* makes of it, in one transaction, audited as *action*.

        *changed* are the keys of caches that it concerns beside the MAC. Raises NotFound, also for another tenant's.
        """
        keys = (mac.value, *changed)
        async with self._context.storage.transaction() as tx:
            device = await _existing(tx, mac, tenant_id)
            new = replace(await change(tx, device), updated_at=self._context.clock.now_ms())
            await devices.update_device(tx, new)
            await self._context.record(
                tx, action, object_=mac.value, tenant_id=device.tenant_id, changed=keys, detail=detail
            )
        self._context.settled((mac.value,))
        return new

    def _new_tokens(self, device_id: str, generation: int, *, previous: bytes | None) -> Tokens:
        return Tokens(
            generation=generation,
            lasting=self._tokens.fingerprint(self._tokens.lasting(device_id, generation)),
            bootstrap=self._tokens.fingerprint(self._tokens.bootstrap(device_id, generation)),
            previous=previous,
        )


def _as_known(one: Wanted, existing: Mapping[str, Device]) -> Wanted:
    """*one* with the maker and the model that its device has already, where it names none."""
    known = existing.get(one.mac.value) if one.mac else None
    if known is None:
        return one
    return replace(one, vendor=one.vendor or known.vendor, model=known.model if one.model is None else one.model)


async def _existing(tx: Transaction, mac: MacAddress, tenant_id: str | None) -> Device:
    device = await devices.find_device(tx, mac, tenant_id=tenant_id)
    if device is None:
        raise NotFound("device", mac.colons)
    return device
