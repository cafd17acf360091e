"""`provserver identify`: whose request would this be? Needs no data directory."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from provserver.cli.options import AsJson, ConfigFile, print_facts, print_json
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import Vendor
from provserver.errors import InvalidValue
from provserver.identify import Catalogue, Identified, Unidentified
from provserver.vendors import load_vendors

_FOLDER_VARIABLE = "PROVSERVER_VENDORS"
UNKNOWN: dict[str, str | None] = {"vendor": None}


def identify(
    *,
    path: Annotated[str | None, typer.Option(help="As it is asked for: /805ec0aabbcc.cfg")] = None,
    user_agent: Annotated[str | None, typer.Option(help="What the phone says of itself.")] = None,
    method: Annotated[str, typer.Option(help="GET, HEAD, PUT or POST.")] = "GET",
    batch: Annotated[
        Path | None,
        typer.Option(allow_dash=True, help='Read JSON lines {"path", "user_agent"} from this file (-: stdin).'),
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Say which maker's phone would ask so, and for which file."""
    catalogue = Catalogue(_vendors(config))
    if batch is not None:
        if path is not None or user_agent is not None:
            raise typer.BadParameter("--batch takes the place of --path and --user-agent")
        _answer_lines(catalogue, batch)
        return
    if path is None and user_agent is None:
        raise typer.BadParameter("give --path, --user-agent or both")
    found = catalogue.identify(_request(path, user_agent, method))
    answer = answer_of(found)
    if as_json:
        print_json(answer)
    elif isinstance(found, Identified):
        print_facts(answer.items())
    if isinstance(found, Unidentified):
        typer.echo(f"no maker's phones ask so ({found.reason})", err=True)
        raise typer.Exit(1)


def _vendors(config: Path | None) -> tuple[Vendor, ...]:
    """
    All makers; those of the operator's folder only where there can be one.

    This command is called once a request by others' scripts: reading the settings, which takes longer than everything
    else here, waits until something names the folder.
    """
    if any(name.startswith(_FOLDER_VARIABLE) for name in os.environ) or _names_makers(config):
        makers: tuple[Vendor, ...] = importlib.import_module("provserver.cli.makers").makers_of(config).vendors
        return makers
    return load_vendors()


def _names_makers(config: Path | None) -> bool:
    try:
        return config is not None and b"vendors" in config.read_bytes()
    except OSError:  # every command takes it; this one can do without
        return False


def answer_of(found: Identified | Unidentified) -> dict[str, str | None]:
    """The answer as an object: nothing but the vendor when that is not known."""
    if isinstance(found, Unidentified):
        return UNKNOWN
    return {
        "vendor": found.vendor,
        "model": found.model,
        "firmware": found.firmware,
        "mac": found.mac.value if found.mac else None,
        "serial": found.serial,
        "file": found.asked.file if found.asked else None,
    }


def _answer_lines(catalogue: Catalogue, batch: Path) -> None:
    """One answer a line, in order; a line that is no request is answered too, and makes the command fail at the end."""
    malformed = 0
    try:
        with nullcontext(sys.stdin.buffer) if batch == Path("-") else batch.open("rb") as lines:
            malformed = _answer_each(catalogue, lines)
    except OSError as error:
        raise InvalidValue("batch", f"cannot read {batch}: {error.strerror or error}") from error
    if malformed:
        raise typer.Exit(1)


def _answer_each(catalogue: Catalogue, lines: Iterable[bytes]) -> int:
    malformed = 0
    for number, line in enumerate(lines, start=1):
        try:
            request = _read(line)
        except ValueError as error:
            malformed += 1
            typer.echo(f"line {number}: {error}", err=True)
            print_json(UNKNOWN)
        else:
            print_json(answer_of(catalogue.identify(request)))
    return malformed


def _read(line: bytes) -> ProvRequest:
    """One request; ValueError says what is wrong with the line, without its text."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(given, dict):
        raise ValueError("is not an object")  # noqa: TRY004 - what is wrong with a line is one kind of error
    texts = {name: given.get(name) for name in ("path", "user_agent", "method")}
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ValueError(f"{name} is not a text")
    if texts["path"] is None and texts["user_agent"] is None:
        raise ValueError("has neither path nor user_agent")
    return _request(texts["path"], texts["user_agent"], texts["method"] or "GET")


def _request(path: str | None, user_agent: str | None, method: str) -> ProvRequest:
    before, _, query = (path or "").partition("?")
    if path is not None and not before.startswith("/"):
        before = f"/{before}"
    return ProvRequest(method=method.upper(), path=before, query=query, user_agent=user_agent or "")
