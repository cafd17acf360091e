"""`provserver audit …`: whether the audit trail is whole, its end too, and an anchor for somebody outside to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provserver.cli.options import AsJson, ConfigFile, group, plain, print_json
from provserver.cli.running import read_file, run
from provserver.errors import InvalidValue
from provserver.services.upkeep.audit_trail import Mark

app = group("The audit trail.")

_HASH_DIGITS = 64


@app.command()
def verify(
    *,
    anchors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Anchors kept outside, as `audit anchor` prints them; - is stdin."),
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Check every entry against the one before, and the end against the anchor."""
    outside = [] if anchors is None else _marks(read_file(anchors))
    problems = run(lambda services: services.trail.problems(outside), config=config)
    if as_json:
        print_json({"whole": not problems, "problems": problems})
    elif not problems:
        typer.echo("the audit trail is whole")
    if problems:
        for problem in problems:
            typer.echo(plain(problem), err=True)
        raise typer.Exit(1)


@app.command()
def anchor(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Print number and hash of the last entry, for an auditor to keep where nobody here can write."""
    mark = run(lambda services: services.trail.current(), config=config)
    if as_json:
        print_json({"seq": mark.seq, "hash": mark.hash})
    else:
        typer.echo(f"{mark.seq} {mark.hash}")


@app.command()
def accept(
    *,
    reason: Annotated[str, typer.Option(help="Why the trail does not fit its anchor. It is written into the trail.")],
    config: ConfigFile = None,
) -> None:
    """Go on with a trail that does not fit its anchor, after a backup was put back."""
    mark = run(lambda services: services.trail.accept(reason), config=config)
    typer.echo(f"the audit trail goes on at entry {mark.seq}")


def _marks(content: bytes) -> list[Mark]:
    marks = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        seq, _, hash_ = line.strip().partition(" ")
        if not seq and not hash_:
            continue
        if not (seq.isdecimal() and len(hash_) == _HASH_DIGITS):
            raise InvalidValue("anchors", f"line {number} is not a number and a hash of {_HASH_DIGITS} digits")
        marks.append(Mark(seq=int(seq), hash=hash_))
    return marks
