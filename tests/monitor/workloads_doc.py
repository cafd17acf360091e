"""
Write docs/workloads.md: ``python -m tests.monitor.workloads_doc``.

Every workload runs over virtual time, so the table is the same on every machine. What must hold of it is asserted in
test_workloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from provserver.monitor.decision import Measure
from provserver.monitor.policy import UNTIL_UNLOCKED
from tests.monitor import workloads as w
from tests.monitor.world import START, World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "workloads.md"
ATTACKS = (
    w.w1_sequential,
    w.w2_shuffled,
    w.w3_one_agent,
    w.w4_slow,
    w.w5_very_slow,
    w.w5_very_slow_walk,
    w.w6_distributed,
    w.w7_distributed_in_block,
    w.w8_harvest,
    w.w9_ipv6,
    lambda: w.w10_spray(sources=12_000, offenders=10, pause_s=1.5),
    w.w12_traversal,
    w.w13_guessing,
    w.w13_tokens,
    w.w14_junk,
    w.w16_certificates,
)
LET_ALONE = (
    w.l1_office,
    w.l1_first_boot,
    w.l2_delivery,
    w.l2_later_delivery,
    w.l3_bench,
    w.l4_reboot_loop,
    w.l5_nightly,
    w.l6_move,
    w.l7_carrier,
    w.l8_new_address,
    w.l9_probe,
    w.l10_uploads,
    w.l11_given_up,
)
_HEAD = """# What the monitor sees, and what it lets alone

Made by `python -m tests.monitor.workloads_doc`; the figures that are promised are asserted in
`tests/monitor/test_workloads.py`. Virtual time, fixed seeds: the same everywhere. "Told" is the first alert, "acted"
the first decision, each after so much time; "answered" are requests that were looked at, the others were shut out. No
password leaves without a proof in any of them: these devices have closed windows.

"""
_ATTACK_HEAD = "| attack | told | by | acted | answered |\n|---|---|---|---|---|\n"
_ALONE_HEAD = (
    "| to be let alone | requests | alerts for people | bans | locks | other decisions |\n|---|---|---|---|---|---|\n"
)


def page() -> str:
    """The whole page; takes a minute."""
    return "".join([_HEAD, _ATTACK_HEAD, *map(_attack, ATTACKS), "\n", _ALONE_HEAD, *map(_let_alone, LET_ALONE)])


def _attack(workload: Callable[[], World]) -> str:
    world = workload()
    told = f"{world.asked_at_alert[0]} requests, {_time(world.alerts[0].at)}" if world.alerts else "–"
    first = world.decisions[0] if world.decisions else None
    acted = f"{first.measure.value}, {_time(first.at)}" if first else "nothing: people decide"
    answered = world.asked - world.answers["banned"]
    return f"| {_name(workload)} | {told} | {_detectors(world)} | {acted} | {answered} of {world.asked} |\n"


def _let_alone(workload: Callable[[], World]) -> str:
    world = workload()
    kinds = [decision.measure for decision in world.decisions]
    bans, locks = kinds.count(Measure.BAN), sum(kind in UNTIL_UNLOCKED for kind in kinds)
    others = len(kinds) - bans - locks
    return f"| {_name(workload)} | {world.asked} | {_detectors(world)} | {bans} | {locks} | {others} |\n"


def _detectors(world: World) -> str:
    return ", ".join(f"`{name}`" for name in sorted(world.fired)) or "–"


def _name(workload: Callable[[], World]) -> str:
    function = w.w10_spray if workload.__name__ == "<lambda>" else workload
    number = function.__name__.partition("_")[0].upper()
    lines: Iterator[str] = (line.strip() for line in (function.__doc__ or "").strip().splitlines())
    return f"{number}: {next(lines).rstrip('.')}"


def _time(at: float) -> str:
    seconds = at - START
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
