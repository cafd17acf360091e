"""A tenant whose office the monitor has shut out: it sees why, ends it once, and sees nothing of anybody else's."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.system.fleet import Phone, Wish, mac_of, until_stored
from tests.system.server import Nursery, command
from tests.system.strangers import ATTACKER, OFFICE, Door, opened_door

WAIT_S = 10.0
WALKED = 0x400000  # number of the first MAC that is walked
BANNED = "SELECT 1 FROM decision WHERE value = ? AND ended_at IS NULL"


async def walk(door: Door, data: Path, *, first: int, source: str) -> int:
    """Somebody at *source* walks until nobody answers him; how many were answered, and the ban is written down."""
    for count in range(60):
        if await door.ask(f"/{mac_of(first + count * 0x1001)}.cfg", source=source) is None:
            await until_stored(data, BANNED, source)
            return count
    raise AssertionError("never shut out")


async def limits(data: Path, tenant: str) -> list[dict[str, Any]]:
    """What a tenant is shown."""
    said = await command(data, "ban", "list", "--tenant", tenant, "--json")
    assert said.code == 0, said.complained
    found: list[dict[str, Any]] = json.loads(said.said)
    return found


async def is_served(door: Door, phone: Phone) -> bool:
    try:
        return await door.boot(phone, by_window=False)
    except (ConnectionError, asyncio.IncompleteReadError):
        return False


async def until_served(door: Door, phone: Phone) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await is_served(door, phone):  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(0.1)


async def test_a_tenant_sees_why_its_office_is_shut_out_and_ends_it_once(nursery: Nursery, tmp_path: Path) -> None:
    data = tmp_path / "data"
    numbers = tmp_path / "detectors.toml"  # a detector that has spoken is quiet for a minute: too long for a test
    numbers.write_text("[unknown-macs]\nsilence_s = 0\n")
    async with opened_door(nursery, tmp_path, [Wish(number=1)], MONITOR__DETECTORS=str(numbers)) as door:
        (phone,) = door.phones
        assert (await command(data, "tenant", "add", "other")).code == 0
        assert await is_served(door, phone)
        await until_stored(data, "SELECT 1 FROM last_seen WHERE address = ?", OFFICE, kind="requests")
        assert await walk(door, data, first=WALKED, source=ATTACKER) > 0
        assert await walk(door, data, first=WALKED + 0x100000, source=OFFICE) > 0
        assert not await is_served(door, phone)

        shown = await limits(data, "shop")
        assert {one["value"] for one in shown} == {OFFICE}
        assert "805ec0" not in json.dumps(shown), "no MACs, which may be somebody else's"
        (own,) = [one for one in shown if one["measure"] == "ban"]
        assert own["reason"] == "unknown-macs"
        assert await limits(data, "other") == []

        foreign = await command(data, "ban", "lift", str(own["id"]), "--tenant", "other")
        everything = json.loads((await command(data, "ban", "list", "--json")).said)
        of_attacker = next(one["id"] for one in everything if one["value"] == ATTACKER)
        attackers = await command(data, "ban", "lift", str(of_attacker), "--tenant", "shop")
        assert (foreign.code, attackers.code) == (1, 1)
        assert not await is_served(door, phone)

        lifted = await command(data, "ban", "lift", str(own["id"]), "--tenant", "shop")
        assert (lifted.code, f"ended: ban of {OFFICE}\n" in lifted.said) == (0, True)
        await until_served(door, phone)
        assert await door.ask("/") is None, "the attacker stays out"

        assert await walk(door, data, first=WALKED + 0x200000, source=OFFICE) > 0
        again = await limits(data, "shop")
        second = await command(data, "ban", "lift", str(again[-1]["id"]), "--tenant", "shop")
        assert (second.code, second.said) == (1, "")
        assert "once already" in second.complained
        assert not await is_served(door, phone)
