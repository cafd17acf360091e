"""fail2ban, the real one, takes from the real log whom the server means, and nobody whom an attacker names."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.http.conftest import blank, data
from tests.monitor.log_samples import FOLDER, HOSTILE_AGENTS, VICTIM, Sample, record, written

__all__ = ["blank", "data"]  # fixtures

PROGRAM = shutil.which("fail2ban-regex")
SAMPLES = FOLDER / "samples" / "provserver.log"
MODES = ("decisions", "refusals", "handshakes")
needs_fail2ban = [pytest.mark.peer, pytest.mark.skipif(PROGRAM is None, reason="fail2ban is not installed")]
with_fail2ban = pytest.mark.parametrize("peer", [pytest.param(PROGRAM, marks=needs_fail2ban)])


def found(peer: str, log: Path, mode: str, *options: str) -> list[str]:
    """Whom the filter finds in *log*, line by line."""
    command = [peer, "-c", str(FOLDER), *options, "-o", "id", str(log), f"provserver[mode={mode}]"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split()


def expected(samples: list[Sample], mode: str) -> list[str]:
    return [sample.host for sample in samples if sample.mode == mode and sample.host is not None]


async def test_the_samples_are_what_the_server_logs(data: Path) -> None:
    assert written(await record(data)) == SAMPLES.read_text(encoding="utf-8")


@with_fail2ban
async def test_each_mode_finds_its_own_and_nobody_else(data: Path, peer: str, tmp_path: Path) -> None:
    samples = await record(data)
    log = tmp_path / "provserver.log"
    log.write_text("".join(f"{sample.line}\n" for sample in samples), encoding="utf-8")

    for mode in MODES:
        assert found(peer, log, mode) == expected(samples, mode)


@with_fail2ban
async def test_lines_from_the_journal_are_found_alike(data: Path, peer: str, tmp_path: Path) -> None:
    """There fail2ban puts host and program in front, and knows the time."""
    samples = await record(data)
    log = tmp_path / "journal"
    text = "".join(f"2025-10-09T08:53:20 host provserver[12]: {sample.line}\n" for sample in samples)
    log.write_text(text, encoding="utf-8")

    for mode in MODES:
        assert found(peer, log, mode, "-d", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d") == expected(samples, mode)


@with_fail2ban
def test_who_writes_a_line_into_its_user_agent_names_nobody(peer: str) -> None:
    """The samples hold such requests, refused ones and answered ones."""
    text = SAMPLES.read_text(encoding="utf-8")

    everybody = {host for mode in MODES for host in found(peer, SAMPLES, mode)}

    assert text.count(VICTIM) >= 2 * len(HOSTILE_AGENTS)
    assert everybody
    assert VICTIM not in everybody


@with_fail2ban
def test_a_careless_expression_would_be_taken_in(peer: str) -> None:
    """The samples are good enough to show the mistake that the filter avoids."""
    careless = r'^.*"address\\?":\\?"<ADDR>'

    done = subprocess.run(
        [peer, "-o", "id", str(SAMPLES), careless], capture_output=True, text=True, timeout=60, check=True
    )

    assert VICTIM in done.stdout.split()


@with_fail2ban
def test_the_time_is_the_lines_own_in_utc(peer: str, tmp_path: Path) -> None:
    log = tmp_path / "one.log"
    line = next(
        line
        for line in SAMPLES.read_text(encoding="utf-8").splitlines()
        if line.startswith("{") and "192.0.2.30" in line
    )
    log.write_text(f"{line}\n", encoding="utf-8")

    command = [peer, "-c", str(FOLDER), "-o", "<time>", str(log), "provserver"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert float(done.stdout) == 1_760_000_030.0


@with_fail2ban
def test_the_jails_are_read_by_fail2ban(peer: str, tmp_path: Path) -> None:
    """Beside the configuration of the distribution, whose actions they use."""
    folder = Path(shutil.copytree("/etc/fail2ban", tmp_path / "fail2ban"))
    for name in ("filter.d", "jail.d"):
        shutil.copytree(FOLDER / name, folder / name, dirs_exist_ok=True)
    client = str(Path(peer).with_name("fail2ban-client"))

    done = subprocess.run([client, "-c", str(folder), "-d"], capture_output=True, text=True, timeout=60, check=True)

    assert re.findall(r"\['start', '(provserver[\w-]*)'\]", done.stdout) == ["provserver"]
    assert "['set', 'provserver', 'maxretry', 1]" in done.stdout
