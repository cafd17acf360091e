"""What phones may leave with us: fixed names, with a proof, within a quota, sealed, and gone with the credentials."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from provserver.domain.device import Device, Tenant
from provserver.domain.mac import MacAddress
from provserver.services.filestore.uploads import FOLDER
from provserver.settings import UploadSettings
from provserver.storage.tables import UPLOAD, WRAPPED_KEY
from tests.clocks import DAY_MS
from tests.http.door import MAC, Door, open_door, until
from tests.http.wire import request

LOCAL, CONTACTS, CALLS = f"{MAC}-local.cfg", f"{MAC}-contact.xml", f"{MAC}-calllog.xml"
CONTENT = b"linekey.1.label = typed at the phone, and a password: swordfish-77\n"
WRONG = "QUJDREVGR0hJSktMTU5PUFFS"
OTHER = MacAddress("805ec0aabbcd")
MIB = 1_048_576


async def phone(door: Door, tenant: Tenant | None = None, **options: object) -> tuple[Device, str]:
    """A device, and the URL it was given."""
    device = await door.phone(tenant or await door.tenant("shop"), **options)  # type: ignore[arg-type]
    return device, f"/{door.lasting(device)}"


def files(data: Path) -> list[Path]:
    folder = data / FOLDER
    return sorted(folder.iterdir()) if folder.is_dir() else []


def everything(data: Path) -> bytes:
    """The bytes of all files of the data folder."""
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_phone_leaves_a_file_and_reads_it_back(data: Path, method: str) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)

        sent = await door.ask(f"{url}/{LOCAL}", method=method, body=CONTENT)
        read = await door.ask(f"{url}/{LOCAL}")
        head = await door.ask(f"{url}/{LOCAL}", method="HEAD")

        assert (sent.status, sent.body) == (201, b"")
        assert (read.status, read.body) == (200, CONTENT)
        assert read.header("Content-Type") == "text/plain; charset=utf-8"
        assert read.header("Cache-Control") == "no-store"
        assert head.undated == read.undated.removesuffix(read.body)
        outcomes = [line["outcome"] for line in door.lines()]
        assert outcomes == ["uploaded", "served", "served"]


@pytest.mark.parametrize(
    "file",
    [
        f"{MAC}.cfg",
        f"{MAC}.boot",
        "y000000000096.cfg",
        f"{MAC}-other.cfg",
        "local.cfg",
        f"x/{LOCAL}",
        f"{OTHER}-local.cfg",
    ],
)
async def test_only_the_names_that_the_maker_declares_are_taken(data: Path, file: str) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)

        reply = await door.ask(f"{url}/{file}", method="PUT", body=CONTENT)

        assert (reply.status, reply.body) == (404, b"")
        assert await door.rows(UPLOAD) == []
        assert files(data) == []


async def test_nobody_leaves_anything_without_a_proof(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device, _ = await phone(door, tenant, arm=False)
        neighbour = await door.phone(tenant, mac=OTHER)
        for path in (f"/{LOCAL}", f"/{WRONG}/{LOCAL}", f"/{door.lasting(neighbour)}/{LOCAL}"):
            assert (await door.ask(path, method="PUT", body=CONTENT)).status == 404
        await door.services.devices.lock(MAC, reason="stolen")

        assert (await door.ask(f"/{door.lasting(device)}/{LOCAL}", method="PUT", body=CONTENT)).status == 404

        assert await door.rows(UPLOAD) == []
        assert files(data) == []


async def test_a_file_is_returned_only_to_the_device_that_left_it(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        _, url = await phone(door, tenant)
        neighbour = await door.phone(tenant, mac=OTHER)
        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)
        await door.ask(f"{url}/{MAC}.cfg")
        door.clock.advance_ms(DAY_MS)

        for path in (f"/{LOCAL}", f"/{WRONG}/{LOCAL}", f"/{door.lasting(neighbour)}/{LOCAL}"):
            assert (await door.ask(path)).status == 404
        assert (await door.ask(f"/{door.lasting(neighbour)}/{OTHER}-local.cfg")).status == 404, "its own is not there"


async def test_what_the_phone_does_not_read_back_is_never_sent(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        assert (await door.ask(f"{url}/{CALLS}", method="PUT", body=CONTENT)).status == 201

        reply = await door.ask(f"{url}/{CALLS}")

        assert (reply.status, reply.body) == (404, b"")


async def test_uploads_are_kept_sealed(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)

        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)

        (kept,) = files(data)
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.parent.stat().st_mode & 0o777 == 0o700
        assert kept.name not in CONTENT.decode()
        assert b"swordfish" not in everything(data)
        assert "swordfish" not in door.output.getvalue().decode()


async def test_an_altered_file_is_not_returned(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)
        (kept,) = files(data)
        kept.write_bytes(bytes(reversed(kept.read_bytes())))

        reply = await door.ask(f"{url}/{LOCAL}")

        assert (reply.status, reply.body) == (503, b"")


async def test_a_newer_file_takes_the_place_of_an_older_one(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)
        (first,), keys = files(data), len(await door.rows(WRAPPED_KEY, kind="keystore"))

        await door.ask(f"{url}/{LOCAL.upper()}", method="PUT", body=b"newer")

        (second,) = files(data)
        assert first != second
        assert len(await door.rows(UPLOAD)) == 1
        assert len(await door.rows(WRAPPED_KEY, kind="keystore")) == keys, "the older one's key is destroyed"
        assert (await door.ask(f"{url}/{LOCAL}")).body == b"newer"


async def test_one_file_has_one_place_however_its_mac_is_written(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        for name in (f"{MAC}-local.cfg", f"{MAC.upper}-local.cfg", f"{MAC.colons}-local.cfg"):
            assert (await door.ask(f"{url}/{name}", method="PUT", body=name.encode())).status == 201

        assert len(await door.rows(UPLOAD)) == 1
        assert (await door.ask(f"{url}/{LOCAL}")).body == f"{MAC.colons}-local.cfg".encode()


async def test_a_device_leaves_no_more_bytes_than_its_quota(data: Path) -> None:
    async with open_door(data, uploads=UploadSettings(device_bytes=100, device_files=9)) as door:
        tenant = await door.tenant("shop")
        _, url = await phone(door, tenant)
        neighbour = await door.phone(tenant, mac=OTHER)
        assert (await door.ask(f"{url}/{LOCAL}", method="PUT", body=b"x" * 60)).status == 201

        assert (await door.ask(f"{url}/{CONTACTS}", method="PUT", body=b"x" * 41)).status == 413
        assert door.last_line()["reason"] == "quota"
        assert (await door.ask(f"{url}/{CONTACTS}", method="PUT", body=b"x" * 40)).status == 201
        assert (await door.ask(f"{url}/{LOCAL}", method="PUT", body=b"y" * 60)).status == 201, "in place of the older"
        assert (await door.ask(f"{url}/{LOCAL}", method="PUT", body=b"y" * 61)).status == 413
        other = f"/{door.lasting(neighbour)}/{OTHER}-local.cfg"
        assert (await door.ask(other, method="PUT", body=b"x" * 100)).status == 201, "each device has its own"

        assert (await door.ask(f"{url}/{LOCAL}")).body == b"y" * 60
        assert len(files(data)) == 3


async def test_a_device_leaves_no_more_files_than_its_quota(data: Path) -> None:
    async with open_door(data, uploads=UploadSettings(device_files=2)) as door:
        _, url = await phone(door)
        statuses = [
            (await door.ask(f"{url}/{file}", method="PUT", body=CONTENT)).status
            for file in (LOCAL, CONTACTS, CALLS, CONTACTS)
        ]

        assert statuses == [201, 201, 413, 201]
        assert len(files(data)) == len(await door.rows(UPLOAD)) == 2


async def test_uploads_at_the_same_moment_share_the_quota(data: Path) -> None:
    names = [LOCAL, CONTACTS, CALLS, f"{MAC}-boot.log", f"{MAC}-sys.log"]
    async with open_door(data, uploads=UploadSettings(device_files=2)) as door:
        _, url = await phone(door)

        replies = await asyncio.gather(
            *(door.ask(f"{url}/{name}", method="PUT", body=CONTENT) for name in names for _ in range(2))
        )

        assert {reply.status for reply in replies} == {201, 413}
        assert len(await door.rows(UPLOAD)) == 2
        await until(lambda: len(files(data)) == 2)
        used = {row["key_id"] for row in await door.rows(UPLOAD)}
        kept = {row["key_id"] for row in await door.rows(WRAPPED_KEY, kind="keystore")}
        assert used < kept
        assert len(kept) == 3, "two files and the line's password"


async def test_no_file_is_larger_than_its_kind_may_be(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)

        assert (await door.ask(f"{url}/{LOCAL}", method="PUT", body=b"x" * MIB)).status == 201
        assert (await door.ask(f"{url}/{LOCAL}", method="PUT", body=b"y" * (MIB + 1))).status == 413

        assert (await door.ask(f"{url}/{LOCAL}")).body == b"x" * MIB


async def test_a_body_that_says_it_is_too_large_is_refused_unread(data: Path) -> None:
    async with open_door(data, uploads=UploadSettings(device_bytes=1000)) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers={"Content-Length": "1001"}))

            reply = await wire.reply()

            assert (reply.status, reply.header("Connection")) == (413, "close")
            assert await wire.rest() == b""


async def test_a_body_that_grows_too_large_is_cut_off(data: Path) -> None:
    async with open_door(data, uploads=UploadSettings(device_bytes=1000)) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers={"Transfer-Encoding": "chunked"}))
            for _ in range(11):
                await wire.send(b"64\r\n" + b"x" * 100 + b"\r\n")

            assert (await wire.reply()).status == 413
            assert await wire.rest() == b""
        assert await door.rows(UPLOAD) == []


async def test_a_chunked_body_is_taken(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers={"Transfer-Encoding": "chunked"}))
            await wire.send(b"5\r\nhello\r\n")
            await wire.send(b"7;note=ignored\r\n, phone\r\n0\r\n\r\n")
            assert (await wire.reply()).status == 201

        assert (await door.ask(f"{url}/{LOCAL}")).body == b"hello, phone"


async def test_an_empty_body_is_taken(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)

        assert (await door.ask(f"{url}/{LOCAL}", method="PUT", headers={"Content-Length": "0"})).status == 201

        reply = await door.ask(f"{url}/{LOCAL}")
        assert (reply.status, reply.body) == (200, b"")


async def test_a_phone_that_asks_first_is_told_to_go_on(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        headers = {"Expect": "100-continue", "Content-Length": str(len(CONTENT))}
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers=headers))
            go_on = await wire.reply()
            await wire.send(CONTENT)
            done = await wire.reply()

        assert go_on.raw == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (done.status, done.body) == (201, b"")
        assert (await door.ask(f"{url}/{LOCAL}")).body == CONTENT


@pytest.mark.parametrize("path", [f"/{OTHER}-local.cfg", f"/{WRONG}/{LOCAL}", f"/{MAC}.cfg"])
async def test_a_stranger_who_asks_first_is_refused_and_not_told_to_go_on(data: Path, path: str) -> None:
    async with open_door(data) as door:
        await phone(door)
        headers = {"Expect": "100-continue", "Content-Length": "1000000000"}
        async with door.connected() as wire:
            await wire.send(request("PUT", path, headers=headers))

            reply = await wire.reply()

            assert reply.undated == b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


async def test_a_refused_body_is_not_waited_for(data: Path) -> None:
    """The refusal comes after the head; what is still sent is thrown away for a moment, and then the line is cut."""
    async with open_door(data) as door:
        await phone(door)
        async with door.connected() as wire:
            await wire.send(request("PUT", f"/{OTHER}-local.cfg", headers={"Content-Length": "1000000000"}))

            assert (await wire.reply()).status == 404

            await wire.send(b"x" * 100_000)
            assert await wire.rest() == b""
        assert files(data) == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
async def test_packed_uploads_are_refused(data: Path, encoding: str) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)

        reply = await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT, headers={"Content-Encoding": encoding})

        assert (reply.status, reply.body) == (415, b"")
        assert await door.rows(UPLOAD) == []


async def test_strangers_do_not_learn_that_packed_uploads_are_refused(data: Path) -> None:
    async with open_door(data) as door:
        await phone(door)

        reply = await door.ask(f"/{OTHER}-local.cfg", method="PUT", body=CONTENT, headers={"Content-Encoding": "gzip"})

        assert reply.status == 404


async def test_a_body_that_is_too_slow_is_cut_off(data: Path) -> None:
    async with open_door(data, slow_s=5) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            headers = {"Expect": "100-continue", "Content-Length": "100"}
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers=headers))
            assert (await wire.reply()).status == 100
            await wire.send(b"x" * 50)
            door.clock.advance_ms(4_999)
            await wire.send(b"x" * 49)
            await asyncio.sleep(0.05)  # five looks of the watch: nothing is expected to happen
            assert len(door.listener.server.watched) == 1

            door.clock.advance_ms(2)

            assert await wire.rest() == b""
        await until(lambda: not door.listener.server.watched)
        assert await door.rows(UPLOAD) == []
        assert files(data) == []


async def test_a_body_that_is_slow_but_steady_is_taken(data: Path) -> None:
    async with open_door(data, slow_s=5, least_rate=20) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            await wire.send(
                request("PUT", f"{url}/{LOCAL}", headers={"Expect": "100-continue", "Content-Length": "1000"})
            )
            assert (await wire.reply()).status == 100
            for _ in range(10):
                await wire.send(b"x" * 100)
                await asyncio.sleep(0.05)
                door.clock.advance_ms(5_001)
                await asyncio.sleep(0.05)  # five looks of the watch

            assert (await wire.reply()).status == 201


async def test_a_large_upload_is_never_in_memory_as_a_whole_nor_in_clear_on_the_disk(data: Path) -> None:
    content = b"swordfish-77 " * 80_000
    async with open_door(data) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers={"Content-Length": str(len(content))}))
            await wire.send(content[:-1])
            await until(lambda: bool(files(data)) and files(data)[0].stat().st_size >= len(content) - 131_072)
            assert b"swordfish" not in everything(data)
            assert await door.rows(UPLOAD) == []

            await wire.send(content[-1:])

            assert (await wire.reply()).status == 201
        assert (await door.ask(f"{url}/{LOCAL}")).body == content


async def test_what_comes_at_the_same_moment_shares_the_bytes_of_the_quota(data: Path) -> None:
    """Not only what is kept counts: else many connections could fill the disk together."""
    async with open_door(data, uploads=UploadSettings(device_bytes=1_000)) as door:
        _, url = await phone(door)
        async with door.connected() as first, door.connected() as second:
            for wire, name in ((first, LOCAL), (second, CONTACTS)):
                await wire.send(request("PUT", f"{url}/{name}", headers={"Transfer-Encoding": "chunked"}))
            await first.send(b"258\r\n" + b"x" * 600 + b"\r\n")
            await asyncio.sleep(0.05)
            await second.send(b"258\r\n" + b"y" * 600 + b"\r\n")

            assert (await second.reply()).status == 413

            await first.send(b"0\r\n\r\n")
            assert (await first.reply()).status == 201


async def test_a_device_that_is_locked_while_its_upload_comes_leaves_nothing(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        async with door.connected() as wire:
            headers = {"Expect": "100-continue", "Content-Length": "100"}
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers=headers))
            assert (await wire.reply()).status == 100
            await door.services.devices.lock(MAC, reason="stolen")

            await wire.send(b"x" * 100)

            assert (await wire.reply()).status == 404
        assert await door.rows(UPLOAD) == []
        assert files(data) == []


@pytest.mark.parametrize("half", [b"x" * 50, b"", b"5\r\nhel"])
async def test_a_phone_that_leaves_in_the_middle_leaves_nothing(data: Path, half: bytes) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        head = {"Transfer-Encoding": "chunked"} if half.endswith(b"hel") else {"Content-Length": "100"}
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers={**head, "Expect": "100-continue"}))
            assert (await wire.reply()).status == 100
            await wire.send(half)

        await until(lambda: not door.listener.server.watched)
        assert await door.rows(UPLOAD) == []
        assert not [line for line in door.lines() if line["level"] == "error"]


@pytest.mark.parametrize("body", [b"zz\r\nATTACKERBYTES", b"-1\r\nATTACKERBYTES\r\n", b"5\r\nhelloATTACKERBYTES\r\n0"])
async def test_a_body_that_is_no_http_is_the_phones_mistake(data: Path, body: bytes) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        for path in (f"{url}/{LOCAL}", f"/{OTHER}-local.cfg"):
            async with door.connected() as wire:
                await wire.send(request("PUT", path, headers={"Transfer-Encoding": "chunked"}) + body)
                reply = await wire.reply()
                await wire.rest()
            assert reply.status in (400, 404)

        assert await door.rows(UPLOAD) == []
        assert b"ATTACKERBYTES" not in b"".join(door_output(door))
        assert max(map(len, door_output(door))) < 1000


async def test_a_chunk_that_is_no_http_ends_the_upload_at_its_deadline(data: Path) -> None:
    async with open_door(data, slow_s=5) as door:
        _, url = await phone(door)
        headers = {"Transfer-Encoding": "chunked", "Expect": "100-continue"}
        async with door.connected() as wire:
            await wire.send(request("PUT", f"{url}/{LOCAL}", headers=headers))
            assert (await wire.reply()).status == 100
            await wire.send(b"5\r\nhello\r\n")
            await wire.send(b"zz\r\nATTACKERBYTES\r\n")
            door.clock.advance_ms(5_001)

            answer = await wire.rest()

        assert answer.split(b"\r\n")[0] in (b"", b"HTTP/1.0 400 Bad Request", b"HTTP/1.1 400 Bad Request")
        assert await door.rows(UPLOAD) == []
        assert b"ATTACKERBYTES" not in b"".join(door_output(door))
        assert max(map(len, door_output(door))) < 1000


def door_output(door: Door) -> list[bytes]:
    door.log.flush()
    return [b"", *door.output.getvalue().splitlines()]


async def test_what_may_hold_a_password_goes_with_it_and_the_rest_stays(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)
        await door.ask(f"{url}/{CONTACTS}", method="PUT", body=b"<contacts/>")
        local = next(row for row in await door.rows(UPLOAD) if row["name"] == LOCAL)
        assert (await door.ask(f"{url}/{MAC}.cfg")).status == 200
        door.clock.advance_ms(15 * DAY_MS)

        assert await door.services.retention.run() == 1

        assert (await door.ask(f"{url}/{LOCAL}")).status == 404
        assert (await door.ask(f"{url}/{CONTACTS}")).body == b"<contacts/>"
        assert [row["name"] for row in await door.rows(UPLOAD)] == [CONTACTS]
        assert local["id"] not in [file.name for file in files(data)]
        assert local["key_id"] not in [row["key_id"] for row in await door.rows(WRAPPED_KEY, kind="keystore")]


async def test_uploads_grow_old(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        await door.ask(f"{url}/{CONTACTS}", method="PUT", body=b"<contacts/>")
        door.clock.advance_days(31)

        await door.services.retention.run()

        assert (await door.rows(UPLOAD), files(data)) == ([], [])


async def test_a_removed_device_leaves_no_uploads_behind(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)

        await door.services.devices.delete(MAC)

        assert (await door.rows(UPLOAD), files(data)) == ([], [])
        assert await door.rows(WRAPPED_KEY, kind="keystore") == []


async def test_uploads_survive_a_restart(data: Path) -> None:
    async with open_door(data) as door:
        _, url = await phone(door)
        await door.ask(f"{url}/{LOCAL}", method="PUT", body=CONTENT)
    async with open_door(data, clock=door.clock) as door:
        assert (await door.ask(f"{url}/{LOCAL}")).body == CONTENT
