"""`provserver ban …`: what is in force against addresses, networks and MACs, and people's part in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.cli.running import run
from provserver.clock import iso
from provserver.errors import InvalidValue
from provserver.monitor.ban_lists import LARGEST_BYTES
from provserver.monitor.decision import Decision, Measure
from provserver.monitor.exports import Format
from provserver.services.monitoring.bans import InForce

app = group("What is in force against attackers.")

_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
Target = Annotated[
    str, typer.Argument(metavar="TARGET", help="An address, a network, or 6 or 9 digits of MACs.", show_default=False)
]


@app.command("list")
def list_bans(
    *,
    tenant: Annotated[str | None, typer.Option(help="Only what touches where this tenant's devices are.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List what is in force, the oldest first."""

    async def work(services: Services) -> list[InForce]:
        if tenant is None:
            return await services.bans.in_force()
        return list(await services.bans.of_tenant((await services.tenants.get(tenant)).id))

    found = run(work, config=config)
    if as_json:
        print_json([_facts(one) for one in found])
        return
    rows = [
        (
            str(one.decision.id),
            one.decision.measure.value + (" (simulated)" if one.decision.simulated else ""),
            one.decision.scope.value,
            one.decision.value,
            iso(_ms(one.decision.until)) or "-",
            one.decision.origin.value,
            _because(one),
        )
        for one in found
    ]
    print_table([("id", "measure", "scope", "value", "until", "by", "reason"), *rows])


@app.command()
def add(
    target: Target,
    *,
    measure: Annotated[Measure, typer.Option(help="What is done; MACs can only be refused.")] = Measure.BAN,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="30m, 12h, 7d; else without an end.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Shown to whoever looks.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Ban an address or a network, or do something milder. A running server follows at once."""
    seconds = None if duration is None else _seconds(duration)

    async def work(services: Services) -> Decision:
        return await services.bans.add(target, measure=measure, seconds=seconds, reason=reason)

    decision = run(work, config=config)
    if as_json:
        print_json(_facts(InForce(decision=decision, evidence=None)))
        return
    until = f"until {iso(_ms(decision.until))}" if decision.until else "without an end"
    typer.echo(f"{decision.measure.value}: {decision.value} {until}")


@app.command()
def remove(target: Target, *, config: ConfigFile = None) -> None:
    """End everything that is in force about a target."""
    ended = run(lambda services: services.bans.remove(target), config=config)
    for decision in ended:
        typer.echo(f"ended: {decision.measure.value} of {decision.value}")


@app.command()
def lift(
    decision: Annotated[int, typer.Argument(metavar="ID", help="As `ban list --tenant` has it.", show_default=False)],
    *,
    tenant: Annotated[str, typer.Option(help="Whose office it limits.", show_default=False)],
    config: ConfigFile = None,
) -> None:
    """End for a tenant what the monitor has decided about its own office; once in 30 days."""

    async def work(services: Services) -> list[Decision]:
        return await services.bans.lift((await services.tenants.get(tenant)).id, decision)

    for ended in run(work, config=config):
        typer.echo(f"ended: {ended.measure.value} of {ended.value}")


@app.command()
def export(
    *,
    form: Annotated[Format, typer.Option("--format", help="What it is for.", show_default=False)],
    config: ConfigFile = None,
) -> None:
    """Print the bans in force for another program: a script for nft, a plain list, or CrowdSec decisions."""
    typer.echo(run(lambda services: services.bans.export(form), config=config), nl=False)


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(metavar="FILE", allow_dash=True, help="The list; - for standard input.")],
    *,
    name: Annotated[str, typer.Option(help="Of the list; what it brought before is replaced.", show_default=False)],
    duration: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="How long entries are believed; a week at most.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Ban what is on a list of others: addresses and networks a line, or CrowdSec decisions in JSON."""
    seconds = None if duration is None else _seconds(duration)
    content = _read(file)
    done = run(lambda services: services.bans.take_list(content, name=name, seconds=seconds), config=config)
    for problem in done.problems:
        typer.echo(problem, err=True)
    typer.echo(f"{done.bans} banned, {done.ended} of before ended, {len(done.problems)} problems")


def _read(file: Path) -> bytes:
    try:
        with sys.stdin.buffer if file == Path("-") else file.open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InvalidValue("file", f"cannot read {file}: {error.strerror or error}") from error


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no time such as 30m, 12h or 7d", param_hint="--for")
    return float(match[1]) * _SECONDS[match[2]]


def _because(one: InForce) -> str:
    """The reason, with the numbers it rests on."""
    if one.evidence is None:
        return one.decision.reason
    return f"{one.decision.reason}: {one.evidence['count']:g} counted, {one.evidence['known']} known devices there"


def _facts(one: InForce) -> dict[str, Any]:
    decision = one.decision
    return {
        "id": decision.id or None,
        "at": iso(_ms(decision.at)),
        "until": iso(_ms(decision.until)),
        "measure": decision.measure.value,
        "scope": decision.scope.value,
        "value": decision.value,
        "reason": decision.reason,
        "origin": decision.origin.value,
        "times": decision.times,
        "simulated": decision.simulated,
        "evidence": dict(one.evidence) if one.evidence else None,
    }


def _ms(moment: float | None) -> int | None:
    return None if moment is None else int(moment * 1000)
