"""How a Fanvil boots, for simulations: the common file, its own, and the file that describes the firmware."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.vendor import Simulation

MODEL, FIRMWARE = "X5U-V2", "2.12.16.17"
_COMMON_FILE, _FIRMWARE_FILE = "F0V5UV200000.cfg", "fanvil_x5u_v2_hwv2_0.txt"  # of an X5U-V2 (sheet fanvil 1, M)
_ROOTS = frozenset({"sysConf", "VOIP_CONFIG_FILE"})
_LINE = re.compile(r"(?:sip/line@|SIP_CONFIG_MODULE/SIP_Line_List/SIP_Line_List_Entry@SIP)(?P<number>\d+)/(?P<name>.+)")
_SCHEMES = {"4": "http", "5": "https"}


class _Refused(Exception):
    """No configuration of a phone."""


@dataclass(slots=True)
class _Reader:
    """Collects texts by the path of their element, ``sip/line@1/EnableReg``; an ``ID`` marks the element it is in."""

    settings: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _leaf: bool = False

    def read(self, body: bytes) -> dict[str, str]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it
        return self.settings

    def _refuse(self, *_declaration: object) -> None:
        raise _Refused

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name not in _ROOTS:
            raise _Refused
        self._open.append(f"{name}@{attributes['index']}" if "index" in attributes else name)
        self._text.clear()
        self._leaf = True

    def _end(self, name: str) -> None:
        path, text = "/".join(self._open[1:]), "".join(self._text)
        self._open.pop()
        if self._leaf and name == "ID":
            self._open[-1] += f"@{text}"
        elif self._leaf:
            self.settings[path] = text
        self._leaf = False


def user_agent(phone: SimulatedPhone) -> str:
    """What the device calls itself over HTTP."""
    return f"Fanvil {phone.model} {phone.firmware} {phone.mac}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Out of the box the common file is looked for too; a later file overrules an earlier one (sheet fanvil 1, H)."""
    settings: dict[str, str] = {}
    for name in (_COMMON_FILE, f"{phone.mac}.cfg"):
        settings |= _read((yield Fetch(name)))
    server = settings.get("fwCheck/UpgradeServer1")
    if server and settings.get("fwCheck/EnableAutoUpgrade") == "1":
        yield Fetch(f"{server}/{_FIRMWARE_FILE}")
    return Booted(accounts=tuple(_accounts(settings)), next_url=_next_url(settings, phone))


def _read(reply: Reply) -> dict[str, str]:
    """The parameters of a file; none of one that is not there, or not to be understood."""
    if not reply.ok:
        return {}
    try:
        return _Reader().read(reply.body)
    except (expat.ExpatError, _Refused):
        return {}


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    lines: dict[int, dict[str, str]] = {}
    for path, text in settings.items():
        found = _LINE.fullmatch(path)
        if found:
            lines.setdefault(int(found["number"]), {})[found["name"].replace("_", "")] = text
    for number, told in sorted(lines.items()):
        if told.get("EnableReg") == "1":
            yield Account(
                number=number,
                user_name=told.get("PhoneNumber", ""),
                password=told.get("RegisterPswd"),
                auth_name=told.get("RegisterUser"),
                registrar=f"{told.get('RegisterAddr')}:{told.get('RegisterPort')}",
            )


def _next_url(settings: Mapping[str, str], phone: SimulatedPhone) -> str | None:
    scheme = _SCHEMES.get(settings.get("ap/FlashProtocol") or settings.get(f"{_OLD}/Download_Protocol", ""))
    host = settings.get("ap/FlashServerIP") or settings.get(f"{_OLD}/Download_Server_IP")
    file = settings.get("ap/FlashFileName") or settings.get(f"{_OLD}/Config_File_Name")
    return f"{scheme}://{host}/{file.replace('$mac', phone.mac.value)}" if scheme and host and file else None


_OLD = "AUTOUPDATE_CONFIG_MODULE"
SIMULATION = Simulation(model=MODEL, firmware=FIRMWARE, user_agent=user_agent, boot=boot)
