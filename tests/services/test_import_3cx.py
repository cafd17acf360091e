"""The account list that a 3CX exports becomes devices, on the way that every import goes."""

from __future__ import annotations

from typing import Any

import pytest

from provserver.app import Services
from provserver.domain.device import Tenant
from provserver.domain.mac import MacAddress
from provserver.errors import ImportRefused, InvalidValue
from provserver.services.fleet.imports import ImportReport, Layout
from tests.services.fleet import boot, count, data_keys, put, yealink

# Headers as 3CX writes them, by their number of columns: of three lists that administrators exported, of v15 and later.
LIST_59 = (
    "Number,FirstName,LastName,EmailAddress,MobileNumber,AuthID,AuthPassword,WebMeetingFriendlyName,"
    "WebMeetingPrivateRoom,ClickToCall,WebMeetingAcceptReject,EnableVoicemail,VMNoPin,VMPlayCallerID,PIN,"
    "VMPlayMsgDateTime,VMEmailOptions,QueueStatus,OutboundCallerID,SIPID,DeliverAudio,SupportReinvite,SupportReplaces,"
    "EnableSRTP,ManagementAccess,ReporterAccess,WallboardAccess,TurnOffMyPhone,HideFWrules,CanSeeRecordings,"
    "CanDeleteRecordings,RecordCalls,CallScreening,EmailMissedCalls,Disabled,DisableExternalCalls,AllowLanOnly,"
    "BlockRemoteTunnel,PinProtect,MAC_0,InterfaceIP_0,UseTunnel,DND,UseCTI,StartupScreen,HotelModuleAccess,"
    "DontShowExtInPHBK,DeskphoneWebPass,SrvcAccessPwd,VoipAdmin,SysAdmin,SecureSIP,PhoneModel14,PhoneTemplate14,"
    "CustomTemplate,PhoneSettings,AllowAllRecordings,PushExtension,Integration"
)
LIST_61 = f"{LIST_59},AllowOwnRecordings,RecordExternalCallsOnly"
LIST_65 = f"{LIST_61.replace('ClickToCall,', 'ClickToCall,ClickToCallFriendlyName,')},DID,SMS,PhoneSysAdmin"
MARK = "MARKED-s3cret"
GIVEN = {"registrar": "acme.3cx.example"}
TABLES = ("device", "line", "setting", "credential", "site", "audit", "change")


def account(header: str, **cells: str) -> str:
    """One line as 3CX writes it: secrets of four kinds in it, quotes only where they are needed."""
    usual = {
        "Number": "101",
        "FirstName": "Anna",
        "LastName": "Zott",
        "EmailAddress": "anna@example.com",
        "AuthID": "k7Hq2mZs1A",
        "AuthPassword": f"{MARK}-1",
        "EnableVoicemail": "1",
        "PIN": f"{MARK}-pin",
        "DeskphoneWebPass": f"{MARK}-web",
        "SrvcAccessPwd": f"{MARK}-services",
        "MAC_0": "805ec0000001",
        "PhoneModel14": "Yealink T46S",
        "PhoneTemplate14": "yealinkT4x.ph.xml",
        "QueueStatus": "1",
    } | cells
    return ",".join(_quoted(usual.get(name, "0")) for name in header.split(","))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n') else cell


def exported(*rows: str, header: str = LIST_65) -> bytes:
    """A file as it is downloaded: UTF-8 with a byte order mark, lines ended as on Windows."""
    return "\r\n".join((header, *rows, "")).encode("utf-8-sig")


async def run(services: Services, tenant: Tenant, content: bytes, **more: Any) -> ImportReport:  # noqa: ANN401 - see Imports.run
    return await services.imports.run(content, tenant=tenant, layout=Layout.THREE_CX, **{"given": GIVEN} | more)


async def problems_of(services: Services, tenant: Tenant, content: bytes) -> list[str]:
    """See it refused, the store as it was, and no secret said."""
    before = {table: await count(services, table) for table in TABLES}, await data_keys(services)
    with pytest.raises(ImportRefused) as refused:
        await run(services, tenant, content)
    assert ({table: await count(services, table) for table in TABLES}, await data_keys(services)) == before
    assert MARK not in "\n".join(refused.value.problems)
    return list(refused.value.problems)


