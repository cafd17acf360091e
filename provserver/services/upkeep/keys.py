"""Key-encryption keys: made at init, checked at start, rotated, and destroyed when nothing needs them."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from provserver.errors import KeyUnusable, StorageDamaged, TamperedSecret
from provserver.services.context import Context
from provserver.storage import changes, credentials, keystore, meta
from provserver.storage.database import Storage
from provserver.storage.keystore import KeyGeneration
from provserver.vault.keyring import KeyRing
from provserver.vault.sealing import rewrap
from provserver.vault.tokens import TokenKey

_TOKEN_CHECK = "token_key_check"  # noqa: S105 - the name of a row
_BATCH = 2_000
_EVERYTHING = (changes.EVERYTHING,)


async def adopt(storage: Storage, ring: KeyRing, tokens: TokenKey, *, at_ms: int, lost: bool = False) -> None:
    """
    Check the key files against what the store remembers of them, or remember them when the store is new.

    *lost*: a new keystore beside old credentials is what somebody wants, see `StartingOver`. Raises KeyUnusable naming
    the file: a server with the wrong keys would serve nothing and destroy much.
    """
    async with storage.transaction("keystore") as tx:
        known = {row.generation: row for row in await keystore.generations(tx)}
        if not known:
            if not lost:
                await _refuse_lost_keystore(storage)
            for generation in ring.generations:
                await keystore.insert_generation(tx, generation, ring.check_value(generation), at_ms=at_ms)
        in_use = await keystore.count_by_generation(tx)
        for row in known.values():
            if row.destroyed_at is None and (row.retired_at is None or in_use.get(row.generation)):
                ring.verify(row.generation, row.check_value)
        for generation in set(ring.generations) - set(known) if known else ():
            if generation < max(known):
                raise StorageDamaged(f"key generation {generation} is not known to the keystore")
            # A rotation that made the file and was killed before it wrote the row.
            await keystore.insert_generation(tx, generation, ring.check_value(generation), at_ms=at_ms)
    async with storage.transaction() as tx:
        check = await meta.get(tx, _TOKEN_CHECK)
        if check is None:
            _refuse_lost_state(storage, in_use)
            await meta.put(tx, _TOKEN_CHECK, tokens.check_value().hex())
        else:
            tokens.verify(bytes.fromhex(check))


async def _refuse_lost_keystore(storage: Storage) -> None:
    """A new keystore beside old credentials: what opens them has been lost, and nobody may find out phone by phone."""
    async with storage.read() as tx:
        held = (await credentials.summary(tx, now_ms=0))["held"]
    if held:
        file, state = storage.file("keystore"), storage.file("state").name
        raise StorageDamaged(f"{file} is empty, but {state} holds {held} credentials that need it")


def _refuse_lost_state(storage: Storage, in_use: Mapping[int, int]) -> None:
    """A new state beside an old keystore: the sweep would destroy every key in it, before somebody finds the state."""
    if in_use:
        file, keys_file = storage.file("state"), storage.file("keystore").name
        raise StorageDamaged(f"{file} is empty, but {keys_file} holds {sum(in_use.values())} data keys")


class Keys:
    """Rotation. *destroy_ms*: how long a retired key is kept; backups of the keystore from before die with it."""

    def __init__(self, *, context: Context, ring: KeyRing, rotate_ms: int, destroy_ms: int) -> None:
        self._context = context
        self._ring = ring
        self._rotate_ms = rotate_ms
        self._destroy_ms = destroy_ms

    async def generations(self) -> list[tuple[KeyGeneration, int]]:
        """All generations with the number of data keys each wraps."""
        async with self._context.storage.read("keystore") as tx:
            counts = await keystore.count_by_generation(tx)
            return [(row, counts.get(row.generation, 0)) for row in await keystore.generations(tx)]

    async def rotate(self) -> tuple[int, int]:
        """
        Make a new key, wrap every data key with it, retire the old ones. Returns (generation, data keys wrapped).

        Interrupted, it goes on where it was at the next call of `rewrap_all`; both keys open until then.
        """
        self._ring.refresh()
        generation = self._ring.add_generation()
        at_ms = self._context.clock.now_ms()
        async with self._context.storage.transaction("keystore") as tx:
            await keystore.insert_generation(tx, generation, self._ring.check_value(generation), at_ms=at_ms)
        count = await self.rewrap_all()
        async with self._context.storage.transaction() as tx:
            await self._context.record(
                tx, "key.rotated", object_=f"generation {generation}", detail={"data_keys": count}
            )
        structlog.get_logger().info("key.rotated", generation=generation, data_keys=count)
        return generation, count

    async def rewrap_all(self) -> int:
        """Wrap under the current generation whatever is not. A data key that does not open is left and reported."""
        count, after = 0, ""
        while True:
            async with self._context.storage.transaction("keystore") as tx:
                batch = await keystore.keys_not_of(tx, self._ring.current, after=after, limit=_BATCH)
                fresh = []
                for key, owner in batch:
                    try:
                        fresh.append(rewrap(key, owner=owner, ring=self._ring))
                    except (TamperedSecret, KeyUnusable) as error:
                        structlog.get_logger().error("key.rewrap_failed", problem=str(error))
                await keystore.replace_keys(tx, fresh)
            count += len(fresh)
            if not batch:
                break
            after = batch[-1][0].key_id
        if count:  # caches hold data keys as they were wrapped before
            async with self._context.storage.transaction() as tx:
                await changes.note(tx, _EVERYTHING)
            self._context.settled(_EVERYTHING)
        return count

    async def destroy_retired(self) -> list[int]:
        """Destroy generations that have been retired long enough and wrap nothing any more."""
        now_ms = self._context.clock.now_ms()
        destroyed = []
        for row, count in await self.generations():
            due = row.retired_at is not None and row.retired_at + self._destroy_ms <= now_ms
            if not due or row.destroyed_at is not None:
                continue
            if count:  # fail closed: destroying it would destroy what it still wraps
                structlog.get_logger().error("key.still_needed", generation=row.generation, data_keys=count)
                continue
            self._ring.destroy(row.generation)
            async with self._context.storage.transaction("keystore") as tx:
                await keystore.mark_destroyed(tx, row.generation, at_ms=now_ms)
            async with self._context.storage.transaction() as tx:
                await self._context.record(
                    tx, "key.destroyed", object_=f"generation {row.generation}", changed=_EVERYTHING
                )
            self._context.settled(_EVERYTHING)  # what a rotation that was cut off has left in caches
            destroyed.append(row.generation)
        return destroyed

    async def maintain(self) -> None:
        """What the server does daily: rotate when it is time, finish what was interrupted, destroy what is due."""
        self._ring.refresh()
        current = (await self.generations())[-1][0]
        if self._rotate_ms and current.created_at + self._rotate_ms <= self._context.clock.now_ms():
            await self.rotate()
        else:
            await self.rewrap_all()
        await self.destroy_retired()
