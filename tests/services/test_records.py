"""The cache of devices is bounded, holds nothing in clear, and believes nothing that has changed since."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from provserver.app import Services
from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.identify import Asked, take_apart
from provserver.release import Proof
from provserver.secret import Secret
from provserver.services import layers as layers_module
from provserver.services.records import Record, Records, Whole
from provserver.settings import CacheSettings, Settings
from provserver.storage import changes
from provserver.storage.database import Storage
from tests.clocks import FakeClock
from tests.services.fleet import BASE_URL, MAC, PASSWORD, ask, boot, lasting_url, put, running, yealink

SMALL_BYTES = 100_000


def asked(path: str) -> Asked:
    found = take_apart(path)
    assert found is not None
    return found


def by_mac(mac: MacAddress = MAC) -> Asked:
    return asked(f"/{mac}.cfg")


async def find(services: Services, asked: Asked, token: bytes | None) -> Record | None:
    """As a request does."""
    return services.records.cached(asked) or await services.records.look_up(asked, token)


def cached(services: Services) -> set[str]:
    return set(services.records._cache)


def weight_bytes(services: Services) -> int:
    return sum(record.weight_bytes for record in services.records._cache.values())


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A small cache, which a few devices fill."""
    return settings.model_copy(update={"cache": CacheSettings(memory_bytes=SMALL_BYTES)})


async def test_the_cache_stays_within_its_bytes_whatever_is_asked(services: Services, tenant: Tenant) -> None:
    macs = [MacAddress(f"805ec0{number:06x}") for number in range(1, 61)]
    await services.devices.put([yealink(tenant, mac=mac) for mac in macs])

    for mac in macs:
        for file in (f"{mac}.cfg", f"{mac}.boot", "y000000000096.cfg"):
            await ask(services, file, mac=mac)
            assert weight_bytes(services) == services.records._cache.currsize <= SMALL_BYTES

    assert 5 < services.records.entries < 20
    assert macs[-1].value in cached(services)
    assert macs[0].value not in cached(services)


async def test_artefacts_weigh(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await find(services, by_mac(), None)
    empty = weight_bytes(services)

    await ask(services)

    artefacts = services.records._cache[MAC.value].artefacts.values()
    assert weight_bytes(services) == empty + sum(artefact.skeleton.size_bytes for artefact in artefacts) > empty + 500


async def test_a_device_heavier_than_the_cache_is_served_and_not_kept(services: Services, tenant: Tenant) -> None:
    settings = {f"raw.parameter.{number}": "x" * 2000 for number in range(60)}
    await put(services, yealink(tenant, settings=settings))

    for _ in range(2):
        assert (await ask(services)).status == 200
        assert services.records.entries == 0


async def test_without_memory_every_request_is_served_from_the_store(settings: Settings, clock: FakeClock) -> None:
    bare = settings.model_copy(update={"cache": CacheSettings(memory_bytes=0)})
    async with running(bare, clock) as services:
        await put(services, yealink(await services.tenants.add("acme")))

        assert (await ask(services)).status == 200
        assert services.records.entries == 0


async def test_nothing_in_the_cache_is_in_clear(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant, secret_settings={"admin_password": Secret("adm1n-marked")}))
    await boot(services)
    record = services.records._cache[MAC.value]
    assert record.whole is not None

    fixed = [part for artefact in record.artefacts.values() for part in artefact.skeleton.parts if type(part) is bytes]
    said = repr(record).encode() + b"".join(fixed)
    opened = _all_bytes(record.whole.envelopes) + _all_bytes(record.whole.credentials)

    assert len(fixed) >= 3
    for text in (PASSWORD, "adm1n-marked", lasting_url(services, device)):
        assert text.encode() not in said
        assert text.encode() not in opened


async def test_a_forgotten_device_is_read_anew(services: Services, tenant: Tenant) -> None:
    await services.devices.put([yealink(tenant), yealink(tenant, 1)])
    await find(services, by_mac(), None)
    await find(services, by_mac(MacAddress("805ec0000001")), None)

    services.records.forget(MAC.value)
    assert cached(services) == {"805ec0000001"}
    services.records.forget("805ec0ffffff")
    assert cached(services) == {"805ec0000001"}

    services.records.forget(changes.EVERYTHING)
    assert cached(services) == set()


