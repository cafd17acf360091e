"""`Replacing`: what becomes of credentials whose place new ones take: they go at once, but for a login password."""

from __future__ import annotations

from collections.abc import Sequence

from provserver.domain.device import Credential
from provserver.domain.resolve import LOGIN_PASSWORD, PREVIOUS_LOGIN_PASSWORD
from provserver.services.context import Context
from provserver.storage import credentials
from provserver.storage.database import Transaction


class Replacing:
    """
    Puts new credentials into the place of old ones.

    A phone learns a new login password from the file that it fetches with the old one. So the old one is accepted for
    *previous_ms* longer, or until the time it was to be deleted at anyhow, if that comes first.
    """

    def __init__(self, *, context: Context, previous_ms: int) -> None:
        self._context = context
        self._previous_ms = previous_ms

    async def replace(
        self, tx: Transaction, old: Sequence[Credential], replaced: Sequence[Credential], new: Sequence[Credential]
    ) -> list[Credential]:
        """
        Write the *new* ones in place of those that are *replaced*, of all the *old* ones their owners have.

        Returns those that are gone; their data keys are the caller's to destroy. A login password that is taken away
        leaves no previous one either: that is how one that got out is ended at once.
        """
        successors = {c.owner for c in new if c.field == LOGIN_PASSWORD}
        touched = {c.owner for c in replaced if c.field == LOGIN_PASSWORD}
        kept = [
            c
            for c in replaced
            if c.field == LOGIN_PASSWORD and c.owner in successors and c.is_held and self._previous_ms
        ]
        gone = [c for c in replaced if c not in kept]
        gone += [c for c in old if c.field == PREVIOUS_LOGIN_PASSWORD and c.owner in touched | successors]
        await credentials.remove_credentials(tx, [c.id for c in gone])
        until_ms = self._context.clock.now_ms() + self._previous_ms
        for credential in kept:
            await credentials.keep_as_previous(
                tx, credential.id, until_ms=min(until_ms, credential.delete_after or until_ms)
            )
        await credentials.insert_credentials(tx, new)
        return gone
