"""Everything about makers' redirection services, put together: `Redirection`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from random import Random

from provserver.clock import Clock
from provserver.metrics import Metrics
from provserver.outbound.http import Limits, Outside
from provserver.outbound.trust import trusting
from provserver.services.context import Context
from provserver.services.monitoring.foreign_claims import ForeignClaims
from provserver.services.redirection.handovers import Handovers
from provserver.services.redirection.hosting import Hosting
from provserver.services.redirection.reconciliation import Reconciliation
from provserver.services.redirection.redirect_accounts import RedirectAccounts
from provserver.services.redirection.redirect_clients import Clients
from provserver.services.redirection.redirect_pins import Pins
from provserver.services.redirection.redirect_views import RedirectViews
from provserver.services.redirection.registrar import Registrar
from provserver.services.redirection.registrations import Registrations
from provserver.services.secrets import Secrets
from provserver.settings import Settings
from provserver.vault.tokens import TokenKey

_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection:
    """The services of redirection."""

    outside: Outside
    accounts: RedirectAccounts
    registrations: Registrations
    registrar: Registrar
    hosting: Hosting
    claims: ForeignClaims
    reconciliation: Reconciliation
    views: RedirectViews


def build_redirection(
    settings: Settings,
    *,
    context: Context,
    secrets: Secrets,
    tokens: TokenKey,
    metrics: Metrics,
    wall: Clock,
    handovers: Handovers,
) -> Redirection:
    """Put the services together; nothing is opened before it is used."""
    redirect = settings.redirect
    outside = Outside(
        limits=Limits(connect_s=redirect.connect_s, call_s=redirect.call_s, reply_bytes=redirect.reply_bytes),
        clock=wall,
        trust=lambda: trusting(redirect.authorities, setting="redirect.authorities"),
        connections=redirect.calls * 4,  # a few accounts at full speed; more wait for each other
    )
    clients = Clients(
        context=context,
        secrets=secrets,
        outside=outside,
        clock=wall,
        burst=redirect.calls,
        counted=lambda service, result, seconds: metrics.outbound_call_seconds.of(service, result).observe(seconds),
    )
    registrations = Registrations(context=context, tokens=tokens, base_url=redirect.url or settings.phone.url)
    pins = Pins(context=context, secrets=secrets)
    registrar = Registrar(
        context=context,
        clients=clients,
        registrations=registrations,
        pins=pins,
        handovers=handovers,
        name="server" if context.actor == "server" else f"process-{os.getpid()}",
        calls=redirect.calls,
        lease_ms=int(redirect.lease_s * 1000),
        quota=redirect.claims_a_day,
        random=Random(),  # noqa: S311 - jitter, and names of leases
        settled=lambda service, outcome: metrics.redirect_outcomes.of(service, outcome).inc(),
    )
    reconciliation = Reconciliation(
        context=context,
        clients=clients,
        registrations=registrations,
        interval_ms=int(redirect.reconcile_hours * _HOUR_MS),
        forget_ms=int(settings.retention.event_days * _DAY_MS),
    )
    return Redirection(
        outside=outside,
        accounts=RedirectAccounts(context=context, secrets=secrets, clients=clients),
        registrations=registrations,
        registrar=registrar,
        hosting=Hosting(context=context, registrations=registrations),
        claims=ForeignClaims(context=context),
        reconciliation=reconciliation,
        views=RedirectViews(context=context, pins=pins, tokens=tokens),
    )
