"""How a phone of some maker boots, as a script without I/O: it yields what the phone asks and is sent what it gets."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from provserver.domain.mac import MacAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPhone:
    """Which phone is played."""

    mac: MacAddress
    model: str
    firmware: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """
    One request, relative to the phone's provisioning URL (``805ec0aabbcc.cfg``, ``?mac=…``, or an absolute URL).

    *body* is what an upload sends, *form* the fields of a login that is posted.
    """

    file: str
    method: str = "GET"
    body: bytes | None = None
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the phone uses the body."""
        return self.status == 200  # noqa: PLR2004 - the one status phones accept a file with


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A SIP account as the phone understood its configuration. *password* None: the file did not mention it."""

    number: int
    user_name: str
    password: str | None = None
    auth_name: str | None = None
    registrar: str | None = None

    def __repr__(self) -> str:
        held = "held" if self.password else "none"
        return f"Account(number={self.number}, user_name={self.user_name!r}, password={held})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    """What the phone knows after booting: its accounts, and the URL it will ask next (None: the same as before)."""

    accounts: tuple[Account, ...] = ()
    next_url: str | None = None


BootScript = Callable[[SimulatedPhone], Generator[Fetch, Reply, Booted]]
