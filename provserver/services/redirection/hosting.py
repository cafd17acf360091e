"""`Hosting`: a tenant chooses that a maker's own server configures its devices, or ends that. Never by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provserver.domain.registration import RedirectAccount
from provserver.domain.text import check_text
from provserver.errors import Conflict, InvalidValue, Refused
from provserver.redirect.catalogue import SERVICES
from provserver.services.context import Context
from provserver.services.redirection.registrations import Registrations
from provserver.storage import devices, redirect_accounts
from provserver.storage.database import Transaction

_PAGE = 500


class Hosting:
    """Keeps tenants' choices; what follows from them, the registrar does."""

    def __init__(self, *, context: Context, registrations: Registrations) -> None:
        self._context = context
        self._registrations = registrations

    async def choose(self, account: RedirectAccount, *, why: str) -> int:
        """
        Have the maker's server configure the tenant's devices from now on; returns how many it is going to be told of.

        *why* stands with each device that is handed over. Raises InvalidValue, Refused for a service that does not do
        that, and Conflict when it has been chosen already.
        """
        if not why.strip():
            raise InvalidValue("why", "is needed: it stands in the record of each device")
        check_text("why", why)
        return await self._change(account, since_ms=self._context.clock.now_ms(), why=why.strip())

    async def end(self, account: RedirectAccount) -> int:
        """
        Hand nothing over any more, and take out there what was; returns of how many devices.

        Devices go back to the tenant's redirection service, if there is one. Raises Conflict when it is not chosen.
        """
        return await self._change(account, since_ms=None, why=None)

    async def _change(self, account: RedirectAccount, *, since_ms: int | None, why: str | None) -> int:
        service = SERVICES[account.service]
        if not service.hosts:
            raise Refused(f"{service.name} does not configure devices; it sends them here")
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.transaction() as tx:  # all or none: what is left over would stay there unseen
            known = await redirect_accounts.get_account(tx, account.id)
            if known is None or (known.hosts_since is None) == (since_ms is None):
                raise Conflict(f"{service.name} {'configures' if since_ms else 'does not configure'} them already")
            changed = replace(known, hosts_since=since_ms, hosts_why=why, updated_at=max(now_ms, known.updated_at + 1))
            await redirect_accounts.update_account(tx, changed)
            count = await self._wish_all(tx, changed)
            about: Any = {"object_": account.service, "tenant_id": account.tenant_id}
            if why is not None:
                detail = {"devices": count, "why": why}
                await self._context.record(tx, "redirect.hosting_chosen", **about, detail=detail)
            else:
                await self._context.record(tx, "redirect.hosting_ended", **about, detail={"devices": count})
        return count

    async def _wish_all(self, tx: Transaction, account: RedirectAccount) -> int:
        """Wish each device of the tenant and maker where it belongs now."""
        after, count = "", 0
        maker = SERVICES[account.service].maker
        while page := await devices.of_maker(tx, maker, tenant_id=account.tenant_id, after=after, limit=_PAGE):
            await self._registrations.want(tx, page)
            after, count = page[-1].mac.value, count + len(page)
        return count
