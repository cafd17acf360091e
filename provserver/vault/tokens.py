"""
`TokenKey`: the URL tokens of devices, derived and never stored, and what is kept in their place.

A token is the first 144 bits of an HMAC over the device's id and a generation. Nothing has to be looked up to write
one into an artefact, raising the generation voids it, and a copy of the store gives nobody a working URL.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import NoReturn, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provserver.errors import KeyUnusable
from provserver.vault.framing import framed, framed_number
from provserver.vault.keyfiles import KEY_BYTES, create_key, read_key

TOKEN_CHARACTERS = 24  # of [A-Za-z0-9_-]

_KIND = "provserver-token"
_FILE = "token.key"
_GENERATION = 1  # tokens are voided one device at a time, by the generation in their message; the file never rolls
_TOKEN_BYTES = 18  # 144 bits: a whole number of base64 characters above the 128 bits that a guess must be up against
_FINGERPRINT_BYTES = 16  # to find a device by: 128 bits do not collide by chance
_TAG_DIGITS = 32  # 128 bits, for the same reason
_MARK_DIGITS = 8  # to be compared by people: two versions look alike once in four thousand million times


class TokenKey:
    """The key of all URL tokens, and of the keyed hashes that stand for tokens and contents elsewhere."""

    __slots__ = ("_anchors", "_check_value", "_fingerprints", "_marks", "_path", "_tags", "_tokens")

    def __init__(self, key: bytes, *, path: Path) -> None:
        """Use `create` or `load`; *key* is what the file at *path* holds."""
        self._path = path
        self._tokens = _subkey(key, "url token")
        self._fingerprints = _subkey(key, "token fingerprint")
        self._tags = _subkey(key, "content tag")
        self._marks = _subkey(key, "version mark")
        self._anchors = _subkey(key, "audit anchor")
        self._check_value = _subkey(key, "check value")

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Make the key file in *directory*. Raises KeyUnusable if there is one already."""
        create_key(directory / _FILE, kind=_KIND, generation=_GENERATION)
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read the key file in *directory*. Raises KeyUnusable if it is missing, damaged or readable by others."""
        path = directory / _FILE
        return cls(read_key(path, kind=_KIND, generation=_GENERATION), path=path)

    def lasting(self, device_id: str, generation: int) -> str:
        """The token in the URL that a provisioned device keeps."""
        return self._token("lasting", device_id, generation)

    def bootstrap(self, device_id: str, generation: int) -> str:
        """The token in the URL for a device's first visit."""
        return self._token("bootstrap", device_id, generation)

    def fingerprint(self, token: str) -> bytes:
        """What the store and the log keep of a *token*: 16 bytes. Any text is fine, strangers send any text."""
        return hmac.digest(self._fingerprints, framed(token), "sha256")[:_FINGERPRINT_BYTES]

    def tag(self, content: bytes) -> str:
        """
        32 hex digits that change with *content*, for an ETag.

        Keyed, because a plain hash of an artefact lets whoever sees it try passwords against it.
        """
        return hmac.digest(self._tags, content, "sha256").hex()[:_TAG_DIGITS]

    def mark(self, version: str) -> str:
        """
        8 hex digits that stand for a *version* of a secret, by its id or number: another version has others.

        Never of the secret itself: what is made of a password could be tried against guesses after its deletion.
        """
        return hmac.digest(self._marks, framed(version), "sha256").hex()[:_MARK_DIGITS]

    def anchor(self, seq: int, hash_: str, at_ms: int) -> bytes:
        """32 bytes that nobody without this key makes for an anchor of the audit trail; see `AuditTrail`."""
        return hmac.digest(self._anchors, framed_number(seq) + framed(hash_) + framed_number(at_ms), "sha256")

    def check_value(self) -> bytes:
        """32 bytes that tell this key from any other and nothing about it."""
        return self._check_value

    def verify(self, check_value: bytes) -> None:
        """Raise KeyUnusable unless this is the key that gave *check_value*: every URL out there would be void."""
        if not hmac.compare_digest(self._check_value, check_value):
            raise KeyUnusable(self._path, "is another key than the one used before")

    def _token(self, kind: str, device_id: str, generation: int) -> str:
        message = framed(kind) + framed(device_id) + framed_number(generation)
        return urlsafe_b64encode(hmac.digest(self._tokens, message, "sha256")[:_TOKEN_BYTES]).decode("ascii")

    def __repr__(self) -> str:
        return f"<TokenKey {str(self._path)!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TokenKey is not pickled")


def _subkey(key: bytes, purpose: str) -> bytes:
    # HKDF (RFC 5869) with no salt: the input is uniformly random already, only the purposes have to be kept apart.
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"provserver {purpose} v1".encode()).derive(key)
