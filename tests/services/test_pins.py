"""Pinned versions become the firmware setting, in the order in which settings are inherited."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from provserver.app import Services
from provserver.domain.assets import AssetKind, is_in
from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.errors import InvalidValue, NotFound
from provserver.services.filestore.assets import Version
from provserver.services.filestore.pins import Target
from tests.services.fleet import MAC, ask, put, yealink

BY_HAND = "https://firmware.example.com/by-hand.rom"


def version(number: str, *, model: str | None = None, tenant: Tenant | None = None) -> Version:
    return Version(vendor="yealink", kind=AssetKind.FIRMWARE, version=number, model=model, tenant=tenant)


@pytest.fixture
async def device(services: Services, tenant: Tenant) -> Device:
    return await put(services, yealink(tenant, site="HQ"))


@pytest.fixture(autouse=True)
async def kept(services: Services, tmp_path: Path) -> None:
    """Firmware 1 to 5 for all of the maker's models, each one file."""
    for number in range(1, 6):
        await keep(services, tmp_path, version(str(number)), f"{number}.rom")


async def keep(services: Services, tmp_path: Path, wanted: Version, name: str) -> None:
    content = name.encode()
    (tmp_path / name).write_bytes(content)
    await services.assets.add(tmp_path / name, wanted, sha256=hashlib.sha256(content).hexdigest())


async def firmware(services: Services, mac: MacAddress = MAC) -> str | None:
    """The file that the device is told of, as its configuration says."""
    text = (await ask(services, f"{mac}.cfg", mac=mac)).body.decode()
    found = [line for line in text.splitlines() if line.startswith("static.firmware.url")]
    return found[0].rpartition("/")[2] if found else None


async def test_the_nearest_pin_wins(services: Services, tenant: Tenant, device: Device) -> None:
    targets = [
        Target(),
        Target(tenant=tenant),
        Target(tenant=tenant, site="HQ"),
        Target(tenant=tenant, model="T54W"),
        Target(device=device.mac),
    ]
    assert await firmware(services) is None

    for number, target in enumerate(targets, start=1):
        await services.pins.pin(version(str(number)), target)
        assert await firmware(services) == f"{number}.rom"

    for number, target in reversed(list(enumerate(targets, start=1))):
        assert await firmware(services) == f"{number}.rom"
        await services.pins.unpin("yealink", AssetKind.FIRMWARE, target)
    assert await firmware(services) is None


async def test_what_is_set_by_hand_stands_against_pins_as_near_or_farther(
    services: Services, tenant: Tenant, device: Device
) -> None:
    await services.pins.pin(version("1"), Target(tenant=tenant))
    await services.tenants.set_shared({"firmware_url": BY_HAND}, {}, tenant=tenant)
    assert await firmware(services) == "by-hand.rom"

    await services.pins.pin(version("2"), Target(tenant=tenant, site="HQ"))
    assert await firmware(services) == "2.rom"

    await services.pins.pin(version("3"), Target(device=device.mac))
    await services.edits.change(device.mac, {"firmware_url": BY_HAND}, {})
    assert await firmware(services) == "by-hand.rom"


async def test_a_roll_out_reaches_the_same_devices_and_more(services: Services, tenant: Tenant) -> None:
    macs = [MacAddress(f"805ec0{number:06x}") for number in range(1, 25)]
    await services.devices.put([yealink(tenant, mac=mac) for mac in macs])
    await services.pins.pin(version("1"), Target(tenant=tenant))
    reached: set[MacAddress] = set()

    for percent in (0, 10, 50, 100):
        pin = await services.pins.pin(version("2"), Target(tenant=tenant), percent=percent)
        got = {mac: await firmware(services, mac) for mac in macs}
        now = {mac for mac in macs if got[mac] == "2.rom"}
        assert now == {mac for mac in macs if is_in(mac, pin.choice.bundle.id, percent)}
        assert {got[mac] for mac in set(macs) - now} <= {"1.rom"}
        assert reached <= now
        reached = now

    assert reached == set(macs)


