"""
Work that recurs: `JobRunner.every` runs one `Job` again and again, one run at a time, and outlives a failed one.

It starts no tasks: whoever calls `every` does that, in a TaskGroup, and ends it by cancelling.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from structlog.typing import FilteringBoundLogger

from provserver.clock import Clock
from provserver.metrics import Metrics

FAILED_EVENT = "job.failed"
RECOVERED_EVENT = "job.recovered"
QUIET_S = 60  # a job that keeps failing says so once a minute: some run five times a second, perhaps on a full disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """
    What recurs.

    *interval_s* is a promise: from one start to the next passes no more, unless a run takes longer; up to the part
    *jitter* of it is left out at random, so that processes started together do not stay together. A run that takes
    longer than *limit_s* is cancelled and has failed. With *at_once* False the first run comes after one interval.
    """

    name: str
    interval_s: float
    run: Callable[[], Awaitable[None]]
    limit_s: float
    jitter: float = 0.1
    at_once: bool = True

    def __post_init__(self) -> None:
        if self.interval_s <= 0 or self.limit_s <= 0 or not 0 <= self.jitter < 1:
            msg = f"job {self.name}: interval {self.interval_s} s, limit {self.limit_s} s, jitter {self.jitter}"
            raise ValueError(msg)


@dataclass(slots=True)
class _Record:
    """What is known of one job's runs."""

    succeeded_at: float | None = None  # monotonic
    failures: int = 0  # since the last success
    spoke_at: float = 0  # monotonic


class JobRunner:
    """Runs jobs, counts their runs and remembers when each last succeeded."""

    def __init__(
        self,
        *,
        clock: Clock,
        metrics: Metrics,
        log: FilteringBoundLogger,
        random: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._random = random
        self._sleep = sleep
        self._records: dict[str, _Record] = {}

    async def every(self, job: Job) -> None:
        """Run *job* until cancelled."""
        self._record(job.name)
        if not job.at_once:
            await self._sleep(self._until_next(job))
        while True:
            started = self._clock.monotonic()
            await self.once(job)
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # a library has made another error of the cancellation
                raise asyncio.CancelledError
            await self._sleep(max(0.0, self._until_next(job) - (self._clock.monotonic() - started)))

    async def once(self, job: Job) -> bool:
        """Run *job* one time; whether it succeeded. Raises only what ends the process, and CancelledError."""
        limit = asyncio.timeout(job.limit_s)
        try:
            async with limit:
                await job.run()
        except Exception as error:  # noqa: BLE001 - a job must outlive one bad run
            self._failed(job, error, timed_out=limit.expired())
            return False
        self._succeeded(job)
        return True

    def since_success(self, name: str) -> float | None:
        """How long ago the job called *name* last succeeded, seconds; None: not in this process."""
        record = self._records.get(name)
        if record is None or record.succeeded_at is None:
            return None
        return self._clock.monotonic() - record.succeeded_at

    def _record(self, name: str) -> _Record:
        if name not in self._records:
            self._records[name] = _Record()
            self._metrics.add_job(name)
        return self._records[name]

    def _until_next(self, job: Job) -> float:
        return job.interval_s * (1 - job.jitter * self._random.random())

    def _succeeded(self, job: Job) -> None:
        record = self._record(job.name)
        if record.failures:
            self._log.info(RECOVERED_EVENT, job=job.name, failures=record.failures)
        record.failures = 0
        record.succeeded_at = self._clock.monotonic()
        self._metrics.job_runs.of(job.name, "succeeded").inc()
        self._metrics.job_last_success.of(job.name).set(self._clock.wall_ms() / 1000)

    def _failed(self, job: Job, error: Exception, *, timed_out: bool) -> None:
        """Count it; the first failure is told with its traceback, further ones in a row shortly and not too often."""
        record, now = self._record(job.name), self._clock.monotonic()
        record.failures += 1
        result = "timed_out" if timed_out else "failed"
        self._metrics.job_runs.of(job.name, result).inc()
        if record.failures == 1 or now - record.spoke_at >= QUIET_S:
            record.spoke_at = now
            self._log.error(
                FAILED_EVENT,
                job=job.name,
                result=result,
                limit_s=job.limit_s,
                failures=record.failures,
                error=type(error).__name__,
                exc_info=error if record.failures == 1 else None,
            )
