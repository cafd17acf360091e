"""Files as phones fetch them: whole or in part, by their own path or by a name beside the configuration."""

from __future__ import annotations

import asyncio
import hashlib
import os
from email.utils import formatdate
from pathlib import Path

import pytest

from provserver.domain.assets import Asset, AssetKind
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.services.filestore.assets import Version
from provserver.services.filestore.pins import Target
from provserver.settings import LoginSettings
from tests.http.door import MAC, Door, open_door, until
from tests.http.test_loops import Loop, loops
from tests.http.tls import NAME, make, phone, settings_of
from tests.http.wire import request

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)
POLYCOM = MacAddress("64167fde0003")
PIECES = os.urandom(1_500_000)  # several pieces, and a bit


async def keep(
    door: Door,
    folder: Path,
    name: str = "T54W-96.rom",
    *,
    content: bytes = CONTENT,
    vendor: str = "yealink",
    kind: AssetKind = AssetKind.FIRMWARE,
    version: str = "96.86",
    model: str | None = None,
    tenant: Tenant | None = None,
) -> Asset:
    source = folder / "incoming"
    source.write_bytes(content)
    wanted = Version(vendor=vendor, model=model, kind=kind, version=version, tenant=tenant)
    return await door.services.assets.add(source, wanted, sha256=hashlib.sha256(content).hexdigest(), name=name)


def path_of(asset: Asset) -> str:
    return asset.bundle.path(asset.name)


async def test_a_file_is_served_whole_to_whoever_has_its_path(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)

        reply = await door.ask(path_of(asset))
        head = await door.ask(path_of(asset), method="HEAD")
        upper = await door.ask(asset.bundle.path("t54w-96.ROM"))

        assert (reply.status, reply.body) == (200, CONTENT)
        assert reply.header("ETag") == f'"{asset.sha256[:32]}"'
        assert reply.header("Last-Modified") == formatdate(asset.added_at // 1000, usegmt=True)
        assert reply.header("Accept-Ranges") == "bytes"
        assert reply.header("Content-Type") == "application/octet-stream"
        assert reply.header("Server") is None
        assert (head.raw, head.body) == (reply.raw, b"")
        assert upper.body == CONTENT
        line = door.last_line()
        assert (line["outcome"], line["size_bytes"]) == ("served", SIZE)
        assert asset.bundle.folder not in door.output.getvalue().decode(), "who reads a log must not be able to fetch"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes=10-{SIZE * 2}", 10, SIZE - 1),
    ],
)
async def test_a_part_is_served(data: Path, tmp_path: Path, wanted: str, first: int, last: int) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)

        reply = await door.ask(path_of(asset), headers={"Range": wanted})

        assert reply.status == 206
        assert reply.header("Content-Range") == f"bytes {first}-{last}/{SIZE}"
        assert reply.body == CONTENT[first : last + 1]
        assert door.last_line()["status"] == 206


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
async def test_a_part_behind_the_end_cannot_be_had(data: Path, tmp_path: Path, wanted: str) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)

        reply = await door.ask(path_of(asset), headers={"Range": wanted})

        assert (reply.status, reply.body) == (416, b"")
        assert reply.header("Content-Range") == f"bytes */{SIZE}"
        assert (door.last_line()["outcome"], door.last_line()["status"]) == ("bad_request", 416)


@pytest.mark.parametrize(
    "wanted",
    ["bytes=-", "bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes=" + "9" * 400 + "-", "bytes=²-"],
)
async def test_a_range_that_cannot_be_read_gets_the_whole(data: Path, tmp_path: Path, wanted: str) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)

        reply = await door.ask(path_of(asset), headers={"Range": wanted})

        assert (reply.status, reply.body) == (200, CONTENT)


