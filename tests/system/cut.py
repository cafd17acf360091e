"""
Work that is cut short: a process that kills itself after so many steps, a step being whatever reaches the disk.

Steps are taken before and after each commit, each removal and each writing of a file, and each emptying of the
write-ahead log. Going through all numbers until the work ends by itself cuts it at every place there is.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncConnection

from provserver.app import Services
from provserver.clock import SystemClock
from provserver.services.filestore.uploads import Received
from provserver.storage.database import Storage
from tests.system.server import opened, settings_for

Work = Callable[[Services], Awaitable[None]]


class Steps:
    """Counts down, and kills."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self) -> None:
        """One more; the last is the end of this process."""
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def cut_short(directory: Path, work: Work, *, steps: int) -> None:
    """Do *work* on the data in *directory* and be killed after *steps* of it, or come to its end."""
    asyncio.run(_do(directory, work, Steps(steps)))


async def _do(directory: Path, work: Work, steps: Steps) -> None:
    async with opened(settings_for(directory), clock=SystemClock()) as services:
        with ExitStack() as patched:
            for target, name, replacement in _replacements(steps):
                patched.enter_context(patch.object(target, name, replacement))
            await work(services)


def _replacements(steps: Steps) -> list[tuple[Any, str, Any]]:
    transaction, checkpoint, write, unlink = Storage.transaction, Storage.checkpoint, Received.write, Path.unlink

    @asynccontextmanager
    async def stepping_transaction(storage: Storage, kind: str = "state") -> AsyncIterator[AsyncConnection]:
        async with transaction(storage, kind) as tx:
            yield tx
            steps.take()
        steps.take()

    async def stepping_checkpoint(storage: Storage, kind: str = "state") -> bool:
        steps.take()
        done = await checkpoint(storage, kind)
        steps.take()
        return done

    def stepping_write(received: Received, ciphertext: bytes, *, last: bool = False) -> None:
        steps.take()
        write(received, ciphertext, last=last)
        steps.take()

    def stepping_unlink(file: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - as the original has it
        steps.take()
        unlink(file, missing_ok=missing_ok)
        steps.take()

    return [
        (Storage, "transaction", stepping_transaction),
        (Storage, "checkpoint", stepping_checkpoint),
        (Received, "write", stepping_write),
        (Path, "unlink", stepping_unlink),
    ]
