"""What is remembered by key: `Table`, one for each detector, bounded, the emptiest records forgotten first."""

from __future__ import annotations

from provserver.monitor.counters import PREFIXES, Counter, counter_for
from provserver.monitor.detector import Detector

SAMPLES = 8  # values kept as evidence: enough to see what is going on, few enough to read
_COLD_S = 3_600.0  # after that, most phones that ask in vain have done so once
_IDLE_S = 86_400.0  # what has not been added to for a day is forgotten
LIMIT = 2_048  # records of one detector; one weighs 1 kB, and gates let only few strangers have one


class Record:
    """One detector's view of one key: its counter, and the evidence it has."""

    __slots__ = ("carried", "counter", "last_at", "prefixes", "quiet_until", "samples", "since", "sources")

    def __init__(self, detector: Detector, now: float, *, cold: bool = False) -> None:
        self.counter: Counter = counter_for(detector, cold=cold)
        self.since = self.last_at = now
        self.quiet_until = 0.0
        self.carried = 0  # values counted before earlier alerts
        self.samples: tuple[str, ...] = ()
        self.sources: tuple[str, ...] = ()
        self.prefixes: set[str] = set()

    @property
    def distinct(self) -> int:
        """Different values there have been."""
        return self.carried + self.counter.distinct

    def note(self, sample: str, source: str, prefix: str, now: float) -> None:
        """Keep what shows what happened: the first few values and sources, and how many networks there were."""
        self.last_at = now
        if len(self.samples) < SAMPLES and sample not in self.samples:
            self.samples += (sample,)
        if len(self.sources) < SAMPLES and source not in self.sources:
            self.sources += (source,)
        if len(self.prefixes) < PREFIXES:
            self.prefixes.add(prefix)


class Table(dict[str, Record]):
    """The records of one detector, by key. What it is flooded with makes no other detector forget."""

    __slots__ = ("_detector", "evicted")

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self._detector = detector
        self.evicted = 0  # records forgotten though they were not idle

    def open(self, key: str, now: float, *, began_at: float) -> Record:
        """A new record for *key*; *began_at*: when the monitor began to look."""
        if len(self) >= LIMIT:
            self._make_room(now)
        record = self[key] = Record(self._detector, now, cold=now - began_at < _COLD_S)
        return record

    def reopen(self, key: str, now: float) -> None:
        """Begin anew after an alert, and be quiet for a while."""
        before = self[key]
        record = self[key] = Record(self._detector, now)
        record.quiet_until = now + self._detector.silence_s
        record.carried = before.distinct

    def forget_idle(self, now: float) -> None:
        """Forget what has not been added to for a day."""
        for key in [key for key, record in self.items() if now - record.last_at > _IDLE_S]:
            del self[key]

    def _make_room(self, now: float) -> None:
        """Forget the emptiest eighth: one walk over the table for every so many records, not one for each."""
        loads = sorted((record.counter.load(now), record.last_at, key) for key, record in self.items())
        for _, _, key in loads[: LIMIT // 8]:
            del self[key]
        self.evicted += LIMIT // 8
