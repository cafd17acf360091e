"""A strict receiver of the webhook on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from provserver.clock import Clock

SECRET = "0123456789abcdef-webhook"


@dataclass
class Receiver:
    """A strict one: checks what it gets by itself, and answers with *status*."""

    clock: Clock
    url: str = ""
    status: int = 204
    got: list[int] = field(default_factory=list)  # ids, in the order of arrival
    asked: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = await request.read()
        stamp = request.headers["Provserver-Timestamp"]
        expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert request.headers.getall("Provserver-Signature") == [f"v1={expected}"]
        assert abs(int(stamp) - self.clock.wall_ms() / 1000) < 60
        assert request.content_type == "application/json"
        if self.status == 204:
            self.got += [alert["id"] for alert in json.loads(body)["alerts"]]
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def receiving(clock: Clock, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Receive on a free port of 127.0.0.1."""
    receiver = Receiver(clock=clock)
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        host, port = runner.addresses[0][:2]
        receiver.url = f"{'https' if tls else 'http'}://{host}:{port}/hook"
        yield receiver
    finally:
        await runner.cleanup()
