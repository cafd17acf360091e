"""A real Prometheus that looks at one server, with the rules of config/prometheus."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.e2e.processes import LIMIT_S, free_port, locate, running
from tests.system.wire import Address

CONFIG = Path(__file__).resolve().parents[2] / "config" / "prometheus"
RULES = CONFIG / "provserver.rules.yml"
PROGRAM, TOOL = "prometheus", "promtool"
_SHIPPED_TARGET, _SHIPPED_PACE = "127.0.0.1:9464", "15s"
_ATTEMPT_S = 0.1


class Prometheus:
    """Asked by its HTTP API at *url*."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - whatever the API gives
        """What the API says at *path*."""
        async with self._session.get(f"{self._url}/api/v1/{path}?{urlencode(query)}") as answer:
            text = await answer.text()
        said = json.loads(text)
        assert said["status"] == "success", text
        return said["data"]

    async def rules(self) -> list[dict[str, Any]]:
        """All rules, once each has been evaluated."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                rules = [rule for group in (await self.get("rules"))["groups"] for rule in group["rules"]]
                if rules and all(rule["health"] != "unknown" for rule in rules):
                    return rules
                await asyncio.sleep(_ATTEMPT_S)

    async def until_seen(self) -> None:
        """Wait until the server has been scraped."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                if await self._sees():
                    return
                await asyncio.sleep(_ATTEMPT_S)

    async def _sees(self) -> bool:
        try:
            found = (await self.get("query", query="up"))["result"]
        except (aiohttp.ClientError, json.JSONDecodeError):  # it is coming up, and says so in plain words
            return False
        return [series["value"][1] for series in found] == ["1"]


@asynccontextmanager
async def watching(target: Address, folder: Path) -> AsyncIterator[Prometheus]:
    """Prometheus with the shipped configuration, but for the address of the server and a quicker pace."""
    _configure(folder, target)
    at = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    command = (
        locate(PROGRAM) or PROGRAM,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={at}",
    )
    async with (
        running(*command, env={"HOME": str(folder)}, output=folder / "prometheus.out", merged=True),
        aiohttp.ClientSession() as session,
    ):
        prometheus = Prometheus(f"http://{at}", session)
        await prometheus.until_seen()
        yield prometheus


def _configure(folder: Path, target: Address) -> None:
    folder.mkdir()
    shutil.copy(RULES, folder)
    config = (CONFIG / "prometheus.yml").read_text()
    assert config.count(_SHIPPED_TARGET) == 1
    config = config.replace(_SHIPPED_TARGET, f"{target[0]}:{target[1]}").replace(_SHIPPED_PACE, "1s")
    (folder / "prometheus.yml").write_text(config)
