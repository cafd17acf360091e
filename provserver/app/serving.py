"""`serve`: the listeners and every background task in one task group; a part that dies takes the process down."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import product
from random import Random

import structlog
from aiohttp import web

from provserver.app.assembly import Services
from provserver.app.building import build, initialise, make_directory
from provserver.app.certificates import FOLLOW_S, RENEW_S
from provserver.app.front import Front, build_front
from provserver.app.listening import SHUTDOWN_S, listening, stop_accepting
from provserver.app.outlets import build_outlets
from provserver.app.readiness import checks, warnings
from provserver.app.signals import hangup, stop_signals
from provserver.app.tftp import tftp_listening
from provserver.clock import SystemClock
from provserver.errors import ConfigurationError, StorageError
from provserver.http.capacity import Capacity
from provserver.http.ops import build_ops
from provserver.jobs import Job, JobRunner
from provserver.log import Log, configure
from provserver.metric_labels import REDIRECT_SERVICES, REGISTRATION_STATES
from provserver.settings import Settings
from provserver.storage import credentials, devices, redirect_accounts, registrations
from provserver.storage.changes import DECISIONS
from provserver.storage.database import Transaction
from provserver.storage.sqlite import DirectoryLock
from provserver.tftp.listener import TFTPListener

UNREAD_EVENT = "monitor.unread"

_HOUR_S = 3600
_DAY_S = 86_400  # a long queue at a slow service; what is cut off goes on with the next run
_PHONES_S = 10  # how late it may be shown that a phone has come
_NETWORK_FILES_S = 60  # how soon new files of networks are read; they come once a week
_TIME_S = 15  # how late a leap of the clock is told, and how late another process's word for it is heard
_ANCHOR_S = 10  # how much of the audit trail's end could be cut off unseen
_LOG_FLUSH_S = 0.2
# How long a database thread waits for the interpreter while the event loop is busy, for every row it has found.
# Python's own 5 ms would make the look-ups of a boot storm wait for the storm.
_SWITCH_S = 0.0005


async def serve(settings: Settings, *, ready: Callable[[str, str], None] | None = None) -> None:
    """
    Run the server until SIGINT or SIGTERM.

    *ready* is told the addresses of the phone and the ops listener once both accept connections. Raises
    DataDirectoryInUse, KeyUnusable, StorageError or ConfigurationError before anything is served.
    """
    _forbid_core_dumps()
    clock = SystemClock()
    log = configure(settings.log, now_ms=clock.wall_ms)
    make_directory(settings.data.directory)
    lock = DirectoryLock(settings.data.directory)
    lock.acquire()  # before anything is looked at: migrating what another server works on would break it
    try:
        await initialise(settings, clock=clock)
        async with build(settings, actor="server", clock=clock, migrate=True) as services:
            await _refuse_unknown_makers(services)
            # Whoever released these is dead, for the lock is ours: nobody else will say how their deliveries ended.
            await services.retention.presume(released_before_ms=services.context.clock.now_ms())
            await services.redirection.registrar.take_over()
            await _run(services, log=log, clock=clock, ready=ready)
    finally:
        log.flush()
        lock.release()


async def _run(services: Services, *, log: Log, clock: SystemClock, ready: Callable[[str, str], None] | None) -> None:
    settings = services.settings
    runner = JobRunner(clock=clock, metrics=services.metrics, log=log.events, random=Random())  # noqa: S311 - jitter
    front = build_front(services, log=log, clock=clock)
    outlets = build_outlets(services, clock=clock)
    await services.records.start_following()
    jobs = [*_jobs(services, log, front, behind=await _read_decisions(services)), *outlets.jobs]
    services.monitor.banned = lambda: front.listener.server.shut_out(services.monitor.is_banned)
    async with (
        AsyncExitStack() as phones,
        _listening(_ops(services, runner, front), settings.ops.host, settings.ops.port) as ops_at,
    ):
        entrances = await phones.enter_async_context(
            listening(
                settings,
                front.listener.server,
                contexts=front.contexts,
                capacity=front.capacity,
                arrivals=front.arrivals,
                banned=services.monitor.is_banned,
            )
        )
        addresses = {entrance.name: _spoken(entrance.address) for entrance in entrances}
        tftp = await phones.enter_async_context(tftp_listening(services, front))
        if tftp is not None:
            addresses["tftp"] = _spoken(tftp[1])
        stop = phones.enter_context(stop_signals())  # before anybody is told that there is something to stop
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(work, name=name)
                for name, work in _background(services, front, clock, tftp[0] if tftp is not None else None)
            ]
            background += [tasks.create_task(runner.every(job), name=f"job {job.name}") for job in jobs]
            accepting = [tasks.create_task(entrance.run(), name=f"entrance {entrance.name}") for entrance in entrances]
            phones.enter_context(hangup(lambda: tasks.create_task(front.certificates.renew(), name="renewal")))
            _calm_the_collector()
            sys.setswitchinterval(_SWITCH_S)
            log.events.info("server.started", **addresses, ops=ops_at, vendors=len(services.catalogue.vendors))
            if ready is not None:
                ready(next(iter(addresses.values())), ops_at)
            await stop.wait()
            log.events.info("server.stopping")
            await stop_accepting(accepting)
            await phones.aclose()  # phones that are being served still are, by the tasks below
            for task in background:
                task.cancel()
    await outlets.close()
    await services.request_log.flush()
    await services.copies.flush()
    log.events.info("server.stopped")


def _ops(services: Services, runner: JobRunner, front: Front) -> web.AppRunner:
    site = build_ops(
        services.metrics,
        checks(services, runner),
        {"certificates": front.certificates.warning, **warnings(services)},
    )
    return web.AppRunner(site, keepalive_timeout=30, access_log=None, shutdown_timeout=SHUTDOWN_S)


def _background(
    services: Services, front: Front, clock: SystemClock, tftp: TFTPListener | None
) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
    """What runs beside the entrances and the jobs, by name."""
    yield "group writer", services.storage.group.run()
    yield "request log", services.request_log.run()
    yield "copies", services.copies.run()
    yield from (("batched reads", read.run()) for read in services.records.reader.tasks)
    yield "connection watch", front.listener.server.watch(clock)
    yield "refusals", front.listener.refusals.run()
    yield "monitor", services.monitor.run()
    if tftp is not None:
        yield "tftp", tftp.run()


async def _refuse_unknown_makers(services: Services) -> None:
    """Raise ConfigurationError when there are devices of a maker that has been taken out of the operator's folder."""
    async with services.storage.read() as tx:
        unknown = await devices.makers_in_use(tx) - services.catalogue.vendors.keys()
    if unknown:
        raise ConfigurationError(f"there are devices of a maker that is not known: {', '.join(sorted(unknown))}")


