"""An encrypted file behaves on the wire like others: same bytes, tags, 304, a clock; without its key it stays here."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.domain.device import Credential, Device, device_owner
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from provserver.storage import credentials
from tests.ciphers.openssl import NEEDS_OPENSSL, decrypted
from tests.clocks import DAY_MS
from tests.http.door import PASSWORD, Door, open_door

PHONE = MacAddress("00562b043615")
KEY = "SecretPhrase1234"
FIELD = "setting.config_key"


async def add(door: Door, **settings: str) -> tuple[Device, str]:
    """A phone with a key, and the path of its profile with its lasting token."""
    tenant = await door.tenant("shop")
    device = await door.phone(tenant, mac=PHONE, vendor="cisco", model="8841", settings=settings)
    await set_key(door, KEY)
    return device, f"/{door.lasting(device)}/{PHONE}.xml"


async def set_key(door: Door, key: str) -> None:
    await door.services.edits.change(PHONE, {}, {"config_key": Secret(key)})


async def key_of(door: Door, device: Device) -> Credential:
    await door.settled()
    async with door.services.storage.read() as tx:
        owned = await credentials.credentials_of(tx, [device_owner(device.id)])
    return next(credential for credential in owned if credential.field == FIELD)


class TestWithTheProgram:
    pytestmark = NEEDS_OPENSSL

    async def test_openssl_reads_what_the_phone_gets(self, data: Path) -> None:
        async with open_door(data) as door:
            _, path = await add(door)

            reply = await door.ask(path)

            assert (reply.status, reply.header("Content-Type")) == (200, "application/octet-stream")
            assert PASSWORD.encode() not in reply.body
            assert PASSWORD.encode() in decrypted(reply.body, KEY)
            assert reply.header("Content-Length") == str(len(reply.body))
            assert door.last_line()["outcome"] == "delivered"


async def test_the_same_data_give_the_same_bytes_and_a_304(data: Path) -> None:
    async with open_door(data) as door:
        _, path = await add(door)
        first = await door.ask(path)
        door.services.records.forget(PHONE.value)  # nothing of it comes from a cache

        again = await door.ask(path)
        unchanged = await door.ask(path, headers={"If-None-Match": str(first.header("ETag"))})

        assert (again.body, again.header("ETag")) == (first.body, first.header("ETag"))
        assert (unchanged.status, unchanged.body, unchanged.header("ETag")) == (304, b"", first.header("ETag"))


async def test_another_key_or_cipher_is_another_file(data: Path) -> None:
    async with open_door(data) as door:
        _, path = await add(door)
        replies = [await door.ask(path)]
        await set_key(door, "another one")
        replies.append(await door.ask(path))
        await door.services.edits.change(PHONE, {"config_encryption": "aes128gcm"}, {})
        replies.append(await door.ask(path))

        assert {reply.status for reply in replies} == {200}
        assert len({reply.body for reply in replies}) == len({reply.header("ETag") for reply in replies}) == 3
        stale = await door.ask(path, headers={"If-None-Match": str(replies[0].header("ETag"))})
        assert stale.status == 200


async def test_a_content_coding_stands_in_its_header(data: Path) -> None:
    async with open_door(data) as door:
        _, path = await add(door, config_encryption="aes128gcm")

        reply, head = await door.ask(path), await door.ask(path, method="HEAD")

        for answer in (reply, head):
            assert (answer.status, answer.header("Content-Encoding")) == (200, "aes128gcm")
            assert answer.header("Content-Type") == "application/xml; charset=utf-8"
        assert PASSWORD.encode() not in reply.body
        assert b"<?xml" not in reply.body


async def test_a_file_in_clear_has_no_coding(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant, mac=PHONE, vendor="cisco", model="8841")

        reply = await door.ask(f"/{door.lasting(device)}/{PHONE}.xml")

        assert reply.status == 200
        assert "Content-Encoding" not in [name for name, _ in reply.headers]
        assert PASSWORD in reply.text


async def test_the_clock_of_a_key_runs_from_the_first_file_that_it_encrypted(data: Path) -> None:
    async with open_door(data) as door:
        device, path = await add(door)
        await door.ask(path, method="HEAD")
        assert (await key_of(door, device)).first_delivered_at is None

        await door.ask(path)

        assert (await key_of(door, device)).first_delivered_at is not None


async def test_without_its_key_a_file_is_withheld_and_never_sent_in_clear(data: Path) -> None:
    """Profiles go on without a deleted password; a phone that expects them encrypted keeps what it has."""
    async with open_door(data) as door:
        device, path = await add(door)
        await door.ask(path)
        door.clock.advance_ms(15 * DAY_MS)
        assert await door.services.retention.run() == 2

        for _ in range(2):
            reply = await door.ask(path)
            assert (reply.status, reply.body) == (404, b"")
            assert door.last_line()["outcome"] == "withheld_after_deletion"
        await door.services.edits.change(PHONE, {}, {"line.1.password": Secret("new")})
        assert (await door.ask(path)).status == 404, "a new password does not go out in clear either"
        await set_key(door, KEY)
        assert (await door.ask(path)).status == 200
        assert not (await key_of(door, device)).deleted_at


@pytest.mark.parametrize("key", ["not base64url!"])
async def test_a_key_that_does_not_fit_sends_nothing_and_is_not_quoted(data: Path, key: str) -> None:
    async with open_door(data) as door:
        _, path = await add(door, config_encryption="aes128gcm_base64url")
        await set_key(door, key)

        reply = await door.ask(path)

        assert (reply.status, reply.body) == (503, b"")
        assert (door.last_line()["outcome"], door.last_line()["reason"]) == ("failed", "unfit_value")
        assert key not in door.output.getvalue().decode()
