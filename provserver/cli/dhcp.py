"""`provserver dhcp`: how a DHCP server is told what it has to tell phones. Needs no data directory."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated

import typer

from provserver.cli.makers import makers_of
from provserver.cli.options import ConfigFile
from provserver.cli.shared_url import shared_url
from provserver.domain.bootstrap import Way
from provserver.domain.dhcp import DIALECTS, handouts, wants_address
from provserver.domain.provisioning_url import host_of
from provserver.domain.vendor import Vendor
from provserver.errors import InvalidValue
from provserver.local.folder import Makers


class Dialect(StrEnum):
    """Which DHCP server."""

    ISC = "isc"
    KEA = "kea"
    DNSMASQ = "dnsmasq"


def dhcp(
    server: Annotated[Dialect, typer.Argument(help="ISC dhcpd 4, Kea (DHCPv4) or dnsmasq.", show_default=False)],
    *,
    url: Annotated[str, typer.Option(help="Where phones get their files.", show_default=False)],
    vendor: Annotated[list[str] | None, typer.Option(help="Only this maker's phones; may be repeated.")] = None,
    address: Annotated[
        str | None,
        typer.Option(help="IPv4 address of the server, for phones that know no URL; else the URL's, if it has one."),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Print what to add to a DHCP server's configuration, so that phones find this server."""
    makers = _chosen(makers_of(config), vendor)
    url = shared_url(url)
    at = _address(address, url)
    try:
        told = handouts(makers, url=url, address=at)
    except ValueError as error:
        raise InvalidValue("url", str(error)) from error
    typer.echo(DIALECTS[server](told), nl=False)
    for maker in makers:
        if at is None and wants_address(maker):
            typer.echo(f"{maker.slug}: left out phones that want an address; give --address", err=True)


def _chosen(known: Makers, slugs: list[str] | None) -> list[Vendor]:
    """The makers that were named, or all whose phones ask a DHCP server."""
    makers = {m.slug: m for m in known.vendors if any(way.way is Way.DHCP for way in m.bootstrap)}
    if not slugs:
        return list(makers.values())
    for slug in slugs:
        if slug not in makers:
            raise InvalidValue("vendor", f"{slug!r} is no maker whose phones are told by DHCP")
    return [makers[slug] for slug in dict.fromkeys(slugs)]


def _address(given: str | None, url: str) -> IPv4Address | None:
    try:
        return IPv4Address(given if given is not None else host_of(url))
    except AddressValueError as error:
        if given is None:
            return None  # a name: what it means is known where phones are
        raise InvalidValue("address", f"{given!r} is not an IPv4 address") from error
