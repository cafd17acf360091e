"""A thousand connections that are slow on purpose: phones are served meanwhile, and every one of them is ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.server import Nursery
from tests.system.slow_attackers import ATTACKERS, ATTACKS, MEMORY_BYTES, besiege, hindrance

pytestmark = pytest.mark.peer


@pytest.fixture(autouse=True)
def _attacker() -> None:
    missing = hindrance()
    if missing:
        pytest.skip(missing)


@pytest.mark.parametrize("name", ATTACKS)
async def test_slow_connections_keep_no_phone_waiting_and_are_ended(
    nursery: Nursery, tmp_path: Path, name: str
) -> None:
    siege = await besiege(nursery, tmp_path, name)

    assert siege.calm > 0
    assert siege.during > 0
    assert siege.after > 0
    assert siege.each_bytes < MEMORY_BYTES / ATTACKERS
