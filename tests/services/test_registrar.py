"""From a device that is entered to its maker's list and back: what is sent, when, how often, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
import stamina
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RegistrationState, RegistrationWish
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.services.requests.answers import Answer
from provserver.settings import Settings
from provserver.storage import meta, redirect_accounts, registrations
from provserver.storage.requests import REQUEST_COLUMNS
from tests.clocks import HOUR_MS, MINUTE_MS, FakeClock
from tests.redirect.fakes.service import OTHERS, US
from tests.services.fleet import PASSWORD, ask, boot, line, put, running, yealink
from tests.services.redirection import account, registration, send, snom, url_of

STATE = RegistrationState
SNOM = "Mozilla/4.0 (compatible; snomD785-SIP 10.1.175.16 2010.12-00004-g9ba52f5 000413000001 SXM:0 UXM:0)"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


async def test_a_device_that_is_added_is_listed_with_its_own_url(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        assert (await registration(services, device)).state is STATE.WANTED

        await send(services)

        assert fake.ours() == {device.mac.value: url_of(services, device)}
        found = await registration(services, device)
        assert (found.state, found.reason, found.due_at) == (STATE.CONFIRMED, "registered", None)


async def test_what_is_listed_is_not_sent_again(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        await put(services, snom(tenant))
        await send(services)
        calls = len(fake.calls)

        await put(services, snom(tenant, description="another"))
        await send(services)

        assert len(fake.calls) == calls


async def test_a_device_with_its_own_url_at_its_maker_needs_no_window(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant):
        listed = await put(services, snom(tenant))
        other = await put(services, yealink(tenant))

    assert listed.armed_until is None
    assert other.armed_until is not None


async def test_where_one_url_serves_all_the_window_stays(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant, "polycom_ztp") as fake:
        polycom = Wanted(
            tenant=tenant,
            mac=replace(yealink(tenant).mac, value="0004f2000001"),  # type: ignore[type-var]  # it has one
            vendor="polycom",
            model="VVX 411",
            lines=(line(),),
            passwords={1: Secret(PASSWORD)},
        )
        device = await put(services, polycom)
        await send(services)

    assert device.armed_until is not None
    assert list(fake.ours()) == ["0004f2000001"]
    assert services.devices.bootstrap_token(device).reveal().encode() not in b"".join(fake.sent)


async def test_a_rotated_device_is_sent_to_its_new_url(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await send(services)

        rotated = await services.locks.rotate(device.mac, reason="its mail went astray")
        await send(services)

        assert fake.ours() == {device.mac.value: url_of(services, rotated)}
        assert url_of(services, rotated) != url_of(services, device)


async def test_a_canary_is_told_to_no_maker(services: Services, tenant: Tenant) -> None:
    """Should some stranger's phone have its MAC, that phone must not be sent here."""
    async with account(services, tenant) as fake:
        real, trap = await put(services, snom(tenant)), MacAddress("000413000002")
        canary = await services.canaries.add(trap, like=real.mac)
        await services.edits.change(trap, {"description": "another"}, {})
        await send(services)

        assert set(fake.ours()) == {real.mac.value}
        assert canary.armed_until is not None


