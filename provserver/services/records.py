"""
`Records`: devices as the request path sees them, in a bounded cache of sealed values and of artefacts with holes.

Nothing in the cache is plaintext. An entry is dropped when its device changes: at once when this process made the
change, within the polling interval when another did.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache

from provserver.domain.artefact import Skeleton
from provserver.domain.assets import AssetKind, Choice
from provserver.domain.device import Credential, Device
from provserver.domain.line import LINE_FIELD
from provserver.domain.resolve import SETTING_FIELD, place, read_settings, setting_field
from provserver.domain.setting import SettingValue
from provserver.domain.vendor import CONFIG_KEY
from provserver.domain.view import DeviceView
from provserver.identify import Asked
from provserver.services.layers import Inherited, Layers, Places
from provserver.services.secrets import Gone, envelope
from provserver.storage import changes
from provserver.storage.database import Storage
from provserver.storage.records import Access, Details, RecordReader
from provserver.vault.sealing import Prepared

# What a cached record weighs beside its artefacts: about 8 kB of Python objects for a device of one line.
_RECORD_BYTES = 8_000
_PATHS_KEPT = 8  # of one device: its makers' files with credentials are fewer, and more would be weight nobody counts


@dataclass(slots=True, kw_only=True, eq=False)
class Artefact:
    """
    A rendered file without its secrets, and the tag that changes with its content or its secrets' versions.

    *rule* names the maker's file rule. *noted*: that the device has it is written down, or about to be.
    """

    skeleton: Skeleton
    etag: str
    rule: str
    noted: bool = False


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

    @property
    def lost_key(self) -> bool:
        """Whether the key of the device's files has been deleted and not been entered again."""
        key = self.details.credentials.get(setting_field(CONFIG_KEY))
        return key is not None and not key.is_held


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

    def __init__(self, storage: Storage, *, cache_bytes: int, makers: Collection[str], places: Places) -> None:
        self._storage = storage
        self._makers = makers
        self._places = places
        self.reader = RecordReader(storage)
        self._cache: LRUCache[str, Record] = LRUCache(cache_bytes, getsizeof=lambda record: record.weight_bytes)
        self._by_path: WeakValueDictionary[str, Record] = WeakValueDictionary()  # gone with the record
        self._layers = Layers(storage, places)
        self._epoch = 0
        self._last_note = 0
        self.hits = 0
        self.misses = 0

    def cached(self, asked: Asked) -> Record | None:
        """The record of the MAC that a request names, if it is in the cache."""
        record = self._cache.get(asked.mac.value) if asked.mac is not None else None
        if record is not None:
            self.hits += 1
        return record

    async def look_up(self, asked: Asked, token: bytes | None) -> Record | None:
        """
        The record as the store has it; an unknown one costs the same single look-up as one that is known.

        Who is refused has to have cost that, whatever is in the cache, see `spend_look_up`.
        """
        self.misses += 1
        epoch = self._epoch
        if asked.mac is not None:
            access = await self.reader.access_by_mac(asked.mac.value)
        elif token is not None:
            access = await self.reader.access_by_token(token)
        else:
            return None
        if access is None or access.device.vendor not in self._makers:
            return None  # fail closed: entered with a maker that this process has not been told of
        mac = access.device.mac.value
        record = self._cache.get(mac) or Record(access=access)
        if epoch == self._epoch:  # else it was read before a change that has been forgotten since: use it, keep it not
            self._admit(record)
        return record

    async def spend_look_up(self, asked: Asked) -> None:
        """
        Have the store look for what was `cached`, for nothing.

        A thread that had something to do, and one that had nothing, show in the time of an answer (tens of
        microseconds), also where the answer waits for its moment.
        """
        if asked.mac is not None:
            await self.reader.look_for(asked.mac.value)

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
        try:
            if self._cache[record.access.device.mac.value] is not record:
                return None
        except KeyError:
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
            details = await self.reader.details(record.access.device.id)
            record.whole = _whole(record.access, details, await self._layers.above(record.access.device))
        return record.whole

    async def pinned(self, device: Device) -> dict[AssetKind, Choice]:
        """The versions of assets that are pinned for *device*, by kind."""
        return await self._layers.pinned(device)

    def keep(self, record: Record) -> None:
        """Weigh a record again after it has grown. One that was forgotten meanwhile is out of date and stays out."""
        if self._cache.get(record.access.device.mac.value) is record:
            self._admit(record)

    def forget_copies(self, record: Record) -> None:
        """What *record* says of its device has just been written: another copy is older, or is being read just now."""
        mac = record.access.device.mac.value
        if self._cache.get(mac) is not record:
            self.forget(mac)

    def forget(self, key: str) -> None:
        """Drop what is known of a MAC, or of everything."""
        self._epoch += 1
        if key == changes.EVERYTHING:
            self._cache.clear()
            self._layers = Layers(
                self._storage, self._places
            )  # another object: who is loading into the old one does no harm
        else:
            self._cache.pop(key, None)

    async def follow(self) -> frozenset[str]:
        """Forget what other processes have changed since the last call; the keys of what that was."""
        notes = await self._storage.hot("state", changes.NOTES_SINCE, since=self._last_note)
        for seq, key in notes:
            self.forget(key)
            self._last_note = seq
        return frozenset(key for _, key in notes)

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


async def load_whole(storage: Storage, access: Access, places: Places) -> Whole:
    """The whole of one device, past any cache: for people's side."""
    details = await RecordReader(storage).details(access.device.id)
    return _whole(access, details, await Layers(storage, places).above(access.device))


def _whole(access: Access, details: Details, inherited: Inherited) -> Whole:
    """Inheritance: the device's own wins. What was deleted at it stays away; no farther secret replaces it."""
    in_force = {**inherited.credentials, **details.credentials}
    held = {f: c for f, c in in_force.items() if c.is_held}
    settings: dict[str, SettingValue] = inherited.settings
    raw = inherited.placed_raw
    if details.settings or any(f.startswith(SETTING_FIELD) for f in details.credentials):
        own, own_raw = read_settings(details.settings)
        settings, raw = place(inherited.values | own, inherited.raw | own_raw, held=held)
    changed_at = max(inherited.changed_at, details.settings_changed_at, access.device.updated_at)
    return Whole(
        details=details,
        view=DeviceView(
            mac=access.device.mac, model=access.device.model, lines=details.lines, settings=settings, raw=raw
        ),
        credentials=held,
        envelopes={f: inherited.envelopes.get(c.id) or envelope(c, details.keys) for f, c in held.items()},
        changed_at=changed_at,
        changed_text=formatdate(changed_at / 1000, usegmt=True),
        lost_password=any(not c.is_held for f, c in details.credentials.items() if f.startswith(LINE_FIELD)),
    )
