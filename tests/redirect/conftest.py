"""A way out to services on loopback, on a clock that tests move; failed tries are repeated at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from provserver.redirect.http import Channel, Limits, Outside
from provserver.redirect.pace import Pace
from tests.clocks import FakeClock

LIMITS = Limits(connect_s=5, call_s=10, reply_bytes=100_000)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def outside(clock: FakeClock) -> AsyncIterator[Outside]:
    outside = Outside(limits=LIMITS, clock=clock, authorities=None, connections=20)
    yield outside
    await outside.close()


@pytest.fixture
def channel(outside: Outside, clock: FakeClock) -> Channel:
    return outside.channel(Pace(per_s=1000, burst=1000, clock=clock))