async def _read_decisions(services: Services) -> set[str]:
    """
    Have in force what was decided before, and know the canaries; what is to be read later, if it cannot be read now.

    Fails open: phones have proofs, and a fleet that boots must not wait for the tables of the monitor to be mended.
    """
    try:
        await services.monitor.reload()
        await services.canaries.load()
    except StorageError as error:
        structlog.get_logger().error(UNREAD_EVENT, problem=str(error))
        return {DECISIONS}
    return set()


def _jobs(services: Services, log: Log, front: Front, *, behind: set[str]) -> list[Job]:
    """The background work. *behind* are notes that have been read, and whose work a broken store keeps undone."""
    settings = services.settings
    retention, redirection = services.retention, services.redirection

    async def delete_due() -> None:
        await retention.run()

    async def follow() -> None:
        behind.update(await services.records.follow())
        if DECISIONS in behind:
            await services.monitor.reload()
        if DECISIONS in behind or not behind.isdisjoint(services.canaries.known):
            await services.canaries.load()
        behind.clear()

    async def take_reports() -> None:
        await services.reports.take(services.monitor)

    async def tell_claims() -> None:
        for event in await redirection.claims.news():
            services.monitor.told(event)

    async def write_lines() -> None:
        log.flush()

    async def look_for_phones() -> None:
        await redirection.registrar.look_for_phones()

    return [
        Job(name="retention", interval_s=settings.retention.interval_s, run=delete_due, limit_s=_HOUR_S),
        Job(name="sweep", interval_s=_HOUR_S, run=retention.sweep, limit_s=_HOUR_S),
        Job(name="keys", interval_s=_HOUR_S, run=services.keys.maintain, limit_s=_HOUR_S),
        Job(name="reports", interval_s=1, run=take_reports, limit_s=10),
        Job(name="time", interval_s=_TIME_S, run=services.timekeeping.follow, limit_s=60),
        Job(name="anchor", interval_s=_ANCHOR_S, run=services.trail.renew, limit_s=60),
        Job(name="follow", interval_s=settings.cache.poll_ms / 1000, run=follow, limit_s=10),
        Job(name="gauges", interval_s=15, run=lambda: _measure(services, front.capacity), limit_s=60),
        Job(name="certificates", interval_s=FOLLOW_S, run=front.certificates.follow, limit_s=60),
        Job(name="tickets", interval_s=RENEW_S, run=front.certificates.renew, limit_s=60, at_once=False),
        Job(name="registrar", interval_s=settings.redirect.poll_s, run=redirection.registrar.run, limit_s=_DAY_S),
        Job(name="phones", interval_s=_PHONES_S, run=look_for_phones, limit_s=_HOUR_S),
        Job(name="claims", interval_s=_PHONES_S, run=tell_claims, limit_s=60),
        Job(name="reconciliation", interval_s=_HOUR_S, run=redirection.reconciliation.run, limit_s=_DAY_S),
        Job(name="network_files", interval_s=_NETWORK_FILES_S, run=services.network_files.follow, limit_s=60),
        Job(name="log", interval_s=_LOG_FLUSH_S, run=write_lines, limit_s=5),
    ]


