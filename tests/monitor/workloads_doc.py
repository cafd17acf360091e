"""
The table of docs/workloads.md: ``python -m benchmarks workloads --write``.

Every workload runs over virtual time, so the table is the same on every machine, and a test says that it is the one in
the docs. What must hold of it is asserted in test_workloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from itertools import chain
from pathlib import Path
from random import Random
from unittest.mock import patch

from provserver.monitor.decision import Decision, Measure, Scope
from provserver.monitor.policy import UNTIL_UNLOCKED
from tests.monitor import workloads as w
from tests.monitor.world import START, Ask, Phone, World

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
    w.w8_distributed,
    w.w9_ipv6,
    lambda: w.w10_spray(sources=12_000, offenders=10, pause_s=1.5),
    w.w11_forwarded,
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
    w.l8_reset_at_new_address,
    w.l9_probe,
    w.l10_uploads,
    w.l11_given_up,
)
BESIDE = "203.0.113.77"  # an office that has nothing to do with the attack, in the network of those that are entered
_PHONES = 40
_HEAD = """# What the monitor sees, and what it lets alone

Made by `python -m benchmarks workloads --write`, as a part of `make bench`; a test says that it is the one the code
makes, and the figures that are promised are asserted in `tests/monitor/test_workloads.py`. Virtual time, fixed seeds:
the same everywhere. W1 to W4, W11 to W14 and L1 to L4 are also played to a running server over loopback
(`tests/system/test_workloads.py`).

"Told" is the first alert, "acted" the first decision, each after so many requests and so much time; "answered" are
requests that were looked at, the others were shut out. "Passwords lost" went to somebody without any proof: while
windows are closed, as they are but for the days between arming and first boot, and if the windows of all devices had
been open, with the first alert about that. W8 then gets all that is on its list: who asks for real MACs in open windows
looks like an office that boots for the first time; people are told, and only tenants that are `strict` lose
nothing. "False decisions" is counted in the same
second run, beside an office of 40 phones that boot during the attack: what was decided about the office, its network
or its devices, and requests of its phones that were not served.

The spray (W10) is 12,000 sources here, and a million in `make bench`, for what it weighs. L8 with resets is with a
file of systems; without one, phones that are reset at another address are locked until their tenant unlocks them
([0023](decisions/0023-devices-that-move.md)).

"""
_ATTACK_HEAD = (
    "| attack | told | by | acted | answered | passwords lost, windows closed | windows open | false decisions |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
# Nothing that the monitor counts: connections are ended by their deadlines, whoever has them.
_W15 = (
    "| W15: Slow heads, bodies and readers, 1,000 connections | not the monitor's: ended by deadlines, phones are"
    " served meanwhile (`tests/system/test_slow_attacks.py`) | – | – | – | 0 | 0 | 0 |\n"
)
_ALONE_HEAD = (
    "Of the loads that are to be let alone, every decision would be a false one:\n\n"
    "| to be let alone | requests | alerts for people | bans | locks | other decisions |\n|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What an attack came to beside an office, with all windows open."""

    passwords: int
    told: str
    false_decisions: int


def page() -> str:
    """The whole page; takes seconds."""
    attacks = [*map(_attack, ATTACKS)]
    attacks.insert(-1, _W15)
    return "".join([_HEAD, _ATTACK_HEAD, *attacks, "\n", _ALONE_HEAD, *map(_let_alone, LET_ALONE)])


def with_windows_open(workload: Callable[[], World]) -> Loss:
    """Play *workload* once more: what it is after has open windows, and an office boots beside it."""
    enter, run = World.enter, World.run
    office = w.fleet(_PHONES, oui=w.OUI, seed=77)
    at_office = {phone.mac for phone in office}

    def enter_open(world: World, *phones: Phone) -> None:
        enter(world, *(replace(phone, armed=True, home="") for phone in phones))

    def run_beside(world: World, asks: Iterable[Ask]) -> None:
        enter(world, *office)
        asks = iter(asks)
        first = next(asks)
        run(world, w.in_order_of_time(chain([first], asks), _boots(office, first.at)))

    with patch.object(World, "enter", enter_open), patch.object(World, "run", run_beside):
        world = workload()
    not_served = _PHONES * 4 - world.served_at[BESIDE]
    touched = [decision for decision in world.decisions if _touches(decision, at_office)]
    told = _told(world) if world.answers["window"] else ""
    return Loss(passwords=world.answers["window"], told=told, false_decisions=not_served + len(touched))


def _boots(office: Iterable[Phone], at: float) -> Iterator[Ask]:
    """The first half hour of the attack, in which the office's phones boot with their tokens."""
    random = Random(77)
    boots = (w.boot(phone.mac, at + random.uniform(0, 1_800), BESIDE, random, proof=True) for phone in office)
    return w.in_order(*boots)


def _touches(decision: Decision, macs: set[str]) -> bool:
    """Whether it is about the office, a network that it is in, or one of its devices."""
    if decision.scope in (Scope.ADDRESS, Scope.PREFIX):
        return ip_address(BESIDE) in ip_network(decision.value)
    return decision.scope is Scope.DEVICE and decision.value in macs


def _attack(workload: Callable[[], World]) -> str:
    world = workload()
    first = world.decisions[0] if world.decisions else None
    acted = (
        f"{first.measure.value}, {world.asked_at_decision[0]} requests, {_time(first.at)}"
        if first
        else "nothing: people decide"
    )
    answered, loss = world.asked - world.answers["banned"], with_windows_open(workload)
    lost = f"{loss.passwords} (told: {loss.told})" if loss.told else str(loss.passwords)
    return (
        f"| {_name(workload)} | {_told(world)} | {_detectors(world)} | {acted} | {answered} of {world.asked} "
        f"| {world.answers['window']} | {lost} | {loss.false_decisions} |\n"
    )


def _told(world: World) -> str:
    return f"{world.asked_at_alert[0]} requests, {_time(world.alerts[0].at)}" if world.alerts else "–"


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
