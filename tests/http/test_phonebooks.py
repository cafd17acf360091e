"""Phone books at the door: pointed at, read with a proof only, and never another tenant's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.settings import LoginSettings
from tests.http.digests import LOGIN, USER, logged_in
from tests.http.door import MAC, Door, open_door

OTHER = MacAddress("805ec0aabbcd")
BOOK = b"name,work\nAnn Lee,1001\n"
HOST = "http://phones.example.com"


async def book_url(door: Door, mac: MacAddress = MAC) -> str | None:
    """Where the device's configuration says the phone book is, below our host."""
    text = (await door.ask(f"/{mac}.cfg")).text
    found = [line for line in text.splitlines() if line.startswith("remote_phonebook.data.1.url")]
    return found[0].partition(" = ")[2].removeprefix(HOST) if found else None


async def fill(door: Door, tenant: Tenant, content: bytes = BOOK, *, site: str | None = None) -> None:
    await door.services.phonebooks.import_file(content, tenant=tenant, site=site)


async def test_a_phone_is_told_of_its_phone_book_and_reads_it(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        without = await book_url(door)
        await fill(door, tenant)

        url = await book_url(door)
        assert without is None
        assert url == f"/{door.lasting(device)}/phonebook.xml"
        first = await door.ask(url)
        again = await door.ask(url)
        known = await door.ask(url, headers={"If-None-Match": first.header("ETag") or ""})
        head = await door.ask(url, method="HEAD")

        assert (first.status, first.header("Content-Type")) == (200, "text/xml; charset=utf-8")
        assert "<Name>Ann Lee</Name>" in first.text
        assert first.header("Cache-Control") == "no-store"
        assert again.undated == first.undated, "the same people give the same bytes"
        assert (known.status, known.body) == (304, b"")
        assert (head.status, head.body) == (200, b"")


async def test_a_changed_book_is_another_content(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        url = f"/{door.lasting(device)}/phonebook.xml"
        await fill(door, tenant)
        first = await door.ask(url)

        await fill(door, tenant, b"name,work\nZed,1\n")
        second = await door.ask(url, headers={"If-None-Match": first.header("ETag") or ""})
        await door.services.phonebooks.remove(tenant=tenant)
        removed = await door.ask(url)

        assert (second.status, "Zed" in second.text, "Ann" in second.text) == (200, True, False)
        assert removed.status == 404


async def test_a_phone_book_needs_a_proof_of_the_device(data: Path) -> None:
    """The window lets an armed phone boot by its MAC, which is no secret: names and numbers want more."""
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        await fill(door, tenant)
        unknown = (await door.ask("/805ec0aaaaaa.cfg")).undated

        assert (await door.ask(f"/{MAC}.cfg")).status == 200, "the window is open"
        for path in (
            "/phonebook.xml",
            f"/phonebook.xml?mac={MAC}",
            f"/{MAC}/phonebook.xml",
            f"/{'A' * 24}/phonebook.xml",
        ):
            assert (await door.ask(path)).undated == unknown, path
        assert (await door.ask(f"/{door.bootstrap(device)}/phonebook.xml")).status == 200
        await door.services.devices.lock(MAC, reason="stolen")
        assert (await door.ask(f"/{door.lasting(device)}/phonebook.xml")).undated == unknown


async def test_another_tenants_or_sites_phone_book_is_never_served(data: Path) -> None:
    async with open_door(data) as door:
        mine, rival = await door.tenant("mine"), await door.tenant("rival")
        device, other = await door.phone(mine), await door.phone(rival, mac=OTHER)
        await fill(door, rival, b"name,work\nRival,1\n")
        await fill(door, rival, b"name,work\nRival HQ,1\n", site="HQ")
        await fill(door, mine, b"name,work\nBranch,1\n", site="Branch")
        url = f"/{door.lasting(device)}/phonebook.xml"

        assert (await door.ask(url)).status == 404, "neither the rival's nor that of a site it does not belong to"
        assert await book_url(door) is None
        await fill(door, mine)

        assert (await door.ask(url)).text.count("<Name>") == 1
        assert (await door.ask(f"/{door.lasting(other)}/phonebook.xml")).text.count("<Name>") == 1
        assert "Ann Lee" in (await door.ask(url)).text


async def test_a_site_reads_its_own_book_and_the_tenants(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        await door.services.edits.change(MAC, {"site": "HQ"}, {})
        await fill(door, tenant, b"name,work\nBob,2\nAnn Lee,1001\n", site="HQ")
        await fill(door, tenant)

        text = (await door.ask(f"/{door.lasting(device)}/phonebook.xml")).text

        assert text.index("Ann Lee") < text.index("Bob")
        assert text.count("<Name>") == 2


@pytest.mark.parametrize("owner", ["tenant", "device"])
async def test_a_phone_book_set_by_hand_stands(data: Path, owner: str) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        await door.phone(tenant)
        await fill(door, tenant)
        by_hand = {"phonebook.1.url": "http://books.example.com/ours.xml"}
        if owner == "tenant":
            await door.services.tenants.set_shared(by_hand, {}, tenant=tenant)
        else:
            await door.services.edits.change(MAC, by_hand, {})

        assert await book_url(door) == "http://books.example.com/ours.xml"


async def test_the_log_names_nobody(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        device = await door.phone(tenant)
        await fill(door, tenant)

        await door.ask(f"/{door.lasting(device)}/phonebook.xml")

        assert door.last_line()["outcome"] == "served"
        assert "Ann" not in door.output.getvalue().decode()


async def test_an_office_that_boots_reads_one_book(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("shop")
        macs = [MacAddress(f"805ec0{number:06x}") for number in range(1, 9)]
        devices = [await door.phone(tenant, mac=mac) for mac in macs]
        await fill(door, tenant, b"name,work\n" + b"".join(b"P%d,%d\n" % (n, n + 1) for n in range(800)))

        replies = await asyncio.gather(*(door.ask(f"/{door.lasting(one)}/phonebook.xml") for one in devices))

        assert len({reply.undated for reply in replies}) == 1
        assert replies[0].text.count("<Telephone>") == 800


async def test_a_login_of_the_device_is_a_proof_and_the_window_is_none(data: Path) -> None:
    async with open_door(data, login=LoginSettings(ask=True)) as door:
        tenant = await door.tenant("shop")
        await door.phone(tenant, settings={"provisioning_user": USER}, secrets={"provisioning_password": LOGIN})
        await fill(door, tenant)
        path = f"/phonebook.xml?mac={MAC}"

        asked = await door.ask(path)
        reason = door.last_line()["reason"]
        proven = await logged_in(door, path)
        common = await logged_in(door, "/phonebook.xml")

        assert (asked.status, reason) == (401, "unproven"), "the window is open, and a MAC is no secret"
        assert [(reply.status, "Ann Lee" in reply.text) for reply in (proven, common)] == [(200, True)] * 2
