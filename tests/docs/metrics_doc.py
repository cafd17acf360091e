"""
What docs/metrics.md has to say; ``python -m tests.docs.metrics_doc`` writes it anew.

Everything comes from the `Metrics` object, so the manual cannot promise what is not counted.
"""

from pathlib import Path

from prometheus_client import CollectorRegistry

from provserver.metric_labels import UNKNOWN
from provserver.metrics import Description, Metrics

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
_HEAD = """\
# Metrics

Served at `/metrics` of the ops listener, in Prometheus' text format. This page is generated; to change it, change
`provserver/metrics.py` and run `python -m tests.docs.metrics_doc`.

No label holds a MAC, an address, a tenant or a path, and no request can make a new series. All counters begin at zero
when the process starts. Histograms have `_bucket`, `_sum` and `_count` series.

| metric | type | labels | meaning |
|---|---|---|---|
"""
# Sets that depend on what runs, in words instead of values.
_IN_WORDS = {
    "vendor": f"slug of a maker, or `{UNKNOWN}`",
    "name": "name of a job",
    "python": "of Python",
    "detector": "name of a detector",
}
_THIS_VERSION = "0"  # not the real one, which the page would have to follow


def document() -> str:
    """The whole page."""
    metrics = Metrics(registry=CollectorRegistry(), vendors=(), version=_THIS_VERSION)
    return _HEAD + "".join(map(_row, sorted(metrics.descriptions, key=lambda d: d.name)))


def _row(metric: Description) -> str:
    labels = "; ".join(f"`{label}`: {_values(label, values)}" for label, values in metric.labels.items())
    return f"| `{metric.name}` | {metric.kind} | {labels or '–'} | {metric.meaning} |\n"


def _values(label: str, values: tuple[str, ...]) -> str:
    if values == (_THIS_VERSION,):
        return "of this program"
    return _IN_WORDS.get(label) or ", ".join(f"`{value}`" for value in values)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
