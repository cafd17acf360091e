"""At every service: devices are entered, a phone that is sent here by it boots, and all are taken out again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import stamina

from provserver.app import Services
from provserver.domain.boot import Account, Reply, SimulatedPhone
from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.domain.provisioning_url import resolve
from provserver.domain.registration import RegistrationState
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import Vendor
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.protocol import Ability
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.settings import Settings, VendorSettings
from provserver.vendors import load_vendors
from tests.clocks import FakeClock
from tests.local.folder import write_maker
from tests.redirect.fakes.all import MACS
from tests.services.fleet import OFFICE, PASSWORD, line, running
from tests.services.redirection import account, registration, send, url_of

DEVICES = 5
MAKERS = {vendor.slug for vendor in load_vendors()}
BUILT_IN = [slug for slug, service in SERVICES.items() if not service.hosts and service.maker in MAKERS]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


async def put(services: Services, tenant: Tenant, maker: Vendor, *, serial: str | None) -> list[Device]:
    wanted = [
        Wanted(
            tenant=tenant,
            mac=MacAddress(f"{MACS[maker.slug]}{number:06x}"),
            vendor=maker.slug,
            model=maker.simulation.model,
            serial=serial,
            lines=(line(),),
            passwords={1: Secret(PASSWORD)},
        )
        for number in range(1, DEVICES + 1)
    ]
    return await services.devices.put(wanted)


async def play(services: Services, maker: Vendor, mac: MacAddress, url: str) -> tuple[Account, ...]:
    """Boot a phone that its maker has sent to *url*, in which it has put its own MAC."""
    phone = SimulatedPhone(mac=mac, model=maker.simulation.model, firmware=maker.simulation.firmware)
    for placeholder, value in (("$mac", mac.value), ("%MACD", mac.upper), ("{MAC}", mac.upper)):
        url = url.replace(placeholder, value)
    script = maker.simulation.boot(phone)
    fetch = next(script)
    while True:
        where = urlsplit(resolve(url, fetch.file))
        answer = await services.provisioning.answer(
            ProvRequest(
                path=where.path, query=where.query, user_agent=maker.simulation.user_agent(phone), address=OFFICE
            )
        )
        if answer.delivery is not None:
            await services.deliveries.complete(answer.delivery, fetch.file)
        try:
            fetch = script.send(Reply(404 if fetch.method != "GET" else answer.status, answer.body))
        except StopIteration as end:
            accounts: tuple[Account, ...] = end.value.accounts
            return accounts


@pytest.mark.parametrize("slug", BUILT_IN)
async def test_phones_of_every_service_are_entered_boot_and_are_taken_out(
    services: Services, tenant: Tenant, slug: str
) -> None:
    service = SERVICES[slug]
    maker = services.catalogue.vendors[service.maker]
    async with account(services, tenant, slug) as fake:
        devices = await put(services, tenant, maker, serial="SN1" if service.needs_serial else None)
        await send(services)
        assert set(fake.ours()) == {device.mac.value for device in devices}
        assert {(await registration(services, device)).state for device in devices} == {RegistrationState.CONFIRMED}

        if service.can(Ability.OWN_URL):
            first = devices[0].mac
            (booted,) = await play(services, maker, first, fake.ours()[first.value])
            assert booted.password == PASSWORD

        for device in devices:
            await services.devices.delete(device.mac)
        await send(services)
        states = {(await registration(services, device)).state for device in devices}
        if service.can(Ability.WITHDRAW):
            assert (fake.ours(), states) == ({}, {RegistrationState.WITHDRAWN})
        else:
            assert states == {RegistrationState.FAILED}  # and says that it has to be done in the portal
        assert fake.refusals == []


async def test_two_processes_share_the_queue_and_tell_nothing_twice(services: Services, tenant: Tenant) -> None:
    """A command works beside the server, on the same queue."""
    maker = services.catalogue.vendors["yealink"]
    async with account(services, tenant, "yealink_rps") as fake:
        await put(services, tenant, maker, serial=None)
        registrar = services.redirection.registrar
        (known,) = await services.redirection.accounts.list()

        ended = await asyncio.gather(registrar.work(known), registrar.work(known))

        assert sum(ended) == DEVICES
        assert fake.calls.count("redirect.registerDeviceWithUniqueUrl") == DEVICES


async def test_a_service_takes_devices_of_an_operators_own_maker(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    write_maker(tmp_path / "makers", slug="auerswald")
    with_makers = settings.model_copy(update={"vendors": VendorSettings(folder=tmp_path / "makers")})
    async with running(with_makers, clock) as services:
        tenant = await services.tenants.add("acme")
        async with account(services, tenant, "auerswald") as fake:
            wanted = Wanted(
                tenant=tenant,
                mac=MacAddress("00005e005301"),
                vendor="auerswald",
                lines=(line(),),
                passwords={1: Secret(PASSWORD)},
            )
            (device,) = await services.devices.put([wanted])
            await send(services)
            assert fake.ours() == {device.mac.value: url_of(services, device)}

            await services.devices.delete(device.mac)
            await send(services)
            assert fake.ours() == {}
