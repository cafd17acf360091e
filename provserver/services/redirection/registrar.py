"""
Tells makers' services what is wished, until it is so: `Registrar`.

Work is claimed from the store with a lease, written down as disclosed before anything leaves, and finished with what
came of it. Killed at any moment, nothing is lost: what may have been told is looked up, or told again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import urlsplit

import structlog

from provserver.domain.registration import RedirectAccount, Registration, RegistrationWish
from provserver.errors import VaultError
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.protocol import Outcome
from provserver.services.context import Context
from provserver.services.redirection.handovers import Handovers
from provserver.services.redirection.redirect_clients import Clients
from provserver.services.redirection.redirect_pins import Pins
from provserver.services.redirection.redirect_round import Done, Round, over_quota
from provserver.services.redirection.registrations import Registrations
from provserver.storage import events, meta, redirect_accounts, registrations, requests
from provserver.storage.database import Transaction

_UNITS_A_CALLER = 16  # claimed at once: enough that nobody waits for the last ones, few enough for one lease
_CLAIMED_MOST = 1000  # in one transaction: a tenth of a second for the one writer that there is
_TURN_MS = 5_000  # how long a device of another account may have to wait to be noticed, beside `redirect.poll_s`
_DAY_MS = 86_400_000
_SEEN = "redirect_seen"  # up to which request it has been looked who came
_PAGE = 50_000  # requests that are looked at together
_RELEASED = frozenset({"delivered", "served", "not_modified"})  # a stranger can only be refused
Progress = Callable[[int, int], None]


class Registrar:
    """
    Works on the queue. *calls* go out at once for each account; a lease is good for *lease_ms*.

    *settled* is told service and outcome of each device. *quota*: so many MACs of others may a tenant claim in a day.
    """

    def __init__(
        self,
        *,
        context: Context,
        clients: Clients,
        registrations: Registrations,
        pins: Pins,
        handovers: Handovers,
        name: str,
        calls: int,
        lease_ms: int,
        quota: int,
        random: Random,
        settled: Callable[[str, str], None],
    ) -> None:
        self._context = context
        self._clients = clients
        self._registrations = registrations
        self._pins = pins
        self._handovers = handovers
        self._name = name
        self._calls = calls
        self._lease_ms = lease_ms
        self._quota = quota
        self._random = random
        self._settled = settled

    async def take_over(self) -> int:
        """Let go of what a dead process of this name had taken; returns how many. Call while you alone bear it."""
        async with self._context.storage.transaction() as tx:
            return await registrations.release_leases(tx, f"{self._name}:")

    async def run(self) -> None:
        """
        Work on the queues of all accounts side by side, each for its turn.

        A turn is short, so that a long queue does not keep another account's new wishes from being noticed.
        """
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.read() as tx:
            due = await registrations.due_accounts(tx, now_ms=now_ms)
            accounts = [await redirect_accounts.get_account(tx, account_id) for account_id in due]
        async with asyncio.TaskGroup() as tasks:
            for account in accounts:
                if account is not None:
                    work = self.work(account, until_ms=now_ms + _TURN_MS)
                    tasks.create_task(work, name=f"registrar {account.service}")

    async def work(
        self,
        account: RedirectAccount,
        tell: Callable[[int], None] = lambda _done: None,
        *,
        until_ms: int | None = None,
    ) -> int:
        """
        Work on the queue of one account until nothing is due or the service wants to be left alone.

        After *until_ms* nothing more is claimed. Returns how many registrations have come to an end; *tell* is told
        after each part.
        """
        try:
            client = await self._clients.of(account)
        except VaultError as error:
            structlog.get_logger().error("redirect.account_unreadable", service=account.service, problem=str(error))
            return 0
        lease = f"{self._name}:{self._random.getrandbits(64):016x}"
        service = SERVICES[account.service]
        round_ = Round(
            account=account,
            service=service,
            client=client,
            registrations=self._registrations,
            clock=self._context.clock,
            random=self._random,
            calls=self._calls,
            handovers=self._handovers,
        )
        in_a_turn = max(1, int((account.per_s or service.per_s) * _TURN_MS / 1000))
        most = min(self._calls * _UNITS_A_CALLER, in_a_turn) * service.batch
        ended = 0
        while not round_.is_over:
            limit = service.batch if round_.health.is_doubtful else min(most, _CLAIMED_MOST)
            claimed = await self._claim(account, lease, limit=limit)
            if not claimed:
                break
            allowed, refused = await self._within_quota(claimed)
            done = [*await round_.send(allowed), *(over_quota(one, self._context.clock.now_ms()) for one in refused)]
            await self._finish(round_, done, lease)
            ended += sum(one.registration.due_at is None for one in done)
            tell(ended)
            if until_ms is not None and self._context.clock.now_ms() >= until_ms:
                break
        return ended

    async def look_for_phones(self) -> int:
        """Note whose phones have come since the last look; returns how many were seen for the first time."""
        async with self._context.storage.read() as tx:
            after = int(await meta.get(tx, _SEEN) or 0)
        async with self._context.storage.read("requests") as tx:
            if await requests.newest(tx) < after:  # the log has been emptied or replaced, and counts anew
                after = 0
        seen = 0
        while True:
            async with self._context.storage.read("requests") as tx:
                upto, came = await requests.devices_after(tx, after, outcomes=_RELEASED, limit=_PAGE)
            if upto == after:
                return seen
            after = upto
            async with self._context.storage.transaction() as tx:
                seen += await registrations.mark_seen(tx, came, at_ms=self._context.clock.now_ms())
                await meta.put(tx, _SEEN, str(after))

    async def _claim(self, account: RedirectAccount, lease: str, *, limit: int) -> list[Registration]:
        """Take work, and write down who is going to be told what: on the disk before anything leaves."""
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.transaction() as tx:
            claimed = await registrations.claim(
                tx, account.id, lease=lease, until_ms=now_ms + self._lease_ms, now_ms=now_ms, limit=limit
            )
            # What is handed over is written down when it is opened, line by line: see `Handovers`.
            told = [one for one in claimed if one.is_leaving or not SERVICES[account.service].hosts]
            if told:
                await self._disclose(tx, account, told, now_ms=now_ms)
        return claimed

    async def _disclose(
        self, tx: Transaction, account: RedirectAccount, claimed: Sequence[Registration], *, now_ms: int
    ) -> None:
        recipient = f"{account.service} ({urlsplit(account.endpoint).hostname})"
        rows = [
            {
                "at": now_ms,
                "tenant_id": one.tenant_id,
                "device_id": one.device_id,
                "mac": one.mac.value,
                "recipient": recipient,
                "what": _told(one),
                "why": "register" if one.wish is RegistrationWish.LISTED else "withdraw",
            }
            for one in claimed
        ]
        await registrations.disclose(tx, rows)
        for tenant_id in sorted({one.tenant_id for one in claimed}):
            macs = sorted(one.mac.value for one in claimed if one.tenant_id == tenant_id)
            await self._context.record(
                tx,
                "redirect.disclosed",
                object_=macs[0] if len(macs) == 1 else f"{len(macs)} devices",
                tenant_id=tenant_id,
                detail={"recipient": recipient, "macs": macs},
            )

    async def _within_quota(self, claimed: Sequence[Registration]) -> tuple[list[Registration], list[Registration]]:
        """
        Those that may be sent, and those of tenants who have claimed too many MACs of others.

        Somebody who enters MACs that he has never held finds out by their refusals whose they are.
        """
        since_ms = self._context.clock.now_ms() - _DAY_MS
        over = set()
        async with self._context.storage.read() as tx:
            for tenant_id in {one.tenant_id for one in claimed}:
                reason = Outcome.OWNED_BY_ANOTHER.value
                if await registrations.conflicts(tx, tenant_id, reason=reason, since_ms=since_ms) >= self._quota:
                    over.add(tenant_id)
        stopped = [one for one in claimed if one.tenant_id in over and one.wish is RegistrationWish.LISTED]
        return [one for one in claimed if one not in stopped], stopped

    async def _finish(self, round_: Round, done: Sequence[Done], lease: str) -> None:
        account, health = round_.account, round_.health
        await self._pins.keep([(one.registration, one.pin) for one in done if one.pin])
        async with self._context.storage.transaction() as tx:
            await registrations.finish(tx, [one.registration for one in done], lease=lease)
            for one in done:
                if one.outcome is not None and one.has_failed:
                    await self._note_failure(tx, account, one)
            if round_.take_changed():
                await redirect_accounts.set_health(
                    tx,
                    account.id,
                    failures=health.failures,
                    paused_until=health.paused_until,
                    problem=round_.problem,
                )
        await self._pins.forget([one.registration for one in done if one.is_withdrawn])
        outcomes = Counter(one.outcome.value for one in done if one.outcome is not None)
        for outcome, count in outcomes.items():
            for _ in range(count):
                self._settled(account.service, outcome)
        if outcomes:
            structlog.get_logger().info("registration.settled", service=account.service, **dict(outcomes))

    async def _note_failure(self, tx: Transaction, account: RedirectAccount, one: Done) -> None:
        registration = one.registration
        facts = {
            "service": account.service,
            "mac": registration.mac.value,
            "reason": registration.reason,
            "said": registration.said,
        }
        if one.outcome is Outcome.OWNED_BY_ANOTHER:
            structlog.get_logger().warning("registration.claimed", tenant=registration.tenant_id, **facts)
        else:
            structlog.get_logger().warning("registration.failed", **facts)
        await events.add(
            tx,
            tenant_id=registration.tenant_id,
            device_id=registration.device_id,
            at_ms=registration.changed_at,
            kind="registration_failed",
            detail=f"{SERVICES[account.service].name}: {registration.reason}: {registration.said}",
        )


def _told(registration: Registration) -> str:
    parts = ["mac"]
    if registration.serial:
        parts.append("serial")
    if registration.wish is RegistrationWish.LISTED:
        parts.append("url")
    return ", ".join(parts)
