"""`provserver device …`: adding, changing and removing; the commands that look and that release are beside this one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli import device_release, device_views
from provserver.cli.assignments import Assignments, SecretNames, read_assignments
from provserver.cli.options import AsJson, ConfigFile, Mac, group, print_json
from provserver.cli.running import progress, read_file, run
from provserver.cli.secret_input import PasswordFile, read_secrets
from provserver.clock import iso
from provserver.domain.device import Device
from provserver.domain.line import Endpoint, Line, password_field
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue
from provserver.services.devices import Wanted
from provserver.services.edits import assign
from provserver.services.imports import ImportReport

app = group("Phones and their kin.")
app.command("show")(device_views.show)
app.command("search")(device_views.search)
app.command("render")(device_views.render)
app.command("log")(device_views.log)
app.command("arm")(device_release.arm)
app.command("lock")(device_release.lock)
app.command("unlock")(device_release.unlock)
app.command("resync")(device_release.resync)

Tenant = Annotated[str, typer.Option(help="Whose devices they are.", show_default=False)]
Arm = Annotated[bool, typer.Option(help="Let them be booted without their token for a while.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", allow_dash=True, help="CSV with a header; -: stdin.")],
    *,
    tenant: Tenant,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")] = False,
    arm: Arm = True,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """
    Import devices, all or none; one row a line. A device that exists gets the file's lines in place of its own.

    Columns: mac, user_name, password, registrar; and vendor, model, description, site, serial, line, label, auth_name,
    display_name, port, transport, backup_registrar, outbound_proxy, expires, voicemail, set:<setting>.
    """
    content = read_file(file)

    async def work(services: Services) -> ImportReport:
        whose = await services.tenants.get(tenant)
        with progress("devices") as tell:
            return await services.imports.run(content, tenant=whose, dry_run=dry_run, arm=arm, progress=tell)

    report = run(work, config=config)
    if as_json:
        print_json(_report(report, dry_run=dry_run))
        return
    typer.echo(
        f"{'would import' if dry_run else 'imported'} {report.lines} lines: "
        f"{report.new} new devices, {report.changed} changed"
    )
    for row, mac in report.generated.items():
        typer.echo(f"row {row}: {mac}")


@app.command()
def add(
    values: Assignments = None,
    *,
    tenant: Tenant,
    mac: Annotated[str | None, typer.Option(help="In any usual notation; softphones need none.")] = None,
    vendor: Annotated[str | None, typer.Option(help="The maker, where the MAC does not tell.")] = None,
    model: Annotated[str | None, typer.Option(help="Such as T54W; decides what the device can have.")] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(metavar="USER@REGISTRAR", help="A line; its password is asked for. Repeatable: 1, 2 …"),
    ] = None,
    secret: SecretNames = None,
    password_file: PasswordFile = None,
    arm: Arm = True,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Add one device. Passwords are asked for in the order of the lines, then the secrets in theirs."""
    lines = _lines(line or [])
    own = read_assignments(values)
    names = [*(password_field(one.number) for one in lines), *(secret or [])]
    address = None if mac in (None, "auto") else MacAddress.parse(mac)
    secrets = read_secrets(names, file=password_file)

    async def work(services: Services) -> Device:
        whose = await services.tenants.get(tenant)
        wanted = Wanted(tenant=whose, mac=address, vendor=vendor, model=model, lines=lines)
        (device,) = await services.devices.put([assign(wanted, own, secrets)], arm=arm, only_new=True)
        return device

    _tell("added", run(work, config=config), as_json=as_json)


@app.command("set")
def set_fields(
    mac: Mac,
    values: Assignments = None,
    *,
    secret: SecretNames = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """
    Change a device: settings, line.N.<field>, model, description, site, serial.

    NAME= takes away, line.N= the whole line. A new password starts a new clock.
    """
    own = read_assignments(values)
    address = MacAddress.parse(mac)
    if not own and not secret:
        raise typer.BadParameter("nothing to set")
    secrets = read_secrets(secret or [], file=password_file)
    _tell("changed", run(lambda services: services.edits.change(address, own, secrets), config=config), as_json=as_json)


@app.command()
def delete(
    mac: Mac,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Remove a device with everything the server has of it. On a terminal it asks first."""
    address = MacAddress.parse(mac)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Remove {address.colons} and all it has here?", abort=True)
    run(lambda services: services.devices.delete(address), config=config)
    typer.echo(f"deleted {address.colons}")


def _lines(texts: Sequence[str]) -> tuple[Line, ...]:
    lines = []
    for number, text in enumerate(texts, start=1):
        user_name, at, registrar = text.partition("@")
        if not at:
            raise InvalidValue("line", f"{text!r} is not of the form USER@REGISTRAR")
        lines.append(Line(number=number, user_name=user_name, registrar=Endpoint.parse(registrar)))
    return tuple(lines)


def _tell(done: str, device: Device, *, as_json: bool) -> None:
    if as_json:
        facts = {"mac": device.mac.value, "vendor": device.vendor, "model": device.model}
        print_json({**facts, "armed_until": iso(device.armed_until)})
        return
    armed = f", armed until {iso(device.armed_until)}" if device.armed_until and not device.provisioned_at else ""
    typer.echo(f"{done} {device.mac.value} ({' '.join(filter(None, (device.vendor, device.model)))}){armed}")


def _report(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "new": report.new,
        "changed": report.changed,
        "lines": report.lines,
        "generated": [{"row": row, "mac": mac} for row, mac in report.generated.items()],
    }
