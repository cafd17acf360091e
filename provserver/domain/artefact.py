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
    The same function serves plain values when the skeleton is rendered and secrets when they are put in; it lets
    nothing pass that *charset* has no bytes for. *line_end* is what ends a line of the template in the file.
    """

    name: str
    content_type: str
    escape: Callable[[str], str]
    charset: str = "utf-8"
    line_end: str = "\n"

    def encoded(self, text: str) -> bytes:
        """What a template has written, as the bytes of a file; values in *text* are escaped already."""
        return text.replace("\n", self.line_end).encode(self.charset)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEncryption:
    """
    How a finished file is encrypted, after its secrets were put in.

    *name* is the word for it in the setting `config_encryption`. *encrypt* takes the content and the key as it was
    entered; the same arguments give the same bytes. It raises ValueError, with a reason that quotes neither, for a key
    that it cannot use. *content_encoding* is said in the HTTP header of that name; without one the file itself is
    other bytes.
    """

    name: str
    encrypt: Callable[[bytes, str], bytes]
    content_encoding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Where a secret goes, and how it is escaped and encoded there."""

    slot: SecretSlot
    escape: Callable[[str], str]
    charset: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """
    A rendered file without its secrets: *parts* are bytes and holes in turn.

    It may be cached: there is no plaintext in it. *encryption* is what follows when the secrets are in, with *key*.
    *checksum* names a hash: then the file is the hex digest of what the parts give.
    *fields* are the names of all secrets that the file needs, *size_bytes* what its fixed parts take in a cache.
    """

    parts: tuple[bytes | Hole, ...]
    content_type: str
    encryption: FileEncryption | None = None
    key: SecretSlot | None = None
    checksum: str = ""
    fields: frozenset[str] = field(init=False)
    size_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        if (self.encryption is None) is not (self.key is None):
            msg = "an encryption needs a key, and a key an encryption"
            raise ValueError(msg)
        slots = [part.slot for part in self.parts if isinstance(part, Hole)]
        fields = frozenset(slot.field for slot in (*slots, self.key) if slot is not None)
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "size_bytes", sum(len(part) for part in self.parts if isinstance(part, bytes)))
