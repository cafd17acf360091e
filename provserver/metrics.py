"""
What is counted and measured: one `Metrics` object, handed to whoever counts.

Labels take their values from closed sets, and every series exists from the start: rates begin at zero, and nothing that
a stranger sends makes a new one.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, Generic, Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from provserver.metric_labels import (
    ADMISSIONS,
    CACHE_RESULTS,
    CACHES,
    CALL_RESULTS,
    CERTIFICATE_VERDICTS,
    CROWDSEC_RESULTS,
    DATABASE_OPERATIONS,
    DELETION_RESULTS,
    HANDSHAKE_FAILURES,
    HANDSHAKE_KINDS,
    JOB_RESULTS,
    LISTENERS,
    LOGIN_RESULTS,
    MEASURES,
    MONITOR_RESULTS,
    NETWORK_FILES,
    OUTBOUND_SERVICES,
    OUTCOMES,
    OUTLET_RESULTS,
    OUTLETS,
    REDIRECT_OUTCOMES,
    REDIRECT_SERVICES,
    REGISTRATION_STATES,
    REJECTIONS,
    RELOADS,
    RENDER_FAILURES,
    ROW_RESULTS,
    TFTP_RESULTS,
    TLS_VERSIONS,
    UNKNOWN,
    WARNINGS,
    Outcome,
)
from provserver.tally import Count, Spread, TallyCounter, TallyHistogram

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4  # of `Metrics.render`; every Prometheus reads it

# Most answers take 1–10 ms; 5 ms is the fixed time of refusals, 30 s is what a slow phone may need for a large one.
_DELIVERY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30)
# A look-up takes 0.01–0.1 ms, a commit one flush of the disk (1–20 ms); above that, something else is in the way.
_DATABASE_BUCKETS_S = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
# A call over the internet takes 50-500 ms; 30 s is its limit (redirect.call_s).
_CALL_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 5, 30)
_WITH_ARTEFACT = frozenset({"delivered", "served"})  # the others carry nothing, or wait for a fixed time

Labels = Mapping[str, Collection[str]]
S_co = TypeVar("S_co", covariant=True)
S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What one metric is, for the manual: *labels* are their names with the values known from the start."""

    name: str
    kind: str
    labels: Mapping[str, tuple[str, ...]]
    meaning: str


class Labelled(Protocol[S_co]):
    """A metric with labels."""

    def labels(self, *values: str) -> S_co:
        """One of its series, made when it is first asked for."""
        ...


class Family(Generic[S]):
    """All series of one metric: one for each combination of label values."""

    __slots__ = ("_metric", "_series", "_values")

    def __init__(self, metric: Labelled[S], labels: Labels) -> None:
        self._metric = metric
        self._values: list[frozenset[str]] = [frozenset(values) for values in labels.values()]
        self._series: dict[tuple[str, ...], S] = {
            values: metric.labels(*values) for values in product(*labels.values())
        }

    def of(self, *values: str) -> S:
        """The series of *values*, in the order of the labels: one dict look-up, if they are in their sets."""
        series = self._series.get(values)
        return series if series is not None else self._nearest(values)

    def add(self, value: str) -> None:
        """Allow *value* for the first label. Only for names from our own code: series are never removed."""
        self._values[0] |= {value}
        for values in product((value,), *self._values[1:]):
            self._series[values] = self._metric.labels(*values)

    def _nearest(self, values: tuple[str, ...]) -> S:
        """The series with `UNKNOWN` for what is not in its set, if there is one; else one series for all mistakes."""
        pairs = zip(values, self._values, strict=True)
        nearest = tuple(value if value in allowed else UNKNOWN for value, allowed in pairs)
        return self._series.get(nearest) or self._metric.labels(*(UNKNOWN for _ in values))


