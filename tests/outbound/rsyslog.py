"""Debian's rsyslog as a receiver of syslog on loopback, with what it has understood of each message."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
_LIMIT_S = 30  # for what takes a moment; a busy machine is no mistake of the code
_FIELDS = ("pri", "timestamp:::date-rfc3339", "hostname", "app-name", "procid", "msgid", "structured-data", "msg")
_CONFIG = """\
global(workDirectory="{folder}"{certificates})
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp"{driver})
template(name="fields" type="string" string="{fields}\\n")
input(type="imuxsock" Socket="{folder}/log" UseSpecialParser="off" ParseHostname="on" IgnoreTimestamp="off"
      RateLimit.Interval="0")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imtcp" address="127.0.0.1" port="{tcp}")
action(type="omfile" file="{folder}/messages" template="fields")
"""
_CERTIFICATES = (
    ' defaultNetstreamDriverCAFile="{ca}" defaultNetstreamDriverCertFile="{chain}"'
    ' defaultNetstreamDriverKeyFile="{chain}"'
)
_DRIVER = ' StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsyslog:
    """One that runs; *targets* by kind."""

    targets: dict[str, str]
    messages: Path

    async def received(self, count: int) -> list[list[str]]:
        """The first *count* messages: priority, time, host, program, process, kind, data, text."""
        async with asyncio.timeout(_LIMIT_S):
            while len(lines := self._lines()) < count:  # noqa: ASYNC110 - another process writes, and tells nobody
                await asyncio.sleep(0.05)
        return [line.split("\x01") for line in lines]

    def _lines(self) -> list[str]:
        """Whole ones."""
        text = self.messages.read_text() if self.messages.exists() else ""
        return text.split("\n")[:-1]


@asynccontextmanager
async def rsyslog(folder: Path, *, tls: bool = False) -> AsyncIterator[Rsyslog]:
    """Run it with everything in *folder*; with *tls* its TCP speaks that, by the files of `self_signed` there."""
    assert PROGRAM is not None
    with socket.create_server(("127.0.0.1", 0)) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        tcp, udp = one.getsockname()[1], other.getsockname()[1]
    config = folder / "rsyslog.conf"
    certificates = _CERTIFICATES.format(ca=folder / "trust.pem", chain=folder / "server.pem") if tls else ""
    fields = "\x01".join(f"%{name}%" for name in _FIELDS)
    config.write_text(
        _CONFIG.format(
            folder=folder, certificates=certificates, driver=_DRIVER if tls else "", fields=fields, udp=udp, tcp=tcp
        ),
        encoding="utf-8",
    )
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "-n", "-f", str(config), "-i", str(folder / "pid"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        await _listens(tcp)
        kind = "tls" if tls else "tcp"
        yield Rsyslog(
            targets={
                kind: f"{kind}://127.0.0.1:{tcp}",
                "udp": f"udp://127.0.0.1:{udp}",
                "unix": f"unix://{folder}/log",
            },
            messages=folder / "messages",
        )
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
