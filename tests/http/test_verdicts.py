"""
The table of verdicts: what a phone's certificate is worth, directly and behind real proxies.

The devices are not armed and nobody knows a token, so a file comes for a certificate or not at all.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provserver.domain.mac import MacAddress
from provserver.settings import LegacySettings, TLSSettings
from provserver.storage import devices
from tests.http import tls
from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door, until
from tests.http.proxies import NEEDS_PROXIES, accepting, free_port, proxy
from tests.http.wire import connected, request
from tests.pki import LONG_AGO, Authority, Certificate, new_key

OTHER = MacAddress("805ec0aabb01")
WAYS = ["direct", "haproxy", "haproxy-headers", "nginx"]
YEALINK, SNOM, ROGUE = Authority("Yealink"), Authority("Snom"), Authority("Rogue")
KEY = new_key()

# What is shown → whether the phone's file comes.
VERDICTS: dict[str, tuple[Certificate | None, bool]] = {
    "no certificate": (None, False),
    "good": (YEALINK.sign(CN=MAC.upper), True),
    "rogue authority": (ROGUE.sign(CN=MAC.upper), False),
    "expired": (YEALINK.sign(CN=MAC.upper, until=LONG_AGO), False),
    "generic": (YEALINK.sign(CN="Yealink Equipment"), False),
    "another maker's authority": (SNOM.sign(CN=MAC.upper), False),
    "subject of another MAC": (YEALINK.sign(CN=OTHER.upper), False),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A way in: the door behind it, and the port where phones speak TLS."""

    door: Door
    port: int

    async def status(
        self, certificate: Certificate | None, mac: MacAddress = MAC, *, headers: Mapping[str, str] | None = None
    ) -> int:
        """What *mac*'s file is answered with; 0 when the handshake fails."""
        shown = certificate.write(self.door.services.settings.data.directory / "phone.pem") if certificate else None
        context = tls.phone()
        if shown is not None:
            context.load_cert_chain(shown)
        try:
            async with connected("127.0.0.1", self.port, tls=context, name=tls.NAME) as wire:
                await wire.send(request("GET", f"/{mac}.cfg", headers={"User-Agent": AGENT, **(headers or {})}))
                reply = await wire.reply()
        except (ssl.SSLError, ConnectionError, asyncio.IncompleteReadError):
            return 0
        assert (PASSWORD in reply.text) is (reply.status == 200)
        return reply.status

    def reasons(self) -> list[str]:
        """Why requests were refused, so far."""
        lines = [line for line in self.door.lines() if line["event"] == "request.answered"]
        return [line["reason"] for line in lines if line["reason"]]


@asynccontextmanager
async def come_in(way: str, data: Path, folder: Path, **settings: Any) -> AsyncIterator[Way]:  # noqa: ANN401 - fields of TLSSettings
    """Open the door with two devices behind it, and what stands in front of it."""
    makers = folder / "makers"
    makers.mkdir()
    (makers / "yealink.pem").write_bytes(YEALINK.root.pem)
    (makers / "snom.pem").write_bytes(SNOM.root.pem)
    (folder / "makers.pem").write_bytes(YEALINK.root.pem + SNOM.root.pem)
    server = tls.make(folder, tls.NAME)
    ends_tls = way in ("haproxy-headers", "nginx")
    port = free_port()
    phone: dict[str, Any] = {}
    if ends_tls:
        phone = {"trusted_proxies": ["127.0.0.1"], "certificate_headers": True}
    elif way == "haproxy":
        phone = {"proxy_protocol": ["127.0.0.1"]}
    listening = TLSSettings(certificates=(server.file,), port=0, maker_authorities=makers, **settings)
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(open_door(data, tls=listening, **phone))
        tenant = await door.tenant("shop")
        for mac in (MAC, OTHER):
            await door.phone(tenant, mac=mac, arm=False)
        if way == "direct":
            yield Way(door, door.addresses["tls"][1])
            return
        replaced = {
            "haproxy": {":443": f"127.0.0.1:{port}", "127.0.0.1:8443": f"127.0.0.1:{door.addresses['tls'][1]}"},
            "haproxy-headers": {
                "bind :443": f"bind 127.0.0.1:{port}",
                "/etc/haproxy/phones.pem": str(server.file),
                "/etc/haproxy/makers.pem": str(folder / "makers.pem"),
                "127.0.0.1:8080": f"127.0.0.1:{door.addresses['plain'][1]}",
            },
            "nginx": {
                "listen 443": f"listen 127.0.0.1:{port}",
                "/run/nginx.pid": str(folder / "nginx.pid"),
                "/etc/nginx/phones.pem": str(server.file),
                "/etc/nginx/makers.pem": str(folder / "makers.pem"),
                "127.0.0.1:8080": f"127.0.0.1:{door.addresses['plain'][1]}",
            },
        }[way]
        name = "nginx.conf" if way == "nginx" else f"{way}.cfg"
        await stack.enter_async_context(proxy(name, folder, replaced))
        await accepting(port)
        yield Way(door, port)


