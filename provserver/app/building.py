"""A data directory and its services: `initialise` makes keys and databases, `build` opens them for `assemble`."""

from __future__ import annotations

import getpass
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry

from provserver import __version__
from provserver.app.assembly import Services, Shared, assemble
from provserver.app.redirection import build_redirection
from provserver.clock import Clock, SteadyClock, SystemClock
from provserver.errors import ConfigurationError, StorageError
from provserver.identify import Catalogue
from provserver.local.folder import load_makers
from provserver.metrics import Metrics
from provserver.monitor.detector import Detector, load_detectors, override
from provserver.monitor.engine import SATURATED
from provserver.render import Renderer
from provserver.services.context import Context
from provserver.services.filestore.assets import Assets, Quota
from provserver.services.filestore.uploads import Uploads
from provserver.services.layers import Places
from provserver.services.records import Records
from provserver.services.redirection.handovers import Handovers
from provserver.services.secrets import Secrets
from provserver.services.upkeep import keys
from provserver.services.upkeep.starting_over import Lost
from provserver.services.upkeep.timekeeping import start_clock
from provserver.settings import Settings
from provserver.storage.database import Storage
from provserver.storage.schema import upgrade
from provserver.storage.sqlite import DirectoryLock
from provserver.vault.keyring import KeyRing
from provserver.vault.tokens import TokenKey
from provserver.whereabouts import Whereabouts

_DAY_MS = 86_400_000


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


async def start_over(settings: Settings, *, clock: Clock | None = None) -> Lost:
    """
    Go on without a keystore that is lost: a new one, new key files if there are none, and everything sealed given up.

    Raises Conflict where nothing is lost, DataDirectoryInUse beside a server, KeyUnusable without the token key.
    """
    directory, key_directory = settings.data.directory, settings.data.key_directory
    if not (directory / "state.sqlite3").exists():
        raise ConfigurationError(f"{directory} holds no data yet; run: provserver init")
    lock = DirectoryLock(directory)
    lock.acquire()
    try:
        TokenKey.load(key_directory)  # first: without it no device finds us, and nothing is to be given up
        if not any(key_directory.glob("kek-*.key")):
            KeyRing.create(key_directory)
        await upgrade(directory / "keystore.sqlite3", "keystore")
        async with build(settings, clock=clock, migrate=True, keystore_lost=True) as services:
            return await services.starting_over.start_over()
    finally:
        lock.release()


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    actor: str | None = None,
    clock: Clock | None = None,
    migrate: bool = False,
    keystore_lost: bool = False,
) -> AsyncIterator[Services]:
    """
    Open the data directory of *settings* and put the services together; closes it at the end.

    *keystore_lost* takes an empty keystore beside a state that needs another: only `start_over` means that.
    """
    directory = settings.data.directory
    if not (directory / "state.sqlite3").exists():
        raise ConfigurationError(f"{directory} holds no data yet; run: provserver init")
    ring, tokens = KeyRing.load(settings.data.key_directory), TokenKey.load(settings.data.key_directory)
    makers = load_makers(settings.vendors.folder)
    catalogue = Catalogue(makers.vendors)
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
        await keys.adopt(storage, ring, tokens, at_ms=clock.wall_ms(), lost=keystore_lost)
        shared = _share(
            settings,
            catalogue=catalogue,
            renderer=Renderer(templates=makers.templates),
            metrics=metrics,
            storage=storage,
            ring=ring,
            tokens=tokens,
            clock=await start_clock(storage, clock),
            wall=clock,
            actor=actor or f"cli:{_user()}",
        )
        services = assemble(shared, detectors)
        try:
            yield services
        finally:
            await shared.redirection.outside.close()
            with suppress(StorageError):  # what was done is done; a later command or a server anchors it
                await services.trail.renew()
    finally:
        await storage.close()


def _share(
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
) -> Shared:
    places = _places(settings, catalogue)
    records = Records(storage, cache_bytes=settings.cache.memory_bytes, makers=catalogue.vendors, places=places)
    context = Context(storage=storage, clock=clock, actor=actor, forget=records.forget)
    secrets = Secrets(ring=ring, storage=storage, rejected=lambda reason: metrics.credentials_rejected.of(reason).inc())
    return Shared(
        settings=settings,
        context=context,
        ring=ring,
        wall=wall,
        catalogue=catalogue,
        metrics=metrics,
        records=records,
        renderer=renderer,
        secrets=secrets,
        tokens=tokens,
        uploads=_uploads(settings, context=context, secrets=secrets, ring=ring, metrics=metrics),
        assets=_assets(settings, context=context, catalogue=catalogue),
        places=places,
        whereabouts=whereabouts_of(settings),
        redirection=build_redirection(
            settings,
            context=context,
            secrets=secrets,
            tokens=tokens,
            metrics=metrics,
            wall=wall,
            handovers=Handovers(
                context=context,
                secrets=secrets,
                catalogue=catalogue,
                renderer=renderer,
                places=places,
                retention_ms=int(settings.retention.credential_days * _DAY_MS),
            ),
        ),
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


def detectors_of(file: Path | None) -> tuple[Detector, ...]:
    """The detectors, with the numbers of *file* where it has others. Raises ConfigurationError."""
    if file is None:
        return load_detectors()
    try:
        changes = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"detectors {file}: {error}") from error
    return override(load_detectors(), changes)


def whereabouts_of(settings: Settings) -> Whereabouts:
    """What is known of networks by the operator's files; nothing, until they are read."""
    return Whereabouts(asn=settings.whereabouts.asn, country=settings.whereabouts.country)


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