async def test_hits_and_misses_are_counted_once(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    for _ in range(3):
        await find(services, by_mac(), None)

    assert services.records.take_counts() == {"hit": 2, "miss": 1}
    assert services.records.take_counts() == {"hit": 0, "miss": 0}


async def test_an_unknown_device_costs_the_same_look_up_as_a_known_one(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(services, yealink(tenant))
    queries: list[str] = []
    hot_bound = Storage.hot_bound

    async def counted(storage: Storage, kind: str, text: str, parameters: tuple[Any, ...]) -> list[Any]:
        queries.append(text)
        return await hot_bound(storage, kind, text, parameters)

    monkeypatch.setattr(Storage, "hot_bound", counted)
    for path in (f"/{MAC}.cfg", "/805ec0ffffff.cfg"):
        await find(services, asked(path), None)

    assert len(queries) == 2
    assert len(set(queries)) == 1


async def test_a_device_is_found_by_its_token_where_the_file_names_none(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    common = asked("/y000000000096.cfg")

    assert await find(services, common, None) is None
    assert await find(services, common, b"x" * 16) is None
    record = await find(services, common, device.tokens.lasting)

    assert record is not None
    assert record.access.device == device
    assert await find(services, by_mac(), None) is record


async def test_what_was_read_before_a_change_is_used_and_not_kept(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))

    async with asyncio.TaskGroup() as tasks:
        finding = tasks.create_task(find(services, by_mac(), None))
        await asyncio.sleep(0)
        services.records.forget(MAC.value)

    assert finding.result() is not None
    assert cached(services) == set()


async def test_a_device_that_is_locked_while_its_answer_is_made_stays_locked(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer on its way was decided before; but it must not put what it knew back into the cache."""
    await put(services, yealink(tenant))
    complete = Records.complete

    async def slow(records: Records, record: Any) -> Whole:  # noqa: ANN401 - passed on
        whole = await complete(records, record)
        await services.devices.lock(MAC, reason="stolen")
        return whole

    monkeypatch.setattr(Records, "complete", slow)
    assert (await ask(services)).status == 200
    monkeypatch.undo()

    assert (await ask(services)).reason == "locked"


async def test_a_change_while_shared_settings_are_read_is_seen(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(services, yealink(tenant))
    load_layer = layers_module.load_layer

    async def slow(storage: Storage, owner: str) -> Any:  # noqa: ANN401 - passed on
        layer = await load_layer(storage, owner)
        monkeypatch.setattr(layers_module, "load_layer", load_layer)
        await services.tenants.set_shared({"vlan_id": "20"}, {}, tenant=tenant)
        return layer

    monkeypatch.setattr(layers_module, "load_layer", slow)
    await ask(services)

    assert b"internet_port_vid = 20" in (await ask(services)).body


async def known_path(services: Services, device: Device) -> str:
    """The device's own path after it was released twice by its lasting token: the third time it is known."""
    path = f"/{lasting_url(services, device)}/{MAC}.cfg"
    for _ in range(2):
        await boot(services, path=path)
    assert services.records.known(path) is not None
    return path


async def test_a_path_that_was_released_is_known(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    path = await known_path(services, device)

    answer = await boot(services, path=path)

    assert answer.facts.proof is Proof.LASTING_TOKEN
    assert answer.facts.asked == asked(path)
    assert PASSWORD in answer.body.decode()
    assert f"{BASE_URL}{path.rpartition('/')[0]}/" in answer.body.decode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda services: services.devices.lock(MAC, reason="stolen"), "locked"),
        (lambda services: services.devices.delete(MAC), "unknown_device"),
    ],
    ids=["locked", "removed"],
)
async def test_a_known_path_is_decided_anew_after_a_change(
    services: Services, tenant: Tenant, change: Callable[[Services], Awaitable[object]], reason: str
) -> None:
    device = await put(services, yealink(tenant))
    path = await known_path(services, device)

    await change(services)

    assert (await ask(services, path=path)).reason == reason


async def test_a_known_path_dies_with_the_token_in_it(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    path = await known_path(services, device)
    again = await services.devices.arm(MAC)
    await boot(services, path=f"/{lasting_url(services, again)}/{MAC}.cfg")

    assert (await ask(services, path=path)).reason == "wrong_token"


async def test_only_the_lasting_token_makes_a_path_known(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    paths = [f"/{MAC}.cfg", f"/{services.devices.bootstrap_token(device).reveal()}/{MAC}.cfg"]
    for path in paths * 2:
        await boot(services, path=path)

    assert [services.records.known(path) for path in paths] == [None, None]


async def test_a_known_path_is_not_kept_longer_than_its_device(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    path = await known_path(services, device)

    services.records.forget(MAC.value)

    assert services.records.known(path) is None
    assert len(services.records._by_path) == 0


async def test_known_paths_of_one_device_are_bounded(services: Services, tenant: Tenant) -> None:
    device = await put(services, yealink(tenant))
    token = lasting_url(services, device)
    await boot(services, path=f"/{token}/{MAC}.cfg")

    for number in range(100):
        await ask(services, path=f"/{token}/y{number:012}.cfg")

    assert len(services.records._by_path) <= 8


async def test_another_process_is_followed(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await services.devices.put([yealink(tenant, settings={"vlan_id": "20"}), yealink(tenant, 1)])
    async with running(settings, clock) as server:
        await server.records.start_following()
        for mac in (MAC, MacAddress("805ec0000001")):
            assert (await ask(server, mac=mac)).status == 200

        await services.devices.lock(MAC, reason="stolen")
        await server.records.follow()
        assert cached(server) == {"805ec0000001"}
        assert (await ask(server)).reason == "locked"

        await services.locks.unlock(MAC)
        await services.tenants.set_shared({"language": "de"}, {}, tenant=tenant)
        await server.records.follow()
        assert cached(server) == set()
        assert b"lang.gui = German" in (await ask(server)).body

        await ask(server)
        await server.records.follow()
        assert cached(server) == {MAC.value}, "a note is followed once"


async def test_a_process_that_starts_ignores_what_was_before(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant))
    await services.records.start_following()
    await find(services, by_mac(), None)

    await services.records.follow()

    assert cached(services) == {MAC.value}


async def test_shared_settings_are_read_once_for_all_who_ask_at_the_same_time(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    macs = [MacAddress(f"805ec0{number:06x}") for number in range(1, 9)]
    await services.devices.put([yealink(tenant, mac=mac) for mac in macs])
    read: list[str] = []
    load_layer = layers_module.load_layer

    async def counted(storage: Storage, owner: str) -> Any:  # noqa: ANN401 - passed on
        read.append(owner)
        return await load_layer(storage, owner)

    monkeypatch.setattr(layers_module, "load_layer", counted)
    await asyncio.gather(*(ask(services, mac=mac) for mac in macs))

    assert len(read) == len(set(read)) == 3, "everybody's, the tenant's, the model's"


async def test_what_is_known_of_sites_is_bounded_too(
    settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers_module, "_KEPT", 4)
    async with running(settings, clock) as services:
        tenant = await services.tenants.add("acme")
        for number in range(1, 9):
            await put(services, yealink(tenant, number, site=f"site {number}"))
            assert (await ask(services, mac=MacAddress(f"805ec0{number:06x}"))).status == 200

        assert len(services.records._layers._layers) == 4


def _all_bytes(values: object) -> bytes:
    """Every text and every byte string in *values*, however deep."""
    if isinstance(values, bytes):
        return values
    if isinstance(values, str):
        return values.encode()
    if isinstance(values, dict):
        return b"".join(_all_bytes(value) for value in values.values())
    if isinstance(values, list | tuple):
        return b"".join(_all_bytes(value) for value in values)
    names = getattr(values, "__slots__", ())
    return b"".join(_all_bytes(getattr(values, name, None)) for name in names)
