"""Accounts at redirection services on loopback, and what the store says of the devices there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount, Registration
from provserver.redirect.catalogue import SERVICES
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.storage import registrations
from tests.redirect.fakes.all import FAKES
from tests.redirect.fakes.service import FakeService, serving
from tests.redirect.recordings import FIELDS, secrets_of
from tests.services.fleet import PASSWORD, line


@asynccontextmanager
async def account(
    services: Services,
    tenant: Tenant | None,
    slug: str = "snom_sraps",
    **more: Any,  # noqa: ANN401 - see RedirectAccounts.add
) -> AsyncIterator[FakeService]:
    """A service that the tenant has an account at."""
    async with serving(FAKES[slug]()) as fake:
        await add_account(services, tenant, slug, fake, **more)
        yield fake


async def add_account(
    services: Services,
    tenant: Tenant | None,
    slug: str,
    fake: FakeService,
    **more: Any,  # noqa: ANN401 - see RedirectAccounts.add
) -> RedirectAccount:
    accounts = services.redirection.accounts
    service = SERVICES[slug]
    return await accounts.add(
        slug,
        {name: FIELDS[name] for name in service.fields},
        secrets_of(service),
        tenant=tenant,
        endpoint=fake.endpoint,
        **{"per_s": 1000.0} | more,
    )


def snom(tenant: Tenant, number: int = 1, **fields: Any) -> Wanted:  # noqa: ANN401 - any field of Wanted
    """A D785 with one line, its password, and a description."""
    usual: dict[str, Any] = {
        "tenant": tenant,
        "mac": MacAddress(f"000413{number:06x}"),
        "model": "D785",
        "description": f"Secret Desk {number}",
        "lines": (line(),),
        "passwords": {1: Secret(PASSWORD)},
    }
    return Wanted(**usual | fields)


async def registration(services: Services, device: Device) -> Registration:
    """The one registration of a device."""
    async with services.storage.read() as tx:
        (found,) = (await registrations.of_macs(tx, [device.mac.value]))[device.mac.value]
    return found


def url_of(services: Services, device: Device) -> str:
    """The URL that its maker is to send *device* to."""
    return f"{services.settings.phone.url}/{services.devices.bootstrap_token(device).reveal()}/"


async def send(services: Services) -> None:
    """Let the registrar do everything that it can do now."""
    await services.redirection.registrar.run()
