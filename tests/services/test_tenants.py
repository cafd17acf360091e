"""Tenants, and what their devices share: the nearest value reaches the phone."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from provserver.app import Services
from provserver.domain.device import ReleasePolicy, Tenant, model_owner
from provserver.domain.mac import MacAddress
from provserver.errors import Conflict, InvalidValue, NotFound
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from tests.clocks import DAY_MS
from tests.services.fleet import MAC, ask, audit_actions, count, data_keys, last_audit, owned_by, put, yealink

# What each level says, from the farthest to the nearest, and how the phone is told.
LEVELS = ("global", "tenant", "site", "model", "device")


async def share(services: Services, tenant: Tenant, level: str, *, vlan: str | None, password: str | None) -> None:
    """Set a value and a secret at one level; None removes them."""
    values, secrets = {"vlan_id": vlan}, {"admin_password": Secret(password) if password else None}
    if level == "device":
        await put(services, Wanted(tenant=tenant, mac=MAC, settings=values, secret_settings=secrets))
        return
    where: dict[str, dict[str, Any]] = {
        "global": {},
        "tenant": {"tenant": tenant},
        "site": {"tenant": tenant, "site": "London"},
        "model": {"tenant": tenant, "vendor": "yealink", "model": "T54W"},
    }
    await services.tenants.set_shared(values, secrets, **where[level])


async def told(services: Services, mac: MacAddress = MAC) -> tuple[str | None, str | None]:
    """The VLAN and the administrator's password as the phone gets them."""
    answer = await ask(services, mac=mac)
    assert answer.status == 200
    lines = dict(line.partition(" = ")[::2] for line in answer.body.decode().splitlines())
    password = lines.get("static.security.user_password")
    return lines.get("static.network.vlan.internet_port_vid"), password


