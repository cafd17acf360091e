"""`Device`, `Tenant` and what else a record consists of, as the store gives them back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provserver.domain.mac import MacAddress
from provserver.domain.sealed import Sealed


class ReleasePolicy(StrEnum):
    """Whether an armed device may be booted without a token (``window``) or never (``strict``)."""

    WINDOW = "window"
    STRICT = "strict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """
    A reseller. *window_ms* and *retention_ms* None: the server's own settings hold.

    *legacy_tls*: its devices may be served over the listener for old TLS, where somebody on the wire may listen.
    *fixed_networks*: its devices stay where they were first delivered to; one that comes from another network without a
    certificate is locked. *quota* is how many devices it may have (None: any number).
    """

    id: str
    name: str
    policy: ReleasePolicy = ReleasePolicy.WINDOW
    window_ms: int | None = None
    retention_ms: int | None = None
    legacy_tls: bool = False
    fixed_networks: bool = False
    quota: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Fingerprints (keyed hashes) of the URL tokens a device may use; the tokens themselves are never stored."""

    generation: int
    lasting: bytes
    previous: bytes | None = None  # lasting token before the last arming, until the new one has been used
    bootstrap: bytes | None = None  # dead once the lasting token has been used
    lasting_used_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """
    One device. Times are steady milliseconds since 1970.

    *armed_until* bounds the window in which it may be booted without a token; *provisioned_at* and
    *provisioned_prefix* say when and from which network that happened first since it was armed.
    """

    id: str
    tenant_id: str
    site_id: str | None
    mac: MacAddress
    vendor: str
    model: str | None
    description: str
    tokens: Tokens
    created_at: int
    updated_at: int
    locked_at: int | None = None
    lock_reason: str | None = None
    armed_until: int | None = None
    provisioned_at: int | None = None
    provisioned_prefix: str | None = None
    needs_password_at: int | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """
    One version of a secret and its clock. *sealed* is None once it has been deleted.

    *owner* is who it belongs to: ``device:<id>``, or the scope of a shared setting (``tenant:<id>`` …).
    *expiring_at* means that its deletion has begun: it is never opened again.
    """

    id: str
    tenant_id: str
    owner: str
    field: str
    sealed: Sealed | None
    created_at: int
    released_at: int | None = None
    first_delivered_at: int | None = None
    delete_after: int | None = None
    expiring_at: int | None = None
    deleted_at: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether it may still be opened."""
        return self.sealed is not None and self.expiring_at is None


class Scope(StrEnum):
    """Where a setting is kept; the nearest to the device wins."""

    GLOBAL = "global"
    TENANT = "tenant"
    SITE = "site"
    MODEL = "model"
    DEVICE = "device"


def device_owner(device_id: str) -> str:
    """The owner under which a device's settings and credentials are kept."""
    return f"{Scope.DEVICE}:{device_id}"


def shared_owners(*, tenant_id: str, site_id: str | None, vendor: str, model: str | None) -> tuple[str, ...]:
    """The owners of shared settings that a device inherits from, farthest first."""
    owners = [f"{Scope.GLOBAL}:", f"{Scope.TENANT}:{tenant_id}"]
    if site_id:
        owners.append(f"{Scope.SITE}:{site_id}")
    if model:
        owners.append(model_owner(tenant_id, vendor, model))
    return tuple(owners)


def model_owner(tenant_id: str, vendor: str, model: str) -> str:
    """The owner of what a tenant sets for all its devices of one model."""
    return f"{Scope.MODEL}:{tenant_id}:{vendor}/{model.lower()}"
