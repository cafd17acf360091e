"""Whether what is stored is whole: files, audit trail, every credential with its key; `Soundness` says what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator

from provserver.errors import VaultError
from provserver.services.context import Context
from provserver.services.secrets import Gone, Secrets, envelope
from provserver.services.upkeep.audit_trail import AuditTrail
from provserver.storage import credentials, keystore

_BATCH = 500


class Soundness:
    """Checks a data directory; changes nothing."""

    def __init__(self, *, context: Context, secrets: Secrets, trail: AuditTrail) -> None:
        self._context = context
        self._trail = trail
        self._secrets = secrets

    async def problems(self) -> list[str]:
        """What is wrong, one line each; empty when all is well. Opens every credential, and forgets it at once."""
        found = await self._context.storage.problems()
        found += await self._trail.problems()
        found += [problem async for problem in self._unreadable()]
        return found

    async def _unreadable(self) -> AsyncIterator[str]:
        after = ""
        while True:
            async with self._context.storage.read() as tx:
                page = await credentials.held_after(tx, after, limit=_BATCH)
            if not page:
                return
            async with self._context.storage.read("keystore") as tx:
                keys = await keystore.find_keys(tx, [c.sealed.key_id for c in page if c.sealed])
            for credential in page:
                prepared = envelope(credential, keys)
                if isinstance(prepared, Gone) and prepared.reason == "gone":
                    yield f"{credential.field} of {credential.owner}: its data key is missing"
                    continue
                try:
                    self._secrets.open(prepared)
                except VaultError as error:
                    yield f"{credential.field} of {credential.owner}: {error}"
            after = page[-1].id
