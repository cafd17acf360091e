"""`provserver device …`: adding, changing and removing; the commands that look and that release are beside this one."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli import device_qr, device_release, device_views
from provserver.cli.assignments import Assignments, SecretNames, read_assignments
from provserver.cli.options import AsJson, ConfigFile, Mac, group, print_json, warn_unsupported
from provserver.cli.running import progress, read_file, run
from provserver.cli.secret_input import PasswordFile, read_secrets
from provserver.clock import iso
from provserver.domain.device import Device
from provserver.domain.line import Endpoint, Line, password_field
from provserver.domain.mac import MacAddress
from provserver.domain.words import unsupported_of
from provserver.errors import InvalidValue
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.services.fleet.edits import assign, settings_in
from provserver.services.fleet.imports import ImportReport, Layout

app = group("Phones and their kin.")
app.command("show")(device_views.show)
app.command("settings")(device_views.settings)
app.command("search")(device_views.search)
app.command("render")(device_views.render)
app.command("diff")(device_views.diff)
app.command("log")(device_views.log)
app.command("arm")(device_release.arm)
app.command("qr")(device_qr.qr)
app.command("lock")(device_release.lock)
app.command("rotate")(device_release.rotate)
app.command("unlock")(device_release.unlock)
app.command("resync")(device_release.resync)

_LINE_FIELD = re.compile(r"line\.([0-9]{1,3})\.")
Tenant = Annotated[str, typer.Option(help="Whose devices they are.", show_default=False)]
Pbx = Annotated[
    str | None, typer.Option(metavar="PBX", help="Preset that fills in what lines leave open; see `pbx list`.")
]
Arm = Annotated[bool, typer.Option(help="Let them be booted without their token for a while.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", allow_dash=True, help="CSV with a header; -: stdin.")],
    *,
    tenant: Tenant,
    layout: Annotated[
        Layout, typer.Option("--format", help="own: the columns below; 3cx: the account list that a 3CX exports.")
    ] = Layout.OWN,
    registrar: Annotated[
        str | None, typer.Option(metavar="HOST[:PORT]", help="For rows that name none; 3cx needs it.")
    ] = None,
    transport: Annotated[str | None, typer.Option(help="For rows that name none: udp, tcp, tls or dns.")] = None,
    outbound_proxy: Annotated[
        str | None, typer.Option(metavar="HOST[:PORT]", help="For rows that name none, such as a 3CX's SBC.")
    ] = None,
    pbx: Pbx = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")] = False,
    arm: Arm = True,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """
    Import devices, all or none; one row a line. A device that exists gets the file's lines in place of its own.

    Columns: mac, user_name, password, registrar; and vendor, model, description, site, serial, line, label, auth_name,
    display_name, port, transport, backup_registrar, outbound_proxy, expires, voicemail, pbx, set:<setting>.
    """
    content = read_file(file)
    cells = {"pbx": pbx, "registrar": registrar, "transport": transport, "outbound_proxy": outbound_proxy}
    given = {name: cell for name, cell in cells.items() if cell is not None}

    async def work(services: Services) -> ImportReport:
        whose = await services.tenants.get(tenant)
        with progress("devices") as tell:
            return await services.imports.run(
                content, tenant=whose, layout=layout, given=given, dry_run=dry_run, arm=arm, progress=tell
            )

    report = run(work, config=config)
    for vendor, names in report.unsupported.items():
        warn_unsupported(vendor, names)
    if as_json:
        print_json(_report(report, dry_run=dry_run))
        return
    typer.echo(
        f"{'would import' if dry_run else 'imported'} {report.lines} lines: "
        f"{report.new} new devices, {report.changed} changed"
    )
    if report.left_out:
        typer.echo(f"left out: {report.left_out} accounts without the MAC of a phone")
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
    pbx: Pbx = None,
    secret: SecretNames = None,
    password_file: PasswordFile = None,
    arm: Arm = True,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Add one device. Passwords are asked for in the order of the lines, then the secrets in theirs."""
    lines = _lines(line or [])
    own = {**_presets(pbx, lines, read_assignments(values)), **read_assignments(values)}
    names = [*(password_field(one.number) for one in lines), *(secret or [])]
    address = None if mac in (None, "auto") else MacAddress.parse(mac)
    secrets = read_secrets(names, file=password_file)

    async def work(services: Services) -> tuple[Device, tuple[str, ...]]:
        whose = await services.tenants.get(tenant)
        wanted = Wanted(tenant=whose, mac=address, vendor=vendor, model=model, lines=lines)
        (device,) = await services.devices.put([assign(wanted, own, secrets)], arm=arm, only_new=True)
        return device, _unsupported(services, device, own, secrets)

    _tell("added", *run(work, config=config), as_json=as_json)


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

    async def work(services: Services) -> tuple[Device, tuple[str, ...]]:
        device = await services.edits.change(address, own, secrets)
        return device, _unsupported(services, device, own, secrets)

    _tell("changed", *run(work, config=config), as_json=as_json)


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


def _unsupported(
    services: Services, device: Device, values: Mapping[str, str], secrets: Mapping[str, Secret]
) -> tuple[str, ...]:
    """The settings that were given and that the device's maker has no word for."""
    return unsupported_of(services.catalogue.vendors[device.vendor], settings_in(values, secrets))


def _presets(pbx: str | None, lines: Sequence[Line], own: Mapping[str, str]) -> dict[str, str]:
    """The assignments by which each line of the device gets the preset *pbx*."""
    if pbx is None:
        return {}
    numbers = {one.number for one in lines} | {int(place[1]) for name in own if (place := _LINE_FIELD.match(name))}
    if not numbers:
        raise typer.BadParameter("--pbx needs a line")
    return {f"line.{number}.pbx": pbx for number in sorted(numbers)}


def _tell(done: str, device: Device, unsupported: Sequence[str], *, as_json: bool) -> None:
    warn_unsupported(device.vendor, unsupported)
    if as_json:
        facts = {"mac": device.mac.value, "vendor": device.vendor, "model": device.model}
        print_json({**facts, "armed_until": iso(device.armed_until), "unsupported_settings": list(unsupported)})
        return
    armed = f", armed until {iso(device.armed_until)}" if device.armed_until and not device.provisioned_at else ""
    typer.echo(f"{done} {device.mac.value} ({' '.join(filter(None, (device.vendor, device.model)))}){armed}")


def _report(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "new": report.new,
        "changed": report.changed,
        "lines": report.lines,
        "unsupported_settings": {vendor: list(names) for vendor, names in report.unsupported.items()},
        "left_out": report.left_out,
        "generated": [{"row": row, "mac": mac} for row, mac in report.generated.items()],
    }
