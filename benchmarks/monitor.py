"""
What the monitor costs: microseconds a request, events a second against a bare counter, memory under a spray.

    python -m benchmarks.monitor          # all figures, by themselves
    python -m benchmarks.monitor spray    # only the spray of a million sources: MiB more than before, as it goes on
"""

from __future__ import annotations

import asyncio
import logging
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import structlog

from provserver.app import build, initialise
from provserver.monitor.detector import load_detectors
from provserver.monitor.engine import Engine
from provserver.monitor.event import Event
from provserver.release import Proof
from provserver.services.monitoring.sightings import Sighting
from provserver.settings import DataSettings, Settings
from provserver.storage.requests import REQUEST_COLUMNS

SPRAYED = 1_000_000
_ROUNDS = 5
_COUNT = 20_000
_START = 1_760_000_000.0
_MAC = REQUEST_COLUMNS.index("mac")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Microseconds a request of each kind, everything in this process included; what the request path itself pays."""

    taken_down_us: float
    proven_us: float
    unknown_us: float


def cost() -> Cost:
    """Measure with the services of an empty data directory."""
    with tempfile.TemporaryDirectory(prefix="provserver-bench-") as name:
        return asyncio.run(_cost(Settings(data=DataSettings(directory=Path(name) / "data"))))


def counter_ratio() -> tuple[float, float]:
    """Events of phones with proofs, and of one walk: how many times as long as a loop that counts them in a dict."""
    random = Random(1)
    proven = [
        _event(n, ("proven",), f"10.{n % 50}.{n % 200}.1", random.randrange(1 << 24), device="d") for n in range(_COUNT)
    ]
    walk = [_event(n, ("unknown_mac",), "192.0.2.7", random.randrange(1 << 24)) for n in range(_COUNT)]
    bare = _fastest(lambda: _count(proven), _COUNT)
    return _fastest(lambda: _feed(proven), _COUNT) / bare, _fastest(lambda: _feed(walk), _COUNT) / bare


def spray_mib() -> float:
    """Memory that a million sources with one unknown MAC each take, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.monitor", "spray"], capture_output=True, text=True, check=True
    )
    return float(ended.stdout.split()[-1])


async def _cost(settings: Settings) -> Cost:
    await initialise(settings)
    async with build(settings) as services:
        monitor, at = services.monitor, services.context.clock.now_ms()
        proven = [_sighting(at + n, n, proof=Proof.LASTING_TOKEN) for n in range(_COUNT)]
        unknown = [_sighting(at + n, n * 7_919) for n in range(_COUNT)]
        taken, looked, walked = [], [], []
        for _ in range(_ROUNDS):
            started = time.process_time()
            for seen in proven:
                monitor.saw(Sighting(seen.row, "", seen.proof, None, None, ""))
            taken.append(time.process_time() - started)
            await monitor._look_at_all()  # noqa: SLF001 - the writer is another task
            looked.append(time.process_time() - started)
            for seen in unknown:
                monitor.saw(seen)
            started = time.process_time()
            await monitor._look_at_all()  # noqa: SLF001
            walked.append(time.process_time() - started)
    per_us = 1e6 / _COUNT
    return Cost(
        taken_down_us=statistics.median(taken) * per_us,
        proven_us=statistics.median(looked) * per_us,
        unknown_us=statistics.median(walked) * per_us,
    )


def _sighting(at_ms: int, number: int, *, proof: Proof | None = None, address: str = "198.51.100.7") -> Sighting:
    mac = f"805ec0{number % 0x1000000:06x}"
    row = dict.fromkeys(REQUEST_COLUMNS) | {
        "at": at_ms,
        "address": f"192.0.2.{number % 200}" if proof else address,
        "method": "GET",
        "path": f"/{mac}.cfg",
        "mac": mac,
        "device_id": mac if proof else None,
        "user_agent": "Yealink SIP-T54W 96.86.0.70",
        "outcome": "served" if proof else "refused",
        "reason": None if proof else "unknown_device",
    }
    return Sighting(row=tuple(row.values()), proof=proof)


def _event(number: int, words: tuple[str, ...], address: str, suffix: int, *, device: str = "") -> Event:
    return Event(at=_START + number / 1_000, words=words, address=address, mac=f"805ec0{suffix:06x}", device=device)


def _count(events: Iterable[Event]) -> None:
    counts: dict[str, int] = {}
    for event in events:
        counts[event.address] = counts.get(event.address, 0) + 1


def _feed(events: Iterable[Event]) -> None:
    engine = Engine(load_detectors(), key=bytes(16))
    for event in events:
        engine.feed(event)


def _fastest(work: Callable[[], None], count: int) -> float:
    times = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times) / count


async def _spray(settings: Settings) -> AsyncIterator[float]:
    """
    MiB more than before the server's parts were put together, after each tenth of the spray, and the most there was.

    All of the monitor that a request meets: limits, queue, engine, policy, what is in force, what is written down. The
    stores are in it, too, with their caches: they cannot be told apart.
    """
    random, before = Random(1), peak_mib()
    await initialise(settings)
    async with build(settings) as services:
        monitor, at = services.monitor, services.context.clock.now_ms()
        for number in range(SPRAYED):
            address = f"{1 + (number >> 16) % 200}.{random.randrange(256)}.{number >> 8 & 255}.{number & 255}"
            seen = _sighting(at + number, random.randrange(1 << 24), address=address)
            monitor.is_restrained(address, seen.row[_MAC])
            monitor.saw(seen)
            if number % 250 == 0:
                await monitor.work()
            if number % (SPRAYED // 10) == 0:
                yield peak_mib() - before
        await monitor.work()
        monitor.measure()
        assert services.metrics.monitor_events.of("dropped").value == 0
    yield peak_mib() - before


async def _say_spray() -> None:
    with tempfile.TemporaryDirectory(prefix="provserver-bench-") as name:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        async for mib in _spray(Settings(data=DataSettings(directory=Path(name) / "data"))):
            print(f"{mib:.1f}", flush=True)


def peak_mib() -> float:
    """
    The most memory that this program has had.

    Not `getrusage`: the most that its parent had when it started this one counts there, and hides what comes later.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]  # every Linux says it


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    if arguments == ["spray"]:
        asyncio.run(_say_spray())
        return
    found = cost()
    print(
        f"taken down {found.taken_down_us:.2f} µs, proven {found.proven_us:.1f} µs, unknown {found.unknown_us:.1f} µs"
    )
    proven, walk = counter_ratio()
    print(f"against a bare counter: proven {proven:.0f}×, a walk {walk:.0f}×")
    print(f"spray of {SPRAYED:,} sources: {spray_mib():.0f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