async def test_arming_sends_the_phone_to_its_new_url(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await send(services)
        before = fake.ours()[device.mac.value]

        armed = await services.devices.arm(device.mac)
        await send(services)

        assert fake.ours()[device.mac.value] == url_of(services, armed) != before


async def test_a_device_that_is_deleted_is_withdrawn(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await send(services)

        await services.devices.delete(device.mac)
        await send(services)

        assert fake.ours() == {}
        found = await registration(services, device)
        assert (found.wish, found.state) == (RegistrationWish.GONE, STATE.WITHDRAWN)


async def test_a_device_that_never_got_there_is_withdrawn_all_the_same(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        await services.devices.delete(device.mac)

        await send(services)

        assert fake.ours() == {}
        assert (await registration(services, device)).state is STATE.WITHDRAWN


async def test_three_stages_are_told_apart(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant):
        device = await put(services, snom(tenant))
        await send(services)
        (listed,) = (await services.inventory.show(device.mac))["redirection"]
        assert (listed["state"], listed["contacted_at"]) == ("confirmed", None)
        assert listed["listed_at"] is not None

        token = services.devices.bootstrap_token(device).reveal()
        answer = await boot(services, f"{token}/snomD785-000413000001.htm", user_agent=SNOM)
        await note(services, device, answer)
        assert await services.redirection.registrar.look_for_phones() == 1

        shown = await services.inventory.show(device.mac)
        (seen,) = shown["redirection"]
        assert seen["state"] == "seen"
        assert seen["contacted_at"] is not None
        assert shown["credentials"]["first_delivered_at"] is not None
        assert await services.redirection.registrar.look_for_phones() == 0


async def test_a_phone_is_seen_after_the_request_log_was_emptied(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant):
        device = await put(services, snom(tenant))
        await send(services)
        async with services.storage.transaction() as tx:
            await meta.put(tx, "redirect_seen", "1000000")

        token = services.devices.bootstrap_token(device).reveal()
        answer = await boot(services, f"{token}/snomD785-000413000001.htm", user_agent=SNOM)
        await note(services, device, answer)

        assert await services.redirection.registrar.look_for_phones() == 1


async def test_a_stranger_who_names_the_mac_is_not_taken_for_the_phone(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant):
        device = await put(services, snom(tenant))
        await send(services)

        answer = await ask(services, "snomD785-000413000001.htm", user_agent=SNOM)
        assert answer.status == 404
        await note(services, device, answer)

        assert await services.redirection.registrar.look_for_phones() == 0
        assert (await registration(services, device)).state is STATE.CONFIRMED


async def test_only_mac_serial_and_url_leave_and_the_device_says_to_whom(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant, serial="SN-77"))
        await send(services)
        await services.devices.delete(device.mac)
        shown = (await _disclosures(services, device.id))[::-1]
        await send(services)

        sent = b"\n".join(fake.sent).decode().lower()

    for private in (PASSWORD, "secret desk", "1001", "pbx.example.com", "acme", "d785", "sip"):
        assert private.lower() not in sent, private
    assert [(one["why"], one["what"]) for one in shown] == [("register", "mac, serial, url")]
    assert [one["why"] for one in await _disclosures(services, device.id)] == ["withdraw", "register"]
    assert all(one["recipient"] == "snom_sraps (127.0.0.1)" for one in shown)


async def _disclosures(services: Services, device_id: str) -> list[dict[str, object]]:
    async with services.storage.read() as tx:
        return await registrations.disclosures_of(tx, device_id, limit=9)


async def test_a_mac_of_somebody_else_fails_and_its_reseller_is_told(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant) as fake:
        fake.devices["000413000001"] = (OTHERS, "https://theirs.example.org/")
        device = await put(services, snom(tenant))
        await send(services)

    shown = await services.inventory.show(device.mac)
    (found,) = shown["redirection"]
    assert (found["state"], found["reason"]) == ("failed", "owned_by_another")
    assert found["said"] == "User lacks permission to endpoint"
    assert [event["kind"] for event in shown["events"]] == ["registration_failed"]
    assert fake.devices["000413000001"][0] == OTHERS


async def test_who_claims_too_many_macs_of_others_has_no_more_sent(settings: Settings, clock: FakeClock) -> None:
    strict = settings.model_copy(update={"redirect": settings.redirect.model_copy(update={"claims_a_day": 2})})
    async with running(strict, clock) as services:
        tenant, honest = await services.tenants.add("greedy"), await services.tenants.add("honest")
        async with account(services, None) as fake:
            for number in range(1, 4):
                fake.devices[f"000413{number:06x}"] = (OTHERS, "https://theirs.example.org/")
                await put(services, snom(tenant, number))
                await send(services)
            device = await put(services, snom(tenant, 4))
            await send(services)
            other = await put(services, snom(honest, 9))
            await send(services)

            assert (await registration(services, device)).reason == "quota"
            assert (await registration(services, other)).state is STATE.CONFIRMED


async def test_the_monitor_is_told_once_who_has_claimed_a_mac_of_others(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, None) as fake:
        for number in (1, 2):
            fake.devices[f"000413{number:06x}"] = (OTHERS, "https://theirs.example.org/")
        await services.devices.put([snom(tenant, number) for number in (1, 2, 3)])
        await send(services)

        found = await services.redirection.claims.news()

        assert {(event.words, event.tenant, event.mac) for event in found} == {
            (("claimed_elsewhere",), tenant.name, "000413000001"),
            (("claimed_elsewhere",), tenant.name, "000413000002"),
        }
        assert {event.address for event in found} == {"snom_sraps"}
        assert await services.redirection.claims.news() == []

        clock.advance_ms(1)
        (known,) = await services.redirection.accounts.list()
        await services.redirection.reconciliation.wish(known, again=True)
        await send(services)
        assert len(await services.redirection.claims.news()) == 2  # tried again, refused again
        for event in found:
            services.monitor.told(event)
        await services.monitor.work()  # it knows the word


async def test_a_service_that_is_down_loses_nothing_and_is_left_alone(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, tenant) as fake:
        fake.is_down = True
        found = await services.devices.put([snom(tenant, number) for number in range(1, 31)])
        before = len(fake.sent)
        for _ in range(24 * 6):  # a day, looked at every ten minutes
            await send(services)
            clock.advance_ms(10 * MINUTE_MS)
        assert len(fake.sent) - before < 24 * 6 + 40  # one probe at a time, after the first few
        assert fake.ours() == {}

        fake.is_down = False
        for _ in range(3):
            clock.advance_ms(HOUR_MS)
            await send(services)

        assert len(fake.ours()) == 30
        assert {(await registration(services, device)).state for device in found} == {STATE.CONFIRMED}
        assert fake.refusals == []


async def test_what_may_have_been_told_is_looked_up_and_not_told_twice(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))

        def entered_without_an_answer(request: web.Request) -> None:
            del request
            fake.devices[device.mac.value] = (US, url_of(services, device))

        await (await _client(services)).check_credentials()
        fake.faults.append(entered_without_an_answer)
        await send(services)
        assert (await registration(services, device)).state is STATE.SENT

        fake.calls.clear()
        clock.advance_ms(HOUR_MS)
        await send(services)

        assert [call.split()[0] for call in fake.calls] == ["GET"]
        found = await registration(services, device)
        assert (found.state, found.reason) == (STATE.CONFIRMED, "already_ours")


async def _client(services: Services):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a client
    async with services.storage.read() as tx:
        (known,) = await redirect_accounts.all_accounts(tx)
    return await services.redirection.registrar._clients.of(known)


async def test_what_a_killed_process_had_taken_is_done_by_the_next(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        fake.latency_s = 3600
        fake.reached.clear()
        task = asyncio.get_running_loop().create_task(send(services))
        await fake.reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        fake.latency_s = 0
        await send(services)
        assert (await registration(services, device)).state is STATE.SENT  # it is still leased

        clock.advance_ms(int(services.settings.redirect.lease_s * 1000) + 1)
        await send(services)

        assert (await registration(services, device)).state is STATE.CONFIRMED
        assert list(fake.ours()) == [device.mac.value]


async def test_a_turn_ends_so_that_other_accounts_are_noticed(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, tenant, per_s=2.0) as fake:
        await services.devices.put([snom(tenant, number) for number in range(1, 31)])
        (known,) = await services.redirection.accounts.list()

        turn = await services.redirection.registrar.work(known, until_ms=clock.wall_ms())

        assert turn == len(fake.ours()) == 10  # what five seconds at this pace allow


async def test_a_service_that_asks_for_time_gets_it(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    async with account(services, tenant) as fake:
        device = await put(services, snom(tenant))
        fake.faults.append(lambda _request: web.Response(status=429, headers={"Retry-After": "300"}))
        await send(services)
        sent = len(fake.sent)

        clock.advance_ms(299_000)
        await send(services)
        assert len(fake.sent) == sent

        clock.advance_ms(2_000)
        await send(services)
        assert (await registration(services, device)).state is STATE.CONFIRMED


async def test_half_answers_resets_and_junk_are_tried_again(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    async with account(services, tenant) as fake:
        devices = await services.devices.put([snom(tenant, number) for number in range(1, 11)])
        fake.faults.extend(
            [
                lambda _request: None,
                lambda _request: web.Response(text="<html>"),
                lambda _request: web.Response(status=500),
                lambda _request: web.Response(text="[1, 2"),
            ]
        )
        for _ in range(8):
            await send(services)
            clock.advance_ms(HOUR_MS)

        assert len(fake.ours()) == 10
        assert {(await registration(services, device)).state for device in devices} == {STATE.CONFIRMED}


async def test_a_pin_is_kept_sealed_shown_on_request_and_forgotten(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant, "yealink_ymcs") as fake:
        fake.pins["805ec0aabbcc"] = "4711-0815"  # type: ignore[attr-defined]  # of this fake
        device = await put(services, yealink(tenant))
        await send(services)

        known = await registration(services, device)
        pin = await services.redirection.views.pin(known)
        assert pin is not None
        assert pin.reveal() == "4711-0815"
        for file in services.storage.directory.glob("*.sqlite3*"):
            assert b"4711-0815" not in file.read_bytes()

        await services.devices.delete(device.mac)
        await send(services)
        assert await services.redirection.views.pin(known) is None


async def note(services: Services, device: Device, answer: Answer) -> None:
    """Have a request in the request log, as the listener would."""
    values: dict[str, object] = dict.fromkeys(REQUEST_COLUMNS, 0) | {
        "address": "",
        "method": "GET",
        "path": "/",
        "user_agent": SNOM,
        "device_id": device.id,
        "outcome": answer.outcome,
    }
    services.request_log.add(tuple(values.values()), firmware=None, is_device=False)
    await services.request_log.flush()


async def test_it_is_counted_by_service_outcome_and_result(services: Services, tenant: Tenant) -> None:
    async with account(services, tenant):
        await put(services, snom(tenant))
        await send(services)

    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(services.metrics.render().decode())
        for sample in family.samples
    }
    assert samples["provserver_redirect_outcomes_total", "registered", "snom_sraps"] == 1
    assert samples["provserver_outbound_call_seconds_count", "answered", "snom_sraps"] > 5


async def test_a_device_that_moves_to_another_tenant_takes_its_entry_along(services: Services, tenant: Tenant) -> None:
    beta = await services.tenants.add("beta")
    async with account(services, None) as fake:
        device = await put(services, snom(tenant))
        await send(services)
        await services.devices.delete(device.mac)
        moved = await put(services, snom(beta))
        await send(services)

        assert fake.ours() == {"000413000001": url_of(services, moved)}
        found = await registration(services, moved)
        assert (found.tenant_id, found.wish, found.state) == (beta.id, RegistrationWish.LISTED, STATE.CONFIRMED)
