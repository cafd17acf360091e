"""`provserver tenant …`: resellers, and what all devices of one, of a site or of a model have in common."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli.assignments import Assignments, SecretNames, read_assignments
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table, warn_unsupported
from provserver.cli.running import run
from provserver.cli.secret_input import PasswordFile, read_secrets
from provserver.domain.device import ReleasePolicy, Tenant
from provserver.domain.words import unsupported_of
from provserver.errors import InvalidValue
from provserver.services.fleet.edits import settings_in

app = group("Resellers and their shared settings.")

_DAY_MS = 86_400_000
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
LegacyTLS = Annotated[
    bool, typer.Option("--legacy-tls/--no-legacy-tls", help="Whether devices may use the listener for old TLS.")
]
FixedNetworks = Annotated[
    bool,
    typer.Option(
        "--fixed-networks/--any-network",
        help="Whether a device that comes by its URL from elsewhere than at first is locked.",
    ),
]


@app.command()
def add(
    name: Name,
    *,
    policy: Annotated[
        ReleasePolicy, typer.Option(help="Whether an armed device may be booted without its token.")
    ] = ReleasePolicy.WINDOW,
    window_days: Annotated[float | None, typer.Option(help="How long a device stays armed.")] = None,
    retention_days: Annotated[
        float | None, typer.Option(help="When credentials are deleted after their first delivery.")
    ] = None,
    legacy_tls: LegacyTLS = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Add a tenant. Periods that are not given are the server's own."""

    async def work(services: Services) -> Tenant:
        return await services.tenants.add(
            name, policy=policy, window_days=window_days, retention_days=retention_days, legacy_tls=legacy_tls
        )

    tenant = run(work, config=config)
    if as_json:
        print_json(_facts(tenant))
    else:
        typer.echo(f"added tenant {tenant.name}")


@app.command()
def policy(
    name: Name,
    *,
    release: Annotated[
        ReleasePolicy | None, typer.Option(help="Whether an armed device may be booted without its token.")
    ] = None,
    legacy_tls: LegacyTLS | None = None,
    fixed_networks: FixedNetworks | None = None,
    quota: Annotated[int | None, typer.Option(min=0, help="How many devices it may have; 0: any number.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what a tenant has decided, or change it."""

    async def work(services: Services) -> Tenant:
        if not any(one is not None for one in (release, legacy_tls, fixed_networks, quota)):
            return await services.tenants.get(name)
        return await services.tenants.decide(
            name, policy=release, legacy_tls=legacy_tls, fixed_networks=fixed_networks, quota=quota
        )

    tenant = run(work, config=config)
    if as_json:
        print_json(_facts(tenant))
    else:
        old = "accepted" if tenant.legacy_tls else "not accepted"
        where, quota_text = "fixed" if tenant.fixed_networks else "any", tenant.quota or "-"
        typer.echo(
            f"tenant {tenant.name}: policy {tenant.policy.value}, old TLS {old}, networks {where}, quota {quota_text}"
        )


@app.command("list")
def list_tenants(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List tenants; a period of - is the server's own."""
    tenants = run(lambda services: services.tenants.list(), config=config)
    if as_json:
        print_json([_facts(tenant) for tenant in tenants])
        return
    rows = [(t.name, t.policy.value, _days(t.window_ms), _days(t.retention_ms)) for t in tenants]
    print_table([("name", "policy", "window days", "retention days"), *rows])


@app.command("set")
def set_shared(
    name: Name,
    values: Assignments = None,
    *,
    site: Annotated[str | None, typer.Option(help="Only for this site.")] = None,
    vendor: Annotated[str | None, typer.Option(help="With --model: its maker.")] = None,
    model: Annotated[str | None, typer.Option(help="Only for devices of this model.")] = None,
    secret: SecretNames = None,
    password_file: PasswordFile = None,
    config: ConfigFile = None,
) -> None:
    """Set what all devices of a tenant share, or those of one site or model; NAME= takes a setting away."""
    if site is not None and model is not None:
        raise typer.BadParameter("--site and --model exclude each other")
    if (vendor is None) != (model is None):
        raise typer.BadParameter("--vendor and --model belong together")
    plain = read_assignments(values)
    secrets = read_secrets(secret or [], file=password_file)

    async def work(services: Services) -> tuple[str, ...]:
        await services.tenants.set_shared(
            {setting: value or None for setting, value in plain.items()},
            secrets,
            tenant=await services.tenants.get(name),
            site=site,
            vendor=vendor,
            model=_model(services, vendor, model),
        )
        return unsupported_of(services.catalogue.vendors[vendor], settings_in(plain, secrets)) if vendor else ()

    warn_unsupported(vendor or "", run(work, config=config))
    typer.echo(f"set {', '.join([*plain, *secrets])}")


def _model(services: Services, vendor: str | None, model: str | None) -> str | None:
    """The model by the name under which devices have it."""
    if vendor is None:
        return None
    maker = services.catalogue.vendors.get(vendor)
    if maker is None:
        raise InvalidValue("vendor", f"{vendor!r} is not one of {', '.join(sorted(services.catalogue.vendors))}")
    found = maker.model(model)
    return found.name if found else model


def _facts(tenant: Tenant) -> dict[str, Any]:
    return {
        "name": tenant.name,
        "policy": tenant.policy.value,
        "window_days": tenant.window_ms / _DAY_MS if tenant.window_ms else None,
        "legacy_tls": tenant.legacy_tls,
        "fixed_networks": tenant.fixed_networks,
        "quota": tenant.quota,
        "retention_days": tenant.retention_ms / _DAY_MS if tenant.retention_ms else None,
    }


def _days(period_ms: int | None) -> str:
    return f"{period_ms / _DAY_MS:g}" if period_ms else "-"
