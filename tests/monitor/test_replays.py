"""Every detector fires at what it is for (``attack--…``) and keeps quiet at what looks like it (``benign--…``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.monitor.engine import Engine
from tests.monitor.coverage import coverage, pytest_terminal_summary
from tests.monitor.replays import FOLDER, read
from tests.monitor.world import DETECTORS, KEY, World

FILES = sorted(FOLDER.glob("*/*.toml"))
BENIGN = [file for file in FILES if file.name.startswith("benign--")]


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def fired(file: Path) -> set[str]:
    engine = Engine(DETECTORS, key=KEY)
    return {alert.detector for event in read(file) for alert in engine.feed(event)}


@pytest.mark.parametrize("detector", [detector.name for detector in DETECTORS])
def test_a_detector_has_files_of_both_kinds(detector: str) -> None:
    kinds = {file.name.partition("--")[0] for file in FILES if file.parent.name == detector}

    assert kinds == {"attack", "benign"}


def test_the_run_says_how_many_detectors_are_covered(request: pytest.FixtureRequest) -> None:
    names = [detector.name for detector in DETECTORS]

    assert coverage().startswith(f"detectors with replay files of both kinds: {len(names)} of {len(names)} (")
    summaries = [one.function for one in request.config.hook.pytest_terminal_summary.get_hookimpls()]
    assert pytest_terminal_summary in summaries


def test_every_folder_is_a_detectors() -> None:
    assert {file.parent.name for file in FILES} == {detector.name for detector in DETECTORS}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_says_whether_its_detector_fires(file: Path) -> None:
    expected = file.name.startswith("attack--")

    assert (file.parent.name in fired(file)) == expected


@pytest.mark.parametrize("file", BENIGN, ids=name_of)
def test_nobody_is_shut_out_or_locked_by_any_detector_who_does_nothing(file: Path) -> None:
    """What is no attack for one detector must be none for the others: all of them run, with the policy."""
    world = World()

    for event in read(file):
        world.restraints.expire(event.at)
        world.feed(event)

    assert [(one.reason, one.measure, one.value) for one in (*world.bans, *world.locks)] == []
