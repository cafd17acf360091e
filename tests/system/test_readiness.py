"""What `/readyz` says of a real server that can serve some phones and not others, or that somebody should look at."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.system.fleet import WAIT_S, Wish, put_phones, reading, until_stored
from tests.system.inside import deliver, running
from tests.system.room import no_room
from tests.system.server import Nursery, Server, log_of, opened, settings_for
from tests.system.wire import fetch

_LOOK_S = 0.1
FULL = "no room left to write to the data directory; nothing was changed"


async def test_on_a_full_disk_it_is_not_ready_and_serves_whom_it_can(nursery: Nursery, tmp_path: Path) -> None:
    """Nobody has to be refused first; phones whose clocks run get their files, and with room it is ready again."""
    data = tmp_path / "data"
    async with running(settings_for(data)) as services:
        tenant = await services.tenants.add("demo")
        (known,) = await put_phones(services, tenant, [Wish(number=1)])
        await deliver(services, known)

    async with nursery.serving(data, tmp_path / "log") as server:
        await fetch(server.phone, known.by_token)
        await until_stored(data, "SELECT 1 FROM device WHERE lasting_used_at IS NOT NULL")
        before = await _until(server, ready=True)
        with no_room(server, 0):
            during = await _until(server, ready=False)
            served = await fetch(server.phone, known.by_token)
        after = await _until(server, ready=True)

    assert before["checks"]["writing"] == after["checks"]["writing"] == "ok"
    assert during["checks"] == {"store": "ok", "writing": FULL, "keystore": "ok", "jobs": "ok"}
    assert known.mark in served.body


async def test_a_store_that_is_busy_is_not_full(nursery: Nursery, tmp_path: Path) -> None:
    """An import of thousands holds the write lock for seconds; taking the server out for that would be wrong."""
    data = tmp_path / "data"
    async with opened(settings_for(data)):
        pass

    async with nursery.serving(data, tmp_path / "log") as server:
        await _until(server, ready=True)
        await asyncio.sleep(3.1)  # it tries no more than every three seconds
        with closing(sqlite3.connect(data / "state.sqlite3", isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            answer = await _ask(server)
            busy.execute("ROLLBACK")

    assert answer["ready"]


async def test_an_audit_trail_that_was_cut_off_is_a_warning(nursery: Nursery, tmp_path: Path) -> None:
    """Phones are served; the operator sees it in three places."""
    data = tmp_path / "data"
    for name in ("one", "two"):
        async with opened(settings_for(data)) as services:
            await services.tenants.add(name)
    with reading(data) as state:
        state.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
        state.commit()

    async with nursery.serving(data, tmp_path / "log") as server:
        answer = await _until(server, ready=True)
        metrics = (await fetch(server.ops, "/metrics")).body.decode()
        while 'provserver_warnings{warning="audit"} 1.0' not in metrics:
            await asyncio.sleep(_LOOK_S)
            metrics = (await fetch(server.ops, "/metrics")).body.decode()

    assert answer["warnings"]["audit"].startswith("audit trail: it ends at entry 2, and the anchor of ")
    assert [line["event"] for line in log_of(tmp_path / "log")].count("audit.broken") == 1


async def _ask(server: Server) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((await fetch(server.ops, "/readyz")).body)
    return answer


async def _until(server: Server, *, ready: bool) -> dict[str, Any]:
    """Ask until it is ready, or is not."""
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await _ask(server)
            if answer["ready"] is ready:
                return answer
            await asyncio.sleep(_LOOK_S)
