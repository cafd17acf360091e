"""
Attacks (W1 to W16) and what must be let alone (L1 to L11), as requests over virtual time. Deterministic: all is seeded.

Each function gives a `World` in which the workload has run.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from tests.monitor.world import DAY_S, START, Ask, Phone, World

OUI = "805ec0"
POLYCOM = "0004f2"
SOURCE = "198.51.100.7"
OFFICE = "203.0.113.10"
HOUR_S = 3600.0


def fleet(count: int, *, oui: str = OUI, seed: int = 1, home: str = "203.0.113", tenants: int = 1) -> list[Phone]:
    """Devices in cartons of ten neighbours, spread over the block, delivered before."""
    random = Random(seed)
    phones: list[Phone] = []
    while len(phones) < count:
        first = random.randrange(0x1000000 - 10)
        tenant = f"tenant-{random.randrange(tenants)}"
        phones += [Phone(mac=f"{oui}{first + step:06x}", tenant=tenant, home=home) for step in range(10)]
    return phones[:count]


def unknown(world: World, macs: Iterable[int], *, oui: str = OUI) -> Iterator[str]:
    """MACs of suffixes that nobody has entered."""
    return (mac for mac in (f"{oui}{suffix:06x}" for suffix in macs) if mac not in world.phones)


def boot(phone: str, at: float, address: str, random: Random, *, proof: bool, agent: str = "") -> Iterator[Ask]:
    """What one phone asks when it starts: shared file, its own, a directory, an optional one that is not there."""
    agent = agent or f"Yealink SIP-T54W 96.86.0.70 {phone}"
    ask = Ask(at=at, address=address, mac=phone, agent=agent, proof=proof)
    yield Ask(at=at, address=address, agent=agent, path="/y000000000096.cfg", words=("common_file",))
    yield replace(ask, at=at + random.uniform(0.2, 1.0))
    yield replace(ask, at=at + random.uniform(1.0, 2.0), path=f"/{phone}-directory.xml", file="optional")
    yield replace(ask, at=at + random.uniform(2.0, 3.0), path=f"/{phone}.boot", file="optional")
    yield replace(ask, at=at + random.uniform(3.0, 4.0), path="/T54W.rom")


def in_order(*streams: Iterable[Ask]) -> Iterator[Ask]:
    """Several streams as one, by time."""
    return heapq.merge(*(sorted(stream, key=_at) for stream in streams), key=_at)


def in_order_of_time(*streams: Iterable[Ask]) -> Iterator[Ask]:
    """Several streams as one, each of which is in order already and may be long."""
    return heapq.merge(*streams, key=_at)


def _at(ask: Ask) -> float:
    return ask.at


# ------------------------------------------------------------------------------------------------------------ attacks


def w1_sequential(seed: int = 1) -> World:
    """One source, one MAC after the other, 70 a second (a loop of curl)."""
    world = World(seed=seed)
    world.enter(*fleet(2_000, seed=seed))
    first = Random(seed).randrange(0xF00000)
    macs = unknown(world, range(first, first + 2_000))
    world.run(Ask(at=START + n / 70, address=SOURCE, mac=mac) for n, mac in enumerate(macs))
    return world


def w2_shuffled(seed: int = 1) -> World:
    """One source, the 4,096 MACs of a block in any order, 40 at once."""
    world = World(seed=seed)
    world.enter(*fleet(2_000, seed=seed))
    random = Random(seed)
    block = random.randrange(0x1000) << 12
    suffixes = [block + low for low in range(0x1000)]
    random.shuffle(suffixes)
    macs = unknown(world, suffixes)
    world.run(
        Ask(at=START + n / 400, address=SOURCE, mac=mac, agent="python-requests/2.28", words=("tool_agent",))
        for n, mac in enumerate(macs)
    )
    return world


def w3_one_agent(seed: int = 1) -> World:
    """A list of MACs, each with the same User-Agent of a phone that is not it."""
    world = World(seed=seed)
    world.enter(*fleet(2_000, oui=POLYCOM, seed=seed))
    random = Random(seed)
    macs = unknown(world, (random.randrange(0x1000000) for _ in range(500)), oui=POLYCOM)
    agent = "FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.2.0710"
    world.run(Ask(at=START + n * 20.0, address=SOURCE, mac=mac, agent=agent) for n, mac in enumerate(macs))
    return world


def w4_slow(seed: int = 1) -> World:
    """Seven requests a second, MACs of the whole block at random."""
    return _at_random(seed, every_s=1 / 7, count=2_000)


def w5_very_slow(seed: int = 1) -> World:
    """One request a minute for two days, MACs of the whole block at random."""
    return _at_random(seed, every_s=60.0, count=2_880)


def w5_very_slow_walk(seed: int = 1) -> World:
    """One request a minute, one MAC after the other."""
    world = World(seed=seed)
    first = Random(seed).randrange(0xF00000)
    world.run(Ask(at=START + n * 60.0, address=SOURCE, mac=f"{OUI}{first + n:06x}") for n in range(600))
    return world


def w6_distributed(seed: int = 1, *, seconds: float = HOUR_S) -> World:
    """500 sources in as many networks, 15 unknown MACs each, anywhere in one maker's block."""
    world = World(seed=seed)
    random = Random(seed)
    macs = [f"{OUI}{suffix:06x}" for suffix in random.sample(range(0x1000000), 7_500)]
    world.run(_spread(macs, seconds))
    return world


