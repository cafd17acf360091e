"""Played phones ask a real server on loopback what their boot script says, and tell nobody what they learnt."""

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from provserver import simulate as module
from provserver.domain.boot import Account, Fetch
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import Vendor
from provserver.errors import InvalidValue
from provserver.simulate import Exchange, PlayedPhone, phones, play, play_many, report
from provserver.vendors import load_vendors
from tests.certificates import self_signed
from tests.played import FIRST, LOG, PASSWORD, TOKEN, answering, asking, config, make_vendor, missing, serving


async def play_one(vendor: Vendor, url: str, **options: object) -> PlayedPhone:
    """Boot the first phone of *vendor*, with a session of its own."""
    [phone] = phones(vendor, first_mac=FIRST)
    async with aiohttp.ClientSession() as session:
        return await play(vendor, base_url=url, phone=phone, session=session, **options)  # type: ignore[arg-type]


async def test_a_phone_asks_in_its_makers_order_and_learns_its_account() -> None:
    async with serving(answering(m0a0b0c000001=config("https://prov.test/next/"))) as server:
        played = await play_one(make_vendor(), server.url)

    asked = [(exchange.method, exchange.file, exchange.status, exchange.size_bytes) for exchange in played.exchanges]
    assert server.lines == ["GET /common.cfg", "GET /0a0b0c000001.cfg", "PUT /0a0b0c000001.log"]
    assert server.bodies == [b"", b"", LOG]
    assert asked == [
        ("GET", "common.cfg", 404, 0),
        ("GET", "0a0b0c000001.cfg", 200, len(config("https://prov.test/next/"))),
        ("PUT", "0a0b0c000001.log", 404, 0),
    ]
    assert all(exchange.seconds > 0 for exchange in played.exchanges)
    assert played.accounts == (Account(number=1, user_name="1001", password=PASSWORD, registrar="pbx.test"),)
    assert played.next_url == "https://prov.test/next/"
    assert played.provisioned
    assert played.error is None


async def test_a_phone_says_who_it_is_and_nothing_of_the_program_that_plays_it() -> None:
    async with serving(missing) as server:
        await play_one(make_vendor(), server.url)

    for headers in server.headers:
        assert headers["User-Agent"] == "Tester T1 1.2.3 0a:0b:0c:00:00:01"
        assert set(headers) <= {"Host", "User-Agent", "Accept", "Content-Length", "Content-Type"}


async def test_paths_reach_the_server_as_the_phone_wrote_them() -> None:
    script = asking(Fetch("A%3a%2Eb~.cfg"), Fetch("?mac=0A"), Fetch("x/ü b.cfg"), Fetch("fe:ed.cfg"))
    async with serving(missing) as server:
        await play_one(make_vendor(script), f"{server.url}/{TOKEN}")

    assert server.lines == [
        f"GET /{TOKEN}/A%3a%2Eb~.cfg",
        f"GET /{TOKEN}/?mac=0A",
        f"GET /{TOKEN}/x/%C3%BC%20b.cfg",
        f"GET /{TOKEN}/fe:ed.cfg",
    ]


async def test_a_phone_that_sends_no_files_goes_on_without() -> None:
    async with serving(answering(m0a0b0c000001=config())) as server:
        played = await play_one(make_vendor(), server.url, upload=False)

    assert server.lines == ["GET /common.cfg", "GET /0a0b0c000001.cfg"]
    assert len(played.exchanges) == 2
    assert played.provisioned


async def test_a_login_form_is_no_upload() -> None:
    script = asking(Fetch("login", method="POST", form=(("Username", "a b"), ("Password", "&"))))
    async with serving(missing) as server:
        await play_one(make_vendor(script), server.url, upload=False)

    assert server.lines == ["POST /login"]
    assert server.bodies == [b"Username=a+b&Password=%26"]
    assert [headers["Content-Type"] for headers in server.headers] == ["application/x-www-form-urlencoded"]


