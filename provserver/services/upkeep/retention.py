"""
Deletion: what is due, and carrying it out so that a crash at any moment only delays it.

A credential goes in three steps: it is marked, so that nobody opens it any more; its data key is destroyed, so that
nobody can; its ciphertext is removed and the day written down. Each step can be repeated. Files that phones have left
and that may hold the same password go with the second step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from provserver.domain.device import Credential
from provserver.services.context import Context
from provserver.services.filestore.assets import Assets
from provserver.services.filestore.uploads import Uploads
from provserver.services.secrets import Secrets
from provserver.services.upkeep.timekeeping import Timekeeping
from provserver.storage import (
    alerts,
    changes,
    copies,
    credentials,
    decisions,
    devices,
    events,
    keystore,
    requests,
    tenants,
    uploads,
)
from provserver.storage.audit import AuditEntry
from provserver.storage.database import Transaction

_BATCH = 500
_SWEEP_REST_S = 0.1  # after each batch of keys: a million take minutes, which no phone has to wait for
_LOG_BATCH = 5_000  # rows of the request log
# A delivery that is neither reported as complete nor as broken after so long belongs to a process that died.
STALE_RELEASE_MS = 10 * 60 * 1000
_ORPHAN_MS = 60 * 60 * 1000  # keys and files that no row names after an hour are left over from a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A credential whose time is up."""

    credential: Credential
    mac: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """
    Credentials that are *held*; of these, those whose clock is *running* and those *overdue*; and *deleted* ones.

    *clock_problem*: why deletion does not go by the machine's clock.
    """

    held: int
    running: int
    overdue: int
    deleted: int
    oldest_overdue_s: float
    clock_problem: str | None
    next: Due | None


