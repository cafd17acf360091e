"""`provserver phonebook …`: who is in the phone books that phones read from here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provserver.app import Services
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import read_file, run
from provserver.domain.phonebook import PhonebookEntry

app = group("Phone books of tenants and sites.")

OfTenant = Annotated[str, typer.Option("--tenant", metavar="T", help="Whose phone book it is.", show_default=False)]
OfSite = Annotated[str | None, typer.Option("--site", metavar="S", help="That of this site; else the tenant's own.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", allow_dash=True, help="CSV with a header; -: stdin.")],
    *,
    tenant: OfTenant,
    site: OfSite = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """
    Make a file the phone book, in place of the one there is, all of it or nothing; one row an entry.

    Columns: name and one or more of work, mobile, home, other (a second one of a kind: work_2 …); and group.
    """
    content = read_file(file)

    async def work(services: Services) -> int:
        whose = await services.tenants.get(tenant)
        return await services.phonebooks.import_file(content, tenant=whose, site=site, dry_run=dry_run)

    count = run(work, config=config)
    if as_json:
        print_json({"dry_run": dry_run, "entries": count})
    else:
        typer.echo(f"{'would import' if dry_run else 'imported'} {_entries(count)}")


@app.command("list")
def list_books(
    *,
    tenant: Annotated[str | None, typer.Option(metavar="T", help="Of this tenant only.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the phone books, without anybody in them."""

    async def work(services: Services) -> list[dict[str, str | int | None]]:
        one = await services.tenants.get(tenant) if tenant is not None else None
        found = await services.phonebooks.list(tenant=one)
        return [{"tenant": book.tenant, "site": book.site, "entries": book.entries} for book in found]

    books = run(work, config=config)
    if as_json:
        print_json(books)
        return
    rows = [(str(book["tenant"]), str(book["site"] or "-"), str(book["entries"])) for book in books]
    print_table([("tenant", "site", "entries"), *rows])


@app.command()
def show(*, tenant: OfTenant, site: OfSite = None, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show who is in a phone book."""

    async def work(services: Services) -> tuple[PhonebookEntry, ...]:
        return await services.phonebooks.entries(tenant=await services.tenants.get(tenant), site=site)

    entries = run(work, config=config)
    if as_json:
        print_json(
            [
                {"name": entry.name, "group": entry.group, "numbers": [[n.kind.value, n.digits] for n in entry.numbers]}
                for entry in entries
            ]
        )
        return
    rows = [(e.name, e.group or "-", ", ".join(f"{n.digits} ({n.kind})" for n in e.numbers)) for e in entries]
    print_table([("name", "group", "numbers"), *rows])


@app.command()
def export(*, tenant: OfTenant, site: OfSite = None, config: ConfigFile = None) -> None:
    """Print a phone book as CSV that `import` takes."""

    async def work(services: Services) -> str:
        return await services.phonebooks.export(tenant=await services.tenants.get(tenant), site=site)

    typer.echo(run(work, config=config), nl=False)


@app.command()
def remove(*, tenant: OfTenant, site: OfSite = None, config: ConfigFile = None) -> None:
    """Remove a phone book."""

    async def work(services: Services) -> int:
        return await services.phonebooks.remove(tenant=await services.tenants.get(tenant), site=site)

    typer.echo(f"removed {_entries(run(work, config=config))}")


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"
