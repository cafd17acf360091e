"""
Compares what makers' services list with what is wished, and wishes anew what differs: `Reconciliation`.

Also finds what no event has caused: devices that were here before the account, and another base URL since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from provserver.domain.device import Device
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount, Registration
from provserver.errors import InvalidValue, RedirectError, Refused
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.protocol import Ability, Client, Entry, Standing
from provserver.services.context import Context
from provserver.services.redirection.redirect_clients import Clients
from provserver.services.redirection.registrations import Registrations
from provserver.storage import devices, meta, redirect_accounts, registrations
from provserver.storage.database import Transaction

_PAGE = 500
_RECONCILED = "redirect_reconciled"  # when it was done last
Tell = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Drift:
    """
    What was found at one account, by kind.

    ``missing``: we have entered it and it is not there. ``elsewhere``: it points to another URL. ``lingering``: it was
    withdrawn and is there. ``foreign``: it belongs to somebody else now. ``unknown``: it is there, and not ours.
    """

    service: str
    compared: int = 0
    new: int = 0  # devices that had not been wished yet, or whose URL has changed
    kinds: Counter[str] = field(default_factory=Counter)
    problem: str | None = None

    def found(self) -> dict[str, int]:
        """Kinds that were found, with how often."""
        return {kind: count for kind, count in sorted(self.kinds.items()) if count}


class Reconciliation:
    """Compares and repairs. What it wishes, the registrar sends."""

    def __init__(
        self, *, context: Context, clients: Clients, registrations: Registrations, interval_ms: int, forget_ms: int
    ) -> None:
        self._context = context
        self._clients = clients
        self._registrations = registrations
        self._interval_ms = interval_ms
        self._forget_ms = forget_ms

    async def run(self) -> None:
        """
        Compare and repair everything once an interval, account by account; a restart does not begin it anew.

        One that cannot be asked does not stop the others.
        """
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.read() as tx:
            last_ms = int(await meta.get(tx, _RECONCILED) or 0)
            if now_ms - last_ms < self._interval_ms:
                return
            accounts = await redirect_accounts.all_accounts(tx)
        for account in accounts:
            drift = await self.compare(account, repair=True)
            if drift.kinds or drift.new or drift.problem:
                structlog.get_logger().warning(
                    "redirect.drifted",
                    service=drift.service,
                    compared=drift.compared,
                    new=drift.new,
                    problem=drift.problem,
                    **drift.found(),
                )
        async with self._context.storage.transaction() as tx:
            await registrations.forget_old(tx, before_ms=now_ms - self._forget_ms)
            await meta.put(tx, _RECONCILED, str(now_ms))

    async def point_to(self, account: RedirectAccount, url: str) -> RedirectAccount:
        """Have the devices of *account* reach us at *url* from now on; `wish` finds those that do not yet."""
        base_url = url.rstrip("/")
        if not base_url.startswith(("http://", "https://")) or "?" in url or " " in url:
            raise InvalidValue("url", "is not an http or https URL")
        at_ms = self._context.clock.now_ms()
        changed = replace(account, base_url=base_url, updated_at=at_ms)
        async with self._context.storage.transaction() as tx:
            await redirect_accounts.update_account(tx, changed)
            await self._context.record(
                tx,
                "redirect.pointed",
                object_=account.service,
                tenant_id=account.tenant_id,
                detail={"url": base_url},
            )
        return changed

    async def wish(
        self, account: RedirectAccount, *, tenant_id: str | None = None, again: bool = False, tell: Tell | None = None
    ) -> int:
        """
        Wish every device of this account's maker as it is now; what is so already is left alone, unless *again*.

        Page by page: broken off, it goes on where it was, because what is done is found done. Returns how many are new.
        """
        maker, new, done, after = SERVICES[account.service].maker, 0, 0, ""
        while True:
            async with self._context.storage.transaction() as tx:
                page = await devices.of_maker(
                    tx, maker, tenant_id=account.tenant_id or tenant_id, after=after, limit=_PAGE
                )
                accounts = await self._registrations.accounts(tx)
                own = [one for one in page if _is(account, accounts.for_device(one.tenant_id, one.vendor))]
                new += await self._registrations.want(tx, own, again=again)
            if not page:
                return new
            after, done = page[-1].mac.value, done + len(page)
            if tell is not None:
                tell(done)

    async def compare(self, account: RedirectAccount, *, repair: bool, tell: Tell | None = None) -> Drift:
        """
        Compare what the service has with what we have sent it, and with *repair* wish anew what differs.

        A service that neither lists nor looks up is not compared. Never raises for what the service does.
        """
        service = SERVICES[account.service]
        drift = Drift(service=account.service)
        if repair:
            drift.new = await self.wish(account)
        try:
            client = await self._clients.of(account)
            if service.can(Ability.LIST):
                await self._with_list(account, client, drift, repair=repair, tell=tell)
            elif service.can(Ability.LOOK_UP):
                await self._one_by_one(account, client, drift, repair=repair, tell=tell)
            else:
                drift.problem = f"{service.name} can be asked for nothing"
        except RedirectError as error:
            drift.problem = str(error)
        return drift

    async def look_up(self, registration: Registration) -> Entry:
        """What the service has for one MAC. Raises Refused when it cannot be asked, or RedirectError."""
        async with self._context.storage.read() as tx:
            account = await redirect_accounts.get_account(tx, registration.account_id)
        if account is None or not SERVICES[account.service].can(Ability.LOOK_UP):
            raise Refused("this service has no call by which one device can be looked up")
        client = await self._clients.of(account)
        return await client.look_up(self._registrations.sendable(registration, account))

    async def points_here(self, registration: Registration, entry: Entry) -> bool | None:
        """Whether *entry* has the device's URL; None: the service does not tell."""
        async with self._context.storage.read() as tx:
            account = await redirect_accounts.get_account(tx, registration.account_id)
        if account is None or entry.url is None:
            return None
        return entry.url == self._registrations.sendable(registration, account).url

    async def _with_list(
        self, account: RedirectAccount, client: Client, drift: Drift, *, repair: bool, tell: Tell | None
    ) -> None:
        listed: dict[MacAddress, Entry] = {}
        async for entry in client.entries():
            listed[entry.mac] = entry
        async for page in self._pages(account):
            wrong = []
            for one in page:
                entry = listed.pop(one.mac, Entry(mac=one.mac, standing=Standing.ABSENT))
                wrong += self._judged(one, entry, account, drift)
            await self._repair(wrong, repair=repair)
            if tell is not None:
                tell(drift.compared)
        drift.kinds["unknown"] += len(listed)
        drift.kinds = +drift.kinds

    async def _one_by_one(
        self, account: RedirectAccount, client: Client, drift: Drift, *, repair: bool, tell: Tell | None
    ) -> None:
        async for page in self._pages(account):
            wrong = []
            for one in page:
                if one.is_settled:
                    entry = await client.look_up(self._registrations.sendable(one, account))
                    wrong += self._judged(one, entry, account, drift)
                    if tell is not None:
                        tell(drift.compared)
            await self._repair(wrong, repair=repair)

    def _judged(self, one: Registration, entry: Entry, account: RedirectAccount, drift: Drift) -> list[Registration]:
        """*one*, if it has to be wished anew."""
        if not one.is_settled:  # it is being worked on, or has failed: nothing is expected
            return []
        drift.compared += 1
        kind = _kind(one, entry, self._registrations.sendable(one, account).url.reveal())
        if kind is None:
            return []
        drift.kinds[kind] += 1
        return [one]

    async def _repair(self, wrong: Sequence[Registration], *, repair: bool) -> None:
        if not wrong or not repair:
            return
        async with self._context.storage.transaction() as tx:
            there = await devices.owners_of(tx, [one.mac for one in wrong])
            await self._wish_again(tx, wrong, there)

    async def _wish_again(self, tx: Transaction, wrong: Sequence[Registration], there: Mapping[str, Device]) -> None:
        listed = [one.mac.value for one in wrong if not one.is_leaving]
        await self._registrations.want(tx, [there[mac] for mac in listed if mac in there], again=True)
        await self._registrations.put_again(tx, [one for one in wrong if one.is_leaving])

    async def _pages(self, account: RedirectAccount) -> AsyncIterator[list[Registration]]:
        after = ""
        while True:
            async with self._context.storage.read() as tx:
                page = await registrations.of_account(tx, account.id, after=after, limit=_PAGE)
            if not page:
                return
            yield page
            after = page[-1].mac.value


def _is(account: RedirectAccount, other: RedirectAccount | None) -> bool:
    return other is not None and other.id == account.id


def _kind(one: Registration, entry: Entry, url: str) -> str | None:
    """How what is there differs from what is wished; None: it does not."""
    if one.is_leaving:
        return "lingering" if entry.standing is Standing.OURS else None
    if entry.standing is Standing.FOREIGN:
        return "foreign"
    if entry.standing is Standing.ABSENT:
        return "missing"
    if entry.url is not None and entry.url.reveal() != url:
        return "elsewhere"
    return None
