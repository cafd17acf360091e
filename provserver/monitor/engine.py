"""
Events in, alerts out: `Engine.feed`. Memory is bounded whatever comes, and time is what the events say.

A source, a network or a block has a record only once several different values came with it (`gate`); until then it is
only in sketches. An alert resets its counter and is followed by silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provserver.monitor.decision import Alert, Evidence, Scope
from provserver.monitor.detector import Detector
from provserver.monitor.event import Event
from provserver.monitor.familiar import Familiar
from provserver.monitor.keys import key_of, source_of, value_of
from provserver.monitor.records import Record, Tables
from provserver.monitor.sketches import Hasher

_SWEEP_S = 600.0  # how often what is idle is forgotten
_SATURATION_SILENCE_S = 3600.0
SATURATED = "saturated"  # the detector that the engine itself is


class Engine:
    """Holds all counters. *key* keys the sketches: 16 random bytes, in tests fixed ones."""

    def __init__(self, detectors: Iterable[Detector], *, key: bytes) -> None:
        self.detectors = {detector.name: detector for detector in detectors}
        self._hash = Hasher(key)
        self._by_word: dict[str, tuple[Detector, ...]] = {}
        for detector in self.detectors.values():
            for word in detector.when:
                self._by_word[word] = (*self._by_word.get(word, ()), detector)
        self._cancels: dict[str, tuple[Detector, ...]] = {}
        for detector in self.detectors.values():
            for word in detector.cancel:
                self._cancels[word] = (*self._cancels.get(word, ()), detector)
        self.familiar = Familiar()
        self.tables = Tables()
        self._swept_at = 0.0
        self._saturations = 0
        self._saturation_quiet_until = 0.0

    def feed(self, event: Event) -> list[Alert]:
        """Count *event*; the alerts it gives rise to, usually none."""
        words = event.words
        if event.mac and ("proven" in words or "window" in words):
            source = source_of(event.address).source
            self.familiar.note(source, int(event.mac, 16), event.at, proven="proven" in words)
        alerts: list[Alert] = []
        for detector in self._concerned(words):
            alert = self._count(detector, event)
            if alert is not None:
                alerts.append(alert)
        for word in words:
            for detector in self._cancels.get(word, ()):
                self.tables.close(detector, key_of(event, detector.key))
        if event.at - self._swept_at >= _SWEEP_S:
            self._swept_at = event.at
            self.tables.forget_idle(event.at)
            alerts += self._saturated(event)
        return alerts

    @property
    def saturation(self) -> int:
        """How often something was forgotten for want of room: records, or a gate's generation before its time."""
        return self.tables.evicted + self.tables.early_rotations

    def _concerned(self, words: tuple[str, ...]) -> Iterator[Detector]:
        """Detectors that look for one of *words*, each once."""
        seen: tuple[Detector, ...] = ()
        for word in words:
            for detector in self._by_word.get(word, ()):
                if detector not in seen and not any(other in words for other in detector.unless):
                    seen += (detector,)
                    yield detector

    def _count(self, detector: Detector, event: Event) -> Alert | None:
        key = key_of(event, detector.key)
        value = value_of(event, detector.distinct) if detector.distinct else event.path
        if not key or (detector.distinct and not value) or self._is_neighbour(detector, event):
            return None
        number = int(event.mac, 16) if detector.count == "walk" else self._hash(value)
        found = self._record(detector, key, number, event)
        if found is None:
            return None
        record, passed = found
        source = source_of(event.address)
        record.note(value, source.source, source.prefix, event.at)
        if event.at < record.quiet_until:
            return None
        extra = detector.credit * self.familiar.count(source.source, event.at) if detector.credit else 0.0
        pace = record.counter.add(number, event.at, passed=passed, extra=extra)
        if pace is None or len(record.prefixes) < detector.prefixes or not self._after(detector, event, source.source):
            return None
        alert = self._alert(detector, key, pace, event, record)
        self.tables.reopen(detector, key, event.at)
        return alert

    def _record(self, detector: Detector, key: str, number: int, event: Event) -> tuple[Record, int] | None:
        """The record to count in, and how many values came before it; None where this one is not counted."""
        record = self.tables.find(detector, key)
        if record is not None:
            return None if self._came_before(detector, key, number) else (record, 0)
        if detector.opens and not any(word in event.words for word in detector.opens):
            return None
        passed = self._let_through(detector, key, number, event.at)
        return None if passed < 0 else (self.tables.open(detector, key, event.at), passed)

    def _is_neighbour(self, detector: Detector, event: Event) -> bool:
        """Whether it is left out because its MAC stands beside one that is known at its source: one carton."""
        if not (detector.known_block and event.mac):
            return False
        return self.familiar.has_neighbour(source_of(event.address).source, int(event.mac, 16), event.at)

    def _let_through(self, detector: Detector, key: str, number: int, now: float) -> int:
        """
        How many values came before the record that may be opened now; -1: none may be.

        What fires at once, and what only known devices can cause, needs no gate.
        """
        gate = self.tables.gate(detector)
        if gate is None:
            return 0
        place = self._hash(f"{detector.name} {key}")
        count = gate.admit(place, number, now) if detector.distinct else gate.tally(place, now)
        return -1 if count < detector.worth else detector.worth - 1

    def _came_before(self, detector: Detector, key: str, number: int) -> bool:
        """Whether a value was among the first ones, which came before there was a record."""
        gate = self.tables.gate(detector) if detector.distinct else None
        return gate is not None and gate.has(self._hash(f"{detector.name} {key}"), number)

    def _after(self, detector: Detector, event: Event, source: str) -> bool:
        if detector.after is None:
            return True
        other = self.detectors[detector.after.detector]
        record = self.tables.find(other, key_of(event, other.key))
        if record is None or record.distinct < detector.after.distinct:
            return False
        return record.distinct >= detector.after.ratio * self.familiar.count(source, event.at)

    def _alert(self, detector: Detector, key: str, pace: str, event: Event, record: Record) -> Alert:
        source = source_of(event.address).source
        known = self.familiar.count(source, event.at)
        distinct = record.counter.distinct
        # People look only, where most of what comes from there is known: many behind one address.
        crowd = detector.known_share < 1 and known > detector.known_share * (known + distinct)
        about_source = detector.scope is Scope.ADDRESS
        return Alert(
            detector=detector.name,
            signal=detector.signal,
            pace=pace if detector.fast.capacity else "once",
            at=event.at,
            scope=detector.scope,
            value=source if about_source else key,
            confidence="low" if crowd else detector.confidence,
            evidence=Evidence(
                count=distinct, known=known, since=record.since, samples=record.samples, sources=record.sources
            ),
            tenant=event.tenant if detector.scope is Scope.DEVICE else "",
            device=event.device if detector.scope is Scope.DEVICE else "",
        )

    def _saturated(self, event: Event) -> list[Alert]:
        """The alert that something was forgotten for want of room: never silently."""
        if self.saturation <= self._saturations or event.at < self._saturation_quiet_until:
            return []
        forgotten, self._saturations = self.saturation - self._saturations, self.saturation
        self._saturation_quiet_until = event.at + _SATURATION_SILENCE_S
        evidence = Evidence(count=forgotten, known=0, since=self._swept_at, samples=(), sources=())
        return [
            Alert(
                detector=SATURATED, signal="S0", pace="once", at=event.at, scope=Scope.OUI, value="",
                confidence="low", evidence=evidence,
            )
        ]  # fmt: skip
