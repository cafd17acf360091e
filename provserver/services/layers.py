"""
What devices inherit: the layers of shared settings above them, merged once for all devices that have the same ones.

A thousand phones of one office differ in their lines only. What a maker's rows make of settings that are the very same
object for all of them is kept with that object (see `SharedSettings`), and so are secrets that they share, laid ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cachetools import LRUCache

from provserver.domain.device import Credential, Device, shared_owners
from provserver.domain.resolve import place, read_settings
from provserver.domain.sealed import WrappedKey
from provserver.domain.setting import SettingValue
from provserver.domain.slot import SecretSlot
from provserver.domain.view import SharedSettings
from provserver.services.secrets import Gone, envelope
from provserver.storage import credentials, keystore, settings
from provserver.storage.database import Storage
from provserver.vault.sealing import Prepared

_KEPT = 20_000  # tenants, sites and models; an empty one is half a kB, and a million devices have many sites


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """What one owner adds to those who inherit from it; only credentials that are held."""

    values: Mapping[str, SettingValue]
    raw: Mapping[str, str]
    credentials: Mapping[str, Credential]
    keys: Mapping[str, WrappedKey]
    changed_at: int

    @property
    def is_empty(self) -> bool:
        """Whether it adds nothing at all."""
        return not (self.values or self.raw or self.credentials or self.changed_at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inherited:
    """
    Several layers together, nearer ones before farther ones.

    *values* and *raw* are what was written; *settings* and *placed_raw* the same with slots for the *credentials*, for
    devices that add nothing of their own. *envelopes* are laid ready by the credential's id.
    """

    values: dict[str, SettingValue]
    raw: dict[str, str]
    settings: SharedSettings
    placed_raw: dict[str, str | SecretSlot]
    credentials: Mapping[str, Credential]
    envelopes: Mapping[str, Prepared | Gone]
    changed_at: int


class Layers:
    """Reads layers once, and merges them once. Thrown away as a whole when any shared setting changes."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._layers: LRUCache[str, Layer] = LRUCache(_KEPT)
        self._merged: LRUCache[tuple[str, ...], Inherited] = LRUCache(_KEPT)
        self._loading = asyncio.Lock()

    async def above(self, device: Device) -> Inherited:
        """What *device* inherits."""
        owners = shared_owners(
            tenant_id=device.tenant_id, site_id=device.site_id, vendor=device.vendor, model=device.model
        )
        adding = [(owner, layer) for owner in owners if not (layer := await self._layer(owner)).is_empty]
        key = tuple(owner for owner, _ in adding)  # sites and models that add nothing share one object with all others
        merged = self._merged.get(key)
        if merged is None:
            merged = self._merged[key] = _merge([layer for _, layer in adding])
        return merged

    async def _layer(self, owner: str) -> Layer:
        """What one owner adds; read once for all who ask at the same time, as after a power cut."""
        layer = self._layers.get(owner)
        if layer is not None:
            return layer
        async with self._loading:
            layer = self._layers.get(owner)
            if layer is None:
                layer = self._layers[owner] = await load_layer(self._storage, owner)
            return layer


async def load_layer(storage: Storage, owner: str) -> Layer:
    """Read what one owner of shared settings adds."""
    async with storage.read() as tx:
        texts = (await settings.settings_of(tx, [owner])).get(owner, {})
        changed_at = await settings.newest_change(tx, [owner])
        own = {c.field: c for c in await credentials.credentials_of(tx, [owner]) if c.is_held}
    async with storage.read("keystore") as tx:
        keys = await keystore.find_keys(tx, [c.sealed.key_id for c in own.values() if c.sealed])
    values, raw = read_settings(texts)
    return Layer(values=values, raw=raw, credentials=own, keys=keys, changed_at=changed_at)


def _merge(layers: Sequence[Layer]) -> Inherited:
    """Farthest first: nearer ones win."""
    values = {name: value for layer in layers for name, value in layer.values.items()}
    raw = {name: value for layer in layers for name, value in layer.raw.items()}
    held = {field: credential for layer in layers for field, credential in layer.credentials.items()}
    keys = {key_id: key for layer in layers for key_id, key in layer.keys.items()}
    placed, placed_raw = place(values, raw, held=held)
    return Inherited(
        values=values,
        raw=raw,
        settings=SharedSettings(placed),
        placed_raw=placed_raw,
        credentials=held,
        envelopes={credential.id: envelope(credential, keys) for credential in held.values()},
        changed_at=max((layer.changed_at for layer in layers), default=0),
    )
