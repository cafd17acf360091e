"""Where the fields of an account stand, family by family: one digit wrong puts a password into another account."""

from __future__ import annotations

import pytest

from provserver.domain.line import Endpoint
from provserver.errors import InvalidValue
from provserver.vendors.grandstream import VENDOR
from provserver.vendors.grandstream.models import MODELS, Family, family
from tests.vendors.grandstream.device import ADAPTER, BASE, CLASSIC, NAMED, PORTS, line, told, view_of

FULL = {
    "label": "Label",
    "display_name": "Anna",
    "auth_name": "auth",
    "voicemail": "*97",
    "expires_s": 600,
    "registrar": Endpoint.parse("pbx.example.com:5061;transport=tls"),
    "backup_registrar": Endpoint.parse("pbx2.example.com:5061;transport=tls"),
    "outbound_proxy": Endpoint.parse("sbc.example.com:5071;transport=tls"),
}
VALUES = {
    "active": "1", "label": "Label", "server": "pbx.example.com:5061", "backup": "pbx2.example.com:5061",
    "proxy": "sbc.example.com:5071", "user": "USER", "auth": "auth", "password": "SECRET", "name": "Anna",
    "voicemail": "*97", "register": "1", "expires": "10", "transport": "2", "dns_mode": "0",
}  # fmt: skip

# The sheet's table of accounts, number by number.
PHONE = {
    1: "271 270 47 2312 48 35 36 34 3 33 31 32 130 103",
    2: "401 417 402 2412 403 404 405 406 407 426 410 412 448 408",
    3: "501 517 502 2512 503 504 505 506 507 526 510 512 548 508",
    4: "601 617 602 2612 603 604 605 606 607 626 610 612 648 608",
    5: "1701 1717 1702 2712 1703 1704 1705 1706 1707 1726 1710 1712 1748 1708",
    6: "1801 1817 1802 2812 1803 1804 1805 1806 1807 1826 1810 1812 1848 1808",
}
FIELDS = (
    "active", "label", "server", "backup", "proxy", "user", "auth", "password", "name", "voicemail", "register",
    "expires", "transport", "dns_mode",
)  # fmt: skip


def one_account(model: str, number: int) -> dict[str, str]:
    view = view_of({}, line(number, user_name="USER", **FULL), held=[f"line.{number}.password"], model=model)
    return told(view, {f"line.{number}.password": "SECRET"})


@pytest.mark.parametrize("number", PHONE)
def test_an_account_of_a_phone_stands_where_the_makers_table_has_it(number: int) -> None:
    found = one_account(CLASSIC, number)

    places = dict(zip(FIELDS, PHONE[number].split(), strict=True))
    assert {field: found.get(f"P{place}") for field, place in places.items()} == VALUES
    assert [name for name, text in found.items() if text == "SECRET"] == [f"P{places['password']}"]


@pytest.mark.parametrize("number", [1, 2, 7, 12])
def test_an_account_by_name_has_its_number_in_the_name(number: int) -> None:
    found = one_account(NAMED, number)

    assert {name.partition(f"account.{number}.")[2]: text for name, text in found.items() if text not in {"No", ""}} | {
        "": ""
    } == {
        "": "",
        "enable": "Yes",
        "name": "Label",
        "sip.registration": "Yes",
        "sip.server.1.address": "pbx.example.com:5061",
        "sip.server.2.address": "pbx2.example.com:5061",
        "sip.outboundProxy.1.address": "sbc.example.com:5071",
        "sip.userid": "USER",
        "sip.subscriber.userid": "auth",
        "sip.subscriber.password": "SECRET",
        "sip.subscriber.name": "Anna",
        "sip.voicemail.number": "*97",
        "sip.registerExpiration": "10",
        "sip.transport": "TlsOrTcp",
        "network.dnsMode": "ARecord",
    }


ADAPTERS = {
    1: {
        "271": "1", "31": "1", "47": "pbx.example.com:5061", "967": "pbx2.example.com:5061",
        "48": "sbc.example.com:5071", "35": "USER", "36": "auth", "34": "SECRET", "3": "Anna", "32": "10", "130": "2",
        "103": "0",
    },
    2: {
        "401": "1", "731": "1", "747": "pbx.example.com:5061", "987": "pbx2.example.com:5061",
        "748": "sbc.example.com:5071", "735": "USER", "736": "auth", "734": "SECRET", "703": "Anna", "732": "10",
        "830": "2", "702": "0",
    },
}  # fmt: skip


@pytest.mark.parametrize("number", ADAPTERS)
def test_the_ports_of_an_adapter_count_in_their_own_way(number: int) -> None:
    found = one_account(ADAPTER, number)

    other = {1: "P401", 2: "P271"}[number]
    address = {"P212": "2", "P237": "prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"}
    assert found == {f"P{place}": text for place, text in ADAPTERS[number].items()} | {other: "0"} | address


@pytest.mark.parametrize("number", [1, 4])
def test_ports_that_share_a_profile_have_only_their_user_for_themselves(number: int) -> None:
    found = one_account(PORTS, number)

    at = number - 1
    own = {4060: "USER", 4090: "auth", 4120: "SECRET", 4180: "Anna", 4150: "0", 4595: "1"}
    assert {place: found.get(f"P{place + at}") for place in own} == own
    assert {found.get(f"P{4595 + port}") for port in range(4) if port != at} == {"0"}
    assert (found["P47"], found["P967"], found["P48"]) == (
        "pbx.example.com:5061",
        "pbx2.example.com:5061",
        "sbc.example.com:5071",
    )
    assert not {"P35", "P36", "P34", "P3"} & found.keys()