def w7_distributed_in_block(seed: int = 1, *, seconds: float = HOUR_S) -> World:
    """The same within 4,096 MACs: 500 sources, 8 each."""
    world = World(seed=seed)
    block = 0x123000
    suffixes = [block + low for low in range(4_000)]
    Random(seed).shuffle(suffixes)
    world.run(_spread([f"{OUI}{suffix:06x}" for suffix in suffixes], seconds))
    return world


def w8_harvest(seed: int = 1) -> World:
    """A list of real MACs of fifty tenants, asked from one foreign source without any proof."""
    world = World(seed=seed)
    phones = fleet(500, seed=seed, tenants=50)
    world.enter(*phones)
    world.run(Ask(at=START + n * 2.0, address=SOURCE, mac=phone.mac) for n, phone in enumerate(phones))
    return world


def w8_distributed(seed: int = 1) -> World:
    """A list of real MACs of one tenant, asked from 500 foreign sources in as many networks."""
    world = World(seed=seed)
    phones = fleet(1_500, seed=seed)
    world.enter(*phones)
    world.run(_spread([phone.mac for phone in phones], HOUR_S))
    return world


def w9_ipv6(seed: int = 1) -> World:
    """100,000 addresses of one /64, each new; then 20,000 networks of one /48, each new."""
    world = World(seed=seed)
    random = Random(seed)

    def asks() -> Iterator[Ask]:
        for n in range(100_000):
            address = f"2001:db8:1:1::{random.randrange(1 << 16):x}:{random.randrange(1 << 16):x}"
            yield Ask(at=START + n / 100, address=address, mac=f"{OUI}{random.randrange(0x1000000):06x}")
        for n in range(20_000):
            address = f"2001:db8:2:{n * 31 % 0x10000:x}::1"
            yield Ask(at=START + HOUR_S + n / 100, address=address, mac=f"{OUI}{random.randrange(0x1000000):06x}")

    world.run(asks())
    return world


def w10_spray(seed: int = 1, *, sources: int = 1_000_000, offenders: int = 50, pause_s: float = 30) -> World:
    """
    Sources that come once each, with one unknown MAC, 400 a second; among them some that go on.

    The state that the spray could evict is what the slow ones are found by.
    """
    world = World(seed=seed)
    random = Random(seed)
    every = int(pause_s * 400 / offenders)

    def asks() -> Iterator[Ask]:
        for n in range(sources):
            address = f"{1 + (n >> 16) % 200}.{random.randrange(256)}.{n >> 8 & 255}.{n & 255}"
            yield Ask(at=START + n / 400, address=address, mac=f"{OUI}{random.randrange(1 << 24):06x}")
            if n % every == 0:
                offender = n // every % offenders
                yield Ask(
                    at=START + n / 400, address=f"240.0.{offender}.1", mac=f"{OUI}{random.randrange(1 << 24):06x}"
                )

    world.run(asks())
    return world


