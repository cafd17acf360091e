"""`Bans`: what is in force against addresses, networks and blocks, and people's part in it: add, end, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from provserver.errors import Conflict, ImportRefused, InvalidValue, NotFound, Refused
from provserver.monitor.active_bans import ActiveBan, Network, active
from provserver.monitor.ban_lists import read
from provserver.monitor.decision import Decision, Measure, Origin, Scope
from provserver.monitor.exports import Format, render
from provserver.monitor.keys import BLOCK_DIGITS, OUI_DIGITS, source_of
from provserver.monitor.policy import UNTIL_UNLOCKED
from provserver.services.context import Context
from provserver.storage import alerts, decisions, devices, requests, tenants
from provserver.storage.changes import DECISIONS
from provserver.storage.database import Transaction

_LIFT_MS = 30 * 86_400_000  # a tenant may end what limits its office once in this time
_AT_ONCE = 500  # devices in one question to the store
_ALERTS = 1_000  # the most that are shown
_AT_DOOR = (Scope.ADDRESS, Scope.PREFIX)
_IPV4, _IPV4_WHOLE, _IPV6_WHOLE = 4, 32, 64
_WIDEST = {4: 8, 6: 19}  # more than one registry gives to one provider; a slip of the keyboard would shut out the world


LONGEST_IMPORTED_S = 7 * 86_400.0  # as what the monitor decides: addresses change hands
_LIST_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a list: *bans* are in force now, *ended* were until now, *problems* name what was not taken."""

    bans: int
    ended: int
    problems: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A decision and the numbers of its evidence (None: a person's)."""

    decision: Decision
    evidence: Mapping[str, Any] | None


class Bans:
    """Lists, makes and ends decisions. A running server carries them out within its polling interval."""

    def __init__(self, *, context: Context, allow: Sequence[Network] = ()) -> None:
        """*allow* are networks that no list may ban."""
        self._context = context
        self._allow = tuple(allow)

    async def in_force(self) -> list[InForce]:
        """What is in force, the oldest first, simulated decisions too."""
        async with self._context.storage.read() as tx:
            found = await decisions.in_force(tx, now_ms=self._context.clock.now_ms())
        return [InForce(decision=decision, evidence=evidence) for decision, evidence in found]

    async def export(self, form: Format) -> str:
        """The bans in force, for another program; see `monitor.exports`."""
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.read() as tx:
            found = await decisions.in_force(tx, now_ms=now_ms)
        bans = active((decision for decision, _ in found), now_ms / 1000)
        return render(bans, form, now=now_ms / 1000)

    async def take_list(self, content: bytes, *, name: str, seconds: float | None = None) -> Imported:
        """
        Ban what is on a list (see `monitor.ban_lists`), in place of what the list *name* has brought before.

        For as long as each entry says, *seconds* or a week at most. A list that cannot be read at all, or on which
        nothing can be used, changes nothing: raises ImportRefused. Raises InvalidValue for a bad name or duration.
        """
        if not _LIST_NAME.fullmatch(name):
            raise InvalidValue("name", f"{name!r} is not 1 to 32 letters, digits, dots, dashes or underscores")
        if seconds is not None and not seconds > 0:
            raise InvalidValue("duration", f"{seconds:g} s is no duration")
        now_ms = self._context.clock.now_ms()
        longest_s = min(LONGEST_IMPORTED_S, seconds or LONGEST_IMPORTED_S)
        found = read(content, reason="", now=now_ms / 1000, longest_s=longest_s)
        problems = [*found.problems, *([f"and {found.left_out} more"] if found.left_out else [])]
        made = []
        for ban in found.bans:
            if any(ban.network.version == one.version and ban.network.overlaps(one) for one in self._allow):
                problems.append(f"{ban.target}: in monitor.allow")
                continue
            made.append(_imported(ban, name, now_ms / 1000))
        if problems and not made:
            raise ImportRefused(problems)
        async with self._context.storage.transaction() as tx:
            ended = await decisions.end_imported(tx, name, at_ms=now_ms, by=self._context.actor)
            await decisions.insert_decisions(tx, made)
            await self._context.record(
                tx,
                "ban.imported",
                object_=name,
                changed=(DECISIONS,),
                detail={"bans": len(made), "ended": ended, "problems": len(problems)},
            )
        return Imported(bans=len(made), ended=ended, problems=problems)

    async def add(
        self, target: str, *, measure: Measure = Measure.BAN, seconds: float | None = None, reason: str = ""
    ) -> Decision:
        """
        Decide about *target*: an address, a network, the first digits of MACs (6 or 9), for *seconds* (None: no end).

        Raises InvalidValue for what is none of these, or cannot be done to it, and Conflict where that is in force.
        """
        scope, value = read_target(target)
        if measure in UNTIL_UNLOCKED:
            raise InvalidValue("measure", f"{measure.value} is for devices: `device {measure.value}`")
        if scope not in _AT_DOOR and measure is not Measure.REFUSE:
            raise InvalidValue("measure", f"{measure.value} cannot be done to MACs, only refuse")
        if seconds is not None and not seconds > 0:
            raise InvalidValue("duration", f"{seconds:g} s is no duration")
        now_ms = self._context.clock.now_ms()
        decision = Decision(
            at=now_ms / 1000,
            until=None if seconds is None else now_ms / 1000 + seconds,
            scope=scope,
            value=value,
            measure=measure,
            reason=reason or "by hand",
            origin=Origin.OPERATOR,
        )
        async with self._context.storage.transaction() as tx:
            present = await decisions.about(tx, scope, value, now_ms=now_ms)
            if any(one.measure is measure and not one.simulated for one in present):
                raise Conflict(f"{measure.value} of {value} is in force already")
            await decisions.insert_decision(tx, decision, None)
            await self._context.record(
                tx,
                "ban.added",
                object_=value,
                changed=(DECISIONS,),
                detail={"measure": measure.value, "seconds": seconds, "reason": reason},
            )
        return decision

    async def remove(self, target: str) -> list[Decision]:
        """End everything that is in force about *target*. Raises NotFound where that is nothing."""
        scope, value = read_target(target)
        async with self._context.storage.transaction() as tx:
            return await self._end(tx, scope, value, by=self._context.actor, tenant_id=None)

    async def of_tenant(self, tenant_id: str) -> Sequence[InForce]:
        """
        What is in force where this tenant's own devices were last seen; why its office is limited.

        Whose other devices are there, and which MACs were tried, is not in it.
        """
        seen = await self._sources(tenant_id)
        return [one for one in await self.in_force() if one.decision.scope in _AT_DOOR and _touches(one.decision, seen)]

    async def lift(self, tenant_id: str, decision_id: int) -> list[Decision]:
        """
        End, for a tenant, a decision that limits its own office, once in 30 days.

        What people have decided about the same place stays in force. Raises NotFound for what is not among
        `of_tenant`, Refused for what a person has decided, and Conflict the second time.
        """
        mine = {one.decision.id: one.decision for one in await self.of_tenant(tenant_id)}
        decision = mine.get(decision_id)
        if decision is None:
            raise NotFound("decision", str(decision_id))
        if decision.origin is not Origin.MONITOR:
            raise Refused(f"decision {decision_id} was not made by the monitor")
        who = f"tenant:{tenant_id}"
        async with self._context.storage.transaction() as tx:
            since_ms = self._context.clock.now_ms() - _LIFT_MS
            if await decisions.was_ended_by(tx, decision.scope, decision.value, who, since_ms=since_ms):
                raise Conflict(f"what is in force about {decision.value} was ended once already")
            return await self._end(tx, decision.scope, decision.value, by=who, tenant_id=tenant_id)

    async def alerts(self, *, limit: int = 100, tenant: str | None = None) -> Sequence[Mapping[str, Any]]:
        """The newest alerts; of a *tenant* (by name) those about its devices. Raises NotFound."""
        async with self._context.storage.read() as tx:
            tenant_id = None
            if tenant is not None:
                found = await tenants.find_tenant(tx, tenant)
                if found is None:
                    raise NotFound("tenant", tenant)
                tenant_id = found.id
            return await alerts.newest_alerts(tx, limit=min(limit, _ALERTS), tenant_id=tenant_id)

    async def _end(
        self, tx: Transaction, scope: Scope, value: str, *, by: str, tenant_id: str | None
    ) -> list[Decision]:
        now_ms = self._context.clock.now_ms()
        present = [
            one
            for one in await decisions.about(tx, scope, value, now_ms=now_ms)
            if tenant_id is None or one.origin is Origin.MONITOR
        ]
        if not present:
            raise NotFound("decision about", value)
        for decision in present:
            await decisions.end(tx, decision.id, at_ms=now_ms, by=by)
        await self._context.record(
            tx,
            "ban.removed",
            object_=value,
            tenant_id=tenant_id,
            changed=(DECISIONS,),
            detail={"measures": [decision.measure.value for decision in present], "by": by},
        )
        return present

    async def _sources(self, tenant_id: str) -> frozenset[str]:
        """The sources and networks from which the tenant's devices were last seen."""
        async with self._context.storage.read() as tx:
            ids = await devices.ids_of_tenant(tx, tenant_id)
        found: set[str] = set()
        async with self._context.storage.read("requests") as tx:
            for start in range(0, len(ids), _AT_ONCE):
                seen = await requests.last_seen(tx, ids[start : start + _AT_ONCE])
                found.update(one["address"] for one in seen.values())
        return frozenset(key for address in found for key in source_of(address))


def _imported(ban: ActiveBan, name: str, at: float) -> Decision:
    """The decision that follows an entry. Of IPv6, an address stands for its /64, as everywhere."""
    scope, value = read_target(ban.target)
    return Decision(
        at=at,
        until=ban.until,
        scope=scope,
        value=value,
        measure=Measure.BAN,
        reason=f"{name} {ban.reason}".rstrip(),
        origin=Origin.IMPORT,
    )


def read_target(text: str) -> tuple[Scope, str]:
    """
    What a person means by *text*, in canonical form: an address, a network, or 6 or 9 digits of MACs.

    IPv6 addresses stand for their /64: who has one has them all. Raises InvalidValue.
    """
    digits = text.strip().lower().replace(":", "").replace("-", "")
    if len(digits) in (OUI_DIGITS, BLOCK_DIGITS) and "." not in text and "/" not in text and _is_hex(digits):
        return (Scope.OUI if len(digits) == OUI_DIGITS else Scope.BLOCK), digits
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise InvalidValue("target", f"{text!r} is no address, network, or 6 or 9 digits of MACs") from None
    if network.prefixlen < _WIDEST[network.version]:
        raise InvalidValue("target", f"{text!r} is wider than /{_WIDEST[network.version]}")
    if network.version == _IPV4:
        whole = network.prefixlen == _IPV4_WHOLE
        return (Scope.ADDRESS, str(network.network_address)) if whole else (Scope.PREFIX, str(network))
    if network.prefixlen >= _IPV6_WHOLE:
        return Scope.ADDRESS, source_of(str(network.network_address)).source
    return Scope.PREFIX, str(network)


def _touches(decision: Decision, sources: frozenset[str]) -> bool:
    if decision.value in sources:
        return True
    try:
        network = ip_network(decision.value)
        return any(
            other.version == network.version and other.subnet_of(network)  # type: ignore[arg-type]  # the same version
            for other in (ip_network(source) for source in sources)
        )
    except ValueError:  # a source that is no address
        return False


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
