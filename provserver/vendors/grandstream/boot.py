"""How a Grandstream device boots, for simulations: the binary file, its own, and behind them the common ones."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.vendor import Simulation

MODEL, FIRMWARE = "GXP2170", "1.0.11.85"
_ACCOUNT = re.compile(r"account\.(\d+)\.enable")
_SCHEMES = {"1": "http", "2": "https", "HTTP": "http", "HTTPS": "https"}
# Four accounts of a phone told by P-values: on, server, user, name for the digest, password (sheet grandstream 5, H).
_NUMBERED = {
    1: ("P271", "P47", "P35", "P36", "P34"),
    **{n: tuple(f"P{n + 2}{digits}" for digits in ("01", "02", "04", "05", "06")) for n in (2, 3, 4)},
}
_NAMED = ("enable", "sip.server.1.address", "sip.userid", "sip.subscriber.userid", "sip.subscriber.password")


class _Refused(Exception):
    """The file is not for this device, or none of its kind."""


@dataclass(slots=True)
class _Reader:
    """Collects ``<P271>1</P271>`` and ``<item name="…">…</item>``; refuses the file of another MAC."""

    mac: str
    settings: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)

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
        if not self._open and name != "gs_provision":
            raise _Refused
        self._open.append(attributes.get("name", "") if name == "item" else name)
        self._text.clear()

    def _end(self, name: str) -> None:
        text, opened = "".join(self._text).strip(), self._open.pop()
        if name == "mac" and text.lower() != self.mac:
            raise _Refused
        if self._open[-1:] == ["config"]:
            self.settings[opened] = text


def user_agent(phone: SimulatedPhone) -> str:
    """What the device calls itself over HTTP."""
    return f"Grandstream Model HW {phone.model} SW {phone.firmware} DevId {phone.mac}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """The common files are asked only when the one with the MAC was refused: nothing is merged (sheet 1, H)."""
    yield Fetch(f"cfg{phone.mac}")
    for name in (f"cfg{phone.mac}.xml", f"cfg{phone.model.lower()}.xml", "cfg.xml"):
        reply = yield Fetch(name)
        if reply.ok:
            settings = _read(reply.body, phone)
            return Booted(accounts=tuple(_accounts(settings)), next_url=_next_url(settings))
    return Booted()


def _read(body: bytes, phone: SimulatedPhone) -> dict[str, str]:
    try:
        return _Reader(mac=phone.mac.value).read(body)
    except (expat.ExpatError, _Refused):
        return {}


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    names = dict(_NUMBERED)
    for name in settings:
        found = _ACCOUNT.fullmatch(name)
        if found:
            names[int(found[1])] = tuple(f"account.{found[1]}.{end}" for end in _NAMED)
    for number, (active, server, user, auth, password) in sorted(names.items()):
        if settings.get(active) in ("1", "Yes") and settings.get(user):
            yield Account(
                number=number,
                user_name=settings[user],
                password=settings.get(password),
                auth_name=settings.get(auth),
                registrar=settings.get(server),
            )


def _next_url(settings: Mapping[str, str]) -> str | None:
    scheme = _SCHEMES.get(settings.get("P212") or settings.get("provisioning.config.protocol", ""))
    path = settings.get("P237") or settings.get("provisioning.config.serverPath")
    return f"{scheme}://{path}" if scheme and path else None


SIMULATION = Simulation(model=MODEL, firmware=FIRMWARE, user_agent=user_agent, boot=boot)
