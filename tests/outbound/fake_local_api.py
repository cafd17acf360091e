"""CrowdSec's local API as far as we use it, for the faults that the real one does not have on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.outbound.local_api import MACHINE, PASSWORD


@dataclass
class Fake:
    """A strict one: refuses what the real one refuses, and fails when it is told to."""

    url: str = ""
    broken: dict[str, web.Response] = field(default_factory=dict)  # by method and path
    tokens: set[str] = field(default_factory=set)
    logins: int = 0
    asked: int = 0
    alerts: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked += 1
        key = f"{request.method} {request.path}"
        if key in self.broken:
            return self.broken[key]
        if key == "POST /v1/watchers/login":
            login = await request.json()
            if (login["machine_id"], login["password"]) != (MACHINE, PASSWORD):
                return web.json_response({"message": f"wrong password {login['password']}"}, status=403)
            self.logins += 1
            self.tokens = {f"token-{self.logins}"}
            return web.json_response({"code": 200, "token": f"token-{self.logins}"})
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.json_response({"message": "token is expired"}, status=401)
        return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.Response:
        match request.method, request.path.split("/")[2:]:
            case "GET", ["alerts"]:
                assert request.query_string == "has_active_decision=true&origin=provserver&limit=0"
                return web.json_response(list(self.alerts.values()) or None)
            case "POST", ["alerts"]:
                ids = []
                for alert in await request.json():
                    number = len(self.alerts) + 1
                    assert {"scenario", "message", "events", "start_at", "stop_at", "source", "decisions"} <= set(alert)
                    for decision in alert["decisions"]:
                        decision["id"] = number * 10
                    self.alerts[number] = {**alert, "id": number, "machine_id": MACHINE}
                    ids.append(str(number))
                return web.json_response(ids, status=201)
            case "GET", ["alerts", number]:
                found = self.alerts.get(int(number))
                return web.json_response(found or {"message": "no"}, status=200 if found else 404)
            case "DELETE", ["decisions", number]:
                del self.alerts[int(number) // 10]
                return web.json_response({"nbDeleted": "1"})
        raise AssertionError(request.path)

    @property
    def targets(self) -> list[str]:
        return [alert["source"]["value"] for alert in self.alerts.values()]


@asynccontextmanager
async def faking() -> AsyncIterator[Fake]:
    fake = Fake()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()
