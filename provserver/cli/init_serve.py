"""`provserver init` makes a data directory, `provserver serve` runs the server on it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import Annotated

import typer

from provserver.app import build, initialise
from provserver.app import serve as serve_phones
from provserver.cli.demo import fill_demo, hints
from provserver.cli.options import ConfigFile
from provserver.cli.running import read_settings
from provserver.settings import Settings, load


def init(
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Add a small demo tenant, unless there is a tenant.")] = False,
    config: ConfigFile = None,
) -> None:
    """Make what is missing in the data directory: keys, databases. Never touches what is there."""
    settings = read_settings(config)
    made = asyncio.run(initialise(settings))
    for what in made:
        typer.echo(f"made {what}")
    if not made:
        typer.echo(f"{settings.data.directory} is there already: same data, same keys")
    if demo:
        asyncio.run(_demo(settings))
        for line in hints(settings, config=config):
            typer.echo(line)


def serve(*, config: ConfigFile = None) -> None:
    """Serve phones until Ctrl-C or SIGTERM."""
    settings = load(config)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve_phones(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster loop where it is installed; None is Python's own."""
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:  # optional: not every Python has a wheel of it
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _demo(settings: Settings) -> None:
    async with build(settings) as services:
        typer.echo(await fill_demo(services))
