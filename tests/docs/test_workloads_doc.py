"""docs/workloads.md says what the workloads come to: virtual time and fixed seeds, the same on every machine."""

from tests.monitor.workloads_doc import ATTACKS, LET_ALONE, PAGE, page, with_windows_open


def test_the_table_is_the_one_that_the_code_makes() -> None:
    made = page()

    assert PAGE.read_text(encoding="utf-8") == made, "run: python -m benchmarks workloads --write"
    rows = [line for line in made.splitlines() if line.startswith(("| W", "| L"))]
    assert len(rows) == len(ATTACKS) + 1 + len(LET_ALONE)
    named = {row.split(":")[0].removeprefix("| ") for row in rows}
    assert named == {f"W{n}" for n in range(1, 17)} | {f"L{n}" for n in range(1, 12)}


def test_no_attack_leads_to_a_decision_about_an_office_beside_it() -> None:
    found = [with_windows_open(workload) for workload in ATTACKS]

    assert [loss.false_decisions for loss in found] == [0] * len(ATTACKS)
