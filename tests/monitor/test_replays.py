"""Every detector fires at what it is for (``attack--…``) and keeps quiet at what looks like it (``benign--…``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.monitor.engine import Engine
from tests.monitor.replays import FOLDER, read
from tests.monitor.world import DETECTORS, KEY

FILES = sorted(FOLDER.glob("*/*.toml"))


def fired(file: Path) -> set[str]:
    engine = Engine(DETECTORS, key=KEY)
    return {alert.detector for event in read(file) for alert in engine.feed(event)}


@pytest.mark.parametrize("detector", [detector.name for detector in DETECTORS])
def test_a_detector_has_files_of_both_kinds(detector: str) -> None:
    kinds = {file.name.partition("--")[0] for file in FILES if file.parent.name == detector}

    assert kinds == {"attack", "benign"}


def test_every_folder_is_a_detectors() -> None:
    assert {file.parent.name for file in FILES} == {detector.name for detector in DETECTORS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_file_says_whether_its_detector_fires(file: Path) -> None:
    expected = file.name.startswith("attack--")

    assert (file.parent.name in fired(file)) == expected
