"""A file of people becomes a phone book, all of it or nothing; every bad row is named, and nobody in it is quoted."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.domain.phonebook import MAX_ENTRIES, PhonebookEntry
from provserver.errors import ImportRefused, InvalidValue, NotFound
from provserver.services.fleet.phonebooks import read_book
from provserver.services.sheets import read_sheet
from provserver.storage.tables import AUDIT
from tests.services.fleet import put, yealink

BOOK = """name;group;work;mobile;mobile 2
Ann Lee;Sales;1001;+44 7700 900001;+44 7700 900002
"O'Neil & Söhne <Ltd>";;(020) 7946-0000;;
"""


def names(entries: tuple[PhonebookEntry, ...]) -> list[str]:
    return [entry.name for entry in entries]


async def test_a_file_is_the_book_of_a_tenant_or_of_a_site(services: Services, tenant: Tenant) -> None:
    assert await services.phonebooks.import_file(BOOK.encode("utf-8-sig"), tenant=tenant) == 2
    assert await services.phonebooks.import_file(b"name,work\nZed,1\n", tenant=tenant, site="HQ") == 1

    ann, neil = await services.phonebooks.entries(tenant=tenant)

    assert (ann.group, ann.of_kinds("work"), ann.of_kinds("mobile")) == (
        "Sales",
        ("1001",),
        ("+447700900001", "+447700900002"),
    )
    assert (neil.name, neil.of_kinds("work")) == ("O'Neil & Söhne <Ltd>", ("02079460000",))
    assert names(await services.phonebooks.entries(tenant=tenant, site="HQ")) == ["Zed"]
    found = [(book.tenant, book.site, book.entries) for book in await services.phonebooks.list()]
    assert found == [("acme", None, 2), ("acme", "HQ", 1)]


async def test_a_second_file_replaces_the_first(services: Services, tenant: Tenant) -> None:
    await services.phonebooks.import_file(BOOK.encode(), tenant=tenant)
    await services.phonebooks.import_file(b"name,work\nZed,1\n", tenant=tenant)

    assert names(await services.phonebooks.entries(tenant=tenant)) == ["Zed"]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("name,work\nAnn,12x<\n,1003\nBob,\n", ["row 2, column work", "row 3, column name", "row 4, column work"]),
        ("name,work\nAnn,1,extra\n", ["row 2, column 3"]),
        ("name,group\nAnn,x\n", ["row 1, column work"]),
        ("group,work\nx,1\n", ["row 1, column name"]),
        ("name,work,work\nAnn,1,2\n", ["row 1, column work: is there twice"]),
        ("name,work,fax\nAnn,1,2\n", ["row 1, column 3: is not name, group or one of work, mobile, home, other"]),
        ("name,work_9\nAnn,1\n", ["row 1, column 2", "row 1, column work"]),
        ("name,work\n", ["row 1, column name: stands above no entry"]),
        ("Ann,1001\nBob,1002\n", ["row 1: holds no column names"]),
        ("", ["row 1: has no column names"]),
        (f"name,work\n{'x' * 129},1\n", ["row 2, column name"]),
        ("name,work\nAn\u2028n,1\n", ["row 2, column name"]),
    ],
)
async def test_bad_rows_are_all_named_and_the_old_book_stays(
    services: Services, tenant: Tenant, content: str, problems: list[str]
) -> None:
    await services.phonebooks.import_file(BOOK.encode(), tenant=tenant)

    with pytest.raises(ImportRefused) as refused:
        await services.phonebooks.import_file(content.encode(), tenant=tenant)

    assert len(refused.value.problems) == len(problems), refused.value.problems
    for said, expected in zip(refused.value.problems, problems, strict=True):
        assert said.startswith(expected)
        assert "Ann" not in said
        assert "12x" not in said
    assert len(await services.phonebooks.entries(tenant=tenant)) == 2


def test_a_book_has_a_limit() -> None:
    rows = "".join(f"P{number},{number + 1}\n" for number in range(MAX_ENTRIES + 1))

    with pytest.raises(ImportRefused) as refused:
        read_book(read_sheet(f"name,work\n{rows}".encode()))

    assert refused.value.problems == (f"row 1, column name: stands above more than {MAX_ENTRIES} entries",)


async def test_what_is_exported_is_imported_again_as_it_was(services: Services, tenant: Tenant) -> None:
    hostile = 'name,group,work\n"=cmd|\' /C calc\'!A0",@sum,1\n"a ""b"", c",,2\n-x,,3\n'
    await services.phonebooks.import_file(BOOK.encode(), tenant=tenant)
    await services.phonebooks.import_file(hostile.encode(), tenant=tenant, site="HQ")

    for site in (None, "HQ"):
        before = await services.phonebooks.entries(tenant=tenant, site=site)
        text = await services.phonebooks.export(tenant=tenant, site=site)
        assert await services.phonebooks.import_file(text.encode(), tenant=tenant, site=site) == len(before)
        assert await services.phonebooks.entries(tenant=tenant, site=site) == before
        cells = [cell for row in read_sheet(text.encode()).rows for cell in row.cells[:2]]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))], "a spreadsheet would run it"


async def test_books_of_other_tenants_and_none_are_not_found(services: Services, tenant: Tenant) -> None:
    rival = await services.tenants.add("rival")
    await services.phonebooks.import_file(BOOK.encode(), tenant=rival, site="HQ")

    for act in (services.phonebooks.entries, services.phonebooks.export, services.phonebooks.remove):
        for site in (None, "HQ"):
            with pytest.raises(NotFound):
                await act(tenant=tenant, site=site)
    assert await services.phonebooks.list(tenant=tenant) == []
    with pytest.raises(InvalidValue, match="site"):
        await services.phonebooks.import_file(BOOK.encode(), tenant=tenant, site="")


async def test_a_removed_book_is_gone_and_the_trail_names_nobody(services: Services, tenant: Tenant) -> None:
    await services.phonebooks.import_file(BOOK.encode(), tenant=tenant)

    assert await services.phonebooks.remove(tenant=tenant) == 2

    assert await services.phonebooks.list() == []
    async with services.storage.read() as tx:
        rows = (await tx.execute(select(AUDIT.c.action, AUDIT.c.detail))).all()
    written = {action: detail for action, detail in rows if action.startswith("phonebook.")}
    assert {action: json.loads(detail) for action, detail in written.items()} == {
        "phonebook.imported": {"entries": 2},
        "phonebook.removed": {"entries": 2},
    }


@pytest.mark.parametrize(
    ("vendor", "mac", "model"), [("yealink", "805ec0aabbcc", "T54W"), ("snom", "000413aabbcc", "D785")]
)
async def test_what_follows_from_a_book_is_nothing_that_the_phone_does_not_know(
    services: Services, tenant: Tenant, vendor: str, mac: str, model: str
) -> None:
    device = await put(services, yealink(tenant, mac=MacAddress(mac), vendor=vendor, model=model))
    await services.phonebooks.import_file(BOOK.encode(), tenant=tenant)

    shown = await services.inventory.show(device.mac)

    assert shown["unsupported_settings"] == []
    assert shown["settings"] == {}, "nothing was set at the device"
