"""A file becomes devices, all of them or none, and everything that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.domain.sealed import WrappedKey
from provserver.errors import ImportRefused
from provserver.services.fleet.imports import ImportReport
from provserver.vendors import load_vendors
from tests.services.fleet import MAC, audit_actions, boot, count, data_keys, owned, put, yealink

HEADER = "mac;user_name;password;registrar"
TABLES = ("device", "line", "setting", "credential", "site", "audit", "change")
MARK = "MARKED-s3cret"
VENDORS = ", ".join(vendor.slug for vendor in load_vendors())


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *rows)).encode()


async def problems_of(services: Services, tenant: Tenant, content: bytes, *, dry_run: bool = False) -> list[str]:
    """Import it, see it refused, the store as it was, and no secret said."""
    before = {table: await count(services, table) for table in TABLES}, await data_keys(services)
    with pytest.raises(ImportRefused) as refused:
        await services.imports.run(content, tenant=tenant, dry_run=dry_run)
    assert ({table: await count(services, table) for table in TABLES}, await data_keys(services)) == before
    assert MARK not in "\n".join(refused.value.problems)
    return list(refused.value.problems)


async def shown(services: Services, mac: str) -> dict[str, Any]:
    return await services.inventory.show(MacAddress.parse(mac))


async def test_rows_of_one_mac_become_one_device_wherever_they_stand(services: Services, tenant: Tenant) -> None:
    content = csv(
        "80:5e:c0:00:00:01;1001;p1;pbx.example.com",
        "80:5e:c0:00:00:02;2001;p2;pbx.example.com",
        '805EC0-000001;1002;p3;"pbx.example.com:5062;transport=tcp"',
        "805e.c000.0001;1003;p4;pbx.example.com",
    )

    report = await services.imports.run(content, tenant=tenant)

    device = await shown(services, "805ec0000001")
    assert report == ImportReport(new=2, changed=0, lines=4)
    assert [(line["number"], line["user_name"], line["password"]) for line in device["lines"]] == [
        (1, "1001", "held"),
        (2, "1002", "held"),
        (3, "1003", "held"),
    ]
    assert device["lines"][1]["registrar"] == {"host": "pbx.example.com", "port": 5062, "transport": "tcp"}
    assert device["state"] == "armed"


async def test_rows_without_a_number_get_the_lowest_that_are_free(services: Services, tenant: Tenant) -> None:
    content = csv(
        "805ec0000001;a;p;pbx;", "805ec0000001;b;p;pbx;1", "805ec0000001;c;p;pbx;", "805ec0000001;d;p;pbx;3",
        header=HEADER + ";line",
    )  # fmt: skip

    await services.imports.run(content, tenant=tenant)

    device = await shown(services, "805ec0000001")
    assert [(line["number"], line["user_name"]) for line in device["lines"]] == [(1, "b"), (2, "a"), (3, "d"), (4, "c")]


async def test_what_is_said_of_a_device_in_any_row_holds_for_it(services: Services, tenant: Tenant) -> None:
    content = csv(
        "805ec0000001;1001;p;pbx;;;20;",
        "805ec0000001;1002;p;pbx;T54W;London;;adm1n",
        header=HEADER + ";model;site;set:vlan_id;set:admin_password",
    )

    await services.imports.run(content, tenant=tenant)

    device = await shown(services, "805ec0000001")
    assert (device["model"], device["site"], device["settings"]) == ("T54W", "London", {"vlan_id": "20"})
    assert device["secrets"] == ["line.1.password", "line.2.password", "setting.admin_password"]


async def test_softphones_get_an_id_each_and_the_report_says_which(services: Services, tenant: Tenant) -> None:
    content = csv(
        ";1001;p;pbx;linphone", "805ec0000001;1002;p;pbx;", "auto;1003;p;pbx;linphone", header=HEADER + ";vendor"
    )

    report = await services.imports.run(content, tenant=tenant)

    assert (report.new, list(report.generated)) == (3, [2, 4])
    for row, user in ((2, "1001"), (4, "1003")):
        device = await shown(services, report.generated[row])
        assert [line["user_name"] for line in device["lines"]] == [user]
        assert MacAddress(report.generated[row]).is_local


async def test_importing_again_brings_devices_up_to_date(services: Services, tenant: Tenant) -> None:
    """The lines of the file stand in place of the old ones; what the file does not mention stays."""
    await services.imports.run(
        csv("805ec0000001;1001;p;pbx;T54W;20", "805ec0000001;1002;p;pbx;;", header=HEADER + ";model;set:vlan_id"),
        tenant=tenant,
    )

    report = await services.imports.run(csv("805ec0000001;2001;new;pbx", "805ec0000002;2002;p;pbx"), tenant=tenant)

    device = await shown(services, "805ec0000001")
    assert report == ImportReport(new=1, changed=1, lines=2)
    assert [line["user_name"] for line in device["lines"]] == ["2001"]
    assert (device["model"], device["settings"]) == ("T54W", {"vlan_id": "20"})
    assert device["secrets"] == ["line.1.password"]


async def test_the_model_that_is_known_already_bounds_the_lines(services: Services, tenant: Tenant) -> None:
    await put(services, yealink(tenant, model="T31P"))

    problems = await problems_of(services, tenant, csv(f"{MAC};1001;p;pbx;9", header=HEADER + ";line"))

    assert problems == ["row 2, column line: 9 is more than the 2 lines of a T31P"]


async def test_a_dry_run_says_the_same_and_changes_nothing(services: Services, tenant: Tenant) -> None:
    content = csv("805ec0000001;1001;p;pbx", "auto;1002;p;pbx", header=HEADER)
    before = {table: await count(services, table) for table in TABLES}

    report = await services.imports.run(csv("805ec0000001;1001;p;pbx"), tenant=tenant, dry_run=True)
    problems = await problems_of(services, tenant, content, dry_run=True)

    assert report == ImportReport(new=1, changed=0, lines=1)
    assert problems == ["row 3, column vendor: is needed where there is no MAC"]
    assert {table: await count(services, table) for table in TABLES} == before


async def test_devices_are_armed_unless_that_is_not_wanted(services: Services, tenant: Tenant) -> None:
    await services.imports.run(csv("805ec0000001;1001;p;pbx"), tenant=tenant)
    await services.imports.run(csv("805ec0000002;1001;p;pbx"), tenant=tenant, arm=False)

    assert (await shown(services, "805ec0000001"))["state"] == "armed"
    assert (await shown(services, "805ec0000002"))["state"] == "waiting"


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        (
            ["ac1203000001;1;{M};pbx"],
            "",
            ["row 2, column vendor: is needed: the maker of ac:12:03:00:00:01 is not known"],
        ),
        (
            ["805ec0000001;1;{M};pbx;{M}"],
            ";vendor",
            [f"row 2, column vendor: is not one of {VENDORS}"],
        ),
        (
            [";1;{M};pbx;snom"],
            ";vendor",
            ["row 2, column mac: is missing; only softphones get one, snom devices have their own"],
        ),
        (
            ["805ec0000001;1;{M};pbx;T31P;2", "805ec0000001;1;{M};pbx;T31P;3", "805ec0000001;1;{M};pbx;T31P;4"],
            ";model;line",
            [f"row {r}, column line: {n} is more than the 2 lines of a T31P" for r, n in ((3, 3), (4, 4))],
        ),
        (
            ["805ec0000001;1;{M};pbx;1", "805ec0000002;1;{M};pbx;1", "805ec0000001;2;{M};pbx;1"],
            ";line",
            ["row 4, column line: 1 is the line of row 2 too"],
        ),
        (
            ["805ec0000001;1;{M};pbx;T54W;London;a", "805ec0000001;2;{M};pbx;T46U;Leeds;b"],
            ";model;site;description",
            [f"row 3, column {c}: is not the same as in row 2" for c in ("description", "model", "site")],
        ),
        (
            ["805ec0000001;1;{M};pbx;20;{M}", "805ec0000001;2;{M};pbx;21;{M}2"],
            ";set:vlan_id;set:admin_password",
            [f"row 3, column set:{c}: is not the same as in row 2" for c in ("admin_password", "vlan_id")],
        ),
        (
            ["805ec0000001;1;{M};pbx;T31P;blf 1;blf 2", "805ec0000002;1;{M};pbx;T54W;blf 1;blf 2"],
            ";model;set:key.1;set:key.99",
            [
                "row 2, column set:key.99: 99 is more than a T31P has (2)",
                "row 3, column set:key.99: 99 is more than a T54W has (27)",
            ],
        ),
        (
            ["805ec0000001;1;{M};pbx;a:{M}"],
            ";set:raw.security.user_name.user",
            ["row 2, column set:raw.security.user_name.user: holds a colon, which is where the phone ends the name"],
        ),
        (["805ec0000001;1;;pbx", "x;;{M};?"], "", [
            "row 2, column password: is empty",
            "row 3, column mac: is not a MAC address",
            "row 3, column registrar: is not a host name or address",
            "row 3, column user_name: is empty or has characters that a SIP URI cannot carry",
        ]),
        ([], "", ["row 1: is followed by no device"]),
        (
            ["805ec0000001;1;a;{M};pbx"],
            "",
            ["row 2, column 5: has no name in the header, and there is something in it"],
        ),
    ],
)  # fmt: skip
async def test_bad_rows_are_listed_and_nothing_is_imported(
    services: Services, tenant: Tenant, rows: list[str], header: str, expected: list[str]
) -> None:
    """A good device stands first: it is not imported either."""
    content = csv(*(row.replace("{M}", MARK) for row in rows), header=HEADER + header)

    assert await problems_of(services, tenant, content) == expected


async def test_a_combination_that_the_maker_refuses_is_blamed_on_the_first_row(
    services: Services, tenant: Tenant
) -> None:
    """Each setting is fine for itself."""
    content = csv(
        f"64167f000001;1;{MARK};pbx;http://a.example/;http://b.example/",
        header=HEADER + ";set:action.outgoing;set:action.incoming",
    )

    (problem,) = await problems_of(services, tenant, content)

    assert problem.startswith("row 2, column set:action.")
    assert problem.endswith("these phones call one address for all events")


async def test_every_row_of_another_tenants_device_is_refused_and_its_owner_is_not_named(
    services: Services, tenant: Tenant
) -> None:
    rival = await services.tenants.add("rival-reseller")
    await put(services, yealink(rival))
    content = csv(
        f"{MAC};1;{MARK};pbx;99", f"805ec0000009;1;{MARK};pbx;1", f"{MAC};2;{MARK};pbx;1", header=HEADER + ";line"
    )

    problems = await problems_of(services, tenant, content)

    assert problems == [f"row {row}, column mac: belongs to another tenant" for row in (2, 4)]


async def test_a_device_that_boots_meanwhile_stays_provisioned(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the request path writes about a device is not undone by an import that read the device before."""
    device = await put(services, yealink(tenant))
    secrets = services.devices._secrets
    store_keys = secrets.store_keys

    async def boot_and_store(keys: Sequence[tuple[WrappedKey, str]]) -> None:
        await boot(services)
        await store_keys(keys)

    monkeypatch.setattr(secrets, "store_keys", boot_and_store)
    await services.imports.run(csv(f"{MAC};1001;new;pbx"), tenant=tenant)

    after = await services.devices.get(MAC)
    assert after.provisioned_at is not None
    assert after.tokens == device.tokens
    assert (await owned(services, after))["line.1.password"].first_delivered_at is None


async def test_an_import_is_in_the_audit_trail_once(services: Services, tenant: Tenant) -> None:
    await services.imports.run(csv("805ec0000001;1;p;pbx", "805ec0000002;1;p;pbx"), tenant=tenant)

    assert (await audit_actions(services)).count("device.put") == 1


async def test_ten_thousand_rows_are_imported_with_progress_to_the_end(services: Services, tenant: Tenant) -> None:
    rows = [f"805ec0{number:06x};{number};p{number};pbx.example.com;20" for number in range(1, 10_001)]
    told: list[tuple[int, int]] = []

    report = await services.imports.run(
        csv(*rows, header=HEADER + ";set:vlan_id"),
        tenant=tenant,
        progress=lambda done, total: told.append((done, total)),
    )

    assert report == ImportReport(new=10_000, changed=0, lines=10_000)
    assert await count(services, "device") == 10_000
    assert len(told) > 50
    assert told == sorted(told)
    assert told[-1] == (20_000, 20_000)
