"""`provserver asset …`: firmware, ring tones, backgrounds and languages, and which devices get which version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import run
from provserver.clock import iso
from provserver.domain.assets import Asset, AssetKind, Pin
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.services.filestore.assets import Version
from provserver.services.filestore.pins import Target

app = group("Firmware, ring tones, backgrounds and languages that phones fetch.")

Vendor = Annotated[str, typer.Option(metavar="V", help="Whose devices they are for.", show_default=False)]
Model = Annotated[str | None, typer.Option(metavar="M", help="For this model only.")]
Kind = Annotated[AssetKind, typer.Option(help="What it is.", show_default=False)]
VersionText = Annotated[str, typer.Option("--version", metavar="X", help="The maker's version.", show_default=False)]
OfTenant = Annotated[str | None, typer.Option("--tenant", metavar="T", help="For this tenant's devices only.")]
ForTenant = Annotated[str | None, typer.Option("--for-tenant", metavar="T", help="For all devices of a tenant …")]
ForSite = Annotated[str | None, typer.Option("--for-site", metavar="S", help="… of one of its sites …")]
ForModel = Annotated[str | None, typer.Option("--for-model", metavar="M", help="… or of one model.")]
ForDevice = Annotated[str | None, typer.Option("--for-device", metavar="MAC", help="For one device.")]


@app.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    *,
    vendor: Vendor,
    kind: Kind,
    version: VersionText,
    sha256: Annotated[str, typer.Option(metavar="HEX", help="The file's SHA-256.", show_default=False)],
    model: Model = None,
    tenant: OfTenant = None,
    name: Annotated[str | None, typer.Option(help="What phones ask for; default: as the file is called.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Keep a file if its checksum is right. Several files of one version lie in one folder."""

    async def work(services: Services) -> tuple[Asset, str]:
        wanted = Version(vendor=vendor, model=model, kind=kind, version=version, tenant=await _tenant(services, tenant))
        asset = await services.assets.add(file, wanted, sha256=sha256, name=name)
        return asset, _url(services, asset)

    asset, url = run(work, config=config)
    if as_json:
        print_json(_facts(asset, url, tenant))
    else:
        typer.echo(f"added {asset.name}, {asset.size_bytes} bytes, at {url}")


@app.command("list")
def list_assets(
    *,
    vendor: Annotated[str | None, typer.Option(metavar="V", help="Of this maker only.")] = None,
    tenant: Annotated[str | None, typer.Option(metavar="T", help="What this tenant may use.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the files. Whoever knows a URL may fetch it."""

    async def work(services: Services) -> list[dict[str, Any]]:
        names = {one.id: one.name for one in await services.tenants.list()}
        found = await services.assets.list(vendor=vendor, tenant=await _tenant(services, tenant))
        return [_facts(one, _url(services, one), names.get(one.bundle.tenant_id or "")) for one in found]

    facts = run(work, config=config)
    if as_json:
        print_json(facts)
        return
    columns = ("id", "vendor", "model", "kind", "version", "name", "size_bytes", "tenant", "url")
    print_table([columns, *(tuple(str(row[column] or "-") for column in columns) for row in facts)])


@app.command()
def remove(
    asset: Annotated[str, typer.Argument(metavar="ID", help="As `asset list` shows it.", show_default=False)],
    *,
    config: ConfigFile = None,
) -> None:
    """Remove a file; one whose version is pinned stays."""
    gone = run(lambda services: services.assets.remove(asset), config=config)
    typer.echo(f"removed {gone.name}")


@app.command()
def pin(
    *,
    vendor: Vendor,
    kind: Kind,
    version: VersionText,
    model: Model = None,
    tenant: Annotated[str | None, typer.Option(metavar="T", help="The version is this tenant's own.")] = None,
    for_tenant: ForTenant = None,
    for_site: ForSite = None,
    for_model: ForModel = None,
    for_device: ForDevice = None,
    percent: Annotated[int, typer.Option(min=0, max=100, help="So many of the devices; the rest keep theirs.")] = 100,
    file: Annotated[str | None, typer.Option(help="Which of several files phones are told of.")] = None,
    config: ConfigFile = None,
) -> None:
    """Let devices have a version: all, or those of a tenant, site or model, or one."""

    async def work(services: Services) -> Pin:
        wanted = Version(vendor=vendor, model=model, kind=kind, version=version, tenant=await _tenant(services, tenant))
        target = await _target(services, for_tenant, for_site, for_model, for_device)
        return await services.pins.pin(wanted, target, percent=percent, file=file)

    found = run(work, config=config)
    bundle = found.choice.bundle
    typer.echo(f"pinned {bundle.kind} {bundle.version} of {bundle.vendor}, {found.percent} %")


@app.command()
def unpin(
    *,
    vendor: Vendor,
    kind: Kind,
    model: Model = None,
    for_tenant: ForTenant = None,
    for_site: ForSite = None,
    for_model: ForModel = None,
    for_device: ForDevice = None,
    config: ConfigFile = None,
) -> None:
    """Take away what is pinned; devices then have what is pinned farther from them, if anything is."""

    async def work(services: Services) -> Pin:
        target = await _target(services, for_tenant, for_site, for_model, for_device)
        return await services.pins.unpin(vendor, kind, target, model=model)

    gone = run(work, config=config)
    typer.echo(f"unpinned {gone.choice.bundle.kind} {gone.choice.bundle.version} of {gone.choice.bundle.vendor}")


@app.command()
def pins(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List what is pinned for whom."""
    found = run(lambda services: services.pins.list(), config=config)
    rows = [_pin_facts(pin, target) for pin, target in found]
    if as_json:
        print_json(rows)
        return
    columns = ("for", "vendor", "model", "kind", "version", "file", "percent", "before")
    print_table([columns, *(tuple("-" if row[name] is None else str(row[name]) for name in columns) for row in rows)])


async def _tenant(services: Services, name: str | None) -> Tenant | None:
    return await services.tenants.get(name) if name is not None else None


async def _target(
    services: Services, tenant: str | None, site: str | None, model: str | None, device: str | None
) -> Target:
    return Target(
        tenant=await _tenant(services, tenant),
        site=site,
        model=model,
        device=MacAddress.parse(device) if device is not None else None,
    )


def _url(services: Services, asset: Asset) -> str:
    return services.settings.phone.url + asset.bundle.path(asset.name)


def _facts(asset: Asset, url: str, tenant: str | None) -> dict[str, Any]:
    bundle = asset.bundle
    return {
        "id": asset.id,
        "vendor": bundle.vendor,
        "model": bundle.model,
        "kind": bundle.kind.value,
        "version": bundle.version,
        "name": asset.name,
        "sha256": asset.sha256,
        "size_bytes": asset.size_bytes,
        "added_at": iso(asset.added_at),
        "tenant": tenant,
        "url": url,
    }


def _pin_facts(pin: Pin, target: str) -> dict[str, Any]:
    bundle = pin.choice.bundle
    return {
        "for": target,
        "vendor": bundle.vendor,
        "model": bundle.model,
        "kind": bundle.kind.value,
        "version": bundle.version,
        "file": pin.choice.file,
        "percent": pin.percent,
        "before": pin.before.bundle.version if pin.before else None,
    }
