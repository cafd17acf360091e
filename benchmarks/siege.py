"""What is left for phones while a thousand connections are slow on purpose? Parts of the rate without an attack."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.system.server import Nursery
from tests.system.slow_attackers import ATTACKS, Siege, besiege

_SECONDS = 3.0  # of each rate


def measure() -> Iterator[tuple[str, Siege]]:
    """Each kind of slow connection by itself, against a server of its own."""
    nursery = Nursery()
    try:
        for name in ATTACKS:
            with tempfile.TemporaryDirectory(prefix="provserver-bench-") as folder:
                yield name, asyncio.run(besiege(nursery, Path(folder), name, seconds=_SECONDS))
    finally:
        nursery.close()
