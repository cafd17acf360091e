"""How an Htek boots, for simulations: files in the maker's order, the last of them XML. Source: sheet htek 1 (H)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.htek.accounts import MAX_ACCOUNTS, PROFILES, account_number, profile_number
from provserver.vendors.htek.models import device_code

_PARAMETER = re.compile(r"P\d+")


class _DoctypeFound(Exception):
    """A phone's file has no document type; one that has is not read."""


def user_agent(phone: SimulatedPhone) -> str:
    """What the phone calls itself over HTTP."""
    return f"Htek {phone.model} {phone.firmware} {phone.mac.colons}"


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a bare base URL."""
    code = device_code(phone.model)
    settings: dict[str, str] = {}
    common = (f"factory{code}.bin", f"cfg{code}.xml") if code else ()
    for name in (*common, f"{phone.mac}.cfg", f"cfg{phone.mac}", f"cfg{phone.mac}.xml"):
        reply = yield Fetch(name)
        if reply.ok and name.endswith(".xml"):
            settings |= read_settings(reply.body)
    return Booted(accounts=tuple(_accounts(settings)), next_url=settings.get("P237") or None)


def read_settings(body: bytes) -> dict[str, str]:
    """The parameters of ``<config>``; nothing of a file that is no XML."""
    reader = _Reader()
    try:
        reader.read(body)
    except (expat.ExpatError, _DoctypeFound):
        return {}
    return reader.settings


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    for number in range(1, MAX_ACCOUNTS + 1):
        if settings.get(account_number("active", number)) != "1":
            continue
        profile = int(settings.get(account_number("profile", number), "0")) + 1
        server = settings.get(profile_number("server", profile)) if profile <= PROFILES else None
        yield Account(
            number=number,
            user_name=settings.get(account_number("user", number), ""),
            password=settings.get(account_number("password", number)),
            auth_name=settings.get(account_number("auth", number)),
            registrar=server.rpartition(":")[0] if server else None,
        )


class _Reader:
    """Collects the elements that are called after a number."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self._open: list[str] = []
        self._text: list[str] = []

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords; True: this is all of it

    def _refuse(self, *_declaration: object) -> None:
        raise _DoctypeFound

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._open.append(name)
        self._text.clear()

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._open == ["hl_provision", "config"] and _PARAMETER.fullmatch(name):
            self.settings[name] = "".join(self._text)
