"""
What assets hold, on the disk: `AssetFiles`, files under the hash of their content, written whole or not at all.

A name on the disk is made of 64 hex digits of ours; nothing that a phone or a person typed becomes part of a path.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from provserver.errors import InvalidValue, StorageError, StorageFull

FOLDER = "assets"
_CHUNK_BYTES = 1_048_576
_HALF = ".part"  # what is being written, or was when the machine stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file that has been copied and is not in its place yet."""

    half: Path
    sha256: str
    size_bytes: int


class AssetFiles:
    """The asset folder of a data directory. Everything here blocks."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER

    def path(self, sha256: str) -> Path:
        """Where the content with this hash is. 256 folders: one with a hundred thousand files is slow to list."""
        return self._folder / sha256[:2] / sha256

    def receive(self, source: Path, *, limit_bytes: int) -> Received:
        """
        Copy *source* beside the others, on the disk when this returns.

        Raises InvalidValue for one that cannot be read, is empty or larger than *limit_bytes*, StorageFull for no room.
        """
        half = self._folder / f"{secrets.token_hex(16)}{_HALF}"
        try:
            with source.open("rb") as file:
                if not source.is_file():
                    raise InvalidValue("file", f"{source} is no regular file")
                return self._copy(file.fileno(), half, limit_bytes)
        except OSError as error:
            raise InvalidValue("file", f"cannot read {source}: {error.strerror or error}") from error

    def place(self, received: Received) -> None:
        """Put what was received into its place; content that is there already is the same."""
        path = self.path(received.sha256)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            received.half.replace(path)
            _flush_folder(path.parent)
        except OSError as error:
            raise StorageError(f"asset {received.sha256}: {error.strerror}") from error

    def discard(self, received: Received) -> None:
        """Forget what was received; nothing to do once it is in its place."""
        received.half.unlink(missing_ok=True)

    def remove(self, sha256: str) -> None:
        """Remove content that no asset has any more."""
        self.path(sha256).unlink(missing_ok=True)

    def strays(self, known: set[str], *, older_than_ms: int) -> list[str]:
        """Remove halves that nobody finishes; name contents that are not *known*: what crashes left."""
        found: list[str] = []
        for path in self._folder.rglob("*") if self._folder.is_dir() else ():
            try:
                if path.is_dir() or path.stat().st_mtime * 1000 >= older_than_ms:
                    continue
            except FileNotFoundError:  # taken away meanwhile
                continue
            if path.name.endswith(_HALF):
                path.unlink(missing_ok=True)
            elif path.name not in known:
                found.append(path.name)
        return found

    def _copy(self, source: int, half: Path, limit_bytes: int) -> Received:
        digest, size = hashlib.sha256(), 0
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                while chunk := os.read(source, _CHUNK_BYTES):
                    size += len(chunk)
                    if size > limit_bytes:
                        break
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            half.unlink(missing_ok=True)
            raise StorageFull(f"asset not kept: {error.strerror}") from error
        if not 0 < size <= limit_bytes:
            half.unlink(missing_ok=True)
            raise InvalidValue(
                "file", f"is larger than {limit_bytes} bytes (assets.file_bytes)" if size else "is empty"
            )
        return Received(half=half, sha256=digest.hexdigest(), size_bytes=size)


def _flush_folder(folder: Path) -> None:
    """A name is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
