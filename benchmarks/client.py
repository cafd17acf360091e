"""
A load client that costs little: raw HTTP/1.1 over keep-alive connections, requests made beforehand, answers counted.

Run as a process of its own: `python -m benchmarks.client HOST PORT CONNECTIONS SECONDS FILE` reads requests from FILE
(one path and User-Agent a line, tab between), goes round them, and prints one JSON object. With SECONDS 0 it sends each
request once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import cast

from benchmarks.loops import new_loop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"Content-Length: "


class Run:
    """What all connections share: the requests, whose turn it is, and what came back."""

    def __init__(self, requests: list[bytes], *, seconds: float) -> None:
        self.requests = requests
        self.seconds = seconds
        self.next = count().__next__
        self.by_status: dict[int, int] = {}
        self.body_bytes = 0
        self.stop_at = float("inf")
        self.finished = 0

    def take(self) -> bytes | None:
        """The next request, or None when it is over."""
        position = self.next()
        if self.seconds == 0:
            return self.requests[position] if position < len(self.requests) else None
        if position & 63 == 0 and time.perf_counter() >= self.stop_at:
            self.stop_at = 0.0
        return self.requests[position % len(self.requests)] if self.stop_at else None


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its answer, the next request."""

    def __init__(self, run: Run, done: asyncio.Future[None]) -> None:
        self._run = run
        self._done = done
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's do not inherit from asyncio's
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        data = self._buffer + data if self._buffer else data
        end = data.find(_HEAD_END)
        if end < 0:
            self._buffer = data
            return
        at = data.find(_LENGTH, 0, end + 2)
        length = int(data[at + len(_LENGTH) : data.index(b"\r", at)]) if at >= 0 else 0
        if len(data) < end + 4 + length:
            self._buffer = data
            return
        self._buffer = b""
        run = self._run
        status = int(data[9:12])
        run.by_status[status] = run.by_status.get(status, 0) + 1
        run.body_bytes += length
        run.finished += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """An unexpected end is an error of the run."""
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        request = self._run.take()
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._transport.write(request)


async def load(host: str, port: int, *, connections: int, run: Run) -> dict[str, object]:
    """Run the load and say how it went: requests, seconds, rate, statuses, mean body size."""
    loop = asyncio.get_running_loop()
    futures = []
    started = time.perf_counter()
    run.stop_at = started + run.seconds if run.seconds else float("inf")
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(lambda done=done: Connection(run, done), host, port)  # type: ignore[misc]
        futures.append(done)
    await asyncio.gather(*futures)
    seconds = time.perf_counter() - started
    return {
        "requests": run.finished,
        "seconds": seconds,
        "rate": run.finished / seconds,
        "by_status": run.by_status,
        "mean_bytes": run.body_bytes / max(1, run.finished),
    }


def encode(host: str, port: int, line: str) -> bytes:
    """One request as bytes, from ``path<TAB>User-Agent``."""
    path, _, agent = line.partition("\t")
    return f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n".encode()


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    host, port, connections, seconds, file = arguments
    requests = [encode(host, int(port), line) for line in Path(file).read_text().splitlines()]
    loop = new_loop()
    run = Run(requests, seconds=float(seconds))
    print(json.dumps(loop.run_until_complete(load(host, int(port), connections=int(connections), run=run))))
    loop.close()


if __name__ == "__main__":
    main(sys.argv[1:])
