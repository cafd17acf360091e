"""Devices come back as they went in, are found by what people know of them, and belong to one tenant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provserver.domain.device import Tokens
from provserver.domain.line import Endpoint, Transport
from provserver.domain.mac import MacAddress
from provserver.errors import StorageError
from provserver.storage import devices, tenants
from provserver.storage.database import Storage
from tests.storage.rows import device, line, store, tenant


async def search(storage: Storage, *words: str, tenant_id: str | None = None, limit: int = 100) -> list[str]:
    async with storage.read() as tx:
        found = await devices.search_devices(tx, words, tenant_id=tenant_id, limit=limit)
    return [one.id for one in found]


async def test_what_is_written_is_read_back(storage: Storage) -> None:
    full = device(
        1,
        site_id="s1",
        tokens=Tokens(generation=3, lasting=b"l", previous=b"p", bootstrap=b"b", lasting_used_at=9),
        locked_at=1,
        lock_reason="stolen",
        armed_until=2,
        provisioned_at=3,
        provisioned_prefix="192.0.2.0/24",
        needs_password_at=4,
    )
    await store(storage, tenants_=(tenant(),))
    async with storage.transaction() as tx:
        await tenants.insert_site(tx, site_id="s1", tenant_id="tenant-acme", name="London")
        await devices.insert_devices(tx, [full])

        assert await devices.find_device(tx, full.mac) == full
        assert await devices.mac_of(tx, "device-1") == full.mac.value

        changed = replace(full, site_id=None, model=None, locked_at=None, description="")
        await devices.update_device(tx, changed)
        assert await devices.find_device(tx, full.mac) == changed


async def test_another_tenants_device_is_not_found(storage: Storage) -> None:
    await store(storage, tenants_=(tenant(), tenant("other")), devices_=(device(1),))

    async with storage.read() as tx:
        assert await devices.find_device(tx, device(1).mac, tenant_id="tenant-acme") == device(1)
        assert await devices.find_device(tx, device(1).mac, tenant_id="tenant-other") is None
        assert await devices.find_device(tx, device(2).mac) is None
        assert await devices.mac_of(tx, "device-2") is None


async def test_a_mac_is_there_once(storage: Storage) -> None:
    await store(storage, tenants_=(tenant(), tenant("other")), devices_=(device(1),))

    with pytest.raises(StorageError):
        await store(storage, devices_=(device(2, mac=device(1).mac, tenant_id="tenant-other"),))


async def test_owners_of_many_macs_are_found_whoever_they_are(storage: Storage) -> None:
    await store(
        storage, tenants_=(tenant(), tenant("other")), devices_=(device(1), device(2, tenant_id="tenant-other"))
    )
    macs = [device(number).mac for number in range(1, 1202)]

    async with storage.read() as tx:
        found = await devices.owners_of(tx, macs)

    assert {mac: one.tenant_id for mac, one in found.items()} == {
        macs[0].value: "tenant-acme",
        macs[1].value: "tenant-other",
    }


async def test_lines_are_replaced_as_a_whole(storage: Storage) -> None:
    full = line(
        2,
        label="Anna",
        display_name="Anna B",
        auth_name="auth",
        registrar=Endpoint(host="2001:db8::1", port=5061, transport=Transport.TLS),
        backup_registrar=Endpoint(host="b.example.com", transport=Transport.DNS),
        outbound_proxy=Endpoint(host="192.0.2.1", port=5070, transport=Transport.TCP),
        expires_s=120,
        voicemail="*97",
    )
    await store(storage, tenants_=(tenant(),), devices_=(device(1), device(2)))
    async with storage.transaction() as tx:
        await devices.replace_lines(tx, {"device-1": [full, line(1)], "device-2": [line(1)]})
        assert await devices.lines_of(tx, "device-1") == (line(1), full)

        await devices.replace_lines(tx, {"device-1": [line(3)]})
        assert await devices.lines_of(tx, "device-1") == (line(3),)
        assert await devices.lines_of(tx, "device-2") == (line(1),)


async def test_a_removed_device_takes_its_lines_along(storage: Storage) -> None:
    await store(storage, tenants_=(tenant(),), devices_=(device(1), device(2)))
    async with storage.transaction() as tx:
        await devices.replace_lines(tx, {"device-1": [line(1)], "device-2": [line(1)]})
        await devices.delete_device(tx, "device-1")

        assert await devices.find_device(tx, device(1).mac) is None
        assert await devices.lines_of(tx, "device-1") == ()
        assert await devices.lines_of(tx, "device-2") == (line(1),)


async def test_a_buried_token_is_remembered_once(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await devices.bury_tokens(tx, "device-1", [b"one", None, b"two"], at_ms=1)
        await devices.bury_tokens(tx, "device-1", [b"one", None], at_ms=2)
        rows = (await tx.exec_driver_sql("SELECT fingerprint, died_at FROM dead_token ORDER BY fingerprint")).all()

    assert [tuple(row) for row in rows] == [(b"one", 1), (b"two", 1)]


@pytest.fixture
async def fleet(storage: Storage) -> Storage:
    """Six devices of two tenants."""
    await store(
        storage,
        tenants_=(tenant(), tenant("other")),
        devices_=(
            device(1, description="100% Anna", model="T54W"),
            device(2, description="100 percent", model="T46U"),
            device(3, description="desk_3", vendor="snom", model="D785"),
            device(4, description="deskX3", model=None),
            device(5, description="back\\slash"),
            device(6, description="100% Otto", tenant_id="tenant-other"),
        ),
    )
    async with storage.transaction() as tx:
        await tenants.insert_site(tx, site_id="s1", tenant_id="tenant-acme", name="London")
        await devices.update_device(tx, device(4, description="deskX3", model=None, site_id="s1"))
        await devices.replace_lines(
            tx, {"device-2": [line(1, user_name="4711", label="Reception", display_name="Front", auth_name="auth_x")]}
        )
    return storage


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["device-1", "device-2", "device-3", "device-4", "device-5", "device-6"]),
        (["100%"], ["device-1", "device-6"]),
        (["desk_3"], ["device-3"]),
        (["\\"], ["device-5"]),
        (["%%"], []),
        (["_______"], []),
        (["805ec0000002"], ["device-2"]),
        (["80:5E:C0:00:00:02"], ["device-2"]),
        (["00-00-02"], ["device-2"]),
        (["T46"], ["device-2"]),
        (["snom"], ["device-3"]),
        (["london"], ["device-4"]),
        (["4711"], ["device-2"]),
        (["Reception"], ["device-2"]),
        (["Front"], ["device-2"]),
        (["auth_x"], ["device-2"]),
        (["authyx"], []),
        (["100", "anna"], ["device-1"]),
        (["T46", "Reception", "percent"], ["device-2"]),
        (["anna", "otto"], []),
        (["' OR 1=1 --"], []),
    ],
)
async def test_every_word_is_searched_as_it_stands(fleet: Storage, words: list[str], expected: list[str]) -> None:
    assert await search(fleet, *words) == expected


async def test_a_tenant_finds_its_own(fleet: Storage) -> None:
    assert await search(fleet, "100%", tenant_id="tenant-acme") == ["device-1"]
    assert await search(fleet, "100%", tenant_id="tenant-other") == ["device-6"]
    assert await search(fleet, "100%", tenant_id="tenant-nobody") == []


async def test_what_is_found_is_bounded_and_sorted_by_mac(fleet: Storage) -> None:
    assert await search(fleet, limit=2) == ["device-1", "device-2"]


async def test_a_mac_is_canonical_in_the_store(storage: Storage) -> None:
    await store(storage, tenants_=(tenant(),), devices_=(device(1, mac=MacAddress.parse("80:5E:C0:AA:BB:CC")),))

    async with storage.read() as tx:
        assert (await tx.exec_driver_sql("SELECT mac FROM device")).scalar_one() == "805ec0aabbcc"
