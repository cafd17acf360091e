"""`provserver device arm|lock|rotate|unlock|resync`: whether a device gets its files, and asking it to fetch them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli.options import AsJson, ConfigFile, Mac, plain, print_json
from provserver.cli.running import run
from provserver.clock import iso
from provserver.domain.device import Device
from provserver.domain.line import Endpoint, Transport
from provserver.domain.mac import MacAddress
from provserver.errors import Refused
from provserver.services.fleet.locks import OldUrl
from provserver.sip import NotifyResult, Outcome, notify


def arm(
    mac: Mac,
    *,
    days: Annotated[float | None, typer.Option(min=0.001, max=90, help="Else as long as the tenant says.")] = None,
    show_url: Annotated[
        bool, typer.Option("--show-url", help="Print the URL for its first visit; the audit trail notes it.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Let a device be booted without its token for a while, once; makes new tokens."""
    address = MacAddress.parse(mac)

    async def work(services: Services) -> tuple[Device, str | None]:
        device = await services.devices.arm(address, days=days)
        return device, await bootstrap_url(services, device) if show_url else None

    device, url = run(work, config=config)
    if as_json:
        print_json({"mac": device.mac.value, "armed_until": iso(device.armed_until), **({"url": url} if url else {})})
        return
    typer.echo(f"{device.mac.value} is armed until {iso(device.armed_until)}")
    if url:
        typer.echo(url)


def lock(
    mac: Mac,
    *,
    reason: Annotated[str, typer.Option(help="Shown to whoever looks at the device.")] = "",
    config: ConfigFile = None,
) -> None:
    """Withhold everything from a device until it is unlocked."""
    address = MacAddress.parse(mac)
    run(lambda services: services.devices.lock(address, reason=reason), config=config)
    typer.echo(f"locked {address.value}")


def rotate(
    mac: Mac,
    *,
    reason: Annotated[str, typer.Option(help="Shown to whoever looks at the device.")] = "",
    config: ConfigFile = None,
) -> None:
    """Lock a device and replace its URL, because somebody else may have been given its configuration."""
    address = MacAddress.parse(mac)
    run(lambda services: services.locks.rotate(address, reason=reason), config=config)
    typer.echo(f"locked {address.value}; its bootstrap URL is a new one, and it needs new passwords")


def unlock(
    mac: Mac,
    *,
    url: Annotated[
        OldUrl | None, typer.Option(help="The URL it was given before: its own phone has it, or it ends.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Serve a device again, wherever it is now."""
    address = MacAddress.parse(mac)
    run(lambda services: services.locks.unlock(address, url=url), config=config)
    typer.echo(f"unlocked {address.value}")


def resync(
    mac: Mac,
    *,
    reboot: Annotated[bool, typer.Option("--reboot", help="Make it restart as well.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Ask a phone, by a SIP NOTIFY through the registrar of its first line, to fetch its configuration."""
    address = MacAddress.parse(mac)
    told, where = run(lambda services: _ask(services, address, reboot=reboot), config=config)
    if as_json:
        print_json({"outcome": told.outcome.value, "status": told.status, "said": told.said})
    said = plain(f"{told.status} {told.said}" if told.status else told.said)
    if told.outcome is not Outcome.ACCEPTED:
        typer.echo(f"not asked: {where}: {told.outcome.value.replace('_', ' ')}: {said}", err=True)
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{where} took it: {said}; whether the phone came shows in `provserver device log {address}`")


async def bootstrap_url(services: Services, device: Device) -> str:
    """The URL for the first visit, once it is written down who has seen it."""
    await _record(services, device, "token.revealed")
    return f"{services.settings.phone.url}/{services.devices.bootstrap_token(device).reveal()}/"


async def _ask(services: Services, mac: MacAddress, *, reboot: bool) -> tuple[NotifyResult, str]:
    """Send the NOTIFY; gives what came of it, and to whom it went."""
    device = await services.devices.get(mac)
    vendor = services.catalogue.vendors[device.vendor]
    event = vendor.notify.reboot if reboot else vendor.notify.resync
    if event is None:
        raise Refused(f"{vendor.name} devices know no NOTIFY that makes them {'restart' if reboot else 'ask again'}")
    lines = (await services.inventory.show(mac))["lines"]
    if not lines:
        raise Refused(f"device {mac.colons} has no line by which it could be reached")
    first = lines[0]
    by = _endpoint(first["outbound_proxy"] or first["registrar"])
    await _record(services, device, "device.resync_asked")
    user_name = first["user_name"]
    return await notify(target_user=user_name, registrar=by, event=event, from_user=user_name), str(by)


def _endpoint(shown: dict[str, Any]) -> Endpoint:
    return Endpoint(host=shown["host"], port=shown["port"], transport=Transport(shown["transport"]))


async def _record(services: Services, device: Device, action: str) -> None:
    async with services.context.storage.transaction() as tx:
        await services.context.record(tx, action, object_=device.mac.value, tenant_id=device.tenant_id)
