"""Where commands get secrets from: a prompt, standard input, a file. Never an argument, which everybody can list."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from provserver.domain.text import MAX_VALUE_CHARS
from provserver.errors import InvalidValue
from provserver.secret import Secret

_MAX_FILE_CHARS = 100_000  # of a secret that is a file; whoever takes it says how much of that it believes

PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", allow_dash=True,
        help="Read secrets from this file, one a line in the order in which they are named; else asked for, or stdin.",
    ),
]  # fmt: skip


def read_secrets(names: Sequence[str], *, file: Path | None, kept_in_files: Collection[str] = ()) -> dict[str, Secret]:
    """
    Read one secret for each of *names*, in their order.

    From *file* (``-``: standard input), else typed twice and unseen on a terminal, else from standard input. Of those
    *kept_in_files* what is read or typed is the name of the file that holds them. Raises InvalidValue naming the secret
    that is missing or empty.
    """
    if not names:
        return {}
    if file is None and sys.stdin.isatty():
        given = {name: _typed(name, is_file=name in kept_in_files) for name in names}
    else:
        with _lines_of(file) as lines:
            given = {name: _next_line(lines, name) for name in names}
    return {name: _content(text, name) if name in kept_in_files else text for name, text in given.items()}


def _typed(name: str, *, is_file: bool) -> Secret:
    if is_file:
        return Secret(typer.prompt(f"{name} (its file)"))
    return Secret(typer.prompt(name, hide_input=True, confirmation_prompt=True))


def _content(file: Secret, name: str) -> Secret:
    try:
        with Path(file.reveal()).open(encoding="utf-8") as stream:
            return Secret(stream.read(_MAX_FILE_CHARS))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise InvalidValue(name, f"its file cannot be read: {why}") from None


@contextmanager
def _lines_of(file: Path | None) -> Iterator[TextIO]:
    if file is None or file == Path("-"):
        yield sys.stdin
        return
    try:
        with file.open(encoding="utf-8") as lines:
            yield lines
    except OSError as error:
        raise InvalidValue("password-file", f"cannot read {file}: {error.strerror or error}") from error


def _next_line(lines: TextIO, name: str) -> Secret:
    try:
        line = lines.readline(MAX_VALUE_CHARS + 2)  # a longer one is refused as such, wherever it is cut
    except UnicodeDecodeError:
        raise InvalidValue(name, "is not text in UTF-8") from None  # the cause holds the line
    text = line.rstrip("\r\n")
    if not text:
        raise InvalidValue(name, "is missing: one line for each secret, and none is empty")
    return Secret(text)