def w11_forwarded(seed: int = 1) -> World:
    """A walk that claims another X-Forwarded-For each time, which nobody believes: it stays one source."""
    return w1_sequential(seed)


def w12_traversal(seed: int = 1) -> World:
    """Paths that try to leave their folder."""
    world = World(seed=seed)
    world.run(
        Ask(at=START + n, address=SOURCE, path=f"({20 + n} characters, traversal)", words=("traversal",))
        for n in range(50)
    )
    return world


def w13_guessing(seed: int = 1) -> World:
    """Logins of one device, 44 a second, another password each time."""
    world = World(seed=seed)
    world.enter(*fleet(10, seed=seed))
    mac = next(iter(world.phones))
    world.run(
        Ask(at=START + n / 44, address=SOURCE, mac=mac, tried=f"{n:x}", words=("wrong_login",)) for n in range(1_000)
    )
    return world


def w13_tokens(seed: int = 1) -> World:
    """Tokens of one device."""
    world = World(seed=seed)
    world.enter(*fleet(10, seed=seed))
    mac = next(iter(world.phones))
    world.run(Ask(at=START + n, address=SOURCE, mac=mac, token=f"{n:016x}") for n in range(200))
    return world


def w14_junk(seed: int = 1) -> World:
    """Bytes that are no HTTP."""
    world = World(seed=seed)
    world.run(Ask(at=START + n / 5, address=SOURCE, words=("junk",)) for n in range(500))
    return world


def w16_certificates(seed: int = 1) -> World:
    """Certificates of other devices, and ones that do not verify."""
    world = World(seed=seed)
    phones = fleet(50, seed=seed)
    world.enter(*phones)

    def asks() -> Iterator[Ask]:
        for n in range(100):
            yield Ask(at=START + n, address=SOURCE, words=("bad_handshake",))
        for n, phone in enumerate(phones):
            yield Ask(at=START + 200 + n, address=SOURCE, mac=phone.mac, words=("wrong_certificate",))

    world.run(asks())
    return world


def _at_random(seed: int, *, every_s: float, count: int) -> World:
    world = World(seed=seed)
    world.enter(*fleet(2_000, seed=seed))
    random = Random(seed)
    macs = unknown(world, random.sample(range(0x1000000), count))
    world.run(Ask(at=START + n * every_s, address=SOURCE, mac=mac) for n, mac in enumerate(macs))
    return world


def _spread(macs: list[str], seconds: float) -> Iterator[Ask]:
    """*macs* over 500 sources in turn, evenly over *seconds*."""
    for n, mac in enumerate(macs):
        source = n % 500
        yield Ask(at=START + n * seconds / len(macs), address=f"10.{source // 250}.{source % 250}.9", mac=mac)


# -------------------------------------------------------------------------------------------------- to be let alone


def l1_office(seed: int = 1) -> World:
    """200 phones of one office start again within a minute."""
    world = World(seed=seed)
    phones = fleet(200, seed=seed)
    world.enter(*phones)
    random = Random(seed)
    world.run(in_order(*(boot(p.mac, START + random.uniform(0, 60), OFFICE, random, proof=True) for p in phones)))
    return world


def l1_first_boot(seed: int = 1) -> World:
    """200 new phones of one office start for the first time, by their windows, and again by their tokens."""
    return _delivery(seed, unentered=0)


def l2_delivery(seed: int = 1) -> World:
    """The same, of which one in twenty is not entered yet; those ask again every five minutes."""
    return _delivery(seed, unentered=10)


