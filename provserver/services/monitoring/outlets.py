"""The ways by which alerts leave, each an `Outlet`: what it takes in one go, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import structlog

from provserver.errors import PeerError
from provserver.monitor.alert_mail import mail
from provserver.monitor.cef import cef
from provserver.monitor.gcra import Leak, level, pour
from provserver.monitor.webhook import body_of, headers_of
from provserver.outbound.http import Counted, Outside, Request
from provserver.outbound.mail import MailServer
from provserver.outbound.syslog import Origin, SyslogReceiver, record
from provserver.secret import Secret

REFUSED_EVENT = "mail.refused"

Rows = Sequence[Mapping[str, Any]]  # alerts as the store has them, the oldest first

_NOTICE = 5  # of RFC 5424 6.2.1; nothing of ours is worse than a warning, for the server itself is well
_SEVERITIES = MappingProxyType({"high": 4, "medium": _NOTICE, "low": 6})
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


class Syslog:
    """Syslog messages, each a line of CEF. *version* is this program's."""

    name = "syslog"

    def __init__(self, receiver: SyslogReceiver, *, origin: Origin, version: str) -> None:
        self._receiver = receiver
        self._origin = origin
        self._version = version

    def ready(self) -> bool:
        """See `Outlet`."""
        return True

    def portion(self, waiting: Rows) -> Rows:
        """See `Outlet`."""
        return waiting[:_AT_ONCE]

    async def send(self, portion: Rows) -> None:
        """See `Outlet`."""
        await self._receiver.send([self._record(alert) for alert in portion])

    def _record(self, alert: Mapping[str, Any]) -> bytes:
        return record(
            cef(alert, version=self._version),
            origin=self._origin,
            severity=_SEVERITIES.get(alert["confidence"], _NOTICE),
            at_ms=alert["at"],
            kind="alert",
        )


class Mail:
    """
    Mails: one for each alert, as long as *leak* has room; then one digest for all that wait, when it has room again.

    *monotonic* is in seconds. What was sent is counted in memory: a restart begins with the whole burst.
    """

    name = "mail"

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        recipients: Sequence[str],
        host: str,
        leak: Leak,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients
        self._host = host
        self._leak = leak
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._empty_at = 0.0

    def ready(self) -> bool:
        """See `Outlet`."""
        return not pour(self._empty_at, self._monotonic(), self._leak)[1]

    def portion(self, waiting: Rows) -> Rows:
        """See `Outlet`. A flood leaves room for nothing, so its first alerts come alone and the others together."""
        room = self._leak.capacity - level(self._empty_at, self._monotonic(), self._leak)
        return waiting[:1] if len(waiting) <= room else waiting

    async def send(self, portion: Rows) -> None:
        """See `Outlet`."""
        message = mail(
            portion, sender=self._sender, recipients=self._recipients, host=self._host, now_ms=self._now_ms()
        )
        refused = await self._server.send(message, sender=self._sender, recipients=self._recipients)
        self._empty_at, _ = pour(self._empty_at, self._monotonic(), self._leak)
        if refused:
            structlog.get_logger().warning(REFUSED_EVENT, recipients=refused)
