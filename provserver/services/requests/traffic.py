"""`Traffic`: what is said about each request: one canonical line, one row of the request log, the metrics."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from provserver.clock import SteadyClock
from provserver.domain.request import ProvRequest
from provserver.log.output import RequestLine
from provserver.metrics import Metrics
from provserver.release import Homes, Login
from provserver.services.monitoring.monitor import Monitor
from provserver.services.monitoring.sightings import Sighting, probe_in
from provserver.services.requests.answers import Answer, Facts
from provserver.services.requests.copies import Copies
from provserver.services.requests.request_log import RequestLog

_MAC = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
# Tokens have 24 characters (vault.tokens); of one that was cut, fewer missing could be guessed. Beside its MAC, no name
# that a maker's phones ask for has as many in a row: Snom's M bases come nearest, with 17.
_TOKEN_LIKE_CHARS = 20
_TOKEN_LIKE = re.compile(rf"[A-Za-z0-9_-]{{{_TOKEN_LIKE_CHARS},}}")


class Traffic:
    """Takes note of requests; never waits and never raises for what a stranger sent."""

    def __init__(
        self,
        *,
        clock: SteadyClock,
        metrics: Metrics,
        request_log: RequestLog,
        copies: Copies,
        lines: RequestLine,
        monitor: Monitor,
        homes: Homes,
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._request_log = request_log
        self._copies = copies
        self._lines = lines
        self._monitor = monitor
        self._homes = homes

    def note(self, request: ProvRequest, answer: Answer, *, seconds: float) -> None:
        """Note one answered request."""
        facts, asked = answer.facts, answer.facts.asked
        device = facts.record.access.device if facts.record is not None else None
        named = asked.mac if asked is not None and asked.mac is not None else device.mac if device is not None else None
        vendor, mac = facts.vendor, named.value if named is not None else None
        path = _path(request, facts)
        size_bytes = len(answer.body) + answer.sent_bytes if request.method != "HEAD" else 0
        duration_us = int(seconds * 1_000_000)
        self._metrics.request(vendor, answer.outcome, seconds)
        if answer.outcome == "delivered" and vendor is not None:
            self._metrics.credentials_deliveries.of(vendor).inc()
        self._lines.write(
            {
                "outcome": answer.outcome,
                "reason": answer.reason,
                "status": answer.status,
                "method": request.method,
                "path": path,
                "mac": mac,
                "vendor": vendor,
                "proof": facts.proof,
                "address": request.address,
                "user_agent": request.user_agent,
                "size_bytes": size_bytes,
                "duration_us": duration_us,
            }
        )
        row = (
            self._clock.now_ms(),
            request.address,
            request.port,
            request.method,
            path,
            mac,
            device.id if device is not None else None,
            vendor,
            request.user_agent,
            request.tls_version,
            answer.outcome,
            answer.reason,
            answer.status,
            size_bytes,
            duration_us,
        )
        self._monitor.saw(_sighting(row, request, facts, self._homes))
        self._request_log.add(
            row,
            firmware=facts.agent.firmware if facts.agent else None,
            is_device=facts.proof is not None,
        )
        if answer.artefact is not None and not answer.artefact.noted and request.method != "HEAD":
            self._copies.note(answer, at_ms=self._clock.now_ms())

    def malformed(self, address: str, problem: str) -> None:
        """Note a request that was not HTTP; its bytes are not looked at."""
        del problem
        self._metrics.http_malformed.inc()
        self._monitor.noticed("junk", address)


def _sighting(row: tuple[Any, ...], request: ProvRequest, facts: Facts, homes: Homes) -> Sighting:
    access = facts.record.access if facts.record is not None else None
    return Sighting(
        row,
        access.tenant.id if access is not None else "",
        facts.proof,
        homes.of(access.device, request.address) if access is not None else None,
        facts.token,
        (request.form or request.authorization) if facts.login is Login.WRONG else "",
        request.hello,
    )


def _path(request: ProvRequest, facts: Facts) -> str:
    """The path with its token replaced by the fingerprint: who reads a log must not be able to fetch."""
    asked = facts.asked
    if asked is None:
        # Nothing is known about such a path, so nothing of it is kept but its length: a token may be anywhere in it.
        # Only whether it tried something is, and in our own word.
        tried = probe_in(request.path)
        return f"({len(request.path)} characters{f', {tried}' if tried else ''})"
    if asked.token is None or facts.token is None:
        return f"/{_file(asked.file)}"
    return _path_with_token(facts.token, asked.file)


@lru_cache(maxsize=4096)  # who has a token asks for the same again
def _path_with_token(token: bytes, file: str) -> str:
    return f"/~{token.hex()[:16]}/{_file(file)}"


def _file(file: str) -> str:
    if len(file) >= _TOKEN_LIKE_CHARS and _TOKEN_LIKE.search(_MAC.sub(".", file)):
        return f"({len(file)} characters)"  # a token one folder too deep, or with a slash too few: people type URLs
    return file
