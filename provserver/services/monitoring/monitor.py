"""
`Monitor`: the monitor at work in a server: a bounded queue, one task, and what is in force at the doors.

The request path only appends to the queue; when it is full, sightings are dropped and counted. What is decided is in
force at once, and written down right after. Fails open: whatever goes wrong in here shuts nobody out, and releases
nothing either, because proofs are asked for elsewhere.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from random import Random

import structlog
from cachetools import LRUCache

from provserver.clock import iso
from provserver.errors import ProvserverError, StorageError
from provserver.metrics import Metrics
from provserver.monitor.decision import Alert, Decision, Measure, Scope
from provserver.monitor.detector import Detector
from provserver.monitor.engine import Engine
from provserver.monitor.event import Event
from provserver.monitor.gcra import Leak
from provserver.monitor.history import MEMORY_S, REMEMBERED
from provserver.monitor.holders import with_holders, with_system
from provserver.monitor.keys import source_of
from provserver.monitor.limiter import Limiter
from provserver.monitor.policy import UNTIL_UNLOCKED, Policy
from provserver.monitor.restraints import Restraints
from provserver.services.context import Context
from provserver.services.monitoring.sightings import Sighting, Sightings
from provserver.settings import MonitorSettings
from provserver.storage import alerts, decisions
from provserver.storage.events import ADD_EVENT
from provserver.whereabouts import Whereabouts

ALERT_EVENT = "alert.raised"
DECISION_EVENT = "decision.made"
BROKEN_EVENT = "monitor.failed"

_IDLE_S = 0.25  # between two looks at the queue, while only phones with proofs come
_BATCH = 256  # sightings between two turns of the event loop
# Alerts that wait while the store is broken; later ones are not written down. What was decided is in force all the
# same, until the store is read anew. Fails open, but for locks: a device is locked by writing it, and all wait.
_UNWRITTEN = 10_000
_JUST_WRITTEN = 1_024  # decisions; more are not written in the moment that reading what is in force takes
_DEAD_KEPT = 16_384  # answers of the store about tokens
_DEAD_ASKED = 32  # tokens of one batch that the store is asked about; guesses by the thousand are no dead tokens
_LIMITED = Leak(capacity=10, leak_s=6)  # requests without a proof that are looked at where a limit is in force
_PAUSES = 256  # answers that are held back at once; beyond that, nobody waits longer
# Alerts that nothing follows, in the log and in the store: neither must be filled by attackers, nor by a fleet of
# phones with the same trouble. All are counted.
_HEARD = Leak(capacity=200, leak_s=2)


class Monitor:
    """One for the process. *lock* does what was decided about a device, given its MAC, the measure and the reason."""

    def __init__(
        self,
        *,
        context: Context,
        settings: MonitorSettings,
        sightings: Sightings,
        whereabouts: Whereabouts,
        detectors: Sequence[Detector],
        key: bytes,
        random: Random,
        metrics: Metrics,
        lock: Callable[[str, Measure, str], Awaitable[None]],
    ) -> None:
        self._context = context
        self._settings = settings
        self._sightings = sightings
        self._detectors = {detector.name: detector for detector in detectors}
        self._engine = Engine(detectors, key=key)
        self._policy = Policy(
            detectors,
            random=random,
            allow=settings.allow,
            simulate=settings.simulate,
            simulated=settings.simulated,
        )
        self._metrics = metrics
        self._lock = lock
        self._whereabouts = whereabouts
        self._random = random
        self._is_allowed = lru_cache(maxsize=4096)(lambda address: self._policy.is_allowed(Scope.ADDRESS, address))
        self.restraints = Restraints()
        self._queue: deque[Sighting | Event] = deque()
        self._wake = asyncio.Event()
        self._dead: LRUCache[bytes, bool] = LRUCache(_DEAD_KEPT)
        self._sources = Limiter(Leak(capacity=settings.source_burst, leak_s=1 / settings.source_per_s))
        self._devices = Limiter(Leak(capacity=settings.device_burst, leak_s=60 / settings.device_per_minute))
        self._proven = Limiter(Leak(capacity=settings.proven_burst, leak_s=60 / settings.proven_per_minute))
        self._limited = Limiter(_LIMITED)
        self._heard = Limiter(_HEARD)
        self._unwritten: deque[tuple[Alert, list[Decision]]] = deque()
        self._never_written = 0
        self._just_written: deque[Decision] = deque(maxlen=_JUST_WRITTEN)  # while the store is read, see `reload`
        self._writing = asyncio.Lock()
        self._pausing = 0
        self.banned: Callable[[], None] = lambda: None  # told when somebody is shut out: open connections are closed

    # ------------------------------------------------------------------------------------------------- the doors

    def saw(self, seen: Sighting) -> None:
        """Take a request down. Never waits, never fails."""
        queue = self._queue
        if len(queue) >= self._settings.queue_events:
            self._metrics.monitor_events.of("dropped").inc()
            return
        queue.append(seen)
        if seen.proof is None:
            self._wake.set()

    def noticed(self, word: str, address: str) -> None:
        """Take down what happened before there was a request: ``junk``, ``bad_handshake``."""
        self.told(Event(at=self._context.clock.now_ms() / 1000, words=(word,), address=address))

    def told(self, event: Event) -> None:
        """Take down what is no request of ours."""
        if len(self._queue) >= self._settings.queue_events:
            self._metrics.monitor_events.of("dropped").inc()
            return
        self._queue.append(event)
        self._wake.set()

    @property
    def is_settled(self) -> bool:
        """Whether everything that was seen has been looked at, and what came of it written down."""
        return not self._queue and not self._unwritten

    def is_banned(self, address: str) -> bool:
        """Whether connections of *address* are closed at accept. Fail open: what is not known to be banned is not."""
        return self.restraints.is_banned(address)

    def is_restrained(self, address: str, mac: str) -> bool:
        """
        Whether windows are not believed for a request without a proof of its own. *mac* may be empty.

        Counts it. Depends on nothing but the address and the MAC as it was asked, entered or not.
        """
        if self._is_allowed(address):
            return self.restraints.is_locked_down(mac)
        now = self._context.clock.now_ms() / 1000
        measure = self.restraints.measure_at(address)
        source = source_of(address).source  # an IPv6 /64 has as many addresses as it likes, and one limit
        too_fast = self._sources.overflows(source, now)
        if mac:
            too_fast |= self._devices.overflows(mac, now)
        if measure is Measure.LIMIT:
            too_fast |= self._limited.overflows(source, now)
        return too_fast or measure in (Measure.REFUSE, Measure.BAN) or self.restraints.is_locked_down(mac)

    def is_too_fast(self, address: str, device: str) -> bool:
        """
        Whether *device* (its id), which has proven itself, asks more often than any phone does. Counts it.

        A stolen URL, or a phone gone mad, must not be what everybody else waits for. Fails open, as `Limiter` does.
        """
        return not self._is_allowed(address) and self._proven.overflows(device, self._context.clock.now_ms() / 1000)

    async def pause(self, address: str) -> None:
        """Hold a refusal back for a while, where that was decided; only so many at once."""
        if self.restraints.measure_at(address) not in (Measure.SLOW, Measure.LIMIT) or self._pausing >= _PAUSES:
            return
        self._pausing += 1
        try:
            await asyncio.sleep(0.2 + 1.8 * self._random.random())  # security practice: 0.2 to 2 s cost no phone a boot
        finally:
            self._pausing -= 1

    # -------------------------------------------------------------------------------------------------- the task

    async def reload(self) -> None:
        """
        Have in force what the store says, and know what it says was decided lately.

        Raises StorageError, and what was in force stays.
        """
        now_ms = self._context.clock.now_ms()
        self._just_written.clear()
        async with self._context.storage.read() as tx:
            found = [decision for decision, _ in await decisions.in_force(tx, now_ms=now_ms)]
            past = await decisions.history(tx, since_ms=now_ms - int(MEMORY_S * 1000), limit=REMEMBERED)
        # What the store does not know yet is in force all the same, and what it has come to know while it was read.
        unread = [decision for _, made in self._unwritten for decision in made] + list(self._just_written)
        for table in (self.restraints, self._policy.as_if):
            table.replace([*found, *unread], now_ms / 1000)
        self._policy.history.replace([*past, *unread])
        self.banned()

    async def run(self) -> None:
        """Look at what has been seen, and write down what was said, until cancelled; the disk holds nobody up."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write_always(), name="monitor writer")
            tasks.create_task(self._wake_regularly(), name="monitor pulse")
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._look_at_all()

    async def work(self) -> None:
        """Look at what has been seen so far, and write down what was said."""
        await self._look_at_all()
        await self._write()

    async def _look_at_all(self) -> None:
        for table in (self.restraints, self._policy.as_if):
            table.expire(self._context.clock.now_ms() / 1000)
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            self._metrics.monitor_events.of("seen").inc(len(batch))
            try:
                await self._ask_about_tokens(batch)
                for seen in batch:
                    self._look(seen)
            except Exception as error:  # noqa: BLE001 - fail open: one bad sighting must not blind the monitor
                self._metrics.monitor_events.of("failed").inc(len(batch))
                structlog.get_logger().error(BROKEN_EVENT, problem=type(error).__name__, exc_info=error)
            await asyncio.sleep(0)

    def measure(self) -> None:
        """Bring the gauges up to date."""
        self._metrics.monitor_queue.set(len(self._queue))
        self._metrics.monitor_records.set(self._engine.records)
        self._metrics.monitor_saturation.set(self._engine.saturation + self._policy.left_out + self._never_written)
        counts = dict.fromkeys(Measure, 0)
        for decision in self.restraints:
            counts[decision.measure] += 1
        for measure, count in counts.items():
            self._metrics.decisions_in_force.of(measure.value).set(count)

    def _look(self, seen: Sighting | Event) -> None:
        if isinstance(seen, Event):
            event: Event | None = seen
        else:
            event = self._sightings.event(seen, dead_token=self._dead.get(seen.token, False) if seen.token else False)
        if event is None:
            return
        of = self._whereabouts.of
        if self._whereabouts.is_known:
            event = with_system(event, seen.home if isinstance(seen, Sighting) else None, of)
        for found in self._engine.feed(event):
            alert = with_holders(found, of)
            made = self._policy.decide(alert, self.restraints)
            self._metrics.alerts.of(alert.detector).inc()
            heard = bool(made) or not self._heard.overflows("", event.at)
            if heard:
                self._say(alert, made)
            for decision in made:
                self.restraints.add(decision, event.at)
            if any(decision.measure is Measure.BAN and not decision.simulated for decision in made):
                self.banned()
            locks = any(decision.measure in UNTIL_UNLOCKED for decision in made)
            if heard and (locks or len(self._unwritten) < _UNWRITTEN):
                self._unwritten.append((alert, made))
            elif heard:
                self._never_written += 1

    def _say(self, alert: Alert, made: Iterable[Decision]) -> None:
        log = structlog.get_logger()
        detector = self._detectors.get(alert.detector)
        log.warning(
            ALERT_EVENT,
            detector=alert.detector,
            signal=alert.signal,
            pace=alert.pace,
            scope=alert.scope.value,
            value=alert.value,
            confidence=alert.confidence,
            critical=bool(detector and detector.critical),
            count=alert.evidence.count,
            known=alert.evidence.known,
            sources=list(alert.evidence.sources),
            holders=list(alert.evidence.holders),
        )
        for decision in made:
            self._metrics.decisions.of(decision.reason, decision.measure.value).inc()
            log.warning(
                DECISION_EVENT,
                measure=decision.measure.value,
                scope=decision.scope.value,
                value=decision.value,
                reason=decision.reason,
                until=iso(int(decision.until * 1000)) if decision.until else None,
                times=decision.times,
                simulated=decision.simulated,
            )

    async def _ask_about_tokens(self, batch: Sequence[Sighting | Event]) -> None:
        """Find out which tokens that fit nothing were once a device's."""
        asked = 0
        for seen in batch:
            if isinstance(seen, Event) or seen.token is None or seen.proof is not None or seen.token in self._dead:
                continue
            if asked >= _DEAD_ASKED:
                return
            asked += 1
            try:
                found = await self._context.storage.hot("state", alerts.FIND_DEAD_TOKEN, fingerprint=seen.token)
            except StorageError:
                self._dead[seen.token] = True  # fail open: who cannot be told from a removed phone is taken for one
            else:
                self._dead[seen.token] = bool(found)

    async def _wake_regularly(self) -> None:
        while True:
            await asyncio.sleep(_IDLE_S)
            self._wake.set()

    async def _write_always(self) -> None:
        while True:
            await asyncio.sleep(_IDLE_S)
            await self._write()

    async def _write(self) -> None:
        """Write down what was said and decided, and lock devices; what fails is tried again with the next."""
        async with self._writing:
            await self._write_waiting()

    async def _write_waiting(self) -> None:
        while self._unwritten:
            alert, made = self._unwritten[0]
            try:
                for one in made:
                    if one.measure in UNTIL_UNLOCKED and not one.simulated:
                        await self._lock(alert.value, one.measure, f"monitor: {alert.detector}")
                async with self._context.storage.transaction() as tx:
                    await alerts.insert_alert(tx, alert)
                    for decision in made:
                        await decisions.insert_decision(tx, decision, alert.evidence)
                if alert.scope is Scope.DEVICE and alert.device:
                    self._tell_reseller(alert)
            except ProvserverError as error:
                # Fail open: decisions are in force in this process; a device that could not be locked is tried again.
                structlog.get_logger().error(BROKEN_EVENT, problem=str(error), exc_info=None)
                if not isinstance(error, StorageError):
                    self._unwritten.popleft()  # the device is gone: there is nothing to lock
                return
            self._unwritten.popleft()
            self._just_written += made

    def _tell_reseller(self, alert: Alert) -> None:
        self._context.storage.group.write_soon(
            [
                (
                    ADD_EVENT,
                    ADD_EVENT.bind(
                        tenant_id=alert.tenant,
                        device_id=alert.device,
                        at=int(alert.at * 1000),
                        kind=alert.detector,
                        detail=" ".join(alert.evidence.sources),
                    ),
                )
            ]
        )