class Retention:
    """Deletes what is due. Periods in milliseconds; a tenant can have its own for credentials."""

    def __init__(
        self,
        *,
        context: Context,
        timekeeping: Timekeeping,
        secrets: Secrets,
        uploads_service: Uploads,
        assets_service: Assets,
        credential_ms: int,
        request_log_ms: int,
        upload_ms: int,
        event_ms: int,
        counted: Callable[[str, int], None],
    ) -> None:
        self._context = context
        self._timekeeping = timekeeping
        self._secrets = secrets
        self._uploads = uploads_service
        self._assets = assets_service
        self._credential_ms = credential_ms
        self._request_log_ms = request_log_ms
        self._upload_ms = upload_ms
        self._event_ms = event_ms
        self._counted = counted
        self._orphans: set[str] = set()
        self.erase_pending = False  # a deletion's old pages are still in the write-ahead log; a metric

    async def status(self) -> Status:
        """How many credentials there are, how late deletion is, and what it will delete next."""
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.read() as tx:
            counts = await credentials.summary(tx, now_ms=now_ms)
            coming = await credentials.next_due(tx, now_ms=now_ms)
            due = (await _named(tx, [coming]))[0] if coming else None
        return Status(
            held=counts["held"],
            running=counts["running"],
            overdue=counts["overdue"],
            deleted=counts["deleted"],
            oldest_overdue_s=counts["oldest_ms"] / 1000,
            clock_problem=self._timekeeping.problem(),
            next=due,
        )

    async def due(self, *, at_ms: int | None = None) -> list[Due]:
        """What `run` would delete at that time (default: now)."""
        now_ms = self._now(at_ms)
        await self.presume(released_before_ms=self._context.clock.now_ms() - STALE_RELEASE_MS)
        async with self._context.storage.read() as tx:
            found = await credentials.due_credentials(tx, now_ms=now_ms, limit=1_000_000)
            return await _named(tx, found)

    async def run(self, *, at_ms: int | None = None) -> int:
        """
        Delete everything that is due and say how many credentials went.

        *at_ms* pretends a later time; an earlier one than now is not believed. What time it is, is written down first:
        after a restart it is never earlier than what was deleted by it.
        """
        await self._timekeeping.keep()
        now_ms = self._now(at_ms)
        await self.presume(released_before_ms=self._context.clock.now_ms() - STALE_RELEASE_MS)
        count = 0
        while True:
            async with self._context.storage.read() as tx:
                batch = await credentials.due_credentials(tx, now_ms=now_ms, limit=_BATCH)
            if not batch:
                break
            try:
                count += await self.delete(batch, why="retention")
            except Exception:
                self._counted("failed", len(batch))
                raise
        await self._forget_the_old(self._context.clock.now_ms())  # pretending is for credentials, not for the log
        await self.truncate_log()  # also when nothing was due: an earlier attempt may have been in a reader's way
        return count

    async def presume(self, *, released_before_ms: int) -> None:
        """Start the clock of releases that a crash has left standing."""
        storage = self._context.storage
        async with storage.transaction() as tx:
            periods = {t.id: t.retention_ms or self._credential_ms for t in await tenants.all_tenants(tx)}
            started = await credentials.presume_delivered(
                tx, released_before_ms=released_before_ms, retention_ms=periods
            )
            if started:
                await changes.note(tx, [changes.EVERYTHING])
        if started:
            self._context.settled((changes.EVERYTHING,))
            structlog.get_logger().warning("release.presumed_delivered", credentials=started)

    async def delete(self, batch: list[Credential], *, why: str) -> int:
        """
        Delete credentials, whatever their clocks say, in the three steps; how many went by this call.

        Two processes may have the same batch in hand, a command beside the server. Whoever comes first to the third
        step writes the deletion down, in the same transaction, and counts it; the other finds nothing left to do.
        """
        storage, ids = self._context.storage, [c.id for c in batch]
        device_ids = sorted({id_ for c in batch if (id_ := _device_id(c)) is not None})
        at_ms = self._context.clock.now_ms()
        async with storage.transaction() as tx:
            await credentials.mark_expiring(tx, ids, at_ms=at_ms)
            macs = await devices.macs_of(tx, device_ids)
            changed = tuple(sorted(macs.values()))
            if any(_device_id(c) not in macs for c in batch):  # shared, or its device is gone
                changed = (changes.EVERYTHING,)
            await changes.note(tx, changed)
        self._context.settled(changed)
        async with storage.read() as tx:
            doomed = await uploads.risky_uploads(tx, device_ids)
        await self._uploads.destroy(doomed)
        await self._secrets.destroy_keys([c.sealed.key_id for c in batch if c.sealed])
        async with storage.transaction() as tx:
            done = await credentials.mark_deleted(tx, ids, at_ms=at_ms)
            entries = [_entry(credential, why) for credential in batch if credential.id in done]
            await self._context.record_all(tx, entries, changed=changed)
        self._context.settled(changed)
        if done:
            self._counted("deleted", len(done))
            structlog.get_logger().info("credential.deleted", count=len(done), why=why)
        await self.truncate_log()
        return len(done)

    async def truncate_log(self) -> bool:
        """Empty the write-ahead log, which still holds the old pages; False when a reader was in the way."""
        done = await self._context.storage.checkpoint("state")
        self.erase_pending = not done
        if not done:
            structlog.get_logger().warning("erase.pending", reason="a reader keeps the write-ahead log")
        return done

    async def _forget_the_old(self, now_ms: int) -> None:
        storage = self._context.storage
        forgotten = _LOG_BATCH
        while (
            forgotten == _LOG_BATCH
        ):  # each in a transaction of its own: new rows wait meanwhile, and not for millions
            async with storage.transaction("requests") as tx:
                before_ms = now_ms - self._request_log_ms
                forgotten = await requests.forget_old(tx, before_ms=before_ms, limit=_LOG_BATCH)
        async with storage.transaction() as tx:
            for table in (events, alerts, decisions):
                await table.forget_old(tx, before_ms=now_ms - self._event_ms)
            await changes.forget_old(tx)
            old = await uploads.old_uploads(tx, before_ms=now_ms - self._upload_ms, limit=_BATCH)
        await self._uploads.destroy(old)

    async def sweep(self) -> None:
        """
        Destroy data keys and files that nothing needs: halves of writes that a crash cut in two.

        A key must be found without a use in two sweeps: the first may have met an import that was being written. The
        server sweeps when it starts, which is when phones come that have lost power with it: so it takes its time.
        """
        after, orphans = "", set[str]()
        while True:
            async with self._context.storage.read("keystore") as tx:
                page = await keystore.key_ids_after(tx, after, limit=_BATCH)
            if not page:
                break
            async with self._context.storage.read() as tx:
                needed = await credentials.needed_keys(tx, page) | await uploads.needed_keys(tx, page)
            orphans |= set(page) - needed
            after = page[-1]
            if len(page) == _BATCH:
                await asyncio.sleep(_SWEEP_REST_S)
        settled, self._orphans = orphans & self._orphans, orphans
        if settled:
            await self._secrets.destroy_keys(settled)
            structlog.get_logger().warning("key.orphans_destroyed", count=len(settled))
        # By the machine's clock, as the times of files are: steady time may be a year ahead of it, and what a phone is
        # just sending would be swept away.
        older_than_ms = self._context.clock.wall_ms() - _ORPHAN_MS
        await self._uploads.sweep(older_than_ms=older_than_ms)
        await self._assets.sweep(older_than_ms=older_than_ms)
        await self._forget_copies(before_ms=self._context.clock.now_ms() - self._request_log_ms)

    async def _forget_copies(self, *, before_ms: int) -> None:
        """Forget what devices had fetched that have not been seen for as long as the request log is kept."""
        async with self._context.storage.read("requests") as tx:
            unseen = await copies.unseen(tx, before_ms=before_ms)
        for start in range(0, len(unseen), _BATCH):
            async with self._context.storage.transaction("requests") as tx:
                await copies.forget_copies(tx, unseen[start : start + _BATCH])

    def _now(self, at_ms: int | None) -> int:
        now_ms = self._context.clock.now_ms()
        return now_ms if at_ms is None else max(at_ms, now_ms)


async def _named(tx: Transaction, found: list[Credential]) -> list[Due]:
    """Credentials with the MACs of their devices."""
    macs = await devices.macs_of(tx, [id_ for c in found if (id_ := _device_id(c)) is not None])
    return [Due(credential=c, mac=macs.get(_device_id(c) or "")) for c in found]


def _device_id(credential: Credential) -> str | None:
    """The device that a credential belongs to; None for a shared one."""
    scope, _, owner_id = credential.owner.partition(":")
    return owner_id if scope == "device" else None


def _entry(credential: Credential, why: str) -> AuditEntry:
    key_id = credential.sealed and credential.sealed.key_id
    return AuditEntry(
        "credential.deleted",
        object_=credential.owner,
        tenant_id=credential.tenant_id,
        detail={"field": credential.field, "key": key_id, "why": why},
    )
