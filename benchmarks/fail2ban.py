"""
The monitor beside fail2ban, on the same events: ``python -m benchmarks.fail2ban``.

Every replay file of the detectors (``attack--…`` and ``benign--…``) is written as lines of the log, with the outcome
and reason that its events have there, and read by the usual jail: 10 hits in 60 s, of the filter that we ship in its
mode ``refusals``. fail2ban's own program finds the hits; the jail's window is counted here, as its manual has it. The
monitor sees the events themselves.

A benign file is benign to its own detector; another may rightly speak about it. Which have acted on benign files is
printed below the table, with the files. The second table plays published attacks (w…) and loads of real offices (l…).
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from unittest.mock import patch

from provserver.log.lines import json_line
from provserver.log.output import REQUEST_LINE_BYTES, Stamp
from provserver.monitor.decision import Measure
from provserver.monitor.engine import Engine
from provserver.monitor.event import Event
from provserver.monitor.policy import Policy
from provserver.monitor.restraints import Restraints
from tests.monitor import workloads_doc
from tests.monitor.replays import FOLDER, read
from tests.monitor.world import DETECTORS, KEY, START, World

FILTER = Path(__file__).parents[1] / "config" / "fail2ban"
MAX_RETRY, FIND_TIME_S = 10, 60.0
APART_S = 100 * 86_400.0  # longer than any file lasts
# What the log says about an event with this word; the first that fits. Others are answered, and no refusal.
_REASONS = {
    "unknown_mac": "unknown_device",
    "wrong_token": "wrong_token",
    "wrong_login": "wrong_login",
    "wrong_certificate": "wrong_certificate",
    "traversal": "hostile_path",
    "probe": "hostile_path",
    "stray": "no_rule",
    "optional_miss": "no_rule",
    "window_over": "window_over",
    "withheld": "provisioned",
    "after_deletion": "deleted",
}


_HEAD = "| files | number | fail2ban bans | monitor bans | monitor acts | monitor alerts |\n|---|---|---|---|---|---|\n"
# The largest two, the spray (W10) and the nightly polls (L5), and W11, which is W1 to both.
_LEFT_OUT = {"<lambda>", "l5_nightly", "w11_forwarded"}
WORKLOADS = [one for one in (*workloads_doc.ATTACKS, *workloads_doc.LET_ALONE) if one.__name__ not in _LEFT_OUT]


def main() -> None:
    """Print both tables."""
    table, notes = of_files()
    print(table, *notes, sep="\n")
    print("\n| workload | events | addresses fail2ban bans | addresses monitor bans | all it decides |")
    print("|---|---|---|---|---|")
    for workload in WORKLOADS:
        world, events = recorded(workload)
        bans = {decision.value for decision in world.bans}
        row = (workload.__name__, len(events), len(by_fail2ban([events])[0]), len(bans), len(world.decisions))
        print(f"| {' | '.join(map(str, row))} |")


def recorded(workload: Callable[[], World]) -> tuple[World, list[Event]]:
    """Play *workload* without carrying anything out, so that both see it whole; its world, and all events."""
    events: list[Event] = []
    begin, feed = World.__post_init__, World.feed

    def simulated(world: World) -> None:
        world.simulate = True
        begin(world)

    def recording(world: World, event: Event) -> None:
        events.append(event)
        feed(world, event)

    with patch.object(World, "__post_init__", simulated), patch.object(World, "feed", recording):
        return workload(), events


def of_files() -> tuple[str, list[str]]:
    """By kind of file: bans by fail2ban, bans and other measures of ours, alerts; and what acts on benign ones."""
    files = sorted(FOLDER.glob("*/*.toml"))
    banned = by_fail2ban([read(file) for file in files])
    notes: list[str] = []
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for file, addresses in zip(files, banned, strict=True):
        alerts, measures = by_monitor(read(file))
        kind = file.name.partition("--")[0]
        bans = Measure.BAN in measures
        for position, seen in enumerate((True, addresses, bans, measures, alerts)):
            tally[kind][position] += bool(seen)
        if kind == "benign" and (addresses or measures):
            notes.append(
                f"{file.parent.name}/{file.stem}: fail2ban {len(addresses)}, monitor {_said(alerts, measures)}"
            )
    rows = [f"| {kind} | {' | '.join(map(str, counts))} |\n" for kind, counts in sorted(tally.items())]
    return _HEAD + "".join(rows), notes


def _said(alerts: set[str], measures: set[Measure]) -> str:
    return f"{', '.join(sorted(measures)) or 'nothing'} ({', '.join(sorted(alerts)) or 'no alert'})"


def by_monitor(events: Iterable[Event]) -> tuple[set[str], set[Measure]]:
    """The detectors that speak, and what is done."""
    engine, policy, restraints = Engine(DETECTORS, key=KEY), Policy(DETECTORS, random=Random(1)), Restraints()
    alerts: set[str] = set()
    measures: set[Measure] = set()
    for event in events:
        for alert in engine.feed(event):
            alerts.add(alert.detector)
            for decision in policy.decide(alert, restraints):
                measures.add(decision.measure)
                restraints.add(decision, event.at)
    return alerts, measures


def by_fail2ban(files: Sequence[Sequence[Event]]) -> list[set[str]]:
    """Whom the usual jail bans in each of *files*: the program's own filter finds the hits."""
    banned: list[set[str]] = [set() for _ in files]
    windows: dict[tuple[int, str], deque[float]] = defaultdict(deque)
    for number, at, address in _hits(files):
        window = windows[number, address]
        window.append(at)
        while window[0] <= at - FIND_TIME_S:
            window.popleft()
        if len(window) >= MAX_RETRY:
            banned[number].add(address)
    return banned


def _hits(files: Sequence[Sequence[Event]]) -> Iterator[tuple[int, float, str]]:
    """Number of the file, time, address. One log for all, the program starts once; each file has its own time."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "provserver.log"
        lines = (_line(event, event.at - number * APART_S) for number, events in enumerate(files) for event in events)
        log.write_bytes(b"".join(line + b"\n" for line in lines))
        command = ["fail2ban-regex", "-c", str(FILTER), "-o", "<time> <ip>", str(log), "provserver[mode=refusals]"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    for line in done.stdout.splitlines():
        at, address = line.split()
        yield round((START + APART_S / 2 - float(at)) // APART_S), float(at), address


def _line(event: Event, at: float) -> bytes:
    reason = next((_REASONS[word] for word in _REASONS if word in event.words), None)
    return json_line(
        {
            "timestamp": Stamp(lambda: int(at * 1000))(),
            "level": "info",
            "event": "request.answered",
            "outcome": "refused" if reason else "served",
            "reason": reason,
            "status": 404 if reason else 200,
            "method": "GET",
            "path": event.path or "/",
            "mac": event.mac or None,
            "vendor": None,
            "proof": "lasting_token" if "proven" in event.words else None,
            "address": event.address,
            "user_agent": event.agent,
            "size_bytes": 0,
            "duration_us": 0,
        },
        REQUEST_LINE_BYTES,
    )


if __name__ == "__main__":
    main()
