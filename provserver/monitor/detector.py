"""
`Detector`: what is counted, under which key, from how many on it is an alert, and what then. A file each.

The files are TOML in ``detectors/``; what they may say is what `Detector` has. A file that says anything else is
refused with its name and the field (ConfigurationError).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any

from provserver.errors import ConfigurationError
from provserver.monitor.decision import Measure, Scope
from provserver.monitor.event import WORDS
from provserver.monitor.gcra import Leak
from provserver.monitor.keys import KINDS, VALUES

CONFIDENCES = ("low", "medium", "high")
COUNTS = ("bucket", "walk", "pressure", "switches")
_SCOPES = {
    "source": Scope.ADDRESS,
    "source+mac": Scope.ADDRESS,
    "source+agent": Scope.ADDRESS,
    "prefix": Scope.PREFIX,
    "network": Scope.PREFIX,
    "system": Scope.SYSTEM,
    "block": Scope.BLOCK,
    "oui": Scope.OUI,
    "device": Scope.DEVICE,
    "tenant": Scope.TENANT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Only if another detector's counter has seen enough: *distinct* values, and *ratio* times the known devices."""

    detector: str
    distinct: int
    ratio: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detector:
    """
    One detector.

    It counts events with any word of *when* and none of *unless*, by *key*, each different *distinct* once (empty: each
    event). *count* is how: a leaky ``bucket`` at one pace or two; ``walk``, neighbouring MACs; ``pressure``, against
    what is usual; ``switches`` of the value. *credit* is added to the capacity for each known device of the source.
    *prefixes* different networks have to be among the sources. *known_block*: MACs next to a known device of the same
    source are not counted. *known_share*: if more than this part of what comes from there is known, people look only.
    *after* are others, of which one has to have seen enough: else nothing is counted. An event with a word of *cancel*
    empties the counter; without one of *opens* (if there are any) it makes no new one. A stranger's key gets a counter
    once *worth* values came. *silence_s* follows an alert. *measure* is what should follow, for *duration_s* the first
    time; *confidence* low is for people only.
    """

    name: str
    signal: str
    title: str
    sees: str
    why: str
    false_positives: str
    tuning: str
    when: tuple[str, ...]
    unless: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    key: str
    distinct: str = ""
    count: str = "bucket"
    fast: Leak
    slow: Leak | None = None
    worth: int = 3
    credit: float = 0.0
    prefixes: int = 1
    known_block: bool = False
    known_share: float = 1.0
    after: tuple[After, ...] = ()
    silence_s: float = 300.0
    confidence: str = "high"
    measure: Measure = Measure.OBSERVE
    duration_s: float = 1800.0
    critical: bool = False  # somebody has to be woken

    @property
    def scope(self) -> Scope:
        """What a decision after its alerts would be about."""
        return _SCOPES[self.key]


def load_detectors() -> tuple[Detector, ...]:
    """The detectors that come with the program, by name."""
    folder = files("provserver.monitor").joinpath("detectors")
    found = [item for item in folder.iterdir() if item.name.endswith(".toml")]
    return _consistent(
        read_detector(item.name.removesuffix(".toml"), tomllib.loads(item.read_text(encoding="utf-8")))
        for item in sorted(found, key=lambda item: item.name)
    )


def override(detectors: Iterable[Detector], changes: Mapping[str, Any]) -> tuple[Detector, ...]:
    """*detectors* with other numbers: *changes* has a table for each, with the fields that differ."""
    known = {detector.name: detector for detector in detectors}
    for name, table in changes.items():
        if name not in known:
            raise ConfigurationError(f"detector {name!r}: there is none of this name")
        if not isinstance(table, Mapping):
            raise ConfigurationError(f"detector {name!r}: is not a table")
        known[name] = read_detector(name, {**_written(known[name]), **table})
    return _consistent(known.values())


def read_detector(name: str, table: Mapping[str, Any]) -> Detector:
    """A detector from what its file says. Raises ConfigurationError."""
    unknown = set(table) - {field.name for field in fields(Detector)} | {"name"} & set(table)
    if unknown:
        raise ConfigurationError(f"detector {name!r}: no field {min(unknown)!r}")
    try:
        detector = Detector(name=name, **_read_fields(table))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"detector {name!r}: {error}") from error
    _check(detector)
    if detector.scope is Scope.SYSTEM and detector.measure is not Measure.OBSERVE:
        raise ConfigurationError(f"detector {name!r}: nothing is done to a system, measure is not observe")
    return detector


def _consistent(detectors: Iterable[Detector]) -> tuple[Detector, ...]:
    """*detectors*, of which none waits for one that there is not. Raises ConfigurationError."""
    found = tuple(detectors)
    names = {detector.name for detector in found}
    for detector in found:
        for other in detector.after:
            if other.detector not in names:
                raise ConfigurationError(
                    f"detector {detector.name!r}: after {other.detector!r}: there is none of this name"
                )
    return found


def _read_fields(table: Mapping[str, Any]) -> dict[str, Any]:
    read = dict(table)
    for pace in ("fast", "slow"):
        if isinstance(read.get(pace), Mapping):
            read[pace] = Leak(**read[pace])
    read["after"] = tuple(one if isinstance(one, After) else After(**one) for one in read.get("after", ()))
    for words in ("when", "unless", "cancel", "opens"):
        read[words] = tuple(read.get(words, ()))
    if "measure" in read:
        read["measure"] = Measure(read["measure"])
    return read


def _check(detector: Detector) -> None:
    for words in (detector.when, detector.unless, detector.cancel, detector.opens):
        for word in words:
            if word not in WORDS:
                raise ConfigurationError(f"detector {detector.name!r}: no event has the word {word!r}")
    for field, value, allowed in (
        ("key", detector.key, KINDS),
        ("distinct", detector.distinct, ("", *VALUES)),
        ("count", detector.count, COUNTS),
        ("confidence", detector.confidence, CONFIDENCES),
    ):
        if value not in allowed:
            raise ConfigurationError(
                f"detector {detector.name!r}: {field} {value!r} is not one of {', '.join(allowed)}"
            )
    if detector.measure in (Measure.LOCK, Measure.ROTATE) and detector.scope is not Scope.DEVICE:
        raise ConfigurationError(
            f"detector {detector.name!r}: {detector.measure.value} is for devices, key is not device"
        )
    for pace in (detector.fast, detector.slow):
        if pace is not None and not isinstance(pace, Leak):
            raise ConfigurationError(f"detector {detector.name!r}: a pace is a table of capacity and leak_s")
    if not detector.when:
        raise ConfigurationError(f"detector {detector.name!r}: when is empty")


def _written(detector: Detector) -> dict[str, Any]:
    return {field.name: getattr(detector, field.name) for field in fields(Detector) if field.name != "name"}
