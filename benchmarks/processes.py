"""Servers and clients of a measurement, as processes: started, asked for their ports, watched, ended by their id."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server that listens."""

    name: str
    port: int
    pid: int

    @property
    def loop_s(self) -> float:
        """Processor time of its main thread so far, which is its event loop's, in seconds."""
        return _used_s(f"{self.pid}/task/{self.pid}")

    @property
    def processor_s(self) -> float:
        """Processor time of all its threads and children so far, in seconds."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(_used_s(process) for process in (str(self.pid), *children))

    @property
    def peak_mib(self) -> float:
        """The most memory it has had so far, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """
    What a client saw: requests a second, how many of each status, bytes of the mean body.

    *loop_us* is the processor time of the server's event loop for a request, in microseconds.
    """

    rate: float
    loop_us: float
    requests: int
    by_status: dict[str, int]
    mean_bytes: float


def _used_s(task: str) -> float:
    """Processor time of a process or thread below /proc, its own and the kernel's for it."""
    user, system = Path(f"/proc/{task}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


@contextmanager
def bare(size_bytes: int) -> Iterator[Target]:
    """The yardstick: a constant of *size_bytes*."""
    with _process("benchmarks.bare", str(size_bytes), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Target(name="bare", port=int(process.stdout.readline()), pid=process.pid)


@contextmanager
def redirection_service() -> Iterator[str]:
    """A maker's redirection service; gives its endpoint."""
    with _process("benchmarks.redirection", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()


@contextmanager
def provserver(directory: Path, *, certificate: Path | None = None) -> Iterator[Target]:
    """The server on *directory*, its log going to a file as in production; over TLS with a *certificate*."""
    with (directory / "log.jsonl").open("ab") as log:
        command = ("benchmarks.server", str(directory), *([str(certificate)] if certificate else []))
        with _process(*command, stdout=log, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            line = process.stderr.readline().split()
            if not line:
                raise RuntimeError("the server did not start")
            yield Target(name=directory.name, port=int(line[0]), pid=process.pid)


def load(target: Target, requests: Path, *, connections: int, seconds: float) -> Load:
    """Send *requests* (once each with 0 *seconds*) and count."""
    command = [sys.executable, "-m", "benchmarks.client", "127.0.0.1", str(target.port), str(connections)]
    before_s = target.loop_s
    output = subprocess.run(
        [*command, str(seconds), str(requests)], check=True, capture_output=True, timeout=seconds + 600
    )
    answer = json.loads(output.stdout)
    return Load(
        rate=answer["rate"],
        loop_us=(target.loop_s - before_s) / answer["requests"] * 1e6,
        requests=answer["requests"],
        by_status=answer["by_status"],
        mean_bytes=answer["mean_bytes"],
    )


@contextmanager
def _process(
    module: str, *arguments: str, stdout: IO[bytes] | int, stderr: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
