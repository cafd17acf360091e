"""
`make bench`: every figure that is promised, as a ratio within this run, and the table for the README.

    python -m benchmarks [--devices 100000] [--large 1000000] [--small 1000] [--write]
    python -m benchmarks workloads [--write]    # only what the monitor makes of attacks and offices

Each figure is a median over rounds; in each round the server and the bare handler are measured one right after the
other, so that a machine that is busy for a while slows both. `--write` puts the table into README.md, and the one of
workloads, in which time is virtual, into docs/workloads.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import fleet, identification, imports, monitor, oracle, redirection, siege, storm
from benchmarks.processes import Load, Target, bare, load, provserver
from provserver.app import Services, build
from provserver.settings import DataSettings, Settings
from provserver.vault.tokens import TokenKey
from tests.monitor import workloads_doc
from tests.system.slow_attackers import hindrance

_ROUNDS = 5
_SLICES = 5  # of a round: server and yardstick take turns, so that what else the machine does troubles both alike
_SLICE_S = 0.8
_CONNECTIONS = 128
_WARM = 1_000  # devices that are fetched again and again; their artefacts fit the cache
_COLD = 4_000  # devices of one cold round
_COLD_SLICE = 800  # of them; fewer do not keep the connections busy
_README = Path(__file__).parent.parent / "README.md"
_BEGIN, _END = "<!-- benchmarks -->", "<!-- /benchmarks -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table."""

    what: str
    value: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    What a kind of request comes to: requests a second, that as a part of the bare handler's, and the same by work.

    *work* is the bare handler's processor time for a request over the server's: event loop against event loop.
    """

    rate: float
    ratio: float
    work: float

    @classmethod
    def median(cls, parts: Sequence[Part]) -> Part:
        """Of several rounds."""
        return cls(
            rate=statistics.median(part.rate for part in parts),
            ratio=statistics.median(part.ratio for part in parts),
            work=statistics.median(part.work for part in parts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What was measured on one fleet."""

    warm: Part
    cold: Part
    unknown: Part
    locked: Part
    peak_mib: float


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    options = _options(arguments)
    _workloads(write=options.write)
    if options.what == "workloads":
        return
    with tempfile.TemporaryDirectory(prefix="provserver-bench-") as name:
        folder = Path(name)
        figures = list(_figures(options, folder))
    table = _table(figures, options)
    _say(table)
    if options.write:
        _write(table)


def _workloads(*, write: bool) -> None:
    page = workloads_doc.page()
    _say(page)
    if write:
        workloads_doc.PAGE.write_text(page, encoding="utf-8")


