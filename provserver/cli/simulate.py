"""`provserver simulate`: phones of one maker boot from a running server, and what they were told is shown."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from provserver.cli.makers import makers_of
from provserver.cli.options import ConfigFile
from provserver.domain.boot import Account, SimulatedPhone
from provserver.domain.mac import MacAddress
from provserver.domain.provisioning_url import masked
from provserver.domain.text import MAX_VALUE_CHARS
from provserver.domain.vendor import Vendor
from provserver.errors import InvalidValue, NotFound, Refused
from provserver.settings import load
from provserver.simulate import PlayedPhone, Report, phones, play_many, report


def simulate(
    vendor: Annotated[str, typer.Argument(help="Slug of the maker: yealink, snom, …")],
    *,
    url: Annotated[
        str | None, typer.Option(help="Provisioning URL, as typed into a phone; else the phone.url of the settings.")
    ] = None,
    url_file: Annotated[
        Path | None,
        typer.Option(allow_dash=True, help="Read --url from this file (-: stdin): a token stays out of `ps`."),
    ] = None,
    mac: Annotated[list[str] | None, typer.Option(help="Address of a phone; may be repeated.")] = None,
    first_mac: Annotated[str | None, typer.Option(help="Address of the first of --count phones.")] = None,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many phones with consecutive addresses.")] = 1,
    model: Annotated[str | None, typer.Option(help="Model to pretend; unless given, one usual of the maker.")] = None,
    firmware: Annotated[str | None, typer.Option(help="Firmware to pretend.")] = None,
    twice: Annotated[
        bool, typer.Option("--twice", help="Boot again from the URL that the first boot brought.")
    ] = False,
    upload: Annotated[bool, typer.Option(help="Send the files that such phones send.")] = True,
    allow_host: Annotated[list[str] | None, typer.Option(help="Ask this host as well; may be repeated.")] = None,
    ca_file: Annotated[Path | None, typer.Option(help="Trust only this certificate authority (PEM).")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=1_000, help="How many phones boot at a time.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a phone.")] = False,
    config: ConfigFile = None,
) -> None:
    """Boot phones of VENDOR from a running server; show what they ask and get. Passwords and tokens stay hidden."""
    try:
        maker = _maker(vendor, config)
        chosen = _choose(maker, mac=mac or [], first_mac=first_mac, count=count, model=model, firmware=firmware)
        hosts, trust = frozenset(host.lower() for host in allow_host or ()), _trust(ca_file)
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("phones", total=len(chosen))
            played = asyncio.run(
                play_many(
                    maker, base_url=_base_url(url, url_file, config), phones=chosen, concurrency=concurrency,
                    twice=twice, upload=upload, other_hosts=hosts, trust=trust, progress=lambda _: bar.advance(task),
                )
            )  # fmt: skip
    except Refused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from None
    _show(played, as_json=as_json)
    missed = [result for result in played if not result.provisioned]
    if missed:
        typer.echo(_verdict(missed, of=len(played)), err=True)
        raise typer.Exit(1)


def _maker(slug: str, config: Path | None) -> Vendor:
    for vendor in makers_of(config).vendors:
        if vendor.slug == slug and vendor.refuses:
            raise Refused(f"{vendor.name} devices ask for no files: {vendor.refuses}")
        if vendor.slug == slug:
            return vendor
    raise NotFound("vendor", slug)


def _choose(
    maker: Vendor, *, mac: Sequence[str], first_mac: str | None, count: int, model: str | None, firmware: str | None
) -> list[SimulatedPhone]:
    """The phones that were asked for, --mac before --first-mac."""
    if not mac and first_mac is None:
        raise typer.BadParameter("give --mac or --first-mac")
    if count > 1 and first_mac is None:
        raise typer.BadParameter("--count needs --first-mac")
    ranges = [(text, 1) for text in mac] + ([(first_mac, count)] if first_mac is not None else [])
    return [
        phone
        for first, number in ranges
        for phone in phones(maker, first_mac=MacAddress.parse(first), count=number, model=model, firmware=firmware)
    ]


def _base_url(url: str | None, url_file: Path | None, config: Path | None) -> str:
    """Where to ask first: what was said, else where the settings say that phones reach the server."""
    if url_file is not None:
        return _read_url(url_file)
    return load(config).phone.url if url is None else url


def _read_url(file: Path) -> str:
    """The first line of *file*, - being stdin."""
    try:
        with nullcontext(sys.stdin) if file == Path("-") else file.open(encoding="utf-8") as lines:
            return lines.readline(MAX_VALUE_CHARS + 1).strip()  # a longer one fits into no phone's configuration
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue("url-file", f"cannot read {file}: {_reason(error)}") from error


def _trust(ca_file: Path | None) -> ssl.SSLContext | None:
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # SSLError is one
        raise InvalidValue("ca-file", f"cannot read {ca_file}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _show(played: Sequence[PlayedPhone], *, as_json: bool) -> None:
    for result in played:
        if as_json:
            typer.echo(json.dumps(_as_object(result)))
        else:
            typer.echo("\n".join(_lines(result)))
    if len(played) > 1 and not as_json:
        typer.echo("\n".join(_totals(report(played))))


def _as_object(result: PlayedPhone) -> dict[str, object]:
    return {
        "mac": result.phone.mac.value,
        "model": result.phone.model,
        "firmware": result.phone.firmware,
        "requests": [
            {"method": asked.method, "file": asked.file, "status": asked.status, "size_bytes": asked.size_bytes,
             "seconds": round(asked.seconds, 6)}
            for asked in result.exchanges
        ],
        "accounts": [
            {"number": account.number, "user_name": account.user_name, "auth_name": account.auth_name,
             "registrar": account.registrar, "password": _held(account)}
            for account in result.accounts
        ],
        "next_url": masked(result.next_url) if result.next_url else None,
        "not_asked": list(result.not_asked),
        "error": result.error,
        "again": _as_object(result.again) if result.again else None,
    }  # fmt: skip


def _lines(result: PlayedPhone) -> Iterator[str]:
    """One boot for a person, a second one below it."""
    yield f"{result.phone.mac}  {result.phone.model}  {result.phone.firmware}"
    width = max((len(_plain(asked.file)) for asked in result.exchanges), default=0)
    for asked in result.exchanges:
        file = _plain(asked.file).ljust(width)
        yield f"  {asked.method:<4} {file}  {asked.status}  {asked.size_bytes:>8} B  {asked.seconds * 1000:>6.0f} ms"
    for account in result.accounts:
        user, registrar = _plain(account.user_name), _plain(account.registrar or "no registrar")
        yield f"  account {account.number}: {user} at {registrar}, password {_held(account)}"
    if result.next_url:
        yield f"  asks next: {_plain(masked(result.next_url))}"
    for file in result.not_asked:
        yield f"  not asked, on another host: {_plain(file)}"
    if result.error:
        yield f"  ended early: {_plain(result.error)}"
    if result.again:
        yield "  booted again:"
        yield from (f"    {line}" for line in _lines(result.again))


def _totals(summary: Report) -> Iterator[str]:
    statuses = ", ".join(f"{number} × {status}" for status, number in summary.statuses.items()) or "none"
    yield f"{summary.phones} phones, {summary.provisioned} of them with an account"
    yield f"{summary.accounts} accounts, {summary.passwords} of them with a password"
    yield f"answers: {statuses}"
    if summary.seconds:
        yield "seconds: " + ", ".join(f"{name} {seconds:.3f}" for name, seconds in summary.seconds.items())


def _verdict(missed: Sequence[PlayedPhone], *, of: int) -> str:
    first = missed[0]
    last = first.again or first
    boot = "the second boot brought none" if first.again else "no file that it got holds one"
    return f"{len(missed)} of {of} phones got no account; {first.phone.mac}: {_plain(last.error or boot)}"


def _held(account: Account) -> str:
    return "held" if account.password else "none"


def _plain(text: str) -> str:
    """*text* of a server for a terminal: nothing in it moves the cursor or ends the line."""
    return "".join(character if character.isprintable() else "�" for character in text)