async def test_a_second_roll_out_in_a_first_leaves_the_rest_what_all_had(
    services: Services, tenant: Tenant, device: Device
) -> None:
    del device
    await services.pins.pin(version("1"), Target(tenant=tenant))
    await services.pins.pin(version("2"), Target(tenant=tenant), percent=0)
    await services.pins.pin(version("3"), Target(tenant=tenant), percent=0)

    assert await firmware(services) == "1.rom"


async def test_a_version_for_one_model_is_for_its_devices_only(
    services: Services, tenant: Tenant, device: Device, tmp_path: Path
) -> None:
    del device
    await put(services, yealink(tenant, 7, model="T46U"))
    await keep(services, tmp_path, version("6", model="T54W"), "6.rom")
    await services.pins.pin(version("1"), Target(tenant=tenant))
    await services.pins.pin(version("6", model="T54W"), Target(tenant=tenant))

    assert await firmware(services) == "6.rom"
    assert await firmware(services, MacAddress("805ec0000007")) == "1.rom"


async def test_tenants_pins_are_their_own(services: Services, tenant: Tenant, device: Device, tmp_path: Path) -> None:
    del device
    rival = await services.tenants.add("rival")
    await keep(services, tmp_path, version("9", tenant=rival), "9.rom")

    for target in (Target(), Target(tenant=tenant), Target(device=MAC)):
        with pytest.raises(InvalidValue, match="belongs to one tenant"):
            await services.pins.pin(version("9", tenant=rival), target)
    await services.pins.pin(version("9", tenant=rival), Target(tenant=rival))
    with pytest.raises(NotFound):
        await services.pins.pin(version("1"), Target(tenant=rival, device=MAC))

    assert await firmware(services) is None


async def test_a_firmware_of_several_files_needs_one_that_phones_are_told_of(
    services: Services, tenant: Tenant, device: Device, tmp_path: Path
) -> None:
    del device
    await keep(services, tmp_path, version("1"), "1-handset.rom")

    with pytest.raises(InvalidValue, match="file: is needed"):
        await services.pins.pin(version("1"), Target(tenant=tenant))
    with pytest.raises(InvalidValue, match="is not one of"):
        await services.pins.pin(version("1"), Target(tenant=tenant), file="2.rom")
    await services.pins.pin(version("1"), Target(tenant=tenant), file="1-handset.rom")

    assert await firmware(services) == "1-handset.rom"


async def test_what_is_not_there_cannot_be_pinned(services: Services, tenant: Tenant) -> None:
    for wanted, target in (
        (version("77"), Target()),
        (version("1"), Target(tenant=tenant, site="Nowhere")),
        (version("1"), Target(device=MacAddress("805ec0ffffff"))),
    ):
        with pytest.raises(NotFound):
            await services.pins.pin(wanted, target)
    with pytest.raises(NotFound):
        await services.pins.unpin("yealink", AssetKind.FIRMWARE, Target(tenant=tenant))
    for percent in (-1, 101):
        with pytest.raises(InvalidValue, match="percent"):
            await services.pins.pin(version("1"), Target(), percent=percent)
    assert await services.pins.list() == []


async def test_a_pin_goes_with_its_device(services: Services, device: Device) -> None:
    await services.pins.pin(version("1"), Target(device=device.mac))

    await services.devices.delete(device.mac)

    assert await services.pins.list() == []


async def test_other_kinds_do_not_touch_the_firmware(
    services: Services, tenant: Tenant, device: Device, tmp_path: Path
) -> None:
    del device
    ring = Version(vendor="yealink", kind=AssetKind.RINGTONE, version="1")
    await keep(services, tmp_path, ring, "ring.wav")
    await services.pins.pin(ring, Target(tenant=tenant))
    assert await firmware(services) is None

    await services.pins.pin(version("1"), Target(tenant=tenant))
    assert await firmware(services) == "1.rom"


async def test_people_see_the_firmware_that_the_phone_is_told(services: Services, device: Device) -> None:
    await services.pins.pin(version("4"), Target(device=device.mac))

    shown = await services.inventory.render(device.mac, f"{device.mac}.cfg")

    assert b"/4.rom" in shown
