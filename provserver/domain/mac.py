"""`MacAddress`: the identifier (never a secret) by which a device is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from provserver.errors import InvalidValue

_CANONICAL = re.compile(r"[0-9a-f]{12}")
_SEPARATORS = re.compile(r"[-:.\s]")
# 00:15:65:aa:bb:cc, 00-15-…, 0015.65aa.bbcc (Cisco), 001565-aabbcc (HP), 001565aabbcc
_NOTATION = re.compile(
    r"(?:[0-9a-f]{12}|[0-9a-f]{2}(?P<s>[-:. ])(?:[0-9a-f]{2}(?P=s)){4}[0-9a-f]{2}"
    r"|[0-9a-f]{4}(?P<d>[.:-])[0-9a-f]{4}(?P=d)[0-9a-f]{4}|[0-9a-f]{6}[-:][0-9a-f]{6})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class MacAddress:
    """A MAC address, kept as 12 lower-case hex digits. Softphones have a generated, locally administered one."""

    value: str

    def __post_init__(self) -> None:
        if not _CANONICAL.fullmatch(self.value):
            raise InvalidValue("mac", f"{self.value!r} is not 12 lower-case hex digits")
        if int(self.value[:2], 16) & 1 or self.value == "000000000000":
            raise InvalidValue("mac", f"{self.value!r} is not the address of one device")

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read *text* in any usual notation: colons, dashes, dots, Cisco's fours, bare; either case.

        Raises InvalidValue for anything else, also for group addresses and all zeros.
        """
        stripped = text.strip()
        if not _NOTATION.fullmatch(stripped):
            raise InvalidValue("mac", f"{text!r} is not a MAC address")
        return cls(_SEPARATORS.sub("", stripped).lower())

    @property
    def oui(self) -> str:
        """The maker's block: the first 6 hex digits."""
        return self.value[:6]

    @property
    def is_local(self) -> bool:
        """Whether it is locally administered (IEEE 802, bit 1 of the first octet): no maker owns it."""
        return bool(int(self.value[:2], 16) & 2)

    @property
    def upper(self) -> str:
        """12 upper-case hex digits."""
        return self.value.upper()

    @property
    def colons(self) -> str:
        """Six lower-case pairs joined by colons."""
        return ":".join(self.value[i : i + 2] for i in range(0, 12, 2))

    def __str__(self) -> str:
        return self.value


def local_mac(entropy: bytes) -> MacAddress:
    """
    Make the generated id of a softphone from 6 bytes of *entropy*: 46 random bits, unicast, locally administered.

    A softphone has no MAC; giving it one that no maker can own lets every path, table and search treat it like a phone.
    """
    first = (entropy[0] | 0b10) & ~0b1
    return MacAddress(bytes([first, *entropy[1:6]]).hex())
