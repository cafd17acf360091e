"""`SettingSpec`: what a vendor-neutral setting is called, which values it takes, and how they are read."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from provserver.domain.key import Key
from provserver.domain.line import is_host
from provserver.domain.slot import SecretSlot
from provserver.domain.text import MAX_VALUE_CHARS, check_text
from provserver.domain.timezones import UnknownZone, load_zone
from provserver.errors import InvalidValue

SettingValue = str | int | bool | tuple[str, ...] | tuple[int, ...] | Key | SecretSlot

_SWITCH = {"on": True, "yes": True, "true": True, "1": True, "off": False, "no": False, "false": False, "0": False}
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_CERTIFICATE_CHARS = MAX_VALUE_CHARS - 64  # some makers want the 54 characters of PEM around it
_DER_SEQUENCE = 0x30  # X.690 8.9: what every certificate is
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


def word(name: str, meaning: str) -> SettingSpec:
    """A setting that takes one word, which may become part of a parameter's name: letters, digits, ``-`` and ``_``."""

    def read(value: str) -> str:
        if not _WORD.fullmatch(value.strip()):
            raise InvalidValue(name, "is not one word of letters, digits, dashes and underscores")
        return value.strip()

    return SettingSpec(name=name, kind="word", meaning=meaning, read=read)


def login(name: str, meaning: str) -> SettingSpec:
    """A setting that takes a name to log in by: no colon, which ends the name wherever a password follows it."""

    def read(value: str) -> str:
        if ":" in value or not value:
            raise InvalidValue(name, "is empty or holds a colon, which is where the name ends")
        return check_text(name, value)

    return SettingSpec(name=name, kind="login name", meaning=meaning, read=read)


def certificate(name: str, meaning: str) -> SettingSpec:
    """A setting that takes one X.509 certificate: base64 of its DER form in one line, as PEM has it in its frame."""

    def read(value: str) -> str:
        if len(value) > _CERTIFICATE_CHARS:
            raise InvalidValue(name, f"is longer than {_CERTIFICATE_CHARS} characters")
        try:
            der = base64.b64decode(value, validate=True)
        except ValueError as error:
            raise InvalidValue(name, "is not base64 in one line") from error
        if not _is_der_sequence(der):
            raise InvalidValue(name, "is not a certificate in DER form")
        return value

    return SettingSpec(name=name, kind="certificate", meaning=meaning, read=read)


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
        digits = value.strip()  # of more kinds of blank than int() knows
        if not re.fullmatch(r"-?\d{1,9}", digits) or not low <= int(digits) <= high:
            raise InvalidValue(name, f"{value!r} is not a whole number from {low} to {high}")
        return int(digits)

    return SettingSpec(name=name, kind="number", meaning=meaning, unit=unit, allowed=(f"{low}–{high}",), read=read)


def numbers(name: str, meaning: str, *allowed: range) -> SettingSpec:
    """A setting that takes several whole numbers of the ranges *allowed*, separated by commas or blanks."""
    shown = tuple(str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in allowed)

    def read(value: str) -> tuple[int, ...]:
        words = [found for found in re.split(r"[,\s]+", value.strip()) if found]
        found = tuple(int(digits) for digits in words if re.fullmatch(r"[0-9]{1,9}", digits))
        is_allowed = all(any(one in part for part in allowed) for one in found)
        if not found or len(found) != len(words) or not is_allowed or len(set(found)) != len(found):
            raise InvalidValue(name, f"{value!r} is not a list, without repetition, of {', '.join(shown)}")
        return found

    return SettingSpec(name=name, kind="numbers", meaning=meaning, allowed=shown, read=read)


def choice(name: str, meaning: str, *allowed: str, also: Mapping[str, str] | None = None) -> SettingSpec:
    """A setting that takes one of a few words. *also* are other words for some of them, which old settings may have."""
    words = {word: word for word in allowed} | dict(also or {})

    def read(value: str) -> str:
        found = words.get(value.strip().lower())
        if found is None:
            raise InvalidValue(name, f"{value!r} is not one of {', '.join(allowed)}")
        return found

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


def switch_words(*, on: str, off: str) -> dict[str, str]:
    """The words of a switch, for a choice that was a switch once: those for on mean *on*, those for off *off*."""
    return {word: on if is_on else off for word, is_on in _SWITCH.items()}


def _is_der_sequence(data: bytes) -> bool:
    """Whether *data* is one sequence with a length of two bytes and nothing behind: 128 bytes to 64 kB, as all are."""
    return data[:2] == bytes((_DER_SEQUENCE, 0x82)) and len(data) == 4 + int.from_bytes(data[2:4])


def _read_switch(name: str, value: str) -> bool:
    found = _SWITCH.get(value.strip().lower())
    if found is None:
        raise InvalidValue(name, f"{value!r} is not on or off")
    return found


def _refuse_to_read(_value: str) -> SettingValue:
    msg = "a secret setting is sealed, not read"
    raise TypeError(msg)
