"""Where each setting of a device comes from, and what it hides: `origins_of`. Never a secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provserver.domain.catalogue import SPECS, find_spec
from provserver.domain.device import Credential, Device, Scope, device_owner, shared_owners
from provserver.domain.resolve import SETTING_FIELD
from provserver.domain.vendor import Vendor
from provserver.domain.words import unsupported_of
from provserver.secret import STARS
from provserver.storage import credentials, settings
from provserver.storage.database import Storage

DEFAULT = "default"  # nobody has set it: the device's own factory value stands

_Level = tuple[str, Mapping[str, str | None]]  # the level's name, and its values by setting; None: a deleted secret


async def origins_of(storage: Storage, device: Device, vendor: Vendor) -> list[dict[str, Any]]:
    """
    Every setting in force for *device*, by name, ready for JSON; then those that are left to the device itself.

    *level* is one of ``device``, ``model``, ``site``, ``tenant``, ``global``, or ``default`` with the value None.
    *hides* are the values of farther levels, nearest first. Secrets are stars; None is one that was deleted at the
    device, which no farther one replaces. *supported* False: the maker has no word for it, and it does nothing.
    """
    levels = await _levels(storage, device)
    names = sorted({name for _, values in levels for name in values})
    unsupported = frozenset(unsupported_of(vendor, names))
    return [*(_row(name, levels, supported=name not in unsupported) for name in names), *_defaults(vendor, names)]


async def _levels(storage: Storage, device: Device) -> list[_Level]:
    """What each level says, the nearest first."""
    shared = shared_owners(tenant_id=device.tenant_id, site_id=device.site_id, vendor=device.vendor, model=device.model)
    owners = (device_owner(device.id), *reversed(shared))
    async with storage.read() as tx:
        texts = await settings.settings_of(tx, owners)
        secrets = await credentials.credentials_of(tx, owners)
    return [(_scope(owner), {**texts.get(owner, {}), **_masked(secrets, owner)}) for owner in owners]


def _scope(owner: str) -> str:
    return Scope(owner.partition(":")[0]).value


def _masked(secrets: Iterable[Credential], owner: str) -> dict[str, str | None]:
    """The secret settings of *owner*; a deleted one counts at the device alone, as when its files are made."""
    own = [one for one in secrets if one.owner == owner and one.field.startswith(SETTING_FIELD)]
    found: dict[str, str | None] = {}
    for one in own:
        name = one.field.removeprefix(SETTING_FIELD)
        if one.is_held:
            found[name] = STARS
        elif _scope(owner) == Scope.DEVICE:
            found.setdefault(name, None)
    return found


def _row(name: str, levels: Iterable[_Level], *, supported: bool) -> dict[str, Any]:
    (level, value), *hidden = ((level, values[name]) for level, values in levels if name in values)
    return {
        "setting": name,
        "value": value,
        "level": level,
        "supported": supported,
        "hides": [{"level": farther, "value": its} for farther, its in hidden],
    }


def _defaults(vendor: Vendor, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The settings that the maker supports and nobody has set."""
    there = {find_spec(name).name for name in names}
    for spec in SPECS:
        if vendor.supports(spec.name) and spec.name not in there:
            yield {"setting": spec.name, "value": None, "level": DEFAULT, "supported": True, "hides": []}