def l2_later_delivery(seed: int = 1) -> World:
    """An office of 200 that starts again, with ten phones that are not entered yet."""
    world = World(seed=seed)
    phones = fleet(210, seed=seed)
    world.enter(*phones[10:])
    random = Random(seed)
    streams = [boot(p.mac, START + random.uniform(0, 60), OFFICE, random, proof=p.mac in world.phones) for p in phones]
    world.run(in_order(*streams))
    return world


def l3_bench(seed: int = 1) -> World:
    """A reseller's bench: phones of 40 tenants, several makers, reset and armed again, all day from one address."""
    world = World(seed=seed)
    random = Random(seed)
    phones = [*fleet(150, seed=seed, home="", tenants=40), *fleet(150, oui=POLYCOM, seed=seed + 1, home="", tenants=40)]
    for phone in phones:
        phone.armed = True
    world.enter(*phones)
    streams = []
    for phone in phones:
        at = START + random.uniform(0, 8 * HOUR_S)
        streams.append(boot(phone.mac, at, OFFICE, random, proof=False))
        streams.append(boot(phone.mac, at + 120, OFFICE, random, proof=True))
        if random.random() < 0.2:  # reset once more, before anybody arms it
            streams.append(boot(phone.mac, at + 900, OFFICE, random, proof=False))
    world.run(in_order(*streams))
    return world


def l4_reboot_loop(seed: int = 1) -> World:
    """One phone starts every 45 s, all day."""
    world = World(seed=seed)
    phones = fleet(10, seed=seed)
    world.enter(*phones)
    random = Random(seed)
    mac = phones[0].mac
    world.run(in_order(*(boot(mac, START + n * 45.0, OFFICE, random, proof=True) for n in range(1_920))))
    return world


