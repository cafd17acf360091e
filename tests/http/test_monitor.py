"""Decisions at the phone door, over real sockets: who is shut out, who is let alone, and what nobody can tell."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from provserver.domain.mac import MacAddress
from provserver.monitor.decision import Measure
from provserver.monitor.detector import load_detectors
from provserver.services.monitoring import monitor as at_work
from provserver.services.monitoring.replay import replay
from provserver.settings import MonitorSettings
from tests.http.door import MAC, Door, open_door, until
from tests.http.tls import NAME, make, only, phone, settings_of
from tests.http.wire import Reply, Wire, connected, request

STRICT = MonitorSettings(allow=())
WALKER, OFFICE = "127.0.0.7", "127.0.0.9"


@pytest.fixture
async def door(data: Path) -> AsyncIterator[Door]:
    async with open_door(data, monitor=STRICT) as door:
        yield door


async def ask(door: Door, path: str, *, source: str, agent: str = "-") -> Reply | None:
    """One request on a connection of its own from *source*; None where nobody answers."""
    before = door.traffic.count
    try:
        async with door.connected(source=source) as wire:
            await wire.send(request("GET", path, headers={"User-Agent": agent}))
            reply = await wire.reply("GET")
    except (ConnectionError, asyncio.IncompleteReadError):
        return None
    await until(lambda: door.traffic.count > before)
    return reply


async def settled(door: Door) -> None:
    """Wait until the monitor has looked at everything."""
    await until(lambda: not door.services.monitor._queue)
    await door.services.monitor._write()


def unknown(number: int) -> str:
    return f"/805ec1{number:06x}.cfg"


async def test_a_walk_is_shut_out_within_twelve_macs_and_nobody_else(door: Door) -> None:
    await door.phone(await door.tenant("acme"))

    answered = 0
    for number in range(30):
        reply = await ask(door, unknown(number), source=WALKER)
        if reply is None:
            break
        answered += 1
        door.clock.advance_ms(20)
        await settled(door)

    assert 0 < answered <= 12
    assert await ask(door, f"/{MAC}.cfg", source=WALKER) is None
    office = await ask(door, f"/{MAC}.cfg", source=OFFICE)
    assert office is not None
    assert office.status == 200
    assert door.count("connections_total", outcome="banned") >= 1
    assert door.count("decisions_total", measure="ban") == 1
    assert door.count("alerts_total") >= 1


async def test_a_replay_of_the_log_says_what_was_decided_live(door: Door) -> None:
    for number in range(11):
        await ask(door, unknown(number), source=WALKER)
        door.clock.advance_ms(20)
    await settled(door)
    live = [one.decision for one in await door.services.bans.in_force()]

    door.log.flush()
    found = replay(
        door.output.getvalue().splitlines(), catalogue=door.services.catalogue, detectors=load_detectors(), allow=()
    )

    assert live[-1].measure is Measure.BAN
    assert [(one.reason, one.scope, one.value, one.measure) for one in found.decisions] == [
        (one.reason, one.scope, one.value, one.measure) for one in live
    ]


async def test_a_walk_over_open_connections_is_cut_off(door: Door) -> None:
    """Forty at once, as the usual tool does it: what is on its way is answered, and no more."""
    before = door.traffic.count
    wires: list[Wire] = []
    async with asyncio.timeout(30):
        for _ in range(40):
            wire = connected(door.host, door.port, source=WALKER)
            wires.append(await wire.__aenter__())

        async def walk(wire: Wire, first: int) -> None:
            try:
                for step in range(50):
                    await wire.send(request("GET", unknown(first + step), headers={"User-Agent": "-"}))
                    await wire.reply("GET")
            except (ConnectionError, asyncio.IncompleteReadError, EOFError):
                return

        await asyncio.gather(*(walk(wire, position * 50) for position, wire in enumerate(wires)))

    asked = door.traffic.count - before
    assert asked < 40 * 3
    assert door.services.monitor.is_banned(WALKER)


async def test_what_is_restrained_looks_like_what_is_unknown(door: Door) -> None:
    device = await door.phone(await door.tenant("acme"))
    await door.services.bans.add(OFFICE, measure=Measure.REFUSE)
    await door.services.monitor.reload()

    withheld = await ask(door, f"/{MAC}.cfg", source=OFFICE)
    nobody = await ask(door, unknown(1), source=OFFICE)
    proven = await ask(door, f"/{door.lasting(device)}/{MAC}.cfg", source=OFFICE)

    assert withheld is not None
    assert nobody is not None
    assert (withheld.status, withheld.body) == (nobody.status, nobody.body) == (404, b"")
    assert {name for name, _ in withheld.headers} == {name for name, _ in nobody.headers}
    assert [line["reason"] for line in door.lines() if line["event"] == "request.answered"][:2] == [
        "restrained",
        "unknown_device",
    ]
    assert proven is not None
    assert proven.status == 200


async def test_windows_of_a_block_that_is_walked_are_closed(door: Door) -> None:
    await door.phone(await door.tenant("acme"))
    other = MacAddress("805ec0bbbbbb")
    await door.phone(await door.tenant("other"), mac=other)
    await door.services.bans.add(MAC.value[:9], measure=Measure.REFUSE)
    await door.services.monitor.reload()

    inside = await ask(door, f"/{MAC}.cfg", source=OFFICE)
    outside = await ask(door, f"/{other}.cfg", source=OFFICE)

    assert inside is not None
    assert outside is not None
    assert (inside.status, outside.status) == (404, 200)


async def test_behind_a_proxy_the_client_is_shut_out_and_not_the_proxy(data: Path) -> None:
    async with open_door(data, monitor=STRICT, trusted_proxies=("127.0.0.1",)) as door:
        await door.phone(await door.tenant("acme"))
        await door.services.bans.add("203.0.113.7")
        await door.services.monitor.reload()

        banned = await door.ask(f"/{MAC}.cfg", headers={"X-Forwarded-For": "203.0.113.7"})
        other = await door.ask(f"/{MAC}.cfg", headers={"X-Forwarded-For": "203.0.113.8"})

        assert (banned.status, banned.body) == (404, b"")
        assert other.status == 200


async def test_whom_people_ban_is_cut_off_where_it_is_in_already(door: Door) -> None:
    async with door.connected(source=WALKER) as wire:
        await wire.send(request("GET", unknown(1)))
        assert (await wire.reply()).status == 404

        await door.services.bans.add(WALKER)
        await door.services.monitor.reload()

        said = b""
        with suppress(ConnectionError):
            await wire.send(request("GET", unknown(2)))
            said = await wire.rest()
        assert said == b""


async def test_junk_is_shut_out(door: Door) -> None:
    for _ in range(40):
        try:
            async with door.connected(source=WALKER) as wire:
                await wire.send(b"\x00\x01nonsense\r\n\r\n")
                await wire.reply("GET")
        except (ConnectionError, asyncio.IncompleteReadError):
            break
        await settled(door)

    assert door.services.monitor.is_banned(WALKER)
    assert door.malformed() <= 22


async def test_refusals_are_slow_where_that_was_decided(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await door.services.bans.add(WALKER, measure=Measure.SLOW)
    await door.services.monitor.reload()
    monkeypatch.setattr(asyncio, "sleep", sleep)

    await door.services.monitor.pause(WALKER)
    await door.services.monitor.pause(OFFICE)

    assert len(waits) == 1
    assert 0.2 <= waits[0] <= 2.0


async def test_only_so_many_refusals_are_held_back(door: Door) -> None:
    await door.services.bans.add(WALKER, measure=Measure.SLOW)
    await door.services.monitor.reload()
    door.services.monitor._pausing = at_work._PAUSES

    async with asyncio.timeout(0.15):
        await door.services.monitor.pause(WALKER)

    assert door.services.monitor._pausing == at_work._PAUSES


async def test_beyond_its_rate_a_proven_device_comes_later_and_strangers_learn_nothing(data: Path) -> None:
    few = MonitorSettings(allow=(), proven_burst=5, proven_per_minute=6)
    other = MacAddress("805ec0bbbbbb")
    async with open_door(data, monitor=few) as door:
        tenant = await door.tenant("acme")
        device, neighbour = await door.phone(tenant, arm=False), await door.phone(tenant, mac=other)
        own = f"/{door.lasting(device)}/{MAC}.cfg"

        served = [await ask(door, own, source=OFFICE) for _ in range(5)]
        later = await ask(door, own, source=WALKER)
        uploaded = await door.ask(own, method="PUT", body=b"x")
        known, unknown_mac = [await ask(door, path, source=WALKER) for path in (f"/{MAC}.cfg", unknown(1))]
        beside = await ask(door, f"/{door.lasting(neighbour)}/{other}.cfg", source=OFFICE)
        door.clock.advance_ms(11_000)
        again = await ask(door, own, source=OFFICE)

    assert [reply and reply.status for reply in (*served, later, beside, again)] == [200] * 5 + [429, 200, 200]
    assert uploaded.status == 429
    assert later is not None
    assert (later.body, dict(later.headers)["Retry-After"]) == (b"", "60")
    assert known is not None
    assert unknown_mac is not None
    assert (known.status, known.body, [n for n, _ in known.headers]) == (
        404, b"", [n for n, _ in unknown_mac.headers],
    )  # fmt: skip


async def test_a_program_that_calls_itself_a_phone_is_told_by_its_tls(data: Path, tmp_path: Path) -> None:
    agent = "Yealink SIP-T54W 96.86.0.70"
    async with open_door(data, monitor=STRICT, tls=settings_of(make(tmp_path, NAME))) as door:
        tenant = await door.tenant("acme")
        macs = [MacAddress(f"805ec0{number:06x}") for number in range(10)]
        tokens = [door.lasting(await door.phone(tenant, mac=mac)) for mac in macs]
        script = only(ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")

        async def fetch(path: str, context: ssl.SSLContext) -> int:
            before = door.traffic.count
            async with door.connected("tls", tls=context) as wire:
                await wire.send(request("GET", path, headers={"User-Agent": agent}))
                status = (await wire.reply("GET")).status
            await until(lambda: door.traffic.count > before)
            return status

        for token, mac in zip(tokens, macs, strict=True):
            assert await fetch(f"/{token}/{mac}.cfg", phone()) == 200
        for number in range(2):
            await fetch(unknown(number), phone())
        await settled(door)
        assert [alert["detector"] for alert in await door.services.bans.alerts()] == []

        for number in range(2, 7):
            await fetch(unknown(number), script)
        await settled(door)
        assert [alert["detector"] for alert in await door.services.bans.alerts()] == ["tls-differs"]


@pytest.mark.parametrize(
    "agent", ["Yealink SIP-T54W 96.86.0.70 80:5e:c0:00:00:01", "Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13)"]
)
async def test_who_says_that_it_is_another_phone_gets_nothing_from_a_window(door: Door, agent: str) -> None:
    device = await door.phone(await door.tenant("acme"))

    stranger = await ask(door, f"/{MAC}.cfg", source=WALKER, agent=agent)
    unknown_mac = await ask(door, unknown(1), source=OFFICE, agent=agent)
    assert stranger is not None
    assert unknown_mac is not None
    assert (stranger.status, stranger.body) == (unknown_mac.status, unknown_mac.body)
    assert door.lines()[-2]["reason"] == "agent_differs"
    with_token = await ask(door, f"/{door.bootstrap(device)}/{MAC}.cfg", source=WALKER, agent=agent)
    own = await ask(door, f"/{MAC}.cfg", source=OFFICE, agent=f"Yealink SIP-T54W 96.86.0.70 {MAC}")

    assert with_token is not None
    assert own is not None
    assert (with_token.status, own.status) == (200, 200)