def test_lines_of_a_base_share_a_profile_for_each_server() -> None:
    elsewhere = Endpoint(host="other.example.com")
    hosts = [Endpoint(host=f"pbx{n}.example.com") for n in (3, 4)]
    lines = (
        line(1), line(2, registrar=elsewhere), line(3), line(4, registrar=hosts[0]), line(7, registrar=hosts[1]),
    )  # fmt: skip

    found = told(view_of({}, *lines, held=["line.7.password"], model=BASE), {"line.7.password": "SECRET"})

    assert [found[f"P{number}"] for number in (4150, 4151, 4152, 4153, 4156)] == ["0", "1", "0", "2", "3"]
    servers = [found[f"P{number}"] for number in (47, 747, 547, 602)]
    assert servers == ["pbx.example.com", "other.example.com", "pbx3.example.com", "pbx4.example.com"]
    assert [found[f"P{number}"] for number in (271, 401, 501, 601)] == ["1"] * 4
    assert (found["P4066"], found["P4126"]) == ("1007", "SECRET")
    assert {found[f"P{4595 + at}"] for at in (4, 5, 7, 8, 9)} == {"0"}
    assert (found["P4300"], found["P4310"], found["P4320"], found["P4250"]) == ("1", "2", "3", "4")
    assert "P21328" not in found


def test_a_base_has_four_profiles_and_an_adapter_with_ports_one() -> None:
    lines = [line(n, registrar=Endpoint(host=f"pbx{n}.example.com")) for n in range(1, 6)]
    assert VENDOR.check is not None

    VENDOR.check(view_of({}, *lines[:4], model=BASE))
    VENDOR.check(view_of({}, lines[0], line(2, registrar=lines[0].registrar), model=PORTS))

    for view in (view_of({}, *lines, model=BASE), view_of({}, *lines[:2], model=PORTS)):
        with pytest.raises(InvalidValue, match="registrar"):
            VENDOR.check(view)


@pytest.mark.parametrize(("model", "most"), [("GXP1628", 4), ("GXV3370", 4), (None, 4), (CLASSIC, 6), (ADAPTER, 2)])
def test_a_line_whose_place_nobody_has_told_is_refused_and_not_guessed(model: str | None, most: int) -> None:
    assert VENDOR.check is not None

    VENDOR.check(view_of({}, line(most), model=model))
    beyond = view_of({}, line(most + 1), held=[f"line.{most + 1}.password"], model=model)
    with pytest.raises(InvalidValue, match="no known place"):
        VENDOR.check(beyond)

    assert f"line.{most + 1}.password" not in told(beyond).values()


def test_records_are_asked_for_when_the_transport_is_left_to_dns() -> None:
    by_records = line(1, registrar=Endpoint.parse("example.com;transport=dns"))

    numbered = told(view_of({}, by_records, model=CLASSIC))
    named = told(view_of({}, by_records, model=NAMED))

    assert (numbered["P47"], numbered["P103"], numbered["P130"]) == ("example.com", "2", "0")
    assert (named["account.1.network.dnsMode"], named["account.1.sip.transport"]) == ("NaptrOrSrv", "UDP")


@pytest.mark.parametrize(("seconds", "minutes"), [(30, "1"), (60, "1"), (119, "1"), (3600, "60"), (86_400, "1440")])
def test_registrations_are_told_in_whole_minutes_and_never_longer_than_wished(seconds: int, minutes: str) -> None:
    found = told(view_of({}, line(1, expires_s=seconds), model=CLASSIC))

    assert found["P32"] == minutes


def test_what_a_line_no_longer_has_is_emptied_and_a_password_never_is() -> None:
    for model, empty in ((CLASSIC, {"P2312", "P48", "P33"}), (ADAPTER, {"P967", "P48"})):
        found = told(view_of(model=model))

        assert {name for name, text in found.items() if not text} == empty
        assert "P34" not in found


def test_accounts_without_a_line_are_switched_off_where_their_number_is_known() -> None:
    assert [told(view_of({}, line(2), model=CLASSIC))[f"P{n}"] for n in (271, 401, 501, 601, 1701, 1801)] == [
        "0", "1", "0", "0", "0", "0",
    ]  # fmt: skip
    named = told(view_of({}, line(2), model="GXP2130"))
    assert [named[f"account.{n}.enable"] for n in (1, 2, 3)] == ["No", "Yes", "No"]
    assert "account.1.enable" not in told(view_of({}, line(2), model="GRP2614"))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("GXP2170", Family.NAMED),
        ("gxp2130", Family.NAMED),
        ("Grandstream GRP2614", Family.NAMED),
        ("GRP2699X", Family.NAMED),
        ("GXP2120", Family.CLASSIC),
        ("GXP1628", Family.CLASSIC),
        ("GXV3275", Family.CLASSIC),
        ("WP820", Family.CLASSIC),
        ("XYZ1", Family.CLASSIC),
        (None, Family.CLASSIC),
        ("HT802", Family.ADAPTER),
        ("HT801V2", Family.ADAPTER),
        ("HT999", Family.ADAPTER),
        ("HT818", Family.PORTS),
        ("DP750", Family.BASE),
        ("DP752", Family.BASE),
    ],
)
def test_a_model_belongs_to_a_family(model: str | None, expected: Family) -> None:
    assert family(model) is expected


def test_every_family_has_models() -> None:
    assert {family(model.name) for model in MODELS} == set(Family)
