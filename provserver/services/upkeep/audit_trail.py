"""
`AuditTrail`: whether the audit trail is all there, its end too.

Each entry holds the hash of the one before, so the chain shows what was changed or taken out of its middle, and nothing
of an end that was cut off, or of an old copy put in its place. For that there is the anchor: number and hash of the
last entry, sealed with a key of the vault, in the keystore's file. It follows the trail, a few seconds behind in a
server and at the end of each command: a crash leaves it behind, never ahead, which is no alarm. What was added in those
seconds is all that can be cut off unseen.

Fails closed: once the trail does not fit its anchor, the anchor stays as it is, and everybody is told so until somebody
accepts it, with a reason, which is an entry of the trail itself.

Whoever can write both files and read the key files can make a new trail with an anchor that fits it. Against him stands
an anchor outside (`current`, to be printed and kept by somebody else), which `misfits` compares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from provserver.clock import iso
from provserver.errors import Conflict
from provserver.services.context import Context
from provserver.storage import anchors, audit
from provserver.storage.anchors import Anchor
from provserver.storage.database import Transaction

_ANCHORED = "audit.anchored"  # the entry that says there is an anchor: where it is, one that is missing was taken away


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An anchor as somebody outside keeps it: the trail had this entry as its last one, with this hash."""

    seq: int
    hash: str


class AuditTrail:
    """Anchors the trail, and compares. *seal* is the vault's over number, hash and time of an anchor."""

    def __init__(self, *, context: Context, seal: Callable[[int, str, int], bytes]) -> None:
        self._context = context
        self._seal = seal
        self.problem: str | None = None  # what was found last; readiness warns of it

    async def renew(self) -> None:
        """
        Bring the anchor up to the end of the trail, if the trail still fits it.

        Costs two look-ups where nothing was added. Raises StorageError.
        """
        storage = self._context.storage
        async with storage.read("keystore") as keys, storage.read() as tx:
            kept, (seq, _) = await anchors.find_anchor(keys), await audit.head(tx)
            self._found(await self._problem(tx, kept))
        if self.problem or (kept is not None and kept.seq == seq):
            return
        async with storage.transaction("keystore") as keys:  # who else renews waits here, and then sees ours
            kept = await anchors.find_anchor(keys)
            async with storage.read() as tx:
                self._found(await self._problem(tx, kept))
                if self.problem is None:
                    await anchors.put_anchor(keys, await self._at_the_end(tx))
        if kept is None and self.problem is None:
            async with storage.transaction() as tx:
                if not await audit.has(tx, _ANCHORED):
                    await self._context.record(tx, "audit.anchored", object_="audit trail")

    async def current(self) -> Mark:
        """The end of the trail, to be kept by somebody outside."""
        async with self._context.storage.read() as tx:
            seq, hash_ = await audit.head(tx)
        return Mark(seq=seq, hash=hash_)

    async def problems(self, outside: Sequence[Mark] = ()) -> list[str]:
        """What is wrong with the trail, by its chain, its anchor, and the anchors kept *outside*; changes nothing."""
        storage = self._context.storage
        async with storage.read("keystore") as keys, storage.read() as tx:
            # The anchor first: entries that come meanwhile are after it.
            kept = await anchors.find_anchor(keys)
            broken = await audit.first_break(tx)
            found = [] if broken is None else [f"entry {broken} does not follow from the one before"]
            problem = await self._problem(tx, kept)
            self.problem = problem  # said by who asks; renewing does not say it again
            misfits = [said for mark in outside if (said := await _misfit(tx, mark, "the anchor kept outside"))]
        return [f"audit trail: {said}" for said in (*found, *([problem] if problem else []), *misfits)]

    async def accept(self, reason: str) -> Mark:
        """
        Anchor the trail as it is, though it does not fit: an old copy was put back on purpose, or the end is lost.

        The entry that says so holds what was expected. Raises Conflict when there is nothing to accept.
        """
        storage = self._context.storage
        async with storage.transaction("keystore") as keys:
            kept = await anchors.find_anchor(keys)
            async with storage.read() as tx:
                problem = await self._problem(tx, kept)
            if problem is None:
                raise Conflict("the audit trail fits its anchor; there is nothing to accept")
            async with storage.transaction() as tx:  # first: a crash in between leaves the problem, and the entry
                await self._context.record(
                    tx,
                    "audit.break_accepted",
                    object_="audit trail",
                    detail={
                        "problem": problem,
                        "reason": reason,
                        "expected_seq": kept.seq if kept else None,
                        "expected_hash": kept.hash if kept else None,
                    },
                )
            async with storage.read() as tx:
                anchor = await self._at_the_end(tx)
            await anchors.put_anchor(keys, anchor)
        self._found(None)
        return Mark(seq=anchor.seq, hash=anchor.hash)

    async def _at_the_end(self, tx: Transaction) -> Anchor:
        seq, hash_ = await audit.head(tx)
        at_ms = self._context.clock.now_ms()
        return Anchor(seq=seq, hash=hash_, at=at_ms, seal=self._seal(seq, hash_, at_ms))

    async def _problem(self, tx: Transaction, kept: Anchor | None) -> str | None:
        if kept is None:
            return "its anchor is missing" if await audit.has(tx, _ANCHORED) else None
        if kept.seal != self._seal(kept.seq, kept.hash, kept.at):
            return "its anchor is not the one that this server made"
        return await _misfit(tx, Mark(seq=kept.seq, hash=kept.hash), f"the anchor of {iso(kept.at)}")

    def _found(self, problem: str | None) -> None:
        if problem and problem != self.problem:
            structlog.get_logger().error("audit.broken", problem=problem)
        self.problem = problem


async def _misfit(tx: Transaction, mark: Mark, name: str) -> str | None:
    """In what the trail does not fit *mark*, which is called *name*; None when it does."""
    if mark.seq == 0:
        return None
    found = await audit.hash_of(tx, mark.seq)
    if found == mark.hash:
        return None
    if found is not None:
        return f"entry {mark.seq} is another than {name} says"
    seq, _ = await audit.head(tx)
    return f"it ends at entry {seq}, and {name} says that there was an entry {mark.seq}"
