"""
`CrowdSec`: bans in force are handed to CrowdSec's local API, and taken back when they are lifted.

There is no queue to lose: the store says what is in force, the API says what it holds, and the difference is made up.
What was done while one of both was away, or by a process that died in the middle, is found by the next comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import structlog

from provserver.errors import PeerError
from provserver.metrics import Metrics
from provserver.monitor.active_bans import ActiveBan, active
from provserver.monitor.crowdsec import ORIGIN, Held, alert_of, held_of, plan
from provserver.outbound.crowdsec import LocalAPI
from provserver.services.context import Context
from provserver.services.patience import Patience
from provserver.storage import decisions

UNREACHED_EVENT = "crowdsec.unreached"

_AT_ONCE = 500  # alerts of one request; some 300 kB
_LIST_S = 600  # so often it is asked what it holds: it may forget, and people may take out what is in force here


class CrowdSec:
    """One for the process. *monotonic* is in seconds."""

    def __init__(
        self,
        *,
        context: Context,
        api: LocalAPI,
        monotonic: Callable[[], float],
        random: Random,
        metrics: Metrics,
    ) -> None:
        self._context = context
        self._api = api
        self._monotonic = monotonic
        self._patience = Patience(monotonic=monotonic, random=random)
        self._metrics = metrics
        self._held: dict[str, list[Held]] | None = None  # None: it has to be asked
        self._listed_at = 0.0

    async def work(self) -> None:
        """Make up the difference, if it is time to try."""
        if not self._patience.is_time():
            return
        wanted = await self._wanted()
        try:
            await self._make_up(wanted)
        except PeerError as error:
            self._held = None  # nobody knows what has come of the last call
            self._metrics.crowdsec_decisions.of("failed").inc()
            next_s = round(self._patience.failed())
            structlog.get_logger().warning(UNREACHED_EVENT, problem=str(error), next_s=next_s)
            return
        self._patience.worked()

    async def _wanted(self) -> list[ActiveBan]:
        """Bans of the monitor and of people; lists of others are not handed on, some come from there."""
        now_ms = self._context.clock.now_ms()
        async with self._context.storage.read() as tx:
            return active(await decisions.own_bans(tx, now_ms=now_ms), now_ms / 1000)

    async def _make_up(self, wanted: list[ActiveBan]) -> None:
        now = self._context.clock.now_ms() / 1000
        if self._held is None or self._monotonic() - self._listed_at >= _LIST_S:
            self._held = await self._list(now)
            self._listed_at = self._monotonic()
        held = self._held
        todo = plan(wanted, held, now)
        for start in range(0, len(todo.push), _AT_ONCE):
            bans = todo.push[start : start + _AT_ONCE]
            ids = await self._api.push([alert_of(ban, now) for ban in bans])
            for ban, alert_id in zip(bans, ids, strict=True):
                until = float("inf") if ban.until is None else ban.until
                held.setdefault(ban.target, []).append(Held(alert_id=alert_id, until=until))
            self._metrics.crowdsec_decisions.of("pushed").inc(len(bans))
        for alert_id in todo.withdraw:
            await self._api.withdraw(alert_id)
            self._metrics.crowdsec_decisions.of("withdrawn").inc()
        gone = frozenset(todo.withdraw)
        self._held = {
            target: left
            for target, ones in held.items()
            if (left := [one for one in ones if one.alert_id not in gone and one.until > now])
        }
        self._metrics.crowdsec_held.set(len(self._held))

    async def _list(self, now: float) -> dict[str, list[Held]]:
        try:
            return held_of(await self._api.alerts(origin=ORIGIN), machine=self._api.machine, now=now)
        except (ValueError, AttributeError):
            raise PeerError("its list of alerts is not understood") from None
