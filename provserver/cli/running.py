"""How a command works on a data directory: `run` reads the settings, opens the services, and closes them again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from provserver.app import Services, build
from provserver.clock import SystemClock
from provserver.errors import InvalidValue
from provserver.log import configure
from provserver.settings import LogSettings, Settings, load

Result = TypeVar("Result")


def read_settings(config: Path | None) -> Settings:
    """
    The settings of *config* and the environment, and a log that speaks on stderr and of problems only.

    Standard output belongs to what was asked for.
    """
    settings = load(config)
    quiet = LogSettings(format=settings.log.format, level="warning")
    configure(quiet, now_ms=SystemClock().wall_ms, stream=sys.stderr.buffer)
    return settings


def run(work: Callable[[Services], Awaitable[Result]], *, config: Path | None, migrate: bool = False) -> Result:
    """Do *work* with the services of the data directory that *config* names."""
    settings = read_settings(config)

    async def do() -> Result:
        async with build(settings, migrate=migrate) as services:
            return await work(services)

    return asyncio.run(do())


def read_file(file: Path) -> bytes:
    """What is in *file*; ``-`` is standard input."""
    try:
        return sys.stdin.buffer.read() if file == Path("-") else file.read_bytes()
    except OSError as error:
        raise InvalidValue("file", f"cannot read {file}: {error.strerror or error}") from error


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that takes (done, total) and shows it, on a terminal; elsewhere it says nothing."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
