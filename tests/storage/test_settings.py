"""Settings, tenants, sites and single values come back as they went in."""

from __future__ import annotations

import pytest

from provserver.domain.device import ReleasePolicy
from provserver.errors import StorageError
from provserver.storage import events, meta, settings, tenants
from provserver.storage.database import Storage
from tests.storage.rows import store, tenant


async def test_settings_belong_to_their_owner(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await settings.put_settings(tx, "tenant:1", {"vlan_id": "20", "lldp": "on"}, at_ms=5)
        await settings.put_settings(tx, "tenant:2", {"vlan_id": "30"}, at_ms=9)

        assert await settings.settings_of(tx, ["tenant:1", "tenant:3"]) == {"tenant:1": {"vlan_id": "20", "lldp": "on"}}
        assert await settings.newest_change(tx, ["tenant:1"]) == 5
        assert await settings.newest_change(tx, ["tenant:1", "tenant:2"]) == 9
        assert await settings.newest_change(tx, ["tenant:3"]) == 0


async def test_a_value_replaces_none_removes_and_others_stay(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await settings.put_settings(tx, "tenant:1", {"vlan_id": "20", "lldp": "on", "ice": "on"}, at_ms=5)
        await settings.put_settings(tx, "tenant:1", {"vlan_id": "21", "lldp": None, "absent": None}, at_ms=6)

        assert await settings.settings_of(tx, ["tenant:1"]) == {"tenant:1": {"vlan_id": "21", "ice": "on"}}


async def test_many_owners_and_many_names_are_written_in_pieces(storage: Storage) -> None:
    values = {f"key.{number}": "dnd" for number in range(1, 1202)}
    owners = [f"device:{number}" for number in range(1201)]
    async with storage.transaction() as tx:
        await settings.put_many(tx, {owners[0]: values} | {owner: {"lldp": "on"} for owner in owners[1:]}, at_ms=1)
        await settings.put_many(tx, {owners[0]: values}, at_ms=2)

        found = await settings.settings_of(tx, owners)
    assert found[owners[0]] == values
    assert len(found) == 1201


async def test_an_owner_who_is_gone_leaves_nothing(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await settings.put_many(tx, {"device:1": {"lldp": "on"}, "device:2": {"lldp": "on"}}, at_ms=1)
        await settings.forget_owner(tx, "device:1")

        assert list(await settings.settings_of(tx, ["device:1", "device:2"])) == ["device:2"]


async def test_tenants_come_back_as_they_went_in(storage: Storage) -> None:
    strict = tenant("strict", policy=ReleasePolicy.STRICT, window_ms=1, retention_ms=2)
    await store(storage, tenants_=(strict, tenant()))
    async with storage.transaction() as tx:
        assert await tenants.find_tenant(tx, "strict") == strict
        assert await tenants.get_tenant(tx, strict.id) == strict
        assert await tenants.find_tenant(tx, "nobody") is None
        assert await tenants.all_tenants(tx) == [tenant(), strict]

        await tenants.update_tenant(tx, tenant("strict", window_ms=7))
        assert await tenants.find_tenant(tx, "strict") == tenant("strict", window_ms=7)


async def test_a_name_is_used_once(storage: Storage) -> None:
    await store(storage, tenants_=(tenant(),))

    with pytest.raises(StorageError):
        await store(storage, tenants_=(tenant(id="another"),))


async def test_sites_belong_to_a_tenant(storage: Storage) -> None:
    await store(storage, tenants_=(tenant(), tenant("other")))
    async with storage.transaction() as tx:
        await tenants.insert_site(tx, site_id="s1", tenant_id="tenant-acme", name="London")
        await tenants.insert_site(tx, site_id="s2", tenant_id="tenant-other", name="London")

        assert await tenants.site_ids(tx, "tenant-acme") == {"London": "s1"}
        assert await tenants.site_name(tx, "s2") == "London"
        assert await tenants.site_name(tx, None) is None

    with pytest.raises(StorageError):
        async with storage.transaction() as tx:
            await tenants.insert_site(tx, site_id="s3", tenant_id="tenant-acme", name="London")
    with pytest.raises(StorageError):
        async with storage.transaction() as tx:
            await tenants.insert_site(tx, site_id="s4", tenant_id="tenant-nobody", name="Paris")


async def test_a_single_value_is_replaced(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await meta.get(tx, "x") is None
        await meta.put(tx, "x", "1")
        await meta.put(tx, "x", "2")
        assert await meta.get(tx, "x") == "2"


async def test_events_are_shown_newest_first_and_forgotten_when_old(storage: Storage) -> None:
    for at in (1, 2, 3):
        storage.group.write_soon(
            [
                (
                    events.ADD_EVENT,
                    events.ADD_EVENT.bind(tenant_id="t", device_id="d1", at=at, kind="needs_password", detail=f"{at}"),
                )
            ]
        )
    await storage.group.flush()

    async with storage.transaction() as tx:
        found = await events.events_of(tx, "d1", limit=2)
        assert [(event["at"], event["kind"], event["detail"]) for event in found] == [
            (3, "needs_password", "3"),
            (2, "needs_password", "2"),
        ]
        assert await events.events_of(tx, "d2", limit=2) == []
        await events.forget_old(tx, before_ms=3)
        assert [event["at"] for event in await events.events_of(tx, "d1", limit=9)] == [3]
