"""
What devices inherit: the layers of shared settings above them, merged once for all devices that have the same ones.

To what people have set comes what follows from the rest: where the pinned firmware is, and the phone book.
A thousand phones of one office differ in their lines only. What a maker's rows make of settings that are the very same
object for all of them is kept with that object (see `SharedSettings`), and so are secrets that they share, laid ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cachetools import LRUCache

from provserver.domain.assets import AssetKind, Choice, Pin, chosen
from provserver.domain.device import Credential, Device, device_owner, shared_owners
from provserver.domain.phonebook import PhonebookFormat
from provserver.domain.resolve import place, read_settings
from provserver.domain.sealed import WrappedKey
from provserver.domain.setting import SettingValue
from provserver.domain.slot import PROVISIONING_URL, SecretSlot
from provserver.domain.view import SharedSettings
from provserver.services.secrets import Gone, envelope
from provserver.storage import assets, credentials, keystore, phonebooks, settings
from provserver.storage.database import Storage
from provserver.vault.sealing import Prepared

FIRMWARE = "firmware_url"
BOOK, BOOK_NAME = "phonebook.1.url", "phonebook.1.name"

_BOOK_IS_CALLED = "Directory"  # on the screen, until somebody sets another name
_KEPT = 20_000  # tenants, sites and models; an empty one is half a kB, and a million devices have many sites


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """What one owner adds to those who inherit from it; only credentials that are held."""

    values: Mapping[str, SettingValue] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    keys: Mapping[str, WrappedKey] = field(default_factory=dict)
    pins: Sequence[Pin] = ()
    has_phonebook: bool = False
    changed_at: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it adds nothing at all."""
        return not (self.values or self.raw or self.credentials or self.pins or self.has_phonebook or self.changed_at)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """
    Where phones find what is not in their configuration: the server's URL, and makers' phone books by slug.

    *titled* are the makers whose phones have a name for a phone book.
    """

    base_url: str = ""
    phonebooks: Mapping[str, PhonebookFormat] = field(default_factory=dict)
    titled: frozenset[str] = frozenset()


class Layers:
    """Reads layers once, and merges them once. Thrown away as a whole when any shared setting changes."""

    def __init__(self, storage: Storage, places: Places) -> None:
        self._storage = storage
        self._places = places
        self._layers: LRUCache[str, Layer] = LRUCache(_KEPT)
        self._merged: LRUCache[tuple[object, ...], Inherited] = LRUCache(_KEPT)
        self._loading = asyncio.Lock()
        self._device_pins: bool | None = None

    async def above(self, device: Device) -> Inherited:
        """What *device* inherits."""
        owners = _owners(device)
        adding = [(owner, layer) for owner in owners if not (layer := await self._layer(owner)).is_empty]
        layers = [layer for _, layer in adding]
        followed = _following([*layers, *await self._own_pins(device)], device, self._places)
        # Sites and models that add nothing share one object with all others.
        key = (*(owner for owner, _ in adding), *followed.items())
        merged = self._merged.get(key)
        if merged is None:
            merged = self._merged[key] = _merge([*layers, Layer(values=followed)] if followed else layers)
        return merged

    async def pinned(self, device: Device) -> dict[AssetKind, Choice]:
        """What is pinned for *device*, by kind; the nearest has the last word. Asks nobody what is known already."""
        layers = [await self._layer(owner) for owner in _owners(device)]
        found: dict[AssetKind, Choice] = {}
        for layer in [*layers, *await self._own_pins(device)]:
            found |= chosen(layer.pins, device)
        return found

    async def _own_pins(self, device: Device) -> list[Layer]:
        """What is pinned for this very device; nobody is asked as long as that is done for none."""
        if self._device_pins is False:
            return []
        async with self._storage.read() as tx:
            self._device_pins = await assets.any_device_pins(tx)
            pins = await assets.pins_of(tx, [device_owner(device.id)]) if self._device_pins else []
        return [Layer(pins=pins)] if pins else []

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


def _owners(device: Device) -> tuple[str, ...]:
    return shared_owners(tenant_id=device.tenant_id, site_id=device.site_id, vendor=device.vendor, model=device.model)


async def load_layer(storage: Storage, owner: str) -> Layer:
    """Read what one owner of shared settings adds."""
    async with storage.read() as tx:
        texts = (await settings.settings_of(tx, [owner])).get(owner, {})
        changed_at = await settings.newest_change(tx, [owner])
        own = {c.field: c for c in await credentials.credentials_of(tx, [owner]) if c.is_held}
        pins = await assets.pins_of(tx, [owner])
        book_changed_at = await phonebooks.changed_at(tx, owner)
    async with storage.read("keystore") as tx:
        keys = await keystore.find_keys(tx, [c.sealed.key_id for c in own.values() if c.sealed])
    values, raw = read_settings(texts)
    return Layer(
        values=values,
        raw=raw,
        credentials=own,
        keys=keys,
        pins=pins,
        has_phonebook=book_changed_at is not None,
        changed_at=changed_at,
    )


def _following(layers: Sequence[Layer], device: Device, places: Places) -> dict[str, SettingValue]:
    """
    What follows from pins and phone books, as settings; what somebody has set as near, or nearer, stands.

    *layers* are those of *device*, farthest first. The firmware's place is a URL of its own, without the device's
    token: boot loaders ask it in clear, and phones show it. The phone book's is below the device's own URL.
    """
    found: dict[str, SettingValue] = {}
    for layer in layers:
        firmware = chosen(layer.pins, device).get(AssetKind.FIRMWARE)
        if firmware is not None and firmware.file is not None:
            found[FIRMWARE] = places.base_url + firmware.bundle.path(firmware.file)
        if FIRMWARE in layer.values:
            found.pop(FIRMWARE, None)
    book = places.phonebooks.get(device.vendor)
    if book is None or not any(layer.has_phonebook for layer in layers) or not book.fits(device.model):
        return found
    set_by_hand = {name for layer in layers for name in layer.values}
    if BOOK not in set_by_hand:
        found[BOOK] = SecretSlot(PROVISIONING_URL, after="" if book.appended else book.file)
        if device.vendor in places.titled and BOOK_NAME not in set_by_hand:
            found[BOOK_NAME] = _BOOK_IS_CALLED
    return found


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
