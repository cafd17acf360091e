"""What commands have in common on the outside: their options, and how results are printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from provserver.domain.words import NOT_SUPPORTED

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", envvar="PROVSERVER_CONFIG", metavar="FILE", help="Settings (TOML); else the defaults."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Mac = Annotated[str, typer.Argument(metavar="MAC", help="In any usual notation.", show_default=False)]


def group(help_text: str) -> typer.Typer:
    """A group of commands, also when it has one only."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, help=help_text)
    app.callback(no_args_is_help=True)(lambda: None)
    return app


def print_json(value: object) -> None:
    """Print *value* as one JSON document on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Print names and values below each other; None is a dash."""
    rows = [(name, "-" if value is None else str(value)) for name, value in facts]
    print_table(rows)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print *rows* in columns as wide as they must be."""
    for line in table_lines(rows):
        typer.echo(line)


def table_lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """*rows* as lines, without anything that could move a terminal's cursor."""
    shown = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def warn_unsupported(vendor: str, names: Sequence[str]) -> None:
    """Say on stderr which of the settings that were given do nothing on devices of *vendor*; they are kept."""
    if names:
        typer.echo(f"{vendor}: without effect, {NOT_SUPPORTED}: {', '.join(names)}", err=True)


def plain(text: str) -> str:
    """*text*, which others wrote, for a terminal: nothing in it moves the cursor or ends the line."""
    return "".join(character if character.isprintable() else "�" for character in text)
