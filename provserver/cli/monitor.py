"""`provserver monitor …`: what yesterday's log would have led to; canaries, and SIP servers' logs about them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.app.building import detectors_of, whereabouts_of
from provserver.cli.options import AsJson, ConfigFile, Mac, group, plain, print_json, print_table
from provserver.cli.running import read_settings, run
from provserver.clock import iso
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue
from provserver.identify import Catalogue
from provserver.local.folder import load_makers
from provserver.monitor.decision import Alert, Decision
from provserver.monitor.sip_logs import Attempt, own_pattern, read_attempt
from provserver.services.monitoring.replay import Replay, replay, unseen

app = group("The attack monitor.")
canary_app = group("Devices that no phone is, for whoever tries MACs.")
app.add_typer(canary_app, name="canary")


@app.command("replay")
def replay_log(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="JSON lines of the log; - for standard input.")],
    *,
    detectors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML with other numbers; else monitor.detectors, or as shipped."),
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Say what the monitor would have decided on a log. Nothing is carried out; no data directory is needed."""
    all_settings = read_settings(config)
    settings, whereabouts = all_settings.monitor, whereabouts_of(all_settings)
    for problem in whereabouts.reload().problems:
        typer.echo(problem, err=True)
    used = detectors_of(detectors or settings.detectors)
    found = replay(
        _lines(log),
        catalogue=Catalogue(load_makers(all_settings.vendors.folder).vendors),
        detectors=used,
        allow=settings.allow,
        canaries=_macs(settings.canaries),
        whereabouts=whereabouts,
    )
    if as_json:
        print_json({**_facts(found), "unseen": unseen(used)})
        return
    _print(found)
    typer.echo(f"Not seen in a log: {', '.join(unseen(used))}.")


@canary_app.command("add")
def add_canary(
    mac: Mac,
    *,
    like: Annotated[str, typer.Option(metavar="MAC", help="A real device beside it, whose form it takes.")],
    name: Annotated[str | None, typer.Option(help="Shown on its lines in place of a person's.")] = None,
    config: ConfigFile = None,
) -> None:
    """Enter a MAC that no phone has, between two of a delivery: who asks for it is banned, its accounts are watched."""
    canary, real = MacAddress.parse(mac), MacAddress.parse(like)
    device = run(lambda services: services.canaries.add(canary, like=real, name=name), config=config)
    typer.echo(f"{device.mac.value} is a canary")


@canary_app.command("list")
def list_canaries(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List canaries."""
    found = run(lambda services: services.canaries.macs(), config=config)
    if as_json:
        print_json(found)
        return
    for mac in found:
        typer.echo(mac)


@canary_app.command("remove")
def remove_canary(mac: Mac, *, config: ConfigFile = None) -> None:
    """Remove a canary, before its MAC is sold after all."""
    canary = MacAddress.parse(mac)
    run(lambda services: services.canaries.remove(canary), config=config)
    typer.echo(f"removed {canary.value}")


@app.command("sip-log")
def read_sip_log(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="Of Asterisk or FreeSWITCH; - for standard input.")],
    *,
    pattern: Annotated[
        str | None, typer.Option(metavar="REGEX", help="Of another server's lines, with groups account and address.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Tell the monitor who tries canaries' SIP accounts, by a SIP server's log; `tail -F` it into standard input."""
    own = own_pattern(pattern) if pattern else None

    async def work(services: Services) -> None:
        async for touched in services.canaries.watch(_attempts(log, own)):
            typer.echo(f"canary {plain(touched.account)} tried from {touched.address}")

    run(work, config=config)


async def _attempts(log: Path, own: re.Pattern[str] | None) -> AsyncIterator[Attempt]:
    lines = _lines(log)
    while (line := await asyncio.to_thread(next, lines, None)) is not None:
        attempt = read_attempt(line.decode("utf-8", "replace"), own)
        if attempt is not None:
            yield attempt


def _lines(file: Path) -> Iterator[bytes]:
    try:
        if file == Path("-"):
            yield from typer.get_binary_stream("stdin")
            return
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise InvalidValue("file", f"cannot read {file}: {error.strerror or error}") from error


def _macs(canaries: Iterable[str]) -> list[str]:
    """Those that are MACs; of tokens the log has the beginning of a fingerprint, for which the key would be needed."""
    found = []
    for text in canaries:
        with suppress(InvalidValue):
            found.append(MacAddress.parse(text).value)
    return found


def _print(found: Replay) -> None:
    said = [
        (_time(alert.at), alert.detector, alert.value, f"{alert.evidence.count:g} counted") for alert in found.alerts
    ]
    done = [(_time(d.at), d.reason, d.value, f"{d.measure.value} until {_time(d.until)}") for d in found.decisions]
    rows = sorted([*said, *done], key=lambda row: row[0])
    if rows:
        print_table([("at", "detector", "value", "what"), *rows])
    typer.echo(
        f"{found.read} requests read, {found.skipped} other lines; {len(found.alerts)} alerts, "
        f"{len(found.decisions)} decisions; {found.shut_out} requests shut out, {found.served} of them with a proof"
    )


def _facts(found: Replay) -> dict[str, Any]:
    return {
        "read": found.read,
        "skipped": found.skipped,
        "shut_out": found.shut_out,
        "served": found.served,
        "alerts": [_alert(alert) for alert in found.alerts],
        "decisions": [_decision(decision) for decision in found.decisions],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "at": _time(alert.at),
        "detector": alert.detector,
        "scope": alert.scope.value,
        "value": alert.value,
        "pace": alert.pace,
        "confidence": alert.confidence,
        "count": alert.evidence.count,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "at": _time(decision.at),
        "until": _time(decision.until),
        "measure": decision.measure.value,
        "scope": decision.scope.value,
        "value": decision.value,
        "reason": decision.reason,
    }


def _time(moment: float | None) -> str:
    return iso(None if moment is None else int(moment * 1000)) or "-"
