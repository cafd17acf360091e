"""What each setting becomes in an Htek file."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from provserver.domain.catalogue import SPECS
from provserver.domain.hanlong.accounts import account_number
from provserver.domain.line import Endpoint, Line
from provserver.domain.timezones import load_zone
from provserver.vendors.htek import VENDOR
from tests.vendors.htek.phones import LINE, PBX, URL, config, line_with, view_of, written

HOOK = "https://ev.example.com/"
WRITTEN: list[tuple[str, str, dict[str, str]]] = [
    ("ntp_server", "ntp.example.com", {"P30": "ntp.example.com"}),
    ("ntp_server_backup", "ntp2.example.com", {"P8622": "ntp2.example.com"}),
    ("timezone", "Europe/Berlin", {"P64": "49", "P75": "2"}),
    ("timezone", "America/Bogota", {"P64": "18", "P75": "0"}),
    ("timezone", "Asia/Kathmandu", {}),
    ("time_format", "12", {"P8624": "1"}),
    ("time_format", "24", {"P8624": "0"}),
    ("date_format", "dmy", {"P102": "2"}),
    ("tone_country", "de", {"P20058": "11"}),
    ("tone_country", "pl", {}),
    ("stun_server", "stun.example.com", {"P76": "stun.example.com"}),
    ("codecs", "g722 ilbc pcma pcmu", {"P57": "9", "P58": "8", "P59": "0"}),
    ("codecs", "opus g729 g726", {"P57": "120", "P58": "18", "P59": "2"}),
    ("codecs", "speex", {}),
    ("dtmf", "rfc2833", {"P20166": "0"}),
    ("dtmf", "inband", {"P20166": "1"}),
    ("dtmf", "info", {"P20166": "2"}),
    ("dtmf", "rfc2833_info", {}),
    ("dtmf_payload", "101", {"P79": "101"}),
    ("srtp", "off", {"P183": "0"}),
    ("srtp", "optional", {"P183": "1"}),
    ("srtp", "mandatory", {"P183": "2"}),
    ("srtp", "zrtp", {}),
    ("mwi_subscribe", "on", {"P99": "1"}),
    ("mac_in_register", "on", {"P20053": "1"}),
    ("blf_pickup_code", "*8", {"P4705": "*8"}),
    ("key.1", "blf 1002 Front desk", {"P41200": "3", "P41300": "1002", "P41400": "Front desk", "P41500": "0"}),
    ("key.4", "speed_dial@2 0800123", {"P41203": "2", "P41303": "0800123", "P41403": "", "P41503": "1"}),
    ("key.5", "dnd - Ruhe", {"P20200": "21", "P20201": "", "P20202": "Ruhe", "P20203": "0"}),
    ("key.36", "line", {"P20355": "1", "P20356": "", "P20357": "1001", "P20358": "0"}),
    ("key.37", "park 700", {"P23000": "8", "P23001": "700", "P23002": "", "P23003": "0"}),
    ("key.2", "none", {"P41201": "0"}),
    ("key.2", "url http://x.example.com/", {}),
    ("module.1.key.1", "blf 1101 Sales", {"P60000": "3", "P60001": "1101", "P60002": "Sales", "P60003": "0"}),
    ("module.6.key.40", "hold", {"P65195": "20", "P65196": "", "P65197": "", "P65198": "0"}),
    ("module.7.key.1", "hold", {}),
    ("module.1.key.41", "hold", {}),
    ("vlan_id", "20", {"P24053": "1", "P51": "20"}),
    ("vlan_priority", "5", {"P87": "5"}),
    ("pc_vlan_id", "30", {"P229": "30"}),
    ("lldp", "off", {"P5438": "0"}),
    ("vlan_dhcp", "on", {"P8684": "1"}),
    ("phonebook.1.url", "https://pb.example.com/", {"P4401": "https://pb.example.com/"}),
    ("phonebook.5.url", "https://pb.example.com/", {"P4405": "https://pb.example.com/"}),
    ("phonebook.6.url", "https://pb.example.com/", {}),
    ("phonebook.1.name", "Company", {"P3316": "Company"}),
    ("phonebook.2.name", "Company", {"P3312": "Company"}),
    ("ldap.server", "ldap.example.com", {"P5432": "ldap.example.com"}),
    ("ldap.port", "636", {"P5433": "636"}),
    ("ldap.base", "dc=example", {"P5434": "dc=example"}),
    ("ldap.user", "cn=phone", {"P5435": "cn=phone"}),
    ("ldap.name_filter", "(cn=%)", {"P5430": "(cn=%)"}),
    ("ldap.number_filter", "(tel=%)", {"P5431": "(tel=%)"}),
    ("ldap.name_attributes", "cn sn", {"P23136": "cn sn"}),
    ("ldap.number_attributes", "tel", {"P23137": "tel"}),
    ("ldap.display_name", "cn", {"P5440": "cn"}),
    ("action.boot", HOOK, {"P3701": HOOK}),
    ("action.registered", HOOK, {"P3702": HOOK}),
    ("action.unregistered", HOOK, {"P3703": HOOK}),
    ("action.register_failed", HOOK, {"P3704": HOOK}),
    ("action.off_hook", HOOK, {"P3705": HOOK}),
    ("action.on_hook", HOOK, {"P3706": HOOK}),
    ("action.incoming", HOOK, {"P3707": HOOK}),
    ("action.outgoing", HOOK, {"P3708": HOOK}),
    ("action.established", HOOK, {"P3709": HOOK}),
    ("action.terminated", HOOK, {"P3710": HOOK}),
    ("action.dnd_on", HOOK, {"P3711": HOOK}),
    ("action.dnd_off", HOOK, {"P3712": HOOK}),
    ("action.forward_on", HOOK, {"P3713": HOOK}),
    ("action.forward_off", HOOK, {"P3714": HOOK}),
    ("action.missed", HOOK, {"P3726": HOOK}),
    ("admin_user", "boss", {"P8681": "boss"}),
    ("user_user", "desk", {"P8682": "desk"}),
    ("provisioning_user", "phone", {"P1360": "phone"}),
    ("resync_minutes", "1440", {"P194": "1", "P193": "1440"}),
    ("discovery_pnp", "off", {"P20165": "0"}),
    ("discovery_dhcp", "off", {"P145": "0"}),
    ("discovery_dhcp_options", "66 43", {"P1145": "66"}),
    ("firmware_url", "https://fw.example.com/htek/fw926.rom", {"P192": "https://fw.example.com/htek"}),
    ("trusted_ca_url", "https://fw.example.com/ca.pem", {"P20179": "https://fw.example.com/ca.pem"}),
    ("tls_verify", "on", {"P23377": "1", "P23376": "1"}),
    ("raw.P212", "3", {"P212": "3"}),
]
SECRETS = {"admin_password": "P2", "user_password": "P196", "ldap.password": "P5436", "provisioning_password": "P1361"}


@pytest.mark.parametrize(("name", "text", "expected"), WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str, text: str, expected: dict[str, str]) -> None:
    assert written({name: text}) == expected


@pytest.mark.parametrize(("name", "parameter"), SECRETS.items())
def test_a_secret_writes_its_parameter_and_nothing_else(name: str, parameter: str) -> None:
    assert written({}, secrets={f"setting.{name}": "s3cret"}) == {parameter: "s3cret"}


def test_the_tables_here_name_every_setting_that_is_supported() -> None:
    named = {re.sub(r"(?<=\.)\d+(?=\.|$)", "N", name) for name, *_ in WRITTEN} | set(SECRETS)

    assert {spec.name for spec in SPECS if VENDOR.supports(spec.name)} <= named


def test_a_watching_key_knows_the_code_to_pick_up() -> None:
    found = written({"key.1": "blf 1002", "key.5": "blf 1003", "blf_pickup_code": "*8"})

    assert (found["P41600"], found["P20204"]) == ("*8", "*8")


LINE_FIELDS: list[tuple[str, object, dict[str, str]]] = [
    ("label", "Front desk", {"P20000": "Front desk"}),
    ("auth_name", "a1", {"P36": "a1"}),
    ("voicemail", "*97", {"P33": "*97"}),
    ("expires_s", 600, {"P32": "10"}),
    ("expires_s", 30, {"P32": "1"}),
    ("registrar", Endpoint.parse("pbx.example.com;transport=tls"), {"P130": "2", "P47": "pbx.example.com:5061"}),
    ("registrar", Endpoint.parse("pbx.example.com;transport=tcp"), {"P130": "1"}),
    ("registrar", Endpoint.parse("pbx.example.com;transport=dns"), {"P130": "3", "P47": "pbx.example.com"}),
    ("registrar", Endpoint.parse("[2001:db8::5]:5080"), {"P47": "[2001:db8::5]:5080"}),
    ("outbound_proxy", Endpoint.parse("proxy.example.org:5070"), {"P48": "proxy.example.org:5070"}),
    ("backup_registrar", Endpoint.parse("backup.example.org"), {"P967": "backup.example.org:5060"}),
]


@pytest.mark.parametrize(("field", "value", "expected"), LINE_FIELDS)
def test_a_field_of_a_line_writes_its_parameters(field: str, value: object, expected: dict[str, str]) -> None:
    base = config(view_of())

    found = config(view_of(lines=(line_with(**{field: value}),)))

    assert dict(found.items() - base.items()) == expected


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (1, "P271 P24082 P20000 P35 P36 P34 P3 P33"),
        (2, "P401 P24083 P20001 P735 P736 P734 P703 P426"),
        (3, "P501 P24084 P20002 P504 P505 P506 P507 P526"),
        (4, "P601 P24085 P20003 P604 P605 P606 P607 P626"),
        (5, "P20360 P24086 P20378 P1704 P1705 P1706 P1707 P1726"),
        (6, "P20361 P24087 P20379 P1804 P1805 P1806 P1807 P1826"),
        (7, "P24090 P24088 P24100 P24110 P24120 P24130 P24140 P24170"),
        (8, "P24091 P24089 P24101 P24111 P24121 P24131 P24141 P24171"),
    ],
)
def test_an_account_has_the_numbers_of_the_sheet(number: int, names: str) -> None:
    line = Line(
        number=number,
        user_name="u",
        label="l",
        auth_name="a",
        display_name="d",
        voicemail="v",
        registrar=PBX,
    )
    lines = (line,) if number == 1 else (LINE, line)

    found = config(view_of(lines=lines, held=(f"line.{number}.password",)), {f"line.{number}.password": "p"})

    profile = str(number - 1) if number <= 4 else "0"
    expected = dict(zip(names.split(), ("1", profile, "l", "u", "a", "p", "d", "v"), strict=True))
    assert {name: found.get(name) for name in expected} == expected


def test_each_of_the_first_four_lines_has_a_server_of_its_own() -> None:
    lines = tuple(
        Line(number=number, user_name=str(number), registrar=Endpoint(host=f"pbx{number}.example.com"))
        for number in range(1, 5)
    )

    found = config(view_of(lines=lines))

    assert [found[name] for name in ("P47", "P747", "P502", "P602")] == [
        f"pbx{n}.example.com:5060" for n in range(1, 5)
    ]
    assert [found[name] for name in ("P24082", "P24083", "P24084", "P24085")] == ["0", "1", "2", "3"]


def test_accounts_without_a_line_are_switched_off() -> None:
    found = config(view_of(lines=(line_with(number=3),)))

    active = {number: found.get(account_number("active", number)) for number in range(1, 8)}
    assert active == {1: "0", 2: "0", 3: "1", 4: "0", 5: None, 6: None, 7: None}


def test_a_phone_is_told_its_own_url_and_no_password_that_is_not_held() -> None:
    found = config(view_of())

    assert found["P237"] == URL
    assert not {"P34", "P2", "P196", "P5436", "P1361"} & found.keys()


THIRTY = (
    "Africa/Johannesburg", "Africa/Lagos", "America/Anchorage", "America/Bogota", "America/Chicago", "America/Denver",
    "America/Halifax", "America/Los_Angeles", "America/New_York", "America/Phoenix", "America/Sao_Paulo",
    "America/St_Johns", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata", "Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo",
    "Atlantic/Azores", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Europe/Athens",
    "Europe/Berlin", "Europe/Dublin", "Europe/Helsinki", "Europe/Lisbon", "Europe/London", "Europe/Moscow",
    "Pacific/Auckland",
)  # fmt: skip


def test_zones_of_one_offset_have_one_number_and_summer_time_stands_beside_it() -> None:
    """When summer time begins is the phone's own knowledge; that there is any is tz data's."""
    numbers: dict[str, set[timedelta]] = {}
    for name in THIRTY:
        zone, found = load_zone(name), written({"timezone": name})
        numbers.setdefault(found["P64"], set()).add(zone.offset)
        assert found["P75"] == ("2" if zone.rule else "0"), name

    assert len(numbers) == len({load_zone(name).offset for name in THIRTY})
    assert all(len(offsets) == 1 for offsets in numbers.values())
