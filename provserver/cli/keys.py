"""`provserver key …`: the key-encryption keys, without ever showing one."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from provserver.app import start_over
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import read_settings, run
from provserver.clock import iso
from provserver.storage.keystore import KeyGeneration

app = group("Key-encryption keys.")


@app.command("list")
def list_keys(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the generations of the key, with how many data keys each wraps."""
    keys = [_facts(row, count) for row, count in run(lambda services: services.keys.generations(), config=config)]
    if as_json:
        print_json(keys)
        return
    names = ("generation", "state", "data_keys", "created_at", "retired_at", "destroyed_at")
    rows = [[str(key[name] if key[name] is not None else "-") for name in names] for key in keys]
    print_table([[name.replace("_", " ") for name in names], *rows])


@app.command()
def rotate(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Make a new key and wrap every data key with it; the old one is destroyed some days later."""
    generation, count = run(lambda services: services.keys.rotate(), config=config)
    if as_json:
        print_json({"generation": generation, "data_keys": count})
    else:
        typer.echo(f"generation {generation} wraps {count} data key{'' if count == 1 else 's'}")


@app.command("start-over")
def begin_again(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Go on with a new keystore after the old one was lost: devices stay, every password has to be entered again."""
    settings = read_settings(config)
    if not yes:
        typer.confirm("Give up every password that is held here?", abort=True)
    lost = asyncio.run(start_over(settings))
    if as_json:
        print_json({"credentials": lost.credentials, "uploads": lost.uploads, "devices": lost.devices})
    else:
        typer.echo(f"given up: {lost.credentials} credentials, {lost.uploads} uploads")
        typer.echo(f"{lost.devices} devices need their passwords again")


def _facts(row: KeyGeneration, count: int) -> dict[str, Any]:
    state = "destroyed" if row.destroyed_at else "retired" if row.retired_at else "in use"
    return {
        "generation": row.generation,
        "state": state,
        "data_keys": count,
        "created_at": iso(row.created_at),
        "retired_at": iso(row.retired_at),
        "destroyed_at": iso(row.destroyed_at),
    }
