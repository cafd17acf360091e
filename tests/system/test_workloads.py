"""
Attacks and offices against the real server, over loopback: who is shut out, how soon, and what nobody ever gets.

The numbers are those of docs/workloads.md (W: attacks, L: to be let alone), the sizes smaller where only more of the
same would follow. There the time is virtual; here it is the machine's: what takes a day there takes a second.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from random import Random

import aiohttp
import pytest

from provserver.domain.boot import SimulatedPhone
from provserver.domain.device import ReleasePolicy
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import Vendor
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.simulate import phones as played_phones
from provserver.simulate import play
from provserver.vendors import load_vendors
from tests.http.junk import HOSTILE, MALFORMED
from tests.http.proxies import free_port
from tests.http.wire import Wire, connected, request
from tests.system.fleet import Phone, Wish, mac_of, new_password, rows, until_stored
from tests.system.server import Nursery, opened, settings_for
from tests.system.strangers import ATTACKER, OFFICE, WAIT_S, Door, opened_door

POLYCOM = "FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.2.0710"
MOST_MISSES = 12  # unknown MACs of one source that are looked at
AT_ONCE = 40  # connections of the usual tool
FIRST = 0x400000  # number of the first MAC that is walked
ENTERED = (2, 5, 9, 300, 2_000)  # of these, who stands among those that nobody has entered


@pytest.fixture
async def door(nursery: Nursery, tmp_path: Path) -> AsyncIterator[Door]:
    """With a few phones that stand where strangers walk; their windows are closed."""
    async with opened_door(nursery, tmp_path, [Wish(number=FIRST + step) for step in ENTERED]) as door:
        yield door


def chance() -> Random:
    """The same in every run."""
    return Random(1)  # noqa: S311 - the order of a walk, no secret


def walked(steps: Iterable[int]) -> Iterator[str]:
    return (f"/{mac_of(FIRST + step)}.cfg" for step in steps)


def misses(door: Door, answered: int) -> int:
    """Of so many MACs that were walked one after the other, how many nobody has entered."""
    return answered - sum(
        phone.mac.value in {mac_of(FIRST + n).value for n in range(answered)} for phone in door.phones
    )


# ------------------------------------------------------------------------------------------------------------ attacks


async def test_w1_a_sequential_walk_is_shut_out(door: Door) -> None:
    answered = await door.asked_until_shut_out(walked(range(400)))

    assert 0 < misses(door, answered) <= MOST_MISSES
    assert await door.ask(door.phones[0].by_token) is None
    await door.serves_others()


@pytest.mark.parametrize("agent", ["python-requests/2.28.1", "-"])
async def test_w2_forty_connections_through_a_shuffled_block_are_cut_off(door: Door, agent: str) -> None:
    steps = list(range(0x1000))
    chance().shuffle(steps)
    shares = [list(walked(steps[position::AT_ONCE])) for position in range(AT_ONCE)]

    async def walk(wire: Wire, paths: list[str]) -> None:
        try:
            for path in paths:
                await wire.send(request("GET", path, headers={"User-Agent": agent}))
                door.keep(await wire.reply())
        except (ConnectionError, asyncio.IncompleteReadError):
            return

    async with asyncio.timeout(WAIT_S), _several(door, AT_ONCE) as wires:
        await asyncio.gather(*map(walk, wires, shares))

    assert door.asked <= MOST_MISSES + AT_ONCE + len(ENTERED)  # what was on its way is answered
    assert await door.ask("/") is None
    await door.serves_others()


async def test_w3_a_list_of_macs_under_one_spoofed_agent_is_shut_out(door: Door) -> None:
    random = chance()
    macs = [
        *(f"0004f2{random.randrange(1 << 24):06x}" for _ in range(100)),
        *(phone.mac.value for phone in door.phones),
    ]
    random.shuffle(macs)

    answered = await door.asked_until_shut_out((f"/{mac}.cfg" for mac in macs), agent=POLYCOM)

    assert 0 < answered <= MOST_MISSES + len(ENTERED)
    await door.serves_others()


async def test_w4_seven_a_second_are_shut_out_as_early(door: Door) -> None:
    steps = chance().sample(range(0x100000), 30)

    answered = await door.asked_until_shut_out(walked(steps), pause_s=1 / 7)

    assert 0 < answered <= MOST_MISSES
    await door.serves_others()


async def test_w11_who_claims_another_address_each_time_is_shut_out_alone(nursery: Nursery, tmp_path: Path) -> None:
    """Somebody's X-Forwarded-For is believed, this one's is not."""
    wishes = [Wish(number=FIRST + step) for step in ENTERED]
    async with opened_door(nursery, tmp_path, wishes, PHONE__TRUSTED_PROXIES="127.0.0.1") as door:
        answered = 0
        for position, path in enumerate(walked(range(400))):
            claims = {"X-Forwarded-For": f"198.51.100.{position % 250}", "Forwarded": f"for=203.0.113.{position % 250}"}
            if await door.ask(path, headers=claims) is None:
                break
            answered += 1
        await door.serves_others()

    assert 0 < misses(door, answered) <= MOST_MISSES
    assert {value for _, _, value in door.decided()} == {ATTACKER}


async def test_w12_paths_that_leave_their_folder_are_shut_out(nursery: Nursery, tmp_path: Path) -> None:
    names = ("up", "up, encoded", "up, encoded twice", "backslashes", "NUL, encoded", "UNC")
    async with opened_door(nursery, tmp_path, [Wish(number=1)]) as door:
        answers = [await door.send(HOSTILE[name]) for name in names]
        await door.serves_others()

    assert [answer.status for answer in answers if answer is not None] == [404] * 2  # the third is shut out as it waits
    assert answers[2:] == [None] * 4
    assert ("ban", "traversal", ATTACKER) in door.decided()


async def test_w13_guesses_of_a_login_are_shut_out(nursery: Nursery, tmp_path: Path) -> None:
    guesses = [aiohttp.encode_basic_auth("admin", secrets.token_hex(8)) for _ in range(60)]
    async with opened_door(nursery, tmp_path, [Wish(number=1)], LOGIN__ASK="true") as door:
        answered = 0
        for guess in guesses:
            if await door.ask(door.phones[0].by_window, headers={"Authorization": guess}) is None:
                break
            answered += 1
        await door.serves_others()
        await until_stored(tmp_path / "data", "SELECT 1 FROM alert WHERE detector = 'login-guessing'")

    assert 0 < answered <= 11
    assert ("ban", "login-guessing", ATTACKER) in door.decided()
    kept = door.output.read_text() + str(rows(tmp_path / "data", "SELECT * FROM alert"))
    assert [guess for guess in guesses if guess.removeprefix("Basic ") in kept] == [], "often of something else"


async def test_w13_guesses_of_a_token_are_shut_out(nursery: Nursery, tmp_path: Path) -> None:
    async with opened_door(nursery, tmp_path, [Wish(number=1)]) as door:
        guesses = (f"/{secrets.token_urlsafe(18)}/{door.phones[0].mac}.cfg" for _ in range(60))
        answered = await door.asked_until_shut_out(guesses)
        await door.serves_others()

    assert 0 < answered <= 5
    assert ("ban", "token-guessing", ATTACKER) in door.decided()


async def test_w14_bytes_that_are_no_http_are_shut_out(nursery: Nursery, tmp_path: Path) -> None:
    """Smuggling, TLS on the plain port, other protocols: each on a connection of its own, in turn."""
    async with opened_door(nursery, tmp_path, [Wish(number=1)]) as door:
        answered = 0
        for content in islice(cycle(MALFORMED.values()), 100):
            reply = await door.send(content)
            if reply is None:
                break
            assert reply.status == 400
            answered += 1
        await door.serves_others()

    assert 0 < answered <= 22
    assert ("ban", "junk", ATTACKER) in door.decided()


async def test_methods_that_no_phone_uses_are_shut_out(nursery: Nursery, tmp_path: Path) -> None:
    """Such a request is answered before anybody looks at its path; a scan of methods is a scan all the same."""
    methods = ("OPTIONS", "TRACE", "DELETE", "PROPFIND", "PATCH", "MKCOL")
    async with opened_door(nursery, tmp_path, [Wish(number=1)]) as door:
        statuses = []
        for method in islice(cycle(methods), 60):
            reply = await door.send(request(method, door.phones[0].by_window, headers={"User-Agent": "-"}))
            if reply is None:
                break
            statuses.append(reply.status)
        await door.serves_others()

    assert set(statuses) == {405}
    assert len(statuses) <= 24
    assert ("ban", "junk", ATTACKER) in door.decided()


# -------------------------------------------------------------------------------------------------- to be let alone


async def test_l1_two_hundred_phones_of_one_office_boot_at_once(nursery: Nursery, tmp_path: Path) -> None:
    """For the first time by their windows, and again by their tokens."""
    wishes = [Wish(number=FIRST + step) for step in range(200)]
    async with opened_door(nursery, tmp_path, wishes, arm=True) as door:
        first = await asyncio.gather(*(door.boot(phone, by_window=True) for phone in door.phones))
        again = await asyncio.gather(*(door.boot(phone, by_window=False) for phone in door.phones))
        await door.settle()

    assert all(first)
    assert all(again)
    assert door.decided() == []


async def test_l2_an_office_of_which_one_in_twenty_is_not_entered_yet(nursery: Nursery, tmp_path: Path) -> None:
    """Eight at a time: who is refused is noted before who is served, and of 200 in one moment that would be all ten."""
    numbers = [FIRST + step for step in range(200)]
    strangers = chance().sample(numbers, 10)
    wishes = [Wish(number=number) for number in numbers if number not in strangers]
    async with opened_door(nursery, tmp_path, wishes, arm=True) as door:
        not_entered = [_nobody(number) for number in strangers]
        everybody = [*door.phones, *not_entered]
        chance().shuffle(everybody)
        got = await _eight_at_a_time(door, everybody, by_window=True)
        for _ in range(3):
            await _eight_at_a_time(door, not_entered, by_window=True)
        again = await _eight_at_a_time(door, door.phones, by_window=False)
        await door.settle()

    assert got.count(True) == len(door.phones)
    assert all(again)
    assert door.decided() == []


async def test_l3_a_bench_of_forty_tenants_and_several_makers(nursery: Nursery, tmp_path: Path) -> None:
    """Each phone boots as its maker's do, twice; one in five is reset in between."""
    vendors = {vendor.slug: vendor for vendor in load_vendors()}
    makers = [("yealink", "T54W", "805ec0"), ("snom", "D785", "000413"), ("polycom", "VVX450", "64167f")]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    here = [
        (vendors[slug], f"{oui}{tenant:04x}0{position}", model, tenant)
        for tenant in range(40)
        for position, (slug, model, oui) in enumerate(makers)
    ]
    async with opened(settings_for(tmp_path / "data")) as services:
        tenants = [await services.tenants.add(f"tenant-{n}", policy=ReleasePolicy.WINDOW) for n in range(40)]
        wanted = [
            Wanted(
                tenant=tenants[tenant],
                mac=MacAddress(mac),
                model=model,
                lines=(Line(number=1, user_name=f"u{mac}", registrar=Endpoint.parse("pbx.example.com")),),
                passwords={1: Secret(new_password())},
            )
            for _, mac, model, tenant in here
        ]
        await services.devices.put(wanted, arm=True)
    settings = {"MONITOR__ALLOW": "", "PHONE__PORT": str(port), "PHONE__URL": url}
    async with (
        nursery.serving(tmp_path / "data", tmp_path / "log", **settings) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=(OFFICE, 0))) as session,
    ):
        door = Door(server=server, output=tmp_path / "log", phones=())
        phones = [
            (vendor, played_phones(vendor, first_mac=MacAddress(mac), model=model)[0]) for vendor, mac, model, _ in here
        ]
        sockets = asyncio.Semaphore(8)  # of the bench's switch
        results = await asyncio.gather(
            *(
                _bench(vendor, phone, url, session, sockets, reset=n % 5 == 0)
                for n, (vendor, phone) in enumerate(phones)
            )
        )
        door.asked = sum(results)
        await door.settle()

    assert door.decided() == []