async def test_a_part_of_another_content_is_never_glued_to_this(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)
        tag, changed = f'"{asset.sha256[:32]}"', formatdate(asset.added_at // 1000, usegmt=True)
        part = {"Range": "bytes=5-9"}

        replies = [
            await door.ask(path_of(asset), headers={**part, "If-Range": validator})
            for validator in (tag, changed, '"other"', f"W/{tag}", formatdate(1, usegmt=True), "yesterday")
        ]
        head = await door.ask(path_of(asset), method="HEAD", headers=part)

        assert [reply.status for reply in replies] == [206, 206, 200, 200, 200, 200]
        assert head.status == 200, "RFC 9110 14.2: Range is for GET"


async def test_who_has_the_content_gets_no_second_copy(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)
        tag, changed_s = f'"{asset.sha256[:32]}"', asset.added_at // 1000
        now, before = formatdate(changed_s, usegmt=True), formatdate(changed_s - 1, usegmt=True)

        asked = [
            {"If-None-Match": tag},
            {"If-None-Match": f'"x", W/{tag}', "Range": "bytes=0-1"},
            {"If-Modified-Since": now},
            {"If-Modified-Since": before},
            {"If-Modified-Since": "junk"},
            {"If-None-Match": '"x"', "If-Modified-Since": now},
        ]
        replies = [await door.ask(path_of(asset), headers=headers) for headers in asked]

        assert [reply.status for reply in replies] == [304, 304, 304, 200, 200, 200]
        assert replies[0].header("Content-Length") is None
        assert {line["outcome"] for line in door.lines() if line.get("status") == 304} == {"not_modified"}


@pytest.mark.parametrize("over_tls", [False, True])
@pytest.mark.parametrize("loop", loops().values(), ids=loops().keys())
def test_large_files_arrive_whole_on_one_connection(data: Path, tmp_path: Path, loop: Loop, *, over_tls: bool) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(arriving_whole(data, tmp_path, over_tls=over_tls))


async def arriving_whole(data: Path, tmp_path: Path, *, over_tls: bool) -> None:
    pair = make(tmp_path, NAME, kind="ec")
    async with open_door(data, tls=settings_of(pair)) as door:
        asset = await keep(door, tmp_path, content=PIECES)

        async with door.connected("tls" if over_tls else "plain", tls=phone() if over_tls else None) as wire:
            for wanted in (None, "bytes=700000-", None):
                await wire.send(request("GET", path_of(asset), headers={"Range": wanted} if wanted else {}))
                reply = await wire.reply()
                assert reply.body == (PIECES[700_000:] if wanted else PIECES)


async def test_who_goes_away_is_noted_and_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path, content=PIECES * 20)

        async with door.connected() as wire:
            await wire.send(request("GET", path_of(asset)))
            await wire.some()
        await until(lambda: door.traffic.count == 1)

        assert door.last_line()["outcome"] == "broken"
        assert door.last_line()["size_bytes"] < len(PIECES) * 20


async def test_who_takes_nothing_is_let_go(data: Path, tmp_path: Path) -> None:
    async with open_door(data, slow_s=0.2) as door:
        asset = await keep(door, tmp_path, content=PIECES * 20)

        async with door.connected() as wire:
            await wire.send(request("GET", path_of(asset)))
            await until(lambda: door.traffic.count == 1)

        assert door.last_line()["outcome"] == "broken"


async def test_strangers_learn_nothing_from_paths_of_assets(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)
        folder = asset.bundle.folder
        wrong = folder[:-1] + ("A" if folder[-1] != "A" else "B")
        unknown = (await door.ask("/805ec0aaaaaa.cfg")).undated

        for path in (
            asset.bundle.path("other.rom"),
            f"/assets/{wrong}/{asset.name}",
            f"/assets/{asset.name}",
            f"/assets/{folder}/",
            f"/assets/{folder}/../{asset.name}",
            f"/assets/{folder}/%2e%2e/state.sqlite3",
            f"/assets/{asset.sha256}",
            f"/assets/{asset.sha256[:2]}/{asset.sha256}",
            f"{path_of(asset)}/x",
        ):
            assert (await door.ask(path)).undated == unknown, path

        for method in ("PUT", "POST"):
            assert (await door.ask(path_of(asset), method=method, body=b"x")).undated == unknown
        assert (await door.ask(path_of(asset))).body == CONTENT


