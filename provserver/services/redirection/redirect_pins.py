"""`Pins`: what has to be typed in at a phone before it accepts its redirection, where a maker asks for that."""

from __future__ import annotations

from collections.abc import Sequence

from provserver.domain.device import Credential
from provserver.domain.registration import Registration
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.secrets import Secrets, envelope
from provserver.storage import credentials, keystore

_FIELD = "pin"


class Pins:
    """Keeps PINs sealed, beside the registrations they came with, and forgets them with those."""

    def __init__(self, *, context: Context, secrets: Secrets) -> None:
        self._context = context
        self._secrets = secrets

    async def keep(self, pins: Sequence[tuple[Registration, Secret | None]]) -> None:
        """Seal *pins* in place of older ones."""
        if not pins:
            return
        at_ms = self._context.clock.now_ms()
        sealed = [
            self._secrets.seal(pin, tenant_id=one.tenant_id, owner=_owner(one), field=_FIELD, at_ms=at_ms)
            for one, pin in pins
            if pin is not None
        ]
        await self._secrets.store_keys([(key, credential.owner) for credential, key in sealed])
        owners = [credential.owner for credential, _ in sealed]
        old = await self._replace(owners, [credential for credential, _ in sealed])
        await self._secrets.destroy_keys([c.sealed.key_id for c in old if c.sealed])

    async def forget(self, registrations: Sequence[Registration]) -> None:
        """Destroy the PINs of *registrations*."""
        owners = [_owner(one) for one in registrations]
        async with self._context.storage.read() as tx:
            old = await credentials.credentials_of(tx, owners)
        if not old:
            return
        await self._secrets.destroy_keys([c.sealed.key_id for c in old if c.sealed])
        await self._replace(owners, [])

    async def of(self, registration: Registration) -> Secret | None:
        """The PIN that came with *registration*, if there was one. Who shows it, writes that down."""
        async with self._context.storage.read() as tx:
            found = await credentials.credentials_of(tx, [_owner(registration)])
        async with self._context.storage.read("keystore") as tx:
            keys = await keystore.find_keys(tx, [c.sealed.key_id for c in found if c.sealed])
        return self._secrets.open(envelope(found[0], keys)) if found else None

    async def _replace(self, owners: Sequence[str], new: Sequence[Credential]) -> list[Credential]:
        async with self._context.storage.transaction() as tx:
            old = await credentials.credentials_of(tx, owners)
            await credentials.remove_credentials(tx, [c.id for c in old])
            await credentials.insert_credentials(tx, new)
        return old


def _owner(registration: Registration) -> str:
    return f"registration:{registration.id}"
