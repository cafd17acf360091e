"""A store to test with."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provserver.storage.database import Storage


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the three databases, made once by the migrations and copied for each test."""
    directory = tmp_path_factory.mktemp("migrated")

    async def migrate() -> None:
        storage = Storage(directory)
        await storage.open(migrate=True)
        await storage.close()

    asyncio.run(migrate())
    return directory


@pytest.fixture
def directory(migrated: Path, tmp_path: Path) -> Path:
    """A data directory of this test's own."""
    return Path(shutil.copytree(migrated, tmp_path / "data"))


@pytest.fixture
async def storage(directory: Path) -> AsyncIterator[Storage]:
    """The open store."""
    storage = Storage(directory)
    await storage.open()
    yield storage
    await storage.close()
