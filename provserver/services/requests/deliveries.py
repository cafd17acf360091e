"""
What is on the disk before, and what after, credentials leave: `Deliveries`.

Before: the release, which is a running clock. After a complete delivery: the first delivery, from which the days count.
After one that broke off: the release is taken back, unless another attempt is under way. A process killed in between
leaves the release standing, and retention counts from it (`presume_delivered`): rather too early than never.
"""

from __future__ import annotations

import secrets as random_source
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from provserver.domain.device import Credential
from provserver.domain.evolved import evolved
from provserver.domain.request import ProvRequest
from provserver.errors import StorageError
from provserver.release import Homes, Proof, network_prefix
from provserver.services.context import Context
from provserver.services.records import Record, Whole
from provserver.storage import records as writes
from provserver.storage.events import ADD_EVENT
from provserver.storage.group import Write

NEEDS_PASSWORD = "needs_password"  # noqa: S105 - the name of an event


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An answer with credentials on its way out. *starting*: those whose clock starts when it arrives."""

    record: Record
    whole: Whole
    request: ProvRequest
    proof: Proof | None
    starting: tuple[Credential, ...]
    release_id: int
    begun_at: int
    provisions: bool  # the first since the device was armed: it ends the window


@dataclass(slots=True)
class _Attempts:
    """
    How many deliveries are under way that put the same mark, and the marks of all since there were none.

    A credential's marks are release ids; that of the end of a device's window is its time.
    """

    under_way: int = 0
    marks: list[int] = field(default_factory=list)
    arrived: bool = False


class Deliveries:
    """
    Records releases and deliveries. *retention_ms* is the server's own period; a tenant can have another.

    A delivery to where devices are loaded (see `Homes`) is not a device's first one: it ends no window and makes no
    home, so that what was loaded before shipping arrives unlocked. The days of its credentials run all the same.
    *written* is told of each record that says what has been written just now.
    """

    def __init__(self, *, context: Context, retention_ms: int, homes: Homes, written: Callable[[Record], None]) -> None:
        self._context = context
        self._retention_ms = retention_ms
        self._homes = homes
        self._written = written
        self._attempts: dict[str, _Attempts] = {}  # by credential
        self._endings: dict[str, _Attempts] = {}  # of windows, by device

    def draft(
        self,
        request: ProvRequest,
        proof: Proof | None,
        record: Record,
        whole: Whole,
        carried: Sequence[Credential],
    ) -> Delivery | None:
        """
        What has to be recorded before *carried* may leave: `begin` it.

        None for a device whose clocks all run already: there is nothing to record, and it costs nothing.
        """
        device = record.access.device
        starting = [c for c in carried if c.first_delivered_at is None and c.owner.startswith("device:")]
        staged = self._homes.is_staging(request.address)
        provisions = device.provisioned_at is None and not staged
        if device.provisioned_at is not None and device.provisioned_prefix is None and not staged:
            self._settle(record, network_prefix(request.address))
        if not starting and not provisions:
            return None
        return Delivery(
            record=record,
            whole=whole,
            request=request,
            proof=proof,
            starting=tuple(starting),
            release_id=random_source.randbits(62),
            begun_at=self._context.clock.now_ms(),
            provisions=provisions,
        )

    async def begin(self, delivery: Delivery) -> None:
        """Have the release on the disk. Returns only then; raises StorageError, and nothing may leave."""
        record = delivery.record
        self._enter(delivery)
        try:
            await self._context.storage.group.write(_release_writes(delivery))
        except StorageError:
            self.broken(delivery)
            raise
        if delivery.provisions and record.access.device.provisioned_at is None:  # the first of several counts
            prefix = network_prefix(delivery.request.address)
            _update(record, provisioned_at=delivery.begun_at, provisioned_prefix=prefix)
        self._written(record)

    async def complete(self, delivery: Delivery, file: str) -> None:
        """The artefact arrived: the days count from now. On the disk when this returns."""
        self._leave_window(delivery, arrived=True)
        if not delivery.starting:
            return
        now_ms = self._context.clock.now_ms()
        tenant = delivery.record.access.tenant
        until_ms = now_ms + (tenant.retention_ms or self._retention_ms)
        device = delivery.record.access.device
        group: list[Write] = [
            (writes.MARK_DELIVERED, writes.MARK_DELIVERED.bind(credential=c.id, at=now_ms, until=until_ms))
            for c in delivery.starting
        ]
        group.append(
            (
                writes.ADD_DELIVERY,
                writes.ADD_DELIVERY.bind(
                    device_id=device.id,
                    at=now_ms,
                    file=file,
                    proof=str(delivery.proof),
                    address=delivery.request.address,
                    user_agent=delivery.request.user_agent,
                    credentials=len(delivery.starting),
                ),
            )
        )
        try:
            await self._context.storage.group.write(group)
        except StorageError as error:
            # The release stands on the disk and counts instead; it stays under way, so that no other attempt takes it
            # back. The cache must not believe in a later start.
            structlog.get_logger().error("delivery.unrecorded", mac=device.mac.value, problem=str(error))
            return
        self._leave(delivery)
        for credential in delivery.starting:
            started = evolved(credential, first_delivered_at=now_ms, delete_after=until_ms)
            if delivery.whole.credentials.get(credential.field) is credential:
                delivery.whole.credentials[credential.field] = started
        self._written(delivery.record)

    def broken(self, delivery: Delivery) -> None:
        """The artefact did not arrive: take the release back, if nobody else relies on it."""
        group = self._leave(delivery) + self._leave_window(delivery, arrived=False)
        if group:
            self._write_soon(group, delivery.record)

    def _settle(self, record: Record, prefix: str) -> None:
        """A device that was unlocked is at home where it proves itself next."""
        statement = writes.MARK_HOME
        _update(record, provisioned_prefix=prefix)
        self._write_soon([(statement, statement.bind(device=record.access.device.id, prefix=prefix))], record)

    def lasting_token_used(self, record: Record, now_ms: int) -> None:
        """The device has its lasting URL and uses it: its bootstrap token dies, and the one before the last arming."""
        device = record.access.device
        group: list[Write] = [
            (
                writes.MARK_LASTING_USED,
                writes.MARK_LASTING_USED.bind(device=device.id, lasting=device.tokens.lasting, at=now_ms),
            ),
            *(
                (writes.BURY_TOKEN, writes.BURY_TOKEN.bind(fingerprint=dead, device=device.id, at=now_ms))
                for dead in (device.tokens.bootstrap, device.tokens.previous)
                if dead
            ),
        ]
        tokens = evolved(device.tokens, lasting_used_at=now_ms, bootstrap=None, previous=None)
        _update(record, tokens=tokens)
        self._write_soon(group, record)

    def needs_password(self, record: Record, request: ProvRequest, now_ms: int) -> None:
        """Tell the reseller, once, that this device has forgotten its password and we have too."""
        device = record.access.device
        if device.needs_password_at is not None:
            return
        _update(record, needs_password_at=now_ms)
        event = ADD_EVENT.bind(
            tenant_id=device.tenant_id,
            device_id=device.id,
            at=now_ms,
            kind=NEEDS_PASSWORD,
            detail=f"asked again from {request.address} after its password was deleted",
        )
        mark = writes.MARK_NEEDS_PASSWORD
        self._write_soon([(mark, mark.bind(device=device.id, at=now_ms)), (ADD_EVENT, event)], record)

    def _write_soon(self, group: Sequence[Write], record: Record) -> None:
        """Have *group* written, and then every copy of *record* forgotten that was read before."""
        self._context.storage.group.write_soon(group, then=lambda: self._written(record))

    def _enter(self, delivery: Delivery) -> None:
        for credential in delivery.starting:
            attempts = self._attempts.setdefault(credential.id, _Attempts())
            attempts.under_way += 1
            attempts.marks.append(delivery.release_id)
        if delivery.provisions:
            attempts = self._endings.setdefault(delivery.record.access.device.id, _Attempts())
            attempts.under_way += 1
            attempts.marks.append(delivery.begun_at)

    def _leave(self, delivery: Delivery) -> list[Write]:
        """
        End an attempt; gives what takes the releases back of which it was the last.

        The row knows only the newest of several attempts. An older one may still arrive, or break off after it, so the
        last to leave takes back whichever of them is there. Where one has arrived, that does nothing.
        """
        group: list[Write] = []
        for credential in delivery.starting:
            attempts = self._attempts[credential.id]
            attempts.under_way -= 1
            if not attempts.under_way:
                del self._attempts[credential.id]
                group += [
                    (writes.TAKE_BACK, writes.TAKE_BACK.bind(credential=credential.id, release=release_id))
                    for release_id in attempts.marks
                ]
        return group

    def _leave_window(self, delivery: Delivery, *, arrived: bool) -> list[Write]:
        """
        The same for the end of the device's window, which stays as soon as one attempt has arrived.

        The row has the mark of the first attempt, whichever of them arrives.
        """
        device = delivery.record.access.device
        attempts = self._endings.get(device.id) if delivery.provisions else None
        if attempts is None:
            return []
        attempts.under_way -= 1
        attempts.arrived |= arrived
        if attempts.under_way:
            return []
        del self._endings[device.id]
        if attempts.arrived:
            return []
        if device.provisioned_at in attempts.marks:
            _update(delivery.record, provisioned_at=None, provisioned_prefix=None)
        statement = writes.TAKE_BACK_PROVISIONED
        return [(statement, statement.bind(device=device.id, at=at)) for at in attempts.marks]


def _release_writes(delivery: Delivery) -> list[Write]:
    group: list[Write] = [
        (
            writes.MARK_RELEASED,
            writes.MARK_RELEASED.bind(credential=c.id, at=delivery.begun_at, release=delivery.release_id),
        )
        for c in delivery.starting
    ]
    if delivery.provisions:
        prefix = network_prefix(delivery.request.address)
        statement = writes.MARK_PROVISIONED
        device = delivery.record.access.device
        group.append((statement, statement.bind(device=device.id, at=delivery.begun_at, prefix=prefix)))
    return group


def _update(record: Record, **changes: object) -> None:
    """Bring a cached record in line with what is being written."""
    record.access = evolved(record.access, device=evolved(record.access.device, **changes))
