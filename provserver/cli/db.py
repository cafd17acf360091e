"""`provserver db …`: the databases: of this program's version, and sound."""

from __future__ import annotations

import typer

from provserver.app import Services
from provserver.cli.options import AsJson, ConfigFile, group, plain, print_json
from provserver.cli.running import run
from provserver.storage.database import KINDS
from provserver.storage.schema import newest

app = group("The databases: their version, and whether they are sound.")


@app.command()
def upgrade(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Bring the databases to this program's version. The server does this by itself when it starts."""

    async def work(_services: Services) -> dict[str, str]:
        return {kind: newest(kind) for kind in KINDS}

    versions = run(work, config=config, migrate=True)
    if as_json:
        print_json(versions)
    else:
        typer.echo(", ".join(f"{kind} is at version {version}" for kind, version in versions.items()))


@app.command()
def check(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Check the files, the audit trail, and that every credential opens with its key."""
    problems = run(lambda services: services.soundness.problems(), config=config)
    if as_json:
        print_json({"sound": not problems, "problems": problems})
    elif not problems:
        typer.echo("files, audit trail and keys are sound")
    if problems:
        for problem in problems:
            typer.echo(plain(problem), err=True)
        typer.echo(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}", err=True)
        raise typer.Exit(1)
