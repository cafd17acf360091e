"""Pieces of work that are cut short, by name: a process of its own does them, so they are told by name only."""

from __future__ import annotations

from provserver.app import Services
from provserver.domain.device import Device
from provserver.domain.vendor import UploadRule
from tests.clocks import DAY_MS
from tests.pieces import pieces
from tests.system.cut import Work
from tests.system.fleet import Wish, mac_of, put_phones

SECOND_PASSWORD = "second-0f4b2c-password"
UPLOADED = b"account.1.password = typed-at-the-phone-77"
RULE = UploadRule(name="local", pattern="{mac}-local.cfg", may_hold_credentials=True, source="test", confidence="H")


async def delete_what_is_due(services: Services) -> None:
    """What the server does sixteen days later."""
    await services.retention.run(at_ms=services.context.clock.now_ms() + 16 * DAY_MS)


async def put(services: Services) -> None:
    """A device that is there gets a new password, and another one is added."""
    tenant = await services.tenants.get("demo")
    wishes = [Wish(number=1, password=SECOND_PASSWORD), Wish(number=99, password=SECOND_PASSWORD)]
    await put_phones(services, tenant, wishes)


async def upload(services: Services) -> None:
    """A phone leaves a file in place of one that it left before."""
    device = await services.devices.get(mac_of(1))
    assert await left(services, device, f"{device.mac}-local.cfg", UPLOADED)


async def left(services: Services, device: Device, name: str, content: bytes) -> bool:
    """Leave *content* as a phone does; whether it was kept."""
    uploads = services.provisioning._uploads
    received = await uploads.receive(device, name, pieces(content), rule=RULE)
    return received is not None and await uploads.keep(received)


WORKS: dict[str, Work] = {"retention": delete_what_is_due, "put": put, "upload": upload}