def _figures(options: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    main_rates, times = _measure(folder, options.devices, with_oracle=True)
    for what, part, asked in (
        ("warm fetch, proof T", main_rates.warm, "≥ 0.40"),
        ("cold fetch, each device once", main_rates.cold, "≥ 0.08"),
        ("unknown MAC refused", main_rates.unknown, "≥ 0.45"),
        ("locked device refused", main_rates.locked, "as unknown"),
    ):
        yield Figure(what=what, value=f"{part.ratio:.3f} (by processor time {part.work:.3f})", asked=asked)
    for what, difference_us, p_value in times:
        verdict = "told apart" if p_value < oracle.SIGNIFICANT else "not told apart"
        yield Figure(
            what=f"time of {what} against unknown",
            value=f"{difference_us:+.1f} µs, p = {p_value:.2g} ({verdict})",
            asked="p ≥ 0.01",
        )
    small, _ = _measure(folder, options.small)
    large, _ = _measure(folder, options.large)
    for kind, many, few in (
        ("warm", large.warm, small.warm),
        ("cold", large.cold, small.cold),
        ("unknown", large.unknown, small.unknown),
    ):
        yield Figure(
            what=f"{kind}, {options.large:,} devices against {options.small:,}",
            value=f"{many.ratio / few.ratio:.2f} (by processor time {many.work / few.work:.2f})",
            asked="≥ 0.9",
        )
    yield Figure(what=f"memory, {options.large:,} devices", value=f"{large.peak_mib:.0f} MiB", asked="< 400 MiB")
    yield from _storm(folder / str(options.small))
    yield from _siege()
    yield Figure(
        what=f"import of {imports.ROWS:,} rows, by the command",
        value=f"{imports.seconds(folder / 'import'):.1f} s",
        asked="seconds",
    )
    entered = redirection.measure(folder)
    yield Figure(
        what="devices entered at a maker's service that takes 50 ms",
        value=f"{entered.rate:,.0f}/s (its latency allows {entered.limit:,.0f})",
        asked="≥ 200/s",
    )
    yield Figure(
        what="processor for each of them, and a phone's answer meanwhile against without",
        value=f"{entered.cpu_us:,.0f} µs, {entered.waits:.2f}",
        asked="–",
    )
    yield from _monitor(main_rates)
    ratio, cost_us = identification.ratio()
    yield Figure(what="identification, all makers against one", value=f"{ratio:.2f} ({cost_us:.1f} µs)", asked="≤ 1.2")


def _monitor(rates: Rates) -> Iterator[Figure]:
    """What the monitor costs; see benchmarks.monitor."""
    found = monitor.cost()
    share = found.proven_us * rates.warm.rate / 1e6
    yield Figure(
        what="the monitor's part of a warm fetch",
        value=f"{share:.0%} ({found.proven_us:.1f} µs, of which the request path {found.taken_down_us:.1f})",
        asked="≤ 10 %",
    )
    proven, walk = monitor.counter_ratio()
    yield Figure(
        what="events through the engine, against a loop that counts in a dict",
        value=f"1/{proven:.0f} for phones with proofs, 1/{walk:.0f} for a walk",
        asked="stated",
    )
    yield Figure(
        what=f"memory, spray of {monitor.SPRAYED:,} sources", value=f"{monitor.spray_mib():.0f} MiB", asked="≤ 64 MiB"
    )


def _storm(directory: Path) -> Iterator[Figure]:
    """Handshakes a second against nginx's; the fleet in *directory* has been measured before."""
    absent = storm.missing()
    if absent:
        yield Figure(what="TLS against nginx", value=f"not measured: no {', '.join(absent)}", asked="")
        return
    path = asyncio.run(_first_path(directory))
    for found in storm.measure(directory, path):
        asked = "≥ 0.4" if "resumed" in found.what else "≥ 0.7"
        value = f"{found.ratio:.2f} ({found.rate:,.0f}/s; by processor time {found.work:.2f})"
        yield Figure(what=f"{found.what}, against nginx", value=value, asked=asked)


def _siege() -> Iterator[Figure]:
    """What slow connections leave to phones; each of the attacks by itself."""
    absent = hindrance()
    if absent:
        yield Figure(what="phones served while others are slow on purpose", value=f"not measured: {absent}", asked="")
        return
    found = dict(siege.measure())
    yield Figure(
        what="phones served while 1,000 connections are slow on purpose, against without",
        value=", ".join(f"{name} {one.ratio:.2f}" for name, one in found.items()),
        asked="stated",
    )
    yield Figure(
        what="memory for each of them",
        value=f"at most {max(one.each_bytes for one in found.values()) / 1024:.0f} KiB",
        asked="bounded",
    )


async def _first_path(directory: Path) -> str:
    """What the first phone of the fleet asks for, with its token."""
    async with _open(directory) as services:
        tokens = TokenKey.load(services.settings.data.key_directory)
        return (await fleet.requests(services, tokens, iter([0])))[0].partition("\t")[0]


def _measure(folder: Path, devices: int, *, with_oracle: bool = False) -> tuple[Rates, list[tuple[str, float, float]]]:
    directory = folder / str(devices)
    _say(f"making {devices:,} devices …")
    asyncio.run(fleet.create(directory, devices))
    files = asyncio.run(_prepare(directory, folder, devices))
    times: list[tuple[str, float, float]] = []
    with provserver(directory) as server:
        first = load(server, files["warm"], connections=_CONNECTIONS, seconds=2)
        with bare(int(first.mean_bytes)) as yardstick:
            medians = _medians(server, yardstick, files, name=f"{devices:,} devices")
        peak_mib = server.peak_mib
        if with_oracle:
            taken = oracle.measure(server.port, asyncio.run(_refused(directory, devices)))
            for what, by_kind in (("a refusal", taken.refusals), ("what is asked right after it", taken.next_ones)):
                compared = oracle.compare(by_kind, reference="unknown")
                times += [(f"{what}: {kind}", difference_us, p_value) for kind, difference_us, p_value in compared]
    return Rates(**medians, peak_mib=peak_mib), times


def _medians(server: Target, yardstick: Target, files: Mapping[str, Path], *, name: str) -> dict[str, Part]:
    """All kinds of requests in turn, some rounds of them."""
    parts: dict[str, list[Part]] = {kind: [] for kind in ("warm", "cold", "unknown", "locked")}
    for number in range(_ROUNDS):
        for kind, taken in parts.items():
            if kind == "cold":
                slices = [file for name, file in files.items() if name.startswith(f"cold{number}.")]
                taken.append(_part(server, yardstick, slices, seconds=0, against=files["warm"]))
            else:
                taken.append(_part(server, yardstick, [files[kind]] * _SLICES, seconds=_SLICE_S, against=files[kind]))
        said = ", ".join(f"{kind} {taken[-1].ratio:.3f} ({taken[-1].work:.3f})" for kind, taken in parts.items())
        _say(f"  {name}, round {number + 1}: {said} of the bare handler")
    return {kind: Part.median(taken) for kind, taken in parts.items()}


def _part(server: Target, yardstick: Target, slices: Sequence[Path], *, seconds: float, against: Path) -> Part:
    """The server's *slices*, and between them the bare handler, which is asked for *against*."""
    own, constant = [], []
    for requests in slices:
        own.append(load(server, requests, connections=_CONNECTIONS, seconds=seconds))
        constant.append(load(yardstick, against, connections=_CONNECTIONS, seconds=_SLICE_S))
        _check(own[-1])
    rate = _together(own, lambda one: 1 / one.rate)
    return Part(
        rate=1 / rate,
        ratio=_together(constant, lambda one: 1 / one.rate) / rate,
        work=_together(constant, lambda one: one.loop_us) / _together(own, lambda one: one.loop_us),
    )


def _together(loads: Sequence[Load], each: Callable[[Load], float]) -> float:
    """The mean of *each* request's."""
    return sum(each(one) * one.requests for one in loads) / sum(one.requests for one in loads)


def _check(result: Load) -> None:
    if set(result.by_status) - {"200", "404"} or len(result.by_status) != 1:
        raise RuntimeError(f"mixed answers: {result.by_status}")


async def _prepare(directory: Path, folder: Path, devices: int) -> dict[str, Path]:
    """Files of requests: warm ones, cold ones for each round, unknown and locked ones."""
    async with _open(directory) as services:
        tokens = TokenKey.load(services.settings.data.key_directory)
        warm = min(_WARM, devices // 4)
        locked = min(_WARM, devices // 4)
        cold = min(_COLD, (devices - warm - locked) // _ROUNDS)
        first_locked = devices - locked
        for position in range(first_locked, devices):
            await services.devices.lock(fleet.device(position)[1], reason="benchmark")
        lines = {
            "warm": await fleet.requests(services, tokens, iter(range(warm))),
            "unknown": fleet.strangers(50_000),
            "locked": await fleet.requests(services, tokens, iter(range(first_locked, devices))),
        }
        step = (devices - warm - locked) // (cold * _ROUNDS)  # spread over the whole fleet
        for number in range(_ROUNDS):
            first = warm + number * cold * step
            requests = await fleet.requests(services, tokens, iter(range(first, first + cold * step, step)))
            slices = max(1, min(_SLICES, cold // _COLD_SLICE))
            lines |= {f"cold{number}.{slice_}": requests[slice_::slices] for slice_ in range(slices)}
    files = {}
    for name, content in lines.items():
        files[name] = folder / f"{directory.name}-{name}"
        files[name].write_text("\n".join(content))
    return files


async def _refused(directory: Path, devices: int) -> dict[str, list[str]]:
    """Paths that are refused, by why."""
    async with _open(directory) as services:
        tokens = TokenKey.load(services.settings.data.key_directory)
        locked = [fleet.device(position) for position in range(devices - 200, devices)]
        own = [line.partition("\t")[0] for line in await fleet.requests(services, tokens, iter(range(200)))]
    wrong = "A" * 24
    strangers = [line.partition("\t")[0] for line in fleet.strangers(200)]
    names = [fleet.file_of(slug, mac) for slug, mac in locked]
    files = [path.rpartition("/")[2] for path in own]
    return {
        "unknown": strangers,
        "locked": [f"/{name}" for name in names],
        "wrong token": [f"/{wrong}/{name}" for name in files],
        "token of another device": [
            path.rpartition("/")[0] + "/" + name for path, name in zip(own, files[1:] + files[:1], strict=True)
        ],
    }


def _open(directory: Path) -> AbstractAsyncContextManager[Services]:
    return build(Settings(data=DataSettings(directory=directory)))


def _median(values: Iterator[float]) -> float:
    return statistics.median(list(values))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure, as ratios within one run.")
    parser.add_argument("what", nargs="?", choices=("everything", "workloads"), default="everything")
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="put the tables into README.md and docs/workloads.md")
    return parser.parse_args(arguments)


def _table(figures: list[Figure], options: argparse.Namespace) -> str:
    rows = "\n".join(f"| {figure.what} | {figure.value} | {figure.asked} |" for figure in figures)
    return (
        f"One process, {options.devices:,} devices of four makers in SQLite, everything on; rates are parts of a bare\n"
        f"aiohttp handler's that returns a constant of the same size (same loop, client, {_CONNECTIONS} connections,\n"
        f"median of {_ROUNDS} rounds). Python {platform.python_version()}, {os.cpu_count()} cores.\n\n"
        "| what | measured | to reach |\n|---|---|---|\n" + rows + "\n"
    )


def _write(table: str) -> None:
    text = _README.read_text()
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _README.write_text(f"{before}{_BEGIN}\n{table}{_END}{after}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
