"""`provserver redirect account …`: accounts at makers' redirection services. Secrets are asked for, and tried first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provserver.app import Services
from provserver.cli.assignments import read_assignments
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import run
from provserver.cli.secret_input import PasswordFile, read_secrets
from provserver.domain.device import Tenant
from provserver.domain.registration import RedirectAccount
from provserver.redirect.catalogue import SERVICES, Service
from provserver.redirect.protocol import IDENTITY, Ability
from provserver.secret import Secret
from provserver.services.redirection.redirect_accounts import find_service

app = group("Accounts at makers' redirection services.")

ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="See `redirect services`.", show_default=False)]
OfTenant = Annotated[str | None, typer.Option("--tenant", help="Whose it is; without it, everybody's.")]


@app.command()
def add(
    service: ServiceName,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="What the service asks for: user=…, key_id=…")
    ] = None,
    *,
    tenant: OfTenant = None,
    endpoint: Annotated[str | None, typer.Option(help="Where the service is, if not where it usually is.")] = None,
    per_second: Annotated[float | None, typer.Option(min=0.01, max=10_000, help="Calls in a second at most.")] = None,
    check: Annotated[bool, typer.Option(help="Try the credentials before they are kept.")] = True,
    password_file: PasswordFile = None,
    config: ConfigFile = None,
) -> None:
    """Add an account. Its secrets are asked for in the order in which `redirect services` names them."""
    known = find_service(service)
    fields = read_assignments(values)
    secrets = _secrets_of(known, password_file)

    async def work(services: Services) -> RedirectAccount:
        return await services.redirection.accounts.add(
            service,
            fields,
            secrets,
            tenant=await _tenant(services, tenant),
            endpoint=endpoint,
            per_s=per_second,
            check=check,
        )

    account = run(work, config=config)
    tried = "its credentials are right" if account.checked_at else "its credentials have not been tried"
    typer.echo(f"added an account at {known.name} for {tenant or 'everybody'}; {tried}")


@app.command("set")
def set_account(
    service: ServiceName,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="What is to be changed.")
    ] = None,
    *,
    tenant: OfTenant = None,
    endpoint: Annotated[str | None, typer.Option(help="Where the service is.")] = None,
    per_second: Annotated[float | None, typer.Option(min=0.01, max=10_000, help="Calls in a second at most.")] = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Ask for its secrets anew.")] = False,
    check: Annotated[bool, typer.Option(help="Try the credentials before they are kept.")] = True,
    password_file: PasswordFile = None,
    config: ConfigFile = None,
) -> None:
    """Change an account; what is not given stays as it is. Its devices stay registered."""
    fields = read_assignments(values)
    new = _secrets_of(find_service(service), password_file) if secrets or password_file else {}

    async def work(services: Services) -> RedirectAccount:
        accounts = services.redirection.accounts
        account = await accounts.find(service, tenant=await _tenant(services, tenant))
        return await accounts.change(account, fields, new, endpoint=endpoint, per_s=per_second, check=check)

    account = run(work, config=config)
    tried = "its credentials are right" if account.checked_at else "its credentials have not been tried"
    typer.echo(f"changed the account at {SERVICES[service].name}; {tried}")


@app.command("list")
def list_accounts(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List accounts, with how their services are."""
    overview = run(lambda services: services.redirection.views.overview(), config=config)
    if as_json:
        print_json(overview["accounts"])
        return
    rows = [
        (
            account["service"],
            account["tenant"] or "everybody",
            " ".join(f"{name}={value}" for name, value in account["fields"].items()),
            account["checked_at"] or "never",
            account["problem"] or "-",
        )
        for account in overview["accounts"]
    ]
    print_table([("service", "tenant", "fields", "credentials were right", "problem"), *rows])


@app.command()
def check(service: ServiceName, *, tenant: OfTenant = None, config: ConfigFile = None) -> None:
    """Try an account's credentials; if they are right, its pause ends."""

    async def work(services: Services) -> RedirectAccount:
        accounts = services.redirection.accounts
        return await accounts.check(await accounts.find(service, tenant=await _tenant(services, tenant)))

    run(work, config=config)
    typer.echo(f"{SERVICES[service].name} lets the account in")


@app.command()
def remove(
    service: ServiceName,
    *,
    tenant: OfTenant = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Even if devices are registered; the maker's list stays as it is.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Remove an account with its secrets."""

    async def work(services: Services) -> None:
        accounts = services.redirection.accounts
        account = await accounts.find(service, tenant=await _tenant(services, tenant))
        await accounts.remove(account, forget=forget)

    run(work, config=config)
    typer.echo(f"removed the account at {SERVICES[service].name}")


def list_services(*, as_json: AsJson = False) -> None:
    """List the services there are, and what an account at each needs."""
    facts = [
        {
            "service": service.slug,
            "name": service.name,
            "maker": service.maker,
            "fields": [*service.fields, *(f"[{name}]" for name in service.optional)],
            "secrets": list(service.secrets),
            "own_url": service.can(Ability.OWN_URL),
            "serial": service.needs_serial,
            "hosts": service.hosts,
        }
        for service in SERVICES.values()
    ]
    if as_json:
        print_json(facts)
        return
    rows = [
        (
            str(fact["service"]),
            str(fact["maker"]),
            " ".join(fact["fields"] if isinstance(fact["fields"], list) else ()),
            " ".join(fact["secrets"] if isinstance(fact["secrets"], list) else ()),
            "yes" if fact["own_url"] else "no",
            "needed" if fact["serial"] else "-",
            "configures devices" if fact["hosts"] else "sends them here",
        )
        for fact in facts
    ]
    print_table([("service", "maker", "fields", "secrets", "own url", "serial", "what it does"), *rows])


async def _tenant(services: Services, name: str | None) -> Tenant | None:
    return None if name is None else await services.tenants.get(name)


def _secrets_of(service: Service, file: Path | None) -> dict[str, Secret]:
    return read_secrets(service.secrets, file=file, kept_in_files=(IDENTITY,))
