"""
The exception tree: everything this program raises on purpose.

    ProvserverError
    ├── Refused                what a person asked for cannot be done; nothing was changed
    │   ├── InvalidValue       a field holds something it must not
    │   ├── NotFound           no such tenant, device, key …
    │   ├── Conflict           it exists already, or belongs to someone else
    │   └── ImportRefused      a file with bad rows, each named
    ├── ConfigurationError     settings that cannot be read or do not fit together
    ├── VaultError             keys or sealed values that cannot be used
    │   ├── KeyUnusable        a key file is missing, damaged, or another one than before
    │   ├── TamperedSecret     a sealed value does not belong where it was found
    │   └── SecretGone         its data key has been destroyed: the value cannot be read again
    ├── StorageError           the store did not do what was asked
    │   ├── DataDirectoryInUse a second server on the same data
    │   ├── StorageFull        no room left to write
    │   └── StorageDamaged     a file that is not what it should be
    ├── RedirectError          a maker's redirection service did not do what was asked
    │   ├── ServiceUnreachable no answer that could be read; worth another try
    │   └── AccountRefused     it does not let the account in
    ├── PeerError              another program did not take what it was sent
    │   └── IdentityRefused    … because of the certificate it was shown
    └── RenderError            an artefact cannot be made
        ├── UnfitValue         a value that the maker's format cannot carry
        └── TemplateBroken     a template that does not render

Messages say what was wrong and with which value; they give no advice and never hold a secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_BEHIND_HOST = re.compile(r"(https?://[^\s/'\"<>]+)/[^\s'\"<>]*")


class ProvserverError(Exception):
    """Anything that this program raises on purpose."""


class Refused(ProvserverError):
    """What was asked for cannot be done; nothing was changed."""


class InvalidValue(Refused):
    """*field* holds something it must not. The message never echoes a secret: the caller decides what to quote."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class NotFound(Refused):
    """There is no *kind* called *name* (or none that the one who asks may see)."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name


class Conflict(Refused):
    """It exists already, belongs to someone else, or is in a state that forbids what was asked."""


class ImportRefused(Refused):
    """A file holds bad rows; *problems* are lines such as ``row 3, column port: …``, and nothing was imported."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}, nothing was imported")
        self.problems = tuple(problems)


class ConfigurationError(ProvserverError):
    """Settings that cannot be read or do not fit together."""


class VaultError(ProvserverError):
    """Keys or sealed values that cannot be used."""


class KeyUnusable(VaultError):
    """The key file at *path* is missing, damaged, readable by others, or not the one that was used before."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"key file {path}: {problem}")
        self.path = path
        self.problem = problem


class TamperedSecret(VaultError):
    """A sealed value does not open where it was found: swapped, altered, or another tenant's."""


class SecretGone(VaultError):
    """The data key of a sealed value has been destroyed; nobody can read the value again."""


class StorageError(ProvserverError):
    """The store did not do what was asked; nothing is half-written."""


class DataDirectoryInUse(StorageError):
    """Another server works on the same data directory."""


class StorageFull(StorageError):
    """There is no room left to write; the change did not happen."""


class StorageDamaged(StorageError):
    """A file of the store is not what it should be."""


class RedirectError(ProvserverError):
    """
    A maker's redirection service did not do what was asked.

    Of URLs in its words the host stays: behind it stands a token, where the maker repeats what it was told.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(_BEHIND_HOST.sub(r"\1/…", problem))


class ServiceUnreachable(RedirectError):
    """No answer that could be read. *retry_after_s* is how long the service wants to be left alone, if it said so."""

    def __init__(self, problem: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after_s = retry_after_s


class AccountRefused(RedirectError):
    """The service does not let the account in, or does not let it do this at all."""


class PeerError(ProvserverError):
    """Another program could not be reached, or did not take what it was sent."""


class IdentityRefused(PeerError):
    """It does not accept our certificate."""


class RenderError(ProvserverError):
    """An artefact cannot be made."""


class UnfitValue(RenderError):
    """The value of *field* cannot be carried by the maker's format. Neither message nor repr holds the value."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class TemplateBroken(RenderError):
    """*template* does not render: on which *line* (0: not known), and why."""

    def __init__(self, template: str, problem: str, *, line: int = 0) -> None:
        super().__init__(f"template {template}: {f'line {line}: ' if line else ''}{problem}")
        self.template = template
        self.line = line
        self.problem = problem
