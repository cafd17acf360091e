"""
How a Snom phone boots, for simulations: the general file, the specific one, what they list, and the firmware file.

Source: sheet snom 1 (H). Settings are kept in flash one by one, so that the last file that names one decides.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.vendors.snom.models import is_base

_LISTED_MAX = 20  # a container lists the handful of blocks a file may have (sheet snom 4); more is a loop or a joke


@dataclass(slots=True)
class _Flash:
    """What the phone remembers: settings by name and account, files to fetch next."""

    settings: dict[tuple[str, int | None], str] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)

    def get(self, name: str, index: int | None = None) -> str | None:
        return self.settings.get((name, index))


class _DoctypeFound(Exception):
    """A phone's file has no document type; one that has is not read."""


def boot(phone: SimulatedPhone) -> Generator[Fetch, Reply, Booted]:
    """Boot with a bare base URL."""
    flash = _Flash()
    for name in (f"snom{phone.model}.htm", f"snom{phone.model}-{phone.mac.upper}.htm"):
        _take(flash, (yield Fetch(name)))
        for url in _listed(flash, phone):
            _take(flash, (yield Fetch(url)))
    firmware = flash.get("firmware_status")
    if firmware:
        yield Fetch(firmware)
    pointer = flash.get("setting_server")
    return Booted(
        accounts=tuple(_accounts(flash)),
        next_url=pointer.replace("{mac}", phone.mac.upper) if pointer else None,
    )


def user_agent(phone: SimulatedPhone) -> str:
    """What the phone calls itself over HTTP."""
    if is_base(phone.model):
        return f"Mozilla/4.0 (compatible; Snom {phone.model} {phone.firmware} {phone.mac})"
    return (
        f"Mozilla/4.0 (compatible; snom{phone.model}-SIP {phone.firmware} 2010.12-00004-g9ba52f5 "
        f"{phone.mac.upper} SXM:0 UXM:0)"
    )


def _listed(flash: _Flash, phone: SimulatedPhone) -> list[str]:
    urls = [url.replace("{mac}", phone.mac.upper) for url in flash.listed[:_LISTED_MAX]]
    flash.listed.clear()
    return urls


def _accounts(flash: _Flash) -> Iterator[Account]:
    numbers = sorted(
        index for (name, index), value in flash.settings.items()
        if name == "user_active" and index is not None and value == "on"
    )  # fmt: skip
    for number in numbers:
        server = int(flash.get("subscr_sip_ua_data_server_id", number) or number)  # of a base: registrars stand apart
        yield Account(
            number=number,
            user_name=flash.get("user_name", number) or "",
            password=flash.get("user_pass", number),
            auth_name=flash.get("user_pname", number),
            registrar=flash.get("user_host", server),
        )


def _take(flash: _Flash, reply: Reply) -> None:
    """Read a file into *flash*. What is no XML is passed over, as the phone does."""
    if not reply.ok:
        return
    reader = _Reader()
    try:
        reader.read(reply.body)
    except (expat.ExpatError, _DoctypeFound):
        return
    flash.settings.update(reader.settings)
    flash.listed.extend(reader.listed)


class _Reader:
    """Collects the elements of ``<phone-settings>`` and the addresses of ``<setting-files>``."""

    def __init__(self) -> None:
        self.settings: dict[tuple[str, int | None], str] = {}
        self.listed: list[str] = []
        self._open: list[str] = []
        self._index: int | None = None
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

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "file" and self._open[-1:] == ["setting-files"]:
            self.listed.append(attributes.get("url", ""))
        index = attributes.get("idx", "")
        self._index = int(index) if index.isdecimal() else None
        self._open.append(name)
        self._text.clear()

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._open[-1:] == ["phone-settings"]:
            self.settings[name, self._index] = "".join(self._text)
