"""Devices with marked passwords: what is put into a store, and how it is recognised wherever it turns up."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.vault.tokens import TokenKey

MARK_CHARACTERS = 12  # of a password's beginning: enough to be sure that it is this one
_BLOCK = "805ec0"  # Yealink's
_PUT_AT_ONCE = 2_000
WAIT_S = 10.0  # for what takes a tenth of a second
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One device as the outside knows it."""

    mac: MacAddress
    password: str
    id: str
    lasting: str
    bootstrap: str

    @property
    def mark(self) -> bytes:
        """The beginning of its password: no other device's begins so."""
        return self.password[:MARK_CHARACTERS].encode()

    @property
    def by_window(self) -> str:
        """The path of its configuration without a token."""
        return f"/{self.mac}.cfg"

    @property
    def by_token(self) -> str:
        """The path of its configuration with its own token."""
        return f"/{self.lasting}/{self.mac}.cfg"

    @property
    def by_bootstrap(self) -> str:
        """The path of its configuration with the token for its first visit."""
        return f"/{self.bootstrap}/{self.mac}.cfg"

    @property
    def agent(self) -> str:
        """What it calls itself."""
        return f"Yealink SIP-T54W 96.86.0.70 {self.mac.colons}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A device to be added. *password* None makes one up."""

    number: int
    password: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    secret_settings: Mapping[str, str] = field(default_factory=dict)


async def put_phones(services: Services, tenant: Tenant, wishes: Sequence[Wish], *, arm: bool = True) -> list[Phone]:
    """Add devices, or bring them up to date; in the order of *wishes*."""
    tokens = TokenKey.load(services.settings.data.key_directory)
    phones: list[Phone] = []
    for start in range(0, len(wishes), _PUT_AT_ONCE):
        some = wishes[start : start + _PUT_AT_ONCE]
        passwords = {mac_of(w.number): w.password or new_password() for w in some}
        wanted = [_wanted(tenant, wish, passwords[mac_of(wish.number)]) for wish in some]
        devices = {device.mac: device for device in await services.devices.put(wanted, arm=arm)}
        phones += [_phone(tokens, devices[mac], password) for mac, password in passwords.items()]
    return phones


def new_password() -> str:
    """A password that occurs nowhere else, with what formats must escape."""
    return f"{secrets.token_hex(8)}&<\"'>ß"


def mac_of(number: int) -> MacAddress:
    """The MAC of the device with this number."""
    return MacAddress(f"{_BLOCK}{number:06x}")


@contextmanager
def reading(directory: Path, kind: str = "state") -> Iterator[sqlite3.Connection]:
    """One of the databases, opened past the server by the library alone."""
    connection = sqlite3.connect(f"file:{directory / kind}.sqlite3?mode=rw", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


def rows(directory: Path, query: str, *values: object, kind: str = "state") -> list[dict[str, Any]]:
    """What a query gives."""
    with reading(directory, kind) as connection:
        return [dict(row) for row in connection.execute(query, values)]


async def until_stored(directory: Path, query: str, *values: object, kind: str = "state") -> None:
    """Wait until a query finds something: it is written by another process, which tells nobody."""
    async with asyncio.timeout(WAIT_S):
        while not rows(directory, query, *values, kind=kind):  # noqa: ASYNC110 - see above
            await asyncio.sleep(_LOOK_S)


async def until_logged(directory: Path, outcome: str) -> None:
    """Wait until the request log has a request of this outcome."""
    await until_stored(directory, "SELECT 1 FROM request WHERE outcome = ?", outcome, kind="requests")


async def until_set(directory: Path, phone: Phone, column: str) -> None:
    """Wait until a column of the clock of the phone's password is set."""
    query = f"SELECT 1 FROM credential WHERE owner = ? AND field = ? AND {column} IS NOT NULL"  # noqa: S608 - a name
    await until_stored(directory, query, f"device:{phone.id}", "line.1.password")


def clock_of(directory: Path, phone: Phone, field: str = "line.1.password") -> dict[str, Any]:
    """The row of one credential."""
    query = "SELECT * FROM credential WHERE owner = ? AND field = ?"
    (row,) = rows(directory, query, f"device:{phone.id}", field)
    return row


def _wanted(tenant: Tenant, wish: Wish, password: str) -> Wanted:
    line = Line(number=1, user_name=f"u{wish.number}", registrar=Endpoint.parse("pbx.example.com"))
    return Wanted(
        tenant=tenant,
        mac=mac_of(wish.number),
        model="T54W",
        lines=(line,),
        passwords={1: Secret(password)},
        settings=dict(wish.settings),
        secret_settings={name: Secret(text) for name, text in wish.secret_settings.items()},
    )


def _phone(tokens: TokenKey, device: Device, password: str) -> Phone:
    return Phone(
        mac=device.mac,
        password=password,
        id=device.id,
        lasting=tokens.lasting(device.id, device.tokens.generation),
        bootstrap=tokens.bootstrap(device.id, device.tokens.generation),
    )
