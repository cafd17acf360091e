"""The yardstick: a bare aiohttp handler that returns a constant. `python -m benchmarks.bare BYTES` prints its port."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from benchmarks.loops import new_loop


async def serve(size_bytes: int) -> None:
    """Serve a constant of *size_bytes* under every path until the process is ended."""
    body = b"x" * size_bytes

    async def constant(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/plain")

    application = web.Application()
    application.router.add_get("/{path:.*}", constant)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    loop = new_loop()
    loop.run_until_complete(serve(int(sys.argv[1])))
