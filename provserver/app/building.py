"""Services for a data directory: `initialise` makes keys and databases, `build` puts everything together."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from provserver import __version__
from provserver.app.redirection import Redirection, build_redirection
from provserver.clock import Clock, SteadyClock, SystemClock
from provserver.errors import ConfigurationError
from provserver.identify import Catalogue
from provserver.local.folder import load_makers
from provserver.metrics import Metrics
from provserver.render import Renderer
from provserver.services import keys
from provserver.services.assets import Assets, Quota
from provserver.services.context import Context
from provserver.services.copies import Copies
from provserver.services.deliveries import Deliveries
from provserver.services.devices import Devices
from provserver.services.differences import Differences
from provserver.services.edits import Edits
from provserver.services.files import Files
from provserver.services.imports import Imports
from provserver.services.inventory import Inventory
from provserver.services.keys import Keys
from provserver.services.layers import Places
from provserver.services.logins import Logins
from provserver.services.peers import Peers
from provserver.services.phonebooks import Phonebooks
from provserver.services.pins import Pins
from provserver.services.provisioning import Provisioning
from provserver.services.records import Records
from provserver.services.replacing import Replacing
from provserver.services.request_log import RequestLog
from provserver.services.retention import STEADY_TIME, Retention
from provserver.services.secrets import Secrets
from provserver.services.soundness import Soundness
from provserver.services.tenants import Tenants
from provserver.services.uploads import Uploads
from provserver.settings import Settings
from provserver.storage import credentials, meta
from provserver.storage.database import Storage
from provserver.vault.keyring import KeyRing
from provserver.vault.nonces import Nonces
from provserver.vault.tokens import TokenKey

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything there is to do with one data directory."""

    settings: Settings
    context: Context
    storage: Storage
    ring: KeyRing
    catalogue: Catalogue
    metrics: Metrics
    records: Records
    tenants: Tenants
    devices: Devices
    edits: Edits
    imports: Imports
    inventory: Inventory
    differences: Differences
    keys: Keys
    retention: Retention
    soundness: Soundness
    provisioning: Provisioning
    peers: Peers
    deliveries: Deliveries
    assets: Assets
    pins: Pins
    phonebooks: Phonebooks
    request_log: RequestLog
    copies: Copies
    redirection: Redirection


async def initialise(settings: Settings, *, clock: Clock | None = None) -> list[str]:
    """
    Make what is missing in the data directory: folders, keys, databases. Says what it made.

    Keys are made only where no database is yet: new keys beside old data would be a way to lose everything quietly.
    """
    made: list[str] = []
    directory = settings.data.directory
    fresh = not (directory / "state.sqlite3").exists()
    make_directory(directory)
    key_directory = settings.data.key_directory
    if fresh and not any(key_directory.glob("kek-*.key")):
        KeyRing.create(key_directory)
        made.append(f"key-encryption key in {key_directory}")
    if fresh and not (key_directory / "token.key").exists():
        TokenKey.create(key_directory)
        made.append(f"token key in {key_directory}")
    ring, tokens = KeyRing.load(key_directory), TokenKey.load(key_directory)
    storage = Storage(directory)
    try:
        await storage.open(migrate=True)
        await keys.adopt(storage, ring, tokens, at_ms=(clock or SystemClock()).wall_ms())
    finally:
        await storage.close()
    if fresh:
        made.append(f"databases in {directory}")
    return made


