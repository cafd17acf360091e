"""`NetworkFiles`: keeps what is known of networks as it is on the disk, and says what cannot be used."""

from __future__ import annotations

import asyncio

import structlog

from provserver.metrics import Metrics
from provserver.whereabouts import Whereabouts

LOADED_EVENT = "whereabouts.loaded"
UNUSABLE_EVENT = "whereabouts.unusable"


class NetworkFiles:
    """One for the process, if the operator has given a file."""

    def __init__(self, whereabouts: Whereabouts, *, metrics: Metrics) -> None:
        self._whereabouts = whereabouts
        self._metrics = metrics
        self._said: tuple[str, ...] = ()

    async def follow(self) -> None:
        """
        Read the files that have changed.

        Fails open: with a file that cannot be used, what was known before stays, or nothing is known. That is said
        once, and again when it is another problem.
        """
        found = await asyncio.to_thread(self._whereabouts.reload)
        for problem in found.problems:
            self._metrics.whereabouts_reloads.of("failed").inc()
            if problem not in self._said:
                structlog.get_logger().error(UNUSABLE_EVENT, problem=problem)
        self._said = found.problems
        for name, at in found.built.items():
            self._metrics.whereabouts_reloads.of("succeeded").inc()
            self._metrics.whereabouts_built.of(name).set(at)
            structlog.get_logger().info(LOADED_EVENT, file=name, built_at=at)
