"""Where credentials are sealed, opened and destroyed: `Secrets`, the vault and the store brought together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from provserver.domain.device import Credential
from provserver.domain.resolve import LOGIN_PASSWORD, PREVIOUS_LOGIN_PASSWORD
from provserver.domain.sealed import Binding, WrappedKey
from provserver.errors import SecretGone, TamperedSecret
from provserver.secret import Secret
from provserver.storage import keystore
from provserver.storage.database import Storage
from provserver.storage.tables import new_id
from provserver.vault.keyring import KeyRing
from provserver.vault.sealing import Prepared, open_prepared, prepare, seal


class Gone(NamedTuple):
    """Stands for a credential that cannot be opened: *reason* is ``gone`` or ``tampered``."""

    reason: str
    said: str


def envelope(credential: Credential, keys: Mapping[str, WrappedKey]) -> Prepared | Gone:
    """Lay a credential ready to be opened, with its data key from *keys*."""
    sealed = credential.sealed if credential.is_held else None
    key = keys.get(sealed.key_id) if sealed is not None else None
    if sealed is None or key is None:
        return Gone("gone", f"{credential.field} of {credential.owner} has been deleted")
    try:
        return prepare(sealed, key, binding=_binding(credential.tenant_id, credential.owner, credential.field))
    except TamperedSecret as error:
        return Gone("tampered", str(error))


class Secrets:
    """
    Seals and opens credentials. *rejected* counts what did not open, by reason (``tampered``, ``gone``).

    A credential is two rows in two files. They are written key first and destroyed key first, so that a crash between
    the two leaves a key without a secret (swept later) or a secret that nobody can read, never the reverse.
    """

    def __init__(self, *, ring: KeyRing, storage: Storage, rejected: Callable[[str], None]) -> None:
        self._ring = ring
        self._storage = storage
        self._rejected = rejected

    def seal(
        self, secret: Secret, *, tenant_id: str, owner: str, field: str, at_ms: int
    ) -> tuple[Credential, WrappedKey]:
        """Seal *secret* as the credential *field* of *owner*; the caller stores both halves."""
        sealed, key = seal(secret, _binding(tenant_id, owner, field), ring=self._ring)
        credential = Credential(
            id=new_id(at_ms), tenant_id=tenant_id, owner=owner, field=field, sealed=sealed, created_at=at_ms
        )
        return credential, key

    def open(self, prepared: Prepared | Gone) -> Secret:
        """
        Open what `envelope` laid ready.

        Raises SecretGone when it was deleted (or is being deleted), TamperedSecret when the rows do not belong
        together; both counted. Fails closed: nothing is guessed, nothing is left out.
        """
        if isinstance(prepared, Gone):
            self._rejected(prepared.reason)
            raise (SecretGone if prepared.reason == "gone" else TamperedSecret)(prepared.said)
        try:
            return open_prepared(prepared, ring=self._ring)
        except TamperedSecret:
            self._rejected("tampered")
            raise

    async def store_keys(self, keys: Sequence[tuple[WrappedKey, str]]) -> None:
        """Write data keys (with their owners), before the rows that need them."""
        owners = {key.key_id: owner for key, owner in keys}
        async with self._storage.transaction("keystore") as tx:
            await keystore.insert_keys(tx, [key for key, _ in keys], owner_of=lambda key: owners[key.key_id])

    async def destroy_keys(self, key_ids: Iterable[str]) -> None:
        """Destroy data keys; when this returns, no file of the keystore holds them."""
        async with self._storage.transaction("keystore") as tx:
            await keystore.destroy_keys(tx, list(key_ids))


def _binding(tenant_id: str, owner: str, field: str) -> Binding:
    if field == PREVIOUS_LOGIN_PASSWORD:  # the same row as before: it was given another name, and not sealed again
        field = LOGIN_PASSWORD
    return Binding(tenant=tenant_id, owner=owner, field=field)
