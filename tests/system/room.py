"""A disk without room, as a running server meets it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from tests.system.server import Server


@contextmanager
def no_room(server: Server, limit_bytes: int) -> Iterator[None]:
    """
    The server cannot write any file beyond this size, its own log neither.

    To a program that is what a full disk is: the system refuses the write.
    """
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (soft, hard))
