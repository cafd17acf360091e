"""Services for a data directory: `initialise` makes keys and databases, `build` puts everything together."""

from __future__ import annotations

import getpass
import secrets as random_source
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from prometheus_client import CollectorRegistry

from provserver import __version__
from provserver.clock import Clock, SteadyClock, SystemClock
from provserver.domain.mac import MacAddress
from provserver.errors import ConfigurationError, InvalidValue
from provserver.identify import Catalogue
from provserver.metrics import Metrics
from provserver.monitor.detector import Detector, load_detectors, override
from provserver.monitor.engine import SATURATED
from provserver.render import Renderer
from provserver.services import keys
from provserver.services.bans import Bans
from provserver.services.context import Context
from provserver.services.deliveries import Deliveries
from provserver.services.devices import Devices
from provserver.services.edits import Edits
from provserver.services.imports import Imports
from provserver.services.inventory import Inventory
from provserver.services.keys import Keys
from provserver.services.logins import Logins
from provserver.services.monitor import Monitor
from provserver.services.peers import Peers
from provserver.services.provisioning import Provisioning
from provserver.services.records import Records
from provserver.services.replacing import Replacing
from provserver.services.request_log import RequestLog
from provserver.services.retention import STEADY_TIME, Retention
from provserver.services.secrets import Secrets
from provserver.services.sightings import Sightings
from provserver.services.soundness import Soundness
from provserver.services.tenants import Tenants
from provserver.services.uploads import Uploads
from provserver.settings import Settings
from provserver.storage import credentials, meta
from provserver.storage.database import Storage
from provserver.vault.keyring import KeyRing
from provserver.vault.nonces import Nonces
from provserver.vault.tokens import TokenKey
from provserver.vendors import load_vendors

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
    keys: Keys
    retention: Retention
    soundness: Soundness
    provisioning: Provisioning
    peers: Peers
    deliveries: Deliveries
    request_log: RequestLog
    monitor: Monitor
    bans: Bans


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
    catalogue = Catalogue(load_vendors())
    detectors = detectors_of(settings.monitor.detectors)
    metrics = Metrics(
        registry=CollectorRegistry(),
        vendors=catalogue.vendors,
        version=__version__,
        detectors=[*(detector.name for detector in detectors), SATURATED],
    )
    storage = Storage(directory, observe=lambda operation, s: metrics.database_seconds.of(operation).observe(s))
    clock = clock or SystemClock()
    try:
        await storage.open(migrate=migrate)
        await keys.adopt(storage, ring, tokens, at_ms=clock.wall_ms())
        async with storage.read() as tx:
            floor_ms = max(await credentials.newest_moment(tx), int(await meta.get(tx, STEADY_TIME) or 0))
        yield _assemble(
            settings,
            catalogue=catalogue,
            detectors=detectors,
            metrics=metrics,
            storage=storage,
            ring=ring,
            tokens=tokens,
            clock=SteadyClock(clock, floor_ms=floor_ms),
            wall=clock,
            actor=actor or f"cli:{_user()}",
        )
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


def _assemble(
    settings: Settings,
    *,
    catalogue: Catalogue,
    detectors: tuple[Detector, ...],
    metrics: Metrics,
    storage: Storage,
    ring: KeyRing,
    tokens: TokenKey,
    clock: SteadyClock,
    wall: Clock,
    actor: str,
) -> Services:
    records = Records(storage, cache_bytes=settings.cache.memory_bytes)
    context = Context(storage=storage, clock=clock, actor=actor, forget=records.forget)
    secrets = Secrets(ring=ring, storage=storage, rejected=lambda reason: metrics.credentials_rejected.of(reason).inc())
    shared = _Shared(
        settings=settings,
        context=context,
        catalogue=catalogue,
        metrics=metrics,
        records=records,
        renderer=Renderer(),
        secrets=secrets,
        tokens=tokens,
        uploads=_uploads(settings, context=context, secrets=secrets, ring=ring, metrics=metrics),
    )
    peers = _peers(shared, wall)
    deliveries = Deliveries(context=context, retention_ms=int(settings.retention.credential_days * _DAY_MS))
    devices = _devices(shared)
    monitor = _monitor(shared, detectors, devices)
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
        imports=Imports(context=context, devices_service=devices),
        edits=Edits(context=context, devices_service=devices),
        inventory=_inventory(shared),
        keys=_keys(shared, ring),
        soundness=Soundness(context=context, secrets=secrets),
        retention=_retention(shared),
        provisioning=_provisioning(shared, deliveries, peers, monitor),
        peers=peers,
        deliveries=deliveries,
        request_log=RequestLog(
            storage,
            limit_rows=settings.log.queue_rows,
            flush_s=settings.log.flush_ms / 1000,
            counted=lambda result, rows: metrics.request_log_rows.of(result).inc(rows),
        ),
        monitor=monitor,
        bans=Bans(context=context, allow=settings.monitor.allow),
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


def _provisioning(shared: _Shared, deliveries: Deliveries, peers: Peers, monitor: Monitor) -> Provisioning:
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
        legacy_makers=frozenset(shared.settings.legacy.makers),
        base_url=shared.settings.phone.url,
        settling_ms=int(shared.settings.release.settling_minutes * 60_000),
        logins=_logins(shared),
        restrained=monitor.is_restrained,
        render_failed=lambda vendor, reason: metrics.render_failures.of(vendor, reason).inc(),
    )


def detectors_of(file: Path | None) -> tuple[Detector, ...]:
    """The detectors, with the numbers of *file* where it has others. Raises ConfigurationError."""
    if file is None:
        return load_detectors()
    try:
        changes = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"detectors {file}: {error}") from error
    return override(load_detectors(), changes)


def _monitor(shared: _Shared, detectors: tuple[Detector, ...], devices: Devices) -> Monitor:
    settings = shared.settings.monitor

    async def lock(mac: str, reason: str) -> None:
        await devices.lock(MacAddress(mac), reason=reason)

    return Monitor(
        context=shared.context,
        settings=settings,
        sightings=Sightings(shared.catalogue, canaries=[_canary(text, shared.tokens) for text in settings.canaries]),
        detectors=detectors,
        key=random_source.token_bytes(16),  # of the sketches; nothing outlives the process that is hashed with it
        random=Random(random_source.randbits(64)),  # noqa: S311 - when a ban ends must not be guessed, no more
        metrics=shared.metrics,
        lock=lock,
    )


def _canary(text: str, tokens: TokenKey) -> str:
    """A MAC in canonical form, or the fingerprint of a token."""
    try:
        return MacAddress.parse(text).value
    except InvalidValue:
        return tokens.fingerprint(text).hex()


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
