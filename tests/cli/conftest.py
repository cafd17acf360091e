"""A terminal in an empty folder, without or with a data directory; what is left behind holds no marked secret."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.cli.terminal import MARK, Terminal


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A folder without any data, and no settings from this machine's environment."""
    for name in [name for name in os.environ if name.startswith("PROVSERVER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield Terminal(patch=monkeypatch, folder=tmp_path)
    structlog.reset_defaults()  # the log still writes to the last command's stderr
    assert_no_secret_in_clear(tmp_path / "data")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the tenants acme and rival, made by the commands once and copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("PROVSERVER_CONFIG", raising=False)
        terminal = Terminal(patch=patch, folder=folder)
        terminal.do("init")
        terminal.do("tenant", "add", "acme")
        terminal.do("tenant", "add", "rival")
    structlog.reset_defaults()
    return folder / "data"


@pytest.fixture
def terminal(bare: Terminal, prepared: Path) -> Terminal:
    """A terminal beside a data directory with two tenants."""
    shutil.copytree(prepared, bare.folder / "data")
    return bare


def assert_no_secret_in_clear(data: Path) -> None:
    """Databases, their logs, the audit trail in them: no file holds a marked secret."""
    for file in data.rglob("*"):
        if file.is_file():
            assert MARK.encode() not in file.read_bytes(), file
