"""CrowdSec, the real one, reads the real log with our parser, and our scenarios speak of attackers only."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.http.conftest import blank, data
from tests.monitor.crowdsec_hub import FOLDER, NAME, OFFLINE_HUB, PROGRAM, make_hub
from tests.monitor.log_samples import record, record_walks

__all__ = ["blank", "data"]  # fixtures

IS_HERE = PROGRAM is not None and OFFLINE_HUB.is_dir()
TEST = FOLDER / ".tests" / NAME
with_crowdsec = pytest.mark.parametrize(
    "peer",
    [pytest.param(None, marks=[pytest.mark.peer, pytest.mark.skipif(not IS_HERE, reason="crowdsec is not installed")])],
)


def names(folder: str) -> set[str]:
    """What the files below *folder* call themselves."""
    texts = [file.read_text(encoding="utf-8") for file in (FOLDER / folder).rglob("*.yaml")]
    return {name for text in texts for name in re.findall(r"^name: (\S+)$", text, flags=re.MULTILINE)}


def test_the_collection_and_the_test_name_every_file() -> None:
    collection = (FOLDER / "collections" / "provserver.yaml").read_text(encoding="utf-8")
    config = (TEST / "config.yaml").read_text(encoding="utf-8")

    here = names("parsers") | names("scenarios")

    assert set(re.findall(r"  - (provserver/\S+)", collection)) == here
    assert {f"provserver/{Path(file).stem}" for file in re.findall(r"  - \./(\S+\.yaml)", config)} == here


def test_every_scenario_is_asserted() -> None:
    asserted = (TEST / "scenario.assert").read_text(encoding="utf-8")

    assert [name for name in names("scenarios") if f'"{name}"' not in asserted] == []


async def test_the_log_of_the_hub_test_is_what_the_server_logs(data: Path, tmp_path: Path) -> None:
    other = shutil.copytree(data, tmp_path / "other")

    samples = await record(data) + await record_walks(other)

    assert "".join(f"{sample.line}\n" for sample in samples) == (TEST / "provserver.log").read_text(encoding="utf-8")


@with_crowdsec
def test_crowdsec_finds_what_the_hub_test_says(peer: None, tmp_path: Path) -> None:
    del peer

    assert make_hub(tmp_path / "hub").run() == ""


@with_crowdsec
def test_the_hub_test_fails_when_a_line_is_missing(peer: None, tmp_path: Path) -> None:
    del peer
    hub = make_hub(tmp_path / "hub")
    lines = hub.log.read_text(encoding="utf-8").splitlines(keepends=True)
    hub.log.write_text("".join(line for line in lines if "192.0.2.60" not in line), encoding="utf-8")

    assert "Scenario test 'provserver' failed" in hub.run()
