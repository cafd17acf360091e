"""Which service gets what: `assemble` puts all of them together on what they share."""

from __future__ import annotations

import secrets as random_source
from dataclasses import dataclass
from random import Random

from provserver.app.redirection import Redirection
from provserver.clock import Clock
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue
from provserver.identify import Catalogue
from provserver.metrics import Metrics
from provserver.monitor.decision import Measure
from provserver.monitor.detector import Detector
from provserver.release import Homes
from provserver.render import Renderer
from provserver.services.context import Context
from provserver.services.filestore.assets import Assets
from provserver.services.filestore.pins import Pins
from provserver.services.filestore.uploads import Uploads
from provserver.services.fleet.canaries import Canaries
from provserver.services.fleet.claims import Claims
from provserver.services.fleet.devices import Devices
from provserver.services.fleet.differences import Differences
from provserver.services.fleet.edits import Edits
from provserver.services.fleet.imports import Imports
from provserver.services.fleet.inventory import Inventory
from provserver.services.fleet.locks import Locks
from provserver.services.fleet.phonebooks import Phonebooks
from provserver.services.fleet.replacing import Replacing
from provserver.services.fleet.tenants import Tenants
from provserver.services.layers import Places
from provserver.services.monitoring.bans import Bans
from provserver.services.monitoring.monitor import Monitor
from provserver.services.monitoring.network_files import NetworkFiles
from provserver.services.monitoring.reports import Reports
from provserver.services.monitoring.sightings import Sightings
from provserver.services.records import Records
from provserver.services.requests.copies import Copies
from provserver.services.requests.deliveries import Deliveries
from provserver.services.requests.files import Files
from provserver.services.requests.logins import Logins
from provserver.services.requests.peers import Peers
from provserver.services.requests.provisioning import Provisioning
from provserver.services.requests.request_log import RequestLog
from provserver.services.secrets import Secrets
from provserver.services.upkeep.audit_trail import AuditTrail
from provserver.services.upkeep.keys import Keys
from provserver.services.upkeep.retention import Retention
from provserver.services.upkeep.soundness import Soundness
from provserver.services.upkeep.starting_over import StartingOver
from provserver.services.upkeep.timekeeping import Timekeeping
from provserver.settings import Settings
from provserver.storage.database import Storage
from provserver.vault.keyring import KeyRing
from provserver.vault.nonces import Nonces
from provserver.vault.tokens import TokenKey
from provserver.whereabouts import Whereabouts

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
    locks: Locks
    edits: Edits
    imports: Imports
    inventory: Inventory
    differences: Differences
    keys: Keys
    retention: Retention
    starting_over: StartingOver
    timekeeping: Timekeeping
    trail: AuditTrail
    soundness: Soundness
    provisioning: Provisioning
    peers: Peers
    deliveries: Deliveries
    homes: Homes
    reports: Reports
    canaries: Canaries
    assets: Assets
    pins: Pins
    phonebooks: Phonebooks
    request_log: RequestLog
    copies: Copies
    redirection: Redirection
    monitor: Monitor
    bans: Bans
    network_files: NetworkFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What most services take."""

    settings: Settings
    context: Context
    ring: KeyRing
    wall: Clock
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
    whereabouts: Whereabouts


def assemble(shared: Shared, detectors: tuple[Detector, ...]) -> Services:
    """Put the services together on what they share."""
    context, catalogue, tokens, storage = shared.context, shared.catalogue, shared.tokens, shared.context.storage
    peers = _peers(shared)
    homes = _homes(shared)
    deliveries = _deliveries(shared, homes)
    reports = Reports(context=context)
    claims = Claims(context=context, reports=reports)
    devices = _devices(shared, claims)
    locks = Locks(context=context, devices=devices)
    sightings = _sightings(shared)
    monitor = _monitor(shared, detectors, devices, locks, sightings)
    timekeeping = Timekeeping(context=context, wall=shared.wall)
    retention = _retention(shared, timekeeping)
    trail = AuditTrail(context=context, seal=tokens.anchor)
    return Services(
        settings=shared.settings,
        context=context,
        storage=storage,
        ring=shared.ring,
        catalogue=catalogue,
        metrics=shared.metrics,
        records=shared.records,
        tenants=Tenants(context=context, secrets=shared.secrets),
        devices=devices,
        locks=locks,
        imports=Imports(context=context, catalogue=catalogue, devices_service=devices, claims=claims),
        edits=Edits(context=context, devices_service=devices),
        inventory=_inventory(shared),
        differences=_differences(shared),
        keys=_keys(shared),
        trail=trail,
        soundness=Soundness(context=context, secrets=shared.secrets, trail=trail),
        retention=retention,
        starting_over=StartingOver(context=context, retention=retention, uploads_service=shared.uploads, trail=trail),
        timekeeping=timekeeping,
        provisioning=_provisioning(shared, deliveries, peers, monitor, homes),
        peers=peers,
        deliveries=deliveries,
        homes=homes,
        reports=reports,
        canaries=Canaries(
            context=context,
            devices=devices,
            secrets=shared.secrets,
            places=shared.places,
            reports=reports,
            know=sightings.look_out_for,
            accounts=shared.settings.monitor.canary_accounts,
        ),
        assets=shared.assets,
        pins=Pins(context=context, assets_service=shared.assets),
        phonebooks=Phonebooks(context=context),
        request_log=_request_log(shared),
        copies=Copies(storage, tokens=tokens, flush_s=shared.settings.log.flush_ms / 1000),
        redirection=shared.redirection,
        monitor=monitor,
        network_files=NetworkFiles(shared.whereabouts, metrics=shared.metrics),
        bans=Bans(context=context, allow=shared.settings.monitor.allow),
    )


def _differences(shared: Shared) -> Differences:
    return Differences(
        context=shared.context,
        catalogue=shared.catalogue,
        renderer=shared.renderer,
        tokens=shared.tokens,
        places=shared.places,
    )


def _homes(shared: Shared) -> Homes:
    makers = shared.catalogue.vendors.items()
    return Homes(
        staging=shared.settings.release.staging,
        roaming=[slug for slug, vendor in makers if vendor.generated_ids],
        system=lambda address: shared.whereabouts.of(address).system,
    )


def _deliveries(shared: Shared, homes: Homes) -> Deliveries:
    return Deliveries(
        context=shared.context,
        retention_ms=int(shared.settings.retention.credential_days * _DAY_MS),
        homes=homes,
        written=shared.records.forget_copies,
    )


def _request_log(shared: Shared) -> RequestLog:
    log, metrics = shared.settings.log, shared.metrics
    return RequestLog(
        shared.context.storage,
        limit_rows=log.queue_rows,
        flush_s=log.flush_ms / 1000,
        counted=lambda result, rows: metrics.request_log_rows.of(result).inc(rows),
    )


def _peers(shared: Shared) -> Peers:
    metrics, tls = shared.metrics, shared.settings.tls
    return Peers(
        context=shared.context,
        wall=shared.wall,
        folder=tls.maker_authorities,
        facts={slug: vendor.certificate for slug, vendor in shared.catalogue.vendors.items()},
        expired_makers=tls.expired_makers,
        counted=lambda verdict: metrics.client_certificates.of(verdict).inc(),
    )


def _devices(shared: Shared, claims: Claims) -> Devices:
    return Devices(
        context=shared.context,
        catalogue=shared.catalogue,
        secrets=shared.secrets,
        tokens=shared.tokens,
        uploads_service=shared.uploads,
        registrations=shared.redirection.registrations,
        claims=claims,
        replacing=Replacing(context=shared.context, previous_ms=int(shared.settings.login.previous_days * _DAY_MS)),
        window_ms=int(shared.settings.release.window_days * _DAY_MS),
    )


def _inventory(shared: Shared) -> Inventory:
    return Inventory(
        context=shared.context,
        catalogue=shared.catalogue,
        renderer=shared.renderer,
        secrets=shared.secrets,
        tokens=shared.tokens,
        base_url=shared.settings.phone.url,
        places=shared.places,
    )


def _keys(shared: Shared) -> Keys:
    return Keys(
        context=shared.context,
        ring=shared.ring,
        rotate_ms=int(shared.settings.vault.rotate_days * _DAY_MS),
        destroy_ms=int(shared.settings.vault.destroy_days * _DAY_MS),
    )


def _retention(shared: Shared, timekeeping: Timekeeping) -> Retention:
    periods, metrics = shared.settings.retention, shared.metrics
    return Retention(
        context=shared.context,
        timekeeping=timekeeping,
        secrets=shared.secrets,
        uploads_service=shared.uploads,
        assets_service=shared.assets,
        credential_ms=int(periods.credential_days * _DAY_MS),
        request_log_ms=int(periods.request_log_days * _DAY_MS),
        upload_ms=int(periods.upload_days * _DAY_MS),
        event_ms=int(periods.event_days * _DAY_MS),
        counted=lambda result, count: metrics.credentials_deletions.of(result).inc(count),
    )


def _logins(shared: Shared) -> Logins | None:
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


def _provisioning(shared: Shared, deliveries: Deliveries, peers: Peers, monitor: Monitor, homes: Homes) -> Provisioning:
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
        homes=homes,
        logins=_logins(shared),
        restrained=monitor.is_restrained,
        too_fast=monitor.is_too_fast,
        render_failed=lambda vendor, reason: metrics.render_failures.of(vendor, reason).inc(),
    )


def _sightings(shared: Shared) -> Sightings:
    canaries = [_canary(text, shared.tokens) for text in shared.settings.monitor.canaries]
    return Sightings(shared.catalogue, canaries=canaries)


def _monitor(
    shared: Shared, detectors: tuple[Detector, ...], devices: Devices, locks: Locks, sightings: Sightings
) -> Monitor:
    settings = shared.settings.monitor

    async def lock(mac: str, measure: Measure, reason: str) -> None:
        if measure is Measure.ROTATE:
            await locks.rotate(MacAddress(mac), reason=reason)
        else:
            await devices.lock(MacAddress(mac), reason=reason)

    return Monitor(
        context=shared.context,
        settings=settings,
        whereabouts=shared.whereabouts,
        sightings=sightings,
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
