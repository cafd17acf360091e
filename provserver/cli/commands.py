"""
Which commands there are, and how they end: `main`.

Only the module of the command that runs is imported: `identify` must not wait for a database driver. Exit codes:
0 done, 1 refused or failed with one clear line on stderr, 2 wrong usage.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from provserver import __version__
from provserver.errors import ImportRefused, ProvserverError

# Name → module and what is in it: one command (a function) or a group of them (a typer.Typer).
_COMMANDS = {
    "init": ("init_serve", "init"),
    "serve": ("init_serve", "serve"),
    "device": ("devices", "app"),
    "tenant": ("tenants", "app"),
    "vendor": ("vendors", "app"),
    "pbx": ("pbx", "app"),
    "asset": ("assets", "app"),
    "phonebook": ("phonebooks", "app"),
    "identify": ("identify", "identify"),
    "redirect": ("redirect", "app"),
    "retention": ("retention", "app"),
    "key": ("keys", "app"),
    "audit": ("audit", "app"),
    "ban": ("bans", "app"),
    "alert": ("alerts", "app"),
    "monitor": ("monitor", "app"),
    "db": ("db", "app"),
    "dhcp": ("dhcp", "dhcp"),
    "pnp": ("pnp", "pnp"),
    "simulate": ("simulate", "simulate"),
}


class CommandsByName(TyperGroup):
    """Finds the commands of `_COMMANDS`, each in its module, when it is called or listed."""

    def list_commands(self, ctx: object) -> list[str]:
        """Name all commands, the ones for every day first."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """Import the command called *cmd_name*; None when there is none."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        found = getattr(importlib.import_module(f"provserver.cli.{module}"), name)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(cmd_name)(found)
            found = single
        command = get_command(found)
        command.name = cmd_name
        return command if isinstance(command, TyperCommand | TyperGroup) else None


_root = typer.Typer(cls=CommandsByName, add_completion=False, rich_markup_mode=None)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@_root.callback(no_args_is_help=True)
def _provserver(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A provisioning server for desk phones and their kin."""
    del version


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command line (default: this process's own), and exit with its code."""
    failed = False
    try:
        get_command(_root)(args=arguments, prog_name="provserver")
    except* ProvserverError as refused:  # the server's come in a group, from the task that died
        for line in _said(refused):
            typer.echo(line, err=True)
        failed = True
    if failed:
        sys.exit(1)


def _said(error: BaseException) -> Iterator[str]:
    """What a refusal says, in lines; of an import first every problem."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _said(part)
        return
    if isinstance(error, ImportRefused):
        yield from error.problems
    yield str(error)
