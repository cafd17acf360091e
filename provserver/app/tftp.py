"""The TFTP listener, where the settings ask for one: `tftp_listening`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from provserver.app.assembly import Services
from provserver.app.front import Front
from provserver.clock import SystemClock
from provserver.errors import ConfigurationError
from provserver.settings import TFTPSettings
from provserver.tftp.listener import TFTPListener, listening

Listening = tuple[TFTPListener, tuple[str, int]]


@asynccontextmanager
async def tftp_listening(services: Services, front: Front) -> AsyncIterator[Listening | None]:
    """
    Listen; gives the listener, which answers while it runs, and its address. None: it is off.

    Raises ConfigurationError for settings that would serve nobody, and where the port cannot be had.
    """
    settings = services.settings.tftp
    if not settings.enabled:
        yield None
        return
    _check(settings, makers=tuple(services.catalogue.vendors))
    listener = TFTPListener(
        settings=settings,
        provisioning=services.provisioning,
        deliveries=services.deliveries,
        traffic=front.traffic,
        clock=SystemClock(),  # waiting is real under any clock
        ticket=front.listener.refusals.ticket,
        counted=lambda result: services.metrics.tftp_datagrams.of(result).inc(),
    )
    async with listening(settings, listener) as address:
        yield listener, address


def _check(settings: TFTPSettings, *, makers: tuple[str, ...]) -> None:
    # Fail closed: served are named makers in named networks, or nobody.
    if not settings.networks:
        raise ConfigurationError("tftp.networks is empty: nobody would be answered")
    if not settings.makers:
        raise ConfigurationError("tftp.makers is empty: nobody would be served")
    unknown = sorted({*settings.makers} - {*makers})
    if unknown:
        raise ConfigurationError(f"tftp.makers: no maker {', '.join(unknown)}")
