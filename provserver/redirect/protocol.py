"""What every client of a redirection service takes and gives, whoever the maker is: `Client` and its values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue
from provserver.log.lines import printable
from provserver.secret import STARS, Secret

IDENTITY = "identity"  # the secret of an account that is a certificate with its key: a file, not a line
SAID_CHARS = 200  # of a maker's words that are kept: an error is a sentence, a page of HTML is none


class Outcome(StrEnum):
    """What became of a wish, in words that are the same for all makers."""

    REGISTERED = "registered"
    ALREADY_OURS = "already_ours"  # it was there, and points where it should
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"  # there was nothing to withdraw
    OWNED_BY_ANOTHER = "owned_by_another"
    BAD_MAC = "bad_mac"
    BAD_URL = "bad_url"
    BAD_SERIAL = "bad_serial"  # wrong, or missing where the service wants one
    NOT_ALLOWED = "not_allowed"  # the account may not do this, or is not let in
    NOT_HELD = "not_held"  # nothing was sent: a password that it would take is not held here (any more)
    UNREACHABLE = "unreachable"  # no answer that could be read; worth another try
    REFUSED = "refused"  # for a reason that only the maker's words tell


# Outcomes after which the maker's list is as it was wished to be.
DONE = frozenset({Outcome.REGISTERED, Outcome.ALREADY_OURS, Outcome.WITHDRAWN, Outcome.ABSENT})


class Standing(StrEnum):
    """Where a MAC stands at a service."""

    OURS = "ours"
    FOREIGN = "foreign"  # entered by somebody else
    ABSENT = "absent"


class Ability(StrEnum):
    """What a service can be asked for, beside registering."""

    WITHDRAW = "withdraw"
    LOOK_UP = "look_up"
    LIST = "list"
    CHECK = "check"  # whether its credentials are right, without changing anything
    OWN_URL = "own_url"  # each device has its own; without this, one URL serves all, and no token fits into it
    HOST = "host"  # it configures the devices itself: lines and passwords go there, if a tenant wants that


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """
    What a service that configures devices itself is given of one: its *model*, its *lines* with their *passwords*.

    *passwords* has one for each line, by its number. *config* is the file that the phone would read, secrets and all;
    *login* the password with which the device logs in where it is configured. Empty where the service takes none.
    """

    model: str | None
    lines: tuple[Line, ...]
    passwords: Mapping[int, Secret] = field(repr=False)
    config: Secret
    login: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    A device that a service is to know. *url* holds the device's token. *serial* only for services that want it.

    *phone* is for services that configure devices themselves, and only while they are being told; never else.
    """

    mac: MacAddress
    url: Secret
    serial: str | None = None
    phone: Phone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What became of one wish. *said* are the maker's own words, bounded and printable.

    *pin* is what has to be typed in at the phone before it accepts its redirection, where a service asks for that.
    *has_kept*: the service has refused, and may have kept a password all the same.
    """

    outcome: Outcome
    said: str = ""
    pin: Secret | None = None
    has_kept: bool = False

    def without(self, url: Secret) -> Result:
        """The same, with nothing in it of *url*, which makers like to repeat: it holds a token."""
        text = url.reveal()
        return replace(self, said=self.said.replace(text, STARS)) if text and text in self.said else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a service has for a MAC. *url* None: it does not tell."""

    mac: MacAddress
    standing: Standing
    url: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An account at a service: where it is, what is known of it, and its secrets."""

    endpoint: str
    fields: Mapping[str, str]
    secrets: Mapping[str, Secret] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes each request a new one: the time in wall milliseconds, and *random* bytes for nonces."""

    now_ms: Callable[[], int]
    random: Callable[[int], bytes]


class Client(Protocol):
    """
    A redirection service, as one account sees it.

    Every method may raise ServiceUnreachable (try later) and AccountRefused (nothing will work with these
    credentials). Registering again what is registered changes nothing, or makes it point to the new URL.
    """

    async def register(self, wishes: Sequence[Wish]) -> list[Result]:
        """Enter devices, as many as the service takes at once; a result for each, in their order."""
        ...

    async def withdraw(self, wishes: Sequence[Wish]) -> list[Result]:
        """Take devices out again; a result for each, in their order."""
        ...

    async def look_up(self, wish: Wish) -> Entry:
        """Where one device stands."""
        ...

    def entries(self) -> AsyncIterator[Entry]:
        """Everything the account has entered."""
        ...

    async def check_credentials(self) -> None:
        """Return if the service lets the account in; changes nothing there."""
        ...


class OneByOne(ABC):
    """
    A client of a service that takes one device a call: `enter` and `remove` are what its maker's module says.

    `look_up` and `entries` are asked only of services that are said to be able to (`Ability`).
    """

    async def register(self, wishes: Sequence[Wish]) -> list[Result]:
        """See `Client.register`."""
        return [(await self.enter(wish)).without(wish.url) for wish in wishes]

    async def withdraw(self, wishes: Sequence[Wish]) -> list[Result]:
        """See `Client.withdraw`."""
        return [(await self.remove(wish)).without(wish.url) for wish in wishes]

    async def look_up(self, wish: Wish) -> Entry:
        """See `Client.look_up`."""
        raise NotImplementedError

    def entries(self) -> AsyncIterator[Entry]:
        """See `Client.entries`."""
        raise NotImplementedError

    async def check_credentials(self) -> None:
        """See `Client.check_credentials`."""
        raise NotImplementedError

    @abstractmethod
    async def enter(self, wish: Wish) -> Result:
        """Register one device."""

    @abstractmethod
    async def remove(self, wish: Wish) -> Result:
        """Withdraw one device."""


def spoken(text: object) -> str:
    """A maker's words as they may be kept and shown: one printable line, no longer than SAID_CHARS."""
    line = " ".join(printable(str(text)[: 4 * SAID_CHARS]).replace("\\n", " ").split())
    return line if len(line) <= SAID_CHARS else line[: SAID_CHARS - 1] + "…"


def mac_of(text: object) -> MacAddress | None:
    """The MAC that a maker's list names, in whatever notation; None for what is none."""
    try:
        return MacAddress.parse(str(text))
    except InvalidValue:
        return None


def dashes(mac: MacAddress) -> str:
    """Six upper-case pairs joined by dashes."""
    return mac.colons.replace(":", "-").upper()


def refused(text: object, outcomes: Sequence[tuple[str, Outcome]]) -> Result:
    """
    A refusal whose text holds one of the phrases of *outcomes* (lower case; the first that fits), or REFUSED.

    Makers change their wording more often than their key words, so what is compared is as short as it can be.
    """
    lowered = " ".join(str(text).lower().split())
    for phrase, outcome in outcomes:
        if phrase in lowered:
            return Result(outcome=outcome, said=spoken(text))
    return Result(outcome=Outcome.REFUSED, said=spoken(text))