async def test_l4_a_phone_that_boots_again_and_again_is_served_and_told(nursery: Nursery, tmp_path: Path) -> None:
    async with opened_door(nursery, tmp_path, [Wish(number=1)]) as door:
        served = [await door.boot(door.phones[0], by_window=False) for _ in range(150)]
        await door.settle()

    assert all(served)
    assert [line["detector"] for line in door.said("alert.raised")] == ["reboot-loop"]
    assert door.decided() == []


# ------------------------------------------------------------------------------------------------------------- helpers


@asynccontextmanager
async def _several(door: Door, count: int) -> AsyncIterator[list[Wire]]:
    """Connections of the attacker."""
    opened_wires = [connected(*door.server.phone, source=ATTACKER) for _ in range(count)]
    try:
        yield [await one.__aenter__() for one in opened_wires]
    finally:
        for one in opened_wires:
            await one.__aexit__(None, None, None)


async def _eight_at_a_time(door: Door, phones: Sequence[Phone], *, by_window: bool) -> list[bool]:
    free = asyncio.Semaphore(8)

    async def boot(phone: Phone) -> bool:
        async with free:
            return await door.boot(phone, by_window=by_window)

    return await asyncio.gather(*map(boot, phones))


def _nobody(number: int) -> Phone:
    """A phone that asks, and is not entered."""
    return Phone(mac=mac_of(number), password=new_password(), id="", lasting="", bootstrap="")


async def _bench(
    vendor: Vendor,
    phone: SimulatedPhone,
    url: str,
    session: aiohttp.ClientSession,
    sockets: asyncio.Semaphore,
    *,
    reset: bool,
) -> int:
    """Boot by the window, after a reset once more, then by the token; how many requests that took."""
    asked, learnt = 0, url
    for base_url in (*[url] * (1 + reset), ""):
        async with sockets:
            booted = await play(vendor, base_url=base_url or learnt, phone=phone, session=session)
        assert booted.accounts, (phone.mac, booted.error)
        asked, learnt = asked + len(booted.exchanges), booted.next_url or url
    return asked
