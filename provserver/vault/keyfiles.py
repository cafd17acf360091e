"""
Key files: how 32 random bytes are kept in a file, and how they leave it for good.

A file holds one line, newline included, so that an operator can see without any tool what it is and whether it is
whole:

    <kind> v1 <generation> <base64 of 32 bytes> <8 hex digits>

The digits are the start of SHA-256 over everything before them. They find damage; they are no protection against
somebody who writes to the file, whom the file mode and the check value of `KeyRing` are for.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from provserver.errors import KeyUnusable

KEY_BYTES = 32  # AES-256, HMAC-SHA256

_VERSION = "v1"
_CHECKSUM_DIGITS = 8  # 32 bits: one damaged file in 4 billion passes, and then the check value of the ring catches it
_LIMIT_BYTES = 1024  # a key file is under 120 bytes; whatever is longer is not one, and is not read whole
_MODE = 0o400  # written once, never again


def create_key(path: Path, *, kind: str, generation: int) -> None:
    """
    Write a new random key to *path*, whole or not at all, and onto the disk before returning.

    Raises KeyUnusable when there is a file already (it is left alone) or the disk refuses.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with _translated(path, "cannot be written"):
        try:
            _write(draft, _new_line(kind, generation))
            # Linking fails if the name is taken, as O_EXCL would, and another process never sees a half-written key.
            os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(path.parent)


def read_key(path: Path, *, kind: str, generation: int) -> bytes:
    """Read the 32 bytes at *path*. Raises KeyUnusable unless it is a whole key of that *kind* and *generation*."""
    key = _parse(_content(path), kind=kind, generation=generation)
    if isinstance(key, str):
        raise KeyUnusable(path, key)
    return key


def rename_key(path: Path, target: Path) -> None:
    """Give the file at *path* the name *target*, onto the disk; no file there is fine."""
    with _translated(path, "cannot be renamed"), suppress(FileNotFoundError):
        path.rename(target)
        sync_directory(path.parent)


def shred_key(path: Path) -> None:
    """
    Overwrite the file at *path* with noise, then remove it, both onto the disk; no file there is fine.

    The file's other names, if it has any, hold the same noise afterwards. Out of reach are copies of the directory
    (backups, snapshots of a copy-on-write file system) and blocks that a flash disk has set aside.
    """
    with _translated(path, "cannot be destroyed"), suppress(FileNotFoundError):
        path.chmod(0o600)
        with path.open("r+b", buffering=0) as file:
            file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
            os.fsync(file.fileno())
        path.unlink()
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Put names that were made, changed or removed in *directory* onto the disk (fsync of a file does not)."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _content(path: Path) -> bytes:
    with _translated(path, "cannot be read"):
        # O_NONBLOCK: a pipe by that name must not hang the start.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            _check_status(path, os.fstat(descriptor))
            return file.read(_LIMIT_BYTES)


def _check_status(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyUnusable(path, "is not a regular file")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise KeyUnusable(path, f"mode {mode:04o} lets others than its owner use it")


def _parse(content: bytes, *, kind: str, generation: int) -> bytes | str:
    """
    The key in *content*, or what is wrong with it.

    A problem quotes nothing (in a damaged file any word may be the key) and is not raised here, where a traceback
    would carry the key among the local variables.
    """
    start = _start(kind) + b" "
    if not content.startswith(start[: len(content)]):
        return f"does not start with {start.decode()!r}"
    line, newline, rest = content.partition(b"\n")
    if not newline:
        return "is cut short"
    head, _, checksum = line.rpartition(b" ")
    if rest or checksum != _checksum(head):
        return "is damaged: its checksum does not match"
    number, _, encoded = head.removeprefix(start).partition(b" ")
    if number != str(generation).encode():
        return f"holds another generation than {generation}"
    return _decode(encoded)


def _decode(encoded: bytes) -> bytes | str:
    with suppress(binascii.Error):
        key = base64.b64decode(encoded, validate=True)
        if len(key) == KEY_BYTES:
            return key
    return f"does not hold {KEY_BYTES} bytes"


def _new_line(kind: str, generation: int) -> bytes:
    head = b"%b %d %b" % (_start(kind), generation, base64.b64encode(secrets.token_bytes(KEY_BYTES)))
    return b"%b %b\n" % (head, _checksum(head))


def _start(kind: str) -> bytes:
    return f"{kind} {_VERSION}".encode()


def _checksum(head: bytes) -> bytes:
    return sha256(head).hexdigest()[:_CHECKSUM_DIGITS].encode()


@contextmanager
def _translated(path: Path, problem: str) -> Iterator[None]:
    """Turn what the operating system says into KeyUnusable."""
    try:
        yield
    except FileExistsError as error:
        raise KeyUnusable(path, "exists already") from error
    except FileNotFoundError as error:
        raise KeyUnusable(path, "is missing") from error
    except OSError as error:
        raise KeyUnusable(path, f"{problem}: {error.strerror}") from error
