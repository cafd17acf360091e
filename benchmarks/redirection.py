"""
How fast devices are entered at a maker's service that takes 50 ms to answer, and what phones notice: `measure`.

`python -m benchmarks.redirection` is that service, in a process of its own; it prints where it listens.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.processes import redirection_service
from provserver.app import Services, build, initialise
from provserver.clock import SystemClock
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.log import configure
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.settings import DataSettings, LogSettings, Settings
from tests.redirect.fakes.rest import YealinkOpen
from tests.redirect.fakes.service import serving

LATENCY_S = 0.05
_DEVICES = 3_000
_ANSWERS, _EVERY_S = 500, 0.005
_PER_S = 10_000.0  # more than can be reached: what is measured is us, not our patience with a real service


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """
    Devices a second; *limit* is what the calls at once and the latency would allow at most.

    *cpu_us* is the processor's time for one device in this process, *waits* how much longer the answer to a phone takes
    meanwhile: the median, against the same without. The largest says more about the machine.
    """

    rate: float
    limit: float
    cpu_us: float
    waits: float


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
        alone, beside = list[float](), list[float]()
        await _phones(services, alone, while_=lambda: len(alone) < _ANSWERS)
        started, cpu = perf_counter(), process_time()
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(services.redirection.registrar.work(account))
            await _phones(services, beside, while_=lambda: not work.done())
        entered = work.result()
        seconds, cpu_s = perf_counter() - started, process_time() - cpu
    assert entered == _DEVICES
    return Rate(
        rate=entered / seconds,
        limit=settings.redirect.calls / LATENCY_S,
        cpu_us=cpu_s / entered * 1e6,
        waits=median(beside) / median(alone),
    )


async def _phones(services: Services, took: list[float], *, while_: Callable[[], bool]) -> None:
    """Ask for a file that is not there, every few milliseconds, as a phone would; *took* gets the seconds of each."""
    while while_():
        started = perf_counter()
        await services.provisioning.answer(ProvRequest(path="/805ec0ffffff.cfg", address="192.0.2.1"))
        took.append(perf_counter() - started)
        await asyncio.sleep(_EVERY_S)


async def _serve() -> None:
    service = YealinkOpen()
    service.latency_s = LATENCY_S
    async with serving(service):
        print(service.endpoint, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
