"""The real CrowdSec on loopback, its local API alone: no agent, no central API, everything in one folder."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM, TOOL = shutil.which("crowdsec"), shutil.which("cscli")
MACHINE, PASSWORD = "provserver", "correct-horse-machine"
_LIMIT_S = 60  # a busy machine is no mistake of the code
_CONFIG = """\
common:
  daemonize: false
  log_media: stdout
  log_level: info
  working_dir: {folder}
config_paths:
  config_dir: {folder}
  data_dir: {folder}
  simulation_path: {folder}/simulation.yaml
  hub_dir: {folder}
  index_path: {folder}/.index.json
  notification_dir: {folder}
  plugin_dir: {folder}
db_config:
  type: sqlite
  db_path: {folder}/crowdsec.db
  use_wal: false
api:
  client:
    credentials_path: {folder}/client.yaml
  server:
    listen_uri: 127.0.0.1:{port}
    profiles_path: {folder}/profiles.yaml
prometheus:
  enabled: false
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAPIServer:
    """One that runs at *url*; our machine is known there."""

    url: str
    config: Path

    async def decisions(self) -> dict[str, dict[str, Any]]:
        """What it tells those who carry bans out, by target."""
        said = await self._tool("decisions", "list", "--all", "-o", "json")
        alerts = json.loads(said) or []
        return {decision["value"]: decision for alert in alerts for decision in alert["decisions"]}

    async def add(self, target: str) -> None:
        """Somebody else bans *target*."""
        await self._tool("decisions", "add", "--ip", target)

    async def delete(self, target: str) -> None:
        """Somebody takes every ban of *target* out."""
        await self._tool("decisions", "delete", "--ip", target)

    async def _tool(self, *arguments: str) -> str:
        return await asyncio.to_thread(tool, self.config, *arguments)


def tool(config: Path, *arguments: str) -> str:
    """What cscli says."""
    assert TOOL is not None
    done = subprocess.run(
        [TOOL, "-c", str(config), *arguments], capture_output=True, text=True, timeout=_LIMIT_S, check=True
    )
    return done.stdout


@asynccontextmanager
async def local_api(folder: Path) -> AsyncIterator[LocalAPIServer]:
    """Run it with everything in *folder*, which is there."""
    assert PROGRAM is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(folder=folder, port=port), encoding="utf-8")
    for name, text in (
        ("simulation.yaml", "simulation: false\n"),
        ("profiles.yaml", "name: none\n"),
        (".index.json", "{}"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    for name in (MACHINE, "tool"):  # ours, and the one that cscli itself logs in with
        credentials = folder / ("ours.yaml" if name == MACHINE else "client.yaml")
        await asyncio.to_thread(tool, config, "machines", "add", name, "--password", PASSWORD, "-f", str(credentials))
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "-c", str(config), "-no-cs", stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        await _listens(port, process, folder / "log")
        yield LocalAPIServer(url=f"http://127.0.0.1:{port}", config=config)
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while True:
            assert process.returncode is None, log
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
