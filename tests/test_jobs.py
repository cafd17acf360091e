"""A job runs at once, in time, one run after the other, and again after a failure; cancelling ends it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from random import Random
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from structlog.typing import FilteringBoundLogger

from provserver.jobs import QUIET_S, Job, JobRunner
from provserver.log.lines import json_line
from provserver.metrics import Metrics

START_MS = 1_767_225_600_000


class FakeClock:
    """Time that passes when somebody sleeps. After *naps* of them, sleeping is cancelled."""

    def __init__(self, *, naps: int = 1_000) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []
        self.naps = naps

    def wall_ms(self) -> int:
        return START_MS + int(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s

    def uptime_ms(self) -> int:
        return int(self.now_s * 1000)

    def boot_id(self) -> str:
        return ""

    async def sleep(self, seconds: float) -> None:
        if len(self.slept) == self.naps:
            raise asyncio.CancelledError
        self.slept.append(seconds)
        self.now_s += seconds


class Dice(Random):
    """Chance that always falls the same way."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


class House:
    """A runner with everything it uses."""

    def __init__(self, *, naps: int = 1_000, chance: float = 0.0) -> None:
        self.clock = FakeClock(naps=naps)
        self.metrics = Metrics(registry=CollectorRegistry(), vendors=(), version="0.1.0")
        self.said = BytesIO()
        self.runner = JobRunner(
            clock=self.clock, metrics=self.metrics, log=self._log(), random=Dice(chance), sleep=self.clock.sleep
        )

    def _log(self) -> FilteringBoundLogger:
        def render(_: object, level: str, facts: structlog.typing.EventDict) -> bytes:
            return json_line({"level": level, **facts, "exc_info": repr(facts.get("exc_info"))}, 10_000)

        log: FilteringBoundLogger = structlog.wrap_logger(
            structlog.BytesLogger(self.said),
            processors=[render],
            wrapper_class=structlog.make_filtering_bound_logger("info"),
        )
        return log

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said.getvalue().splitlines()]

    def runs(self, name: str) -> dict[str, float]:
        """Result → how often, as a Prometheus would read it."""
        return {s.labels["result"]: s.value for s in self._samples("provserver_job_runs_total", name)}

    def last_success_shown(self, name: str) -> float:
        """When, in seconds since 1970, as a Prometheus would read it."""
        [sample] = self._samples("provserver_job_last_success_timestamp_seconds", name)
        return sample.value

    def _samples(self, metric: str, job_name: str) -> list[Sample]:
        families = text_string_to_metric_families(self.metrics.render().decode())
        return [s for f in families for s in f.samples if s.name == metric and s.labels["name"] == job_name]

    async def run(self, job: Job) -> None:
        """Let *job* recur until the clock has no more naps."""
        with pytest.raises(asyncio.CancelledError):
            await self.runner.every(job)


def job(run: Callable[[], Awaitable[None]], **changed: Any) -> Job:  # noqa: ANN401 - fields of Job
    fields: dict[str, Any] = {"name": "retention", "interval_s": 300, "limit_s": 60, "run": run}
    return Job(**fields | changed)


async def test_the_first_run_is_at_once_and_the_next_ones_in_time() -> None:
    house = House(naps=3)
    times: list[float] = []

    async def run() -> None:
        times.append(house.clock.now_s)

    await house.run(job(run))

    assert times == [0, 300, 600, 900]


async def test_a_job_may_begin_with_a_pause() -> None:
    house = House(naps=2)
    times: list[float] = []

    async def run() -> None:
        times.append(house.clock.now_s)

    await house.run(job(run, at_once=False))

    assert times == [300, 600]


async def test_the_interval_includes_the_run() -> None:
    house = House(naps=2)

    async def run() -> None:
        house.clock.now_s += 100

    await house.run(job(run))

    assert house.clock.slept == [200, 200]


async def test_a_run_longer_than_its_interval_is_followed_by_the_next() -> None:
    house = House(naps=2)

    async def run() -> None:
        house.clock.now_s += 1_000

    await house.run(job(run))

    assert house.clock.slept == [0, 0]


