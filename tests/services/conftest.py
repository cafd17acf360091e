"""The services of a data directory, as the composition root builds them, on a clock that tests move."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provserver.app import Services, initialise
from provserver.domain.device import Tenant
from provserver.settings import DataSettings, PhoneSettings, RedirectSettings, Settings
from tests.clocks import FakeClock
from tests.redirect.fakes import tls
from tests.services.fleet import BASE_URL, running


def settings_of(directory: Path) -> Settings:
    return Settings(
        data=DataSettings(directory=directory),
        phone=PhoneSettings(url=BASE_URL),
        redirect=RedirectSettings(authorities=tls.TRUST),
    )


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with keys and databases, made once by `initialise` and copied for each test."""
    directory = tmp_path_factory.mktemp("initialised") / "data"
    asyncio.run(initialise(settings_of(directory), clock=FakeClock()))
    return directory


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def settings(initialised: Path, tmp_path: Path) -> Settings:
    """Settings with a data directory of this test's own."""
    return settings_of(Path(shutil.copytree(initialised, tmp_path / "data")))


@pytest.fixture
async def services(settings: Settings, clock: FakeClock) -> AsyncIterator[Services]:
    """The services of one process."""
    async with running(settings, clock) as services:
        yield services


@pytest.fixture
async def tenant(services: Services) -> Tenant:
    return await services.tenants.add("acme")
