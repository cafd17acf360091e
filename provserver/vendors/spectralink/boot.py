"""How an 84-Series phone starts: master file, the file it names, firmware, overrides, directory."""

from __future__ import annotations

import html
import re
from collections.abc import Generator

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone

VERSION = "5.4.7"
_NO_FILES = "000000000000"
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w.\-]*)\s*=\s*"([^"<]*)\"""")
_ADDRESS = re.compile(r"reg\.(\d+)\.address")


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "FileTransport SL-8440-UA/5.4.7"."""
    return f"FileTransport SL-{phone.model}-UA/{phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Start once; every miss is borne."""
    master = read_attributes((yield Fetch(f"{phone.mac}.cfg")))
    if not master:
        master = read_attributes((yield Fetch(f"{_NO_FILES}.cfg")))
    config: dict[str, str] = {}
    for name in filter(None, master.get("CONFIG_FILES", "").split(", ")):
        config |= read_attributes((yield Fetch(name)))
    if master.get("APP_FILE_PATH") == "sip.ld":
        yield Fetch("sip.ld")
    for ending in ("-phone.cfg", "-web.cfg", "-directory.xml"):
        yield Fetch(f"{phone.mac}{ending}")
    switched = config.get("device.set") == config.get("device.prov.serverName.set") == "1"
    numbers = sorted(int(found[1]) for found in map(_ADDRESS.fullmatch, config) if found)
    return Booted(
        accounts=tuple(_account(config, number) for number in numbers),
        next_url=config.get("device.prov.serverName") if switched else None,
    )


def read_attributes(reply: Reply) -> dict[str, str]:
    """All attributes of a file: elements and their nesting mean nothing to these phones."""
    if not reply.ok:
        return {}
    text = reply.body.decode("utf-8", errors="replace")
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _account(config: dict[str, str], number: int) -> Account:
    reg = f"reg.{number}."
    host, port = config.get(f"{reg}server.1.address"), config.get(f"{reg}server.1.port")
    return Account(
        number=number,
        user_name=config[f"{reg}address"],
        password=config.get(f"{reg}auth.password"),
        auth_name=config.get(f"{reg}auth.userId"),
        registrar=f"{host}:{port}" if host and port else host,
    )
