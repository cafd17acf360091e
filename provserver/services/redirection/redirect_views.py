"""Redirection, as people look at it: what stands where, how far each device has come, and who was told what."""

from __future__ import annotations

from typing import Any

from provserver.clock import iso
from provserver.domain.device import Device
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount, Registration, RegistrationState, RegistrationWish
from provserver.errors import NotFound
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.protocol import Ability
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.redirection.redirect_pins import Pins
from provserver.services.redirection.registrations import by_state
from provserver.storage import devices, redirect_accounts, registrations, tenants
from provserver.storage.database import Transaction
from provserver.vault.tokens import TokenKey

_SHOWN = 50
_PAGE = 1000


class RedirectViews:
    """Answers people's questions about redirection; never a URL, which holds a token."""

    def __init__(self, *, context: Context, pins: Pins, tokens: TokenKey) -> None:
        self._context = context
        self._pins = pins
        self._tokens = tokens

    async def overview(self, *, tenant_id: str | None = None) -> dict[str, Any]:
        """Accounts with the numbers of their devices by state, and the newest failures."""
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.read() as tx:
            names = {tenant.id: tenant.name for tenant in await tenants.all_tenants(tx)}
            accounts = [
                account
                for account in await redirect_accounts.all_accounts(tx)
                if tenant_id is None or account.tenant_id in (tenant_id, None)
            ]
            counts = await registrations.counts(tx, tenant_id=tenant_id)
            failed = await registrations.failed(tx, tenant_id=tenant_id, limit=_SHOWN)
        return {
            "accounts": [
                _account(account, names, now_ms) | {"devices": by_state(counts, account.id)} for account in accounts
            ],
            "failed": [
                {"mac": one.mac.value, "tenant": names.get(one.tenant_id), "reason": one.reason, "said": one.said}
                for one in failed
            ],
        }

    async def device(self, mac: MacAddress, *, tenant_id: str | None = None) -> list[Registration]:
        """The registrations of a MAC. Raises NotFound when there are none (of this tenant)."""
        async with self._context.storage.read() as tx:
            found = (await registrations.of_macs(tx, [mac.value])).get(mac.value, [])
        found = [one for one in found if tenant_id in (None, one.tenant_id)]
        if not found:
            raise NotFound("registration of", mac.colons)
        return found

    async def portal(self, maker: str, *, tenant_id: str, base_url: str) -> list[tuple[MacAddress, str, Secret]]:
        """MAC, serial and own URL of a tenant's devices of *maker*, for its portal; the audit trail says who asked."""
        found: list[Device] = []
        async with self._context.storage.read() as tx:
            while page := await devices.of_maker(
                tx, maker, tenant_id=tenant_id, after=found[-1].mac.value if found else "", limit=_PAGE
            ):
                found += page
        async with self._context.storage.transaction() as tx:
            await self._context.record(
                tx,
                "redirect.portal_printed",
                object_=maker,
                tenant_id=tenant_id,
                detail={"macs": [device.mac.value for device in found]},
            )
        tokens = [self._tokens.bootstrap(device.id, device.tokens.generation) for device in found]
        return [
            (device.mac, device.serial or "", Secret(f"{base_url}/{token}/"))
            for device, token in zip(found, tokens, strict=True)
        ]

    async def pin(self, registration: Registration) -> Secret | None:
        """What has to be typed in at the phone; the audit trail says who has looked."""
        pin = await self._pins.of(registration)
        if pin is not None:
            async with self._context.storage.transaction() as tx:
                await self._context.record(
                    tx, "redirect.pin_revealed", object_=registration.mac.value, tenant_id=registration.tenant_id
                )
        return pin


async def stages(tx: Transaction, device_id: str, mac: MacAddress) -> list[dict[str, Any]]:
    """
    How far a device has come at each service, ready for JSON.

    Three stages that are not to be confused: *listed_at* by the maker, *contacted_at* by the phone since then; whether
    it has got its credentials is told by those.
    """
    found = (await registrations.of_macs(tx, [mac.value])).get(mac.value, [])
    shown = []
    for one in found:
        account = await redirect_accounts.get_account(tx, one.account_id)
        if account is not None and one.device_id == device_id:
            shown.append(_stage(one, account))
    return shown


async def told(tx: Transaction, device_id: str) -> list[dict[str, Any]]:
    """Who outside was told what about a device, newest first."""
    rows = await registrations.disclosures_of(tx, device_id, limit=_SHOWN)
    return [{**row, "at": iso(row["at"])} for row in rows]


def _stage(one: Registration, account: RedirectAccount) -> dict[str, Any]:
    listed = one.state in (RegistrationState.CONFIRMED, RegistrationState.SEEN)
    return {
        "service": account.service,
        "wish": one.wish.value,
        "state": one.state.value,
        "own_url": SERVICES[account.service].can(Ability.OWN_URL),
        "listed_at": iso(one.confirmed_at) if listed and one.wish is RegistrationWish.LISTED else None,
        "contacted_at": iso(one.seen_at),
        "reason": one.reason,
        "said": one.said,
        "attempts": one.attempts,
        "next_attempt_at": iso(one.due_at),
    }


def _account(account: RedirectAccount, names: dict[str, str], now_ms: int) -> dict[str, Any]:
    paused = account.paused_until > now_ms
    return {
        "service": account.service,
        "tenant": names.get(account.tenant_id) if account.tenant_id else None,
        "endpoint": account.endpoint,
        "fields": dict(account.fields),
        "url": account.base_url,
        "hosts_since": iso(account.hosts_since),
        "hosts_why": account.hosts_why,
        "checked_at": iso(account.checked_at),
        "paused_until": iso(account.paused_until) if paused else None,
        "problem": account.problem,
    }
