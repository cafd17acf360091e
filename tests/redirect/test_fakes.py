"""
Our clients and the fakes agree, and the fakes answer recorded requests as it is recorded.

A fake that agreed with our client only would prove nothing; so each is held to what was recorded, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from dataclasses import replace
from xmlrpc.client import Fault, loads

import aiohttp
import pytest

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Ability, Access, Client, Outcome, Stamp, Standing, Wish
from provserver.secret import Secret
from tests.clocks import FakeClock
from tests.redirect.fakes import tls
from tests.redirect.fakes.all import FAKES, MACS
from tests.redirect.fakes.hosting import Stretto, YMCSHosting
from tests.redirect.fakes.service import OTHERS, FakeService, serving
from tests.redirect.recordings import FIELDS, LINE_PASSWORD, PASSWORD, Recording, phone_of, recordings, secrets_of

# Of others' devices these say nothing.
ONES_OWN = ("yealink_ymcs", "yealink_ymcs_hosting", "alcatel_eds", "auerswald", "counterpath_stretto")
each_service = pytest.mark.parametrize("slug", SERVICES)
# What is recorded as the first call for a new device, and its end.
# A Hawk signature over another port cannot be replayed; there, another library checks ours instead.
PLAIN = [
    recording
    for recording in recordings()
    if recording.name in ("registered", "withdraw_absent", "check") and "Hawk" not in str(recording.facts)
]


def wish_for(slug: str, number: int = 1) -> Wish:
    service = SERVICES[slug]
    mac = MacAddress(f"{MACS[service.maker]}{number:06x}")
    url = f"https://prov.example.net/t0ken-{number}/{service.suffix}"
    phone = phone_of() if service.hosts else None
    return Wish(mac=mac, url=Secret(url), serial="SN1" if service.needs_serial else None, phone=phone)


def client_of(slug: str, fake: FakeService, channel: Channel, clock: FakeClock, password: str = PASSWORD) -> Client:
    service = SERVICES[slug]
    access = Access(
        endpoint=fake.endpoint,
        fields={name: FIELDS[name] for name in service.fields},
        secrets=secrets_of(service, password, tls.CUSTOMER if password == PASSWORD else tls.ANOTHER),
    )
    return service.make(channel, access, Stamp(now_ms=clock.wall_ms, random=os.urandom))


@each_service
async def test_a_device_is_entered_again_and_taken_out(slug: str, channel: Channel, clock: FakeClock) -> None:
    service, wish = SERVICES[slug], wish_for(slug)
    async with serving(FAKES[slug]()) as fake:
        client = client_of(slug, fake, channel, clock)

        (first,) = await client.register([wish])
        (again,) = await client.register([replace(wish, url=Secret(wish.url.reveal().replace("t0ken", "n3w")))])

        assert first.outcome is Outcome.REGISTERED
        assert again.outcome in (Outcome.REGISTERED, Outcome.ALREADY_OURS)
        assert list(fake.ours()) == [wish.mac.value]
        if service.can(Ability.OWN_URL) and not service.hosts:  # there it stands in the file
            assert fake.ours()[wish.mac.value].startswith("https://prov.example.net/n3w")
        if service.can(Ability.LOOK_UP):
            assert (await client.look_up(wish)).standing is Standing.OURS
        if service.can(Ability.LIST):
            assert [entry.mac async for entry in client.entries()] == [wish.mac]
        if service.can(Ability.WITHDRAW):
            assert [(await client.withdraw([wish]))[0].outcome for _ in range(2)] == [
                Outcome.WITHDRAWN,
                Outcome.ABSENT,
            ]
            assert fake.ours() == {}
        assert fake.refusals == []


@pytest.mark.parametrize(
    ("slug", "asked"),
    [
        ("snom_sraps", "GET tokens/id-1"),
        ("yealink_ymcs", "/v2/token"),
        ("grandstream_gdms", "/oapi/oauth/token"),
        ("alcatel_eds", "GET /bp_user/generate/token"),
    ],
)
async def test_what_all_calls_need_is_asked_for_once(slug: str, asked: str, channel: Channel, clock: FakeClock) -> None:
    async with serving(FAKES[slug]()) as fake:
        client = client_of(slug, fake, channel, clock)

        await asyncio.gather(*(client.register([wish_for(slug, number)]) for number in range(1, 11)))

        assert fake.calls.count(asked) == 1
        assert len(fake.ours()) == 10


@pytest.mark.parametrize("slug", ["yealink_ymcs", "grandstream_gdms", "alcatel_eds"])
async def test_a_token_that_ends_before_its_time_is_replaced(slug: str, channel: Channel, clock: FakeClock) -> None:
    async with serving(FAKES[slug]()) as fake:
        client = client_of(slug, fake, channel, clock)
        await client.register([wish_for(slug, 1)])
        fake.token = "an0ther"

        (result,) = await client.register([wish_for(slug, 2)])

        assert result.outcome is Outcome.REGISTERED
        assert len(fake.ours()) == 2


@each_service
async def test_a_device_of_somebody_else_is_told_apart(slug: str, channel: Channel, clock: FakeClock) -> None:
    service, wish = SERVICES[slug], wish_for(slug)
    async with serving(FAKES[slug]()) as fake:
        fake.devices[wish.mac.value] = (OTHERS, "https://theirs.example.org/")
        client = client_of(slug, fake, channel, clock)

        (result,) = await client.register([wish])

        assert result.outcome is Outcome.OWNED_BY_ANOTHER
        assert "t0ken" not in result.said
        assert fake.devices[wish.mac.value] == (OTHERS, "https://theirs.example.org/")
        if service.can(Ability.LOOK_UP) and slug not in ONES_OWN:
            assert (await client.look_up(wish)).standing is Standing.FOREIGN


@each_service
async def test_a_wrong_password_is_not_let_in(slug: str, channel: Channel, clock: FakeClock) -> None:
    async with serving(FAKES[slug]()) as fake:
        wrong = client_of(slug, fake, channel, clock, password="wr0ng")

        with pytest.raises(AccountRefused) as told:
            await wrong.register([wish_for(slug)])
        if SERVICES[slug].can(Ability.CHECK):
            with pytest.raises(AccountRefused):
                await wrong.check_credentials()
            await client_of(slug, fake, channel, clock).check_credentials()

        assert "wr0ng" not in str(told.value)
        assert fake.ours() == {}


@pytest.mark.parametrize("slug", [slug for slug, service in SERVICES.items() if not service.hosts])
async def test_nothing_but_mac_serial_and_url_leaves(slug: str, channel: Channel, clock: FakeClock) -> None:
    """Whatever is in what was sent and no part of the protocol is the device's MAC, serial or URL."""
    wish = wish_for(slug)
    async with serving(FAKES[slug]()) as fake:
        client = client_of(slug, fake, channel, clock)
        await client.register([wish])
        if SERVICES[slug].can(Ability.WITHDRAW):
            await client.withdraw([wish])

        sent = b"\n".join(fake.sent).decode()

    variable = [wish.url.reveal(), wish.mac.value, wish.mac.upper, wish.mac.colons.upper()]
    variable += [wish.mac.colons.upper().replace(":", "-"), wish.serial or "SN1"]
    rest = re.sub("|".join(re.escape(text) for text in variable), "", sent, flags=re.IGNORECASE)
    assert wish.mac.value[6:] not in rest.lower()
    assert not re.search(r"sip:|@|registrar|desk", rest, flags=re.IGNORECASE)


