"""Putting devices: new ones are added, own ones are brought up to date, all of them or none."""

from __future__ import annotations

from typing import Any

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant, device_owner
from provserver.domain.mac import MacAddress
from provserver.errors import Conflict, InvalidValue, ProvserverError
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.storage import devices, settings, tenants
from tests.clocks import DAY_MS, START_MS, FakeClock
from tests.services.fleet import (
    MAC,
    PASSWORD,
    ask,
    audit_actions,
    boot,
    count,
    data_keys,
    lasting_url,
    line,
    owned,
    put,
    state,
    yealink,
)


async def refused(services: Services, *wanted: Wanted, only_new: bool = False) -> ProvserverError:
    """Put it, see it refused with one line, and the store as it was."""
    before = await state(services)
    with pytest.raises((InvalidValue, Conflict)) as refusal:
        await services.devices.put(wanted, only_new=only_new)
    assert await state(services) == before
    assert "\n" not in str(refusal.value)
    assert PASSWORD not in str(refusal.value)
    return refusal.value


async def test_a_new_device_has_its_lines_settings_site_and_sealed_password(services: Services, tenant: Tenant) -> None:
    wanted = yealink(
        tenant,
        description="Reception",
        site="London",
        lines=(line(1, label="Anna"), line(2)),
        settings={"vlan_id": "20", "key.2": "blf 1002"},
        secret_settings={"admin_password": Secret("adm1n")},
    )

    device = await put(services, wanted)

    assert await services.devices.get(MAC) == device
    assert (device.vendor, device.model, device.description) == ("yealink", "T54W", "Reception")
    assert (device.armed_until, device.provisioned_at) == (START_MS + 7 * DAY_MS, None)
    assert device.tokens.generation == 1
    async with services.storage.read() as tx:
        assert await devices.lines_of(tx, device.id) == wanted.lines
        owner = device_owner(device.id)
        assert (await settings.settings_of(tx, [owner]))[owner] == dict(wanted.settings)
        assert await tenants.site_name(tx, device.site_id) == "London"
    assert set(await owned(services, device)) == {"line.1.password", "setting.admin_password"}
    assert await audit_actions(services) == ["tenant.added", "device.put"]


async def test_no_file_holds_the_password(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, secret_settings={"admin_password": Secret("adm1n-marked")}))

    for file in services.storage.directory.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert PASSWORD.encode() not in content, file
        assert b"adm1n-marked" not in content, file


async def test_a_device_is_brought_up_to_date(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    first = await put(
        services, yealink(tenant, description="old", site="London", settings={"vlan_id": "20", "ice": "on"})
    )
    clock.advance_days(1)

    second = await put(
        services,
        Wanted(tenant=tenant, mac=MAC, description="new", settings={"vlan_id": "21", "ice": None, "lldp": "on"}),
    )

    assert (second.id, second.tokens, second.created_at) == (first.id, first.tokens, first.created_at)
    assert (second.description, second.model, second.site_id) == ("new", "T54W", first.site_id)
    assert second.updated_at == START_MS + DAY_MS
    async with services.storage.read() as tx:
        owner = device_owner(first.id)
        assert (await settings.settings_of(tx, [owner]))[owner] == {"vlan_id": "21", "lldp": "on"}
        assert await devices.lines_of(tx, first.id) == (line(),)
    assert list(await owned(services, first)) == ["line.1.password"]


async def test_what_is_not_said_stays_and_what_is_empty_goes(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, description="Desk", site="London"))

    same = await put(services, Wanted(tenant=tenant, mac=MAC))
    assert (same.description, same.model) == ("Desk", "T54W")
    assert same.site_id is not None

    bare = await put(services, Wanted(tenant=tenant, mac=MAC, description="", model="", site=""))
    assert (bare.description, bare.model, bare.site_id) == ("", None, None)
    assert await services.devices.get(MAC) == bare


async def test_a_replaced_password_destroys_the_old_key_and_starts_a_new_clock(
    services: Services, tenant: Tenant
) -> None:
    device = await put(services, yealink(tenant))
    await boot(services)
    old = (await owned(services, device))["line.1.password"]
    assert old.delete_after == START_MS + 15 * DAY_MS
    assert old.sealed is not None

    await put(services, yealink(tenant, passwords={1: Secret("another")}))

    new = (await owned(services, device))["line.1.password"]
    assert new.sealed is not None
    assert (new.first_delivered_at, new.released_at, new.delete_after) == (None, None, None)
    assert await data_keys(services) == {new.sealed.key_id}
    answer = await ask(services, f"{lasting_url(services, device)}/{MAC}.cfg")
    assert b"another" in answer.body
    assert PASSWORD.encode() not in answer.body