@asynccontextmanager
async def build(
    settings: Settings, *, actor: str | None = None, clock: Clock | None = None, migrate: bool = False
) -> AsyncIterator[Services]:
    """Open the data directory of *settings* and put the services together; closes it at the end."""
    directory = settings.data.directory
    if not (directory / "state.sqlite3").exists():
        raise ConfigurationError(f"{directory} holds no data yet; run: provserver init")
    ring, tokens = KeyRing.load(settings.data.key_directory), TokenKey.load(settings.data.key_directory)
    makers = load_makers(settings.vendors.folder)
    catalogue = Catalogue(makers.vendors)
    metrics = Metrics(registry=CollectorRegistry(), vendors=catalogue.vendors, version=__version__)
    storage = Storage(directory, observe=lambda operation, s: metrics.database_seconds.of(operation).observe(s))
    clock = clock or SystemClock()
    try:
        await storage.open(migrate=migrate)
        await keys.adopt(storage, ring, tokens, at_ms=clock.wall_ms())
        async with storage.read() as tx:
            floor_ms = max(await credentials.newest_moment(tx), int(await meta.get(tx, STEADY_TIME) or 0))
        services = _assemble(
            settings,
            catalogue=catalogue,
            renderer=Renderer(templates=makers.templates),
            metrics=metrics,
            storage=storage,
            ring=ring,
            tokens=tokens,
            clock=SteadyClock(clock, floor_ms=floor_ms),
            wall=clock,
            actor=actor or f"cli:{_user()}",
        )
        try:
            yield services
        finally:
            await services.redirection.outside.close()
    finally:
        await storage.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What most services take."""

    settings: Settings
    context: Context
    catalogue: Catalogue
    metrics: Metrics
    records: Records
    renderer: Renderer
    secrets: Secrets
    tokens: TokenKey
    uploads: Uploads
    assets: Assets
    places: Places
    redirection: Redirection


def _assemble(
    settings: Settings,
    *,
    catalogue: Catalogue,
    renderer: Renderer,
    metrics: Metrics,
    storage: Storage,
    ring: KeyRing,
    tokens: TokenKey,
    clock: SteadyClock,
    wall: Clock,
    actor: str,
) -> Services:
    places = _places(settings, catalogue)
    records = Records(storage, cache_bytes=settings.cache.memory_bytes, makers=catalogue.vendors, places=places)
    context = Context(storage=storage, clock=clock, actor=actor, forget=records.forget)
    secrets = Secrets(ring=ring, storage=storage, rejected=lambda reason: metrics.credentials_rejected.of(reason).inc())
    shared = _Shared(
        settings=settings,
        context=context,
        catalogue=catalogue,
        metrics=metrics,
        records=records,
        renderer=renderer,
        secrets=secrets,
        tokens=tokens,
        uploads=_uploads(settings, context=context, secrets=secrets, ring=ring, metrics=metrics),
        assets=_assets(settings, context=context, catalogue=catalogue),
        places=places,
        redirection=build_redirection(
            settings, context=context, secrets=secrets, tokens=tokens, metrics=metrics, wall=wall
        ),
    )
    peers = _peers(shared, wall)
    deliveries = _deliveries(shared)
    devices = _devices(shared)
    return Services(
        settings=settings,
        context=context,
        storage=storage,
        ring=ring,
        catalogue=catalogue,
        metrics=metrics,
        records=records,
        tenants=Tenants(context=context, secrets=secrets),
        devices=devices,
        imports=Imports(context=context, catalogue=catalogue, devices_service=devices),
        edits=Edits(context=context, devices_service=devices),
        inventory=_inventory(shared),
        differences=Differences(context=context, catalogue=catalogue, renderer=renderer, tokens=tokens, places=places),
        keys=_keys(shared, ring),
        soundness=Soundness(context=context, secrets=secrets),
        retention=_retention(shared),
        provisioning=_provisioning(shared, deliveries, peers),
        peers=peers,
        deliveries=deliveries,
        assets=shared.assets,
        pins=Pins(context=context, assets_service=shared.assets),
        phonebooks=Phonebooks(context=context),
        request_log=_request_log(shared),
        copies=Copies(storage, tokens=tokens, flush_s=settings.log.flush_ms / 1000),
        redirection=shared.redirection,
    )


def _deliveries(shared: _Shared) -> Deliveries:
    return Deliveries(
        context=shared.context,
        retention_ms=int(shared.settings.retention.credential_days * _DAY_MS),
        written=shared.records.forget_copies,
    )


def _request_log(shared: _Shared) -> RequestLog:
    log, metrics = shared.settings.log, shared.metrics
    return RequestLog(
        shared.context.storage,
        limit_rows=log.queue_rows,
        flush_s=log.flush_ms / 1000,
        counted=lambda result, rows: metrics.request_log_rows.of(result).inc(rows),
    )


def _uploads(settings: Settings, *, context: Context, secrets: Secrets, ring: KeyRing, metrics: Metrics) -> Uploads:
    return Uploads(
        context=context,
        ring=ring,
        secrets=secrets,
        device_bytes=settings.uploads.device_bytes,
        device_files=settings.uploads.device_files,
        kept=lambda vendor, size_bytes: metrics.uploads_bytes.of(vendor).inc(size_bytes),
    )


def _assets(settings: Settings, *, context: Context, catalogue: Catalogue) -> Assets:
    limits = settings.assets
    quota = Quota(file_bytes=limits.file_bytes, tenant_bytes=limits.tenant_bytes, total_bytes=limits.total_bytes)
    return Assets(context=context, catalogue=catalogue, quota=quota)


def _places(settings: Settings, catalogue: Catalogue) -> Places:
    makers = catalogue.vendors
    return Places(
        base_url=settings.phone.url,
        phonebooks={slug: maker.phonebook for slug, maker in makers.items() if maker.phonebook is not None},
        titled=frozenset(slug for slug, maker in makers.items() if maker.supports("phonebook.N.name")),
    )


def _peers(shared: _Shared, wall: Clock) -> Peers:
    metrics, tls = shared.metrics, shared.settings.tls
    return Peers(
        context=shared.context,
        wall=wall,
        folder=tls.maker_authorities,
        facts={slug: vendor.certificate for slug, vendor in shared.catalogue.vendors.items()},
        expired_makers=tls.expired_makers,
        counted=lambda verdict: metrics.client_certificates.of(verdict).inc(),
    )


def _devices(shared: _Shared) -> Devices:
    return Devices(
        context=shared.context,
        catalogue=shared.catalogue,
        secrets=shared.secrets,
        tokens=shared.tokens,
        uploads_service=shared.uploads,
        registrations=shared.redirection.registrations,
        replacing=Replacing(context=shared.context, previous_ms=int(shared.settings.login.previous_days * _DAY_MS)),
        window_ms=int(shared.settings.release.window_days * _DAY_MS),
    )


def _inventory(shared: _Shared) -> Inventory:
    return Inventory(
        context=shared.context,
        catalogue=shared.catalogue,
        renderer=shared.renderer,
        secrets=shared.secrets,
        tokens=shared.tokens,
        base_url=shared.settings.phone.url,
        places=shared.places,
    )


def _keys(shared: _Shared, ring: KeyRing) -> Keys:
    return Keys(
        context=shared.context,
        ring=ring,
        rotate_ms=int(shared.settings.vault.rotate_days * _DAY_MS),
        destroy_ms=int(shared.settings.vault.destroy_days * _DAY_MS),
    )


def _retention(shared: _Shared) -> Retention:
    periods, metrics = shared.settings.retention, shared.metrics
    return Retention(
        context=shared.context,
        secrets=shared.secrets,
        uploads_service=shared.uploads,
        assets_service=shared.assets,
        credential_ms=int(periods.credential_days * _DAY_MS),
        request_log_ms=int(periods.request_log_days * _DAY_MS),
        upload_ms=int(periods.upload_days * _DAY_MS),
        event_ms=int(periods.event_days * _DAY_MS),
        counted=lambda result, count: metrics.credentials_deletions.of(result).inc(count),
    )


def _logins(shared: _Shared) -> Logins | None:
    settings, logins = shared.settings.login, shared.metrics.logins
    if not settings.ask:
        return None
    return Logins(
        catalogue=shared.catalogue,
        records=shared.records,
        secrets=shared.secrets,
        nonces=Nonces(clock=shared.context.clock, life_s=settings.nonce_s),
        realm=settings.realm,
        algorithms=settings.algorithms,
        counted=lambda vendor, result: logins.of(vendor, result).inc(),
    )


def _provisioning(shared: _Shared, deliveries: Deliveries, peers: Peers) -> Provisioning:
    metrics = shared.metrics
    return Provisioning(
        context=shared.context,
        catalogue=shared.catalogue,
        records=shared.records,
        renderer=shared.renderer,
        secrets=shared.secrets,
        tokens=shared.tokens,
        deliveries=deliveries,
        uploads=shared.uploads,
        peers=peers,
        files=Files(
            context=shared.context,
            catalogue=shared.catalogue,
            records=shared.records,
            content=shared.assets.files,
            renderer=shared.renderer,
            tokens=shared.tokens,
        ),
        legacy_makers=frozenset(shared.settings.legacy.makers),
        tftp_makers=frozenset(shared.settings.tftp.makers),
        base_url=shared.settings.phone.url,
        settling_ms=int(shared.settings.release.settling_minutes * 60_000),
        logins=_logins(shared),
        render_failed=lambda vendor, reason: metrics.render_failures.of(vendor, reason).inc(),
    )


def make_directory(directory: Path) -> None:
    """Make the data directory if it is not there. Raises ConfigurationError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"data directory {directory}: {error.strerror}") from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's nameless user
        return "unknown"
