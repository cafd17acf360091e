"""
Files as ``openssl enc -aes-256-cbc -md md5`` writes them: `encrypt_salted`, `encrypt_unsalted`.

Key and IV come from a passphrase by OpenSSL's own EVP_BytesToKey with MD5 and one round: the phones were made for
OpenSSL 0.9, whose default that was, and understand no other. It is a weak way to make a key from a word that people can
remember; a passphrase should be long and random, and HTTPS stands before it.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from provserver.domain.artefact import FileEncryption

_MAGIC = b"Salted__"  # enc(1): what a file with a salt begins with
_SALT_BYTES = 8
_KEY_BYTES, _IV_BYTES = 32, 16
_SALT_PURPOSE = b"provserver openssl salt v1\x00"  # no salt of another purpose is made from the same passphrase
# VTech's manuals (sheet vtech 8, H): at most 16 characters of these.
_SHORT = re.compile(r"[A-Za-z0-9 ~^%!&\-_+=|.@*:;,?()\[\]{}<>/\\#`]{1,16}")


def encrypt_salted(content: bytes, key: str) -> bytes:
    """
    Encrypt *content* for Cisco's ``--key`` and Grandstream's P1359: ``Salted__``, 8 bytes of salt, ciphertext.

    The salt is a keyed hash of the content: the same content and passphrase give the same bytes, since phones compare
    files, and another content gets another key. What it tells without the passphrase is that two files are equal.
    """
    salt = hmac.digest(key.encode(), _SALT_PURPOSE + content, "sha256")[:_SALT_BYTES]
    return _MAGIC + salt + _encrypt(content, key, salt)


def encrypt_unsalted(content: bytes, key: str) -> bytes:
    """
    Encrypt *content* as ``openssl enc -nosalt`` does, for VTech's crypto_passphrase: ciphertext alone.

    Raises ValueError for a passphrase that these phones cannot be given. The same passphrase is the same key and IV for
    every file of a phone: two that begin alike look alike.
    """
    if not _SHORT.fullmatch(key):
        msg = "is longer than 16 characters, or has one that the phone does not take in a passphrase"
        raise ValueError(msg)
    return _encrypt(content, key, b"")


def _encrypt(content: bytes, passphrase: str, salt: bytes) -> bytes:
    # Here, not above: `identify` loads every maker, and needs no cipher.
    from cryptography.hazmat.primitives.ciphers import Cipher  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.modes import CBC  # noqa: PLC0415
    from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415

    key, iv = _derive(passphrase.encode(), salt)
    padder = PKCS7(AES256.block_size).padder()
    padded = padder.update(content) + padder.finalize()
    encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _derive(passphrase: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """EVP_BytesToKey(3): each digest is over the one before, the passphrase and the salt."""
    digest = found = b""
    while len(found) < _KEY_BYTES + _IV_BYTES:
        digest = hashlib.md5(digest + passphrase + salt, usedforsecurity=False).digest()
        found += digest
    return found[:_KEY_BYTES], found[_KEY_BYTES : _KEY_BYTES + _IV_BYTES]


SALTED = FileEncryption(name="openssl", encrypt=encrypt_salted)
UNSALTED = FileEncryption(name="openssl_nosalt", encrypt=encrypt_unsalted)
