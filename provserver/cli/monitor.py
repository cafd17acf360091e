"""`provserver monitor replay`: what yesterday's log would have led to, with these numbers or others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.app.building import detectors_of, whereabouts_of
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import read_settings
from provserver.clock import iso
from provserver.errors import InvalidValue
from provserver.identify import Catalogue
from provserver.monitor.decision import Alert, Decision
from provserver.services.replay import Replay, replay
from provserver.vendors import load_vendors

app = group("The attack monitor.")


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
    found = replay(
        _lines(log),
        catalogue=Catalogue(load_vendors()),
        detectors=detectors_of(detectors or settings.detectors),
        allow=settings.allow,
        whereabouts=whereabouts,
    )
    if as_json:
        print_json(_facts(found))
        return
    _print(found)


def _lines(file: Path) -> Iterator[bytes]:
    try:
        if file == Path("-"):
            yield from typer.get_binary_stream("stdin")
            return
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise InvalidValue("file", f"cannot read {file}: {error.strerror or error}") from error


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
