"""What is remembered by key: `Tables`, one table a kind of key, each bounded, the emptiest records forgotten first."""

from __future__ import annotations

from provserver.monitor.counters import PREFIXES, Counter, counter_for
from provserver.monitor.detector import Detector
from provserver.monitor.gate import Gate

SAMPLES = 8  # values kept as evidence: enough to see what is going on, few enough to read
_IDLE_S = 86_400.0  # what has not been added to for a day is forgotten
# A record with one full counter weighs some 2 kB; all tables full, the monitor stays below its 64 MiB.
LIMITS = {
    "source": 8_192,
    "prefix": 2_048,
    "network": 1_024,
    "block": 4_096,
    "oui": 1_024,
    "device": 8_192,
    "source+mac": 2_048,
    "source+agent": 2_048,
}


class Record:
    """One detector's view of one key: its counter, and the evidence it has."""

    __slots__ = ("carried", "counter", "last_at", "prefixes", "quiet_until", "samples", "since", "sources")

    def __init__(self, detector: Detector, now: float) -> None:
        self.counter: Counter = counter_for(detector)
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


class Tables:
    """Records by kind of key, then by detector and key."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[tuple[str, str], Record]] = {kind: {} for kind in LIMITS}
        self._gates: dict[tuple[str, bool], Gate] = {}
        self.evicted = 0  # records forgotten though they were not idle

    def gate(self, detector: Detector) -> Gate | None:
        """What decides who gets a record; None where everybody does: keys that are few, detectors that fire at once."""
        if detector.key == "oui" or detector.opens or detector.fast.capacity < detector.worth:
            return None
        return self._gates.setdefault((detector.key, bool(detector.distinct)), Gate())

    def find(self, detector: Detector, key: str) -> Record | None:
        """The record of *key*, if there is one."""
        return self._tables[detector.key].get((detector.name, key))

    def open(self, detector: Detector, key: str, now: float) -> Record:
        """A new record for *key*."""
        table = self._tables[detector.key]
        if len(table) >= LIMITS[detector.key]:
            self._make_room(table, now)
        record = table[detector.name, key] = Record(detector, now)
        return record

    def close(self, detector: Detector, key: str) -> None:
        """Forget *key*."""
        self._tables[detector.key].pop((detector.name, key), None)

    def forget_idle(self, now: float) -> None:
        """Forget what has not been added to for a day."""
        for table in self._tables.values():
            for key in [key for key, record in table.items() if now - record.last_at > _IDLE_S]:
                del table[key]

    def reopen(self, detector: Detector, key: str, now: float) -> None:
        """Begin anew after an alert, and be quiet for a while."""
        before = self._tables[detector.key][detector.name, key]
        record = self._tables[detector.key][detector.name, key] = Record(detector, now)
        record.quiet_until = now + detector.silence_s
        record.carried = before.distinct

    @property
    def sizes(self) -> dict[str, int]:
        """How many records there are, by kind of key."""
        return {kind: len(table) for kind, table in self._tables.items()}

    @property
    def early_rotations(self) -> int:
        """How often a gate was full before its time."""
        return sum(gate.early_rotations for gate in self._gates.values())

    def _make_room(self, table: dict[tuple[str, str], Record], now: float) -> None:
        """Forget the emptiest eighth: one walk over the table for every so many records, not one for each."""
        loads = sorted((record.counter.load(now), record.last_at, key) for key, record in table.items())
        for _, _, key in loads[: max(1, len(loads) // 8)]:
            del table[key]
        self.evicted += max(1, len(loads) // 8)