def l5_nightly(seed: int = 1, *, count: int = 50_000) -> World:
    """50,000 phones of 2,500 offices ask for what is new between two and four o'clock."""
    world = World(seed=seed)
    phones = fleet(count, seed=seed, home="")
    world.enter(*phones)
    random = Random(seed)
    moments = sorted(random.uniform(0, 2 * HOUR_S) for _ in phones)
    order = list(range(count))
    random.shuffle(order)
    world.run(
        Ask(at=START + at, address=_office(n // 20), mac=phones[n].mac, proof=True, file="not_modified")
        for at, n in zip(moments, order, strict=True)
    )
    return world


def l6_move(seed: int = 1) -> World:
    """A phone is taken home, and back the next day."""
    world = World(seed=seed)
    phone = Phone(mac=f"{OUI}000001", home="203.0.113")
    world.enter(phone)
    random = Random(seed)
    places = [(OFFICE, 0.0), ("192.0.2.44", HOUR_S), (OFFICE, 20 * HOUR_S), ("192.0.2.44", 26 * HOUR_S)]
    streams = [boot(phone.mac, START + at, address, random, proof=True) for address, at in places]
    world.run(in_order(*streams))
    return world


def l7_carrier(seed: int = 1) -> World:
    """300 tenants behind one address: polls all day, some starts, and 15 phones that were given up."""
    world = World(seed=seed)
    phones = fleet(600, seed=seed, tenants=300)
    world.enter(*phones)
    random = Random(seed)
    polls = [
        Ask(at=START + random.uniform(0, DAY_S), address=OFFICE, mac=p.mac, proof=True, file="not_modified")
        for p in phones
        for _ in range(24)
    ]
    strangers = [f"{OUI}{n:06x}" for n in random.sample(range(0x1000000), 15)]
    given_up = [
        Ask(at=START + HOUR_S + random.uniform(0, 23 * HOUR_S), address=OFFICE, mac=mac)
        for mac in strangers
        for _ in range(24)
    ]
    resets = [
        Ask(at=START + 2 * HOUR_S + random.uniform(0, 20 * HOUR_S), address=OFFICE, mac=p.mac)
        for p in random.sample(phones, 20)
    ]
    world.run(in_order(polls, given_up, resets))
    return world


def l8_new_address(seed: int = 1) -> World:
    """50 homes get another address every night; their phones fetch everything in the morning."""
    world = World(seed=seed)
    phones = fleet(50, seed=seed, home="")
    world.enter(*phones)
    random = Random(seed)
    streams = []
    for night in range(14):
        for phone in phones:
            address = f"100.{64 + random.randrange(64)}.{random.randrange(256)}.{random.randrange(1, 255)}"
            streams.append(boot(phone.mac, START + night * DAY_S + random.uniform(0, 600), address, random, proof=True))
    world.run(in_order(*streams))
    return world


def l8_reset_at_new_address(seed: int = 1, *, provider: str = "100.") -> World:
    """The same; every morning five phones are reset and come with their first URL. The provider is known (`asn`)."""
    world = World(seed=seed, provider=provider)
    phones = fleet(50, seed=seed, home="")
    world.enter(*phones)
    random = Random(seed)
    streams = []
    for night in range(14):
        reset = random.sample(phones, 5)
        for phone in phones:
            address = f"100.{64 + random.randrange(64)}.{random.randrange(256)}.{random.randrange(1, 255)}"
            at = START + night * DAY_S + random.uniform(0, 600)
            if phone in reset:
                streams.append(iter([Ask(at=at - 30, address=address, mac=phone.mac, bootstrap=True)]))
            streams.append(boot(phone.mac, at, address, random, proof=True))
    world.run(in_order(*streams))
    return world


def l9_probe(seed: int = 1) -> World:
    """A monitoring system asks for ``/`` every 30 s, with curl."""
    world = World(seed=seed)
    world.run(
        Ask(at=START + n * 30.0, address=SOURCE, path="/", agent="curl/8.5.0", words=("stray", "tool_agent"))
        for n in range(2_880)
    )
    return world


def l10_uploads(seed: int = 1) -> World:
    """100 phones send their logs every ten minutes."""
    world = World(seed=seed)
    phones = fleet(100, oui=POLYCOM, seed=seed)
    world.enter(*phones)
    random = Random(seed)
    uploads = [
        Ask(at=START + n * 600.0 + random.uniform(0, 60), address=OFFICE, mac=p.mac, proof=True, file="upload")
        for p in phones
        for n in range(48)
    ]
    world.run(in_order(uploads))
    return world


def l11_given_up(seed: int = 1) -> World:
    """Phones that were given up go on asking for years: one of each of 200 homes, eight in an office."""
    world = World(seed=seed)
    random = Random(seed)
    at_home = {f"172.20.{n // 2}.{n % 2 + 7}": [f"{OUI}{random.randrange(0x1000000):06x}"] for n in range(200)}
    at_home[OFFICE] = [f"{OUI}{random.randrange(0x1000000):06x}" for _ in range(8)]
    asks = [
        Ask(at=START + hour * HOUR_S + random.uniform(0, HOUR_S), address=address, mac=mac)
        for address, macs in at_home.items()
        for mac in macs
        for hour in range(2 * 24)
    ]
    world.run(in_order(asks))
    return world


def _delivery(seed: int, *, unentered: int) -> World:
    world = World(seed=seed)
    phones = fleet(200, seed=seed, home="")
    for phone in phones:
        phone.armed = True
    random = Random(seed)
    strangers = random.sample(phones, unentered)
    world.enter(*(phone for phone in phones if phone not in strangers))
    streams = []
    for phone in phones:
        at = START + random.uniform(0, 60)
        streams.append(boot(phone.mac, at, OFFICE, random, proof=False))
        if phone in strangers:
            streams += [boot(phone.mac, at + again * 300, OFFICE, random, proof=False) for again in range(1, 25)]
        else:
            streams.append(boot(phone.mac, at + 30, OFFICE, random, proof=True))
    world.run(in_order(*streams))
    return world


def _office(number: int) -> str:
    return f"172.{16 + number // 65_536}.{number // 256 % 256}.{number % 256}"
