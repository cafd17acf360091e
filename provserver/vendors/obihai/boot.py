"""How an OBi device boots and what it understands of the file it gets: `boot`."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.obihai.rows import ITSP

_SERVICE = "VoiceService.1.VoiceProfile.1.Line."
_ENABLE = re.compile(re.escape(_SERVICE) + r"(\d+)\.Enable")
_OBJECT, _STRUCT = ("Object", "Name"), ("ParameterValueStruct", "Name")


def user_agent(phone: SimulatedPhone) -> str:
    """The User-Agent of *phone*, e.g. "OBIHAI/OBi202-3.2.2.5921"."""
    return f"OBIHAI/{phone.model}-{phone.firmware}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """The file of its model, as made, then its own, wherever the first has pointed it. Source: sheet obihai 1 (M)."""
    own = f"{phone.mac.upper}.xml"
    reply = yield Fetch(f"{phone.model}.xml")
    settings = read_settings(reply.body) if reply.ok else {}
    reply = yield Fetch(settings.get(f"{ITSP}ConfigURL", own))
    if reply.ok:
        settings |= read_settings(reply.body)
    return Booted(accounts=tuple(_accounts(settings)), next_url=settings.get(f"{ITSP}ConfigURL"))


def read_settings(body: bytes) -> dict[str, str]:
    """Read every parameter under its whole name; nothing of a file that is no XML or has a document type."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text.append
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it
    except (expat.ExpatError, _DoctypeFound):
        return {}
    return reader.settings


class _DoctypeFound(Exception):
    """A device's file has no document type; one that has is not read."""


class _Reader:
    """Collects the values of ``Object`` / ``ParameterValueStruct`` pairs."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self.text: list[str] = []
        self._open: list[str] = []
        self._object = self._name = ""

    def refuse(self, *_declaration: object) -> None:
        raise _DoctypeFound

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._open.append(name)
        self.text.clear()

    def end(self, _name: str) -> None:
        value = "".join(self.text)
        where = tuple(self._open[-2:])
        if where == _OBJECT:
            self._object = value
        elif where == _STRUCT:
            self._name = value
        elif self._open[-1] == "Value":
            self.settings[self._object + self._name] = value
        self._open.pop()
        self.text.clear()


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    on = (int(found[1]) for name, value in settings.items() if value == "true" and (found := _ENABLE.fullmatch(name)))
    for number in sorted(on):
        prefix = f"{_SERVICE}{number}."
        profile = ord(settings.get(f"{prefix}X_ServProvProfile", "A")) - ord("A") + 1
        yield Account(
            number=number,
            user_name=settings.get(f"{prefix}SIP.URI", ""),
            password=settings.get(f"{prefix}SIP.AuthPassword"),
            auth_name=settings.get(f"{prefix}SIP.AuthUserName"),
            registrar=settings.get(f"VoiceService.1.VoiceProfile.{profile}.SIP.RegistrarServer"),
        )
