"""`provserver alert list`: what the monitor's detectors have said."""

from __future__ import annotations

from typing import Annotated

import typer

from provserver import __version__
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import run
from provserver.clock import iso
from provserver.monitor.cef import cef

app = group("What the monitor's detectors have said.")


@app.command("list")
def list_alerts(
    *,
    tenant: Annotated[str | None, typer.Option(help="Only those about this tenant's devices.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
    as_cef: Annotated[bool, typer.Option("--cef", help="Print a line of CEF each, for log collectors.")] = False,
    config: ConfigFile = None,
) -> None:
    """List alerts, newest first. docs/detectors.md says what each means."""
    found = run(lambda services: services.bans.alerts(limit=limit, tenant=tenant), config=config)
    if as_cef:
        for alert in found:
            typer.echo(cef(alert, version=__version__))
        return
    if as_json:
        print_json([{**alert, "at": iso(alert["at"])} for alert in found])
        return
    rows = [
        (
            iso(alert["at"]) or "-",
            alert["detector"],
            alert["confidence"],
            alert["scope"],
            alert["value"] or "-",
            f"{alert['evidence']['count']:g}",
            " ".join(alert["evidence"]["samples"][:3]),
        )
        for alert in found
    ]
    print_table([("at", "detector", "confidence", "scope", "value", "count", "such as"), *rows])
