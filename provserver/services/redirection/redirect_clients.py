"""`Clients`: a client for each account at a redirection service, with its secrets, its pace and its counters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from provserver.clock import Clock
from provserver.domain.registration import RedirectAccount, account_owner
from provserver.outbound.http import Outside
from provserver.redirect.catalogue import SERVICES, Service
from provserver.redirect.channel import Channel
from provserver.redirect.pace import Pace
from provserver.redirect.protocol import Access, Client, Stamp
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.secrets import Secrets, envelope
from provserver.storage import credentials, keystore

Key = tuple[str, int]  # an account as it was when its client was made


class Clients:
    """
    Makes clients, and keeps them: some hold a token that is good for an hour.

    *counted* is told of every call: service, what became of it, seconds.
    """

    def __init__(
        self,
        *,
        context: Context,
        secrets: Secrets,
        outside: Outside,
        clock: Clock,
        burst: int,
        counted: Callable[[str, str, float], None],
    ) -> None:
        self._context = context
        self._secrets = secrets
        self._outside = outside
        self._clock = clock
        self._burst = burst
        self._counted = counted
        self._known: dict[Key, Client] = {}

    async def of(self, account: RedirectAccount) -> Client:
        """The client of *account*. Raises SecretGone or TamperedSecret when its secrets cannot be read."""
        key = (account.id, account.updated_at)
        client = self._known.get(key)
        if client is None:
            for stale in [known for known in self._known if known[0] == account.id]:
                del self._known[stale]
            access = Access(endpoint=account.endpoint, fields=account.fields, secrets=await self.secrets_of(account))
            client = self._known[key] = self.made(SERVICES[account.service], access, per_s=account.per_s)
        return client

    def made(self, service: Service, access: Access, *, per_s: float | None = None) -> Client:
        """A new client for *access*, whether it is an account yet or not."""
        pace = Pace(per_s=per_s or service.per_s, burst=self._burst, clock=self._clock)
        channel = Channel(
            self._outside,
            pace=pace,
            clock=self._clock,
            counted=lambda result, seconds: self._counted(service.slug, result, seconds),
        )
        return service.make(channel, access, Stamp(now_ms=self._clock.wall_ms, random=os.urandom))

    async def secrets_of(self, account: RedirectAccount) -> Mapping[str, Secret]:
        """The secrets of *account*, opened. Raises SecretGone or TamperedSecret."""
        async with self._context.storage.read() as tx:
            owned = await credentials.credentials_of(tx, [account_owner(account.id)])
        async with self._context.storage.read("keystore") as tx:
            keys = await keystore.find_keys(tx, [c.sealed.key_id for c in owned if c.sealed])
        return {c.field: self._secrets.open(envelope(c, keys)) for c in owned}
