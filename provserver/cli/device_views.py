"""`provserver device show|settings|search|render|diff|log`: looking; a secret only if asked for, and audited."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli.options import AsJson, ConfigFile, Mac, plain, print_facts, print_json, print_table
from provserver.cli.running import run
from provserver.domain.mac import MacAddress
from provserver.domain.words import NOT_SUPPORTED
from provserver.services.fleet.origins import DEFAULT

_STANDINGS = {
    "same": "nothing would change",
    "withheld": "the device keeps it; what it held was deleted, and it would get nothing now",
    "no_file": "devices of its maker get no such file (any more)",
    "too_large": "too large for a copy to be kept, nothing to compare with",
}


def show(mac: Mac, *, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show a device: where it stands, its lines, the clock of its credentials, when it was seen."""
    address = MacAddress.parse(mac)
    found = run(lambda services: services.inventory.show(address), config=config)
    if as_json:
        print_json(found)
        return
    print_facts(_facts(found))
    for line in found["lines"]:
        typer.echo(f"line {line['number']}")
        print_facts((f"  {name.replace('_', ' ')}", value) for name, value in _line_facts(line))
    for event in found["events"]:
        print_table([(event["at"], event["kind"], event["detail"])])


def settings(mac: Mac, *, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the settings in force for a device: value, the level it comes from, and what it hides; secrets as stars."""
    address = MacAddress.parse(mac)
    found = run(lambda services: services.inventory.settings(address), config=config)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            row["setting"],
            _value(row["value"]),
            row["level"],
            ", ".join(f"{_value(hidden['value'])} ({hidden['level']})" for hidden in row["hides"]) or "-",
            "" if row["supported"] else NOT_SUPPORTED,
        )
        for row in found
        if row["level"] != DEFAULT
    ]
    print_table([("setting", "value", "from", "hides", ""), *rows])
    left = ", ".join(row["setting"] for row in found if row["level"] == DEFAULT)
    typer.echo(f"maker's default: {left or '-'}")


def search(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORD]...", help="All of them must occur.")] = None,
    *,
    tenant: Annotated[str | None, typer.Option(help="Only devices of this tenant.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Find devices by MAC (or a part), description, maker, model, site, or a line's names."""

    async def work(services: Services) -> list[dict[str, Any]]:
        tenant_id = None if tenant is None else (await services.tenants.get(tenant)).id
        return await services.inventory.search(words or (), tenant_id=tenant_id, limit=limit)

    found = run(work, config=config)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            device["mac"],
            device["vendor"],
            device["model"] or "-",
            device["tenant"],
            device["state"],
            ", ".join(line["user_name"] for line in device["lines"]) or "-",
            device["description"],
        )
        for device in found
    ]
    print_table([("mac", "vendor", "model", "tenant", "state", "lines", "description"), *rows])
    if len(found) == limit:
        typer.echo(f"there may be more than these {limit}", err=True)


def render(
    mac: Mac,
    file: Annotated[str, typer.Argument(metavar="FILE", help="As the phone asks for it.", show_default=False)],
    *,
    reveal: Annotated[bool, typer.Option("--reveal", help="With its secrets; the audit trail notes it.")] = False,
    config: ConfigFile = None,
) -> None:
    """Print a file as the phone would get it, secrets as stars."""
    address = MacAddress.parse(mac)
    artefact = run(lambda services: services.inventory.render(address, file, reveal=reveal), config=config)
    sys.stdout.flush()
    sys.stdout.buffer.write(artefact)
    sys.stdout.buffer.flush()


def diff(
    mac: Mac,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="As the phone asks for it; else all that it has fetched.")
    ] = None,
    *,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what would change at a device if it asked now: its files against those it last fetched, secrets as stars."""
    address = MacAddress.parse(mac)
    found = run(lambda services: services.differences.since_fetch(address, file), config=config)
    if as_json:
        print_json([asdict(difference) for difference in found])
        return
    for difference in found:
        for line in difference.lines:
            typer.echo(plain(line))
        if not difference.lines:
            typer.echo(f"{plain(difference.file)} fetched {difference.fetched_at}: {_STANDINGS[difference.standing]}")


def log(
    mac: Mac,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 20,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the newest requests that named a MAC, with why each was refused. Tokens are hashes."""
    address = MacAddress.parse(mac)
    found = run(lambda services: services.inventory.history(address, limit=limit), config=config)
    if as_json:
        print_json(found)
        return
    names = ("at", "address", "method", "path", "status", "outcome", "reason", "user_agent")
    rows = [[str(row[name] if row[name] is not None else "-") for name in names] for row in found]
    print_table([[name.replace("_", " ") for name in names], *rows])


def _value(value: str | None) -> str:
    return "deleted" if value is None else value


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "mac", found["mac"]
    for name in ("vendor", "model", "serial", "description", "tenant", "site", "state"):
        yield name, found[name] or None
    if found["locked"]:
        yield "locked", f"{found['locked']['at']}  {found['locked']['reason'] or ''}"
    yield "armed until", found["armed_until"]
    yield "provisioned", found["provisioned_at"]
    clock = found["credentials"]
    yield "credentials", "held" if clock["held"] else "none held"
    for name in ("first_delivered_at", "delete_after", "deleted_at"):
        yield f"  {name.replace('_', ' ')}", clock[name]
    seen = found["last_seen"]
    yield "last seen", seen["at"] and f"{seen['at']}  {seen['address']}  {seen['user_agent']}"
    for stage in found["redirection"]:
        yield stage["service"], _listed(stage)
    for name, value in found["settings"].items():
        yield f"set {name}", value
    yield "secrets", ", ".join(found["secrets"]) or None
    if found["unsupported_settings"]:
        yield "without effect", f"{', '.join(found['unsupported_settings'])} ({NOT_SUPPORTED})"


def _listed(stage: Mapping[str, Any]) -> str:
    """Where a device stands at its maker's service; that it is listed there says nothing of the phone."""
    if stage["contacted_at"]:
        return f"contacted us {stage['contacted_at']}, listed {stage['listed_at']}"
    if stage["listed_at"]:
        return f"listed {stage['listed_at']}, has not contacted us"
    return ", ".join(part for part in (stage["state"], stage["reason"], stage["said"]) if part)


def _line_facts(line: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in line.items():
        if name == "number" or value is None:
            continue
        if isinstance(value, dict):
            port = f":{value['port']}" if value["port"] else ""
            yield name, f"{value['host']}{port} ({value['transport']})"
        else:
            yield name, value
