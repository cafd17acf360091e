"""A way out to services on loopback, on a clock that tests move; failed tries are repeated at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from provserver.outbound.http import Limits, Outside
from provserver.redirect.channel import Channel
from provserver.redirect.pace import Pace
from tests.clocks import FakeClock
from tests.redirect.fakes import tls

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
    outside = Outside(limits=LIMITS, clock=clock, trust=tls.trusting, connections=20)
    yield outside
    await outside.close()


@pytest.fixture
def channel(outside: Outside, clock: FakeClock) -> Channel:
    return Channel(outside, pace=Pace(per_s=1000, burst=1000, clock=clock), clock=clock)
