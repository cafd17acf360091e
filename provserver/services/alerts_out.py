"""
`AlertsOut`: alerts go out to a webhook, each at least once, in their order.

The queue is the store itself: what is remembered is how far the receiver has taken them. A restart, or a receiver that
is away for a week, loses nothing; what `retention.event_days` removes meanwhile is lost, and no more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from random import Random

import structlog

from provserver.errors import ConfigurationError, PeerError
from provserver.monitor.webhook import body_of, headers_of
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.settings import AlertSettings
from provserver.storage import alerts, meta

UNSENT_EVENT = "alert.unsent"

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]  # see http.posting

_CURSOR = "alerts.webhook"
_AT_ONCE = 50  # in one request: some 30 kB
_FIRST_S, _LONGEST_S = 2.0, 600.0  # between two tries; a receiver that is back is found within ten minutes
_SHORTEST_SECRET = 16
_OTHERS = 0o077  # may group or others do anything with the file?


class AlertsOut:
    """One for the process. *monotonic* is in seconds."""

    def __init__(
        self, *, context: Context, settings: AlertSettings, post: Post, monotonic: Callable[[], float], random: Random
    ) -> None:
        """Raises ConfigurationError for a secret that cannot be used; fail closed: nothing goes out unsigned."""
        self._context = context
        self._url = settings.webhook
        self._secret = _read_secret(settings) if settings.webhook else Secret("")
        self._post = post
        self._monotonic = monotonic
        self._random = random
        self._failures = 0
        self._not_before = 0.0

    async def work(self) -> None:
        """Send what waits, if it is time to try. The first time, begin with the alerts that are to come."""
        if not self._url or self._monotonic() < self._not_before:
            return
        while True:
            async with self._context.storage.read() as tx:
                cursor = await meta.get(tx, _CURSOR)
                newest = await alerts.last_id(tx)
                waiting = await alerts.after(tx, int(cursor), limit=_AT_ONCE) if cursor is not None else []
            if cursor is None:
                await self._taken(newest)
            if not waiting or not await self._send(waiting):
                return
            await self._taken(waiting[-1]["id"])

    async def _taken(self, last: object) -> None:
        async with self._context.storage.transaction() as tx:
            await meta.put(tx, _CURSOR, str(last))

    async def _send(self, waiting: list[dict[str, object]]) -> bool:
        body = body_of(waiting)
        now_s = self._context.clock.now_ms() // 1000
        try:
            status = await self._post(self._url, body, headers_of(body, secret=self._secret, now_s=now_s))
            problem = "" if 200 <= status < 300 else f"status {status}"  # noqa: PLR2004 - HTTP's class for success
        except PeerError as error:
            problem = str(error)
        if not problem:
            self._failures = 0
            return True
        # Up to twice the time, at random: servers that lost the same receiver do not all come back at once.
        wait_s = min(_LONGEST_S, _FIRST_S * 2 ** min(self._failures, 16)) * (1 + self._random.random())
        self._failures += 1
        self._not_before = self._monotonic() + wait_s
        structlog.get_logger().warning(UNSENT_EVENT, problem=problem, waiting=len(waiting), next_s=round(wait_s))
        return False


def _read_secret(settings: AlertSettings) -> Secret:
    file = settings.webhook_secret
    if file is None:
        raise ConfigurationError("alerts.webhook_secret: is missing, and alerts.webhook is set")
    try:
        if file.stat().st_mode & _OTHERS:
            raise ConfigurationError(f"alerts.webhook_secret: {file} can be read by others")
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"alerts.webhook_secret: cannot read {file}") from error
    if len(text) < _SHORTEST_SECRET:
        raise ConfigurationError(f"alerts.webhook_secret: {file} holds less than {_SHORTEST_SECRET} characters")
    return Secret(text)
