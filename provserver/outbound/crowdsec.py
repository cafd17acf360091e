"""
CrowdSec's local API as a machine uses it: `LocalAPI` logs in, lists, pushes and takes back.

It is asked for what it holds and told what to change; nothing in it is believed to be an order. Words: LAPI of
CrowdSec 1.4.6, tried with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson

from provserver.errors import PeerError
from provserver.outbound.http import Answer, Counted, Outside, Request
from provserver.secret import Secret

_JSON = "application/json"


class LocalAPI:
    """One machine's access to the API at *url*. Every method raises PeerError for what did not work."""

    def __init__(self, url: str, *, machine: str, password: Secret, outside: Outside, counted: Counted) -> None:
        self._url = url
        self.machine = machine
        self._password = password
        self._outside = outside
        self._counted = counted
        self._token = Secret("")  # good for an hour

    async def alerts(self, *, origin: str) -> list[Any]:
        """All alerts with a decision of *origin* in force, of all machines; others' lists have tens of thousands."""
        query = f"has_active_decision=true&origin={origin}&limit=0"
        found = _read(_demand_ok(await self._call("GET", f"/v1/alerts?{query}")))
        if not isinstance(found, list | None):
            raise PeerError("its list of alerts is none")
        return found or []

    async def push(self, alerts: Sequence[dict[str, object]]) -> list[int]:
        """Add *alerts* with their decisions; their ids, in the same order."""
        ids = _read(_demand_ok(await self._call("POST", "/v1/alerts", orjson.dumps(list(alerts)))))
        try:
            found = [int(one) for one in ids]
        except (TypeError, ValueError):
            raise PeerError("its ids of alerts are none") from None
        if len(found) != len(alerts):
            raise PeerError(f"it took {len(found)} of {len(alerts)} alerts")
        return found

    async def withdraw(self, alert_id: int) -> None:
        """End the decisions of one alert, by their own ids: others about the same address are others' business."""
        answer = await self._call("GET", f"/v1/alerts/{alert_id}")
        if answer.status == HTTPStatus.NOT_FOUND:
            return  # it has been thrown away over there, and its decisions with it
        alert = _read(_demand_ok(answer))
        decisions = alert.get("decisions") if isinstance(alert, dict) else None
        for decision in decisions or ():
            if not isinstance(decision, dict) or not isinstance(decision.get("id"), int):
                raise PeerError("its decision has no id")
            answer = await self._call("DELETE", f"/v1/decisions/{decision['id']}")
            if answer.status != HTTPStatus.NOT_FOUND:
                _demand_ok(answer)

    async def _call(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Send a request, and log in first where that is needed: without a token, or when it has run out."""
        if self._token:
            answer = await self._send(method, path, body)
            if answer.status != HTTPStatus.UNAUTHORIZED:
                return answer
        await self._log_in()
        return await self._send(method, path, body)

    async def _log_in(self) -> None:
        self._token = Secret("")
        login = {"machine_id": self.machine, "password": self._password.reveal(), "scenarios": []}
        answer = await self._send("POST", "/v1/watchers/login", orjson.dumps(login))
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise PeerError(f"it does not let the machine in: {answer.status}")
        found = _read(_demand_ok(answer))
        token = found.get("token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise PeerError("its login has no token")
        self._token = Secret(token)

    async def _send(self, method: str, path: str, body: bytes) -> Answer:
        headers = {"Accept": _JSON}
        if body:
            headers["Content-Type"] = _JSON
        if self._token:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        request = Request(method=method, url=f"{self._url}{path}", headers=headers, body=body)
        return await self._outside.exchange(request, counted=self._counted)


def _demand_ok(answer: Answer) -> Answer:
    if not answer.ok:
        raise PeerError(f"it answers {answer.status}")
    return answer


def _read(answer: Answer) -> Any:  # noqa: ANN401 - whatever it sends
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise PeerError(f"its answer ({answer.status}) is no JSON") from None
