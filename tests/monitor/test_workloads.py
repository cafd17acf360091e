"""
The published attacks are seen, as early as promised, and nobody else is shut out or locked.

Virtual time: counts and moments, no clock of this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from provserver.monitor.decision import Measure
from provserver.monitor.records import LIMIT
from tests.monitor import workloads as w
from tests.monitor import workloads_doc
from tests.monitor.world import START, Ask, Phone, World

SEEDS = (1, 2, 3)
LET_ALONE = [
    (lambda seed: w.l5_nightly(seed, count=10_000)) if one is w.l5_nightly else one for one in workloads_doc.LET_ALONE
]


def names(workload: Callable[[int], World]) -> str:
    return workload.__name__.strip("<>")


@pytest.mark.parametrize("workload", LET_ALONE, ids=names)
def test_nobody_is_shut_out_or_locked_who_does_nothing(workload: Callable[[int], World]) -> None:
    world = workload(1)

    assert world.asked > 0
    assert world.decisions == []
    assert world.answers["banned"] == 0


def test_where_no_provider_is_known_phones_that_are_reset_at_a_new_address_are_locked() -> None:
    """The price of first URLs that are of no use elsewhere (ADR 0023); an office is not touched."""
    world = w.l8_reset_at_new_address(provider="")

    assert {lock.reason for lock in world.locks} == {"other-network"}
    assert world.bans == []


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
@pytest.mark.parametrize("workload", [w.l1_first_boot, w.l2_delivery, w.l2_later_delivery, w.l3_bench, w.l7_carrier])
def test_nor_by_another_chance(workload: Callable[[int], World], seed: int) -> None:
    assert workload(seed).decisions == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("workload", [w.w1_sequential, w.w2_shuffled, w.w4_slow, w.w11_forwarded], ids=names)
def test_a_walk_from_one_source_is_stopped_within_twelve_macs(workload: Callable[[int], World], seed: int) -> None:
    world = workload(seed)

    assert 0 < world.misses[w.SOURCE] <= 12
    assert world.answers["banned"] > 0.9 * world.asked


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_without_a_tell_tale_agent_is_stopped_within_twelve_macs(seed: int) -> None:
    """The same block, shuffled, by a tool that does not say what it is."""
    world = World(seed=seed)
    world.enter(*w.fleet(2_000, seed=seed))
    macs = [f"{w.OUI}5{low * 1_361 % 0x1000:05x}" for low in range(4_000)]

    world.run(Ask(at=START + n / 400, address=w.SOURCE, mac=mac) for n, mac in enumerate(macs))

    assert world.misses[w.SOURCE] <= 12


def test_who_walks_on_from_a_phone_of_its_own_is_stopped_soon_after_its_carton() -> None:
    """A device that has proven itself there hides its neighbours, and not the block they stand in."""
    world = World()
    world.enter(Phone(mac=f"{w.OUI}500000"))
    own = Ask(at=START, address=w.SOURCE, mac=f"{w.OUI}500000", proof=True)

    world.run([own, *(Ask(at=START + n, address=w.SOURCE, mac=f"{w.OUI}5{n:05x}") for n in range(1, 1_000))])

    assert 64 < world.misses[w.SOURCE] <= 64 + 12


def test_a_walk_of_one_mac_a_minute_is_stopped_as_early() -> None:
    world = w.w5_very_slow_walk()

    first = world.bans[0].at - START
    assert first <= 12 * 60
    assert world.misses[w.SOURCE] <= 12 * len(world.bans)


def test_one_mac_a_minute_at_random_is_stopped_and_each_time_for_longer() -> None:
    world = w.w5_very_slow()

    assert world.bans[0].at - START <= 35 * 60
    lengths = [(ban.until or 0) - ban.at for ban in world.bans]
    assert lengths == sorted(lengths)
    assert world.misses[w.SOURCE] < 0.1 * world.asked


def test_one_agent_for_many_macs_is_stopped() -> None:
    world = w.w3_one_agent()

    assert world.decisions[0].reason == "one-agent-many-macs"
    assert world.decisions[0].at - START <= 10 * 20
    assert world.misses[w.SOURCE] <= 70


@pytest.mark.parametrize(("seed", "seconds"), [(1, 600.0), (2, 3_600.0), (3, 12 * 3_600.0)])
def test_a_distributed_walk_is_told_before_a_twentieth_of_it_is_done(seed: int, seconds: float) -> None:
    world = w.w6_distributed(seed, seconds=seconds)

    alert = next(alert for alert in world.alerts if alert.detector == "oui-pressure")
    assert (alert.at - START) / seconds < 0.05
    assert world.bans == []


def test_a_distributed_walk_in_one_block_closes_the_windows_of_that_block() -> None:
    world = w.w7_distributed_in_block()

    first = world.decisions[0]
    assert (first.reason, first.value, first.measure) == ("block-density", "805ec0123", Measure.REFUSE)
    assert first.at - START < 0.01 * 3_600


def test_a_list_of_real_macs_loses_its_windows() -> None:
    world = w.w8_harvest()

    assert (world.decisions[0].reason, world.decisions[0].measure) == ("harvest", Measure.REFUSE)
    assert world.decisions[0].at - START <= 21 * 2


def test_a_list_of_many_tenants_phones_is_told_while_windows_are_open() -> None:
    """All of it leaves, as from any office that boots for the first time: somebody has to look."""
    world = World()
    phones = w.fleet(500, tenants=50, home="")
    for phone in phones:
        phone.armed = True
    world.enter(*phones)

    world.run(Ask(at=START + n, address=w.SOURCE, mac=phone.mac) for n, phone in enumerate(phones))

    assert "many-tenants" in world.fired
    assert world.decisions == []


@pytest.mark.parametrize("armed", [False, True])
def test_a_list_that_many_work_through_is_told_by_its_tenant(armed: bool) -> None:  # noqa: FBT001 - a case
    world = World()
    phones = w.fleet(1_500, home="")
    for phone in phones:
        phone.armed = armed
    world.enter(*phones)

    world.run(w._spread([phone.mac for phone in phones], 3_600.0))

    alert = next(alert for alert in world.alerts if alert.detector == "tenant-pressure")
    assert alert.value == "tenant-0"
    assert alert.at - START < 0.15 * 3_600
    assert world.bans == []


def test_ipv6_addresses_and_networks_are_not_without_number() -> None:
    world = w.w9_ipv6()

    assert sum(count for address, count in world.misses.items() if address.startswith("2001:db8:1:1:")) <= 12
    limited = next(decision for decision in world.decisions if decision.reason == "network-pressure")
    assert limited.value == "2001:db8:2::/48"


def test_a_spray_hides_nobody() -> None:
    world = w.w10_spray(sources=12_000, offenders=10, pause_s=1.5)

    banned = {decision.value for decision in world.bans}
    assert banned == {f"240.0.{n}.1" for n in range(10)}
    assert world.engine.records < 2 * LIMIT  # of blocks that were tried, and of offenders; not of 12,000 sources


@pytest.mark.parametrize(
    ("workload", "detector", "most"),
    [
        (w.w12_traversal, "traversal", 3),
        (w.w13_guessing, "login-guessing", 11),
        (w.w13_tokens, "token-guessing", 4),
        (w.w14_junk, "junk", 22),
        (w.w16_certificates, "foreign-certificate", 103),
    ],
)
def test_guesses_and_junk_are_shut_out(workload: Callable[[], World], detector: str, most: int) -> None:
    world = workload()

    assert world.bans[0].reason == detector
    assert world.answers["refused"] <= most


def test_an_office_is_served_while_a_distributed_walk_runs() -> None:
    """Decisions about an attack must not reach those who have nothing to do with it."""
    world = World()
    phones = w.fleet(200)
    world.enter(*phones)
    random = Random(5)
    attack = list(w._spread([f"{w.OUI}{random.randrange(1 << 24):06x}" for _ in range(3_000)], 600.0))
    boots = [w.boot(p.mac, START + random.uniform(0, 600), w.OFFICE, random, proof=True) for p in phones]

    world.run(w.in_order(attack, *boots))

    assert world.answers["served"] == 4 * len(phones)
    assert "oui-pressure" in world.fired


def test_what_a_walk_found_is_locked() -> None:
    world = World()
    world.enter(Phone(mac="805ec0900001", armed=True))
    macs = [*(f"805ec0{n * 0x7FFF3 % (1 << 24):06x}" for n in range(8)), "805ec0900001", "805ec0900001"]

    world.run(Ask(at=START + n, address=w.SOURCE, mac=mac) for n, mac in enumerate(macs))

    assert [lock.value for lock in world.locks] == ["805ec0900001"]
    assert world.answers["window"] == 1


def test_simulation_decides_everything_and_shuts_nobody_out() -> None:
    world = World(simulate=True)

    world.run(Ask(at=START + n, address=w.SOURCE, mac=f"805ec0{n:06x}") for n in range(100))

    assert world.bans
    assert all(decision.simulated for decision in world.decisions)
    assert world.answers["banned"] == 0