async def test_a_password_that_is_not_given_again_stays(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    before = await owned(services, device)

    await put(services, yealink(tenant, passwords={}, lines=(line(1, label="Anna"),)))

    assert await owned(services, device) == before
    assert PASSWORD.encode() in (await ask(services)).body


async def test_a_line_that_goes_takes_its_password_along(services: Services, tenant: Tenant) -> None:
    device = await put(
        services,
        yealink(
            tenant,
            lines=(line(1), line(2)),
            passwords={1: Secret(PASSWORD), 2: Secret("two")},
            secret_settings={"admin_password": Secret("adm1n")},
        ),
    )

    await put(services, yealink(tenant, lines=(line(2),), passwords={}))

    left = await owned(services, device)
    assert set(left) == {"line.2.password", "setting.admin_password"}
    assert await data_keys(services) == {c.sealed.key_id for c in left.values() if c.sealed}


async def test_a_secret_setting_is_replaced_and_removed(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant, secret_settings={"admin_password": Secret("one")}))
    await put(services, Wanted(tenant=tenant, mac=MAC, secret_settings={"admin_password": Secret("two")}))
    assert b"two" in await services.inventory.render(MAC, f"{MAC}.cfg", reveal=True)

    await put(services, Wanted(tenant=tenant, mac=MAC, secret_settings={"admin_password": None}))

    assert list(await owned(services, device)) == ["line.1.password"]
    assert len(await data_keys(services)) == 1


async def test_a_change_is_seen_by_the_next_request(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, settings={"vlan_id": "20"}))
    assert b"internet_port_vid = 20" in (await ask(services)).body

    await put(services, Wanted(tenant=tenant, mac=MAC, settings={"vlan_id": "21"}))

    assert b"internet_port_vid = 21" in (await ask(services)).body


async def test_devices_are_put_all_or_none(services: Services, tenant: Tenant) -> None:
    error = await refused(
        services, yealink(tenant, 1), yealink(tenant, 2, settings={"hologram": "on"}), yealink(tenant, 3)
    )

    assert str(error) == "hologram: is not a known setting"
    assert await count(services, "device") == 0


async def test_another_tenants_mac_is_refused_and_the_other_is_never_named(services: Services, tenant: Tenant) -> None:
    other = await services.tenants.add("Competitor Ltd")
    await put(services, yealink(other, description="Competitor's desk"))

    for wanted in ([yealink(tenant)], [yealink(tenant, 1), yealink(tenant)]):
        error = await refused(services, *wanted)
        assert str(error) == f"mac {MAC.colons} belongs to another tenant"

    assert (await services.devices.get(MAC)).tenant_id == other.id


async def test_only_new_devices_may_be_asked_for(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant), only_new=True)

    error = await refused(services, yealink(tenant, 1), yealink(tenant), only_new=True)

    assert str(error) == f"device {MAC.colons} exists already"


async def test_a_mac_is_wanted_once(services: Services, tenant: Tenant) -> None:
    assert "is there twice" in str(await refused(services, yealink(tenant), yealink(tenant, description="again")))
    await put(services, yealink(tenant))
    assert "is there twice" in str(await refused(services, yealink(tenant), yealink(tenant, description="again")))


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"model": "T19P", "lines": (line(2),), "passwords": {}}, "line", "2 is more than the 1 lines of a T19P"),
        ({"lines": (line(1), line(1, label="again"))}, "line", "1 is there twice"),
        ({"passwords": {2: Secret("x")}}, "password", "line 2 does not exist"),
        ({"passwords": {1: Secret("")}}, "password", "is empty"),
        ({"passwords": {1: Secret("a\nb")}}, "password", "line break"),
        ({"settings": {"key.28": "dnd"}}, "key.28", "28 is more than a T54W has"),
        ({"settings": {"module.9.key.1": "dnd"}}, "module.9.key.1", "9 is more than a T54W has"),
        ({"settings": {"vlan_id": "4095"}}, "vlan_id", "is not a whole number"),
        ({"settings": {"key.N": "dnd"}}, "key.N", "is not a known setting"),
        ({"settings": {"admin_password": "x"}}, "admin_password", "is a secret"),
        ({"settings": {"raw.account.1.password": "x"}}, "raw.account.1.password", "is a secret"),
        ({"settings": {"raw.features.x": "a\nb"}}, "raw.features.x", "line break"),
        ({"secret_settings": {"vlan_id": Secret("20")}}, "vlan_id", "is not a secret setting"),
        ({"secret_settings": {"admin_password": Secret("")}}, "admin_password", "is empty"),
        ({"secret_settings": {"admin_password": Secret("%NULL%")}}, "admin_password", "keyword"),
        ({"description": "a\nb"}, "description", "line break"),
        ({"site": "a\x00b"}, "site", "control character"),
        ({"vendor": "yaelink"}, "vendor", "'yaelink' is not one of"),
    ],
)
async def test_what_a_device_cannot_have_is_refused_by_field(
    services: Services, tenant: Tenant, fields: dict[str, Any], field: str, words: str
) -> None:
    error = await refused(services, yealink(tenant, **fields))

    assert isinstance(error, InvalidValue)
    assert error.field == field
    assert words in error.problem