@pytest.mark.parametrize(("chance", "pause_s"), [(0.0, 300), (0.5, 285), (0.999_999, pytest.approx(270, abs=0.01))])
async def test_chance_makes_the_interval_shorter_never_longer(chance: float, pause_s: float) -> None:
    house = House(naps=1, chance=chance)

    async def run() -> None:
        pass

    await house.run(job(run))

    assert house.clock.slept == [pause_s]


async def test_success_is_counted_and_remembered() -> None:
    house = House(naps=1)

    async def run() -> None:
        pass

    before = house.runner.since_success("retention")
    await house.run(job(run))

    assert before is None
    assert house.runner.since_success("retention") == 0
    house.clock.now_s += 7
    assert house.runner.since_success("retention") == 7
    assert house.runs("retention") == {"succeeded": 2, "failed": 0, "timed_out": 0}
    assert house.last_success_shown("retention") == START_MS / 1000 + 300
    assert house.events == []


async def test_a_failed_run_is_told_counted_and_followed_by_the_next() -> None:
    house = House(naps=2)
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ValueError("bad row")

    await house.run(job(run))

    assert runs == 3
    assert house.runs("retention") == {"succeeded": 2, "failed": 1, "timed_out": 0}
    assert [(e["event"], e["level"], e["job"], e["failures"]) for e in house.events] == [
        ("job.failed", "error", "retention", 1),
        ("job.recovered", "info", "retention", 1),
    ]
    assert house.events[0]["exc_info"] == "ValueError('bad row')"


async def test_a_failed_run_is_no_success() -> None:
    house = House(naps=0)

    async def run() -> None:
        raise ValueError

    await house.run(job(run))

    assert house.runner.since_success("retention") is None


async def test_a_group_of_errors_is_a_failed_run() -> None:
    house = House(naps=1)

    async def run() -> None:
        raise ExceptionGroup("many", [ValueError(), OSError()])

    await house.run(job(run))

    assert house.runs("retention")["failed"] == 2


async def test_a_job_that_keeps_failing_says_so_once_a_minute_and_shows_its_traceback_once() -> None:
    house = House(naps=int(3 * QUIET_S / 0.2))

    async def run() -> None:
        raise OSError("disk full")

    await house.run(job(run, interval_s=0.2))

    assert house.runs("retention")["failed"] == 901
    assert 3 <= len(house.events) <= 4
    assert [event["exc_info"] != "None" for event in house.events] == [True] + [False] * (len(house.events) - 1)
    assert house.events[-1]["failures"] > 500


async def test_a_run_that_does_not_end_is_cut_off() -> None:
    house = House()
    cleaned = []

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    succeeded = await house.runner.once(job(run, limit_s=0.001))

    assert not succeeded
    assert cleaned == [True]
    assert house.runs("retention") == {"succeeded": 0, "failed": 0, "timed_out": 1}
    assert house.events[0]["result"] == "timed_out"


async def test_a_timeout_within_the_job_is_a_failure_like_others() -> None:
    house = House()

    async def run() -> None:
        raise TimeoutError

    await house.runner.once(job(run))

    assert house.runs("retention") == {"succeeded": 0, "failed": 1, "timed_out": 0}


async def test_cancelling_ends_it_in_the_middle_of_a_run_and_counts_nothing() -> None:
    house = House()
    started = asyncio.Event()
    cleaned = []

    async def run() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(house.runner.every(job(run)))
        await started.wait()
        task.cancel()

    assert task.cancelled()
    assert cleaned == [True]
    assert house.runs("retention") == {"succeeded": 0, "failed": 0, "timed_out": 0}
    assert house.events == []


async def test_runs_of_one_job_never_overlap() -> None:
    house = House(naps=5)
    inside = most = 0

    async def run() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)  # gives others a turn
        inside -= 1

    await house.run(job(run, interval_s=0.001))

    assert most == 1
    assert house.runs("retention")["succeeded"] == 6


async def test_what_ends_the_process_is_not_held_up() -> None:
    house = House()

    async def run() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        await house.runner.every(job(run))


@pytest.mark.parametrize("changed", [{"interval_s": 0}, {"limit_s": 0}, {"jitter": 1}, {"jitter": -0.1}])
def test_a_job_without_sense_cannot_be_made(changed: dict[str, float]) -> None:
    async def run() -> None:
        pass

    with pytest.raises(ValueError, match="job retention"):
        job(run, **changed)