class TestVerdicts:
    pytestmark = NEEDS_PROXIES

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("shown", VERDICTS)
    async def test_a_certificate_is_worth_the_same_on_every_way(
        self, data: Path, tmp_path: Path, way: str, shown: str
    ) -> None:
        certificate, is_good = VERDICTS[shown]
        # Where TLS is ours, an authority that nobody knows ends the handshake; a proxy passes it on with its verdict.
        failing = shown == "rogue authority" and way in ("direct", "haproxy")

        async with come_in(way, data, tmp_path) as entrance:
            status = await entrance.status(certificate)

            if shown == "expired" and way == "nginx":
                assert status == 400  # its own answer to everybody with such a certificate, whatever is asked
                return
            assert status == (200 if is_good else 0 if failing else 404)
            if failing:
                assert entrance.door.count("handshake_failures_total", reason="unknown_authority") == 1

    @pytest.mark.parametrize("way", WAYS)
    async def test_a_key_that_two_devices_show_opens_only_the_first(self, data: Path, tmp_path: Path, way: str) -> None:
        first, second = (YEALINK.sign(CN=mac.upper, key=KEY) for mac in (MAC, OTHER))

        async with come_in(way, data, tmp_path) as entrance:
            statuses = [
                await entrance.status(first),
                await entrance.status(second, OTHER),
                await entrance.status(first),
            ]

            assert statuses == [200, 404, 200]
            assert entrance.reasons() == ["duplicate_key"]

    @pytest.mark.parametrize("way", WAYS)
    async def test_headers_of_a_client_are_nothing(self, data: Path, tmp_path: Path, way: str) -> None:
        _, headers = _claimed(VERDICTS["good"][0])

        async with come_in(way, data, tmp_path) as entrance:
            assert await entrance.status(None, headers=headers) == 404

    @pytest.mark.parametrize("way", WAYS)
    async def test_the_request_log_says_which_tls_the_phone_speaks(self, data: Path, tmp_path: Path, way: str) -> None:
        invented = {"X-SSL-Protocol": "TLSv1"}

        async with come_in(way, data, tmp_path) as entrance:
            assert await entrance.status(VERDICTS["good"][0], headers=invented) == 200
            await until(lambda: entrance.door.traffic.count == 1)
            assert [row["tls_version"] for row in await entrance.door.requests()] == ["TLSv1.3"]


def _claimed(certificate: Certificate | None) -> tuple[Certificate | None, dict[str, str]]:
    """What a client would send that says of itself what a proxy says."""
    assert certificate is not None
    text = base64.b64encode(certificate.der).decode()
    return certificate, {"X-SSL-Client-Used": "1", "X-SSL-Client-Verify": "0", "X-SSL-Client-Cert": text}


async def test_a_direct_client_cannot_claim_to_be_a_proxy(data: Path) -> None:
    """Headers are believed from trusted networks only, and loopback is none of them here."""
    _, headers = _claimed(VERDICTS["good"][0])

    async with open_door(data, trusted_proxies=["192.0.2.1"], certificate_headers=True) as door:
        await door.phone(await door.tenant("shop"), arm=False)

        assert (await door.ask(f"/{MAC}.cfg", headers=headers)).status == 404


