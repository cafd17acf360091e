"""`Key`: what a programmable key of a phone does, in words that hold for every maker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from provserver.domain.text import check_text
from provserver.errors import InvalidValue


class KeyKind(StrEnum):
    """What pressing the key does."""

    NONE = "none"
    LINE = "line"
    BLF = "blf"  # busy lamp field: watch an extension, call it, pick up its call
    SPEED_DIAL = "speed_dial"
    INTERCOM = "intercom"
    DTMF = "dtmf"
    PARK = "park"
    RETRIEVE_PARK = "retrieve_park"
    PICKUP = "pickup"
    GROUP_PICKUP = "group_pickup"
    VOICEMAIL = "voicemail"
    FORWARD = "forward"
    DND = "dnd"
    CONFERENCE = "conference"
    TRANSFER = "transfer"
    HOLD = "hold"
    PRIVATE_HOLD = "private_hold"  # of a shared line: only this phone can take the call back
    RECALL = "recall"  # call who called last
    RECORD = "record"
    PAGING = "paging"
    PAGING_LIST = "paging_list"
    PREFIX = "prefix"  # type these digits, for the user to go on
    URL = "url"
    XML = "xml"
    LDAP = "ldap"
    DIRECTORY = "directory"
    LOCAL_DIRECTORY = "local_directory"  # the one that is kept in the phone
    XML_DIRECTORY = "xml_directory"  # the one that the phone fetches
    LOCK = "lock"  # of the phone's keypad
    HOT_DESK = "hot_desk"  # log another user in
    BLF_LIST = "blf_list"


_LINE = re.compile(r"[1-9][0-9]{0,2}")  # no device has a thousand lines, see domain.line

# Kinds that mean nothing without a number, address or code.
_NEEDS_VALUE = frozenset(
    {
        KeyKind.BLF,
        KeyKind.SPEED_DIAL,
        KeyKind.INTERCOM,
        KeyKind.DTMF,
        KeyKind.PARK,
        KeyKind.PICKUP,
        KeyKind.URL,
        KeyKind.XML,
        KeyKind.BLF_LIST,
        KeyKind.PREFIX,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: its *kind*, the number or address it works on, its label, and the line it belongs to (from 1)."""

    kind: KeyKind
    value: str = ""
    label: str = ""
    line: int = 1

    def __post_init__(self) -> None:
        if self.kind in _NEEDS_VALUE and not self.value:
            raise InvalidValue("key", f"{self.kind.value!r} needs a value, such as '{self.kind.value} 1002 Reception'")
        check_text("key", self.value)
        check_text("key", self.label)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read ``kind[@line] [value [label]]``: ``blf 1002 Front desk``, ``line@2``, ``speed_dial 0800123 Support``.

        A kind that works without a value takes a label after ``-``: ``dnd - Do not disturb``.
        """
        head, _, rest = text.strip().partition(" ")
        name, _, line = head.partition("@")
        value, _, label = rest.strip().partition(" ")
        if name.lower() not in set(KeyKind):
            raise InvalidValue("key", f"{name!r} is not one of {', '.join(KeyKind)}")
        if line and not _LINE.fullmatch(line):
            raise InvalidValue("key", f"line {line!r} is not a number from 1")
        return cls(
            kind=KeyKind(name.lower()),
            value="" if value == "-" else value,
            label=label.strip(),
            line=int(line) if line else 1,
        )

    def __str__(self) -> str:
        head = self.kind.value if self.line == 1 else f"{self.kind.value}@{self.line}"
        return " ".join(part for part in (head, self.value or ("-" if self.label else ""), self.label) if part)