class Metrics:
    """
    Everything that is counted; the attributes are named like the metrics in docs/metrics.md.

    *vendors* are the slugs of all makers, *detectors* the names of all detectors; any other is counted as `UNKNOWN`.
    Safe to use from any thread, but for what `tally` counts, which is the event loop's.
    """

    def __init__(
        self,
        *,
        registry: CollectorRegistry,
        vendors: Collection[str],
        version: str,
        detectors: Collection[str] = (),
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # half of all series would say when they were made
        self._registry = registry
        self._vendor: Labels = {"vendor": (*sorted({*vendors} - {UNKNOWN}), UNKNOWN)}
        self.descriptions: list[Description] = []
        self._declare_connections()
        self._declare_phones()
        self._declare_credentials()
        self._declare_redirection()
        self._declare_outlets()
        self._declare_jobs()
        self._declare_insides()
        self._declare_monitor({"detector": (*sorted(detectors), UNKNOWN)})
        python = platform.python_version()
        build = {"version": (version,), "python": (python,)}
        self._gauges("build_info", "Always 1; the labels say what is running.", build).of(version, python).set(1)

    def request(self, vendor: str | None, outcome: Outcome, seconds: float) -> None:
        """Count one request, *seconds* from its head to the last byte of the answer. None: no maker recognised."""
        vendor = vendor or UNKNOWN
        self.requests.of(vendor, outcome).inc()
        if outcome in _WITH_ARTEFACT:
            self.delivery_seconds.of(vendor).observe(seconds)

    def add_job(self, name: str) -> None:
        """Show the job called *name*, at zero."""
        self.job_runs.add(name)
        self.job_last_success.add(name)

    def render(self) -> bytes:
        """Write everything in Prometheus' text format. Takes milliseconds: call it in a thread."""
        return generate_latest(self._registry)

    def _declare_connections(self) -> None:
        listener: Labels = {"listener": LISTENERS}
        self.connections = self._tallies(
            "connections_total", "Connections of phones, let in or not.", {**listener, "outcome": ADMISSIONS}
        )
        self.connections_open = self._gauge("connections_open", "Connections there are now, on all phone listeners.")
        self.tls_handshakes = self._tallies(
            "tls_handshakes_total",
            "Completed TLS handshakes.",
            {**listener, "version": TLS_VERSIONS, "kind": HANDSHAKE_KINDS},
        )
        self.handshake_failures = self._tallies(
            "handshake_failures_total",
            "Connections that ended before their first request could be read.",
            {**listener, "reason": HANDSHAKE_FAILURES},
        )
        self.client_certificates = self._tallies(
            "client_certificates_total",
            "Requests with a certificate, by what it was worth.",
            {"verdict": CERTIFICATE_VERDICTS},
        )
        self.tls_expiry = self._gauges(
            "tls_certificate_expiry_timestamp_seconds",
            "When the first of our certificates expires, seconds since 1970; 0: the listener is off.",
            {"listener": ("tls", "legacy")},
        )
        self.tls_reloads = self._counters(
            "tls_reloads_total", "Attempts to load changed certificates.", {"result": RELOADS}
        )

    def _declare_phones(self) -> None:
        self.requests = self._tallies(
            "requests_total", "Requests on the phone listener.", {**self._vendor, "outcome": OUTCOMES}
        )
        self.delivery_seconds = self._spreads(
            "delivery_seconds",
            "From the head of a request to the last byte of its artefact; outcomes delivered and served only.",
            self._vendor,
            _DELIVERY_BUCKETS_S,
        )
        self.logins = self._tallies(
            "logins_total",
            "HTTP logins that were looked at. Many wrong ones: somebody guesses, or phones hold an old password.",
            {**self._vendor, "result": LOGIN_RESULTS},
        )
        self.uploads_bytes = self._counters("uploads_bytes_total", "Bytes kept from phones' uploads.", self._vendor)
        self.tftp_datagrams = self._tallies(
            "tftp_datagrams_total",
            "Datagrams at the TFTP port; all but admitted are dropped. Strangers are outside of tftp.networks.",
            {"result": TFTP_RESULTS},
        )
        self.http_malformed = self._counter("http_malformed_total", "Requests that were no valid HTTP.")
        self.render_failures = self._counters(
            "render_failures_total", "Artefacts that could not be made.", {**self._vendor, "reason": RENDER_FAILURES}
        )
        self.request_log_rows = self._counters(
            "request_log_rows_total", "Rows of the request log; dropped: the queue was full.", {"result": ROW_RESULTS}
        )
        self.request_log_queue = self._gauge("request_log_queue_rows", "Rows of the request log waiting to be written.")

    def _declare_credentials(self) -> None:
        self.credentials_held = self._gauge("credentials_held", "Credentials that can be read now.")
        self.credentials_deliveries = self._tallies(
            "credentials_deliveries_total", "Complete deliveries of artefacts that carried credentials.", self._vendor
        )
        self.credentials_deletions = self._counters(
            "credentials_deletions_total", "Credentials whose time was over.", {"result": DELETION_RESULTS}
        )
        self.credentials_oldest_overdue = self._gauge(
            "credentials_oldest_overdue_seconds",
            "How long the oldest credential has been held beyond its time; 0: none is. Alert above 3600.",
        )
        self.credentials_rejected = self._counters(
            "credentials_rejected_total",
            "Credentials that could not be used. Alert on any tampered: somebody wrote to the store.",
            {"reason": REJECTIONS},
        )
        self.erase_pending = self._gauge("erase_pending", "Deleted credentials whose traces are still in store files.")

    def _declare_redirection(self) -> None:
        service: Labels = {"service": REDIRECT_SERVICES}
        self.registrations = self._gauges(
            "registrations", "Devices at makers' redirection services.", {**service, "state": REGISTRATION_STATES}
        )
        self.redirect_outcomes = self._counters(
            "redirect_outcomes_total",
            "What became of devices that were sent to makers' services.",
            {**service, "outcome": REDIRECT_OUTCOMES},
        )
        self.redirect_paused = self._gauge(
            "redirect_accounts_paused", "Accounts that nothing is sent with now, because their service is ill."
        )

    def _declare_outlets(self) -> None:
        outlet: Labels = {"outlet": OUTLETS}
        self.outbound_call_seconds = self._histograms(
            "outbound_call_seconds",
            "Calls by HTTP to others: makers' services, the webhook, CrowdSec; each try for itself.",
            {"service": OUTBOUND_SERVICES, "result": CALL_RESULTS},
            _CALL_BUCKETS_S,
        )
        self.outlet_alerts = self._counters("outlet_alerts_total", "Alerts that an outlet has taken.", outlet)
        self.outlet_sends = self._counters(
            "outlet_sends_total",
            "Requests, mails and syslog connections with alerts.",
            {**outlet, "result": OUTLET_RESULTS},
        )
        self.outlet_waiting = self._gauges(
            "outlet_waiting_alerts", "Alerts that wait in the store for an outlet. Alert if it grows.", outlet
        )
        self.crowdsec_decisions = self._counters(
            "crowdsec_decisions_total",
            "Bans handed to CrowdSec's local API, and taken back.",
            {"result": CROWDSEC_RESULTS},
        )
        self.crowdsec_held = self._gauge("crowdsec_decisions_held", "Bans of ours that CrowdSec's local API has now.")

    def _declare_jobs(self) -> None:
        self.job_runs = self._counters("job_runs_total", "Runs of recurring jobs.", {"name": (), "result": JOB_RESULTS})
        self.job_last_success = self._gauges(
            "job_last_success_timestamp_seconds",
            "When a job last succeeded, seconds since 1970; 0: not since this process started.",
            {"name": ()},
        )

    def _declare_insides(self) -> None:
        self.database_seconds = self._histograms(
            "database_seconds",
            "Operations on the store, waiting included.",
            {"operation": DATABASE_OPERATIONS},
            _DATABASE_BUCKETS_S,
        )
        self.store_lost_writes = self._counter(
            "store_lost_writes_total", "Writes that the store did not take. Alert on any."
        )
        self.cache_entries = self._gauges("cache_entries", "Entries of a cache.", {"cache": CACHES})
        self.cache_hits = self._counters(
            "cache_hits_total", "Look-ups in a cache.", {"cache": CACHES, "result": CACHE_RESULTS}
        )
        self.clock_lag = self._gauge(
            "clock_lag_seconds",
            "How far the machine's clock is behind the time that deletion counts in. Alert above 60.",
        )
        self.warnings = self._gauges("warnings", "1: `/readyz` warns of it. Alert on any.", {"warning": WARNINGS})

    def _declare_monitor(self, detector: Labels) -> None:
        measure: Labels = {"measure": MEASURES}
        self.monitor_events = self._tallies(
            "monitor_events_total",
            "What the monitor was told of. Dropped: its queue was full; failed: a mistake of ours.",
            {"result": MONITOR_RESULTS},
        )
        self.monitor_queue = self._gauge("monitor_queue_events", "What the monitor has not looked at yet.")
        self.monitor_records = self._gauge("monitor_records", "Sources, networks and targets that are counted exactly.")
        self.monitor_saturation = self._gauge(
            "monitor_saturation",
            "How often the monitor has forgotten something, or not decided or written it, for want of room. "
            "Alert if it grows.",
        )
        self.alerts = self._counters("alerts_total", "Alerts of the monitor.", detector)
        self.decisions = self._counters(
            "decisions_total", "Decisions of the monitor, simulated ones too.", {**detector, **measure}
        )
        self.whereabouts_reloads = self._counters(
            "whereabouts_reloads_total", "Attempts to read changed files of networks.", {"result": RELOADS}
        )
        self.whereabouts_built = self._gauges(
            "whereabouts_build_timestamp_seconds",
            "When a file of networks that is in use was built, seconds since 1970; 0: none is.",
            {"file": NETWORK_FILES},
        )
        self.decisions_in_force = self._gauges("decisions_in_force", "Decisions that are being carried out.", measure)

    def _counter(self, name: str, meaning: str) -> Counter:
        self._describe(name, "counter", meaning, {})
        return Counter(f"provserver_{name}", meaning, registry=self._registry)

    def _counters(self, name: str, meaning: str, labels: Labels) -> Family[Counter]:
        self._describe(name, "counter", meaning, labels)
        return Family(Counter(f"provserver_{name}", meaning, list(labels), registry=self._registry), labels)

    def _tallies(self, name: str, meaning: str, labels: Labels) -> Family[Count]:
        self._describe(name, "counter", meaning, labels)
        return Family(TallyCounter(f"provserver_{name}", meaning, list(labels), registry=self._registry), labels)

    def _spreads(self, name: str, meaning: str, labels: Labels, bounds: tuple[float, ...]) -> Family[Spread]:
        self._describe(name, "histogram", meaning, labels)
        metric = TallyHistogram(f"provserver_{name}", meaning, list(labels), bounds=bounds, registry=self._registry)
        return Family(metric, labels)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        self._describe(name, "gauge", meaning, {})
        return Gauge(f"provserver_{name}", meaning, registry=self._registry)

    def _gauges(self, name: str, meaning: str, labels: Labels) -> Family[Gauge]:
        self._describe(name, "gauge", meaning, labels)
        return Family(Gauge(f"provserver_{name}", meaning, list(labels), registry=self._registry), labels)

    def _histograms(self, name: str, meaning: str, labels: Labels, buckets: tuple[float, ...]) -> Family[Histogram]:
        self._describe(name, "histogram", meaning, labels)
        metric = Histogram(f"provserver_{name}", meaning, list(labels), registry=self._registry, buckets=buckets)
        return Family(metric, labels)

    def _describe(self, name: str, kind: str, meaning: str, labels: Labels) -> None:
        values = {label: tuple(allowed) for label, allowed in labels.items()}
        self.descriptions.append(Description(name=f"provserver_{name}", kind=kind, labels=values, meaning=meaning))
