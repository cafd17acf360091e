"""`StoredFile`: a file on the disk, with all that HTTP says of it; and how its tags are compared."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """Content that never changes under its *etag* (quoted, strong). *changed_s*: seconds since 1970 UTC."""

    path: Path
    size_bytes: int
    content_type: str
    etag: str
    changed_s: int

    @property
    def changed_text(self) -> str:
        """The same as HTTP writes it."""
        return formatdate(self.changed_s, usegmt=True)


def matches(header: str, etag: str) -> bool:
    """Whether *header* (If-None-Match) names *etag*: any of its tags, weakly compared, or ``*`` (RFC 9110 13.1.2)."""
    return any(part.strip().removeprefix("W/") in (etag, "*") for part in header.split(","))