async def shown(services: Services, mac: str = "805ec0000001") -> dict[str, Any]:
    return await services.inventory.show(MacAddress.parse(mac))


@pytest.mark.parametrize("header", [LIST_59, LIST_61, LIST_65], ids=["59 columns", "61", "65"])
async def test_an_account_becomes_a_line_of_its_phone(services: Services, tenant: Tenant, header: str) -> None:
    report = await run(services, tenant, exported(account(header), header=header))

    device = await shown(services)
    assert report == ImportReport(new=1, changed=0, lines=1)
    assert (device["vendor"], device["model"]) == ("yealink", "T46S")
    assert device["lines"] == [
        {
            "number": 1,
            "label": None,
            "display_name": "Anna Zott",
            "user_name": "101",
            "auth_name": "k7Hq2mZs1A",
            "registrar": {"host": "acme.3cx.example", "port": 5060, "transport": "udp"},
            "backup_registrar": None,
            "outbound_proxy": None,
            "expires_s": 3600,
            "voicemail": "999",
            "password": "held",
        }
    ]


async def test_the_phone_gets_the_accounts_own_name_and_password(services: Services, tenant: Tenant) -> None:
    await run(services, tenant, exported(account(LIST_65)))

    body = (await boot(services, mac=MacAddress("805ec0000001"), user_agent="")).body.decode()

    assert "account.1.user_name = 101\n" in body
    assert "account.1.auth_name = k7Hq2mZs1A\n" in body
    assert f"account.1.password = {MARK}-1\n" in body


async def test_of_four_secrets_one_is_taken(services: Services, tenant: Tenant) -> None:
    await run(services, tenant, exported(account(LIST_65)))

    assert (await shown(services))["secrets"] == ["line.1.password"]
    assert len(await data_keys(services)) == 1


async def test_accounts_without_a_phone_are_left_out_and_counted(services: Services, tenant: Tenant) -> None:
    rows = (
        account(LIST_65),
        account(LIST_65, Number="102", MAC_0="", AuthPassword=""),
        account(LIST_65, Number="103", MAC_0=" "),
    )

    report = await run(services, tenant, exported(*rows))

    assert report == ImportReport(new=1, changed=0, lines=1, left_out=2)


async def test_accounts_at_one_phone_are_its_lines(services: Services, tenant: Tenant) -> None:
    await run(services, tenant, exported(account(LIST_65), account(LIST_65, Number="102", AuthID="other")))

    device = await shown(services)
    assert [(line["user_name"], line["auth_name"]) for line in device["lines"]] == [
        ("101", "k7Hq2mZs1A"),
        ("102", "other"),
    ]


async def test_an_account_with_two_phones_is_a_line_of_each(services: Services, tenant: Tenant) -> None:
    header = LIST_65.replace("InterfaceIP_0", "InterfaceIP_0,MAC_1,InterfaceIP_1")

    report = await run(services, tenant, exported(account(header, MAC_1="80-5E-C0-00-00-02"), header=header))

    assert report.new == 2
    assert (await shown(services, "805ec0000002"))["lines"][0]["user_name"] == "101"


async def test_names_may_hold_what_csv_has_to_quote(services: Services, tenant: Tenant) -> None:
    row = account(LIST_65, FirstName='Änne "Ann"', LastName="Zott, sales")

    await run(services, tenant, exported(row))

    assert (await shown(services))["lines"][0]["display_name"] == 'Änne "Ann" Zott, sales'


async def test_a_list_that_excel_has_saved_again_is_read_too(services: Services, tenant: Tenant) -> None:
    text = f"{LIST_65}\r\n{account(LIST_65, LastName='Müller')}\r\n".replace(",", ";")

    await run(services, tenant, text.encode("cp1252"))

    assert (await shown(services))["lines"][0]["display_name"] == "Anna Müller"


async def test_columns_in_another_order_and_unknown_ones_do_no_harm(services: Services, tenant: Tenant) -> None:
    header = "Department,MAC_0,AuthPassword,authid,NUMBER"

    await run(services, tenant, exported(f"Sales,805ec0000001,{MARK},k7Hq2mZs1A,101", header=header))

    line = (await shown(services))["lines"][0]
    assert (line["user_name"], line["auth_name"], line["display_name"]) == ("101", "k7Hq2mZs1A", None)


