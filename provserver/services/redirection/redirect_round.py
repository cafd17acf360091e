"""`Round`: one account's claimed registrations are sent, some at a time, until they are done or the service is ill."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import structlog

from provserver.clock import SteadyClock
from provserver.domain.registration import RedirectAccount, Registration, RegistrationState, RegistrationWish
from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.redirect.catalogue import Service
from provserver.redirect.health import TOLERATED, Health, back_off_ms
from provserver.redirect.protocol import DONE, Ability, Client, Outcome, Result, Standing, Wish, spoken
from provserver.secret import Secret
from provserver.services.redirection.handovers import Handovers
from provserver.services.redirection.registrations import Registrations

REFUSED_PAUSE_MS = 900_000  # an account that is not let in is tried again every quarter of an hour
QUOTA = "quota"  # the reason of what was not sent because its tenant had claimed too many MACs of others


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A registration after it was worked on. *outcome* None: it was not, and is as it was before."""

    registration: Registration
    outcome: Outcome | None = None
    pin: Secret | None = None

    @property
    def has_failed(self) -> bool:
        """Whether somebody has to look at it."""
        return self.registration.state is RegistrationState.FAILED

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing is left of it at the maker."""
        return self.registration.state is RegistrationState.WITHDRAWN


class Round:
    """Sends for one account. *calls* at once; *health* is that of the account, as it becomes."""

    def __init__(
        self,
        *,
        account: RedirectAccount,
        service: Service,
        client: Client,
        registrations: Registrations,
        clock: SteadyClock,
        random: Random,
        calls: int,
        handovers: Handovers,
    ) -> None:
        self.account = account
        self.health = Health(failures=account.failures, paused_until=account.paused_until)
        self.problem = account.problem
        self._service = service
        self._client = client
        self._registrations = registrations
        self._clock = clock
        self._random = random
        self._handovers = handovers
        self._at_once = asyncio.Semaphore(calls)
        self._changed = False

    @property
    def is_over(self) -> bool:
        """Whether the service is to be left alone."""
        return self._clock.now_ms() < self.health.paused_until

    def take_changed(self) -> bool:
        """Whether *health* or *problem* have changed since the last call."""
        changed, self._changed = self._changed, False
        return changed

    async def send(self, claimed: Sequence[Registration]) -> list[Done]:
        """Send all of *claimed*; what is left when the service falls ill comes back as it was."""
        async with asyncio.TaskGroup() as tasks:
            sent = [
                tasks.create_task(self._unit(unit), name=f"registrations {self._service.slug}")
                for unit in _units(claimed, self._service.batch)
            ]
        return [one for task in sent for one in task.result()]

    async def _unit(self, unit: Sequence[Registration]) -> list[Done]:
        async with self._at_once:
            if self.is_over:
                return [Done(registration=one) for one in unit]
            try:
                results = await self._tell(unit)
            except ServiceUnreachable as error:
                self._has_failed(error)
                return [self._postponed(one, str(error)) for one in unit]
            except AccountRefused as error:
                self._is_not_let_in(error)
                return [Done(registration=one) for one in unit]  # nothing was entered
            except Exception as error:  # noqa: BLE001 - the queue must outlive one device that trips a client
                structlog.get_logger().error("registration.broken", service=self._service.slug, exc_info=error)
                return [self._postponed(one, f"a mistake of ours ({type(error).__name__})") for one in unit]
        if self.health.failures or self.problem:
            self.health, self.problem, self._changed = Health(), None, True
        return [self._settled(one, result) for one, result in zip(unit, results, strict=True)]

    async def _tell(self, unit: Sequence[Registration]) -> list[Result]:
        """Have the service know. What it may have been told before is looked up first, where that is possible."""
        wishes = [self._registrations.sendable(one, self.account) for one in unit]
        known: dict[int, Result] = {}
        if self._service.can(Ability.LOOK_UP):
            for position, (one, wish) in enumerate(zip(unit, wishes, strict=True)):
                if one.state is RegistrationState.SENT:
                    found = await self._found(one, wish)
                    if found is not None:
                        known[position] = found
        rest = [pair for position, pair in enumerate(zip(unit, wishes, strict=True)) if position not in known]
        told = iter(await self._do(unit[0].wish, rest) if rest else [])
        return [known[position] if position in known else next(told) for position in range(len(unit))]

    async def _do(self, wish: RegistrationWish, wanted: Sequence[tuple[Registration, Wish]]) -> list[Result]:
        wishes = [one for _, one in wanted]
        if wish is RegistrationWish.LISTED and self._service.hosts:
            return await self._handovers.register(self._client, self.account, wanted)
        if wish is RegistrationWish.LISTED:
            return await self._client.register(wishes)
        if self._service.can(Ability.WITHDRAW):
            return await self._client.withdraw(wishes)
        said = f"{self._service.name} has no call for that; remove it in the maker's portal"
        return [Result(outcome=Outcome.NOT_ALLOWED, said=said) for _ in wishes]

    async def _found(self, registration: Registration, wish: Wish) -> Result | None:
        """What makes telling unnecessary; None: it has to be told."""
        entry = await self._client.look_up(wish)
        if registration.is_leaving:
            return None if entry.standing is Standing.OURS else Result(outcome=Outcome.ABSENT)
        if entry.standing is Standing.FOREIGN:
            return Result(outcome=Outcome.OWNED_BY_ANOTHER)
        if self._service.hosts:  # that it has the device says nothing of what it would tell it
            return None
        if entry.standing is Standing.OURS and entry.url is not None and entry.url == wish.url:
            return Result(outcome=Outcome.ALREADY_OURS)
        return None

    def _settled(self, one: Registration, result: Result) -> Done:
        now_ms = self._clock.now_ms()
        ended = replace(
            one,
            attempts=0,
            due_at=None,
            reason=result.outcome.value,
            said=result.said or None,
            changed_at=now_ms,
        )
        if one.is_leaving and result.outcome is Outcome.OWNED_BY_ANOTHER:  # then it is not ours, which was the wish
            result = Result(outcome=Outcome.ABSENT, said=result.said)
        if result.outcome not in DONE:
            ended = replace(ended, state=RegistrationState.FAILED)
        elif one.is_leaving:
            ended = replace(ended, state=RegistrationState.WITHDRAWN)
        else:
            ended = replace(ended, state=RegistrationState.CONFIRMED, confirmed_at=now_ms, seen_at=None)
        return Done(registration=ended, outcome=result.outcome, pin=result.pin)

    def _postponed(self, one: Registration, said: str) -> Done:
        now_ms = self._clock.now_ms()
        later = replace(
            one,
            state=RegistrationState.SENT,
            attempts=one.attempts + 1,
            due_at=now_ms + back_off_ms(one.attempts, self._random),
            reason=Outcome.UNREACHABLE.value,
            said=spoken(said),
            changed_at=now_ms,
        )
        return Done(registration=later, outcome=Outcome.UNREACHABLE)

    def _has_failed(self, error: ServiceUnreachable) -> None:
        before = self.health
        self.health = before.failed(now_ms=self._clock.now_ms(), random=self._random, retry_after_s=error.retry_after_s)
        self._changed = True
        if self.health.paused_until > self._clock.now_ms() and self.health.paused_until != before.paused_until:
            self.problem = spoken(error)
            structlog.get_logger().warning(
                "redirect.service_paused",
                service=self._service.slug,
                problem=self.problem,
                failures=self.health.failures,
                pause_s=(self.health.paused_until - self._clock.now_ms()) // 1000,
            )

    def _is_not_let_in(self, error: AccountRefused) -> None:
        if self.is_over:
            return  # one of those that were on their way together
        until_ms = self._clock.now_ms() + REFUSED_PAUSE_MS
        self.health = Health(failures=max(self.health.failures, TOLERATED), paused_until=until_ms)
        self.problem, self._changed = spoken(error), True
        structlog.get_logger().error("redirect.account_refused", service=self._service.slug, problem=self.problem)


def over_quota(one: Registration, now_ms: int) -> Done:
    """What was not sent because its tenant had claimed too many MACs of others."""
    failed = replace(one, state=RegistrationState.FAILED, due_at=None, reason=QUOTA, said="not sent", changed_at=now_ms)
    return Done(registration=failed, outcome=Outcome.NOT_ALLOWED)


def _units(claimed: Sequence[Registration], batch: int) -> Iterator[list[Registration]]:
    """What goes out in one call each: registrations of one wish, as many as the service takes."""
    for wish in RegistrationWish:
        same = [one for one in claimed if one.wish is wish]
        for start in range(0, len(same), batch):
            yield same[start : start + batch]
