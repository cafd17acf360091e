"""
`StartingOver`: how a server goes on whose keystore is lost: devices stay, passwords have to be entered again.

What was sealed can never be read again, so it is deleted as by retention, each credential with its entry in the audit
trail and its device marked as one that needs its password again. Everything can be repeated after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass

from provserver.domain.device import Credential
from provserver.errors import Conflict
from provserver.services.context import Context
from provserver.services.filestore.uploads import Uploads
from provserver.services.requests.deliveries import NEEDS_PASSWORD
from provserver.services.upkeep.audit_trail import AuditTrail
from provserver.services.upkeep.retention import Retention
from provserver.storage import changes, credentials, devices, events, keystore, uploads

_BATCH = 500
_WHY = "keystore_lost"
_EVERYTHING = (changes.EVERYTHING,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """How much could not be read any more."""

    credentials: int
    uploads: int
    devices: int


class StartingOver:
    """Gives up what a lost keystore has sealed."""

    def __init__(self, *, context: Context, retention: Retention, uploads_service: Uploads, trail: AuditTrail) -> None:
        self._context = context
        self._retention = retention
        self._uploads = uploads_service
        self._trail = trail

    async def start_over(self) -> Lost:
        """
        Delete all that is sealed, and say how much that was.

        Raises Conflict, and deletes nothing, where the keystore holds data keys: then it is not lost.
        """
        storage = self._context.storage
        async with storage.read("keystore") as tx:
            keys = sum((await keystore.count_by_generation(tx)).values())
        if keys:  # fail closed: this would destroy what can still be read
            file = storage.file("keystore")
            raise Conflict(f"{file} holds {keys} data keys; if they cannot be used any more, move the file away first")
        async with storage.transaction() as tx:  # said before it begins: a crash in the middle is explained, too
            await self._context.record(tx, "key.started_over", object_="keystore", changed=_EVERYTHING)
            files = len(await uploads.all_ids(tx))
        count, marked = 0, 0
        while True:
            async with storage.read() as tx:
                batch = await credentials.sealed_credentials(tx, limit=_BATCH)
            if not batch:
                break
            marked += await self._mark(batch)
            count += await self._retention.delete(batch, why=_WHY)
        await self._give_up_uploads()
        if await self._trail.problems():  # its anchor was in the keystore
            await self._trail.accept("the keystore was lost")
        return Lost(credentials=count, uploads=files, devices=marked)

    async def _mark(self, batch: list[Credential]) -> int:
        """Say of each device that it needs its password again, to its reseller, too; how many were not said so yet."""
        at_ms = self._context.clock.now_ms()
        owners = {c.owner.removeprefix("device:"): c.tenant_id for c in batch if c.owner.startswith("device:")}
        async with self._context.storage.transaction() as tx:
            fresh = await devices.mark_needing_password(tx, list(owners), at_ms=at_ms)
            for device_id in sorted(fresh):
                await events.add(
                    tx,
                    tenant_id=owners[device_id],
                    device_id=device_id,
                    at_ms=at_ms,
                    kind=NEEDS_PASSWORD,
                    detail="its password was lost with the keystore",
                )
        return len(fresh)

    async def _give_up_uploads(self) -> None:
        while True:
            async with self._context.storage.read() as tx:
                doomed = await uploads.old_uploads(tx, before_ms=self._context.clock.now_ms() + 1, limit=_BATCH)
            if not doomed:
                return
            await self._uploads.destroy(doomed)
