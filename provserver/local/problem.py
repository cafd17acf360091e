"""What is wrong in an operator's folder, and where: `Problem`, `LocalMakersBroken`, `Wrong`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provserver.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake: *file* with its folder, *line* from 1 (0: the file as a whole)."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


class LocalMakersBroken(ConfigurationError):
    """The folder cannot be used; *problems* are all that is wrong in it. The message is the first of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = tuple(problems)


class Wrong(Exception):
    """The value at *path* of a document cannot be used."""

    def __init__(self, path: Sequence[str | int], what: str) -> None:
        super().__init__(what)
        self.path = tuple(path)
        self.what = what
