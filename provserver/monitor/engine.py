"""
Events in, alerts out: `Engine.feed`. Memory is bounded whatever comes, and time is what the events say.

A source, a network or a block has a record only once several different values came with it (`gate`); until then it is
only in sketches. An alert resets its counter and is followed by silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from provserver.monitor.counters import SEEN
from provserver.monitor.decision import Alert, Evidence, Scope
from provserver.monitor.detector import Detector
from provserver.monitor.event import Event
from provserver.monitor.familiar import Familiar
from provserver.monitor.gate import Gate
from provserver.monitor.keys import KINDS, VALUES, source_of
from provserver.monitor.records import Record, Table
from provserver.monitor.sketches import hasher

SATURATED = "saturated"  # what the engine itself says
_OF_ADDRESS = frozenset({"source", "prefix", "network"})  # keys and values that nothing else has a part in
_SWEEP_S = 600.0  # how often what is idle is forgotten
_SATURATION_SILENCE_S = 3600.0
_MIXTURES = 1_024  # of words that are kept with who looks for them; a few dozen occur


class _Watch:
    """One detector at work: what it has counted, and how it takes from an event what it counts."""

    __slots__ = ("by_address", "compares", "detector", "gate", "key_of", "latest", "salt", "table", "value_of")

    def __init__(self, detector: Detector, *, gate: Gate | None, salt: int) -> None:
        self.detector = detector
        self.table = Table(detector)
        self.gate = gate
        self.salt = salt
        self.key_of = KINDS[detector.key]
        self.value_of = VALUES[detector.distinct or "path"]
        # Who counts different values has no news in the key and value that came last; where both come from the address
        # alone, that is told before they are worked out.
        self.by_address = detector.distinct in _OF_ADDRESS and detector.key in _OF_ADDRESS and not detector.cancel
        self.latest: object = None
        self.compares = detector.count != "bucket" or bool(detector.distinct)  # values with one another


class _Concern(NamedTuple):
    """What a detector makes of an event of certain words: it may *cancel* what was counted, or *open* a new record."""

    watch: _Watch
    cancels: bool
    opens: bool


class Engine:
    """Holds all counters. *key* keys the sketches: 16 random bytes, in tests fixed ones."""

    def __init__(self, detectors: Iterable[Detector], *, key: bytes) -> None:
        self._hash = hasher(key)
        self._gates: dict[tuple[str, bool], Gate] = {}
        self._watches = {detector.name: self._watch(detector) for detector in detectors}
        self._concerned: dict[tuple[str, ...], tuple[_Concern, ...]] = {}
        self.familiar = Familiar()
        self._began_at: float | None = None
        self._swept_at = 0.0
        self._saturations = 0
        self._saturation_quiet_until = 0.0

    def feed(self, event: Event) -> list[Alert]:
        """Count *event*; the alerts it gives rise to, usually none."""
        words = event.words
        if event.mac and ("proven" in words or "window" in words):
            source = source_of(event.address).source
            self.familiar.note(source, int(event.mac, 16), event.at, proven="proven" in words)
        concerned = self._concerned.get(words)
        if concerned is None:
            concerned = self._who_looks_for(words)
        alerts = []
        for concern in concerned:
            watch = concern.watch
            # A detector without any record has nothing to cancel: most requests of a fleet at work end here.
            if not (concern.opens or watch.table) or (watch.by_address and watch.latest == event.address):
                continue
            alert = self._count(concern, event)
            if alert is not None:
                alerts.append(alert)
        if event.at - self._swept_at >= _SWEEP_S:
            alerts += self._sweep(event.at)
        return alerts

    @property
    def saturation(self) -> int:
        """How often something was forgotten for want of room: records, or a gate's generation before its time."""
        evicted = sum(watch.table.evicted for watch in self._watches.values())
        return evicted + sum(gate.early_rotations for gate in self._gates.values())

    @property
    def records(self) -> int:
        """How many records there are."""
        return sum(len(watch.table) for watch in self._watches.values())

    def _watch(self, detector: Detector) -> _Watch:
        gate = None
        if not detector.opens and detector.fast.capacity >= detector.worth:  # else it fires before a gate would open
            gate = self._gates.setdefault((detector.key, bool(detector.distinct)), Gate())
        return _Watch(detector, gate=gate, salt=self._hash(detector.name))

    def _who_looks_for(self, words: tuple[str, ...]) -> tuple[_Concern, ...]:
        """The detectors concerned with an event of *words*, each once."""
        found = tuple(
            _Concern(
                watch,
                cancels=not set(words).isdisjoint(detector.cancel),
                opens=set(words).isdisjoint(detector.cancel)
                and not (detector.opens and set(words).isdisjoint(detector.opens)),
            )
            for watch in self._watches.values()
            if not set(words).isdisjoint(((detector := watch.detector).when) + detector.cancel)
            and set(words).isdisjoint(detector.unless)
        )
        if len(self._concerned) < _MIXTURES:
            self._concerned[words] = found
        return found

    def _count(self, concern: _Concern, event: Event) -> Alert | None:
        watch = concern.watch
        key = watch.key_of(event)
        if not key:
            return None
        record = watch.table.get(key)
        if not concern.opens if record is None else event.at < record.quiet_until:
            return None
        if concern.cancels:
            del watch.table[key]
            return None
        detector = watch.detector
        value = watch.value_of(event)
        if detector.distinct:
            latest = event.address if watch.by_address else (key, value)
            if not value or latest == watch.latest:
                return None
            watch.latest = latest
        if (detector.known_block and self._is_neighbour(event)) or not self._is_after(detector, event):
            return None
        return self._count_value(watch, event, key, value, record)

    def _count_value(self, watch: _Watch, event: Event, key: str, value: str, record: Record | None) -> Alert | None:
        detector, passed, number = watch.detector, 0, 0
        if detector.count == "walk":
            number = int(event.mac, 16)
        elif watch.compares:
            number = self._hash(value)
        if record is None:
            passed = self._let_through(watch, key, number, event.at)
            if passed < 0:
                return None
            record = watch.table.open(key, event.at, began_at=self._began(event.at))
        elif self._came_before(watch, key, number, record):
            return None
        source = source_of(event.address)
        record.note(value, source.source, source.prefix, event.at)
        extra = detector.credit * self.familiar.count(source.source, event.at) if detector.credit else 0.0
        pace = record.counter.add(number, event.at, passed=passed, extra=extra)
        if pace is None or len(record.prefixes) < detector.prefixes:
            return None
        alert = self._alert(detector, key, pace, event, record)
        watch.table.reopen(key, event.at)
        return alert

    def _came_before(self, watch: _Watch, key: str, number: int, record: Record) -> bool:
        """Whether it is among the first few, before there was a record; where many came, a few twice are no matter."""
        if watch.gate is None or not watch.detector.distinct or record.counter.distinct > SEEN:
            return False
        return watch.gate.has(self._hash(key) ^ watch.salt, number)

    def _is_neighbour(self, event: Event) -> bool:
        """Whether its MAC stands beside one that has proven itself at its source: one carton."""
        return bool(event.mac) and self.familiar.has_neighbour(
            source_of(event.address).source, int(event.mac, 16), event.at
        )

    def _let_through(self, watch: _Watch, key: str, number: int, now: float) -> int:
        """How many values came before the record that may be opened now; -1: none may be."""
        if watch.gate is None:
            return 0
        place, worth = self._hash(key) ^ watch.salt, watch.detector.worth
        count = watch.gate.admit(place, number, now) if watch.detector.distinct else watch.gate.tally(place, now)
        return -1 if count < worth else worth - 1

    def _is_after(self, detector: Detector, event: Event) -> bool:
        """Whether one of the detectors that *detector* waits for, if any, has seen enough of what *event* is for it."""
        for waited_for in detector.after:
            other = self._watches[waited_for.detector]
            record = other.table.get(other.key_of(event))
            if record is None or record.distinct < waited_for.distinct:
                continue
            known = self.familiar.count(source_of(event.address).source, event.at) if waited_for.ratio else 0
            if record.distinct >= waited_for.ratio * known:
                return True
        return not detector.after

    def _alert(self, detector: Detector, key: str, pace: str, event: Event, record: Record) -> Alert:
        source = source_of(event.address).source
        known = self.familiar.count(source, event.at)
        distinct = record.counter.distinct
        # People look only, where most of what comes from there is known: many behind one address.
        crowd = detector.known_share < 1 and known > detector.known_share * (known + distinct)
        about_device = detector.scope is Scope.DEVICE
        return Alert(
            detector=detector.name,
            signal=detector.signal,
            pace=pace if detector.fast.capacity else "once",
            at=event.at,
            scope=detector.scope,
            value=source if detector.scope is Scope.ADDRESS else key,
            confidence="low" if crowd else detector.confidence,
            evidence=Evidence(
                count=distinct, known=known, since=record.since, samples=record.samples, sources=record.sources
            ),
            tenant=event.tenant if about_device else "",
            device=event.device if about_device else "",
        )

    def _began(self, now: float) -> float:
        if self._began_at is None:
            self._began_at = now
        return self._began_at

    def _sweep(self, now: float) -> list[Alert]:
        """Forget what is idle; the alert that something was forgotten for want of room: never silently."""
        since, self._swept_at = self._swept_at, now
        for watch in self._watches.values():
            watch.table.forget_idle(now)
        forgotten = self.saturation - self._saturations
        if not forgotten or now < self._saturation_quiet_until:
            return []
        self._saturations += forgotten
        self._saturation_quiet_until = now + _SATURATION_SILENCE_S
        evidence = Evidence(count=forgotten, known=0, since=since or now, samples=(), sources=())
        alert = Alert(
            detector=SATURATED,
            signal="S0",
            pace="once",
            at=now,
            scope=Scope.OUI,
            value="",
            confidence="low",
            evidence=evidence,
        )
        return [alert]
