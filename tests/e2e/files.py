"""The least HTTP server that a phone can be provisioned from: files by path, and a record of who asked for which."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.e2e.kamailio import HOST


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    user_agent: str


@dataclass(slots=True)
class FileServer:
    """*files* may be changed at any time; what is not in it is answered 404."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Give the file, or not."""
        self.asked.append(Asked(request.path, request.headers.get("User-Agent", "")))
        body = self.files.get(request.path)
        if body is None:
            return web.Response(status=404)
        return web.Response(body=body, content_type="application/xml", charset="utf-8")


@asynccontextmanager
async def file_server() -> AsyncIterator[FileServer]:
    """Serve on a port of loopback that the system chooses."""
    server = FileServer(url="")
    application = web.Application()
    application.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        server.url = f"http://{HOST}:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()
