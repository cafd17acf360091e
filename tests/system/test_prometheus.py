"""The shipped alert rules name series that exist, fire when something is ill, and let a healthy server alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from provserver.monitor.detector import load_detectors
from tests.e2e.processes import locate, missing
from tests.system.prometheus import CONFIG, PROGRAM, RULES, TOOL, watching
from tests.system.server import ROOT, Nursery, opened, settings_for

WORLDS = Path(__file__).with_name("alert_rules_test.yml")
_SELECTOR = re.compile(r"provserver_\w+(?:\{[^}]*\})?")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

needs_prometheus = pytest.mark.skipif(
    bool(missing(PROGRAM, TOOL)), reason="Prometheus is not installed (Debian: apt-get install prometheus)"
)


def promtool(*arguments: str) -> str:
    """What promtool says; a complaint fails the test."""
    ended = subprocess.run([locate(TOOL) or TOOL, *arguments], capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def places() -> set[str]:
    return set(re.findall(r"runbook: (\S+)", RULES.read_text()))


@pytest.mark.parametrize("place", sorted(places()))
def test_a_runbook_is_a_place_in_the_documents(place: str) -> None:
    file, _, anchor = place.partition("#")
    text = (ROOT / file).read_text()
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}
    assert not anchor or anchor in anchors


def test_urgent_alerts_are_those_of_the_critical_detectors() -> None:
    [named] = re.findall(r'provserver_alerts_total\{detector=~"([^"]+)"\}', RULES.read_text())
    assert named.split("|") == sorted(detector.name for detector in load_detectors() if detector.critical)


@needs_prometheus
@pytest.mark.peer
def test_the_files_are_what_prometheus_reads() -> None:
    said = promtool("check", "config", str(CONFIG / "prometheus.yml"))
    assert "rules found" in said


@needs_prometheus
@pytest.mark.peer
def test_each_rule_fires_in_a_world_where_all_is_ill_and_none_where_all_is_nearly_ill(tmp_path: Path) -> None:
    alerts = set(re.findall(r"alert: (\w+)", RULES.read_text()))
    assert alerts == set(re.findall(r'alertname="(\w+)"', WORLDS.read_text()))
    shutil.copy(RULES, tmp_path)
    shutil.copy(WORLDS, tmp_path)
    promtool("test", "rules", str(tmp_path / WORLDS.name))


@needs_prometheus
@pytest.mark.peer
async def test_every_series_of_a_rule_is_one_that_a_real_server_has(nursery: Nursery, tmp_path: Path) -> None:
    async with opened(settings_for(tmp_path / "data")):
        pass
    async with (
        nursery.serving(tmp_path / "data", tmp_path / "log") as server,
        watching(server.ops, tmp_path / "prometheus") as prometheus,
    ):
        rules = await prometheus.rules()
        assert {rule["health"] for rule in rules} == {"ok"}, [rule.get("lastError") for rule in rules]
        assert [rule["name"] for rule in rules if rule["alerts"]] == []  # it is healthy
        for selector in {found for rule in rules for found in _SELECTOR.findall(rule["query"])}:
            assert await prometheus.get("series", **{"match[]": selector}), selector
