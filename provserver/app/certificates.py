"""Keeps the server's certificates in use as they are on the disk, and says in time when they end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from structlog.typing import FilteringBoundLogger

from provserver.clock import Clock, iso
from provserver.errors import ConfigurationError
from provserver.http.tls import Contexts
from provserver.metrics import Metrics

LOADED_EVENT = "certificate.loaded"
UNUSABLE_EVENT = "certificate.unusable"

FOLLOW_S = 10  # how soon a changed file is seen; whoever cannot wait sends SIGHUP
RENEW_S = 86_400  # session tickets are sealed with a key of the context, and no key shall open them for longer
_DAY_MS = 86_400_000


class Certificates:
    """Reloads *contexts*, and calls *reloaded* for what else reads the same files; None: there is no TLS."""

    def __init__(
        self,
        contexts: Contexts | None,
        *,
        clock: Clock,
        metrics: Metrics,
        log: FilteringBoundLogger,
        warn_days: float,
        legacy: bool,
        reloaded: Callable[[], None],
    ) -> None:
        self._contexts = contexts
        self._reloaded = reloaded
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._warn_ms = int(warn_days * _DAY_MS)
        self._listeners = ("tls", "legacy") if legacy else ("tls",)
        self._measure()

    async def follow(self) -> None:
        """Load what has changed on the disk."""
        await self._reload(only_if_changed=True)

    async def renew(self) -> None:
        """Load everything again, changed or not."""
        await self._reload(only_if_changed=False)

    async def warning(self) -> str | None:
        """What the operator has to know about our certificates, in a few words."""
        if self._contexts is None:
            return None
        left_ms = self._contexts.expires_ms - self._clock.wall_ms()
        if left_ms > self._warn_ms:
            return None
        ends = iso(self._contexts.expires_ms)
        return f"a certificate expires at {ends}" if left_ms > 0 else f"a certificate has expired at {ends}"

    async def _reload(self, *, only_if_changed: bool) -> None:
        if self._contexts is None:
            return
        try:
            loaded = await asyncio.to_thread(self._contexts.reload, only_if_changed=only_if_changed)
            if loaded:
                self._reloaded()
        except ConfigurationError as error:  # phones go on being served with what was loaded before
            self._metrics.tls_reloads.of("failed").inc()
            self._log.error(UNUSABLE_EVENT, problem=str(error))
            return
        if loaded:
            self._metrics.tls_reloads.of("succeeded").inc()
            self._log.info(LOADED_EVENT, expires=iso(self._contexts.expires_ms))
            self._measure()

    def _measure(self) -> None:
        if self._contexts is not None:
            for listener in self._listeners:
                self._metrics.tls_expiry.of(listener).set(self._contexts.expires_ms / 1000)
