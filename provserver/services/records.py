"""
`Records`: devices as the request path sees them, in a bounded cache of sealed values and of artefacts with holes.

Nothing in the cache is plaintext. An entry is dropped when its device changes: at once when this process made the
change, within the polling interval when another did.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache

from provserver.domain.artefact import Skeleton
from provserver.domain.device import Credential, shared_owners
from provserver.domain.resolve import SETTING_FIELD, assemble_view, read_settings
from provserver.domain.sealed import WrappedKey
from provserver.domain.setting import SettingValue
from provserver.domain.view import DeviceView
from provserver.identify import Asked
from provserver.services.secrets import Gone, envelope
from provserver.storage import changes, credentials, keystore, settings
from provserver.storage.database import Storage
from provserver.storage.records import Access, Details, RecordReader
from provserver.vault.sealing import Prepared

# What a cached record weighs beside its artefacts: about 8 kB of Python objects for a device of one line.
_RECORD_BYTES = 8_000
_PATHS_KEPT = 8  # of one device: its makers' files with credentials are fewer, and more would be weight nobody counts
_LAYERS_KEPT = 20_000  # tenants, sites and models; an empty one is half a kB, and a million devices have many sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A rendered file without its secrets, and the tag that changes with its content or its secrets' versions."""

    skeleton: Skeleton
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one owner adds to those who inherit from it."""

    values: dict[str, SettingValue]
    raw: dict[str, str]
    credentials: dict[str, Credential]
    keys: dict[str, WrappedKey]
    changed_at: int


@dataclass(slots=True, kw_only=True)
class Whole:
    """A device with everything an artefact is made of. *credentials* are those in force, by field, shared ones too."""

    details: Details
    view: DeviceView
    credentials: dict[str, Credential]
    envelopes: dict[str, Prepared | Gone]
    changed_at: int
    changed_text: str  # the same as HTTP writes it
    lost_password: bool  # a line's password has been deleted and not been entered again


class Known(NamedTuple):
    """A path that was released before by the lasting token in it, and on what: holds while *access* is the record's."""

    access: Access
    asked: Asked
    token: bytes


@dataclass(slots=True, kw_only=True, eq=False, weakref_slot=True)
class Record:
    """One cached device: access at once, the whole when something is released, artefacts as they are asked for."""

    access: Access
    whole: Whole | None = None
    artefacts: dict[str, Artefact] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)

    @property
    def weight_bytes(self) -> int:
        """What this entry counts for in the cache."""
        return _RECORD_BYTES + sum(artefact.skeleton.size_bytes for artefact in self.artefacts.values())


