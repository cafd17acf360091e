"""Says at the end of a run how many detectors have replay files of both kinds."""

from __future__ import annotations

import pytest

from provserver.monitor.detector import load_detectors
from tests.monitor.replays import FOLDER

KINDS = ("attack", "benign")


def coverage() -> str:
    """In one line: how many detectors are covered, how many files there are, and which are not."""
    files = {
        detector.name: {kind: len(list(FOLDER.glob(f"{detector.name}/{kind}--*.toml"))) for kind in KINDS}
        for detector in load_detectors()
    }
    without = [name for name, counts in files.items() if not all(counts.values())]
    attack, benign = (sum(counts[kind] for counts in files.values()) for kind in KINDS)
    said = f"detectors with replay files of both kinds: {len(files) - len(without)} of {len(files)}"
    missing = f"; not {', '.join(without)}" if without else ""
    return f"{said} ({attack} attack, {benign} benign){missing}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it where the files were replayed."""
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    if any("tests/monitor/test_replays.py" in getattr(report, "nodeid", "") for report in reports):
        terminalreporter.write_line(coverage())