async def test_every_bad_row_is_named_by_the_columns_of_the_list_and_nothing_is_imported(
    services: Services, tenant: Tenant
) -> None:
    content = exported(
        account(LIST_65),
        account(LIST_65, Number="102", MAC_0="8.05E+11"),
        account(LIST_65, Number="103", MAC_0="805ec0000003", AuthID=""),
        account(LIST_65, Number="", MAC_0="805ec0000004"),
        account(LIST_65, Number="105", MAC_0="805ec0000005", AuthPassword=""),
        account(LIST_65, Number="106", MAC_0="805ec0000006", AuthPassword=f" {MARK}"),
        account(LIST_65, Number="107", MAC_0="805ec0000007") + f",{MARK}",
        account(LIST_65, Number="108", MAC_0="00112200000a"),
    )

    assert await problems_of(services, tenant, content) == [
        "row 3, column MAC_0: is not a MAC address",
        "row 4, column AuthID: is empty; 3CX authenticates by another name than the user name",
        "row 5, column Number: is empty or has characters that a SIP URI cannot carry",
        "row 6, column AuthPassword: is empty",
        "row 7, column AuthPassword: begins or ends with a blank, which phones trim away",
        f"row 8, column {LIST_65.count(',') + 2}: has no name in the header, and is not empty",
        "row 9, column vendor: is needed: the maker of 00:11:22:00:00:0a is not known",
    ]


async def test_a_phone_of_another_tenant_is_not_to_be_had(services: Services, tenant: Tenant) -> None:
    rival = await services.tenants.add("rival")
    await put(services, yealink(rival, 1))

    assert await problems_of(services, tenant, exported(account(LIST_65))) == [
        "row 2, column MAC_0: belongs to another tenant"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ["row 1: has no column names"]),
        (b"mac,user_name,password,registrar\r\n", [
            "row 1, column Number: is missing",
            "row 1, column AuthID: is missing",
            "row 1, column AuthPassword: is missing",
        ]),
        (b"Number,AuthID,AuthPassword\r\n101,a,b\r\n", ["row 1, column MAC_0: is missing"]),
        (b"Number,AuthID,AuthPassword,number,MAC_0\r\n", ["row 1, column Number: is there twice"]),
        (exported(), ["row 1: is followed by no account that has a phone's MAC"]),
        (exported(account(LIST_65, MAC_0="")), ["row 1: is followed by no account that has a phone's MAC"]),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Extensions/>', ["row 1: is XML, not CSV"]),
    ],
)  # fmt: skip
async def test_what_is_no_such_list_is_refused(
    services: Services, tenant: Tenant, content: bytes, said: list[str]
) -> None:
    assert await problems_of(services, tenant, content) == said