class Records:
    """Finds devices. One for the process."""

    def __init__(self, storage: Storage, *, cache_bytes: int) -> None:
        self._storage = storage
        self.reader = RecordReader(storage)
        self._cache: LRUCache[str, Record] = LRUCache(cache_bytes, getsizeof=lambda record: record.weight_bytes)
        self._by_path: WeakValueDictionary[str, Record] = WeakValueDictionary()  # gone with the record
        self._layers: LRUCache[str, Layer] = LRUCache(_LAYERS_KEPT)
        self._loading = asyncio.Lock()
        self._epoch = 0
        self._last_note = 0
        self.hits = 0
        self.misses = 0

    async def find(self, asked: Asked, token: bytes | None) -> Record | None:
        """
        The record that a request names by MAC, else by token.

        An unknown one costs the same single look-up as one that is known and not cached.
        """
        if asked.mac is not None:
            record = self._cache.get(asked.mac.value)
            if record is not None:
                self.hits += 1
                return record
        self.misses += 1
        epoch = self._epoch
        if asked.mac is not None:
            access = await self.reader.access_by_mac(asked.mac.value)
        elif token is not None:
            access = await self.reader.access_by_token(token)
        else:
            return None
        if access is None:
            return None
        mac = access.device.mac.value
        record = self._cache.get(mac) or Record(access=access)
        if epoch == self._epoch:  # else it was read before a change that has been forgotten since: use it, keep it not
            self._admit(record)
        return record

    def known(self, path: str) -> tuple[Record, Known] | None:
        """
        What was found out about *path* when it was last released, if nothing about its device has changed since.

        Fail closed: a record that was forgotten or changed is decided on anew. Finding a path in a table says nothing
        about tokens near it: what is compared first is a hash with a key of this process.
        """
        record = self._by_path.get(path)
        known = record.known.get(path) if record is not None else None
        if record is None or known is None or known.access is not record.access:
            return None
        if self._cache.get(record.access.device.mac.value) is not record:
            return None
        self.hits += 1
        return record, known

    def remember(self, path: str, record: Record, known: Known) -> None:
        """Keep what was found out about *path*, which `known` gives from now on."""
        if len(record.known) >= _PATHS_KEPT:
            for old in record.known:
                self._by_path.pop(old, None)
            record.known.clear()
        record.known[path] = known
        self._by_path[path] = record

    async def complete(self, record: Record) -> Whole:
        """Load everything else of a record, once."""
        if record.whole is None:
            device = record.access.device
            details = await self.reader.details(device.id)
            owners = shared_owners(
                tenant_id=device.tenant_id, site_id=device.site_id, vendor=device.vendor, model=device.model
            )
            layers = [await self._layer(owner) for owner in owners]
            record.whole = _whole(record.access, details, layers)
        return record.whole

    def keep(self, record: Record) -> None:
        """Weigh a record again after it has grown. One that was forgotten meanwhile is out of date and stays out."""
        if self._cache.get(record.access.device.mac.value) is record:
            self._admit(record)

    def forget(self, key: str) -> None:
        """Drop what is known of a MAC, or of everything."""
        self._epoch += 1
        if key == changes.EVERYTHING:
            self._cache.clear()
            self._layers = LRUCache(_LAYERS_KEPT)  # another object: who is loading into the old one does no harm
        else:
            self._cache.pop(key, None)

    async def follow(self) -> None:
        """Forget what other processes have changed since the last call."""
        notes = await self._storage.hot("state", changes.NOTES_SINCE, since=self._last_note)
        if not notes:
            return
        for _, key in notes:
            self.forget(key)
        self._last_note = notes[-1][0]

    async def start_following(self) -> None:
        """Begin after the notes there are: the cache is still empty."""
        async with self._storage.read() as tx:
            self._last_note = await changes.newest(tx)

    @property
    def entries(self) -> int:
        """How many devices are cached."""
        return len(self._cache)

    def take_counts(self) -> dict[str, int]:
        """Hits and misses since the last call."""
        counts = {"hit": self.hits, "miss": self.misses}
        self.hits = self.misses = 0
        return counts

    def _admit(self, record: Record) -> None:
        try:
            self._cache[record.access.device.mac.value] = record
        except ValueError:  # heavier than the whole cache: served, not kept
            self._cache.pop(record.access.device.mac.value, None)

    async def _layer(self, owner: str) -> Layer:
        """What one owner adds; read once for all who ask at the same time, as after a power cut."""
        layers = self._layers
        layer = layers.get(owner)
        if layer is not None:
            return layer
        async with self._loading:
            layer = layers.get(owner)
            if layer is None:
                layer = layers[owner] = await load_layer(self._storage, owner)
            return layer


async def load_layer(storage: Storage, owner: str) -> Layer:
    """Read what one owner of shared settings adds."""
    async with storage.read() as tx:
        texts = (await settings.settings_of(tx, [owner])).get(owner, {})
        changed_at = await settings.newest_change(tx, [owner])
        own = {credential.field: credential for credential in await credentials.credentials_of(tx, [owner])}
    async with storage.read("keystore") as tx:
        keys = await keystore.find_keys(tx, [c.sealed.key_id for c in own.values() if c.sealed])
    values, raw = read_settings(texts)
    return Layer(values=values, raw=raw, credentials=own, keys=keys, changed_at=changed_at)


async def load_whole(storage: Storage, access: Access) -> Whole:
    """The whole of one device, past any cache: for people's side."""
    device = access.device
    owners = shared_owners(tenant_id=device.tenant_id, site_id=device.site_id, vendor=device.vendor, model=device.model)
    return _whole(
        access, await RecordReader(storage).details(device.id), [await load_layer(storage, owner) for owner in owners]
    )


def _whole(access: Access, details: Details, layers: list[Layer]) -> Whole:
    """Inheritance: nearer layers win. What was deleted at the device stays away; no farther secret replaces it."""
    values, raw = read_settings(details.settings)
    own = Layer(
        values=values,
        raw=raw,
        credentials=dict(details.credentials),
        keys=dict(details.keys),
        changed_at=max(details.settings_changed_at, access.device.updated_at),
    )
    in_force: dict[str, Credential] = {}
    all_layers = (*layers, own)
    for layer in all_layers:
        in_force.update({f: c for f, c in layer.credentials.items() if c.is_held or layer is own})
    held = {f: c for f, c in in_force.items() if c.is_held}
    view = assemble_view(
        mac=access.device.mac,
        model=access.device.model,
        lines=details.lines,
        values={name: value for layer in all_layers for name, value in layer.values.items()},
        raw={name: value for layer in all_layers for name, value in layer.raw.items()},
        held=held,
    )
    keys = {key_id: key for layer in all_layers for key_id, key in layer.keys.items()}
    changed_at = max(layer.changed_at for layer in all_layers)
    return Whole(
        details=details,
        view=view,
        credentials=held,
        envelopes={name: envelope(credential, keys) for name, credential in held.items()},
        changed_at=changed_at,
        changed_text=formatdate(changed_at / 1000, usegmt=True),
        lost_password=any(not c.is_held for f, c in details.credentials.items() if not f.startswith(SETTING_FIELD)),
    )