async def test_a_redirect_is_an_answer_like_others() -> None:
    async def elsewhere(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/other.cfg"})

    async with serving(elsewhere) as server:
        played = await play_one(make_vendor(asking(Fetch("a.cfg"))), server.url)

    assert server.lines == ["GET /a.cfg"]
    assert [exchange.status for exchange in played.exchanges] == [302]


async def test_another_host_is_asked_only_when_it_is_allowed() -> None:
    async with serving(missing) as server:
        port = server.url.rpartition(":")[2]
        away = f"http://localhost:{port}/{TOKEN}/b.cfg"
        vendor = make_vendor(asking(Fetch(away), Fetch("ftp://127.0.0.1/c.cfg"), Fetch(f"{server.url}/d.cfg")))
        refused = await play_one(vendor, server.url)
        lines = list(server.lines)
        allowed = await play_one(vendor, server.url, hosts=frozenset({"127.0.0.1", "localhost"}))

    assert lines == ["GET /d.cfg"]
    assert refused.not_asked == (f"http://localhost:{port}/<token>/b.cfg", "ftp://127.0.0.1/c.cfg")
    assert refused.error is None
    assert server.lines[1:] == [f"GET /{TOKEN}/b.cfg", "GET /d.cfg"]
    assert [exchange.file for exchange in allowed.exchanges] == [
        f"http://localhost:{port}/<token>/b.cfg",
        f"{server.url}/d.cfg",
    ]


async def test_a_reply_without_end_is_dropped_at_the_limit() -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(65_536))

    async with serving(endless) as server:
        played = await play_one(make_vendor(), f"{server.url}/{TOKEN}/")

    assert played.error == "GET common.cfg: the reply is cut short, or longer than 4194304 bytes"
    assert not played.provisioned


async def test_a_reply_of_just_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ten(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=bytes(10))

    async with serving(ten) as server:
        monkeypatch.setattr(module, "REPLY_LIMIT_BYTES", 10)
        fits = await play_one(make_vendor(asking(Fetch("a"))), server.url)
        monkeypatch.setattr(module, "REPLY_LIMIT_BYTES", 9)
        exceeds = await play_one(make_vendor(asking(Fetch("a"))), server.url)

    assert [exchange.size_bytes for exchange in fits.exchanges] == [10]
    assert exceeds.exchanges == ()
    assert exceeds.error is not None


