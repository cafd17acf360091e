"""SIGHUP makes a running server take its certificates from the disk again, and no connection is dropped for it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

from tests.http.tls import NAME, make, phone
from tests.http.wire import LIMIT_S, Wire, connected, request
from tests.system.server import Nursery, Server, log_of


async def test_a_hangup_renews_certificates_and_drops_nobody(nursery: Nursery, tmp_path: Path) -> None:
    output, first = tmp_path / "log", make(tmp_path, NAME)
    tls = {"TLS__CERTIFICATES": str(first.file), "TLS__PORT": "0"}
    async with nursery.serving(tmp_path / "data", output, **tls) as server:
        host, _, port = str(log_of(output)[-1]["tls"]).rpartition(":")
        async with connected(host, int(port), tls=phone(), name=NAME) as old:
            assert await answered(old)
            second = make(tmp_path, NAME)  # into the same file

            os.kill(server.pid, signal.SIGHUP)
            await said(output, "certificate.loaded")

            async with connected(host, int(port), tls=phone(), name=NAME) as new:
                assert await answered(new)
                assert new.agreed.getpeercert(binary_form=True) == second.der
            assert await answered(old)
            assert old.agreed.getpeercert(binary_form=True) == first.der

            first.file.write_text("half of a fi")
            os.kill(server.pid, signal.SIGHUP)
            await said(output, "certificate.unusable")

            assert await answered(old)
            async with connected(host, int(port), tls=phone(), name=NAME) as new:
                assert await answered(new)
        assert await warnings(server) == {}


async def answered(wire: Wire) -> bool:
    """Whether a request gets an answer, which here is the refusal."""
    await wire.send(request("GET", "/x"))
    return (await wire.reply()).status == 404


async def said(output: Path, event: str) -> None:
    """Wait for *event* in the log."""
    async with asyncio.timeout(LIMIT_S):
        while event not in text_of(output):  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(0.01)


def text_of(output: Path) -> str:
    """What the server has said so far, its last line maybe only in part."""
    return output.read_text()


async def warnings(server: Server) -> object:
    """What the operator is warned of."""
    async with connected(*server.ops) as wire:
        await wire.send(request("GET", "/readyz"))
        return json.loads((await wire.reply()).body)["warnings"]
