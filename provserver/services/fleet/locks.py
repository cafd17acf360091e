"""
`Locks`: a device that somebody else may have come for: its URL replaced, and let in again by people.

What the monitor does by itself never ends the lasting URL that a phone in service has. Whether that phone or somebody
else has it, only its tenant knows; so ending a lock asks for that where it matters.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from provserver.domain.device import Device
from provserver.domain.mac import MacAddress
from provserver.errors import Refused
from provserver.monitor.decision import Measure, Scope
from provserver.services.context import Context
from provserver.services.fleet.devices import Devices
from provserver.services.requests.deliveries import NEEDS_PASSWORD
from provserver.storage import decisions, events
from provserver.storage.changes import DECISIONS
from provserver.storage.database import Transaction


class OldUrl(StrEnum):
    """What becomes of the lasting URL that was given out before a lock."""

    KEEP = "keep"  # its own phone has it
    END = "end"  # somebody else has it


class Locks:
    """Ends locks, and replaces URLs; `Devices.lock` is what makes a lock and no more."""

    def __init__(self, *, context: Context, devices: Devices) -> None:
        self._context = context
        self._devices = devices

    async def rotate(self, mac: MacAddress, *, reason: str, tenant_id: str | None = None) -> Device:
        """
        Lock the device, replace its tokens, and tell its tenant that it needs new passwords.

        Its window closes and its bootstrap URL ends at once; its maker's service is given the new one. Fails closed for
        whoever has the old ones, and strands no phone in service: locked, it keeps the configuration it has, and its
        lasting URL is the one thing that stays, until people have said in `unlock` whose it is.
        """

        async def change(tx: Transaction, device: Device) -> Device:
            now_ms = self._context.clock.now_ms()
            await events.add(
                tx,
                tenant_id=device.tenant_id,
                device_id=device.id,
                at_ms=now_ms,
                kind=NEEDS_PASSWORD,
                detail="its URL was replaced: somebody else may have what was in its configuration",
            )
            closed = replace(device, armed_until=None, locked_at=now_ms, lock_reason=reason, needs_password_at=now_ms)
            return await self._devices.renewed(tx, closed)

        return await self._devices.change(mac, tenant_id, "device.rotated", change, reason=reason)

    async def unlock(self, mac: MacAddress, *, url: OldUrl | None = None, tenant_id: str | None = None) -> Device:
        """
        Serve the device again; what the monitor has decided about it ends, and it is at home where it comes next.

        *url* has to be said where the monitor has replaced its URL, else it raises Refused: taken for granted, it would
        give the new password to who has the old URL (fail closed). With END, the phone comes by its new bootstrap URL
        or after `Devices.arm` only. Raises NotFound, also for another tenant's device.
        """

        async def change(tx: Transaction, device: Device) -> Device:
            now_ms = self._context.clock.now_ms()
            present = await decisions.about(tx, Scope.DEVICE, mac.value, now_ms=now_ms)
            if url is None and any(one.measure is Measure.ROTATE and not one.simulated for one in present):
                raise Refused(f"{mac.colons} was given a new URL: is the old one its own phone's, or does it end?")
            for decision in present:
                await decisions.end(tx, decision.id, at_ms=now_ms, by=self._context.actor)
            unlocked = replace(device, locked_at=None, lock_reason=None)
            if url is OldUrl.END:
                needs_at = device.needs_password_at or now_ms
                closed = replace(unlocked, armed_until=None, needs_password_at=needs_at)
                return await self._devices.renewed(tx, closed, keep=False)
            if present:  # whoever unlocks it has seen where it is now
                unlocked = replace(unlocked, provisioned_prefix=None)
            return replace(unlocked, needs_password_at=None) if url is OldUrl.KEEP else unlocked

        detail = {"url": url.value} if url else {}
        return await self._devices.change(mac, tenant_id, "device.unlocked", change, changed=(DECISIONS,), **detail)
