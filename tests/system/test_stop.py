"""A job whose library makes another error of a cancellation ends all the same: a stopping server waits for it."""

from __future__ import annotations

import asyncio
from random import Random

import structlog
from prometheus_client import CollectorRegistry

from provserver.jobs import Job, JobRunner
from provserver.metrics import Metrics
from tests.clocks import FakeClock


async def test_a_job_that_swallows_its_cancellation_ends_nevertheless() -> None:
    """SQLAlchemy does that when a connection is used once more on its way out."""
    begun, runs = asyncio.Event(), 0

    async def swallow() -> None:
        nonlocal runs
        runs += 1
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise RuntimeError("cannot reconnect") from None

    metrics = Metrics(registry=CollectorRegistry(), vendors=(), version="test")
    log = structlog.wrap_logger(structlog.ReturnLogger(), processors=[lambda _, __, facts: str(facts)])
    runner = JobRunner(clock=FakeClock(), metrics=metrics, log=log, random=Random(1))  # noqa: S311 - jitter
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(runner.every(Job(name="stubborn", interval_s=0.001, run=swallow, limit_s=60)))
        await begun.wait()
        task.cancel()

    assert task.cancelled()
    assert runs == 1