@pytest.mark.parametrize("slug", [slug for slug, service in SERVICES.items() if service.hosts])
async def test_a_password_leaves_once_and_to_where_phones_are_configured(
    slug: str, channel: Channel, clock: FakeClock
) -> None:
    async with serving(FAKES[slug]()) as fake:
        await client_of(slug, fake, channel, clock).register([wish_for(slug)])

    password = LINE_PASSWORD.reveal().encode()
    assert [password in sent for sent in fake.sent].count(True) == 1
    in_heads = [password in sent.partition(b"\n\n")[0] for sent in fake.sent]
    assert any(in_heads) is (slug == "counterpath_stretto")  # in a body; that one takes it in a URL, and no other way


async def test_a_password_of_any_characters_arrives_at_stretto_as_it_is(channel: Channel, clock: FakeClock) -> None:
    """What is signed is the URL as it stands on the wire; a character that is written another way spoils the login."""
    slug = "counterpath_stretto"
    nasty = Secret("".join(map(chr, range(0x20, 0x7F))) + "ä€😀%41+%2B")
    async with serving(FAKES[slug]()) as fake:
        assert isinstance(fake, Stretto)
        wish = wish_for(slug)
        assert wish.phone is not None
        phone = replace(wish.phone, passwords={1: nasty}, login=nasty)

        (result,) = await client_of(slug, fake, channel, clock).register([replace(wish, phone=phone)])

        assert result.outcome is Outcome.REGISTERED
        (user,) = fake.users.values()
        assert user["password"] == user["account1.credentials.password"] == nasty.reveal()


