"""
The listener for the operator's own network: ``/metrics``, ``/healthz``, ``/readyz``.

Healthy means that the process runs, ready that it can serve phones. There is no login: it belongs on no other network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from provserver.metrics import CONTENT_TYPE, Metrics

CHECK_S = 2.0  # limit for one readiness check; orchestrators give up on the whole answer after about as long
REASON_CHARACTERS = 200  # of one failed check: a reason is a few words, not somebody's whole error
OK = "ok"

Check = Callable[[], Awaitable[str | None]]  # gives None, or in a few words what is wrong

_METRICS = web.AppKey("metrics", Metrics)
_CHECKS = web.AppKey("checks", dict[str, Check])
_WARNINGS = web.AppKey("warnings", dict[str, Check])
_SCRAPE = web.AppKey("scrape", asyncio.Lock)  # one at a time: threads are few, and phones need them


def build_ops(
    metrics: Metrics, checks: Mapping[str, Check], warnings: Mapping[str, Check] | None = None
) -> web.Application:
    """
    Build the application. *checks* decide about readiness, *warnings* are only said beside it.

    All run side by side, each for at most CHECK_S.
    """
    site = web.Application(middlewares=[_bare])
    site[_METRICS] = metrics
    site[_CHECKS] = dict(checks)
    site[_WARNINGS] = dict(warnings or {})
    site[_SCRAPE] = asyncio.Lock()
    site.router.add_get("/metrics", _metrics)
    site.router.add_get("/healthz", _healthz)
    site.router.add_get("/readyz", _readyz)
    site.on_response_prepare.append(_finish_headers)
    return site


async def _metrics(request: web.Request) -> web.Response:
    async with request.app[_SCRAPE]:
        text = await asyncio.to_thread(request.app[_METRICS].render)
    return web.Response(body=text, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})


async def _healthz(request: web.Request) -> web.Response:
    del request
    return web.Response(text=OK)


async def _readyz(request: web.Request) -> web.Response:
    checks, warnings = request.app[_CHECKS], request.app[_WARNINGS]
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(_answer(check), name=f"check {name}")
            for name, check in {**warnings, **checks}.items()
        }
    answers = {name: tasks[name].result() for name in checks}
    warned = {name: said for name in warnings if (said := tasks[name].result()) != OK}
    ready = all(answer == OK for answer in answers.values())
    return web.json_response({"ready": ready, "checks": answers, "warnings": warned}, status=200 if ready else 503)


async def _answer(check: Check) -> str:
    """What *check* says, OK if that is nothing. A check that raises or does not answer has failed."""
    try:
        async with asyncio.timeout(CHECK_S):
            return (await check() or OK)[:REASON_CHARACTERS]
    except TimeoutError:
        return f"no answer within {CHECK_S:g} s"
    except Exception as error:  # noqa: BLE001 - fail closed: whatever breaks a check, the server is not known to be ready
        return f"check failed: {type(error).__name__}"


@web.middleware
async def _bare(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer unknown paths and methods without a body."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        headers = {name: value for name, value in refusal.headers.items() if name == hdrs.ALLOW}
        return web.Response(status=refusal.status, headers=headers)


async def _finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Say nothing of the software, and let nobody keep the answer."""
    del request
    response.headers.popall(hdrs.SERVER, None)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
