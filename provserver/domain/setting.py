"""`SettingSpec`: what a vendor-neutral setting is called, which values it takes, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from provserver.domain.key import Key
from provserver.domain.line import is_host
from provserver.domain.slot import SecretSlot
from provserver.domain.text import check_text
from provserver.domain.timezones import UnknownZone, load_zone
from provserver.errors import InvalidValue

SettingValue = str | int | bool | tuple[str, ...] | Key | SecretSlot

_SWITCH = {"on": True, "yes": True, "true": True, "1": True, "off": False, "no": False, "false": False, "0": False}
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_URL_SCHEMES = frozenset({"http", "https", "ftp", "tftp", "ftps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """
    One row of the catalogue. *name* has ``N`` where an index stands: ``key.N``, ``module.N.key.N``.

    *read* turns a person's text into the value that makers translate, raising InvalidValue. A *secret* setting is
    never read: it is sealed as it is. *default* None means that the phone's own factory value stands.
    """

    name: str
    kind: str
    meaning: str
    read: Callable[[str], SettingValue]
    unit: str | None = None
    allowed: tuple[str, ...] = ()
    secret: bool = False


def text(name: str, meaning: str, *, unit: str | None = None) -> SettingSpec:
    """A setting that takes any text a file can carry."""
    return SettingSpec(name=name, kind="text", meaning=meaning, unit=unit, read=lambda value: check_text(name, value))


def secret(name: str, meaning: str) -> SettingSpec:
    """A setting whose value is a credential: sealed when it is entered, never shown."""
    return SettingSpec(name=name, kind="secret", meaning=meaning, secret=True, read=_refuse_to_read)


def switch(name: str, meaning: str) -> SettingSpec:
    """A setting that is on or off."""
    return SettingSpec(
        name=name, kind="switch", meaning=meaning, allowed=("on", "off"), read=lambda value: _read_switch(name, value)
    )


def number(name: str, meaning: str, *, low: int, high: int, unit: str | None = None) -> SettingSpec:
    """A setting that takes a whole number from *low* to *high*."""

    def read(value: str) -> int:
        if not re.fullmatch(r"-?\d{1,9}", value.strip()) or not low <= int(value) <= high:
            raise InvalidValue(name, f"{value!r} is not a whole number from {low} to {high}")
        return int(value)

    return SettingSpec(name=name, kind="number", meaning=meaning, unit=unit, allowed=(f"{low}–{high}",), read=read)


def choice(name: str, meaning: str, *allowed: str) -> SettingSpec:
    """A setting that takes one of a few words."""

    def read(value: str) -> str:
        if value.strip().lower() not in allowed:
            raise InvalidValue(name, f"{value!r} is not one of {', '.join(allowed)}")
        return value.strip().lower()

    return SettingSpec(name=name, kind="choice", meaning=meaning, allowed=allowed, read=read)


def choices(name: str, meaning: str, *allowed: str) -> SettingSpec:
    """A setting that takes several words in order of preference, separated by commas or blanks."""

    def read(value: str) -> tuple[str, ...]:
        words = tuple(word.lower() for word in re.split(r"[,\s]+", value.strip()) if word)
        unknown = [word for word in words if word not in allowed]
        if unknown or not words or len(set(words)) != len(words):
            raise InvalidValue(name, f"{value!r} is not a list, without repetition, of {', '.join(allowed)}")
        return words

    return SettingSpec(name=name, kind="list", meaning=meaning, allowed=allowed, read=read)


def host(name: str, meaning: str) -> SettingSpec:
    """A setting that takes a host name or address."""

    def read(value: str) -> str:
        if not is_host(value.strip()):
            raise InvalidValue(name, f"{value!r} is not a host name or address")
        return value.strip()

    return SettingSpec(name=name, kind="host", meaning=meaning, read=read)


def url(name: str, meaning: str) -> SettingSpec:
    """A setting that takes an absolute URL without user or password in it."""

    def read(value: str) -> str:
        check_text(name, value)
        try:
            parts = urlsplit(value)
        except ValueError as error:
            raise InvalidValue(name, "is not a URL") from error
        if parts.scheme.lower() not in _URL_SCHEMES or not parts.hostname or " " in value:
            raise InvalidValue(name, f"is not a URL of {', '.join(sorted(_URL_SCHEMES))}")
        if parts.username or parts.password:
            raise InvalidValue(name, "carries a user or password, which would be kept in clear")
        return value

    return SettingSpec(name=name, kind="URL", meaning=meaning, read=read)


def key(name: str, meaning: str) -> SettingSpec:
    """A setting that says what a key does; see `Key.parse` for the notation."""

    def read(value: str) -> Key:
        try:
            return Key.parse(value)
        except InvalidValue as error:
            raise InvalidValue(name, error.problem) from error

    return SettingSpec(name=name, kind="key", meaning=meaning, read=read)


def zone(name: str, meaning: str) -> SettingSpec:
    """A setting that takes an IANA time zone."""

    def read(value: str) -> str:
        try:
            return load_zone(value.strip()).name
        except UnknownZone as error:
            raise InvalidValue(name, f"{value!r} is not a time zone such as Europe/London") from error

    return SettingSpec(name=name, kind="time zone", meaning=meaning, read=read)


def clock_time(name: str, meaning: str) -> SettingSpec:
    """A setting that takes a time of day, local to the phone."""

    def read(value: str) -> str:
        if not _CLOCK_TIME.fullmatch(value.strip()):
            raise InvalidValue(name, f"{value!r} is not a time such as 02:30")
        return value.strip()

    return SettingSpec(name=name, kind="time of day", meaning=meaning, unit="hh:mm", read=read)


def _read_switch(name: str, value: str) -> bool:
    found = _SWITCH.get(value.strip().lower())
    if found is None:
        raise InvalidValue(name, f"{value!r} is not on or off")
    return found


def _refuse_to_read(_value: str) -> SettingValue:
    msg = "a secret setting is sealed, not read"
    raise TypeError(msg)
