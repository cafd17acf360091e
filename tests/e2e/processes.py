"""Programs of others that a test starts, and ends by their own process ids, within a limit of time."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

LIMIT_S = 30.0  # for anything that a program should do; the slowest (a softphone's start) takes 2 s on a slow machine
STOP_S = 5.0  # to end by itself; softphones take leave of their registrar first


def locate(program: str) -> str | None:
    """Where *program* is on this machine, if at all. Servers are in sbin, which not everybody's PATH has."""
    return shutil.which(program, path=os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin"]))


def missing(*programs: str) -> list[str]:
    """Those of *programs* that this machine does not have."""
    return [program for program in programs if locate(program) is None]


def free_port(kind: socket.SocketKind) -> int:
    """A port of the loopback interface that nobody uses now, for programs that cannot choose one themselves."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def running(
    *command: str, env: Mapping[str, str], output: Path, cwd: Path | None = None, merged: bool = False
) -> AsyncIterator[Process]:
    """
    Run *command* with nothing but *env*, its standard output in the file *output*, standard error too if *merged*.

    Standard input is a pipe, and so is standard error otherwise. It leads a process group of its own, so that what it
    starts ends with it.
    """
    program, *arguments = command
    with output.open("ab") as stdout:
        process = await asyncio.create_subprocess_exec(
            locate(program) or program,
            *arguments,
            cwd=cwd,
            env=dict(env),
            stdin=PIPE,
            stdout=stdout,
            stderr=STDOUT if merged else PIPE,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await stop(process)


async def stop(process: Process) -> None:
    """End *process*: politely, then not."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        if not await _ended(process):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the group it leads, see `running`
    if process.stdin is not None:
        process.stdin.close()
    if process.stderr is not None:
        await process.stderr.read()  # to its end, which closes the pipe
    await process.wait()


async def _ended(process: Process) -> bool:
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        return False
    return True
