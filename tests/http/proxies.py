"""Real proxies in front of the listener, with the configurations that are shipped."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.http.wire import LIMIT_S

CONFIG = Path(__file__).parents[2] / "config"
HAPROXY, NGINX = shutil.which("haproxy"), shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
NEEDS_PROXIES = [
    pytest.mark.peer,
    pytest.mark.skipif(not (HAPROXY and NGINX), reason="not installed: haproxy, nginx (Debian: the same names)"),
]


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@asynccontextmanager
async def proxy(name: str, folder: Path, replaced: Mapping[str, str]) -> AsyncIterator[None]:
    """Run the proxy of ``config/<name>`` with some of its text *replaced*, until the end of the block."""
    text = (CONFIG / name).read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    file = folder / name
    file.write_text(text)
    if name.startswith("haproxy"):
        command = [HAPROXY, "-db", "-f", str(file)]
    else:
        file.write_text(f"daemon off;\nmaster_process off;\nerror_log {folder}/error.log;\n{text}")
        command = [NGINX, "-c", str(file), "-p", str(folder)]
    process = await asyncio.create_subprocess_exec(*(word for word in command if word))
    try:
        yield
    finally:
        process.terminate()
        async with asyncio.timeout(LIMIT_S):
            await process.wait()


async def accepting(port: int) -> None:
    """Wait until somebody accepts connections on *port*."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)
            else:
                writer.transport.abort()
                return
