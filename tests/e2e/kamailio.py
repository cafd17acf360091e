"""A real registrar: Kamailio, with accounts in its configuration and digest authentication, on a port of loopback."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.processes import LIMIT_S, free_port, running

PROGRAM = "kamailio"
HOST = "127.0.0.1"
_READY = "registrar is ready"
_EVENT = re.compile(r"registrar (?P<what>accepted|refused) <(?P<user>.*?)> <(?P<auth>.*?)> <(?P<expires>\d+)>")
_TAIL_LINES = 20  # of what it said, when it did not do what was expected

# Memory for one phone: 32 MB shared, 4 MB a process (-m, -M); two worker processes.
_CONFIG = """\
#!KAMAILIO
debug=2
log_stderror=yes
children=2
auto_aliases=no
listen=udp:{host}:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
event_route[core:worker-one-init] {{
  xlog("L_NOTICE", "{ready}\\n");
}}
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (!is_method("REGISTER")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
  $var(ha1) = "";
{accounts}
  if ($var(ha1) == "") {{ sl_send_reply("404", "Not Found"); exit; }}
  if (!pv_www_authenticate("{realm}", "$var(ha1)", "1")) {{
    if (is_present_hf("Authorization")) {{
      xlog("L_NOTICE", "registrar refused <$tU> <$au> <$hdr(Expires)>\\n");
    }}
    www_challenge("{realm}", "1");
    exit;
  }}
  save("location");
  xlog("L_NOTICE", "registrar accepted <$tU> <$au> <$hdr(Expires)>\\n");
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipAccount:
    """Who may register, and how that is proven."""

    user: str
    auth_name: str
    password: str

    def ha1(self, realm: str) -> str:
        """RFC 2617 3.2.2.2, computed here: the configuration then needs no quoting for any password."""
        text = f"{self.auth_name}:{realm}:{self.password}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A REGISTER that carried credentials. *expires_s* 0 is taking leave."""

    accepted: bool
    user: str
    auth_name: str
    expires_s: int


class Registrar:
    """A Kamailio that is up."""

    def __init__(self, process: Process, port: int) -> None:
        self._process = process
        self._said: list[str] = []
        self.port = port

    @property
    def address(self) -> str:
        """What goes into a phone's configuration."""
        return f"{HOST}:{self.port}"

    async def attempt(self, *, registering: bool = True) -> Attempt:
        """The next attempt to register (or to take leave). TimeoutError when there is none within the limit."""
        while True:
            found = _EVENT.search(await self.line_with("registrar "))
            if found is not None and (int(found["expires"]) > 0) is registering:
                return Attempt(
                    accepted=found["what"] == "accepted",
                    user=found["user"],
                    auth_name=found["auth"],
                    expires_s=int(found["expires"]),
                )

    async def line_with(self, text: str) -> str:
        """The next line of its log that has *text* in it."""
        assert self._process.stderr is not None
        try:
            async with asyncio.timeout(LIMIT_S):
                while line := (await self._process.stderr.readline()).decode(errors="replace"):
                    self._said.append(line)
                    if text in line:
                        return line
        except TimeoutError as error:
            error.add_note(f"kamailio said nothing with {text!r} in {LIMIT_S} s, but:\n{self._tail()}")
            raise
        msg = f"kamailio ended:\n{self._tail()}"
        raise RuntimeError(msg)

    def _tail(self) -> str:
        return "".join(self._said[-_TAIL_LINES:])


@asynccontextmanager
async def registrar(
    folder: Path, accounts: Iterable[SipAccount], *, realm: str = HOST, port: int | None = None
) -> AsyncIterator[Registrar]:
    """Start one for *accounts*, its files in *folder*; it is ready for requests when it is handed over."""
    port = port or free_port(socket.SOCK_DGRAM)
    config = _write_config(folder, accounts, realm=realm, port=port)
    command = (PROGRAM, "-f", str(config), "-w", str(folder), "-Y", str(folder), "-DD", "-m", "32", "-M", "4")
    async with running(*command, env={"PATH": os.environ["PATH"]}, output=folder / "kamailio.out") as process:
        server = Registrar(process, port)
        await server.line_with(_READY)
        yield server


def _write_config(folder: Path, accounts: Iterable[SipAccount], *, realm: str, port: int) -> Path:
    choices = "\n".join(
        f'  if ($tU == "{account.user}") {{ $var(ha1) = "{account.ha1(realm)}"; }}' for account in accounts
    )
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "kamailio.cfg"
    config.write_text(
        _CONFIG.format(host=HOST, port=port, ready=_READY, realm=realm, accounts=choices), encoding="utf-8"
    )
    return config
