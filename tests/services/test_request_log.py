"""Every request is a row, in batches; what does not fit is counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from structlog.testing import capture_logs

from provserver.app import Services
from provserver.services.requests import request_log
from provserver.services.requests.request_log import RequestLog
from provserver.storage import requests
from provserver.storage.requests import REQUEST_COLUMNS

MAC = "805ec0000001"


def row(at: int, **values: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any column
    usual: dict[str, Any] = dict.fromkeys(REQUEST_COLUMNS, None) | {
        "at": at,
        "address": "192.0.2.1",
        "port": 1,
        "method": "GET",
        "path": "/x",
        "mac": MAC,
        "device_id": "d1",
        "user_agent": "Yealink",
        "outcome": "delivered",
        "status": 200,
        "size_bytes": 1,
        "duration_us": 1,
    }
    return tuple((usual | values)[name] for name in REQUEST_COLUMNS)


@pytest.fixture
def counts() -> Counter[str]:
    return Counter()


@pytest.fixture
def log(services: Services, counts: Counter[str]) -> RequestLog:
    """A log of at most five rows."""
    return RequestLog(
        services.storage, limit_rows=5, flush_s=0.01, counted=lambda result, rows: counts.update({result: rows})
    )


async def written(services: Services) -> list[int]:
    async with services.storage.read("requests") as tx:
        return sorted(one["at"] for one in await requests.requests_of(tx, MAC, limit=100_000))


async def last_seen(services: Services) -> dict[str, dict[str, Any]]:
    async with services.storage.read("requests") as tx:
        return await requests.last_seen(tx, ["d1", "d2"])


async def test_rows_wait_until_they_are_written(services: Services, log: RequestLog, counts: Counter[str]) -> None:
    for at in (1, 2, 3):
        log.add(row(at), firmware=None, is_device=False)
    assert (log.waiting, await written(services)) == (3, [])

    await log.flush()

    assert (log.waiting, await written(services)) == (0, [1, 2, 3])
    assert counts == {"written": 3}


async def test_a_full_queue_drops_and_counts(services: Services, log: RequestLog, counts: Counter[str]) -> None:
    for at in range(8):
        log.add(row(at), firmware=None, is_device=True)
    assert log.waiting == 5
    await log.flush()
    log.add(row(100), firmware=None, is_device=False)
    await log.flush()

    assert await written(services) == [0, 1, 2, 3, 4, 100]
    assert counts == {"written": 6, "dropped": 3}
    assert (await last_seen(services))["d1"]["at"] == 4


async def test_many_rows_are_written_in_batches(
    services: Services, counts: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "_BATCH_ROWS", 100)
    log = RequestLog(
        services.storage, limit_rows=1000, flush_s=1, counted=lambda result, rows: counts.update({result: rows})
    )
    for at in range(250):
        log.add(row(at), firmware=None, is_device=False)

    await log.flush()

    assert await written(services) == list(range(250))
    assert counts == {"written": 250}


async def test_only_a_device_is_seen_and_only_its_last_request_counts(services: Services, log: RequestLog) -> None:
    log.add(row(1), firmware="96.85", is_device=True)
    log.add(row(2, address="192.0.2.2"), firmware="96.86", is_device=True)
    log.add(row(3, address="203.0.113.9"), firmware=None, is_device=False)

    await log.flush()

    assert await last_seen(services) == {
        "d1": {"device_id": "d1", "at": 2, "address": "192.0.2.2", "user_agent": "Yealink", "firmware": "96.86"}
    }


async def test_what_cannot_be_written_is_counted_and_stops_nothing(
    services: Services, log: RequestLog, counts: Counter[str]
) -> None:
    log.add(row(1), firmware=None, is_device=False)
    log.add(row(2, address=None), firmware=None, is_device=False)
    with capture_logs() as logs:
        await log.flush()
    assert counts == {"dropped": 2}
    assert [entry["event"] for entry in logs] == ["request_log.failed"]

    log.add(row(3), firmware=None, is_device=False)
    await log.flush()

    assert await written(services) == [3]
    assert counts == {"dropped": 2, "written": 1}


async def test_an_empty_log_writes_nothing(services: Services, log: RequestLog, counts: Counter[str]) -> None:
    before = services.storage.file("requests").with_name("requests.sqlite3-wal").stat().st_size

    await log.flush()

    assert services.storage.file("requests").with_name("requests.sqlite3-wal").stat().st_size == before
    assert counts == {}


async def test_the_logs_task_writes_by_itself(services: Services) -> None:
    arrived = asyncio.Event()
    log = RequestLog(services.storage, limit_rows=5, flush_s=0.01, counted=lambda _result, _rows: arrived.set())
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(log.run())
        log.add(row(1), firmware=None, is_device=False)
        await arrived.wait()
        running.cancel()

    assert await written(services) == [1]


async def test_rows_that_come_while_others_are_written_are_kept(services: Services, log: RequestLog) -> None:
    log.add(row(1), firmware=None, is_device=False)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(log.flush())
        await asyncio.sleep(0)
        log.add(row(2), firmware=None, is_device=False)
    assert log.waiting == 1

    await log.flush()

    assert await written(services) == [1, 2]


async def test_a_stop_while_rows_are_written_loses_none(
    services: Services, log: RequestLog, counts: Counter[str]
) -> None:
    """A server that is told to stop cancels the log's task and then writes what is left."""
    for at in (1, 2, 3):
        log.add(row(at), firmware=None, is_device=True)
    async with asyncio.TaskGroup() as tasks:
        flushing = tasks.create_task(log.flush())
        await asyncio.sleep(0)
        flushing.cancel()

    await log.flush()

    assert await written(services) == [1, 2, 3]
    assert counts == {"written": 3}
    assert (await last_seen(services))["d1"]["at"] == 3
