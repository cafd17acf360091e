"""Keys are checked at the start, rolled without losing anything, and destroyed when nothing needs them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from provserver.app import Services, build, initialise
from provserver.domain.device import Tenant
from provserver.errors import ConfigurationError, KeyUnusable, StorageDamaged
from provserver.services.upkeep import keys as keys_module
from provserver.settings import Settings
from provserver.storage import keystore
from provserver.vault.keyring import KeyRing
from provserver.vault.tokens import TokenKey
from tests.clocks import DAY_MS, START_MS, FakeClock
from tests.services.fleet import MAC, PASSWORD, ask, audit_actions, data_keys, lasting_url, put, running, yealink


async def wrapping(services: Services) -> dict[int, int]:
    """How many data keys each generation wraps."""
    async with services.storage.read("keystore") as tx:
        return await keystore.count_by_generation(tx)


async def password_arrives(services: Services) -> bool:
    device = await services.devices.get(MAC)
    answer = await ask(services, f"{lasting_url(services, device)}/{MAC}.cfg")
    return answer.status == 200 and PASSWORD.encode() in answer.body


def key_files(settings: Settings) -> list[str]:
    return sorted(file.name for file in settings.data.key_directory.glob("kek-*"))


async def refused_start(settings: Settings, problem: type[Exception]) -> str:
    with pytest.raises(problem) as refused:
        async with build(settings, clock=FakeClock()):
            pass
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_rotating_wraps_every_data_key_anew_and_retires_the_old_one(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await services.devices.put([yealink(tenant), yealink(tenant, 1), yealink(tenant, 2)])
    before = await data_keys(services)
    clock.advance_days(1)

    assert await services.keys.rotate() == (2, 3)

    assert await wrapping(services) == {2: 3}
    assert await data_keys(services) == before
    assert key_files(settings) == ["kek-1.key", "kek-2.key"]
    first, second = [row for row, _ in await services.keys.generations()]
    assert (first.created_at, first.retired_at, first.destroyed_at) == (START_MS, START_MS + DAY_MS, None)
    assert (second.created_at, second.retired_at) == (START_MS + DAY_MS, None)
    assert await password_arrives(services)
    assert (await audit_actions(services))[-1] == "key.rotated"


async def test_a_retired_key_is_destroyed_after_its_days_and_not_before(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await services.keys.rotate()

    clock.advance_ms(3 * DAY_MS - 1)
    assert await services.keys.destroy_retired() == []

    clock.advance_ms(1)
    assert await services.keys.destroy_retired() == [1]
    assert key_files(settings) == ["kek-2.key"]
    assert [row.destroyed_at for row, _ in await services.keys.generations()] == [START_MS + 3 * DAY_MS, None]
    assert await services.keys.destroy_retired() == []
    assert (await audit_actions(services))[-1] == "key.destroyed"


async def test_a_device_that_was_cached_before_a_rotation_is_served_after_the_destruction(
    services: Services, tenant: Tenant, clock: FakeClock
) -> None:
    """The cache holds data keys as they were wrapped; what it holds must not outlive the key that opens them."""
    await put(services, yealink(tenant))
    assert await password_arrives(services)

    await services.keys.rotate()
    clock.advance_days(3)
    await services.keys.destroy_retired()

    assert await password_arrives(services)


async def test_a_rotation_empties_the_caches_and_one_that_wraps_nothing_does_not(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await services.records.start_following()
    assert await password_arrives(services)

    await services.keys.rewrap_all()
    assert services.records.entries == 1

    async with running(settings, clock) as other:
        await other.keys.rotate()
    await services.records.follow()
    assert services.records.entries == 0


async def test_a_device_that_another_process_has_cached_is_served_after_the_destruction(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await services.records.start_following()
    assert await password_arrives(services)

    async with running(settings, clock) as other:
        await other.keys.rotate()
        clock.advance_days(3)
        await other.keys.destroy_retired()
    await services.keys.maintain()  # what the server does every hour; here it learns that the key file is gone
    await services.records.follow()

    assert await password_arrives(services)


async def test_a_key_that_something_needs_is_not_destroyed(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    """Fail closed: a data key that did not open at the rotation is left, and so is what wraps it."""
    await put(services, yealink(tenant))
    async with services.storage.transaction("keystore") as tx:
        await tx.exec_driver_sql("UPDATE wrapped_key SET wrapped = x'00112233'")
    with capture_logs() as logs:
        assert await services.keys.rotate() == (2, 0)
        clock.advance_days(30)
        assert await services.keys.destroy_retired() == []

    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "key.rewrap_failed",
        "key.still_needed",
    ]
    assert key_files(settings) == ["kek-1.key", "kek-2.key"]
    assert await wrapping(services) == {1: 1}


async def test_an_interrupted_rotation_is_finished_later(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "_BATCH", 2)
    await services.devices.put([yealink(tenant), *(yealink(tenant, number) for number in range(1, 7))])
    replace_keys, calls = keystore.replace_keys, 0

    async def dies_at_the_third(*args: Any) -> None:  # noqa: ANN401 - passed on
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionAbortedError
        await replace_keys(*args)

    monkeypatch.setattr(keystore, "replace_keys", dies_at_the_third)
    with pytest.raises(ConnectionAbortedError):
        await services.keys.rotate()
    assert await wrapping(services) == {1: 3, 2: 4}
    assert await password_arrives(services), "both keys open until it is finished"

    await services.keys.maintain()

    assert await wrapping(services) == {2: 7}
    assert await password_arrives(services)


async def test_a_rotation_that_died_before_it_wrote_its_row_is_taken_in_at_the_next_start(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    KeyRing.load(settings.data.key_directory).add_generation()

    async with running(settings, clock) as restarted:
        await restarted.keys.maintain()

        assert await wrapping(restarted) == {2: 1}
        assert [row.retired_at for row, _ in await restarted.keys.generations()] == [START_MS, None]


async def test_a_destruction_that_died_before_it_wrote_its_row_is_finished(
    services: Services, tenant: Tenant, settings: Settings, clock: FakeClock
) -> None:
    await put(services, yealink(tenant))
    await services.keys.rotate()
    clock.advance_days(3)
    KeyRing.load(settings.data.key_directory).destroy(1)

    async with running(settings, clock) as restarted:
        assert await restarted.keys.destroy_retired() == [1]
        assert await password_arrives(restarted)


async def test_maintenance_rotates_when_it_is_time(services: Services, tenant: Tenant, clock: FakeClock) -> None:
    await put(services, yealink(tenant))
    clock.advance_ms(7 * DAY_MS - 1)
    await services.keys.maintain()
    assert await wrapping(services) == {1: 1}

    clock.advance_ms(1)
    await services.keys.maintain()
    assert await wrapping(services) == {2: 1}

    clock.advance_days(3)
    await services.keys.maintain()
    assert [row.generation for row, _ in await services.keys.generations() if row.destroyed_at is None] == [2]


async def test_the_right_keys_start(settings: Settings) -> None:
    for _ in range(2):
        async with build(settings, clock=FakeClock()) as services:
            assert services.ring.generations == (1,)


async def test_another_key_under_the_same_name_is_refused_with_its_file(settings: Settings, tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "other")
    _swap(tmp_path / "other" / "kek-1.key", settings.data.key_directory / "kek-1.key")

    line = await refused_start(settings, KeyUnusable)

    assert line == f"key file {settings.data.key_directory}/kek-1.key: is another key than the one used before"


async def test_another_token_key_is_refused_with_its_file(settings: Settings, tmp_path: Path) -> None:
    """With another one every URL out there would be void, and every phone would need its window again."""
    (tmp_path / "other").mkdir()
    TokenKey.create(tmp_path / "other")
    _swap(tmp_path / "other" / "token.key", settings.data.key_directory / "token.key")

    line = await refused_start(settings, KeyUnusable)

    assert line == f"key file {settings.data.key_directory}/token.key: is another key than the one used before"


@pytest.mark.parametrize("name", ["kek-1.key", "token.key"])
@pytest.mark.parametrize(
    ("damage", "words"),
    [("missing", "is missing"), ("truncated", "is cut short"), ("empty", "is cut short"), ("readable", "mode 0444")],
)
async def test_a_damaged_key_is_refused_with_its_file(settings: Settings, name: str, damage: str, words: str) -> None:
    file = settings.data.key_directory / name
    content = file.read_bytes()
    file.unlink()
    if damage != "missing":
        file.write_bytes({"truncated": content[:-9], "empty": b"", "readable": content}[damage])
        file.chmod(0o444 if damage == "readable" else 0o400)

    line = await refused_start(settings, KeyUnusable)

    assert words in line or (damage, name) == ("missing", "kek-1.key")
    assert str(settings.data.key_directory) in line
    if damage != "missing":
        assert name in line


async def test_a_retired_key_that_is_still_needed_must_be_there(
    services: Services, tenant: Tenant, settings: Settings
) -> None:
    await put(services, yealink(tenant))
    async with services.storage.transaction("keystore") as tx:
        await tx.exec_driver_sql("UPDATE wrapped_key SET nonce = x'00'")
    await services.keys.rotate()
    (settings.data.key_directory / "kek-1.key").unlink()

    line = await refused_start(settings, KeyUnusable)

    assert line.endswith("kek-1.key: is missing")


async def test_a_key_that_came_from_elsewhere_is_refused(settings: Settings, services: Services) -> None:
    await services.keys.rotate()
    async with services.storage.transaction("keystore") as tx:
        await tx.exec_driver_sql("DELETE FROM key_generation WHERE generation = 1")

    assert "generation 1 is not known" in await refused_start(settings, StorageDamaged)


async def test_a_directory_without_data_is_refused(tmp_path: Path, settings: Settings) -> None:
    empty = settings.model_copy(update={"data": settings.data.model_copy(update={"directory": tmp_path / "empty"})})

    assert "holds no data yet" in await refused_start(empty, ConfigurationError)
    assert not (tmp_path / "empty").exists()


async def test_data_without_its_keys_is_refused_and_no_new_keys_are_made(settings: Settings) -> None:
    """New keys beside old data would lose everything quietly."""
    shutil.rmtree(settings.data.key_directory)

    with pytest.raises(KeyUnusable):
        await initialise(settings, clock=FakeClock())

    assert not settings.data.key_directory.exists()


async def test_initialising_again_changes_nothing(settings: Settings) -> None:
    before = {file: file.read_bytes() for file in settings.data.key_directory.iterdir()}

    assert await initialise(settings, clock=FakeClock()) == []

    assert {file: file.read_bytes() for file in settings.data.key_directory.iterdir()} == before


async def test_keys_are_readable_by_their_owner_only(settings: Settings) -> None:
    modes = {file.name: file.stat().st_mode & 0o777 for file in settings.data.key_directory.iterdir()}

    assert modes == {"kek-1.key": 0o400, "token.key": 0o400}


def _swap(new: Path, old: Path) -> None:
    old.unlink()
    shutil.copy2(new, old)
