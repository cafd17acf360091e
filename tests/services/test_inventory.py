"""What people see of devices: everything but secrets, and those only when asked for and written down."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.line import Endpoint, Transport
from provserver.domain.mac import MacAddress
from provserver.errors import NotFound
from provserver.secret import STARS, Secret
from provserver.services.fleet.devices import Wanted
from provserver.storage import audit
from provserver.storage.requests import ADD_REQUESTS, REQUEST_COLUMNS, SET_LAST_SEEN
from tests.clocks import DAY_MS, START_MS, FakeClock
from tests.services.fleet import (
    BASE_URL,
    MAC,
    PASSWORD,
    ask,
    audit_actions,
    boot,
    count,
    last_audit,
    lasting_url,
    line,
    put,
    yealink,
)

FILE = f"{MAC}.cfg"
# contract.md, section 4
SHOWN = {"mac", "vendor", "model", "tenant", "site", "state", "lines", "credentials", "last_seen"}
CLOCK = {"held", "first_delivered_at", "delete_after", "deleted_at"}
SEEN = {"at", "address", "user_agent", "firmware"}


@pytest.fixture
def wanted(tenant: Tenant) -> Wanted:
    return yealink(
        tenant,
        description="Reception",
        site="London",
        lines=(
            line(
                1,
                label="Anna",
                auth_name="auth-1",
                registrar=Endpoint(host="2001:db8::1", port=5061, transport=Transport.TLS),
                backup_registrar=Endpoint(host="b.example.com"),
                voicemail="*97",
            ),
            line(2),
        ),
        settings={"vlan_id": "20", "ice": "on", "raw.features.x": "1"},
        secret_settings={"admin_password": Secret("adm1n-marked"), "raw.wifi.password": Secret("wifi-marked")},
    )


async def show(services: Services, mac: MacAddress = MAC) -> dict[str, Any]:
    """What is shown, after a trip through JSON."""
    shown = await services.inventory.show(mac)
    text = orjson.dumps(shown)
    for secret in (PASSWORD, "adm1n-marked", "wifi-marked"):
        assert secret.encode() not in text
    loaded: dict[str, Any] = orjson.loads(text)
    assert loaded == shown
    return loaded


async def test_a_device_is_shown_with_what_the_contract_names_and_never_a_secret(
    services: Services, wanted: Wanted
) -> None:
    await put(services, wanted)

    shown = await show(services)

    assert shown.keys() >= SHOWN
    assert shown["credentials"].keys() == CLOCK
    assert shown["last_seen"].keys() == SEEN
    assert {name: shown[name] for name in ("mac", "vendor", "model", "description", "tenant", "site", "state")} == {
        "mac": MAC.value,
        "vendor": "yealink",
        "model": "T54W",
        "description": "Reception",
        "tenant": "acme",
        "site": "London",
        "state": "armed",
    }
    assert shown["lines"][0] == {
        "number": 1,
        "label": "Anna",
        "display_name": None,
        "user_name": "1001",
        "auth_name": "auth-1",
        "registrar": {"host": "2001:db8::1", "port": 5061, "transport": "tls"},
        "backup_registrar": {"host": "b.example.com", "port": None, "transport": "udp"},
        "outbound_proxy": None,
        "expires_s": 3600,
        "voicemail": "*97",
        "password": "held",
    }
    assert shown["lines"][1]["password"] == "none"
    assert shown["settings"] == {"ice": "on", "raw.features.x": "1", "vlan_id": "20"}
    assert shown["secrets"] == ["line.1.password", "setting.admin_password", "setting.raw.wifi.password"]
    assert shown["credentials"] == {
        "held": True, "first_delivered_at": None, "delete_after": None, "deleted_at": None,
    }  # fmt: skip
    assert shown["last_seen"] == {"at": None, "address": None, "user_agent": None, "firmware": None}


async def test_no_url_of_the_device_is_shown(services: Services, wanted: Wanted) -> None:
    device = await put(services, wanted)

    text = orjson.dumps(await services.inventory.show(MAC))

    assert lasting_url(services, device).encode() not in text
    assert services.devices.bootstrap_token(device).reveal().encode() not in text


async def test_the_states_of_a_device_follow_its_life(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    await put(services, yealink(tenant), arm=False)
    assert (await show(services))["state"] == "waiting"

    await services.devices.arm(MAC)
    assert (await show(services))["state"] == "armed"
    clock.advance_days(8)
    assert (await show(services))["state"] == "waiting"

    await services.devices.arm(MAC)
    await boot(services)
    shown = await show(services)
    assert shown["state"] == "provisioned"
    assert shown["credentials"]["first_delivered_at"] == "2025-10-17T08:53:20Z"
    assert shown["credentials"]["delete_after"] == "2025-11-01T08:53:20Z"

    clock.advance_days(15)
    await services.retention.run()
    shown = await show(services)
    assert shown["state"] == "deleted"
    assert shown["lines"][0]["password"] == "deleted"
    assert shown["credentials"] == {
        "held": False,
        "first_delivered_at": "2025-10-17T08:53:20Z",
        "delete_after": None,
        "deleted_at": "2025-11-01T08:53:20Z",
    }

    await services.devices.lock(MAC, reason="stolen")
    shown = await show(services)
    assert (shown["state"], shown["locked"]["reason"]) == ("locked", "stolen")


async def test_a_list_tells_the_same_state_as_the_device_itself(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await boot(services)
    clock.advance_days(15)
    await services.retention.run()

    (found,) = await services.inventory.search([])

    assert found["state"] == (await show(services))["state"] == "deleted"


async def test_when_a_device_was_seen_is_shown(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    await services.storage.append(
        "requests", SET_LAST_SEEN, [(device.id, START_MS, "192.0.2.1", "Yealink SIP-T54W 96.86.0.70", "96.86.0.70")]
    )

    assert (await show(services))["last_seen"] == {
        "at": "2025-10-09T08:53:20Z",
        "address": "192.0.2.1",
        "user_agent": "Yealink SIP-T54W 96.86.0.70",
        "firmware": "96.86.0.70",
    }


async def test_a_setting_that_the_maker_has_no_word_for_is_named(services: Services, tenant: Tenant) -> None:
    vendor = services.catalogue.vendors["linphone"]
    assert not vendor.supports("vlan_id")
    device = await put(
        services, Wanted(tenant=tenant, mac=None, vendor="linphone", lines=(line(),), settings={"vlan_id": "20"})
    )

    assert (await show(services, device.mac))["unsupported_settings"] == ["vlan_id"]


async def test_another_tenants_device_is_not_shown(services: Services, tenant: Tenant, wanted: Wanted) -> None:
    other = await services.tenants.add("other")
    await put(services, wanted)

    assert (await services.inventory.show(MAC, tenant_id=tenant.id))["mac"] == MAC.value
    for looking in (services.inventory.show(MAC, tenant_id=other.id),
                    services.inventory.render(MAC, FILE, tenant_id=other.id)):  # fmt: skip
        with pytest.raises(NotFound) as refused:
            await looking
        assert str(refused.value) == f"no device '{MAC.colons}'"
    assert await services.inventory.search([], tenant_id=other.id) == []


async def test_a_search_gives_short_answers_by_mac(services: Services, tenant: Tenant) -> None:
    await services.devices.put(
        [
            yealink(tenant, 2, description="b"),
            yealink(tenant, 1, description="a"),
            yealink(tenant, 3, description="c_d"),
        ]
    )

    found = await services.inventory.search([])
    assert [one["mac"][-1] for one in found] == ["1", "2", "3"]
    assert found[0]["lines"] == [{"number": 1, "user_name": "1001"}]
    assert PASSWORD.encode() not in orjson.dumps(found)
    assert [one["description"] for one in await services.inventory.search(["c_d"])] == ["c_d"]
    assert len(await services.inventory.search([], limit=2)) == 2


async def test_a_file_is_rendered_with_stars(services: Services, wanted: Wanted) -> None:
    device = await put(services, wanted)

    text = (await services.inventory.render(MAC, FILE)).decode()

    assert f"account.1.password = {STARS}" in text.splitlines()
    assert f"wifi.password = {STARS}" in text.splitlines()
    for secret in (PASSWORD, "adm1n-marked", "wifi-marked", lasting_url(services, device)):
        assert secret not in text
    assert "credential.revealed" not in await audit_actions(services)


async def test_a_revealed_file_is_what_the_phone_gets_and_is_written_down(services: Services, wanted: Wanted) -> None:
    device = await put(services, wanted)

    revealed = await services.inventory.render(MAC, FILE, reveal=True)

    assert revealed == (await ask(services)).body
    assert f"{BASE_URL}/{lasting_url(services, device)}/".encode() in revealed
    async with services.storage.read() as tx:
        assert await audit.first_break(tx) is None
    entry = await last_audit(services)
    assert (entry["action"], entry["object"], entry["actor"]) == ("credential.revealed", MAC.value, "tests")
    assert orjson.loads(entry["detail"]) == {
        "file": FILE,
        "fields": ["line.1.password", "setting.admin_password", "setting.raw.wifi.password", "url.provisioning"],
    }


async def test_looking_at_a_file_starts_no_clock(services: Services, wanted: Wanted) -> None:
    await put(services, wanted)

    await services.inventory.render(MAC, FILE, reveal=True)

    assert (await show(services))["credentials"]["first_delivered_at"] is None
    assert (await services.devices.get(MAC)).provisioned_at is None
    assert await count(services, "delivery") == 0


@pytest.mark.parametrize(
    "file",
    ["805ec0ffffff.cfg", "nothing.cfg", "", "../keys/kek-1.key", f"{MAC}.enc", f"{MAC}-local.cfg", f"{MAC}.cfg\n"],
)
async def test_a_file_that_the_phone_does_not_get_is_not_rendered(
    services: Services, wanted: Wanted, file: str
) -> None:
    await put(services, wanted)

    with pytest.raises(NotFound):
        await services.inventory.render(MAC, file, reveal=True)

    assert "credential.revealed" not in await audit_actions(services)


async def test_a_file_that_is_withheld_after_deletion_says_so(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    mac = MacAddress("0004f2aabbcc")
    await put(services, yealink(tenant, mac=mac, model="VVX 411"))
    agent = "FileTransport PolycomVVX-VVX_411-UA/6.4.3.5814 (SN:0004f2aabbcc)"
    await boot(services, f"{mac}-user.cfg", mac=mac, user_agent=agent)
    clock.advance_days(15)
    await services.retention.run()

    with pytest.raises(NotFound, match="the password was deleted"):
        await services.inventory.render(mac, f"{mac}-user.cfg")


async def test_the_history_of_a_mac_is_ready_for_json(services: Services) -> None:
    usual: dict[str, Any] = dict.fromkeys(REQUEST_COLUMNS, 1) | dict.fromkeys(
        ("address", "method", "path", "user_agent", "outcome"), "x"
    )
    rows = [usual | {"mac": MAC.value, "at": START_MS + day * DAY_MS, "reason": "locked"} for day in (0, 1)]
    await services.storage.append("requests", ADD_REQUESTS, [tuple(r[name] for name in REQUEST_COLUMNS) for r in rows])

    found = orjson.loads(orjson.dumps(await services.inventory.history(MAC)))

    assert [(one["at"], one["reason"]) for one in found] == [
        ("2025-10-10T08:53:20Z", "locked"),
        ("2025-10-09T08:53:20Z", "locked"),
    ]
