"""
How fast devices are entered at a maker's service that takes 50 ms to answer: `measure`.

`python -m benchmarks.redirection` is that service, in a process of its own; it prints where it listens.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.processes import redirection_service
from provserver.app import build, initialise
from provserver.clock import SystemClock
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.log import configure
from provserver.secret import Secret
from provserver.services.devices import Wanted
from provserver.settings import DataSettings, LogSettings, Settings
from tests.redirect.fakes.rest import YealinkOpen
from tests.redirect.fakes.service import serving

LATENCY_S = 0.05
_DEVICES = 3_000
_PER_S = 10_000.0  # more than can be reached: what is measured is us, not our patience with a real service


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Devices a second; *limit* is what the calls at once and the latency would allow at most."""

    rate: float
    limit: float


def measure(folder: Path) -> Rate:
    """Enter some thousand devices, by the settings as they are."""
    configure(LogSettings(level="error"), now_ms=SystemClock().wall_ms, stream=sys.stderr.buffer)
    with redirection_service() as endpoint:
        return asyncio.run(_measure(Settings(data=DataSettings(directory=folder / "redirection")), endpoint))


async def _measure(settings: Settings, endpoint: str) -> Rate:
    await initialise(settings)
    async with build(settings) as services:
        tenant = await services.tenants.add("bench")
        account = await services.redirection.accounts.add(
            "yealink_open",
            {"access_key": "key-1"},
            {"access_secret": Secret("pa55")},
            tenant=tenant,
            endpoint=endpoint,
            per_s=_PER_S,
        )
        line = Line(number=1, user_name="1001", registrar=Endpoint(host="pbx.example.com"))
        await services.devices.put(
            [
                Wanted(tenant=tenant, mac=MacAddress(f"805ec0{n:06x}"), lines=(line,), passwords={1: Secret("pass-1")})
                for n in range(_DEVICES)
            ]
        )
        started = perf_counter()
        entered = await services.redirection.registrar.work(account)
        seconds = perf_counter() - started
    assert entered == _DEVICES
    return Rate(rate=entered / seconds, limit=settings.redirect.calls / LATENCY_S)


async def _serve() -> None:
    service = YealinkOpen()
    service.latency_s = LATENCY_S
    async with serving(service):
        print(service.endpoint, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
