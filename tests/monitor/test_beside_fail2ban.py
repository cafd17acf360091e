"""docs/monitor-exports.md says what the monitor and fail2ban make of the same events: what both make of them today."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.fail2ban import of_files

PAGE = Path(__file__).resolve().parents[2] / "docs" / "monitor-exports.md"


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("fail2ban-regex") is None, reason="fail2ban is not installed")
def test_the_table_is_the_one_that_both_make_of_the_replay_files() -> None:
    table, notes = of_files()

    assert table in PAGE.read_text(encoding="utf-8"), "see python -m benchmarks.fail2ban"
    assert [note for note in notes if "monitor ban" in note or "monitor lock" in note] == []
