"""Who gets what: every proof in every situation, over real sockets, and what the store says afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from provserver.domain.device import Device, ReleasePolicy
from provserver.domain.mac import MacAddress
from provserver.services.requests.deliveries import NEEDS_PASSWORD
from provserver.storage.tables import CREDENTIAL, DEAD_TOKEN, DELIVERY, DEVICE, EVENT
from tests.clocks import DAY_MS, MINUTE_MS
from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door
from tests.http.wire import Reply

FILE = f"{MAC}.cfg"
NEIGHBOUR, FOREIGNER = MacAddress("805ec0aabbcd"), MacAddress("805ec0aabbce")
HOME, SAME_OFFICE, ELSEWHERE = "192.0.2.7", "192.0.2.200", "192.0.3.7"  # a /24 is one office
WRONG = "QUJDREVGR0hJSktMTU5PUFFS"
PROXY = ("127.0.0.0/8",)  # lets tests choose the address they come from


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A device in some situation, with the devices next to it, and the address the next request comes from."""

    door: Door
    device: Device
    neighbour: Device
    foreigner: Device
    address: str = HOME

    async def ask(self, token: str | None, *, method: str = "GET") -> Reply:
        """Ask for the device's file."""
        path = f"/{token}/{FILE}" if token else f"/{FILE}"
        return await self.door.ask(path, method=method, headers={"X-Forwarded-For": self.address})

    async def state(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the store that a request could have changed."""
        tables = (DEVICE, CREDENTIAL, DELIVERY, EVENT, DEAD_TOKEN)
        return {table.name: await self.door.rows(table) for table in tables}


async def case(door: Door, *, policy: ReleasePolicy = ReleasePolicy.WINDOW, arm: bool = True) -> Case:
    shop = await door.tenant("shop", policy=policy)
    other = await door.tenant("other")
    return Case(
        door=door,
        device=await door.phone(shop, arm=arm),
        neighbour=await door.phone(shop, mac=NEIGHBOUR, password="of-the-neighbour"),
        foreigner=await door.phone(other, mac=FOREIGNER, password="of-the-foreigner"),
    )


async def armed(door: Door) -> Case:
    return await case(door)


async def unarmed(door: Door) -> Case:
    return await case(door, arm=False)


async def window_over(door: Door) -> Case:
    made = await case(door)
    door.clock.advance_ms(7 * DAY_MS + 1)
    return made


async def strict(door: Door) -> Case:
    return await case(door, policy=ReleasePolicy.STRICT)


async def locked(door: Door) -> Case:
    made = await case(door)
    await door.services.devices.lock(MAC, reason="stolen")
    return made


async def settling(door: Door) -> Case:
    """Booted ten minutes ago by another address of the same office."""
    made = await case(door)
    assert (await made.ask(None)).status == 200
    door.clock.advance_ms(10 * MINUTE_MS)
    return replace(made, address=SAME_OFFICE)


async def settling_elsewhere(door: Door) -> Case:
    return replace(await settling(door), address=ELSEWHERE)


async def settled(door: Door) -> Case:
    made = await settling(door)
    door.clock.advance_ms(6 * MINUTE_MS)
    return made


async def moved(door: Door) -> Case:
    return replace(await settled(door), address=ELSEWHERE)


async def lasting_used(door: Door) -> Case:
    made = await settling(door)
    assert (await made.ask(door.lasting(made.device))).status == 200
    return made


async def armed_again(door: Door) -> Case:
    made = await lasting_used(door)
    door.clock.advance_days(1)
    return replace(made, device=await door.services.devices.arm(MAC))


async def armed_again_and_used(door: Door) -> Case:
    made = await armed_again(door)
    assert (await made.ask(door.lasting(made.device))).status == 200
    return made


Prepare = Callable[[Door], Awaitable[Case]]
Token = Callable[[Case], str | None]

TOKENS: dict[str, Token] = {
    "none": lambda _: None,
    "lasting": lambda case: case.door.lasting(case.device),
    "bootstrap": lambda case: case.door.bootstrap(case.device),
    "first_lasting": lambda case: case.door.lasting(case.device, generation=1),
    "first_bootstrap": lambda case: case.door.bootstrap(case.device, generation=1),
    "wrong": lambda _: WRONG,
    "neighbours": lambda case: case.door.lasting(case.neighbour),
    "foreigners": lambda case: case.door.lasting(case.foreigner),
}
NOBODYS = {"wrong": "wrong_token", "neighbours": "wrong_token", "foreigners": "wrong_token"}
FRESH = {"lasting": "lasting_token", "bootstrap": "bootstrap_token", **NOBODYS}
# Situation → token → the proof that releases, or the reason that withholds.
MATRIX: dict[Prepare, dict[str, str]] = {
    armed: {"none": "window", **FRESH},
    unarmed: {"none": "not_armed", **FRESH},
    window_over: {"none": "window_over", **FRESH},
    strict: {"none": "strict", **FRESH},
    locked: {"none": "locked", "lasting": "locked", "bootstrap": "locked", **NOBODYS},
    settling: {"none": "window", **FRESH},
    settling_elsewhere: {"none": "provisioned", **FRESH, "bootstrap": "settling"},
    settled: {"none": "provisioned", **FRESH},
    moved: {"none": "provisioned", **FRESH, "bootstrap": "moved"},
    lasting_used: {"none": "window", "lasting": "lasting_token", "bootstrap": "wrong_token", **NOBODYS},
    armed_again: {
        "none": "window",
        "first_lasting": "previous_token",
        "first_bootstrap": "wrong_token",
        **FRESH,
    },
    armed_again_and_used: {
        "none": "window",
        "lasting": "lasting_token",
        "bootstrap": "wrong_token",
        "first_lasting": "wrong_token",
        "first_bootstrap": "wrong_token",
        **NOBODYS,
    },
}
PROOFS = frozenset({"window", "lasting_token", "previous_token", "bootstrap_token"})
RELEASED = [
    pytest.param(prepare, token, expected, id=f"{prepare.__name__}-{token}")
    for prepare, expectations in MATRIX.items()
    for token, expected in expectations.items()
    if expected in PROOFS
]
WITHHELD = [
    pytest.param(prepare, {t: e for t, e in expectations.items() if e not in PROOFS}, id=prepare.__name__)
    for prepare, expectations in MATRIX.items()
]


@pytest.mark.parametrize(("prepare", "token", "proof"), RELEASED)
async def test_credentials_leave_with_a_proof(data: Path, prepare: Prepare, token: str, proof: str) -> None:
    async with open_door(data, trusted_proxies=PROXY) as door:
        made = await prepare(door)
        before = await made.state()

        head = await made.ask(TOKENS[token](made), method="HEAD")
        between = await made.state()
        got = await made.ask(TOKENS[token](made))

        assert head.undated == got.undated.removesuffix(got.body)
        assert (got.status, PASSWORD in got.text) == (200, True)
        assert [(line["outcome"], line["proof"]) for line in door.lines()[-2:]] == [("delivered", proof)] * 2
        assert between == before or proof == "lasting_token", "only a delivery starts a clock or ends a window"
        assert (await door.credential(made.device)).delete_after is not None
        assert (await door.device(made.device)).provisioned_at is not None


@pytest.mark.parametrize(("prepare", "reasons"), WITHHELD)
async def test_nothing_leaves_without_a_proof(data: Path, prepare: Prepare, reasons: dict[str, str]) -> None:
    async with open_door(data, trusted_proxies=PROXY) as door:
        made = await prepare(door)
        before = await made.state()

        for token, reason in reasons.items():
            for method in ("GET", "HEAD"):
                reply = await made.ask(TOKENS[token](made), method=method)

                line = door.last_line()
                assert (reply.status, reply.body) == (404, b"")
                assert (line["outcome"], line["reason"], line["proof"]) == ("refused", reason, None)
        assert await made.state() == before, "a refusal leaves no trace in the store"


@pytest.mark.parametrize("token", ["none", "lasting", "bootstrap"])
async def test_the_first_delivery_starts_the_clock_and_ends_the_window(data: Path, token: str) -> None:
    async with open_door(data, trusted_proxies=PROXY) as door:
        made = await armed(door)
        door.clock.advance_days(1)

        await made.ask(TOKENS[token](made), method="HEAD")
        await made.ask(TOKENS[token](made))

        now_ms = door.clock.wall_ms()
        device, credential = await door.device(made.device), await door.credential(made.device)
        assert (device.provisioned_at, device.provisioned_prefix) == (now_ms, "192.0.2.0/24")
        assert (credential.released_at, credential.first_delivered_at) == (now_ms, now_ms)
        assert credential.delete_after == now_ms + 15 * DAY_MS
        (delivery,) = await door.rows(DELIVERY)
        assert (delivery["device_id"], delivery["file"], delivery["address"]) == (device.id, FILE, HOME)
        assert (delivery["credentials"], delivery["user_agent"]) == (1, AGENT)


async def test_later_deliveries_do_not_start_the_clock_again(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        await door.ask(f"/{FILE}")
        first = await door.credential(device)
        door.clock.advance_days(3)

        await door.ask(f"/{door.lasting(device)}/{FILE}")

        assert await door.credential(device) == first
        assert len(await door.rows(DELIVERY)) == 1


async def test_a_new_password_starts_a_new_clock(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        await door.ask(f"/{FILE}")
        door.clock.advance_days(3)

        await door.phone(tenant, password="another-one")

        assert (await door.credential(device)).delete_after is None
        reply = await door.ask(f"/{door.lasting(device)}/{FILE}")
        assert "another-one" in reply.text
        assert (await door.credential(device)).delete_after == door.clock.wall_ms() + 15 * DAY_MS


async def test_every_artefact_with_credentials_points_at_the_devices_own_lasting_url(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)

        for token in (None, door.bootstrap(device), door.lasting(device)):
            reply = await door.ask(f"/{token}/{FILE}" if token else f"/{FILE}")

            assert f"http://phones.example.com/{door.lasting(device)}/" in reply.text
            assert door.bootstrap(device) not in reply.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_bootstrap_token_dies_when_the_lasting_one_is_first_used(data: Path, method: str) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        bootstrap = door.bootstrap(device)
        assert (await door.ask(f"/{bootstrap}/{FILE}")).status == 200

        await door.ask(f"/{door.lasting(device)}/{FILE}", method=method)

        tokens = (await door.device(device)).tokens
        assert (tokens.bootstrap, tokens.lasting_used_at) == (None, door.clock.wall_ms())
        dead = [row["fingerprint"] for row in await door.rows(DEAD_TOKEN)]
        assert dead == [door.tokens.fingerprint(bootstrap)]
    async with open_door(data, clock=door.clock) as door:  # a restart raises nobody from the dead
        assert (await door.ask(f"/{bootstrap}/{FILE}")).status == 404
        assert (await door.ask(f"/{door.lasting(device)}/{FILE}")).status == 200


async def test_a_refused_lasting_token_kills_no_bootstrap_token(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        await door.services.devices.lock(MAC, reason="stolen")

        assert (await door.ask(f"/{door.lasting(device)}/{FILE}")).status == 404

        assert (await door.device(device)).tokens.bootstrap is not None


async def test_arming_again_makes_new_tokens_and_the_old_url_works_until_the_new_one_is_used(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        old = door.lasting(device)
        assert (await door.ask(f"/{old}/{FILE}")).status == 200

        again = await door.services.devices.arm(MAC)

        new = door.lasting(again)
        assert len({old, new, door.bootstrap(device), door.bootstrap(again)}) == 4
        reply = await door.ask(f"/{old}/{FILE}")
        assert (reply.status, new in reply.text) == (200, True)
        assert (await door.ask(f"/{old}/{FILE}")).status == 200, "until the new one is used"
        assert (await door.ask(f"/{new}/{FILE}")).status == 200
        assert (await door.ask(f"/{old}/{FILE}")).status == 404


async def test_arming_twice_does_not_strand_the_phone_that_has_not_asked_in_between(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        held_by_the_phone = door.lasting(device)
        assert (await door.ask(f"/{held_by_the_phone}/{FILE}")).status == 200

        await door.services.devices.arm(MAC)
        again = await door.services.devices.arm(MAC)

        reply = await door.ask(f"/{held_by_the_phone}/{FILE}")
        assert (reply.status, door.lasting(again) in reply.text) == (200, True)


async def test_a_locked_device_gets_everything_again_when_it_is_unlocked(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        await door.services.devices.lock(MAC, reason="stolen")
        assert (await door.ask(f"/{door.lasting(device)}/{FILE}")).status == 404

        await door.services.locks.unlock(MAC)

        assert PASSWORD in (await door.ask(f"/{door.lasting(device)}/{FILE}")).text


async def test_a_removed_device_is_unknown_and_its_tokens_are_dead(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))
        lasting, bootstrap = door.lasting(device), door.bootstrap(device)

        await door.services.devices.delete(MAC)

        for path in (f"/{FILE}", f"/{lasting}/{FILE}", f"/{bootstrap}/{FILE}", f"/{lasting}/y000000000096.cfg"):
            assert (await door.ask(path)).status == 404
            assert door.last_line()["reason"] in ("unknown_device", "no_rule")


async def test_a_token_opens_its_own_devices_files_only(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        await door.phone(tenant, mac=NEIGHBOUR, password="of-the-neighbour")  # armed: no token would release it

        reply = await door.ask(f"/{door.lasting(device)}/{NEIGHBOUR}.cfg")

        assert (reply.status, reply.body) == (404, b"")
        assert door.last_line()["reason"] == "wrong_token"


async def test_a_common_file_is_given_for_a_token_and_holds_nothing_of_the_device(data: Path) -> None:
    async with open_door(data) as door:
        device = await door.phone(await door.tenant("shop"))

        named = await door.ask(f"/{door.lasting(device)}/y000000000096.cfg")
        nameless = await door.ask("/y000000000096.cfg")

        assert (named.status, PASSWORD in named.text, door.lasting(device) in named.text) == (200, False, False)
        assert (nameless.status, nameless.body) == (404, b"")
        assert (await door.device(device)).provisioned_at is None, "what carries nothing ends no window"
        assert (await door.credential(device)).released_at is None


async def forgotten(door: Door, **phone: Any) -> Device:  # noqa: ANN401 - see Door.phone
    """A device that was provisioned, and whose password has been deleted since."""
    tenant = await door.tenant("shop")
    device = await door.phone(tenant, **phone)
    assert (await door.ask(f"/{FILE}")).status == 200
    door.clock.advance_ms(15 * DAY_MS)
    assert await door.services.retention.run() == 1
    return device


async def asks_for_help(door: Door) -> list[str]:
    return [row["kind"] for row in await door.rows(EVENT)]


async def test_a_reset_phone_whose_password_is_gone_asks_its_reseller_once(data: Path) -> None:
    async with open_door(data) as door:
        device = await forgotten(door)

        for _ in range(3):
            assert (await door.ask(f"/{FILE}")).status == 404

        assert await asks_for_help(door) == [NEEDS_PASSWORD]
        assert (await door.device(device)).needs_password_at == door.clock.wall_ms()
        assert (await door.services.inventory.show(MAC))["state"] == "needs_password"
    async with open_door(data, clock=door.clock) as door:
        await door.ask(f"/{FILE}")
        assert await asks_for_help(door) == [NEEDS_PASSWORD], "not once for every process"


@pytest.mark.parametrize(
    ("agent", "heard"),
    [
        (AGENT, True),
        ("Yealink SIP-T54W 96.86.0.70", True),  # phones can be told to leave their MAC out
        ("Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cd", False),
        ("Mozilla/4.0 (compatible; snomD785-SIP 10.1.64.14)", False),
        ("curl/8.5.0", False),
        ("", False),
    ],
)
async def test_only_a_fitting_user_agent_is_believed_to_be_the_reset_phone(
    data: Path, agent: str, *, heard: bool
) -> None:
    async with open_door(data) as door:
        await forgotten(door)

        await door.ask(f"/{FILE}", agent=agent)

        assert await asks_for_help(door) == ([NEEDS_PASSWORD] if heard else [])


async def test_a_phone_that_comes_with_its_lasting_url_has_forgotten_nothing(data: Path) -> None:
    async with open_door(data) as door:
        device = await forgotten(door)

        reply = await door.ask(f"/{door.lasting(device)}/{FILE}")

        assert (reply.status, PASSWORD in reply.text) == (200, False)
        assert await asks_for_help(door) == []


async def test_a_phone_that_comes_back_with_its_bootstrap_url_has_forgotten(data: Path) -> None:
    async with open_door(data) as door:
        device = await forgotten(door)

        reply = await door.ask(f"/{door.bootstrap(device)}/{FILE}", agent="curl/8.5.0")

        assert (reply.status, PASSWORD in reply.text) == (200, False)
        assert await asks_for_help(door) == [NEEDS_PASSWORD]


async def test_files_that_are_no_configuration_are_no_call_for_help(data: Path) -> None:
    async with open_door(data) as door:
        await forgotten(door)

        for file in (f"{MAC}.boot", f"{MAC}-local.cfg", f"{MAC}.unknown"):
            await door.ask(f"/{file}")

        assert await asks_for_help(door) == []


async def test_a_new_password_answers_the_call_and_the_next_loss_is_a_new_one(data: Path) -> None:
    async with open_door(data) as door:
        device = await forgotten(door)
        await door.ask(f"/{FILE}")

        await door.phone(await door.services.tenants.get("shop"), password="another-one")

        assert (await door.device(device)).needs_password_at is None
        await door.services.devices.arm(MAC)
        assert "another-one" in (await door.ask(f"/{FILE}")).text
        assert await asks_for_help(door) == [NEEDS_PASSWORD]
        door.clock.advance_ms(15 * DAY_MS)
        await door.services.retention.run()
        await door.ask(f"/{FILE}")
        assert await asks_for_help(door) == [NEEDS_PASSWORD, NEEDS_PASSWORD]
