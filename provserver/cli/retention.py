"""`provserver retention …`: what is deleted when, and deleting it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from provserver.cli.options import AsJson, ConfigFile, group, print_facts, print_json, print_table
from provserver.cli.running import run as work_on
from provserver.clock import iso, to_ms
from provserver.errors import InvalidValue
from provserver.services.upkeep.retention import Due, Status

app = group("Deletion of credentials.")


@app.command()
def status(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Count the credentials, and say what is deleted next."""
    found = work_on(lambda services: services.retention.status(), config=config)
    facts = _facts(found)
    if as_json:
        print_json(facts)
        return
    coming = found.next
    shown = {**facts, "next": f"{_due(coming)['delete_after']}  {_owner(coming)}" if coming else None}
    print_facts((name.replace("_", " "), value) for name, value in shown.items())


@app.command()
def run(
    *,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="As if it were this later time (ISO 8601).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be deleted.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Delete what is due. The server does this by itself every few minutes."""
    at_ms = None if at is None else _moment(at)
    if dry_run:
        due = work_on(lambda services: services.retention.due(at_ms=at_ms), config=config)
        if as_json:
            print_json([_due(one) for one in due])
        else:
            print_table([("delete after", "of", "field"), *((_when(d), _owner(d), d.credential.field) for d in due)])
        return
    count = work_on(lambda services: services.retention.run(at_ms=at_ms), config=config)
    if as_json:
        print_json({"deleted": count})
    else:
        typer.echo(f"deleted {count} credential{'' if count == 1 else 's'}")


@app.command("believe-clock")
def believe_clock(config: ConfigFile = None) -> None:
    """Say that the machine's clock is right: what it has leapt ahead by was time that has passed."""
    work_on(lambda services: services.timekeeping.believe(), config=config)
    typer.echo("the machine's clock is believed")


def _moment(text: str) -> int:
    """Milliseconds since 1970; a time without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise InvalidValue("at", f"{text!r} is not a time such as 2026-12-24T18:00:00Z") from None


def _facts(found: Status) -> dict[str, Any]:
    return {
        "held": found.held,
        "running": found.running,
        "overdue": found.overdue,
        "deleted": found.deleted,
        "oldest_overdue_seconds": found.oldest_overdue_s,
        "clock": found.clock_problem,
        "next": _due(found.next) if found.next else None,
    }


def _due(due: Due) -> dict[str, Any]:
    return {"mac": due.mac, "field": due.credential.field, "delete_after": iso(due.credential.delete_after)}


def _when(due: Due) -> str:
    return iso(due.credential.delete_after) or "-"


def _owner(due: Due) -> str:
    """The device, or the scope of a shared secret."""
    return due.mac or due.credential.owner