async def test_a_server_that_does_not_answer_ends_the_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(module, "TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    async with serving(silent) as server:
        played = await play_one(make_vendor(), server.url)

    assert server.lines == ["GET /common.cfg"]
    assert played.error == "GET common.cfg: no answer in time"


async def test_a_server_that_is_not_there_ends_the_boot_without_naming_the_token() -> None:
    async with serving(missing) as server:
        pass

    played = await play_one(make_vendor(asking(Fetch(f"/{TOKEN}/a.cfg"))), f"{server.url}/{TOKEN}/")

    assert played.error is not None
    assert played.error.startswith(f"GET {server.url}/<token>/a.cfg: no connection: ")
    assert TOKEN not in repr(played)


async def test_a_connection_that_ends_early_ends_the_boot() -> None:
    async def close(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport
        request.transport.close()
        return web.Response()

    async with serving(close) as server:
        played = await play_one(make_vendor(), server.url)

    assert played.error == "GET common.cfg: no answer: ServerDisconnectedError"


async def test_a_file_the_phone_cannot_read_ends_the_boot_without_quoting_it() -> None:
    async with serving(answering(m0a0b0c000001=f"{PASSWORD}\nand\nmuch\nmore")) as server:
        played = await play_one(make_vendor(), server.url)

    assert played.error == "cannot read what it got: ValueError"
    assert len(played.exchanges) == 3


async def test_a_boot_without_end_is_ended() -> None:
    async with serving(missing) as server:
        played = await play_one(make_vendor(asking(*[Fetch("again.cfg")] * 1_000)), server.url)

    assert len(played.exchanges) == len(server.lines) == 100
    assert played.error == "still asks after 100 requests"


async def test_what_a_phone_learnt_is_not_printed_by_accident() -> None:
    async with serving(answering(m0a0b0c000001=config(f"http://127.0.0.1/{TOKEN}/"))) as server:
        played = await play_one(make_vendor(), f"{server.url}/{TOKEN}/")

    assert played.provisioned
    assert PASSWORD not in repr(played)
    assert TOKEN not in repr(played)


async def test_many_phones_boot_side_by_side_and_report_in_order() -> None:
    """The server answers only when as many phones ask as may at a time; in reverse, so that order is not luck."""
    waiting: list[asyncio.Event] = []
    most = 0

    async def gather(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal most
        waiting.append(asyncio.Event())
        own, most = waiting[-1], max(most, len(waiting))
        if len(waiting) == 3:
            waiting.pop().set()
        await own.wait()
        if waiting:
            waiting.pop().set()
        return web.Response(text=request.path)

    vendor, done = make_vendor(asking(Fetch("a"))), []
    chosen = phones(vendor, first_mac=FIRST, count=9)
    async with serving(gather) as server:
        played = await play_many(
            vendor, base_url=server.url, phones=chosen, concurrency=3, progress=lambda one: done.append(one.phone)
        )

    assert most == 3
    assert [result.phone for result in played] == chosen
    assert sorted(done, key=lambda phone: phone.mac) == chosen
    assert done != chosen


async def test_phones_share_no_connection_and_no_cookie() -> None:
    async def baker(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="x", headers={"Set-Cookie": "a=b"})

    vendor = make_vendor(asking(Fetch("a"), Fetch("b")))
    async with serving(baker) as server:
        url = server.url.replace("127.0.0.1", "localhost")  # an address would get no cookies back from anybody
        await play_many(vendor, base_url=url, phones=phones(vendor, first_mac=FIRST, count=3), concurrency=1)

    assert len(set(server.peers)) == 3
    assert server.peers[0::2] == server.peers[1::2]
    assert not any("Cookie" in headers for headers in server.headers)


async def test_a_second_boot_asks_where_the_first_was_pointed_to() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if not request.path.endswith(".cfg") or "common" in request.path:
            return web.Response(status=404)
        password = "" if request.path.startswith(f"/{TOKEN}/") else PASSWORD
        return web.Response(text=config(f"{server.url}/{TOKEN}/start.cfg", password=password))

    async with serving(answer) as server:
        [played] = await play_many(
            make_vendor(), base_url=server.url, phones=phones(make_vendor(), first_mac=FIRST), twice=True, upload=False
        )

    assert server.lines == [
        "GET /common.cfg",
        "GET /0a0b0c000001.cfg",
        f"GET /{TOKEN}/common.cfg",
        f"GET /{TOKEN}/0a0b0c000001.cfg",
    ]
    assert played.again is not None
    assert [bool(boot.accounts[0].password) for boot in (played, played.again)] == [True, False]
    assert played.provisioned


async def test_a_second_boot_without_a_new_url_asks_where_the_first_did() -> None:
    async with serving(answering(m0a0b0c000001=config())) as server:
        [played] = await play_many(
            make_vendor(), base_url=server.url, phones=phones(make_vendor(), first_mac=FIRST), twice=True
        )

    assert server.lines[:3] == server.lines[3:]
    assert played.provisioned


async def test_a_phone_pointed_to_a_strange_host_does_not_go_there() -> None:
    async with serving(answering(m0a0b0c000001=config("http://prov.invalid/x/"))) as server:
        [played] = await play_many(
            make_vendor(), base_url=server.url, phones=phones(make_vendor(), first_mac=FIRST), twice=True
        )

    assert played.again is not None
    assert played.again.exchanges == ()
    assert played.again.not_asked == ("common.cfg", "0a0b0c000001.cfg", "0a0b0c000001.log")
    assert not played.provisioned


async def test_a_phone_without_an_account_does_not_boot_again() -> None:
    async with serving(missing) as server:
        [played] = await play_many(
            make_vendor(), base_url=server.url, phones=phones(make_vendor(), first_mac=FIRST), twice=True
        )

    assert len(server.lines) == 3
    assert played.again is None


async def test_a_certificate_has_to_be_trusted(tmp_path: Path) -> None:
    tls, trust = self_signed(tmp_path)
    async with serving(answering(m0a0b0c000001=config()), tls=tls) as server:
        chosen = phones(make_vendor(), first_mac=FIRST)
        [strange] = await play_many(make_vendor(), base_url=server.url, phones=chosen)
        [known] = await play_many(
            make_vendor(), base_url=server.url, phones=chosen, trust=ssl.create_default_context(cafile=trust)
        )

    assert strange.error is not None
    assert strange.error.startswith("GET common.cfg: no TLS connection")
    assert known.provisioned


async def test_a_url_that_no_phone_could_use_is_refused() -> None:
    with pytest.raises(InvalidValue):
        await play_many(make_vendor(), base_url="tftp://127.0.0.1/", phones=phones(make_vendor(), first_mac=FIRST))


def test_phones_have_consecutive_addresses_within_one_block() -> None:
    vendor = make_vendor()

    made = phones(vendor, first_mac=MacAddress("0a0b0c0000fe"), count=3, model="T2")

    assert [phone.mac.value for phone in made] == ["0a0b0c0000fe", "0a0b0c0000ff", "0a0b0c000100"]
    assert {(phone.model, phone.firmware) for phone in made} == {("T2", "1.2.3")}
    assert phones(vendor, first_mac=MacAddress("0a0b0cffffff"))[0].firmware == "1.2.3"
    with pytest.raises(InvalidValue, match="leave the block 0a0b0c"):
        phones(vendor, first_mac=MacAddress("0a0b0cffffff"), count=2)


@pytest.mark.parametrize("option", ["model", "firmware"])
def test_a_phone_that_would_break_the_header_is_refused(option: str) -> None:
    with pytest.raises(InvalidValue):
        phones(make_vendor(), first_mac=FIRST, **{option: "1\r\nX: y"})  # type: ignore[arg-type]


def test_a_report_adds_up() -> None:
    [phone] = phones(make_vendor(), first_mac=FIRST)
    exchanges = tuple(Exchange("GET", "a", 200 if n % 4 else 404, size_bytes=1, seconds=n / 100) for n in range(1, 101))
    held, none = (Account(number=1, user_name="1001", password=password) for password in (PASSWORD, None))
    again = PlayedPhone(phone=phone, exchanges=exchanges[50:], accounts=(none,))
    first = PlayedPhone(phone=phone, exchanges=exchanges[:50], accounts=(held, held), again=again)

    added = report([first, PlayedPhone(phone=phone, accounts=(held,)), PlayedPhone(phone=phone, error="gone")])

    assert (added.phones, added.provisioned, added.accounts, added.passwords) == (3, 2, 2, 1)
    assert added.statuses == {200: 75, 404: 25}
    assert added.seconds == {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    assert report([]).seconds == {}


@pytest.mark.parametrize("vendor", [v for v in load_vendors() if not v.refuses], ids=lambda vendor: vendor.slug)
async def test_every_maker_bears_a_server_that_knows_nothing(vendor: Vendor) -> None:
    [phone] = phones(vendor, first_mac=MacAddress(f"{min(vendor.ouis, default='0a0b0c')}000001"))
    async with serving(missing) as server:
        [played] = await play_many(vendor, base_url=f"{server.url}/{TOKEN}", phones=[phone])

    assert played.error is None
    assert played.accounts == ()
    assert {exchange.status for exchange in played.exchanges} == {404}
    assert all(line.split()[1].startswith(f"/{TOKEN}/") for line in server.lines)
    assert {headers["User-Agent"] for headers in server.headers} == {vendor.simulation.user_agent(phone)}
