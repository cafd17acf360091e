"""A maker's own server configures phones where their tenant has chosen that: then only, and only that tenant's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import stamina

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.line import Endpoint
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount, RegistrationState
from provserver.errors import Conflict, InvalidValue, Refused
from provserver.redirect.protocol import Outcome
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.storage import credentials
from tests.clocks import FakeClock
from tests.redirect.fakes.hosting import GDMSHosting, Stretto, YMCSHosting
from tests.redirect.fakes.rest import YMCS
from tests.redirect.fakes.service import OTHERS, FakeService, serving
from tests.services.fleet import (
    PASSWORD,
    audit_actions,
    count,
    last_audit,
    line,
    owned,
    password_of,
    put,
    yealink,
)
from tests.services.redirection import add_account, registration, send, url_of

SLUG = "yealink_ymcs_hosting"
WHY = "contract 4711"
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
STATE = RegistrationState


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@asynccontextmanager
async def hosted(
    services: Services, tenant: Tenant, *, chosen: bool = True
) -> AsyncIterator[tuple[YMCSHosting, RedirectAccount]]:
    """A tenant with an account at YMCS, which has chosen that its phones are configured there."""
    fake = YMCSHosting()
    async with serving(fake):
        account = await add_account(services, tenant, SLUG, fake)
        if chosen:
            await services.redirection.hosting.choose(account, why=WHY)
        yield fake, account


def leaked(fake: FakeService, text: str = PASSWORD) -> bool:
    return any(text.encode() in sent for sent in fake.sent)


async def disclosures(services: Services, device: Device) -> list[dict[str, str]]:
    return (await services.inventory.show(device.mac))["disclosures"]  # type: ignore[no-any-return]  # JSON


async def test_lines_and_passwords_go_there_and_the_record_says_who_got_what_when_and_why(
    services: Services, tenant: Tenant
) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant, lines=(line(display_name="Front Desk"),)))
        await send(services)

        (told,) = fake.lines(device.mac.value).values()
        assert (told["username"], told["password"], told["displayName"]) == ("1001", PASSWORD, "Front Desk")
        assert told["sipServer1"] == {"host": "pbx.example.com", "port": 5060}
        assert (await registration(services, device)).state is STATE.CONFIRMED
        (disclosure,) = await disclosures(services, device)
        assert disclosure["recipient"] == f"{SLUG} (127.0.0.1)"
        assert disclosure["what"] == "mac, model, line 1 (user name, password, registrar, display name)"
        assert disclosure["why"] == f"hosting: {WHY}"
        assert disclosure["at"]
        assert "redirect.handed_over" in await audit_actions(services)
        assert fake.refusals == []


async def test_without_the_tenants_choice_nothing_leaves(services: Services, tenant: Tenant) -> None:
    async with hosted(services, tenant, chosen=False) as (fake, _):
        device = await put(services, yealink(tenant))
        await send(services)
        before = len(fake.sent)  # its credentials were tried when it was entered

        assert (len(fake.sent), leaked(fake), fake.ours()) == (before, False, {})
        assert await disclosures(services, device) == []
        assert (await password_of(services, device)).released_at is None


async def test_another_tenants_devices_are_not_told_of(services: Services, tenant: Tenant) -> None:
    beta = await services.tenants.add("beta")
    async with hosted(services, tenant) as (fake, _):
        await put(services, yealink(tenant, 1))
        await put(services, yealink(beta, 2, passwords={1: Secret("beta's own")}))
        await send(services)

        assert list(fake.ours()) == ["805ec0000001"]
        assert not leaked(fake, "beta's own")
        assert not leaked(fake, "805ec0000002")


async def test_an_account_for_everybody_cannot_be_given_passwords(services: Services) -> None:
    async with serving(YMCSHosting()) as fake:
        with pytest.raises(InvalidValue, match="tenant"):
            await add_account(services, None, SLUG, fake)


async def test_a_choice_needs_a_reason_and_a_service_that_does_that_and_is_made_once(
    services: Services, tenant: Tenant
) -> None:
    hosting = services.redirection.hosting
    async with hosted(services, tenant, chosen=False) as (_, account), serving(YMCSHosting()) as other:
        with pytest.raises(InvalidValue, match="why"):
            await hosting.choose(account, why=" ")
        with pytest.raises(Conflict):
            await hosting.end(account)
        await hosting.choose(account, why=WHY)
        entry = await last_audit(services)
        assert (entry["action"], entry["object"], entry["tenant_id"]) == ("redirect.hosting_chosen", SLUG, tenant.id)
        assert WHY in entry["detail"]
        with pytest.raises(Conflict):
            await hosting.choose(account, why=WHY)
        sending = await add_account(services, tenant, "yealink_ymcs", other)
        with pytest.raises(Refused, match="does not configure devices"):
            await hosting.choose(sending, why=WHY)


async def test_the_days_count_from_the_makers_word_and_end_as_ever(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        clock.advance_ms(DAY_MS)
        await send(services)

        credential = await password_of(services, device)
        assert credential.first_delivered_at == clock.wall_ms()
        assert credential.delete_after == clock.wall_ms() + 15 * DAY_MS
        assert await count(services, "delivery") == 1
        shown = await services.inventory.show(device.mac)
        assert (shown["state"], shown["armed_until"]) == ("provisioned", None)

        clock.advance_ms(15 * DAY_MS + 1)
        await services.retention.run()
        assert not (await password_of(services, device)).is_held
        assert fake.lines(device.mac.value)  # what the maker has, it keeps until it is taken out


async def test_what_is_not_held_any_more_is_not_handed_over(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        await send(services)
        clock.advance_ms(15 * DAY_MS + 1)
        await services.retention.run()
        fake.sent.clear()

        await services.devices.arm(device.mac)
        await send(services)

        found = await registration(services, device)
        assert (found.state, found.reason) == (STATE.FAILED, "not_held")
        assert found.said == "not sent: the password of line 1 is not held here"
        assert fake.sent == []


async def test_one_line_without_a_password_is_enough_for_nothing_to_leave(services: Services, tenant: Tenant) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant, lines=(line(1), line(2))))
        await send(services)

        assert (await registration(services, device)).reason == "not_held"
        assert not leaked(fake)
        assert (await password_of(services, device)).released_at is None


async def test_a_locked_device_is_not_handed_over(services: Services, tenant: Tenant) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        await services.devices.lock(device.mac, reason="stolen")
        await send(services)

        assert (await registration(services, device)).said == "not sent: the device is locked"
        assert not leaked(fake)


async def test_a_line_that_would_lose_its_tls_is_not_handed_over(services: Services, tenant: Tenant) -> None:
    over_tls = line(registrar=Endpoint.parse("pbx.example.com;transport=tls"))
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant, lines=(over_tls,)))
        await send(services)

        assert (await registration(services, device)).reason == "refused"
        assert not leaked(fake)
        assert (await password_of(services, device)).released_at is None  # the mark was taken back


async def test_a_refusal_starts_no_clock_and_tells_the_reseller(services: Services, tenant: Tenant) -> None:
    async with hosted(services, tenant) as (fake, _):
        fake.devices["805ec0aabbcc"] = (OTHERS, "")
        device = await put(services, yealink(tenant))
        await send(services)

        assert (await registration(services, device)).reason == Outcome.OWNED_BY_ANOTHER
        credential = await password_of(services, device)
        assert (credential.released_at, credential.first_delivered_at) == (None, None)
        assert await count(services, "delivery") == 0
        shown = await services.inventory.show(device.mac)
        assert [event["kind"] for event in shown["events"]] == ["registration_failed"]


async def test_what_the_maker_could_not_take_back_counts_as_delivered(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with hosted(services, tenant) as (fake, _):
        fake.refuses = {"bindAccounts", "delAccounts"}
        device = await put(services, yealink(tenant))
        await send(services)

        assert (await password_of(services, device)).released_at == clock.wall_ms()
        await presume(services, clock)
        assert (await password_of(services, device)).first_delivered_at is not None


async def presume(services: Services, clock: FakeClock) -> None:
    """Let a running server find the marks that nobody has answered for."""
    clock.advance_ms(HOUR_MS)
    await services.retention.run()


async def test_an_answer_that_is_lost_counts_as_delivered_and_is_told_again_once(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        released_at = clock.wall_ms()
        fake.loses = {"sipAccounts"}
        await send(services)
        assert (await registration(services, device)).state is STATE.SENT
        await presume(services, clock)
        credential = await password_of(services, device)
        assert credential.first_delivered_at == released_at  # rather too early than never

        await send(services)

        assert (await registration(services, device)).state is STATE.CONFIRMED
        assert len(fake.lines(device.mac.value)) == len(fake.accounts) == 1
        assert (await password_of(services, device)).delete_after == released_at + 15 * DAY_MS
        assert len(await disclosures(services, device)) == 2  # each time it left


async def test_a_killed_process_leaves_a_running_clock(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        fake.latency_s = 3600
        fake.reached.clear()
        task = asyncio.get_running_loop().create_task(send(services))
        await fake.reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert (await password_of(services, device)).released_at == clock.wall_ms()
        async with services.storage.transaction() as tx:
            await credentials.presume_delivered(
                tx, released_before_ms=clock.wall_ms(), retention_ms={tenant.id: 15 * DAY_MS}
            )
        assert (await password_of(services, device)).first_delivered_at is not None


async def test_another_password_is_handed_over_and_the_old_one_is_gone_there(
    services: Services, tenant: Tenant
) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        await send(services)
        await services.edits.change(device.mac, {}, {"line.1.password": Secret("an0ther")})
        await send(services)

        assert [account["password"] for account in fake.accounts.values()] == ["an0ther"]
        assert [account["password"] for account in fake.lines(device.mac.value).values()] == ["an0ther"]


async def test_ending_it_deletes_there_what_was_handed_over_and_phones_come_here_again(
    services: Services, tenant: Tenant
) -> None:
    async with hosted(services, tenant) as (fake, account), serving(YMCS()) as rps:
        await add_account(services, tenant, "yealink_ymcs", rps)
        device = await put(services, yealink(tenant))
        await send(services)
        assert rps.ours() == {}

        assert await services.redirection.hosting.end(account) == 1
        assert (await last_audit(services))["action"] == "redirect.hosting_ended"
        await send(services)

        assert (fake.ours(), fake.accounts) == ({}, {})
        assert rps.ours() == {device.mac.value: url_of(services, device)}
        told = [(one["recipient"].split()[0], one["why"]) for one in await disclosures(services, device)]
        assert set(told) == {(SLUG, f"hosting: {WHY}"), (SLUG, "withdraw"), ("yealink_ymcs", "register")}


async def test_what_was_claimed_before_the_choice_ended_is_not_sent_after_it(
    services: Services, tenant: Tenant
) -> None:
    async with hosted(services, tenant) as (fake, account):
        device = await put(services, yealink(tenant))
        registrar = services.redirection.registrar
        stale = (await services.redirection.accounts.list())[0]
        claimed = await registrar._claim(stale, "lease", limit=10)
        assert len(claimed) == 1
        await services.redirection.hosting.end(account)
        pairs = [(claimed[0], services.redirection.registrations.sendable(claimed[0], stale))]
        client = await registrar._clients.of(stale)

        (result,) = await registrar._handovers.register(client, stale, pairs)

        assert result.outcome is Outcome.NOT_ALLOWED
        assert not leaked(fake)
        assert (await password_of(services, device)).released_at is None


async def test_a_deleted_device_is_deleted_there(services: Services, tenant: Tenant) -> None:
    async with hosted(services, tenant) as (fake, _):
        device = await put(services, yealink(tenant))
        await send(services)
        await services.devices.delete(device.mac)
        await send(services)

        assert (fake.ours(), fake.accounts) == ({}, {})
        assert (await registration(services, device)).state is STATE.WITHDRAWN


async def test_gdms_is_given_the_phones_own_file(services: Services, tenant: Tenant) -> None:
    fake = GDMSHosting()
    async with serving(fake):
        account = await add_account(services, tenant, "grandstream_gdms_hosting", fake)
        await services.redirection.hosting.choose(account, why=WHY)
        wanted = Wanted(
            tenant=tenant,
            mac=MacAddress("000b82aabbcc"),
            model="GXP2170",
            serial="SN1",
            lines=(line(),),
            passwords={1: Secret(PASSWORD)},
            secret_settings={"admin_password": Secret("adm1n-of-it")},
        )
        device = await put(services, wanted)
        await send(services)

        assert "adm1n-of-it" in fake.files["000b82aabbcc"]
        assert PASSWORD in fake.files["000b82aabbcc"]
        assert url_of(services, device).removeprefix("https://").rstrip("/") in fake.files["000b82aabbcc"]
        assert (await owned(services, device))["line.1.password"].first_delivered_at is not None
        (disclosure,) = await disclosures(services, device)
        parts = ["mac", "serial", "model", "configuration", "url", "setting.admin_password"]
        assert disclosure["what"] == ", ".join([*parts, "line 1 (user name, password, registrar)"])

        await services.redirection.hosting.end(account)
        await send(services)
        found = await registration(services, device)
        assert (found.state, found.reason) == (STATE.FAILED, "not_allowed")  # no call takes it out: a person has to
        assert fake.refusals == []


def bria(tenant: Tenant, **more: Any) -> Wanted:  # noqa: ANN401 - any field of Wanted
    usual: dict[str, Any] = {
        "tenant": tenant,
        "mac": MacAddress("0200aaaabbcc"),
        "vendor": "counterpath",
        "lines": (line(),),
        "passwords": {1: Secret(PASSWORD)},
        "settings": {"provisioning_user": "desk-1"},
        "secret_settings": {"provisioning_password": Secret("l0gin")},
    }
    return Wanted(**usual | more)


async def test_stretto_is_given_a_user_with_its_login_and_its_accounts(services: Services, tenant: Tenant) -> None:
    fake = Stretto()
    async with serving(fake):
        account = await add_account(services, tenant, "counterpath_stretto", fake)
        await services.redirection.hosting.choose(account, why=WHY)
        device = await put(services, bria(tenant))
        await send(services)

        assert fake.users[device.mac.value] == {
            "password": "l0gin",
            "profileName": "profile-1",
            "account1.credentials.username": "1001",
            "account1.credentials.password": PASSWORD,
        }
        (disclosure,) = await disclosures(services, device)
        assert disclosure["what"] == "mac, setting.provisioning_password, line 1 (user name, password, registrar)"
        assert {c.first_delivered_at is not None for c in (await owned(services, device)).values()} == {True}

        await services.redirection.hosting.end(account)
        await send(services)
        assert (fake.users, fake.ours()) == ({}, {})
        assert fake.refusals == []


async def test_stretto_is_told_nothing_of_a_device_without_a_login(services: Services, tenant: Tenant) -> None:
    fake = Stretto()
    async with serving(fake):
        account = await add_account(services, tenant, "counterpath_stretto", fake)
        await services.redirection.hosting.choose(account, why=WHY)
        device = await put(services, bria(tenant, secret_settings={}))
        await send(services)

        found = await registration(services, device)
        assert (found.reason, found.said) == ("not_held", "not sent: its provisioning_password is not held here")
        assert fake.users == {}
