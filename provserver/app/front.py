"""`Front`: everything between phones' sockets and the services, put together."""

from __future__ import annotations

from dataclasses import dataclass

from provserver.app.assembly import Services
from provserver.app.certificates import Certificates
from provserver.app.listening import capacity_of, contexts_of
from provserver.clock import Clock
from provserver.http.capacity import Capacity
from provserver.http.phone import PhoneListener
from provserver.http.tls import Contexts
from provserver.log import Log
from provserver.services.requests.arrivals import Arrivals
from provserver.services.requests.traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the phone listeners share: who answers, who may come in, how TLS is spoken, who takes note."""

    listener: PhoneListener
    traffic: Traffic
    capacity: Capacity
    contexts: Contexts | None
    certificates: Certificates
    arrivals: Arrivals


def build_front(services: Services, *, log: Log, clock: Clock) -> Front:
    """Put it together as the settings say. Raises ConfigurationError for certificates that cannot be served."""
    settings = services.settings
    capacity = capacity_of(settings)
    services.peers.load()
    contexts = contexts_of(settings, makers=tuple(services.catalogue.vendors), now_ms=clock.wall_ms())
    traffic = Traffic(
        clock=services.context.clock,
        metrics=services.metrics,
        request_log=services.request_log,
        copies=services.copies,
        monitor=services.monitor,
        lines=log.requests,
        homes=services.homes,
    )
    return Front(
        listener=PhoneListener(
            settings=settings.phone,
            provisioning=services.provisioning,
            deliveries=services.deliveries,
            traffic=traffic,
            clock=clock,
            max_upload_bytes=settings.uploads.device_bytes,
            known=capacity.known,
            banned=services.monitor.is_banned,
            pause=services.monitor.pause,
        ),
        traffic=traffic,
        capacity=capacity,
        contexts=contexts,
        certificates=Certificates(
            contexts,
            clock=clock,
            metrics=services.metrics,
            log=log.events,
            warn_days=settings.tls.warn_days,
            legacy=settings.legacy.enabled,
            reloaded=services.peers.load,
        ),
        arrivals=Arrivals(clock=clock, metrics=services.metrics, noticed=services.monitor.noticed),
    )
