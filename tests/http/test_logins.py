"""HTTP authentication over sockets: what is asked, what is a proof, and what nobody can learn from it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from provserver.domain.device import Device, ReleasePolicy, device_owner
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from provserver.settings import LoginSettings, MonitorSettings, TLSSettings
from provserver.storage import credentials
from tests.certificates import self_signed
from tests.clocks import DAY_MS
from tests.http.digests import LOGIN, USER, answered, basic, challenges, logged_in
from tests.http.door import AGENT, MAC, PASSWORD, Door, open_door, until
from tests.http.test_no_oracle import METHODS, OF_UPLOADS, REFUSALS, fill, sent
from tests.http.wire import Reply, Wire, request

ASKING = LoginSettings(ask=True)
FILE = f"/{MAC}.cfg"
VTECH = MacAddress("00122aaabbcc")
VTECH_AGENT = "Vtech Vesa VSP726 1.1.4.0-0"
VTECH_FILE = "/VSP726_00122AAABBCC.cfg"
WRONG_TOKEN = "wrong_token_wrong_token_wrong"


async def phone(door: Door, **more: Any) -> Device:  # noqa: ANN401 - see Door.phone
    """A device of a tenant without windows, with a login of its own."""
    tenants = {tenant.name: tenant for tenant in await door.services.tenants.list()}
    careful = tenants.get("careful") or await door.tenant("careful", policy=ReleasePolicy.STRICT)
    usual: dict[str, Any] = {"settings": {"provisioning_user": USER}, "secrets": {"provisioning_password": LOGIN}}
    return await door.phone(careful, **usual | more)


async def held(door: Door, device: Device) -> set[str]:
    await door.settled()
    async with door.services.storage.read() as tx:
        return {c.field for c in await credentials.credentials_of(tx, [device_owner(device.id)]) if c.is_held}


@pytest.mark.parametrize("algorithm", [0, 1])
async def test_a_devices_own_login_is_a_proof(data: Path, algorithm: int) -> None:
    async with open_door(data, login=ASKING) as door:
        device = await phone(door)

        reply = await logged_in(door, FILE, algorithm=algorithm)

        assert reply.status == 200
        assert PASSWORD in reply.text
        assert door.lasting(device) in reply.text  # from now on it needs no login
        assert door.last_line()["proof"] == "login"
        assert door.services.metrics.logins.of("yealink", "right").value == 1


async def test_the_challenge_is_as_the_standard_has_it_with_the_better_algorithm_first(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        first, second = challenges(await door.ask(FILE))

    assert first.pop("nonce") == second.pop("nonce")
    assert first == {"scheme": "Digest", "realm": "provisioning", "qop": "auth", "algorithm": "SHA-256"}
    assert second == {**first, "algorithm": "MD5"}


async def test_nobody_is_asked_and_no_login_is_looked_at_unless_the_operator_wants_it(data: Path) -> None:
    async with open_door(data) as door:
        await phone(door)

        reply = await door.ask(FILE, headers=basic())

        assert (reply.status, challenges(reply)) == (404, [])
        assert door.last_line()["reason"] == "strict"


@pytest.mark.parametrize("algorithms", [("SHA-256", "MD5"), ("MD5",)], ids=str)
async def test_somebody_elses_client_gets_in(data: Path, algorithms: tuple[str, ...]) -> None:
    """What aiohttp's own client makes of our challenges."""
    async with open_door(data, login=LoginSettings(ask=True, algorithms=algorithms)) as door:
        await phone(door)
        login = aiohttp.DigestAuthMiddleware(USER, LOGIN)
        async with aiohttp.ClientSession(middlewares=(login,)) as session:
            for _ in range(2):
                async with session.get(f"http://{door.host}:{door.port}{FILE}?a=b") as reply:
                    assert (reply.status, PASSWORD in await reply.text()) == (200, True)
                door.clock.advance_ms(300_001)  # the second time, the nonce it holds is stale


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "login of the phonf"}, "wrong_login"),
        ({"user": "phone-1002"}, "wrong_login"),
        ({"method": "HEAD"}, "wrong_login"),
        ({"uri": '"/other.cfg"'}, "wrong_login"),
        ({"realm": '"elsewhere"'}, "wrong_login"),
        ({"nc": "00000002"}, "wrong_login"),
        ({"qop": "auth-int"}, "wrong_login"),
        ({"response": '""'}, "wrong_login"),
        ({"nonce": f'"{"A" * 44}"'}, "stale_login"),
        ({"nonce": '""'}, "stale_login"),
    ],
    ids=str,
)
async def test_what_is_not_exactly_right_is_withheld_as_anything_else(
    data: Path, changes: dict[str, Any], said: str
) -> None:
    async with open_door(data, login=ASKING) as door:
        await phone(door)
        challenge = challenges(await door.ask(FILE))[0]

        reply = await door.ask(FILE, headers=answered(challenge, FILE, **changes))

        assert (reply.status, reply.body) == (401, b"")
        assert door.last_line()["reason"] == said
        assert all(("stale" in asked) is (said == "stale_login") for asked in challenges(reply))


