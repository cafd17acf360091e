"""
`Claims`: may a tenant have these devices? Adding a MAC is an attack, too: who claims a stranger's phone configures it.

A MAC belongs to one tenant; a tenant may have a quota. What is refused is told to the monitor, which tells people. A
phone that was sold goes from one tenant to the other by being deleted at the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.errors import Conflict, Refused
from provserver.services.context import Context
from provserver.services.monitoring.reports import Reports
from provserver.storage import devices, tenants
from provserver.storage.database import Transaction
from provserver.storage.reports import Report

_TOLD = 64  # MACs of one claim: what a detector counts exactly


class Claims:
    """Refuses what is another tenant's, and what is too much."""

    def __init__(self, *, context: Context, reports: Reports) -> None:
        self._context = context
        self._reports = reports

    async def refuse_foreign(
        self, wanted: Iterable[tuple[Tenant, MacAddress | None]], existing: Mapping[str, Device]
    ) -> None:
        """Raise Conflict if one of the *wanted* MACs is another tenant's, of those that are *existing*."""
        foreign = await self.tell_foreign(wanted, existing)
        if foreign:  # whose it is, is not this tenant's business
            raise Conflict(f"mac {foreign[0].colons} belongs to another tenant")

    async def tell_foreign(
        self, wanted: Iterable[tuple[Tenant, MacAddress | None]], existing: Mapping[str, Device]
    ) -> list[MacAddress]:
        """Those of the *wanted* MACs that are another tenant's; the monitor is told of them."""
        foreign = [
            (tenant, mac)
            for tenant, mac in wanted
            if mac is not None and mac.value in existing and existing[mac.value].tenant_id != tenant.id
        ]
        await self._tell("claim_conflict", foreign)
        return [mac for _, mac in foreign]

    async def refuse_beyond_quota(self, wanted: Iterable[tuple[Tenant, MacAddress | None]]) -> None:
        """Raise Refused if a tenant would have more devices than it may; *wanted* are those to be added."""
        added = list(wanted)
        try:
            async with self._context.storage.read() as tx:
                await refuse_too_many(tx, (tenant.id for tenant, _ in added))
        except Refused:
            await self._tell("over_quota", added)
            raise

    async def _tell(self, word: str, claims: Iterable[tuple[Tenant, MacAddress | None]]) -> None:
        now_ms = self._context.clock.now_ms()
        told = [
            Report(at=now_ms, word=word, address=self._context.actor, mac=mac.value if mac else "", tenant=tenant.name)
            for tenant, mac in claims
        ]
        if told:
            await self._reports.write(told[:_TOLD])


async def refuse_too_many(tx: Transaction, tenant_ids: Iterable[str]) -> None:
    """Raise Refused if a tenant would have more devices than it may; its id is given once for each to be added."""
    for tenant_id, count in Counter(tenant_ids).items():
        tenant = await tenants.get_tenant(tx, tenant_id)
        if tenant.quota is None:
            continue
        there = await devices.count_of_tenant(tx, tenant_id)
        if there + count > tenant.quota:
            raise Refused(f"tenant {tenant.name!r} may have {tenant.quota} devices, and has {there}")