async def _measure(services: Services, capacity: Capacity) -> None:
    """Bring the gauges up to date."""
    metrics, clock = services.metrics, services.context.clock
    async with services.storage.read() as tx:
        summary = await credentials.summary(tx, now_ms=clock.now_ms())
        await _count_registrations(services, tx)
    metrics.credentials_held.set(summary["held"])
    metrics.credentials_oldest_overdue.set(summary["oldest_ms"] / 1000)
    metrics.erase_pending.set(services.retention.erase_pending)
    metrics.request_log_queue.set(services.request_log.waiting)
    metrics.cache_entries.of("devices").set(services.records.entries)
    metrics.connections_open.set(capacity.open)
    metrics.clock_lag.set(clock.lag_ms() / 1000)
    for name, warning in warnings(services).items():
        metrics.warnings.of(name).set(await warning() is not None)
    services.monitor.measure()
    for result, count in services.records.take_counts().items():
        metrics.cache_hits.of("devices", result).inc(count)
    metrics.store_lost_writes.inc(services.storage.group.take_lost_writes())


async def _count_registrations(services: Services, tx: Transaction) -> None:
    """Devices at makers' services, all accounts of one together."""
    totals: Counter[tuple[str, str]] = Counter()
    counts, accounts = await registrations.counts(tx), await redirect_accounts.all_accounts(tx)
    service_of = {account.id: account.service for account in accounts}
    for (account_id, state), count in counts.items():
        totals[service_of[account_id], state] += count
    for service, state in product(REDIRECT_SERVICES, REGISTRATION_STATES):
        services.metrics.registrations.of(service, state).set(totals[service, state])
    now_ms = services.context.clock.now_ms()
    services.metrics.redirect_paused.set(sum(account.paused_until > now_ms for account in accounts))


@asynccontextmanager
async def _listening(runner: web.BaseRunner, host: str, port: int) -> AsyncIterator[str]:
    """Listen; gives the address as ``host:port``. At the end running requests are finished, for a moment."""
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
        yield _spoken(runner.addresses[0])
    finally:
        await runner.cleanup()


def _spoken(address: tuple[str, int] | tuple[str, int, int, int]) -> str:
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _calm_the_collector() -> None:
    """
    Keep Python's garbage collector off what was built at start: makers, statements, templates.

    They live as long as the process, and walking them for every few thousand new objects took half of the time of a
    boot storm. What requests make is freed by reference counts; the collector only has to find the few cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _forbid_core_dumps() -> None:
    """A core dump would hold keys and passwords."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