async def test_an_answer_is_good_once_and_a_phone_may_count_on(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        await phone(door)
        challenge = challenges(await door.ask(FILE))[0]

        replies = [await door.ask(FILE, headers=answered(challenge, FILE, count=count)) for count in (1, 1, 2, 4, 3, 4)]

        assert [reply.status for reply in replies] == [200, 401, 200, 200, 200, 401]
        assert challenges(replies[1])[0]["stale"] == "true"
        assert challenges(replies[1])[0]["nonce"] != challenge["nonce"]


async def test_an_old_nonce_is_stale_and_the_phone_tries_again(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        await phone(door)
        challenge = challenges(await door.ask(FILE))[0]
        door.clock.advance_ms(300_001)

        late = await door.ask(FILE, headers=answered(challenge, FILE))
        again = await door.ask(FILE, headers=answered(challenges(late)[0], FILE))

        assert challenges(late)[0]["stale"] == "true"
        assert again.status == 200


async def test_a_wrong_login_closes_the_window_and_a_right_one_unlocks_nothing(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        shop = await door.tenant("shop")
        await door.phone(shop, settings={"provisioning_user": USER}, secrets={"provisioning_password": LOGIN})
        challenge = challenges(await door.ask("/"))[0]

        assert (await door.ask(FILE, headers=answered(challenge, FILE, password="wrong"))).status == 401
        assert (await door.ask(FILE)).status == 200
        await door.services.devices.lock(MAC, reason="stolen")
        assert (await door.ask(FILE, headers=answered(challenge, FILE, count=2))).status == 401
        assert door.last_line()["reason"] == "locked"


async def test_a_token_decides_and_the_login_beside_it_is_not_looked_at(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        device = await phone(door)
        own, foreign = f"/{door.lasting(device)}{FILE}", f"/{WRONG_TOKEN}{FILE}"
        challenge = challenges(await door.ask(FILE))[0]

        assert (await door.ask(own, headers=answered(challenge, own, password="wrong"))).status == 200
        assert door.last_line()["proof"] == "lasting_token"
        refused = await door.ask(foreign, headers=answered(challenge, foreign))
        assert (refused.status, challenges(refused)) == (404, [])
        assert door.last_line()["reason"] == "wrong_token"


async def test_what_a_login_released_is_asked_about_again(data: Path) -> None:
    """A path that is known by its token stays known; one that a login opened is closed without it."""
    async with open_door(data, login=ASKING) as door:
        await phone(door)
        assert (await logged_in(door, FILE)).status == 200

        assert (await door.ask(FILE)).status == 401


async def test_a_login_opens_its_own_device_only(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        other = MacAddress("805ec0aabbdd")
        await phone(door)
        await phone(door, mac=other, settings={"provisioning_user": "other"}, secrets={"provisioning_password": "x y"})

        assert (await logged_in(door, f"/{other}.cfg")).status == 401
        assert (await logged_in(door, f"/{other}.cfg", user="other", password="x y")).status == 200


async def test_a_login_that_devices_share_proves_none(data: Path) -> None:
    """Any phone of the tenant could say it for any other."""
    async with open_door(data, login=ASKING) as door:
        device = await phone(door, settings={}, secrets={})
        tenant = (await door.services.tenants.list())[0]
        assert tenant.id == device.tenant_id
        await door.services.tenants.set_shared(
            {"provisioning_user": USER}, {"provisioning_password": Secret(LOGIN)}, tenant=tenant
        )

        assert (await logged_in(door, FILE)).status == 401
        await phone(door, settings={})  # with a password of its own, the name may be everybody's
        assert (await logged_in(door, FILE)).status == 200


@pytest.mark.parametrize("lacking", ["provisioning_user", "provisioning_password"])
async def test_without_a_name_or_a_password_no_login_is_right(data: Path, lacking: str) -> None:
    async with open_door(data, login=ASKING) as door:
        if lacking == "provisioning_user":
            await phone(door, settings={})
        else:
            await phone(door, secrets={})

        for password in ("", LOGIN):
            assert (await logged_in(door, FILE, password=password)).status == 401
            assert (await logged_in(door, FILE, user="", password=password)).status == 401


async def test_a_file_for_all_is_the_devices_that_logs_in(data: Path) -> None:
    """Phones ask for it first: another challenge would look to them like a wrong password."""
    async with open_door(data, login=ASKING) as door:
        await phone(door)

        reply = await logged_in(door, "/y000000000096.boot")

        assert (reply.status, challenges(reply)) == (404, [])
        assert door.last_line()["reason"] == "no_template"


async def test_an_upload_uses_its_answer_once(data: Path) -> None:
    path = f"/{MAC}-local.cfg"
    async with open_door(data, login=ASKING) as door:
        await phone(door)
        challenge = challenges(await door.ask(path, method="PUT", body=b"x"))[0]
        headers = answered(challenge, path, method="PUT")

        first = await door.ask(path, method="PUT", headers=headers, body=b"static.x = 1\n")
        second = await door.ask(path, method="PUT", headers=headers, body=b"static.x = 2\n")

        assert (first.status, second.status) == (201, 401)


# ---------------------------------------------------------------------------------------------------------- Basic


@asynccontextmanager
async def open_private_door(
    data: Path, folder: Path, *, monitor: MonitorSettings | None = None
) -> AsyncIterator[tuple[Door, ssl.SSLContext]]:
    """A door with a plain and a TLS listener, a VTech phone and a Yealink phone behind it, and how to trust it."""
    _, trust = self_signed(folder)
    context = ssl.create_default_context(cafile=str(trust))
    tls = TLSSettings(certificates=(folder / "server.pem",), port=0)
    async with open_door(data, login=ASKING, tls=tls, monitor=monitor) as door:
        await phone(door, mac=VTECH, vendor="vtech", model="VSP726")
        await phone(door)
        yield door, context


async def asked(
    door: Door,
    path: str,
    *,
    context: ssl.SSLContext | None,
    agent: str = VTECH_AGENT,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request over TLS with *context*, or without any."""
    reader, writer = await asyncio.open_connection(*door.addresses["tls" if context else "plain"], ssl=context)
    try:
        wire = Wire(reader, writer)
        await wire.send(request("GET", path, headers={"User-Agent": agent, **(headers or {})}))
        return await wire.reply()
    finally:
        writer.transport.abort()


async def test_phones_that_know_only_basic_are_asked_for_it_over_tls(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        first = await asked(door, VTECH_FILE, context=context)
        second = await asked(door, VTECH_FILE, context=context, headers=basic())

        assert challenges(first) == [{"scheme": "Basic", "realm": "provisioning", "charset": "UTF-8"}]
        assert second.status == 200
        assert PASSWORD in second.text


async def test_nobody_is_asked_for_a_password_in_clear(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, _):
        first = await asked(door, VTECH_FILE, context=None)
        second = await asked(door, VTECH_FILE, context=None, headers=basic())

        assert {challenge["scheme"] for challenge in challenges(first)} == {"Digest"}
        assert second.status == 401


async def test_phones_that_know_digest_may_not_show_their_password(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        first = await asked(door, FILE, context=context, agent=AGENT)
        second = await asked(door, FILE, context=context, agent=AGENT, headers=basic())
        pretended = await asked(door, FILE, context=context, headers=basic())  # as a phone that knows nothing better

        assert {challenge["scheme"] for challenge in challenges(first)} == {"Digest"}
        assert (second.status, pretended.status) == (401, 401)


@pytest.mark.parametrize(("told", "status"), [("TLSv1.2", 200), ("TLSv1", 401), ("", 401)])
async def test_a_trusted_proxy_says_whether_it_is_in_clear(data: Path, told: str, status: int) -> None:
    async with open_door(data, login=ASKING, trusted_proxies=["127.0.0.1"], certificate_headers=True) as door:
        await phone(door, mac=VTECH, vendor="vtech", model="VSP726")

        reply = await asked(door, VTECH_FILE, context=None, headers={**basic(), "X-SSL-Protocol": told})

        assert reply.status == status
        assert (PASSWORD in reply.text) is (status == 200)


@pytest.mark.parametrize(
    "wrong", [{"password": "login of the phonf"}, {"user": "phone-1002"}, {"password": ""}, {"user": ""}], ids=str
)
async def test_a_wrong_basic_login_is_withheld(data: Path, tmp_path: Path, wrong: dict[str, str]) -> None:
    async with open_private_door(data, tmp_path) as (door, context):
        reply = await asked(door, VTECH_FILE, context=context, headers=basic(**wrong))
        unknown = await asked(door, "/VSP726_00122A000001.cfg", context=context, headers=basic(**wrong))

        assert reply.status == 401
        assert reply.undated == unknown.undated


# ------------------------------------------------------------------------------------------------------- rotation


async def test_both_passwords_are_right_while_one_replaces_the_other(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        device = await phone(door)
        await phone(door, secrets={"provisioning_password": "the new one"})

        old = await logged_in(door, FILE)
        assert old.status == 200
        assert "the new one" in old.text  # that is how it learns it
        assert LOGIN not in old.text
        assert (await logged_in(door, FILE, password="the new one")).status == 200
        assert "previous.provisioning_password" in await held(door, device)

        await phone(door, secrets={"provisioning_password": "the third"})
        assert (await logged_in(door, FILE)).status == 401
        assert (await logged_in(door, FILE, password="the new one")).status == 200


async def test_the_old_password_is_deleted_in_time_and_the_device_stays_whole(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        device = await phone(door)
        await phone(door, secrets={"provisioning_password": "the new one"})

        door.clock.advance_ms(7 * DAY_MS)
        await door.services.retention.run()

        assert await held(door, device) == {"line.1.password", "setting.provisioning_password"}
        assert (await logged_in(door, FILE)).status == 401
        reply = await logged_in(door, FILE, password="the new one")
        assert reply.status == 200
        assert PASSWORD in reply.text
        found = await door.services.records.reader.access_by_mac(MAC.value)
        assert found is not None
        assert not found.forgotten
        assert [problem async for problem in door.services.soundness._unreadable()] == []


async def test_a_password_that_was_delivered_lives_no_longer_for_being_replaced(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        device = await phone(door)
        assert (await logged_in(door, FILE)).status == 200
        door.clock.advance_ms(14 * DAY_MS)
        await phone(door, secrets={"provisioning_password": "the new one"})

        door.clock.advance_ms(1 * DAY_MS)
        await door.services.retention.run()

        assert "previous.provisioning_password" not in await held(door, device)


async def test_a_password_that_is_taken_away_leaves_none(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        device = await phone(door)
        await phone(door, secrets={"provisioning_password": "the new one"})
        await phone(door, secrets={"provisioning_password": None})

        assert await held(door, device) == {"line.1.password"}
        assert (await logged_in(door, FILE)).status == 401
        assert (await logged_in(door, FILE, password="the new one")).status == 401


# ------------------------------------------------------------------------------------------------------ no oracle


def undated(reply: Reply) -> bytes:
    """The answer without date and nonce."""
    nonces = {asked["nonce"].encode() for asked in challenges(reply) if "nonce" in asked}
    content = reply.undated
    for nonce in nonces:
        content = content.replace(nonce, b"-" * len(nonce))
    return content


@pytest.mark.parametrize("method", METHODS)
async def test_everybody_without_a_token_is_asked_alike(data: Path, method: str) -> None:
    """Known, unknown, armed, locked, with a login or without: the same bytes, but for the nonce."""
    async with open_door(data, login=ASKING) as door:
        paths = await fill(door)
        expected = REFUSALS if method in ("GET", "HEAD") else OF_UPLOADS
        answers: dict[bool, set[bytes]] = {True: set(), False: set()}

        for case in expected:
            with_token = paths[case].count("/") > 1 and REFUSALS[case] != "hostile_path"
            async with door.connected() as wire:
                await wire.send(sent(method, paths[case]))
                answers[with_token].add(undated(await wire.reply(method)))

        assert answers[True] == {b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}
        assert len(answers[False]) == 1
        assert answers[False].pop().startswith(b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="prov')


@pytest.mark.parametrize("stale", [False, True])
async def test_a_wrong_login_learns_nothing_about_any_device(data: Path, stale: bool) -> None:  # noqa: FBT001 - both
    async with open_door(data, login=ASKING) as door:
        filled = await fill(door)
        paths = [path for case, path in filled.items() if path.count("/") == 1 and REFUSALS[case] != "hostile_path"]
        await phone(door, mac=MacAddress("805ec0aaca01"))
        await phone(door, mac=MacAddress("805ec0aaca02"), settings={})
        paths += ["/805ec0aaca01.cfg", "/805ec0aaca02.cfg", "/805ec0aaca03.cfg"]
        challenge = challenges(await door.ask("/"))[0]
        if stale:
            door.clock.advance_ms(300_001)

        answers = set()
        for path in paths:
            async with door.connected() as wire:
                await wire.send(sent("GET", path, answered(challenge, path, password="a guess")))
                answers.add(undated(await wire.reply()))

        assert len(answers) == 1
        assert (b"stale=true" in answers.pop()) is stale


async def test_no_login_reaches_a_log(data: Path) -> None:
    async with open_door(data, login=ASKING) as door:
        await phone(door)
        before = door.traffic.count
        await logged_in(door, FILE)
        await door.ask(FILE, headers=basic(user="user-in-no-log", password="password-in-no-log"))
        await door.ask(FILE, headers={"Authorization": 'Digest username="user-in-no-log\\"' + "," * 3_000})
        await until(lambda: door.traffic.count == before + 4)

        said = door.output.getvalue() + repr(await door.requests()).encode()

        assert b"in-no-log" not in said
        assert USER.encode() not in said
        assert LOGIN.encode() not in said


async def test_a_login_that_was_guessed_at_last_locks_its_device(data: Path, tmp_path: Path) -> None:
    """Whoever guesses it is sent the credentials once; they are of no use for long, and somebody is told."""
    async with open_private_door(data, tmp_path, monitor=MonitorSettings(allow=())) as (door, context):
        for number in range(6):
            wrong = basic(password=f"guess-{number}")
            assert (await asked(door, VTECH_FILE, context=context, headers=wrong)).status == 401
        guessed = await asked(door, VTECH_FILE, context=context, headers=basic())
        await until(lambda: door.traffic.count == 7)
        await door.services.monitor.work()
        again = await asked(door, VTECH_FILE, context=context, headers=basic())
        alerts = {alert["detector"] for alert in await door.services.bans.alerts()}

        assert PASSWORD in guessed.text
        assert (await door.services.devices.get(VTECH)).lock_reason == "monitor: guessed-login"
        assert PASSWORD not in again.text
        assert "guessed-login" in alerts


async def test_a_login_after_a_mistake_or_two_is_a_login(data: Path, tmp_path: Path) -> None:
    async with open_private_door(data, tmp_path, monitor=MonitorSettings(allow=())) as (door, context):
        for password in ("old", "old", "old", "old", "old", "typo"):
            await asked(door, VTECH_FILE, context=context, headers=basic(password=password))
        await asked(door, VTECH_FILE, context=context, headers=basic())
        await until(lambda: door.traffic.count == 7)
        await door.services.monitor.work()

        assert (await door.services.devices.get(VTECH)).locked_at is None
        assert PASSWORD in (await asked(door, VTECH_FILE, context=context, headers=basic())).text