async def test_what_the_known_model_cannot_have_is_refused_also_when_it_is_not_named_again(
    services: Services, tenant: Tenant
) -> None:
    await put(services, yealink(tenant, model="T19P"))

    error = await refused(services, Wanted(tenant=tenant, mac=MAC, lines=(line(1), line(2))))

    assert "2 is more than the 1 lines of a T19P" in str(error)


async def test_an_unknown_model_refuses_nothing(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant, model="T999", lines=(line(1), line(40)), settings={"key.300": "dnd"}))

    assert device.model == "T999"


async def test_a_model_is_kept_as_its_maker_writes_it(services: Services, tenant: Tenant) -> None:
    assert (await put(services, yealink(tenant, model="sip-t54w"))).model == "T54W"


async def test_the_maker_is_found_from_the_mac_or_has_to_be_named(services: Services, tenant: Tenant) -> None:
    unknown = MacAddress("0c1105000001")

    error = await refused(services, yealink(tenant, mac=unknown))
    assert str(error) == "vendor: is needed: the maker of 0c:11:05:00:00:01 is not known"

    device = await put(services, yealink(tenant, mac=unknown, vendor="yealink"))
    assert device.vendor == "yealink"
    assert (await put(services, Wanted(tenant=tenant, mac=unknown, description="known by now"))).vendor == "yealink"


async def test_a_block_that_two_makers_share_needs_a_name(services: Services, tenant: Tenant) -> None:
    catalogue = services.catalogue
    catalogue._by_oui["805ec0"] = frozenset({"snom", "yealink"})

    error = await refused(services, yealink(tenant))

    assert str(error) == "vendor: is needed: the maker of 80:5e:c0:aa:bb:cc could be snom or yealink"


async def test_a_softphone_gets_a_generated_id(services: Services, tenant: Tenant) -> None:
    wanted = [Wanted(tenant=tenant, mac=None, vendor="linphone", lines=(line(),)) for _ in range(2)]

    one, other = await services.devices.put(wanted)

    assert one.mac.is_local
    assert other.mac.is_local
    assert one.mac != other.mac
    assert await services.devices.get(one.mac) == one


async def test_only_softphones_come_without_a_mac(services: Services, tenant: Tenant) -> None:
    error = await refused(services, Wanted(tenant=tenant, mac=None, vendor="yealink", lines=(line(),)))
    assert isinstance(error, InvalidValue)
    assert error.field == "mac"

    assert "vendor: is needed where there is no MAC" in str(await refused(services, Wanted(tenant=tenant, mac=None)))


async def test_a_tenants_own_window_arms(services: Services) -> None:
    short = await services.tenants.add("short", window_days=2)

    assert (await put(services, yealink(short))).armed_until == START_MS + 2 * DAY_MS
    assert (await put(services, yealink(short, 1), arm=False)).armed_until is None


async def test_a_provisioned_device_is_not_armed_again_by_a_change(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(1)

    device = await put(services, yealink(tenant, description="changed"))

    assert device.armed_until == START_MS + 7 * DAY_MS
    clock.advance_days(1)
    assert (await ask(services)).reason == "provisioned"


async def test_a_site_is_made_once_and_belongs_to_its_tenant(services: Services, tenant: Tenant) -> None:
    other = await services.tenants.add("other")

    one, two, foreign, nowhere = await services.devices.put(
        [yealink(tenant, 1, site="London"), yealink(tenant, 2, site="London"), yealink(other, 3, site="London"),
         yealink(tenant, 4)]
    )  # fmt: skip

    assert one.site_id == two.site_id != foreign.site_id
    assert nowhere.site_id is None
    assert await count(services, "site") == 2


async def test_an_import_tells_how_far_it_is(services: Services, tenant: Tenant) -> None:
    told: list[int] = []

    await services.devices.put([yealink(tenant, number) for number in range(1, 402)], progress=told.append)

    assert told == [0, 200, 400]
    assert await count(services, "credential") == 401
