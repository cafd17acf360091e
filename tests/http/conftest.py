"""Data folders to serve from."""

import asyncio
import shutil
from pathlib import Path

import pytest

from provserver.app import initialise
from provserver.settings import DataSettings, Settings


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised data folder, made once: migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("blank") / "data"
    asyncio.run(initialise(Settings(data=DataSettings(directory=folder))))
    return folder


@pytest.fixture
def data(blank: Path, tmp_path: Path) -> Path:
    """A data folder of this test's own."""
    return shutil.copytree(blank, tmp_path / "data")
