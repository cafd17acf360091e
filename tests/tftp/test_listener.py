"""By TFTP, phones of listed makers in locked networks get what their window releases; all others get nothing, alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv6Network
from pathlib import Path

import pytest

from provserver.domain.device import ReleasePolicy
from provserver.domain.mac import MacAddress
from provserver.errors import ConfigurationError
from provserver.settings import TFTPSettings
from provserver.tftp.listener import NO_WRITING, NOT_FOUND, PER_ADDRESS
from tests.clocks import MINUTE_MS
from tests.http.door import PASSWORD, Door, open_door, until
from tests.http.test_loops import Loop, loops
from tests.sip.test_resync import LOOPBACKS
from tests.tftp.client import SILENCE_S, Fetched, ack, by_curl, by_hpa, client, fetch, read, tftp

PHONE, OTHER, LOCKED, UNARMED, STRICT, UNKNOWN = (MacAddress(f"00562b0436{number:02x}") for number in range(1, 7))
YEALINK = MacAddress("805ec0aabbcc")
SETTINGS = TFTPSettings(enabled=True, port=0, networks=("127.0.0.0/30",), makers=("cisco",))  # type: ignore[arg-type]
Address = tuple[str, int]


def name(mac: MacAddress = PHONE) -> str:
    return f"SEP{mac.upper}.cnf.xml"


@asynccontextmanager
async def served(data: Path, *, refusal_ms: int = 1) -> AsyncIterator[tuple[Door, Address]]:
    """The listener, with one armed phone."""
    async with open_door(data, tftp=SETTINGS, refusal_ms=refusal_ms) as door, tftp(door) as at:
        await door.phone(await door.tenant("shop"), mac=PHONE, vendor="cisco", model="7941G")
        yield door, at


@pytest.mark.peer
async def test_curl_gets_the_file_that_http_gives(data: Path, tmp_path: Path) -> None:
    async with served(data) as (door, at):
        fetched = await by_curl(at, name(), tmp_path)
        by_http = await door.ask(f"/{name()}", agent="")

    assert fetched == Fetched(0, by_http.body, "")
    assert fetched.content is not None
    assert PASSWORD.encode() in fetched.content


@pytest.mark.peer
@pytest.mark.parametrize("block", ["8", "512", "1428", "65464"])
async def test_curl_gets_it_in_blocks_of_any_size(data: Path, tmp_path: Path, block: str) -> None:
    async with served(data) as (door, at):
        fetched = await by_curl(at, name(), tmp_path, "--tftp-blksize", block)
        by_http = await door.ask(f"/{name()}", agent="")

    assert fetched == Fetched(0, by_http.body, "")


@pytest.mark.peer
@pytest.mark.parametrize("mode", ["octet", "netascii"])
async def test_tftp_hpa_gets_it_in_both_modes(data: Path, tmp_path: Path, mode: str) -> None:
    async with served(data) as (door, at):
        fetched = await by_hpa(at, name(), tmp_path, mode=mode)
        by_http = await door.ask(f"/{name()}", agent="")

    assert fetched.content is not None
    assert fetched.content.replace(b"\r\n", b"\n") == by_http.body.replace(b"\r\n", b"\n")


@pytest.mark.peer
async def test_clients_of_others_hear_that_a_file_is_not_there(data: Path, tmp_path: Path) -> None:
    async with served(data) as (_, at):
        curl = await by_curl(at, name(UNKNOWN), tmp_path)
        hpa = await by_hpa(at, name(UNKNOWN), tmp_path)

    assert curl.code == 68  # CURLE_TFTP_NOTFOUND
    assert not curl.content
    assert "File not found" in hpa.said
    assert not hpa.content


@pytest.mark.peer
async def test_nothing_can_be_written(data: Path, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"x")
    async with served(data) as (door, at):
        said = await by_curl(at, name(), tmp_path, "--upload-file", str(upload))
        async with client() as sock:
            sock.send(b"\0\2" + name().encode() + b"\0octet\0", at)
            assert (await sock.hear())[0] == NO_WRITING

        assert said.code == 71  # CURLE_TFTP_ILLEGAL
        assert await door.requests() == []


async def test_a_delivery_is_complete_when_its_last_block_is_acknowledged(data: Path) -> None:
    async with served(data) as (door, at):
        content = await fetch(at, name())
        await until(lambda: door.traffic.count == 1)
        device = await door.services.devices.get(PHONE)
        credential = await door.credential(device)

        assert PASSWORD.encode() in content
        assert credential.first_delivered_at is not None
        assert device.provisioned_at is not None
        line = door.last_line()
        assert (line["outcome"], line["method"], line["proof"]) == ("delivered", "RRQ", "window")
        assert (line["path"], line["mac"], line["vendor"]) == (f"/{name()}", PHONE.value, "cisco")
        (row,) = await door.requests()
        assert (row["address"], row["status"], row["size_bytes"]) == ("127.0.0.1", 200, len(content))
        assert door.count("requests_total", vendor="cisco", outcome="delivered") == 1
        assert door.count("tftp_datagrams_total", result="admitted") == 1


async def test_a_client_that_goes_away_takes_the_release_back(data: Path) -> None:
    async with served(data) as (door, at):
        async with client() as sock:
            sock.send(read(name()), at)
            packet, peer = await sock.hear()
            assert packet[:4] == b"\0\3\0\1"
            sock.send(b"\0\5\0\0enough\0", peer)
        await until(lambda: door.traffic.count == 1)
        device = await door.device(await door.services.devices.get(PHONE))
        credential = await door.credential(device)

        assert door.last_line()["outcome"] == "broken"
        assert (device.provisioned_at, credential.first_delivered_at) == (None, None)
        assert PASSWORD.encode() in await fetch(at, name())


async def test_a_client_that_is_gone_breaks_its_transfer(data: Path) -> None:
    """Its port is closed, and its system says so."""
    async with served(data) as (door, at):
        async with client() as sock:
            sock.send(read(name()), at)
            _, peer = await sock.hear()
            sock.send(ack(1), peer)
            await sock.hear()
        await until(lambda: door.traffic.count == 1)

        assert door.last_line()["outcome"] == "broken"


async def test_the_window_settles_and_closes_as_it_does_for_http(data: Path) -> None:
    async with served(data) as (door, at):
        assert PASSWORD.encode() in await fetch(at, name())
        await until(lambda: door.traffic.count == 1)
        assert PASSWORD.encode() in await fetch(at, name())
        door.clock.advance_ms(16 * MINUTE_MS)

        assert await fetch(at, name()) == NOT_FOUND
        await until(lambda: door.traffic.count == 3)
        assert door.last_line()["reason"] == "provisioned"


async def fill(door: Door) -> dict[str, tuple[str, str]]:
    """Devices in every situation in which nothing is released: the name that is asked for, and why nothing comes."""
    shop = await door.services.tenants.get("shop")
    careful = await door.tenant("careful", policy=ReleasePolicy.STRICT)
    armed = await door.services.devices.get(PHONE)
    other = await door.phone(shop, mac=OTHER, vendor="cisco", model="7941G")
    await door.phone(shop, mac=LOCKED, vendor="cisco", model="7941G")
    await door.services.devices.lock(LOCKED, reason="stolen")
    await door.phone(shop, mac=UNARMED, vendor="cisco", model="7941G", arm=False)
    await door.phone(careful, mac=STRICT, vendor="cisco", model="7941G")
    await door.phone(shop, mac=YEALINK, vendor="yealink")
    return {
        "unknown": (name(UNKNOWN), "unknown_device"),
        "common file": ("XMLDefault.cnf.xml", "unknown_device"),
        "locked": (name(LOCKED), "locked"),
        "not armed": (name(UNARMED), "not_armed"),
        "strict": (name(STRICT), "strict"),
        "maker that is not listed": (f"{YEALINK}.cfg", "tftp"),
        "with its token": (f"{door.lasting(other)}/{name(OTHER)}", "tftp"),
        "with its bootstrap token": (f"{door.bootstrap(armed)}/{name()}", "tftp"),
        "with a wrong token": (f"QUJDREVGR0hJSktMTU5PUFFS/{name()}", "wrong_token"),
        "no such file": (f"CTLSEP{PHONE.upper}.tlv", "no_template"),
        "traversal": ("../../etc/passwd", "hostile_path"),
        "control characters": ("a\r\nb\x1b[2J", "hostile_path"),
        "not ASCII": ("\xff\xfe", "hostile_path"),
        "percent signs": ("%2e%2e%2f", "hostile_path"),
        "long": ("a" * 480, "unknown_device"),
    }


async def test_refusals_are_all_the_same_whatever_the_reason(data: Path) -> None:
    async with served(data) as (door, at):
        for case, (asked, reason) in (await fill(door)).items():
            before = door.traffic.count
            assert await fetch(at, asked) == NOT_FOUND, case
            await until(lambda before=before: door.traffic.count > before)  # type: ignore[misc]
            assert door.last_line()["reason"] == reason, case
            assert door.lines()[-1]["outcome"] == "refused"

        assert len(await door.requests()) == door.traffic.count


async def test_refusals_wait_for_the_same_time_as_those_of_the_other_listeners(data: Path) -> None:
    async with served(data, refusal_ms=80) as (door, at):
        cases = await fill(door)
        for case in ("unknown", "locked", "maker that is not listed", "traversal"):
            before = time.monotonic()
            await fetch(at, cases[case][0])
            assert time.monotonic() - before >= 0.08


async def test_a_token_that_was_used_by_http_opens_nothing_here(data: Path) -> None:
    """The path of a released request is remembered, for HTTP."""
    async with served(data) as (door, at):
        device = await door.services.devices.get(PHONE)
        path = f"{door.lasting(device)}/{name()}"
        for _ in range(2):
            assert (await door.ask(f"/{path}", agent="")).status == 200

        assert await fetch(at, path) == NOT_FOUND


async def test_whoever_is_outside_the_networks_hears_nothing(data: Path) -> None:
    async with served(data) as (door, at):
        async with client("127.0.0.9") as stranger:
            stranger.send(read(name()), at)
            stranger.send(read(name(UNKNOWN)), at)
            stranger.send(b"\0\2a\0octet\0", at)
            stranger.send(b"?", at)
            await asyncio.sleep(SILENCE_S)
            assert stranger.heard.empty()
        assert PASSWORD.encode() in await fetch(at, name(), host="127.0.0.2")
        await until(lambda: door.traffic.count == 1)

        assert door.count("tftp_datagrams_total", result="stranger") == 4
        assert len(await door.requests()) == 1


@pytest.mark.parametrize("network", ["::1/128", "::/32"] if "::1" in LOOPBACKS else [])
async def test_phones_are_served_over_ipv6(data: Path, network: str) -> None:
    settings = SETTINGS.model_copy(update={"host": "::1", "networks": (IPv6Network(network),)})
    async with open_door(data, tftp=settings) as door, tftp(door) as at:
        await door.phone(await door.tenant("shop"), mac=PHONE, vendor="cisco", model="7941G")

        assert PASSWORD.encode() in await fetch(at, name(), host="::1")
        await until(lambda: door.traffic.count == 1)
        assert door.last_line()["address"] == "::1"


async def test_noise_is_met_with_silence(data: Path) -> None:
    async with served(data) as (door, at), client() as sock:
        for noise in (b"?", b"\0\1", b"\0\4\0\1", b"\0\3\0\1x", b"\0\5\0\1x\0", b"\0\1a\0mail\0", b"\xff" * 1400):
            sock.send(noise, at)
        await asyncio.sleep(SILENCE_S)

        assert sock.heard.empty()
        assert door.count("tftp_datagrams_total", result="malformed") == 7


async def test_a_request_that_is_repeated_is_served_once(data: Path) -> None:
    async with served(data) as (door, at), client() as sock:
        for _ in range(3):
            sock.send(read(name()), at)
        first, peer = await sock.hear()
        sock.send(b"\0\5\0\0enough\0", peer)
        await until(lambda: door.traffic.count == 1)

        assert first[:4] == b"\0\3\0\1"
        assert sock.heard.empty()
        assert door.count("tftp_datagrams_total", result="repeated") == 2


async def test_one_address_has_so_many_transfers_and_no_more(data: Path) -> None:
    async with served(data) as (door, at):
        socks = [client() for _ in range(PER_ADDRESS + 1)]
        opened = [await sock.__aenter__() for sock in socks]
        try:
            for sock in opened:
                sock.send(read(name()), at)
            heard = [await sock.hear() for sock in opened[:-1]]
            await asyncio.sleep(SILENCE_S)
            assert opened[-1].heard.empty()
            for sock, (_, peer) in zip(opened, heard, strict=False):
                sock.send(b"\0\5\0\0enough\0", peer)
            await until(lambda: door.traffic.count == PER_ADDRESS)
            opened[-1].send(read(name()), at)
            packet, peer = await opened[-1].hear()
            opened[-1].send(b"\0\5\0\0enough\0", peer)
            await until(lambda: door.traffic.count == PER_ADDRESS + 1)
        finally:
            for entered in socks:
                await entered.__aexit__(None, None, None)

    assert packet[:4] == b"\0\3\0\1"


async def test_others_cannot_speak_in_a_transfer(data: Path) -> None:
    async with served(data) as (door, at), client() as sock, client() as other:
        sock.send(read(name()), at)
        first, peer = await sock.hear()
        other.send(b"\0\5\0\0enough\0", peer)
        other.send(ack(1), peer)
        await asyncio.sleep(SILENCE_S)
        content = first[4:]
        while True:
            sock.send(ack(int.from_bytes(first[2:4], "big")), peer)
            if len(first) < 516:
                break
            first, _ = await sock.hear()
            content += first[4:]
        await until(lambda: door.traffic.count == 1)

        assert door.last_line()["outcome"] == "delivered"
        assert PASSWORD.encode() in content


async def test_a_port_that_is_taken_is_a_configuration_error(data: Path) -> None:
    async with served(data) as (door, (host, port)):
        with pytest.raises(ConfigurationError, match=f"cannot listen on {host} UDP port {port}"):
            async with tftp(door, port=port):
                pass


@pytest.mark.parametrize("loop", loops().values(), ids=loops().keys())
def test_a_file_goes_out_and_a_client_goes_away_on_every_event_loop(data: Path, loop: Loop) -> None:
    async def work() -> None:
        async with served(data) as (door, at):
            async with client() as sock:
                sock.send(read(name()), at)
                _, peer = await sock.hear()
                sock.send(ack(1), peer)
                await sock.hear()
            await until(lambda: door.traffic.count == 1)
            assert door.last_line()["outcome"] == "broken"
            assert await fetch(at, name(UNKNOWN)) == NOT_FOUND
            assert PASSWORD.encode() in await fetch(at, name())

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work())
