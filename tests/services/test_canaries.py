"""Canaries: nothing that they give out tells them from phones, and whoever touches one is shut out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.errors import Conflict, NotFound, Refused
from provserver.monitor.sip_logs import Attempt
from provserver.secret import Secret
from provserver.services.fleet.canaries import alike
from provserver.settings import MonitorSettings, Settings
from tests.clocks import DAY_MS, FakeClock
from tests.services.fleet import MAC, ask, boot, count, line, put, running, yealink
from tests.services.test_monitor import unknown

TRAP = MacAddress("805ec0aabbcd")
WALKER = "198.51.100.7"
PASSWORD = "Zx8-kQ2_pL5w"


def shape(body: bytes) -> bytes:
    """What is left of a file when only the kinds of characters count."""
    for kind, sign in ((rb"[a-z]", b"a"), (rb"[A-Z]", b"A"), (rb"[0-9]", b"0")):
        body = re.sub(kind, sign, body)
    return body


async def with_canary(services: Services, tenant: Tenant) -> None:
    wanted = replace(
        yealink(tenant, settings={"timezone": "Europe/Berlin"}, passwords={1: Secret(PASSWORD)}),
        lines=(line(label="1001", display_name="Reception", auth_name="1001"),),
    )
    await put(services, wanted)
    await services.canaries.add(TRAP, like=MAC)
    await services.canaries.load()


async def test_a_canarys_file_has_the_form_of_a_real_one_and_none_of_its_values(
    services: Services, tenant: Tenant
) -> None:
    await with_canary(services, tenant)

    real, trap = (await boot(services)).body, (await boot(services, mac=TRAP)).body

    def values(body: bytes) -> dict[bytes, bytes]:
        return dict(re.findall(rb"(?m)^(account\.1\.\S+) = (.+)$", body))

    token = re.compile(rb"/[A-Za-z0-9_-]{24}/")  # random in every file, and so is its shape
    assert shape(token.sub(b"/", real)) == shape(token.sub(b"/", trap))
    differing = {name for name, value in values(real).items() if values(trap)[name] != value}
    assert {b"account.1.user_name", b"account.1.auth_name", b"account.1.password"} <= differing
    assert values(trap)[b"account.1.user_name"] == values(trap)[b"account.1.label"]
    assert PASSWORD.encode() not in trap


async def test_who_asks_for_a_canary_is_banned_though_it_was_given_something(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    await with_canary(services, tenant)
    clock.advance_ms(400 * DAY_MS)

    assert (await ask(services, mac=TRAP, address=WALKER)).status == 200
    services.monitor.saw(unknown(0, at=clock.wall_ms(), address=WALKER)._replace(row=_row(clock)))
    await services.monitor.work()

    assert services.monitor.is_banned(WALKER)
    assert [alert["detector"] for alert in await services.bans.alerts()] == ["canary"]


async def test_its_account_tried_at_the_registrar_is_told_and_real_ones_are_not(
    services: Services, tenant: Tenant
) -> None:
    await with_canary(services, tenant)
    user_name = re.findall(rb"account\.1\.user_name = (.+)", (await boot(services, mac=TRAP)).body)[0].decode()

    async def attempts() -> AsyncIterator[Attempt]:
        yield Attempt("1001", "192.0.2.1")
        yield Attempt(user_name, WALKER)

    touched = [attempt async for attempt in services.canaries.watch(attempts())]
    await services.reports.take(services.monitor)
    await services.monitor.work()

    assert touched == [Attempt(user_name, WALKER)]
    assert services.monitor.is_banned(WALKER)
    assert not services.monitor.is_banned("192.0.2.1")
    assert [alert["detector"] for alert in await services.bans.alerts()] == ["canary-account"]


async def test_an_account_that_was_laid_out_elsewhere_is_watched_too(settings: Settings, clock: FakeClock) -> None:
    monitor = MonitorSettings(canary_accounts=("backup-only",))
    async with running(settings.model_copy(update={"monitor": monitor}), clock) as services:

        async def attempts() -> AsyncIterator[Attempt]:
            yield Attempt("1001", "192.0.2.1")
            yield Attempt("backup-only", WALKER)

        assert [one.account async for one in services.canaries.watch(attempts())] == ["backup-only"]


async def test_a_canary_whose_neighbours_password_was_deleted_has_one_all_the_same(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_ms(16 * DAY_MS)
    await services.retention.run()

    await services.canaries.add(TRAP, like=MAC)

    assert re.search(rb"account\.1\.password = \w{16}\n", (await boot(services, mac=TRAP)).body)


async def test_a_canary_that_is_removed_is_a_mac_like_others(
    services: Services, clock: FakeClock, tenant: Tenant
) -> None:
    await with_canary(services, tenant)

    await services.canaries.remove(TRAP)
    services.monitor.saw(unknown(0, at=clock.wall_ms(), address=WALKER)._replace(row=_row(clock)))
    await services.monitor.work()

    assert not services.monitor.is_banned(WALKER)
    assert await count(services, "canary") == 0
    with pytest.raises(NotFound):
        await services.canaries.remove(MAC)


async def test_a_canary_takes_no_real_devices_place(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await put(services, replace(yealink(tenant, 5), lines=(), passwords={}))

    with pytest.raises(Conflict):
        await services.canaries.add(MAC, like=MAC)
    with pytest.raises(NotFound):
        await services.canaries.add(TRAP, like=TRAP)
    with pytest.raises(Refused, match="has no line"):
        await services.canaries.add(TRAP, like=MacAddress("805ec0000005"))

    assert await count(services, "canary") == 0


@pytest.mark.parametrize("text", ["1001", "alice", "Zx8-kQ2_pL5w", "+49 30 1234", "", "é-1"])
def test_what_is_alike_has_the_same_kinds_of_characters_in_the_same_places(text: str) -> None:
    other = alike(text)

    assert shape(other.encode()) == shape(text.encode())
    digits = [position for position, character in enumerate(text) if character.isdigit()]
    assert all(other[position] == text[position] for position in digits[:1])


def _row(clock: FakeClock) -> tuple[object, ...]:
    row = list(unknown(0, at=clock.wall_ms(), address=WALKER).row)
    row[row.index("805ec0000000")] = TRAP.value
    return tuple(row)
