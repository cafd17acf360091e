"""The operator's listener, over a real socket."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientResponse, ClientSession, web
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from provserver.http import ops
from provserver.http.ops import Check, build_ops
from provserver.metrics import Metrics

Ask = Callable[..., Awaitable[tuple[ClientResponse, bytes]]]


def fresh() -> Metrics:
    return Metrics(registry=CollectorRegistry(), vendors=("yealink",), version="0.1.0")


@asynccontextmanager
async def listening(metrics: Metrics, checks: dict[str, Check]) -> AsyncIterator[Ask]:
    """An ops listener with *checks*; gives a function that asks it: path, method → (response, body)."""
    runner = web.AppRunner(build_ops(metrics, checks), access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with ClientSession() as session:

        async def ask(path: str, method: str = "GET") -> tuple[ClientResponse, bytes]:
            async with session.request(method, base + path) as response:
                return response, await response.read()

        yield ask
    await runner.cleanup()


async def fine() -> None:
    return None


async def full() -> str:
    return "disk is full"


async def broken() -> str:
    raise OSError("password=hunter2")


async def silent() -> None:
    await asyncio.Event().wait()


async def wordy() -> str:
    return "\ud800é" * 1_000


async def test_metrics_are_what_prometheus_reads() -> None:
    metrics = fresh()
    metrics.request("yealink", "served", 0.1)

    async with listening(metrics, {}) as ask:
        response, body = await ask("/metrics")

    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    read = [sample for family in text_string_to_metric_families(body.decode()) for sample in family.samples]
    served = {"vendor": "yealink", "outcome": "served"}
    assert [s.value for s in read if s.name == "provserver_requests_total" and s.labels == served] == [1]


async def test_metrics_are_rendered_beside_the_loop_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = fresh()
    inside: list[bool] = []
    overlaps: list[bool] = []

    def render() -> bytes:
        assert threading.current_thread() is not threading.main_thread()
        overlaps.append(bool(inside))
        inside.append(True)
        threads_may_switch.wait(0.01)
        inside.pop()
        return b""

    threads_may_switch = threading.Event()  # never set: waiting for it lets other threads in
    monkeypatch.setattr(metrics, "render", render)

    async with listening(metrics, {}) as ask:
        answers = await asyncio.gather(*(ask("/metrics") for _ in range(4)))

    assert [response.status for response, _ in answers] == [200] * 4
    assert overlaps == [False] * 4


async def test_a_process_that_answers_is_healthy_whatever_the_checks_say() -> None:
    async with listening(fresh(), {"disk": full}) as ask:
        response, body = await ask("/healthz")

    assert (response.status, body) == (200, b"ok")


async def test_without_checks_it_is_ready() -> None:
    async with listening(fresh(), {}) as ask:
        response, body = await ask("/readyz")

    assert (response.status, json.loads(body)) == (200, {"ready": True, "checks": {}, "warnings": {}})


async def test_it_is_ready_when_every_check_is_content() -> None:
    async with listening(fresh(), {"store": fine, "keys": fine}) as ask:
        response, body = await ask("/readyz")

    assert response.status == 200
    assert response.content_type == "application/json"
    assert json.loads(body) == {"ready": True, "checks": {"store": "ok", "keys": "ok"}, "warnings": {}}


async def test_one_failing_check_is_enough_and_is_named() -> None:
    async with listening(fresh(), {"store": fine, "disk": full, "keys": broken}) as ask:
        response, body = await ask("/readyz")

    assert response.status == 503
    assert json.loads(body) == {
        "ready": False,
        "checks": {"store": "ok", "disk": "disk is full", "keys": "check failed: OSError"},
        "warnings": {},
    }


async def test_checks_that_do_not_answer_fail_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "CHECK_S", 0.05)
    started = asyncio.get_running_loop().time()

    async with listening(fresh(), {f"check {number}": silent for number in range(100)}) as ask:
        response, body = await ask("/readyz")

    assert response.status == 503
    assert set(json.loads(body)["checks"].values()) == {"no answer within 0.05 s"}
    assert asyncio.get_running_loop().time() - started < 4  # one after the other they would take five


async def test_a_reason_stays_short_and_printable() -> None:
    async with listening(fresh(), {"store": wordy}) as ask:
        _, body = await ask("/readyz")

    assert len(body) < 3_000
    assert body.isascii()
    assert len(json.loads(body)["checks"]["store"]) == 200


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
async def test_head_has_the_same_status_and_no_body(path: str) -> None:
    async with listening(fresh(), {"disk": full}) as ask:
        get, get_body = await ask(path)
        head, head_body = await ask(path, "HEAD")

    assert head.status == get.status
    assert head.headers["Content-Length"] == str(len(get_body))
    assert head_body == b""


@pytest.mark.parametrize("path", ["/", "/nonesuch", "/metrics/", "/healthz/x", "//metrics", "/%00"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_unknown_paths_are_an_empty_404(path: str, method: str) -> None:
    async with listening(fresh(), {}) as ask:
        response, body = await ask(path, method)

    assert (response.status, body) == (404, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
async def test_only_get_and_head_are_taken(method: str) -> None:
    async with listening(fresh(), {}) as ask:
        response, body = await ask("/metrics", method)

    assert (response.status, body) == (405, b"")
    assert response.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize(
    ("path", "method"), [("/metrics", "GET"), ("/healthz", "GET"), ("/x", "GET"), ("/metrics", "POST")]
)
async def test_no_answer_names_the_software_or_is_kept(path: str, method: str) -> None:
    async with listening(fresh(), {}) as ask:
        response, body = await ask(path, method)

    assert "Server" not in response.headers
    assert b"aiohttp" not in body
    assert response.headers["Cache-Control"] == "no-store"
