"""`provserver pnp`: tells phones of the local network where their server is. Needs no data directory."""

from __future__ import annotations

import asyncio
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated

import typer

from provserver.app import answer_pnp
from provserver.cli.options import ConfigFile
from provserver.cli.shared_url import shared_url
from provserver.errors import InvalidValue
from provserver.settings import load
from provserver.sip.interfaces import interface_of
from provserver.sip.pnp import GROUP, PORT


def pnp(
    *,
    url: Annotated[
        str, typer.Option(help="What phones are told; {mac} in it becomes the phone's MAC.", show_default=False)
    ],
    interface: Annotated[
        str | None,
        typer.Option(
            metavar="ADDR[/PREFIX]",
            help="This machine's address in the phones' network; default: where the group is reached.",
        ),
    ] = None,
    group: Annotated[
        str, typer.Option(help="What phones ask: the multicast group, or an address of this machine.")
    ] = GROUP,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="UDP port they ask at; 0: any.")] = PORT,
    config: ConfigFile = None,
) -> None:
    """Answer phones that ask by SIP multicast where their server is, until Ctrl-C."""
    settings = load(config)
    url = shared_url(url, with_mac=True)
    at = _group(group)
    asyncio.run(
        answer_pnp(
            url=url,
            interface=interface_of(interface, towards=group),
            group=at,
            port=port,
            log_settings=settings.log,
        )
    )


def _group(text: str) -> IPv4Address:
    try:
        group = IPv4Address(text)
    except AddressValueError as error:
        raise InvalidValue("group", f"{text!r} is not an IPv4 address") from error
    if group.is_unspecified:  # fail closed: it would listen in every network, for the sake of one
        raise InvalidValue("group", f"{text!r} is no address that phones can ask")
    return group
