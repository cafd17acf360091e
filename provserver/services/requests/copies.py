"""
What devices have: a copy of each file as it was last fetched, with stars for its secrets.

A copy is written when an artefact goes out that was not the last one, by a task that no phone waits for. In place of a
secret stands what tells its versions apart and nothing about it: a copy outlives passwords, and must bring none back.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog

from provserver.domain.artefact import Skeleton
from provserver.domain.device import Credential, Device
from provserver.domain.slot import PROVISIONING_URL
from provserver.errors import StorageError
from provserver.render import fill
from provserver.secret import STARS, Secret
from provserver.services.records import Artefact
from provserver.services.requests.answers import Answer
from provserver.storage import copies
from provserver.storage.copies import PUT_COPIES
from provserver.storage.database import Storage
from provserver.vault.tokens import TokenKey

# Packed. A phone's file packs to 1 or 2 kB, a DECT base's with 250 accounts to 20; what is larger is not compared.
LIMIT_BYTES = 65_536
# zlib's usual tables are made for megabytes, and emptying them took half of the time; files of 10 kB pack as well so.
_WINDOW_BITS, _MEMORY = 13, 6
_WAITING = 5_000  # they hold artefacts, a few kB each; more come again with the devices' next requests
_BATCH = 500
_SERVED = frozenset({"delivered", "served"})


class _Fetched(NamedTuple):
    device: Device
    file: str
    at: int
    artefact: Artefact
    versions: Mapping[str, str]  # of its secrets, by field


class Copies:
    """Collects what is fetched; `run` is its one task, owned by the composition root."""

    def __init__(self, storage: Storage, *, tokens: TokenKey, flush_s: float) -> None:
        self._storage = storage
        self._tokens = tokens
        self._flush_s = flush_s
        self._waiting: list[_Fetched] = []

    def note(self, answer: Answer, *, at_ms: int) -> None:
        """Take note of an answer that has reached its device; once for each artefact, as long as it is cached."""
        artefact, record, asked = answer.artefact, answer.facts.record, answer.facts.asked
        if artefact is None or artefact.noted or answer.outcome not in _SERVED or len(self._waiting) >= _WAITING:
            return
        if record is None or record.whole is None or asked is None:
            return
        artefact.noted = True
        device = record.access.device
        versions = versions_of(artefact.skeleton, record.whole.credentials, device)
        self._waiting.append(_Fetched(device, asked.plain_file, at_ms, artefact, versions))

    async def run(self) -> None:
        """Write what is waiting, until cancelled."""
        while True:
            await asyncio.sleep(self._flush_s)
            await self.flush()

    async def flush(self) -> None:
        """Write what is waiting now. What cannot be written is noted again when it is fetched again."""
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                await self._write(batch)
            except StorageError as error:
                structlog.get_logger().error("copies.failed", problem=str(error), rows=len(batch))
                for fetched in batch:
                    fetched.artefact.noted = False
            except asyncio.CancelledError:  # the server stops: what was not written waits for the last flush
                self._waiting = batch + self._waiting
                raise

    async def _write(self, batch: list[_Fetched]) -> None:
        """Write those that differ from what is there: after a restart, nearly none."""
        async with self._storage.read("requests") as tx:
            known = await copies.tags_of(tx, {fetched.device.id for fetched in batch})
        newest = {(fetched.device.id, fetched.artefact.rule): fetched for fetched in batch}
        changed = [fetched for key, fetched in newest.items() if known.get(key) != fetched.artefact.etag]
        if changed:
            rows = await asyncio.to_thread(lambda: [self._row(fetched) for fetched in changed])
            await self._storage.append("requests", PUT_COPIES, rows)

    def _row(self, fetched: _Fetched) -> tuple[Any, ...]:
        artefact = fetched.artefact
        packer = zlib.compressobj(wbits=_WINDOW_BITS, memLevel=_MEMORY)
        packed = packer.compress(masked(artefact.skeleton, fetched.versions, self._tokens)) + packer.flush()
        content = packed if len(packed) <= LIMIT_BYTES else None
        return fetched.device.id, artefact.rule, fetched.file, fetched.at, artefact.etag, content


def versions_of(skeleton: Skeleton, credentials: Mapping[str, Credential], device: Device) -> dict[str, str]:
    """What tells the versions of the secrets in *skeleton* apart, by field."""
    return {
        name: f"{device.id} {device.tokens.generation}" if name == PROVISIONING_URL else credentials[name].id
        for name in skeleton.fields
    }


def masked(skeleton: Skeleton, versions: Mapping[str, str], tokens: TokenKey) -> bytes:
    """The file with stars for its secrets, each with the mark of its version."""
    return fill(skeleton, {name: Secret(f"{STARS}-{tokens.mark(version)}") for name, version in versions.items()})
