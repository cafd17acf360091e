"""
`Arrivals`: what is said about connections that never became a request: refused ones, and handshakes that failed.

Each is counted. A line is written for few of them, because they cost a stranger nothing: one for an address in a while,
and not more than a handful a second for all together. What was left out is said with the next line.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from provserver.clock import Clock
from provserver.metrics import Metrics

REFUSED_EVENT = "connection.refused"
FAILED_EVENT = "handshake.failed"

ADDRESS_QUIET_S = 10.0  # one line an address in this time: a phone that fails tries again about as often
LINES_PER_S = 5.0  # for everybody together, 400 kB an hour: what people can read, and a disk does not notice
BURST_LINES = 50.0  # a rack of phones with the same trouble is shown whole
# What the monitor is told, by reason. Not of `no_proxy_header`: the address is then the operator's own proxy.
_TOLD = {
    **dict.fromkeys(("bad_certificate", "expired_certificate", "unknown_authority"), "bad_handshake"),
    **dict.fromkeys(("not_tls", "plain_http"), "junk"),  # `tls_on_plain` becomes a malformed request, which is told
}
_ADDRESSES = 4096  # that are remembered as having been named lately


def _unheard(word: str, address: str) -> None:
    """Where there is no monitor."""
    del word, address


class Arrivals:
    """Takes note of what happens before a request; never waits, never raises for what a stranger sent."""

    def __init__(self, *, clock: Clock, metrics: Metrics, noticed: Callable[[str, str], None] = _unheard) -> None:
        """*noticed* is told what came instead of a handshake, or that it failed over a certificate, and by whom."""
        self._clock = clock
        self._noticed = noticed
        self._metrics = metrics
        self._quiet_until: dict[tuple[str, str], float] = {}
        self._lines = BURST_LINES
        self._filled_at = clock.monotonic()
        self._left_out = 0

    def admitted(self, listener: str) -> None:
        """A connection has been let in; its handshake comes now, if it has one."""
        self._metrics.connections.of(listener, "admitted").inc()

    def refused(self, listener: str, reason: str, address: str) -> None:
        """A connection was closed before anything was read from it."""
        self._metrics.connections.of(listener, reason).inc()
        if (left_out := self._may_speak(address, reason)) is not None:
            structlog.get_logger().warning(
                REFUSED_EVENT, listener=listener, reason=reason, address=address, left_out=left_out
            )

    def agreed(self, listener: str, version: str, *, resumed: bool) -> None:
        """A TLS handshake is complete."""
        self._metrics.tls_handshakes.of(listener, version, "resumed" if resumed else "full").inc()

    def failed(self, listener: str, reason: str, address: str) -> None:
        """A connection ended before its first request could be read."""
        self._metrics.handshake_failures.of(listener, reason).inc()
        if reason in _TOLD:
            self._noticed(_TOLD[reason], address)
        if reason == "nothing_said":  # health checks connect and leave, all day
            return
        if (left_out := self._may_speak(address, reason)) is not None:
            structlog.get_logger().warning(
                FAILED_EVENT, listener=listener, reason=reason, address=address, left_out=left_out
            )

    def _may_speak(self, address: str, reason: str) -> int | None:
        """How many lines were left out before this one; None: it is left out, too."""
        now = self._clock.monotonic()
        self._lines = min(BURST_LINES, self._lines + (now - self._filled_at) * LINES_PER_S)
        self._filled_at = now
        key = (address, reason)
        if self._lines < 1 or self._quiet_until.get(key, now) > now:
            self._left_out += 1
            return None
        if len(self._quiet_until) >= _ADDRESSES:
            self._quiet_until.clear()  # the limit for all together still holds
        self._quiet_until[key] = now + ADDRESS_QUIET_S
        self._lines -= 1
        left_out, self._left_out = self._left_out, 0
        return left_out