async def test_a_phone_is_given_its_lines_anew_and_none_twice(channel: Channel, clock: FakeClock) -> None:
    slug = "yealink_ymcs_hosting"
    async with serving(FAKES[slug]()) as fake:
        assert isinstance(fake, YMCSHosting)
        client, wish = client_of(slug, fake, channel, clock), wish_for(slug)
        await client.register([wish])
        left = {"remark": f"provserver {wish.mac.value}", "password": "of a call that broke off"}
        fake.accounts |= {"left": left, "somebody's": {"remark": "", "password": "another's"}}

        await client.register([replace(wish, phone=phone_of({"user_name": "1002"}))])

        assert [account["username"] for account in fake.lines(wish.mac.value).values()] == ["1002"]
        assert len(fake.accounts) == 2
        assert "somebody's" in fake.accounts
        await client.withdraw([wish])
        assert (list(fake.accounts), fake.ours()) == (["somebody's"], {})
        assert fake.refusals == []


@pytest.mark.parametrize(("refused", "kept"), [({"bindAccounts"}, False), ({"bindAccounts", "delAccounts"}, True)])
async def test_what_was_made_before_a_refusal_is_deleted_or_said_to_be_there(
    refused: set[str],
    kept: bool,  # noqa: FBT001 - a parameter
    channel: Channel,
    clock: FakeClock,
) -> None:
    slug = "yealink_ymcs_hosting"
    async with serving(FAKES[slug]()) as fake:
        assert isinstance(fake, YMCSHosting)
        fake.refuses = refused

        (result,) = await client_of(slug, fake, channel, clock).register([wish_for(slug)])

        assert (result.outcome, result.has_kept) == (Outcome.REFUSED, kept)
        assert bool(fake.accounts) is kept


@pytest.mark.parametrize("recording", PLAIN, ids=lambda r: f"{r.service}-{r.name}")
async def test_a_fake_answers_as_it_is_recorded(recording: Recording) -> None:
    async with serving(FAKES[recording.service]()) as fake, visitor() as session:
        for exchange in recording.facts["exchange"]:
            head, _, body = exchange["request"].lstrip("\n").partition("\n\n")
            first, *headers = head.rstrip("\n").split("\n")
            method, target = first.split(" ")
            async with session.request(
                method,
                fake.url + target,
                headers=dict(line.split(": ", 1) for line in headers),
                data=body.rstrip("\n").encode() or None,
            ) as answered:
                assert _meaning(await answered.text()) <= _meaning(exchange.get("reply", ""))
            fake.nonces.clear()  # recordings were made with one nonce for all
    assert fake.refusals == []


def visitor() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls.visiting()))


def _meaning(text: str) -> set[str]:
    """The shape of a reply: names in JSON, types in XML-RPC, elements in XML."""
    if text.startswith(("{", "[")):
        value = json.loads(text)
        return set(value) if isinstance(value, dict) else {"list"}
    if "methodResponse" in text:
        try:
            ((value,), _) = loads(text)
        except Fault:
            return {"fault"}
        return {type(one).__name__ for one in (value if isinstance(value, list) else [value])}
    return set(re.findall(r"<(\w+)", text))
