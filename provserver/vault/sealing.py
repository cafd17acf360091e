"""
Sealing: a secret becomes two rows, which open only together, at their own place, under the right key file.

Each value has a data key of its own, used once. AES-256-GCM under it covers the value; AES-256-GCM-SIV under the
ring's key covers the data key. The second mode is slower and forgives a repeated nonce: one ring key wraps very many
data keys, and a machine that was cloned or set back to a snapshot may draw the same random bytes again.

Both are told, as associated data, where the value belongs. Rows that were swapped between tenants, devices or fields
therefore fail like damaged ones. Which of the checks failed is not told: it would help only whoever is trying.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

from provserver.domain.sealed import Binding, Sealed, WrappedKey
from provserver.errors import TamperedSecret
from provserver.secret import Secret
from provserver.vault.framing import framed, framed_number
from provserver.vault.keyring import KeyRing

_ALG = 1  # AES-256-GCM with the associated data of `_place`; another algorithm or layout gets another number
_DATA_KEY_BYTES = 32  # AES-256
_KEY_ID_BYTES = 16  # 128 random bits: ids of a billion keys collide with a chance of 1 in 10^21
_NONCE_BYTES = 12  # the size that both modes take as it is (SP 800-38D section 8.2, RFC 8452 section 4)

# What a sealed value is, so that a file that a phone sent never opens as a password.
_SECRET = framed("prov-secret") + framed(chr(_ALG))
_UPLOAD = framed("prov-upload") + framed(chr(_ALG))

# Tenants, devices and fields come back with every request; keeping their frames takes 1.4 µs off the 7.3 µs of opening
# a secret. 4096 frames are under 1 MB; a larger fleet only loses the gain.
_framed = lru_cache(maxsize=4096)(framed)


def seal(secret: Secret, binding: Binding, *, ring: KeyRing) -> tuple[Sealed, WrappedKey]:
    """Seal *secret* for the place *binding*, under a new data key. The two rows belong into two stores."""
    return _seal(_SECRET, _encoded(secret), binding=binding, ring=ring)


def open_sealed(sealed: Sealed, wrapped: WrappedKey, *, binding: Binding, ring: KeyRing) -> Secret:
    """
    Give the secret back.

    Raises TamperedSecret when the two rows are not a pair, are damaged, or were sealed for another place than
    *binding*; KeyUnusable when the ring has no key of the wrapped key's generation.
    """
    payload = _open(_SECRET, sealed, wrapped=wrapped, binding=binding, ring=ring)
    if payload is None:
        raise _tampered(sealed, binding)
    return Secret(payload.decode("utf-8", "surrogatepass"))


class Prepared(NamedTuple):
    """
    A sealed secret laid ready to be opened often: the two rows with their associated data put together.

    As secret as the rows themselves, which is not at all.
    """

    generation: int
    key_nonce: bytes
    wrapped: bytes
    key_place: bytes
    nonce: bytes
    ciphertext: bytes
    place: bytes
    sealed: Sealed
    binding: Binding


def prepare(sealed: Sealed, wrapped: WrappedKey, *, binding: Binding) -> Prepared:
    """Lay a secret ready. Raises TamperedSecret when the two rows cannot belong together."""
    if not _pair(sealed, wrapped):
        raise _tampered(sealed, binding)
    key_id = framed(sealed.key_id)
    return Prepared(
        generation=wrapped.generation,
        key_nonce=wrapped.nonce,
        wrapped=wrapped.wrapped,
        key_place=_key_place(key_id, binding.owner, wrapped.generation),
        nonce=sealed.nonce,
        ciphertext=sealed.ciphertext,
        place=_place(_SECRET, binding, key_id),
        sealed=sealed,
        binding=binding,
    )


def open_prepared(prepared: Prepared, *, ring: KeyRing) -> Secret:
    """Give the secret back; raises as `open_sealed` does."""
    payload = _decrypted(prepared, ring)
    if payload is None:
        raise _tampered(prepared.sealed, prepared.binding)
    return Secret(payload.decode("utf-8", "surrogatepass"))


class SealedStream:
    """
    Seals a file piece by piece as it comes in, so that none of it is ever kept in clear.

    The ciphertext is what `update` gives for each piece and `finish` at the end, one after the other; `sealed` is the
    row without it. `open_bytes` opens the whole only: a piece by itself could have been altered.
    """

    def __init__(self, binding: Binding, *, ring: KeyRing) -> None:
        key_id, data_key, nonce = _fresh()
        self.wrapped = _wrap(data_key, key_id=key_id, owner=binding.owner, generation=ring.current, ring=ring)
        self.sealed = Sealed(key_id=key_id, alg=_ALG, nonce=nonce, ciphertext=b"")
        self._encryptor = Cipher(AES256(data_key), GCM(nonce)).encryptor()
        self._encryptor.authenticate_additional_data(_place(_UPLOAD, binding, framed(key_id)))

    def update(self, piece: bytes) -> bytes:
        """The ciphertext of the next piece."""
        return self._encryptor.update(piece)

    def finish(self) -> bytes:
        """The last of the ciphertext: what shows that all of it is there, unaltered."""
        return self._encryptor.finalize() + self._encryptor.tag


def open_bytes(sealed: Sealed, wrapped: WrappedKey, *, binding: Binding, ring: KeyRing) -> bytes:
    """Give back what went into a `SealedStream`; raises as `open_sealed` does."""
    content = _open(_UPLOAD, sealed, wrapped=wrapped, binding=binding, ring=ring)
    if content is None:
        raise _tampered(sealed, binding)
    return content


def rewrap(wrapped: WrappedKey, *, owner: str, ring: KeyRing) -> WrappedKey:
    """
    Wrap the data key of *owner* under the current generation; a key that is there already comes back as it is.

    The sealed row stays untouched: rolling the ring over 100 000 secrets takes about a second. Raises as `open_sealed`.
    """
    generation = ring.current
    if wrapped.generation == generation:
        return wrapped
    rewrapped = _rewrap(wrapped, owner=owner, generation=generation, ring=ring)
    if rewrapped is None:
        raise TamperedSecret(f"data key {wrapped.key_id!r} of {owner!r} does not open")
    return rewrapped


# Below, a mismatch is None and no exception. An exception raised where the data key or the value is a local variable
# would carry them in its traceback, into every log and error report that shows variables.


def _seal(kind: bytes, payload: bytes, *, binding: Binding, ring: KeyRing) -> tuple[Sealed, WrappedKey]:
    key_id, data_key, nonce = _fresh()
    wrapped = _wrap(data_key, key_id=key_id, owner=binding.owner, generation=ring.current, ring=ring)
    ciphertext = AESGCM(data_key).encrypt(nonce, payload, _place(kind, binding, framed(key_id)))
    return Sealed(key_id=key_id, alg=_ALG, nonce=nonce, ciphertext=ciphertext), wrapped


def _fresh() -> tuple[str, bytes, bytes]:
    """A new key id, data key and nonce."""
    return os.urandom(_KEY_ID_BYTES).hex(), os.urandom(_DATA_KEY_BYTES), os.urandom(_NONCE_BYTES)


def _open(kind: bytes, sealed: Sealed, *, wrapped: WrappedKey, binding: Binding, ring: KeyRing) -> bytes | None:
    if not _pair(sealed, wrapped):
        return None
    cipher, key_id = ring.cipher(wrapped.generation), framed(sealed.key_id)
    try:
        data_key = cipher.decrypt(wrapped.nonce, wrapped.wrapped, _key_place(key_id, binding.owner, wrapped.generation))
        return AESGCM(data_key).decrypt(sealed.nonce, sealed.ciphertext, _place(kind, binding, key_id))
    except InvalidTag:
        return None


def _decrypted(prepared: Prepared, ring: KeyRing) -> bytes | None:
    try:
        data_key = ring.cipher(prepared.generation).decrypt(prepared.key_nonce, prepared.wrapped, prepared.key_place)
        return AESGCM(data_key).decrypt(prepared.nonce, prepared.ciphertext, prepared.place)
    except InvalidTag:
        return None


def _pair(sealed: Sealed, wrapped: WrappedKey) -> bool:
    """Whether the rows can belong together; whether they do, only opening them tells."""
    if sealed.key_id != wrapped.key_id or sealed.alg != _ALG:
        return False
    return len(sealed.nonce) == _NONCE_BYTES and len(wrapped.nonce) == _NONCE_BYTES


def _rewrap(wrapped: WrappedKey, *, owner: str, generation: int, ring: KeyRing) -> WrappedKey | None:
    if len(wrapped.nonce) != _NONCE_BYTES:
        return None
    cipher, place = ring.cipher(wrapped.generation), _key_place(framed(wrapped.key_id), owner, wrapped.generation)
    try:
        data_key = cipher.decrypt(wrapped.nonce, wrapped.wrapped, place)
    except InvalidTag:
        return None
    return _wrap(data_key, key_id=wrapped.key_id, owner=owner, generation=generation, ring=ring)


def _wrap(data_key: bytes, *, key_id: str, owner: str, generation: int, ring: KeyRing) -> WrappedKey:
    nonce = os.urandom(_NONCE_BYTES)
    wrapped = ring.cipher(generation).encrypt(nonce, data_key, _key_place(framed(key_id), owner, generation))
    return WrappedKey(key_id=key_id, generation=generation, nonce=nonce, wrapped=wrapped)


def _place(kind: bytes, binding: Binding, key_id: bytes) -> bytes:
    """The associated data of a value: *kind* with its algorithm, tenant, owner, field, and the framed *key_id*."""
    return b"".join((kind, _framed(binding.tenant), _framed(binding.owner), _framed(binding.field), key_id))


def _key_place(key_id: bytes, owner: str, generation: int) -> bytes:
    """The associated data of a wrapped data key."""
    return key_id + _framed(owner) + framed_number(generation)


def _encoded(secret: Secret) -> bytes:
    # Any str goes in: a lone surrogate that got past the form must not raise here, the error would quote the secret.
    return secret.reveal().encode("utf-8", "surrogatepass")


def _tampered(sealed: Sealed, binding: Binding) -> TamperedSecret:
    return TamperedSecret(f"{binding.field!r} of {binding.owner!r}, key {sealed.key_id!r}, does not open")
