"""A real Linphone is provisioned, and registers at a real Kamailio before and after its password was forgotten."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from provserver.clock import SystemClock
from provserver.domain.formats import escape_xml
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors.linphone import VENDOR
from tests.e2e import kamailio, linphone
from tests.e2e.files import FileServer, file_server
from tests.e2e.kamailio import HOST, Registrar, SipAccount, registrar
from tests.e2e.linphone import Softphone
from tests.e2e.processes import LIMIT_S, missing
from tests.e2e.server import Provserver

MAC = MacAddress("0a1b2c3d4e5f")
ACCOUNT = SipAccount(user="1001", auth_name="auth-1001", password="s3cr&t<1001>\"'")
DISPLAY_NAME = 'Ännchen "A" & <B> \\ 😀'
EXPIRES_S = 120
IMPORTED_EXPIRES_S = 3600  # a file of devices has no column for it
FIRST = f"/first/{MAC}.xml"
LASTING = f"/lasting/{MAC}.xml"

pytestmark = pytest.mark.peer


@pytest.fixture(autouse=True)
def _peers() -> None:
    """Both programs, on a machine where they work; with CI set a skip is a failure."""
    absent = missing(linphone.PROGRAM, kamailio.PROGRAM)
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)} (Debian: apt-get install linphone-cli kamailio)")
    if not linphone.has_network():
        pytest.skip("this machine has no default route, and Linphone takes its network for down")


def line_at(port: int) -> Line:
    return Line(
        number=1,
        user_name=ACCOUNT.user,
        auth_name=ACCOUNT.auth_name,
        display_name=DISPLAY_NAME,
        registrar=Endpoint(host=HOST, port=port),
        expires_s=EXPIRES_S,
    )


def rendered(
    *lines: Line, server: FileServer, settings: Mapping[str, str] | None = None, password: str = ACCOUNT.password
) -> bytes:
    """The file as the server would send it, every line with the same *password*."""
    held = {line.password_field: Secret(password) for line in lines}
    view = build_view(mac=MAC, model=None, lines=lines, settings=settings or {}, held=held)
    skeleton = Renderer().render(VENDOR, VENDOR.file("config"), view)
    return fill(skeleton, {**held, PROVISIONING_URL: Secret(f"{server.url}/lasting/")})


async def assert_registers(phone: Softphone, server: Registrar, *, expires_s: int = EXPIRES_S) -> None:
    """It starts, proves itself to the registrar by its own auth name, and takes leave when it is closed."""
    async with phone.started():
        attempt = await server.attempt()
    leave = await server.attempt(registering=False)

    assert (attempt.user, attempt.auth_name) == (ACCOUNT.user, ACCOUNT.auth_name)
    assert attempt.expires_s == expires_s
    assert attempt.accepted
    assert leave.accepted


async def test_a_rendered_file_registers_a_real_linphone(tmp_path: Path) -> None:
    """It fetches the file once, registers, asks at its own URL next time, and goes on without an answer."""
    async with file_server() as server, registrar(tmp_path / "kamailio", [ACCOUNT]) as sip:
        server.files[FIRST] = rendered(line_at(sip.port), server=server)
        phone = Softphone(tmp_path / "home", url=server.url + FIRST)

        await assert_registers(phone, sip)
        first = phone.http_answers()
        await assert_registers(phone, sip)
        second = phone.http_answers()

    assert (first, second) == ([200], [404])
    assert [asked.path for asked in server.asked] == [FIRST, LASTING]
    assert [asked.user_agent for asked in server.asked] == ["Unknown", "Linphonec/5.1.65"]
    assert ACCOUNT.password not in str(phone.stored())


async def test_a_new_password_counts_from_the_next_start(tmp_path: Path) -> None:
    """Linphone keeps a hash of the old one, which would win if the file did not take it back."""
    changed = SipAccount(user=ACCOUNT.user, auth_name=ACCOUNT.auth_name, password="an0ther")
    async with file_server() as server:
        phone = Softphone(tmp_path / "home", url=server.url + FIRST)
        async with registrar(tmp_path / "before", [ACCOUNT]) as sip:
            server.files[FIRST] = rendered(line_at(sip.port), server=server)
            await assert_registers(phone, sip)

        async with registrar(tmp_path / "after", [changed], realm="new.example.com") as sip:
            server.files[LASTING] = rendered(line_at(sip.port), server=server, password=changed.password)
            await assert_registers(phone, sip)


async def test_a_linphone_with_another_password_is_refused(tmp_path: Path) -> None:
    """The registrar of these tests does look."""
    async with file_server() as server, registrar(tmp_path / "kamailio", [ACCOUNT]) as sip:
        server.files[FIRST] = rendered(line_at(sip.port), server=server, password="wrong")
        phone = Softphone(tmp_path / "home", url=server.url + FIRST)

        async with phone.started():
            attempt = await sip.attempt()

    assert not attempt.accepted
    assert attempt.user == ACCOUNT.user


async def test_linphone_understands_every_setting_it_is_sent(tmp_path: Path) -> None:
    """What it writes down for its next start is what it was told; codecs it does not have are skipped."""
    settings = {
        "codecs": "pcma ilbc opus speex",
        "srtp": "mandatory",
        "dtmf": "rfc2833_info",
        "stun_server": HOST,
        "ice": "on",
        "tls_verify": "on",
    }
    async with file_server() as server, registrar(tmp_path / "kamailio", [ACCOUNT]) as sip:
        server.files[FIRST] = rendered(line_at(sip.port), server=server, settings=settings)
        phone = Softphone(tmp_path / "home", url=server.url + FIRST)
        await assert_registers(phone, sip)
        server.files[LASTING] = rendered(line_at(sip.port), server=server, settings=settings | {"codecs": "opus"})
        told = phone.stored()
        await assert_registers(phone, sip)
        told_again = phone.stored()

    assert told["proxy_0"]["reg_identity"] == f'"Ännchen \\"A\\" & <B> \\\\ 😀" <sip:1001@{HOST}>'
    assert told["proxy_0"]["nat_policy_ref"] == told["net"]["nat_policy_ref"] == told["nat_policy_0"]["ref"]
    assert told["nat_policy_0"]["protocols"] == "stun,ice"
    assert told["sip"]["media_encryption"] == "srtp"
    assert codecs_of(told) == ["PCMA", "opus", "speex", "speex"]
    assert codecs_of(told_again) == ["opus"]


async def test_linphone_that_is_told_not_to_ask_again_never_does(tmp_path: Path) -> None:
    """Its only time to ask is its start; told so, it forgets where."""
    async with file_server() as server, registrar(tmp_path / "kamailio", [ACCOUNT]) as sip:
        server.files[FIRST] = rendered(line_at(sip.port), server=server, settings={"resync_at_boot": "off"})
        phone = Softphone(tmp_path / "home", url=server.url + FIRST)
        await assert_registers(phone, sip)
        await assert_registers(phone, sip)

    assert [asked.path for asked in server.asked] == [FIRST]


async def test_a_softphone_keeps_registering_after_the_server_forgot_its_password(tmp_path: Path) -> None:
    """The whole way: import, first fetch, own URL, 15 days, deletion, a file without it, and the phone still works."""
    server = Provserver(tmp_path)
    await server.command("init")
    await server.command("tenant", "add", "acme")
    async with registrar(tmp_path / "kamailio", [ACCOUNT]) as sip, server.serving():
        await server.command("device", "import", str(write_import(tmp_path, sip)), "--tenant", "acme")
        await server.command("device", "arm", str(MAC))
        phone = Softphone(tmp_path / "home", url=f"{server.url}/{MAC}.xml")

        await assert_registers(phone, sip, expires_s=IMPORTED_EXPIRES_S)
        assert phone.http_answers() == [200]
        own_url = phone.stored()["misc"]["config-uri"]
        assert re.fullmatch(rf"{re.escape(server.url)}/[A-Za-z0-9_-]{{22,}}/{MAC}\.xml", own_url)

        await assert_registers(phone, sip, expires_s=IMPORTED_EXPIRES_S)
        assert phone.http_answers() == [200]
        await server.command("retention", "run", "--at", days_from_now(14))
        assert (await server.show(str(MAC)))["credentials"]["held"]

        await server.command("retention", "run", "--at", days_from_now(16))
        credentials = (await server.show(str(MAC)))["credentials"]
        assert not credentials["held"]
        assert credentials["deleted_at"]
        await assert_not_found(own_url)  # as any version is answered that is not known to keep its password
        for _ in range(2):
            await assert_registers(phone, sip, expires_s=IMPORTED_EXPIRES_S)
            assert phone.http_answers() == [200]

    assert_nowhere_in_clear(ACCOUNT.password, server.data, server.output)


def codecs_of(stored: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The codecs that are in its list, in order; a section without one ends it."""
    found: list[str] = []
    while mime := stored.get(f"audio_codec_{len(found)}", {}).get("mime"):
        found.append(mime)
    return found


