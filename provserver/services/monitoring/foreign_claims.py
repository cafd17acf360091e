"""
What the monitor is told of MACs that a tenant has entered and that, as their maker says, somebody else has.

They are read from the queue, so that it does not matter which process has asked the maker, and none is lost.
"""

from __future__ import annotations

from provserver.monitor.event import Event
from provserver.redirect.protocol import Outcome
from provserver.services.context import Context
from provserver.storage import meta, registrations, tenants

_TOLD = "redirect_claims_told"  # up to where: time and id of the registration
_PAGE = 500
_FIRST_MS = 3_600_000  # what is told on the first look: older claims are history, not an attack


class ForeignClaims:
    """Finds them, each once for every time that it was refused."""

    def __init__(self, *, context: Context) -> None:
        self._context = context

    async def news(self) -> list[Event]:
        """
        Those since the last call, the oldest first; never more than a page, the rest comes with the next call.

        *tenant* of such an event is the name of the one who claims, *address* the service that has refused.
        """
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.transaction() as tx:
            at_text, _, after_id = (await meta.get(tx, _TOLD) or f"{now_ms - _FIRST_MS}:").partition(":")
            found = await registrations.refused_after(
                tx, int(at_text), after_id, reason=Outcome.OWNED_BY_ANOTHER.value, limit=_PAGE
            )
            if not found:
                return []
            last = found[-1][0]
            await meta.put(tx, _TOLD, f"{last.changed_at}:{last.id}")
            names = {tenant.id: tenant.name for tenant in await tenants.all_tenants(tx)}
        return [
            Event(
                at=now_ms / 1000,
                words=("claimed_elsewhere",),
                address=service,
                mac=one.mac.value,
                device=one.device_id,
                tenant=names.get(one.tenant_id, one.tenant_id),
            )
            for one, service in found
        ]