async def test_a_missing_asset_looks_like_a_wrong_token_where_logins_are_asked_for(data: Path, tmp_path: Path) -> None:
    async with open_door(data, login=LoginSettings(ask=True)) as door:
        asset = await keep(door, tmp_path)

        missing = await door.ask(asset.bundle.path("other.rom"))
        token = await door.ask(f"/{'A' * 24}/805ec0aaaaaa.cfg")

        assert missing.undated == token.undated


async def test_a_file_that_is_gone_from_the_disk_is_our_fault(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path)
        door.services.assets.files.remove(asset.sha256)

        assert (await door.ask(path_of(asset))).status == 503


async def test_a_phone_finds_pinned_firmware_beside_its_configuration(data: Path, tmp_path: Path) -> None:
    """Polycom's boot loader asks sip.ld where its configuration is; another's firmware, or none, is a miss."""
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant, mac=POLYCOM, vendor="polycom", model="VVX450")
        url = f"/{door.lasting(device)}/sip.ld"
        await keep(door, tmp_path, "sip.ld", vendor="polycom", version="6.4.6")
        wanted = Version(vendor="polycom", kind=AssetKind.FIRMWARE, version="6.4.6")

        before = await door.ask(url)
        await door.services.pins.pin(wanted, Target(tenant=tenant))
        after = await door.ask(url, headers={"Range": "bytes=0-9"})
        await door.services.pins.unpin("polycom", AssetKind.FIRMWARE, Target(tenant=tenant))
        removed = await door.ask(url)

        assert (before.status, after.status, removed.status) == (404, 206, 404)
        assert after.body == CONTENT[:10]
        assert (await door.ask("/sip.ld")).undated == before.undated, "a name alone is no device's"


async def test_another_tenants_ring_tone_is_never_served(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        mine, rival = await door.tenant("mine"), await door.tenant("rival")
        own = await door.phone(mine)
        other = await door.phone(rival, mac=MacAddress("805ec0aabbcd"))
        await keep(door, tmp_path, "ring.wav", kind=AssetKind.RINGTONE, version="1", tenant=mine)
        wanted = Version(vendor="yealink", kind=AssetKind.RINGTONE, version="1", tenant=mine)
        await door.services.pins.pin(wanted, Target(tenant=mine))

        mine_gets = await door.ask(f"/{door.lasting(own)}/ring.wav")
        rival_gets = await door.ask(f"/{door.lasting(other)}/ring.wav")
        stranger_gets = await door.ask("/ring.wav")

        assert (mine_gets.status, mine_gets.header("Content-Type")) == (200, "audio/wav")
        assert rival_gets.undated == stranger_gets.undated
        assert rival_gets.status == 404


async def test_a_locked_device_finds_nothing(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        await keep(door, tmp_path)
        await door.services.pins.pin(Version(vendor="yealink", kind=AssetKind.FIRMWARE, version="96.86"), Target())
        url = f"/{door.lasting(device)}/T54W-96.rom"

        free = await door.ask(url)
        await door.services.devices.lock(MAC, reason="stolen")
        locked = await door.ask(url)

        assert (free.status, locked.status) == (200, 404)


async def test_the_pinned_firmware_stands_in_the_configuration(data: Path, tmp_path: Path) -> None:
    """And what it says can be fetched: pinned, written by the maker's own rows, downloaded."""
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        await door.phone(tenant)
        await keep(door, tmp_path)
        await door.services.pins.pin(Version(vendor="yealink", kind=AssetKind.FIRMWARE, version="96.86"), Target())

        file = (await door.ask(f"/{MAC}.cfg")).text
        (url,) = [line.partition(" = ")[2] for line in file.splitlines() if line.startswith("static.firmware.url")]

        assert url.startswith("http://phones.example.com/assets/")
        assert (await door.ask(url.removeprefix("http://phones.example.com"))).body == CONTENT


async def test_many_phones_download_at_the_same_time(data: Path, tmp_path: Path) -> None:
    async with open_door(data) as door:
        asset = await keep(door, tmp_path, content=PIECES)

        replies = await asyncio.gather(*(door.ask(path_of(asset)) for _ in range(12)))

        assert all(reply.body == PIECES for reply in replies)
