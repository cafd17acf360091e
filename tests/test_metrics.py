"""Metrics keep to their names and closed sets, start at zero, and count what they are told."""

import platform
import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from provserver.metric_labels import OUTCOMES, UNKNOWN, Outcome
from provserver.metrics import Metrics

VENDORS = ("yealink", "snom")
NAME = re.compile(r"provserver_[a-z]+(_[a-z]+)*")
LABELS = (
    "vendor",
    "name",
    "cache",
    "operation",
    "outcome",
    "reason",
    "result",
    "version",
    "python",
    "listener",
    "kind",
    "verdict",
    "service",
    "state",
    "detector",
    "measure",
    "outlet",
    "file",
    "warning",
)
Samples = dict[tuple[str, tuple[str, ...]], float]


def fresh() -> Metrics:
    metrics = Metrics(registry=CollectorRegistry(), vendors=VENDORS, version="0.1.0")
    metrics.add_job("retention")
    return metrics


def samples(metrics: Metrics) -> Samples:
    """What a Prometheus would read: name and label values (in the order of LABELS, then ``le``) → value."""
    return {
        (sample.name, tuple(sample.labels[label] for label in (*LABELS, "le") if label in sample.labels)): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


def changed(metrics: Metrics, before: Samples) -> Samples:
    return {key: value for key, value in samples(metrics).items() if before.get(key) != value}


def test_every_name_and_label_keeps_the_rules() -> None:
    metrics = fresh()

    families = list(text_string_to_metric_families(metrics.render().decode()))

    assert len(families) > 20
    for family in families:
        assert NAME.fullmatch(family.name)
        assert family.documentation
        for sample in family.samples:
            assert set(sample.labels) <= {*LABELS, "le"}
            if family.type == "counter":
                assert sample.name.endswith("_total")


def test_the_descriptions_are_of_what_is_rendered() -> None:
    metrics = fresh()

    shown = {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
        )
        for family in text_string_to_metric_families(metrics.render().decode())
    }

    assert {d.name: (d.kind, set(d.labels)) for d in metrics.descriptions} == shown


def test_series_exist_before_anything_happens() -> None:
    """A rate needs a zero to start from, and an alert on a missing series would never fire."""
    read = samples(fresh())

    [build] = [key for key in read if key[0] == "provserver_build_info"]
    assert build[1] == ("0.1.0", platform.python_version())
    assert read.pop(build) == 1
    assert set(read.values()) == {0}
    assert {labels for name, labels in read if name == "provserver_requests_total"} == {
        (vendor, outcome) for vendor in (*VENDORS, UNKNOWN) for outcome in OUTCOMES
    }


@pytest.mark.parametrize("vendor", ["yealink", None, "", "nonesuch"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_request_is_counted_once_and_timed_when_it_carried_an_artefact(vendor: str | None, outcome: Outcome) -> None:
    metrics = fresh()
    before = samples(metrics)
    label = "yealink" if vendor == "yealink" else UNKNOWN

    metrics.request(vendor, outcome, 0.25)

    after = changed(metrics, before)
    assert after.pop(("provserver_requests_total", (label, outcome))) == 1
    if outcome in {"delivered", "served"}:
        assert after.pop(("provserver_delivery_seconds_count", (label,))) == 1
        assert after.pop(("provserver_delivery_seconds_sum", (label,))) == 0.25
        # in the bucket above it, and in all larger ones
        assert sorted(labels[1] for _, labels in after) == ["+Inf", "0.5", "1.0", "30.0", "5.0"]
    else:
        assert after == {}


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_strangers_cannot_make_series(words: list[str]) -> None:
    metrics = fresh()
    before = set(samples(metrics))

    for word in [*words, "<script>", 'a"} 1\nevil_metric{x="y'] * 2:
        metrics.request(word, "refused", 0.1)
        metrics.request(word, "served", 0.1)
        metrics.uploads_bytes.of(word).inc(10)
        metrics.credentials_deliveries.of(word).inc()
        metrics.render_failures.of(word, "unfit_value").inc()

    assert set(samples(metrics)) == before


def test_a_mistake_of_ours_is_counted_in_one_series_a_metric() -> None:
    metrics = fresh()
    before = set(samples(metrics))

    for number in range(100):
        metrics.cache_hits.of(f"cache {number}", "hit").inc()
        metrics.requests.of("yealink", f"outcome {number}").inc()

    after = samples(metrics)
    assert set(after) - before == {
        ("provserver_cache_hits_total", (UNKNOWN, UNKNOWN)),
        ("provserver_requests_total", (UNKNOWN, UNKNOWN)),
    }
    assert after["provserver_cache_hits_total", (UNKNOWN, UNKNOWN)] == 100


def test_the_wrong_number_of_labels_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        fresh().cache_hits.of("devices")


def test_a_job_is_shown_from_its_start() -> None:
    metrics = fresh()

    metrics.add_job("sweep")

    read = samples(metrics)
    assert read["provserver_job_last_success_timestamp_seconds", ("sweep",)] == 0
    assert {labels for name, labels in read if name == "provserver_job_runs_total" and "sweep" in labels} == {
        ("sweep", "failed"),
        ("sweep", "succeeded"),
        ("sweep", "timed_out"),
    }


def test_two_sets_of_metrics_know_nothing_of_each_other() -> None:
    one, other = fresh(), fresh()
    before = samples(other)

    one.request("snom", "delivered", 0.1)

    assert samples(other) == before


def test_threads_lose_no_count() -> None:
    metrics = fresh()

    def count() -> None:
        for _ in range(2_000):
            metrics.request("snom", "served", 0.001)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        metrics.render()
    for thread in threads:
        thread.join()

    assert samples(metrics)["provserver_requests_total", ("snom", "served")] == 8_000


def test_no_vendor_can_be_called_unknown() -> None:
    metrics = Metrics(registry=CollectorRegistry(), vendors=["snom", UNKNOWN], version="0.1.0")

    metrics.request(None, "refused", 0.1)

    assert samples(metrics)["provserver_requests_total", (UNKNOWN, "refused")] == 1
