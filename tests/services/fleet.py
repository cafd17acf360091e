"""Phones to test with: what is wanted of them, what they ask, and what the store says afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from provserver.app import Services, build
from provserver.domain.device import Credential, Device, Tenant, device_owner
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.services.requests.answers import Answer
from provserver.settings import Settings
from provserver.storage import credentials, keystore
from tests.clocks import FakeClock

BASE_URL = "https://prov.example.net"
PBX = Endpoint(host="pbx.example.com")
MAC = MacAddress("805ec0aabbcc")
PASSWORD = "s3cret-of-line-1"
AGENT = f"Yealink SIP-T54W 96.86.0.70 {MAC.value}"
OFFICE = "192.0.2.10"
FIELD = "line.1.password"
_TABLES = ("device", "line", "setting", "credential", "site", "audit", "change")


@asynccontextmanager
async def running(settings: Settings, clock: FakeClock) -> AsyncIterator[Services]:
    """The services of a process, with the writer of the request path."""
    async with build(settings, actor="tests", clock=clock) as services, asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(services.storage.group.run())
        yield services
        writer.cancel()


def line(number: int = 1, **fields: Any) -> Line:  # noqa: ANN401 - any field of Line
    usual: dict[str, Any] = {"number": number, "user_name": f"100{number}", "registrar": PBX}
    return Line(**usual | fields)


def yealink(tenant: Tenant, number: int | None = None, **fields: Any) -> Wanted:  # noqa: ANN401 - any field of Wanted
    """A T54W with one line and its password; *number* gives it a MAC of its own."""
    usual: dict[str, Any] = {
        "tenant": tenant,
        "mac": MAC if number is None else MacAddress(f"805ec0{number:06x}"),
        "model": "T54W",
        "lines": (line(),),
        "passwords": {1: Secret(PASSWORD)},
    }
    return Wanted(**usual | fields)


async def put(services: Services, wanted: Wanted, **more: Any) -> Device:  # noqa: ANN401 - see Devices.put
    (device,) = await services.devices.put([wanted], **more)
    return device


async def ask(services: Services, file: str | None = None, *, mac: MacAddress = MAC, **more: Any) -> Answer:  # noqa: ANN401 - any field of ProvRequest
    """What the phone gets; its own configuration unless *file* names another."""
    usual = {"path": f"/{file or f'{mac}.cfg'}", "user_agent": AGENT.replace(MAC.value, mac.value), "address": OFFICE}
    request = ProvRequest(**usual | more)
    return await services.provisioning.answer(request)


async def boot(services: Services, file: str | None = None, *, mac: MacAddress = MAC, **more: Any) -> Answer:  # noqa: ANN401 - see `ask`
    """Ask, and take the whole answer."""
    answer = await ask(services, file, mac=mac, **more)
    assert answer.status == 200, answer.reason
    if answer.delivery is not None:
        await services.deliveries.complete(answer.delivery, file or f"{mac}.cfg")
    return answer


def lasting_url(services: Services, device: Device) -> str:
    """The folder of the device's lasting URL, as its phone has learnt it."""
    return services.provisioning._tokens.lasting(device.id, device.tokens.generation)


async def owned(services: Services, device: Device) -> dict[str, Credential]:
    """The credentials in the store of a device, by field."""
    return await owned_by(services, device_owner(device.id))


async def password_of(services: Services, device: Device) -> Credential:
    """The credential of the first line's password."""
    return (await owned(services, device))[FIELD]


async def owned_by(services: Services, owner: str) -> dict[str, Credential]:
    async with services.storage.read() as tx:
        return {c.field: c for c in await credentials.credentials_of(tx, [owner])}


async def data_keys(services: Services) -> set[str]:
    """The ids of all data keys that exist."""
    async with services.storage.read("keystore") as tx:
        return set(await keystore.key_ids_after(tx, "", limit=1_000_000))


async def audit_actions(services: Services) -> list[str]:
    """What was done, in its order; that the trail was anchored is none of it."""
    query = "SELECT action FROM audit WHERE action <> 'audit.anchored' ORDER BY seq"
    async with services.storage.read() as tx:
        return list((await tx.exec_driver_sql(query)).scalars())


async def last_audit(services: Services) -> dict[str, Any]:
    """The newest entry of the audit trail."""
    async with services.storage.read() as tx:
        rows = await tx.exec_driver_sql("SELECT actor, action, object, tenant_id, detail FROM audit ORDER BY seq DESC")
        return dict(rows.mappings().first() or {})


async def count(services: Services, table: str) -> int:
    async with services.storage.read() as tx:
        return int((await tx.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - our own tables


async def state(services: Services) -> dict[str, int]:
    """How many rows of everything there are, data keys too."""
    return {table: await count(services, table) for table in _TABLES} | {"keys": len(await data_keys(services))}
