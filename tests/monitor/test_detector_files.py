"""The detectors' files: all can be read, and a mistake in one is named."""

from __future__ import annotations

from typing import Any

import pytest

from provserver.errors import ConfigurationError
from provserver.monitor.decision import Measure
from provserver.monitor.detector import load_detectors, override, read_detector
from provserver.monitor.event import WORDS
from tests.monitor.test_engine import ROOMY, TEXTS


def test_every_file_is_read() -> None:
    detectors = load_detectors()

    assert len(detectors) >= 25
    assert len({detector.name for detector in detectors}) == len(detectors)


def test_a_detector_that_shuts_out_or_locks_needs_more_than_one_value_or_a_sure_sign() -> None:
    """One request of somebody who mistypes must never be enough; these signs are sure, or nothing was to be had."""
    acting = {
        d.name
        for d in load_detectors()
        if d.measure in (Measure.BAN, Measure.LOCK, Measure.ROTATE) and d.fast.capacity < 2
    }

    sure = {"canary", "canary-account", "scanner-probe", "other-network", "copied-url"}
    assert acting == sure | {"breach", "guessed-login"}  # which look back on what another has counted


def test_no_stranger_can_have_a_device_locked() -> None:
    """A MAC is no secret: what locks a device needs one of its proofs, or was sent its credentials."""
    words = {word for d in load_detectors() if d.measure in (Measure.LOCK, Measure.ROTATE) for word in d.when}

    assert words == {"proven", "elsewhere", "copied_url", "moved", "delivered_unproven", "login_delivered"}


def test_every_signal_of_the_list_has_a_detector() -> None:
    """S1 to S26, as docs/detectors.md has them."""
    assert {d.signal for d in load_detectors()} == {f"S{number}" for number in range(1, 27)}


def test_every_word_is_looked_for_or_said_to_be_none() -> None:
    """A word that nobody looks for is something that is seen and not told."""
    detectors = load_detectors()
    used = {word for d in detectors for word in (*d.when, *d.unless, *d.cancel, *d.opens)}

    # Files that phones miss every day, and tokens of phones that were given up.
    assert set(WORDS) - used == {"optional_miss", "dead_token"}


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"when": ["nonsense"]}, "no event has the word 'nonsense'"),
        ({"unless": ["nonsense"]}, "no event has the word 'nonsense'"),
        ({"when": []}, "when is empty"),
        ({"key": "system", "measure": "limit"}, "nothing is done to a system"),
        ({"key": "planet"}, "key 'planet' is not one of"),
        ({"distinct": "colour"}, "distinct 'colour' is not one of"),
        ({"count": "abacus"}, "count 'abacus' is not one of"),
        ({"confidence": "total"}, "confidence 'total' is not one of"),
        ({"measure": "lock"}, "lock is for devices, key is not device"),
        ({"measure": "shout"}, "'shout' is not a valid Measure"),
        ({"fast": {"capacity": 1}}, "leak_s"),
        ({"fast": {"capacity": 1, "leak_s": 0}}, "leak 0 s"),
        ({"colour": "red"}, "no field 'colour'"),
        ({"after": {"detector": "unknown-macs", "distinct": 5}}, "after"),
        ({"name": "other"}, "no field 'name'"),
    ],
)
def test_a_mistake_is_named(fields: dict[str, Any], complaint: str) -> None:
    table = {**TEXTS, "when": ["unknown_mac"], "key": "source", "fast": ROOMY, **fields}

    with pytest.raises(ConfigurationError) as caught:
        read_detector("tried", table)

    assert str(caught.value).startswith("detector 'tried': ")
    assert complaint in str(caught.value)


def test_other_numbers_can_be_tried() -> None:
    changed = override(load_detectors(), {"unknown-macs": {"fast": {"capacity": 99, "leak_s": 1}}})

    found = {detector.name: detector for detector in changed}
    assert found["unknown-macs"].fast.capacity == 99
    assert found["unknown-macs"].slow == next(d.slow for d in load_detectors() if d.name == "unknown-macs")
    assert len(changed) == len(load_detectors())


@pytest.mark.parametrize(
    "changes",
    [
        {"nobody": {}},
        {"unknown-macs": 5},
        {"unknown-macs": {"fast": 5}},
        {"breach": {"after": [{"detector": "nobody", "distinct": 5}]}},
    ],
)
def test_numbers_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="detector"):
        override(load_detectors(), changes)
