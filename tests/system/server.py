"""The real server in a process of its own, on ports that the system chooses, and its data directory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from provserver.app import Services, build, initialise
from provserver.clock import Clock
from provserver.settings import DataSettings, PhoneSettings, Settings
from tests.system.wire import LIMIT_S, Address

ROOT = Path(__file__).resolve().parents[2]
URL = "http://phones.example.com"
_LOOK_S = 0.01  # between looks at the log of a server that is coming up
_STOP_S = 20.0  # a phone that is slow to take its answer is waited for, 5 s and again 5 s


def settings_for(directory: Path, **sections: object) -> Settings:
    """The settings by which this process works on the data that a server has."""
    return Settings(data=DataSettings(directory=directory), phone=PhoneSettings(port=0, url=URL), **sections)  # type: ignore[arg-type]


def environment(directory: Path, **settings: str) -> dict[str, str]:
    """The same, as a server's environment; *settings* as ``SECTION__FIELD``."""
    return {
        "PROVSERVER_DATA__DIRECTORY": str(directory),
        "PROVSERVER_PHONE__PORT": "0",
        "PROVSERVER_PHONE__URL": URL,
        "PROVSERVER_OPS__PORT": "0",
        "PROVSERVER_LOG__FORMAT": "json",
        **{f"PROVSERVER_{name}": value for name, value in settings.items()},
    }


@asynccontextmanager
async def opened(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Services]:
    """The services on a data directory as a command has them, which is made if it is not there."""
    await initialise(settings, clock=clock)
    async with build(settings, clock=clock) as services:
        yield services


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that accepts connections."""

    pid: int
    phone: Address
    ops: Address

    def kill(self) -> None:
        """Like a power cut, for this process."""
        os.kill(self.pid, signal.SIGKILL)


class Nursery:
    """Servers that start at once, one after the other; see `entry`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.entry"],
            cwd=ROOT,
            env=_inherited(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: int | None = None

    @asynccontextmanager
    async def serving(self, directory: Path, output: Path, **settings: str) -> AsyncIterator[Server]:
        """A server on *directory* whose log goes to *output*; it is stopped at the end if it still runs."""
        seen = _size(output)
        order = {"environment": environment(directory, **settings), "output": str(output)}
        pid = int(await asyncio.to_thread(self._order, json.dumps(order)))
        self._running = pid
        try:
            phone, ops = await _addresses(output, seen)
            yield Server(pid=pid, phone=phone, ops=ops)
        except BaseException:
            self.signal(signal.SIGKILL)
            raise
        finally:
            self.signal(signal.SIGTERM)
            await self.ended()

    async def refused(self, directory: Path, output: Path, **settings: str) -> str:
        """Start a server that must not start; what it said on its way out, line by line."""
        order = {"environment": environment(directory, **settings), "output": str(output)}
        seen = _size(output)
        self._running = int(await asyncio.to_thread(self._order, json.dumps(order)))
        code = await self.ended()
        said = _said(output, seen).decode()
        assert code == 1, said
        return said

    async def cut(self, directory: Path, work: str, *, steps: int) -> int:
        """Have *work* (see `works`) done on *directory*, and killed after *steps*; its exit code, -9 if it was."""
        order = {"environment": {}, "output": str(directory.parent / "cut.log")}
        self._running = int(
            await asyncio.to_thread(
                self._order, json.dumps({**order, "directory": str(directory), "work": work, "steps": steps})
            )
        )
        code = await self.ended()
        assert code is not None
        return code

    def signal(self, number: int) -> None:
        """Send a signal to the server that runs, if one does."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._running, number)

    async def ended(self) -> int | None:
        """Wait for the end of the server; its exit code, negative for a signal. None: there is none any more."""
        if self._running is None:
            return None
        pid = self._running
        try:
            async with asyncio.timeout(_STOP_S):
                code = await asyncio.to_thread(self._answer)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise
        finally:
            self._running = None
        return int(code)

    def close(self) -> None:
        """Let the process go."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.signal(signal.SIGKILL)
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def _order(self, line: str) -> str:
        _pipe(self._process.stdin).write(line + "\n")
        _pipe(self._process.stdin).flush()
        return self._answer()

    def _answer(self) -> str:
        line = _pipe(self._process.stdout).readline()
        assert line, "the process that starts servers has ended"
        return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that came to its end."""

    code: int
    said: str
    complained: str


async def command(directory: Path, *arguments: str, **settings: str) -> Ended:
    """A command as an operator gives it, to its end: ``serve`` only where it must refuse."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "provserver",
        *arguments,
        cwd=ROOT,
        env={**_inherited(), **environment(directory, **settings)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            said, complained = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode is not None
    return Ended(code=process.returncode, said=said.decode(), complained=complained.decode())


def log_of(output: Path) -> list[dict[str, object]]:
    """The JSON lines of a server's log; what is no JSON fails."""
    return [json.loads(line) for line in output.read_text().splitlines()]


async def _addresses(output: Path, seen: int) -> tuple[Address, Address]:
    """Wait for the line that says where the server listens, after the first *seen* bytes of its log."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            for line in _said(output, seen).split(b"\n")[:-1]:
                if b'"server.started"' in line:
                    facts = json.loads(line)
                    return _address(facts["plain"]), _address(facts["ops"])
                if not line.startswith(b"{"):
                    raise AssertionError(_said(output, seen).decode())
            await asyncio.sleep(_LOOK_S)


def _said(output: Path, seen: int) -> bytes:
    """What came after the first *seen* bytes."""
    return output.read_bytes()[seen:] if output.exists() else b""


def _size(output: Path) -> int:
    return output.stat().st_size if output.exists() else 0


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _inherited() -> Mapping[str, str]:
    """What a process needs from us, and none of our own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PROVSERVER_")}


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
