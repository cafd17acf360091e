"""Bodies with the content coding ``aes128gcm`` of RFC 8188: `encrypt`, and both ways to read a text as a key."""

from __future__ import annotations

import base64
import hmac
import re
import struct

from provserver.domain.artefact import FileEncryption

RECORD_BYTES = 4096  # RFC 8188 3.1 and 4.2 use it; a receiver has to hold one record before it can use any of it
_BASE64URL = re.compile(r"(?P<digits>[A-Za-z0-9_-]+)={0,2}")
_SALT_BYTES = 16
_KEY_BYTES, _NONCE_BYTES = 16, 12
_TAG_AND_DELIMITER_BYTES = 17
_LAST, _MORE = b"\x02", b"\x01"  # RFC 8188 2
_SALT_PURPOSE = b"provserver aes128gcm salt v1\x00"  # no salt of another purpose is made from the same key


def encrypt(content: bytes, ikm: bytes) -> bytes:
    """
    Encrypt *content* with the input keying material *ikm*, in records of RECORD_BYTES, without a key's name.

    The salt is a keyed hash of the content: the same content and key give the same bytes, as phones compare files. Key
    and nonces follow from it, so that none is used for two contents (but for a chance of 2^-64 after 2^32 files).
    """
    salt = hmac.digest(ikm, _SALT_PURPOSE + content, "sha256")[:_SALT_BYTES]
    return seal_records(content, ikm, salt=salt)


def seal_records(content: bytes, ikm: bytes, *, salt: bytes) -> bytes:
    """The same with a *salt* that must never be used for another content; for that, and for the RFC's own example."""
    # Here, not above: `identify` loads every maker, and needs no cipher.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    cipher = AESGCM(_derive(ikm, salt, b"Content-Encoding: aes128gcm\x00", _KEY_BYTES))
    base = int.from_bytes(_derive(ikm, salt, b"Content-Encoding: nonce\x00", _NONCE_BYTES))
    room = RECORD_BYTES - _TAG_AND_DELIMITER_BYTES
    pieces = [content[start : start + room] for start in range(0, len(content), room)] or [b""]
    body = [salt + struct.pack(">IB", RECORD_BYTES, 0)]
    for number, piece in enumerate(pieces):
        delimiter = _LAST if number == len(pieces) - 1 else _MORE
        nonce = (base ^ number).to_bytes(_NONCE_BYTES)
        body.append(cipher.encrypt(nonce, piece + delimiter, None))
    return b"".join(body)


def key_from_base64url(text: str) -> bytes:
    """Read *text* as RFC 8188 writes keys, with or without padding; ValueError, which does not quote it, for others."""
    found = _BASE64URL.fullmatch(text)
    bare = found["digits"] if found else ""
    if len(bare) % 4 == 1 or not bare:
        msg = "is not base64url"
        raise ValueError(msg)
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _encrypt_text(content: bytes, key: str) -> bytes:
    return encrypt(content, key.encode())


def _encrypt_base64url(content: bytes, key: str) -> bytes:
    return encrypt(content, key_from_base64url(key))


def _derive(ikm: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - as above

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(ikm)


CODING = "aes128gcm"
AES128GCM = FileEncryption(name="aes128gcm", encrypt=_encrypt_text, content_encoding=CODING)
AES128GCM_BASE64URL = FileEncryption(name="aes128gcm_base64url", encrypt=_encrypt_base64url, content_encoding=CODING)
