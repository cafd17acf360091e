"""Where alerts and bans go, put together: `build_outlets`, a job each."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from provserver import __version__
from provserver.app.assembly import Services
from provserver.clock import Clock
from provserver.jobs import Job
from provserver.monitor.gcra import Leak
from provserver.outbound.crowdsec import LocalAPI
from provserver.outbound.http import Counted, Limits, Outside
from provserver.outbound.mail import Login, MailServer
from provserver.outbound.syslog import Origin, SyslogReceiver
from provserver.outbound.trust import trusting
from provserver.outlet_settings import FACILITIES
from provserver.services.monitoring.alerts_out import AlertsOut
from provserver.services.monitoring.crowdsec import CrowdSec
from provserver.services.monitoring.outlets import Mail, Outlet, Syslog, Webhook
from provserver.services.secret_files import read_secret

_HOUR_S = 3600
_CROWDSEC_S = 3  # how late it hears of a ban; those who carry bans out ask it every ten seconds
_LIMIT_S = 300  # of one run: a backlog goes out in many sends, and what is cut off goes on with the next run
_CONNECTIONS = 4  # one at a time each, and one that is being closed
_SHORTEST_SECRET = 16  # characters, of what signs for the webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """*jobs* to run, and what to close after them."""

    jobs: tuple[Job, ...]
    outside: Outside

    async def close(self) -> None:
        """Close every connection."""
        await self.outside.close()


def build_outlets(services: Services, *, clock: Clock) -> Outlets:
    """
    Put together what the settings name; nothing is opened before it is used.

    Raises ConfigurationError for secrets and authorities that cannot be used. Fail closed: nothing goes out unsigned,
    or to somebody who has not shown who he is.
    """
    outbound = services.settings.outbound
    trust = partial(trusting, outbound.authorities, setting="outbound.authorities")
    context = trust()  # to find out now, not at the first alert
    outside = Outside(
        limits=Limits(connect_s=outbound.connect_s, call_s=outbound.call_s, reply_bytes=outbound.reply_bytes),
        clock=clock,
        trust=trust,
        connections=_CONNECTIONS,
    )
    outlets = [*_webhook(services, outside), *_mail(services, context, clock), *_syslog(services, context)]
    jobs = [*(_job(services, clock, outlet) for outlet in outlets), *_crowdsec(services, outside, clock)]
    return Outlets(jobs=tuple(jobs), outside=outside)


def _webhook(services: Services, outside: Outside) -> Iterator[Outlet]:
    alerts = services.settings.alerts
    if alerts.webhook:
        yield Webhook(
            alerts.webhook,
            secret=read_secret(alerts.webhook_secret, setting="alerts.webhook_secret", least=_SHORTEST_SECRET),
            outside=outside,
            now_ms=services.context.clock.now_ms,
            counted=_counted(services, "webhook"),
        )


def _mail(services: Services, trust: ssl.SSLContext, clock: Clock) -> Iterator[Outlet]:
    settings, host = services.settings.mail, socket.gethostname() or "localhost"
    if not settings.host:
        return
    login = None
    if settings.user:
        login = Login(user=settings.user, password=read_secret(settings.password, setting="mail.password"))
    yield Mail(
        MailServer(
            host=settings.host,
            port=settings.port,
            security=settings.security,
            trust=trust,
            login=login,
            hello=host,
            call_s=services.settings.outbound.call_s,
        ),
        sender=settings.sender,
        recipients=settings.recipients,
        host=host,
        leak=Leak(capacity=settings.burst, leak_s=_HOUR_S / settings.per_hour),
        now_ms=services.context.clock.now_ms,
        monotonic=clock.monotonic,
    )


def _syslog(services: Services, trust: ssl.SSLContext) -> Iterator[Outlet]:
    settings, outbound = services.settings.syslog, services.settings.outbound
    if settings.target:
        yield Syslog(
            SyslogReceiver.at(settings.target, trust=trust, connect_s=outbound.connect_s, call_s=outbound.call_s),
            origin=Origin(facility=FACILITIES[settings.facility], host=socket.gethostname(), process=str(os.getpid())),
            version=__version__,
        )


def _crowdsec(services: Services, outside: Outside, clock: Clock) -> Iterator[Job]:
    settings = services.settings.crowdsec
    if not settings.url:
        return
    crowdsec = CrowdSec(
        context=services.context,
        api=LocalAPI(
            settings.url,
            machine=settings.machine,
            password=read_secret(settings.password, setting="crowdsec.password"),
            outside=outside,
            counted=_counted(services, "crowdsec"),
        ),
        monotonic=clock.monotonic,
        random=Random(),  # noqa: S311 - jitter
        metrics=services.metrics,
    )
    yield Job(name="crowdsec", interval_s=_CROWDSEC_S, run=crowdsec.work, limit_s=_LIMIT_S)


def _counted(services: Services, service: str) -> Counted:
    return lambda result, seconds: services.metrics.outbound_call_seconds.of(service, result).observe(seconds)


def _job(services: Services, clock: Clock, outlet: Outlet) -> Job:
    alerts_out = AlertsOut(
        context=services.context,
        outlet=outlet,
        monotonic=clock.monotonic,
        random=Random(),  # noqa: S311 - jitter
        metrics=services.metrics,
    )
    return Job(name=f"alerts_{outlet.name}", interval_s=1, run=alerts_out.work, limit_s=_LIMIT_S)
