"""The request log keeps every request, and of each device when it was seen last."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest

from provserver.errors import StorageError
from provserver.storage import requests
from provserver.storage.database import Storage
from provserver.storage.requests import ADD_REQUESTS, REQUEST_COLUMNS, SET_LAST_SEEN

MAC = "805ec0000001"


def row(**values: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any column
    usual = {
        "at": 1,
        "address": "192.0.2.1",
        "port": 40_000,
        "method": "GET",
        "path": "/~0011/805ec0000001.cfg",
        "mac": MAC,
        "device_id": "d1",
        "vendor": "yealink",
        "user_agent": "Yealink",
        "tls_version": None,
        "outcome": "delivered",
        "reason": None,
        "status": 200,
        "size_bytes": 10,
        "duration_us": 500,
    }
    return tuple((usual | values)[name] for name in REQUEST_COLUMNS)


async def test_requests_are_found_by_mac_newest_first(storage: Storage) -> None:
    await storage.append("requests", ADD_REQUESTS, [row(at=at) for at in (2, 3, 1)] + [row(mac=None, at=9)])

    async with storage.read("requests") as tx:
        found = await requests.requests_of(tx, MAC, limit=2)

    assert [one["at"] for one in found] == [3, 2]
    assert {name: found[0][name] for name in REQUEST_COLUMNS} == dict(zip(REQUEST_COLUMNS, row(at=3), strict=True))
    assert orjson.loads(orjson.dumps(found)) == found


async def test_a_batch_is_written_whole_or_not_at_all(storage: Storage) -> None:
    with pytest.raises(StorageError, match="NOT NULL"):
        await storage.append("requests", ADD_REQUESTS, [row(), row(address=None)])

    async with storage.read("requests") as tx:
        assert await requests.requests_of(tx, MAC, limit=9) == []
    await storage.append("requests", ADD_REQUESTS, [row()])


async def test_a_device_is_seen_once_with_the_latest_facts(storage: Storage) -> None:
    await storage.append(
        "requests", SET_LAST_SEEN, [("d1", 1, "192.0.2.1", "old", "96.85"), ("d2", 1, "::1", "x", None)]
    )
    await storage.append("requests", SET_LAST_SEEN, [("d1", 2, "192.0.2.2", "new", None)])

    async with storage.read("requests") as tx:
        seen = await requests.last_seen(tx, ["d1", "d3"])

    assert seen == {"d1": {"device_id": "d1", "at": 2, "address": "192.0.2.2", "user_agent": "new", "firmware": None}}


async def test_old_requests_are_forgotten_and_counted(storage: Storage) -> None:
    """The oldest first, no more at once than others can wait for."""
    await storage.append("requests", ADD_REQUESTS, [row(at=at) for at in (4, 1, 2, 5, 3)])

    left = []
    for gone in (2, 1, 0):
        async with storage.transaction("requests") as tx:
            assert await requests.forget_old(tx, before_ms=4, limit=2) == gone
            left.append([one["at"] for one in await requests.requests_of(tx, MAC, limit=9)])

    assert [sorted(times) for times in left] == [[3, 4, 5], [4, 5], [4, 5]]


async def test_a_removed_device_was_never_seen(storage: Storage) -> None:
    await storage.append("requests", SET_LAST_SEEN, [("d1", 1, "192.0.2.1", "x", None), ("d2", 1, "::1", "x", None)])

    async with storage.transaction("requests") as tx:
        await requests.forget_device(tx, "d1")
        assert list(await requests.last_seen(tx, ["d1", "d2"])) == ["d2"]


async def test_two_who_append_for_the_first_time_at_once_leave_no_connection_behind(directory: Path) -> None:
    """A connection that nobody closes has a thread that keeps the process from ending."""
    before = threading.active_count()
    storage = Storage(directory)
    await storage.open()
    await asyncio.gather(*(storage.append("requests", ADD_REQUESTS, [row()]) for _ in range(4)))

    await storage.close()

    async with asyncio.timeout(10):  # a thread that was told to end has still to do so
        while threading.active_count() > before:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
