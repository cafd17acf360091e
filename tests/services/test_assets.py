"""Assets are kept whole with the right checksum or not at all, within quotas, and go when nothing needs them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from provserver.app import Services
from provserver.domain.assets import Asset, AssetKind
from provserver.domain.device import Tenant
from provserver.errors import Conflict, InvalidValue, NotFound, StorageFull
from provserver.services.filestore.asset_files import FOLDER
from provserver.services.filestore.assets import Version
from provserver.services.filestore.pins import Target
from provserver.settings import AssetSettings, Settings
from tests.clocks import DAY_MS, FakeClock
from tests.services.fleet import running

FIRMWARE = Version(vendor="yealink", kind=AssetKind.FIRMWARE, version="96.86.0.70")
CONTENT = b"firmware" * 100


def files(services: Services) -> list[Path]:
    return sorted(path for path in (services.storage.directory / FOLDER).rglob("*") if path.is_file())


def write(tmp_path: Path, content: bytes = CONTENT, name: str = "T54W.rom") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


async def add(
    services: Services, tmp_path: Path, wanted: Version = FIRMWARE, *, content: bytes = CONTENT, name: str = "T54W.rom"
) -> Asset:
    sha256 = hashlib.sha256(content).hexdigest()
    return await services.assets.add(write(tmp_path, content, name), wanted, sha256=sha256)


async def test_content_lies_under_its_hash_readable_by_us_only(services: Services, tmp_path: Path) -> None:
    asset = await add(services, tmp_path)

    (path,) = files(services)
    assert path == services.assets.files.path(asset.sha256)
    assert path.name == hashlib.sha256(CONTENT).hexdigest()
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in await services.assets.list()] == ["T54W.rom"]


async def test_a_wrong_checksum_keeps_nothing(services: Services, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="sha256: the file's is"):
        await services.assets.add(write(tmp_path), FIRMWARE, sha256="0" * 64)

    assert files(services) == []
    assert await services.assets.list() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vendor": "nobody"}, "vendor"),
        ({"version": "../1"}, "version"),
    ],
)
async def test_what_cannot_be_named_is_refused(
    services: Services, tmp_path: Path, changes: dict[str, str], field: str
) -> None:
    wanted = Version(**{"vendor": "yealink", "kind": AssetKind.FIRMWARE, "version": "1", **changes})  # type: ignore[arg-type]

    with pytest.raises(InvalidValue, match=field):
        await add(services, tmp_path, wanted)

    assert files(services) == []


async def test_what_cannot_be_read_is_refused(services: Services, tmp_path: Path) -> None:
    for source in (tmp_path / "missing.rom", tmp_path, write(tmp_path, b"", "empty.rom")):
        with pytest.raises(InvalidValue):
            await services.assets.add(source, FIRMWARE, sha256="0" * 64, name="x.rom")

    assert files(services) == []


async def test_a_version_has_one_file_of_a_name(services: Services, tmp_path: Path) -> None:
    await add(services, tmp_path)

    with pytest.raises(Conflict, match="has a file"):
        await add(services, tmp_path, content=b"other", name="t54w.ROM")

    assert len(files(services)) == 1


async def test_files_of_one_version_share_a_folder_and_tenants_do_not(
    services: Services, tenant: Tenant, tmp_path: Path
) -> None:
    first = await add(services, tmp_path)
    second = await add(services, tmp_path, content=b"two", name="T46U.rom")
    own = await add(services, tmp_path, replace(FIRMWARE, tenant=tenant))

    assert first.bundle == second.bundle
    assert own.bundle.folder != first.bundle.folder
    assert own.sha256 == first.sha256
    assert len(files(services)) == 2, "the same content is kept once"


@pytest.fixture
def small(settings: Settings) -> Settings:
    return settings.model_copy(update={"assets": AssetSettings(file_bytes=100, tenant_bytes=120, total_bytes=250)})


async def test_quotas_hold(small: Settings, clock: FakeClock, tmp_path: Path) -> None:
    async with running(small, clock) as services:
        own = Version(vendor="yealink", kind=AssetKind.RINGTONE, version="1", tenant=await services.tenants.add("acme"))

        with pytest.raises(InvalidValue, match="larger than 100"):
            await add(services, tmp_path, content=b"x" * 101)
        await add(services, tmp_path, own, content=b"a" * 100, name="a.wav")
        with pytest.raises(InvalidValue, match="for a tenant"):
            await add(services, tmp_path, own, content=b"b" * 21, name="b.wav")
        await add(services, tmp_path, content=b"c" * 100, name="c.rom")
        with pytest.raises(InvalidValue, match="for all assets"):
            await add(services, tmp_path, content=b"d" * 60, name="d.rom")

        assert len(files(services)) == 2


async def test_quotas_hold_for_what_comes_at_the_same_moment(small: Settings, clock: FakeClock, tmp_path: Path) -> None:
    async with running(small, clock) as services:
        results = await asyncio.gather(
            *(add(services, tmp_path, content=bytes([65 + n]) * 60, name=f"{n}.rom") for n in range(8)),
            return_exceptions=True,
        )

        assert sum(isinstance(result, Asset) for result in results) == 4
        assert len(files(services)) == 4


async def test_removal_takes_the_content_with_the_last_file_that_has_it(services: Services, tmp_path: Path) -> None:
    first = await add(services, tmp_path)
    second = await add(services, tmp_path, replace(FIRMWARE, version="97"))

    await services.assets.remove(first.id)
    assert len(files(services)) == 1
    await services.assets.remove(second.id)
    assert files(services) == []

    with pytest.raises(NotFound):
        await services.assets.remove(second.id)


async def test_what_is_pinned_cannot_be_removed(services: Services, tmp_path: Path) -> None:
    asset = await add(services, tmp_path)
    await services.pins.pin(FIRMWARE, Target())

    with pytest.raises(Conflict, match="is pinned"):
        await services.assets.remove(asset.id)

    await services.pins.unpin("yealink", AssetKind.FIRMWARE, Target())
    await services.assets.remove(asset.id)
    assert files(services) == []


async def test_adding_and_removing_the_same_content_at_once_loses_nothing(services: Services, tmp_path: Path) -> None:
    for turn in range(10):
        old = await add(services, tmp_path, replace(FIRMWARE, version=f"{turn}a"))
        new, _ = await asyncio.gather(
            add(services, tmp_path, replace(FIRMWARE, version=f"{turn}b")),
            services.assets.remove(old.id),
        )
        assert services.assets.files.path(new.sha256).read_bytes() == CONTENT
        await services.assets.remove(new.id)


async def test_what_a_crash_left_is_swept_and_nothing_else(
    services: Services, tmp_path: Path, clock: FakeClock
) -> None:
    kept = await add(services, tmp_path)
    stray = services.assets.files.path("ab" + "0" * 62)
    half = services.storage.directory / FOLDER / "ffff.part"
    stray.parent.mkdir(exist_ok=True)
    for path in (stray, half):
        path.write_bytes(b"left")

    young_ms = clock.wall_ms()
    for path in (stray, half, services.assets.files.path(kept.sha256)):
        os.utime(path, (young_ms / 1000, young_ms / 1000))
    await services.assets.sweep(older_than_ms=young_ms)
    assert len(files(services)) == 3, "what is young may be about to be used"
    await services.assets.sweep(older_than_ms=young_ms + DAY_MS)

    assert files(services) == [services.assets.files.path(kept.sha256)]


async def test_a_full_disk_keeps_nothing(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    source = write(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="No space"):
        await services.assets.add(source, FIRMWARE, sha256=hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.undo()

    assert files(services) == []
