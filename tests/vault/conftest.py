"""Key directories to test with."""

from pathlib import Path

import pytest

from provserver.vault.keyring import KeyRing


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where a test's key files are."""
    return tmp_path / "keys"


@pytest.fixture
def ring(keys: Path) -> KeyRing:
    """A ring with one generation."""
    return KeyRing.create(keys)


@pytest.fixture(scope="module")
def lasting_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """A ring of two generations for tests that only seal and open, many times over."""
    ring = KeyRing.create(tmp_path_factory.mktemp("vault") / "keys")
    ring.add_generation()
    return ring
