"""`Skeleton`: one file for one phone, with holes where the secrets go; and the `TextFormat` it is written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from provserver.domain.slot import SecretSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """
    How values are written in a maker's files.

    *escape* makes a text safe inside a value, or raises ValueError with a reason that does not quote it.
    The same function serves plain values when the skeleton is rendered and secrets when they are put in.
    """

    name: str
    content_type: str
    escape: Callable[[str], str]
    charset: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Where a secret goes, and how it is escaped there."""

    slot: SecretSlot
    escape: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """
    A rendered file without its secrets: *parts* are bytes and holes in turn.

    It may be cached: there is no plaintext in it.
    *checksum* names a hash: then the file is the hex digest of what the parts give.
    *fields* are the names of all secrets that the file carries, *size_bytes* what its fixed parts take in a cache.
    """

    parts: tuple[bytes | Hole, ...]
    content_type: str
    checksum: str = ""
    fields: frozenset[str] = field(init=False)
    size_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        fields = frozenset(part.slot.field for part in self.parts if isinstance(part, Hole))
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "size_bytes", sum(len(part) for part in self.parts if isinstance(part, bytes)))