async def test_where_the_3cx_is_has_to_be_said(services: Services, tenant: Tenant) -> None:
    with pytest.raises(InvalidValue) as refused:
        await run(services, tenant, exported(account(LIST_65)), given={})

    assert str(refused.value) == "registrar: is needed; a 3CX's list does not say where the 3CX is"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"registrar": "not a host"}, "registrar: 'not a host' is not a host name or address"),
        ({"outbound_proxy": "sbc:99999"}, "outbound_proxy: 99999 is not between 1 and 65535"),
        ({"transport": "smoke"}, "transport: 'smoke' is not one of udp, tcp, tls, dns"),
        ({"pbx": "other"}, "pbx: 'other' is not one of 3cx, sark"),
        ({"password": "x"}, "password: is not one of pbx, registrar, transport, outbound_proxy"),
    ],
)
async def test_what_is_given_for_all_rows_is_judged_once(
    services: Services, tenant: Tenant, given: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await run(services, tenant, exported(account(LIST_65)), given=GIVEN | given)

    assert str(refused.value) == said


async def test_the_way_to_the_3cx_can_be_given(services: Services, tenant: Tenant) -> None:
    given = GIVEN | {"transport": "tls", "outbound_proxy": "10.0.0.5"}

    await run(services, tenant, exported(account(LIST_65)), given=given)

    line = (await shown(services))["lines"][0]
    assert line["registrar"] == {"host": "acme.3cx.example", "port": 5061, "transport": "tls"}
    assert line["outbound_proxy"] == {"host": "10.0.0.5", "port": 5060, "transport": "tls"}


async def test_a_list_that_comes_again_changes_the_same_devices(services: Services, tenant: Tenant) -> None:
    await run(services, tenant, exported(account(LIST_65)))

    report = await run(services, tenant, exported(account(LIST_65, AuthPassword=f"{MARK}-2")))

    assert report == ImportReport(new=0, changed=1, lines=1)
    body = (await boot(services, mac=MacAddress("805ec0000001"), user_agent="")).body
    assert f"{MARK}-2".encode() in body


async def test_a_dry_run_reads_everything_and_writes_nothing(services: Services, tenant: Tenant) -> None:
    report = await run(services, tenant, exported(account(LIST_65)), dry_run=True)

    assert report.new == 1
    assert await count(services, "device") == 0


async def test_a_column_of_our_own_files_names_the_pbx_of_a_row(services: Services, tenant: Tenant) -> None:
    content = (
        b"mac,user_name,auth_name,password,registrar,pbx,set:codecs\n"
        b"805ec0000001,101,aB3,p,pbx.example.com,3CX,\n"
        b"805ec0000002,102,,p,sark.example.com,sark,\n"
        b"805ec0000003,103,,p,sark.example.com,sark,g722\n"
        b"805ec0000004,104,,p,other.example.com,,\n"
    )

    await services.imports.run(content, tenant=tenant)

    found = [await shown(services, f"805ec000000{number}") for number in range(1, 5)]
    assert [device["lines"][0]["voicemail"] for device in found] == ["999", "*50*", "*50*", None]
    assert [device["settings"] for device in found] == [
        {},
        {"codecs": "pcma,pcmu", "registrar_kind": "asterisk"},
        {"codecs": "g722", "registrar_kind": "asterisk"},
        {},
    ]


async def test_rows_that_name_a_pbx_or_a_registrar_keep_it(services: Services, tenant: Tenant) -> None:
    content = b"mac,user_name,password,registrar,pbx\n805ec0000001,101,p,,\n805ec0000002,102,p,own.example.com,sark\n"
    given = {"registrar": "all.example.com", "pbx": "sark"}

    await services.imports.run(content, tenant=tenant, given=given)

    hosts = [(await shown(services, f"805ec000000{n}"))["lines"][0]["registrar"]["host"] for n in (1, 2)]
    assert hosts == ["all.example.com", "own.example.com"]


async def test_what_is_given_needs_no_column_and_yields_to_what_a_cell_names(
    services: Services, tenant: Tenant
) -> None:
    bare = b"mac,user_name,password\n805ec0000001,101,p\n"
    full = b"mac,user_name,password,registrar\n805ec0000002,102,p,own.example.com;transport=tcp\n"
    given = {"registrar": "all.example.com", "transport": "tls"}

    await services.imports.run(bare, tenant=tenant, given=given)
    await services.imports.run(full, tenant=tenant, given=given)

    found = [(await shown(services, f"805ec000000{n}"))["lines"][0]["registrar"] for n in (1, 2)]
    assert found == [
        {"host": "all.example.com", "port": None, "transport": "tls"},
        {"host": "own.example.com", "port": None, "transport": "tcp"},
    ]


async def test_an_unknown_pbx_and_a_wrong_name_are_problems_of_their_cells(services: Services, tenant: Tenant) -> None:
    content = (
        b"mac,user_name,auth_name,password,registrar,pbx\n"
        b"805ec0000001,101,,p,pbx.example.com,MARKED-s3cret\n"
        b"805ec0000002,102,x,p,pbx.example.com,sark\n"
        b"805ec0000003,103,,p,pbx.example.com,3cx\n"
    )

    with pytest.raises(ImportRefused) as refused:
        await services.imports.run(content, tenant=tenant)

    assert list(refused.value.problems) == [
        "row 2, column pbx: is not one of 3cx, sark",
        "row 3, column auth_name: is not the user name, by which SARK authenticates",
        "row 4, column auth_name: is empty; 3CX authenticates by another name than the user name",
    ]
