"""docs/metrics.md says what is counted, all of it and nothing else."""

from prometheus_client import CollectorRegistry

from provserver.metrics import Metrics
from tests.docs.metrics_doc import DOCUMENT, document


def test_the_page_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python -m tests.docs.metrics_doc"


def test_every_metric_has_one_row_of_four_cells() -> None:
    metrics = Metrics(registry=CollectorRegistry(), vendors=("snom",), version="0.1.0")

    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert len(rows) == len(metrics.descriptions)
    assert {row.split("`")[1] for row in rows} == {metric.name for metric in metrics.descriptions}
    assert {row.count("|") for row in rows} == {5}