async def test_old_tls_with_a_proxy_needs_what_it_needs_with_us(data: Path) -> None:
    """The makers and tenants that may speak it are asked whoever ends it; here nobody has allowed any."""
    async with open_door(data, trusted_proxies=["127.0.0.1"], certificate_headers=True) as door:
        await door.phone(await door.tenant("shop"))

        for version, status in (("TLSv1", 404), ("TLSv1.1", 404), ("TLSv1.2", 200)):
            assert (await door.ask(f"/{MAC}.cfg", headers={"X-SSL-Protocol": version})).status == status
        assert {line["reason"] for line in door.lines() if line["event"] == "request.answered"} == {None, "legacy"}


async def test_a_makers_expired_certificates_may_be_believed(data: Path, tmp_path: Path) -> None:
    expired, _ = VERDICTS["expired"]

    async with come_in("direct", data, tmp_path, expired_makers=("yealink",)) as entrance:
        assert await entrance.status(expired) == 200


async def test_a_locked_device_stays_locked_whatever_it_shows(data: Path, tmp_path: Path) -> None:
    good, _ = VERDICTS["good"]

    async with come_in("direct", data, tmp_path) as entrance:
        await entrance.door.services.devices.lock(MAC, reason="stolen")

        assert await entrance.status(good) == 404
        assert entrance.reasons() == ["locked"]


async def test_a_token_does_not_help_who_shows_anothers_certificate(data: Path, tmp_path: Path) -> None:
    """Somebody has both the URL of one phone and the key of another."""
    wrong, _ = VERDICTS["subject of another MAC"]
    assert wrong is not None

    async with come_in("direct", data, tmp_path) as entrance:
        door = entrance.door
        async with door.services.storage.read() as tx:
            device = await devices.find_device(tx, MAC)
        assert device is not None
        context = tls.phone()
        context.load_cert_chain(wrong.write(tmp_path / "wrong.pem"))
        for tls_context, status in ((tls.phone(), 200), (context, 404), (tls.phone(), 200)):
            async with door.connected("tls", tls=tls_context) as wire:
                await wire.send(request("GET", f"/{door.lasting(device)}/{MAC}.cfg", headers={"User-Agent": AGENT}))
                assert (await wire.reply()).status == status
        assert entrance.reasons() == ["wrong_certificate"]


async def test_a_removed_devices_key_may_belong_to_another(data: Path, tmp_path: Path) -> None:
    first, second = (YEALINK.sign(CN=mac.upper, key=KEY) for mac in (MAC, OTHER))

    async with come_in("direct", data, tmp_path) as entrance:
        assert await entrance.status(first) == 200
        await entrance.door.services.devices.delete(MAC)

        assert await entrance.status(second, OTHER) == 200


@pytest.mark.parametrize(
    ("makers", "accepted", "status"),
    [(("yealink",), True, 200), (("yealink",), False, 404), (("snom",), True, 404)],
    ids=["both", "tenant has not", "maker is not listed"],
)
async def test_old_tls_is_for_listed_makers_whose_tenant_accepts_it(
    data: Path,
    tmp_path: Path,
    makers: tuple[str, ...],
    accepted: bool,  # noqa: FBT001 - one half of a case
    status: int,
) -> None:
    server = tls.make(tmp_path, tls.NAME, kind="rsa")
    legacy = LegacySettings(enabled=True, port=0, makers=makers, until=dt.date(2100, 1, 1))
    async with open_door(data, tls=tls.settings_of(server), legacy=legacy) as door:
        device = await door.phone(await door.tenant("shop"))
        await door.services.tenants.decide("shop", legacy_tls=accepted)
        old = tls.only(ssl.TLSVersion.TLSv1)

        for path in (f"/{MAC}.cfg", f"/{door.lasting(device)}/{MAC}.cfg"):
            async with door.connected("legacy", tls=old) as wire:
                await wire.send(request("GET", path, headers={"User-Agent": AGENT}))
                assert (await wire.reply()).status == status
