"""
`KeyRing`: the key-encryption keys, one file a generation; the highest wraps, all of them unwrap.

Rolling the ring (a new generation, everything wrapped anew, the old file destroyed some days later) is what makes
old copies of the keystore unreadable. So a generation that is gone must be gone: nothing here keeps a key alive that
has no file any more, and no number is used twice.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from provserver.errors import Conflict, KeyUnusable
from provserver.vault.framing import framed, framed_number
from provserver.vault.keyfiles import create_key, read_key, rename_key, shred_key

_KIND = "provserver-kek"
_FIRST = 1
_FILE = re.compile(r"kek-([1-9][0-9]{0,17})\.key")  # 18 digits fit the 8 bytes that a generation has in sealed rows
_FAMILY = "kek-"
_ENDING = ".key"
_DOOMED = ".doomed"  # the end of a name whose destruction has begun


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """What stays of a key file in memory. The key itself stays inside OpenSSL, out of reach of repr and tracebacks."""

    cipher: AESGCMSIV
    check_value: bytes


class KeyRing:
    """
    The generations of one directory.

    Several processes may hold a ring over the same directory. Each learns of another's rotation when it meets an
    unknown generation, or by `refresh`. Methods may be called from any thread.
    """

    def __init__(self, directory: Path) -> None:
        """Use `create` or `load`: they say which of the two is meant."""
        self._directory = directory
        self._current = _FIRST
        self._keys: dict[int, _Key] = {}

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Make *directory* (mode 0700) if needed, and its first key. Raises KeyUnusable if there is one already."""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KeyUnusable(directory, f"cannot be created: {error.strerror}") from error
        if found := _files(directory):
            raise KeyUnusable(directory / min(found), "exists already")
        create_key(_path(directory, _FIRST), kind=_KIND, generation=_FIRST)
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """
        Read every key of *directory*. Raises KeyUnusable for the first file that is not as it should be.

        A destruction that was cut off (power, kill) is brought to its end first.
        """
        for name in _files(directory):
            if name.endswith(_DOOMED):
                shred_key(directory / name)
        ring = cls(directory)
        ring.refresh()
        return ring

    @property
    def current(self) -> int:
        """The generation that wraps new data keys: the highest."""
        return self._current

    @property
    def generations(self) -> tuple[int, ...]:
        """All generations held, oldest first."""
        return tuple(sorted(self._keys))

    def refresh(self) -> None:
        """
        Look at the directory again: take in what another process added, forget what it destroyed.

        Raises KeyUnusable, and changes nothing, when a file cannot be used or the current key has disappeared: that
        is a lost directory, not a rotation.
        """
        found = _generations(self._directory)
        if self._current > max(found, default=0):
            raise KeyUnusable(_path(self._directory, self._current), "is missing")
        # Replaced as a whole: other threads see the ring before or after, never in between.
        self._keys = {generation: self._keys.get(generation) or self._read(generation) for generation in found}
        self._current = max(found)

    def cipher(self, generation: int) -> AESGCMSIV:
        """The cipher of *generation*. Raises KeyUnusable naming its file when there is none."""
        return self._key(generation).cipher

    def check_value(self, generation: int) -> bytes:
        """32 bytes that tell this key from any other and nothing about it: keep them where the keystore is kept."""
        return self._key(generation).check_value

    def verify(self, generation: int, check_value: bytes) -> None:
        """Raise KeyUnusable unless the key of *generation* is the one that gave *check_value*."""
        if not hmac.compare_digest(self.check_value(generation), check_value):
            raise KeyUnusable(_path(self._directory, generation), "is another key than the one used before")

    def add_generation(self) -> int:
        """Make a new key and wrap under it from now on. Gives its generation."""
        self.refresh()
        generation = self._current + 1
        create_key(_path(self._directory, generation), kind=_KIND, generation=generation)
        self.refresh()
        return generation

    def destroy(self, generation: int) -> None:
        """
        Destroy the key of a retired *generation*; whatever is still wrapped under it can never be read again.

        Destroying it once more is fine, so a job that was cut off may start over. The current one is refused
        (Conflict): the ring would have nothing to wrap with, or would give its number to another key.
        """
        self.refresh()
        if generation >= self._current:
            raise Conflict(f"key generation {generation} is not retired, the current one is {self._current}")
        path = _path(self._directory, generation)
        doomed = path.with_name(path.name + _DOOMED)
        # Renamed first: half-overwritten under its old name, it would look damaged and refuse the next start.
        rename_key(path, doomed)
        self._keys = {kept: key for kept, key in self._keys.items() if kept != generation}
        shred_key(doomed)

    def _key(self, generation: int) -> _Key:
        if generation not in self._keys:
            self.refresh()
        key = self._keys.get(generation)
        if key is None:
            raise KeyUnusable(_path(self._directory, generation), "is missing")
        return key

    def _read(self, generation: int) -> _Key:
        key = read_key(_path(self._directory, generation), kind=_KIND, generation=generation)
        # HMAC and not an encrypted constant: no two keys that anybody could find share a check value.
        message = framed("provserver-kek check value") + framed_number(generation)
        return _Key(cipher=AESGCMSIV(key), check_value=hmac.digest(key, message, "sha256"))

    def __repr__(self) -> str:
        return f"<KeyRing {str(self._directory)!r} generations {', '.join(map(str, self.generations))}>"


def _path(directory: Path, generation: int) -> Path:
    return directory / f"kek-{generation}.key"


def _generations(directory: Path) -> list[int]:
    """The generations that have a file in *directory*, oldest first."""
    return sorted(int(name[len(_FAMILY) : -len(_ENDING)]) for name in _files(directory) if name.endswith(_ENDING))


def _files(directory: Path) -> list[str]:
    """
    The names of the family in *directory*.

    Raises KeyUnusable for one that this ring did not give: a ``kek-1.key.bak`` would outlive the destruction of the
    key that it is a copy of.
    """
    try:
        names = [path.name for path in directory.iterdir() if path.name.startswith(_FAMILY)]
    except OSError as error:
        raise KeyUnusable(directory, f"cannot be listed: {error.strerror}") from error
    for name in names:
        if not _FILE.fullmatch(name.removesuffix(_DOOMED)):
            raise KeyUnusable(directory / name, f"its name is not {_FAMILY}<generation>.key")
    return names