def write_import(folder: Path, sip: Registrar) -> Path:
    """The device as a person would hand it over."""
    row = {
        "mac": MAC.colons,
        "vendor": "linphone",
        "user_name": ACCOUNT.user,
        "auth_name": ACCOUNT.auth_name,
        "display_name": DISPLAY_NAME,
        "password": ACCOUNT.password,
        "registrar": HOST,
        "port": str(sip.port),
        "transport": "udp",
    }
    file = folder / "devices.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        writer.writeheader()
        writer.writerow(row)
    return file


def days_from_now(days: int) -> str:
    now = datetime.fromtimestamp(SystemClock().wall_ms() / 1000, UTC)
    return (now + timedelta(days=days)).isoformat(timespec="seconds")


async def assert_not_found(url: str) -> None:
    """404 with nothing in it; soon, not at once: another process than the one that answers has deleted."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(LIMIT_S):
        while True:
            async with session.get(url) as answer:
                if answer.status != 200:
                    assert (answer.status, await answer.read()) == (404, b"")
                    return
            await asyncio.sleep(0.1)


def assert_nowhere_in_clear(password: str, *places: Path) -> None:
    """Not in any file, neither as it is nor as XML has it."""
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*")) if file.is_file()]
    spellings = [password.encode(), escape_xml(password).encode()]

    assert files
    assert [file for file in files if any(spelling in file.read_bytes() for spelling in spellings)] == []
