"""What the proofs share."""

from collections.abc import Iterator

import pytest

from tests.system.server import Nursery


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Servers that start at once; loading the program takes seconds, so a module shares one."""
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()
