"""`provserver device qr`: the URL for a softphone's first visit as a QR code, on the terminal or in a file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Annotated

import segno
import typer

from provserver.app import Services
from provserver.cli.device_release import bootstrap_url
from provserver.cli.options import ConfigFile, Mac
from provserver.cli.running import run
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue, Refused

_KINDS = ("png", "svg")
_MODULE_PX, _BORDER = 8, 4  # cameras of phones read 8 px from a screen; ISO 18004 wants a border of 4 modules
_MODE = 0o600  # whoever sees the code can fetch the device's passwords


def qr(
    mac: Mac,
    *,
    output: Annotated[
        Path | None, typer.Option(help="Write a new file (.png or .svg) instead of printing the code.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """
    Show the URL for a softphone's first visit as a QR code; the audit trail notes it.

    Whoever scans it gets the passwords: it is as secret as they are until the device has used its lasting URL.
    """
    address = MacAddress.parse(mac)
    kind = _kind(output) if output else ""
    code = segno.make_qr(run(lambda services: _text(services, address), config=config), error="m")
    if output is None:
        shown = io.StringIO()
        code.terminal(out=shown, border=_BORDER, compact=True)
        typer.echo(shown.getvalue(), nl=False)
        return
    image = io.BytesIO()
    code.save(image, kind=kind, scale=_MODULE_PX, border=_BORDER)
    _write(output, image.getvalue())
    typer.echo(f"wrote {output}")


async def _text(services: Services, mac: MacAddress) -> str:
    """What the code has to say, once it is written down that somebody will see it."""
    device = await services.devices.get(mac)
    vendor = services.catalogue.vendors[device.vendor]
    if vendor.scanned is None:
        raise Refused(f"{vendor.name} devices scan no QR code that is known here")
    if device.tokens.bootstrap is None:
        raise Refused(f"device {mac.colons} has used its lasting URL, and the one for its first visit is gone")
    file = vendor.file(vendor.scanned.file).pattern.replace("{mac}", mac.value)
    vendor.scanned.said(services.settings.phone.url + "/")  # refused before anything is written down
    return vendor.scanned.said(await bootstrap_url(services, device) + file)


def _kind(output: Path) -> str:
    kind = output.suffix.lower().removeprefix(".")
    if kind not in _KINDS:
        raise typer.BadParameter(f"{output.name!r} ends in neither {' nor '.join(f'.{kind}' for kind in _KINDS)}")
    if output.exists() or not output.parent.is_dir():  # asked before the audit trail notes what nobody will see
        raise typer.BadParameter(f"{str(output)!r} exists already, or its folder does not")
    return kind


def _write(output: Path, content: bytes) -> None:
    """Write a file of the owner's own. Fail closed: one that is there may be a link, or open for others."""
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    except OSError as error:
        raise InvalidValue("output", f"cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
