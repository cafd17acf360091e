"""The ways by which alerts leave, each an `Outlet`: what it takes in one go, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from provserver.errors import PeerError
from provserver.monitor.webhook import body_of, headers_of
from provserver.outbound.http import Counted, Outside, Request
from provserver.secret import Secret

Rows = Sequence[Mapping[str, Any]]  # alerts as the store has them, the oldest first

_AT_ONCE = 50  # in one request to the webhook, or one connection of syslog: some 30 kB


class Outlet(Protocol):
    """One way out. *name* is its label in metrics and its place in the queue."""

    name: str

    def ready(self) -> bool:
        """Whether it would take anything now."""
        ...

    def portion(self, waiting: Rows) -> Rows:
        """The first of *waiting*, which are some, that go out together; at least one."""
        ...

    async def send(self, portion: Rows) -> None:
        """Send them. Raises PeerError; then none counts as taken."""
        ...


class Webhook:
    """POST requests, signed with *secret*."""

    name = "webhook"

    def __init__(
        self, url: str, *, secret: Secret, outside: Outside, now_ms: Callable[[], int], counted: Counted
    ) -> None:
        self._url = url
        self._secret = secret
        self._outside = outside
        self._now_ms = now_ms
        self._counted = counted

    def ready(self) -> bool:
        """See `Outlet`."""
        return True

    def portion(self, waiting: Rows) -> Rows:
        """See `Outlet`."""
        return waiting[:_AT_ONCE]

    async def send(self, portion: Rows) -> None:
        """See `Outlet`. What the receiver says beside its status is not read: nothing in it is of use."""
        body = body_of(portion)
        headers = headers_of(body, secret=self._secret, now_s=self._now_ms() // 1000)
        request = Request(method="POST", url=self._url, headers=headers, body=body)
        answer = await self._outside.exchange(request, counted=self._counted, read=False)
        if not answer.ok:
            raise PeerError(f"it answers {answer.status}")
