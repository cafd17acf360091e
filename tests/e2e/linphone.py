"""
A real softphone: linphonec, with a home of its own, that starts with nothing but the URL of its configuration.

What it needs to run without a screen, a sound card or a person was found out with linphone-cli 5.1.65 of Debian 12.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.kamailio import HOST
from tests.e2e.processes import STOP_S, running

PROGRAM = "linphonec"
_SECTION = re.compile(r"\[(.+)\]")
_HTTP_ANSWER = re.compile(r"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)
# UDP from any free port (-1) of loopback, no TCP and TLS (-2).
_FIRST_CONFIGURATION = """\
[misc]
config-uri={url}
[sip]
sip_port=-1
sip_tcp_port=-2
sip_tls_port=-2
bind_address={host}
"""


class Softphone:
    """One installation of Linphone: its home folder, through as many starts as one likes."""

    def __init__(self, home: Path, *, url: str) -> None:
        self._home = home
        self._starts = 0
        self._file = home / "linphonerc"
        # Without this folder it cannot open its database, and stands still before its first request.
        for folder in (".local/share/linphone", ".config/linphone"):
            (home / folder).mkdir(parents=True)
        self._file.write_text(_FIRST_CONFIGURATION.format(url=url, host=HOST), encoding="utf-8")

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Start it: it fetches its configuration and registers. At the end it takes leave of its registrar."""
        self._starts += 1
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._home), "LANG": "C.UTF-8"}
        command = (PROGRAM, "-c", str(self._file), "-d", "6", "-l", str(self._log))
        async with running(*command, env=environment, output=self._home / "linphonec.out") as process:
            yield
            await _quit(process)

    def http_answers(self) -> list[int]:
        """The statuses that it got over HTTP since its last start, as it wrote them into its own log."""
        return [int(status) for status in _HTTP_ANSWER.findall(self._log.read_text(encoding="utf-8", errors="replace"))]

    def stored(self) -> dict[str, dict[str, str]]:
        """What it has written down for its next start, by section."""
        sections: dict[str, dict[str, str]] = {}
        current: dict[str, str] = {}
        for line in self._file.read_text(encoding="utf-8").splitlines():
            head = _SECTION.fullmatch(line)
            if head:
                current = sections.setdefault(head[1], {})
            elif "=" in line and not line.startswith("#"):
                name, _, value = line.partition("=")
                current[name] = value
        return sections

    @property
    def _log(self) -> Path:
        return self._home / f"linphonec-{self._starts}.log"


def has_network() -> bool:
    """
    Whether Linphone takes the network for up: it asks which of its addresses would reach a public one.

    Connecting a datagram socket sends nothing. The address is one of documentation (RFC 5737).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return False
    return True


async def _quit(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"quit\n")
    try:
        async with asyncio.timeout(STOP_S):
            await process.stdin.drain()
            assert process.stderr is not None
            await process.stderr.read()
            await process.wait()
    except (TimeoutError, ConnectionError):
        return  # `running` ends it
