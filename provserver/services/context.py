"""`Context`: what every service needs: the store, the clock, who is acting, and how a change is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provserver.clock import SteadyClock
from provserver.storage import audit, changes
from provserver.storage.database import Storage, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """
    Shared by the services of one process. *actor* is who the audit trail names (``cli:root``, ``server``).

    *forget* tells this process's own cache at once; other processes read the note in the store.
    """

    storage: Storage
    clock: SteadyClock
    actor: str
    forget: Callable[[str], None]

    async def record(
        self,
        tx: Transaction,
        action: str,
        *,
        object_: str,
        tenant_id: str | None = None,
        changed: tuple[str, ...] = (),
        detail: dict[str, object] | None = None,
    ) -> None:
        """
        Write a change down, in its own transaction: an audit entry, and notes for what caches must forget.

        *changed* are MACs, or `changes.EVERYTHING`. Call `settled` with the same keys after the commit.
        """
        await audit.append(
            tx,
            at_ms=self.clock.now_ms(),
            actor=self.actor,
            action=action,
            tenant_id=tenant_id,
            object_=object_,
            detail=detail or {},
        )
        await changes.note(tx, changed)

    async def record_all(
        self, tx: Transaction, entries: Sequence[audit.AuditEntry], *, changed: tuple[str, ...]
    ) -> None:
        """The same for many changes that were made together."""
        await audit.append_all(tx, entries, at_ms=self.clock.now_ms(), actor=self.actor)
        await changes.note(tx, changed)

    def settled(self, changed: tuple[str, ...]) -> None:
        """After the commit: make this process forget what it knew."""
        for key in changed:
            self.forget(key)