async def test_a_tenant_is_added_once(services: Services) -> None:
    tenant = await services.tenants.add("acme", policy=ReleasePolicy.STRICT, window_days=2, retention_days=0.5)

    assert (tenant.policy, tenant.window_ms, tenant.retention_ms) == (ReleasePolicy.STRICT, 2 * DAY_MS, DAY_MS // 2)
    assert await services.tenants.get("acme") == tenant
    with pytest.raises(Conflict, match="tenant 'acme' exists already"):
        await services.tenants.add("acme")
    assert await services.tenants.list() == [tenant]
    assert await audit_actions(services) == ["tenant.added"]


async def test_tenants_are_listed_by_name(services: Services) -> None:
    for name in ("b", "a", "c"):
        await services.tenants.add(name)

    assert [tenant.name for tenant in await services.tenants.list()] == ["a", "b", "c"]
    with pytest.raises(NotFound, match="no tenant 'd'"):
        await services.tenants.get("d")


@pytest.mark.parametrize(
    ("name", "more", "field"),
    [
        ("", {}, "name"),
        ("x" * 101, {}, "name"),
        ("a\nb", {}, "name"),
        (" a", {}, "name"),
        ("a", {"window_days": 0}, "window"),
        ("a", {"window_days": -1}, "window"),
        ("a", {"window_days": 91}, "window"),
        ("a", {"window_days": float("nan")}, "window"),
        ("a", {"retention_days": 0}, "retention"),
        ("a", {"retention_days": 3651}, "retention"),
        ("a", {"retention_days": float("inf")}, "retention"),
    ],
)
async def test_a_value_out_of_range_is_refused_by_field(
    services: Services, name: str, more: dict[str, float], field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await services.tenants.add(name, **more)  # type: ignore[arg-type]

    assert refused.value.field == field
    assert await services.tenants.list() == []


async def test_the_nearest_value_and_the_nearest_secret_reach_the_phone(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, site="London"))
    assert await told(services) == (None, None)

    for number, level in enumerate(LEVELS, start=1):
        await share(services, tenant, level, vlan=str(number), password=f"adm1n-{level}")
        assert await told(services) == (str(number), f"admin:adm1n-{level}")

    for number, level in reversed(list(enumerate(LEVELS, start=1))):
        assert await told(services) == (str(number), f"admin:adm1n-{level}")
        await share(services, tenant, level, vlan=None, password=None)
    assert await told(services) == (None, None)
    assert len(await data_keys(services)) == 1, "of the line's password"


async def test_a_level_reaches_only_those_who_belong_to_it(services: Services, tenant: Tenant) -> None:
    other = await services.tenants.add("other")
    there, elsewhere, model, foreign = (MacAddress(f"805ec000000{number}") for number in range(1, 5))
    await services.devices.put(
        [
            yealink(tenant, mac=there, site="London"),
            yealink(tenant, mac=elsewhere, site="Paris", model="T46U"),
            yealink(tenant, mac=model),
            yealink(other, mac=foreign, site="London"),
        ]
    )

    await share(services, tenant, "tenant", vlan="2", password="of-tenant")
    assert [(await told(services, mac))[0] for mac in (there, elsewhere, model, foreign)] == ["2", "2", "2", None]

    await share(services, tenant, "site", vlan="3", password="of-site")
    assert [(await told(services, mac))[1] for mac in (there, elsewhere, model, foreign)] == [
        "admin:of-site", "admin:of-tenant", "admin:of-tenant", None,
    ]  # fmt: skip

    await share(services, tenant, "model", vlan="4", password="of-model")
    assert [(await told(services, mac))[0] for mac in (there, elsewhere, model, foreign)] == ["4", "2", "4", None]

    await share(services, tenant, "global", vlan="1", password="of-all")
    assert [await told(services, mac) for mac in (elsewhere, foreign)] == [
        ("2", "admin:of-tenant"),
        ("1", "admin:of-all"),
    ]


async def test_a_raw_parameter_is_inherited_too(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await services.tenants.set_shared(
        {"raw.features.power_saving.enable": "1"}, {"raw.wifi.1.password": Secret("wifi-secret")}, tenant=tenant
    )

    body = (await ask(services)).body.decode().splitlines()

    assert "features.power_saving.enable = 1" in body
    assert "wifi.1.password = wifi-secret" in body


async def test_a_shared_secret_is_in_no_file(services: Services, tenant: Tenant) -> None:
    await share(services, tenant, "tenant", vlan=None, password="marked-5f3759df")

    for file in services.storage.directory.rglob("*"):
        assert not file.is_file() or b"marked-5f3759df" not in file.read_bytes(), file


async def test_a_replaced_shared_secret_destroys_the_old_key(services: Services, tenant: Tenant) -> None:
    await share(services, tenant, "tenant", vlan=None, password="one")
    (old,) = await data_keys(services)

    await share(services, tenant, "tenant", vlan=None, password="two")

    (new,) = await data_keys(services)
    assert new != old
    (credential,) = (await owned_by(services, f"tenant:{tenant.id}")).values()
    assert credential.sealed is not None
    assert credential.sealed.key_id == new


async def test_a_shared_secret_starts_no_clock(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await share(services, tenant, "tenant", vlan=None, password="adm1n")

    answer = await ask(services)
    assert answer.delivery is not None
    await services.deliveries.complete(answer.delivery, "x")

    (credential,) = (await owned_by(services, f"tenant:{tenant.id}")).values()
    assert (credential.released_at, credential.first_delivered_at, credential.delete_after) == (None, None, None)


@pytest.mark.parametrize(
    ("values", "secrets", "field"),
    [
        ({"hologram": "on"}, {}, "hologram"),
        ({"vlan_id": "4095"}, {}, "vlan_id"),
        ({"vlan_id": "20", "key.N": "dnd"}, {}, "key.N"),
        ({"admin_password": "x"}, {}, "admin_password"),
        ({"raw.x.password": "x"}, {}, "raw.x.password"),
        ({}, {"vlan_id": Secret("20")}, "vlan_id"),
        ({}, {"admin_password": Secret("")}, "admin_password"),
        ({}, {"admin_password": Secret("a\nb")}, "admin_password"),
        ({"vlan_id": "20"}, {"hologram": Secret("x")}, "hologram"),
    ],
)
async def test_what_cannot_be_set_is_refused_by_name_and_nothing_is_set(
    services: Services, tenant: Tenant, values: dict[str, str | None], secrets: dict[str, Secret | None], field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await services.tenants.set_shared(values, secrets, tenant=tenant)

    assert refused.value.field == field
    assert await count(services, "setting") == 0
    assert await data_keys(services) == set()


@pytest.mark.parametrize(
    ("where", "field"),
    [({"site": "London"}, "tenant"), ({"vendor": "yealink", "model": "T54W"}, "tenant")],
)
async def test_a_site_or_a_model_without_its_tenant_is_not_everybody(
    services: Services, where: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await services.tenants.set_shared({"vlan_id": "20"}, {}, **where)  # type: ignore[arg-type]

    assert refused.value.field == field
    assert await count(services, "setting") == 0


async def test_a_model_needs_its_maker(services: Services, tenant: Tenant) -> None:
    with pytest.raises(InvalidValue, match="vendor"):
        await services.tenants.set_shared({"vlan_id": "20"}, {}, tenant=tenant, model="T54W")


async def test_a_change_is_audited_with_its_values_and_without_its_secrets(services: Services, tenant: Tenant) -> None:
    await services.tenants.set_shared(
        {"vlan_id": "20"}, {"admin_password": Secret("marked-5f3759df")}, tenant=tenant, vendor="yealink", model="T54W"
    )

    entry = await last_audit(services)
    assert (entry["action"], entry["object"], entry["tenant_id"]) == (
        "setting.changed",
        model_owner(tenant.id, "yealink", "T54W"),
        tenant.id,
    )
    assert orjson.loads(entry["detail"]) == {"values": {"vlan_id": "20"}, "secrets": ["admin_password"]}
