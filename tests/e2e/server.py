"""The real server as its operator runs it: its own commands, in processes of their own, configured by environment."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e.kamailio import HOST
from tests.e2e.processes import LIMIT_S, free_port, running

_REPOSITORY = Path(__file__).resolve().parents[2]
_EACH = """
import json, sys
from provserver.cli import main
for command in json.loads(sys.argv[1]):
    try:
        main(command)
    except SystemExit as end:
        if end.code:
            raise
"""
_ATTEMPT_S = 0.1  # between attempts to reach a listener that is coming up


class Provserver:
    """
    One data directory below *folder*, with the commands that work on it.

    *program* is the folder that the program is in; *settings* are further ones, as ``SECTION__FIELD``. *limit_s* is
    for each command, and for the server to come up.
    """

    def __init__(self, folder: Path, *, program: Path = _REPOSITORY, limit_s: float = LIMIT_S, **settings: str) -> None:
        self._limit_s = limit_s
        self.data = folder / "data"
        self._program = program
        self.output = folder / "provserver.out"
        self._port = free_port(socket.SOCK_STREAM)
        self.url = f"http://{HOST}:{self._port}"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PROVSERVER_DATA__DIRECTORY": str(self.data),
            "PROVSERVER_PHONE__PORT": str(self._port),
            "PROVSERVER_PHONE__URL": self.url,
            "PROVSERVER_ADMIN__PORT": "0",  # the system chooses: nobody asks there
            "PROVSERVER_OPS__PORT": "0",
            **{f"PROVSERVER_{name}": value for name, value in settings.items()},
        }

    async def command(self, *arguments: str) -> str:
        """Run one command to its end; what it printed. A failure fails the test, with what it said."""
        return await self._run(*_program(*arguments))

    async def _run(self, *program: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *program, cwd=self._program, env=self._environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        try:
            async with asyncio.timeout(self._limit_s):
                printed, complaint = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        assert process.returncode == 0, f"{' '.join(program)}: {complaint.decode(errors='replace')}"
        return printed.decode()

    async def commands(self, *commands: tuple[str, ...]) -> str:
        """Run several commands one after the other in one process, which saves starting it; see `command`."""
        return await self._run(sys.executable, "-c", _EACH, json.dumps(commands))

    async def show(self, mac: str) -> dict[str, Any]:
        """What `device show` says of *mac*."""
        found: dict[str, Any] = json.loads(await self.command("device", "show", mac, "--json"))
        return found

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve phones; the listener accepts connections when it is handed over."""
        command = _program("serve")
        async with running(
            *command, env=self._environment, output=self.output, cwd=self._program, merged=True
        ) as process:
            async with asyncio.timeout(self._limit_s):
                while not await _accepts(self._port):
                    assert process.returncode is None, self.output.read_text(errors="replace")
                    await asyncio.sleep(_ATTEMPT_S)
            yield


def _program(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "provserver", *arguments)


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
