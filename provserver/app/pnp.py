"""`answer_pnp`: a process of its own that tells phones of one network where their server is. It holds no data."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from provserver.app.signals import stop_signals
from provserver.clock import SystemClock
from provserver.identify import Catalogue
from provserver.log import configure
from provserver.services.requests.pnp import PnpUrls
from provserver.settings import LogSettings
from provserver.sip.message import shown
from provserver.sip.pnp import Subscribe
from provserver.sip.responder import responding
from provserver.vendors import load_vendors


async def answer_pnp(
    *, url: str, interface: IPv4Interface, group: IPv4Address, port: int, log_settings: LogSettings
) -> None:
    """
    Answer phones in the network of *interface* that ask *group*, until SIGINT or SIGTERM; one log line an answer.

    Raises ConfigurationError where that cannot be listened to.
    """
    clock = SystemClock()
    log = configure(log_settings, now_ms=clock.wall_ms)
    urls = PnpUrls(Catalogue(load_vendors()), url=url)

    def told(asked: Subscribe, answer: str, address: str) -> None:
        maker, mac = urls.identify(asked)
        log.events.info(
            "pnp.answered",
            mac=mac.value if mac else None,
            vendor=maker,
            model=shown(asked.model),
            firmware=shown(asked.version),
            address=address,
            url=answer,
        )
        log.flush()

    try:
        with stop_signals() as stop:
            async with responding(interface, group=group, port=port, url_for=urls.url_for, told=told, clock=clock) as (
                host,
                bound,
            ):
                log.events.info("pnp.started", address=f"{host}:{bound}", interface=str(interface), url=url)
                log.flush()
                await stop.wait()
            log.events.info("pnp.stopped")
    finally:
        log.flush()
