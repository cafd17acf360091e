"""Sangoma's S series: who asks, for which file, with which numbers; and how a phone starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.hanlong.keys import module_key_numbers
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.timezones import load_zone
from provserver.errors import InvalidValue, UnfitValue
from provserver.identify import Identified
from provserver.vendors.sangoma import VENDOR
from provserver.vendors.sangoma.rows import KEYS, PLACES, STEADY_PLACES
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, PBX, TEXTS, URL, USERS, Workbench, catalogue_name
from tests.vendors.zones import YEARS, ZONES, wrong_hours

OWN = "cfg005058aabbd7.xml"
PASSWORD = "line.1.password"
HOOK = "https://ev.example.com/"


def read(text: str) -> dict[str, str]:
    """The parameters of the file. Anything else, or one that comes twice, is a failure."""
    root = ElementTree.fromstring(text)
    (part,) = root
    assert (root.tag, part.tag) == ("hl_provision", "config")
    found = {element.tag: element.text or "" for element in part}
    assert len(found) == len(part)
    return found


BENCH = Workbench(vendor=VENDOR, mac=MacAddress("005058aabbd7"), model="S500", read=read)


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Sangoma S300 2.0.0.0 00:50:58:AA:BB:D7", "S300", "2.0.0.0", "005058aabbd7"),
        ("Sangoma S705 3.0.4.77 005058aabbd7", "S705", "3.0.4.77", "005058aabbd7"),
        ("Sangoma S500 V2.0.4.67", "S500", "2.0.4.67", None),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str, mac: str | None) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("sangoma", model, firmware, None)
    assert agent.mac == (MacAddress(mac) if mac else None)
    assert VENDOR.model(agent.model) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Sangoma",
        "Sangoma S500",
        "Sangoma S500 V2",
        "Sangoma P330 4.24.2",
        "Sangoma S500 V2.0.4.67 x",
        "Sangoma S500 V2.0.4.67\n",
        "Sangoma S500 2.0.0.0 00:50:58:AA:BB",
        "Sangoma S5000 2.0.0.0",
        "Sangoma  S500 2.0.0.0",
        "Htek S500 2.0.0.0",
        "Mozilla/5.0 Sangoma S500 V2.0.4.67",
    ],
)
def test_near_misses_are_no_agents_of_sangoma(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (OWN, "config"),
        ("CFG005058AABBD7.XML", "config"),
        ("cfg00:50:58:aa:bb:d7.xml", "config"),
        ("cfg005058aabbd7", "binary"),
        ("005058aabbd7.cfg", "early"),
        ("cfg0010.xml", "model"),
        ("factory0010.bin", "factory"),
        ("005058aabbd7.xml", None),
        ("cfg005058aabbd7.cfg", None),
        ("cfg005058aabbd.xml", None),
        ("xcfg005058aabbd7.xml", None),
        ("sangoma/cfg005058aabbd7.xml", None),
        ("cfg.xml", None),
    ],
)
def test_every_file_name_finds_its_rule_and_near_misses_none(file: str, rule: str | None) -> None:
    assert BENCH.rule_of(file) == rule


def test_the_block_of_the_maker_tells_its_phones_from_those_that_ask_alike() -> None:
    makers = {}
    for file in (OWN, "cfg001fc11c22a9.xml"):
        found = CATALOGUE.identify(ProvRequest(path=f"/{file}"))
        assert isinstance(found, Identified)
        makers[file] = found.vendor

    assert makers == {OWN: "sangoma", "cfg001fc11c22a9.xml": "htek"}


def test_there_is_exactly_one_file() -> None:
    assert [rule.name for rule in VENDOR.files if rule.template] == ["config"]


ACTIONS = {
    "boot": 3701, "registered": 3702, "unregistered": 3703, "register_failed": 3704, "off_hook": 3705, "on_hook": 3706,
    "incoming": 3707, "outgoing": 3708, "established": 3709, "terminated": 3710, "dnd_on": 3711, "dnd_off": 3712,
    "forward_on": 3713, "forward_off": 3714, "missed": 3726,
}  # fmt: skip
WRITTEN: list[tuple[str, str, dict[str, str]]] = [
    ("ntp_server", "ntp.example.com", {"P30": "ntp.example.com"}),
    ("ntp_server_backup", "ntp2.example.com", {"P8622": "ntp2.example.com"}),
    ("timezone", "Europe/Berlin", {"P64": "50", "P75": "2"}),
    ("timezone", "Europe/London", {"P64": "39", "P75": "2"}),
    ("timezone", "Europe/Lisbon", {"P64": "39", "P75": "2"}),
    ("timezone", "America/Phoenix", {"P64": "10", "P75": "0"}),
    ("timezone", "Africa/Cairo", {}),
    ("time_format", "12", {"P8624": "1"}),
    ("time_format", "24", {"P8624": "0"}),
    ("date_format", "ymd", {"P102": "0"}),
    ("date_format", "mdy", {"P102": "1"}),
    ("date_format", "dmy", {"P102": "2"}),
    ("language", "fr", {"P8621": "1", "P2525": "1"}),
    ("language", "en", {"P8621": "0", "P2525": "0"}),
    ("language", "cs", {}),
    ("tone_country", "de", {"P20058": "11"}),
    ("stun_server", "stun.example.com", {"P76": "stun.example.com"}),
    ("codecs", "g722 ilbc pcma pcmu g729 g726", {"P57": "9", "P58": "8", "P59": "0", "P60": "18", "P61": "2"}),
    ("codecs", "opus", {}),
    ("dtmf", "rfc2833", {"P20166": "0"}),
    ("dtmf", "inband", {"P20166": "1"}),
    ("dtmf", "info", {"P20166": "2"}),
    ("dtmf_payload", "101", {"P79": "101"}),
    ("srtp", "off", {"P183": "0"}),
    ("srtp", "mandatory", {"P183": "2"}),
    ("mwi_subscribe", "on", {"P99": "1"}),
    ("mac_in_register", "on", {"P20053": "1"}),
    ("blf_pickup_code", "**", {"P4705": "**"}),
    ("key.1", "blf 1002 Front desk", {"P41200": "3", "P41300": "1002", "P41400": "Front desk", "P41500": "0"}),
    ("key.5", "speed_dial@2 0800123 Help", {"P20200": "2", "P20201": "0800123", "P20202": "Help", "P20203": "1"}),
    ("key.2", "none", {"P41201": "0"}),
    ("softkey.1", "dnd - Quiet", {"P43200": "21", "P43300": "0", "P43400": "", "P20043": "Quiet"}),
    ("softkey.4", "none", {"P43203": "0"}),
    ("softkey.2", "park 700", {}),
    ("softkey.5", "dnd", {}),
    ("module.1.key.1", "blf 1101 Sales", {"P60000": "3", "P60001": "1101", "P60002": "Sales", "P60003": "0"}),
    ("module.6.key.40", "dnd", {"P65195": "21", "P65196": "", "P65197": "", "P65198": "0"}),
    ("vlan_id", "20", {"P24053": "1", "P51": "20"}),
    ("vlan_priority", "5", {"P87": "5"}),
    ("pc_vlan_id", "30", {"P229": "30"}),
    ("lldp", "off", {"P5438": "0"}),
    ("vlan_dhcp", "on", {"P8684": "1"}),
    ("phonebook.1.url", "https://pb.example.com/", {"P4401": "https://pb.example.com/"}),
    ("phonebook.5.name", "Company", {"P3315": "Company"}),
    ("ldap.server", "ldap.example.com", {"P5432": "ldap.example.com"}),
    ("ldap.port", "636", {"P5433": "636"}),
    ("ldap.base", "dc=example", {"P5434": "dc=example"}),
    ("ldap.user", "cn=phone", {"P5435": "cn=phone"}),
    ("ldap.name_filter", "(cn=%)", {"P5430": "(cn=%)"}),
    ("ldap.number_filter", "(tel=%)", {"P5431": "(tel=%)"}),
    ("ldap.name_attributes", "cn sn", {"P23136": "cn sn"}),
    ("ldap.number_attributes", "tel", {"P23137": "tel"}),
    ("ldap.display_name", "cn", {"P5440": "cn"}),
    *((f"action.{event}", HOOK, {f"P{number}": HOOK}) for event, number in ACTIONS.items()),
    ("admin_user", "boss", {"P8681": "boss"}),
    ("user_user", "desk", {"P8682": "desk"}),
    ("provisioning_user", "phone", {"P1360": "phone"}),
    ("resync_minutes", "1440", {"P194": "1", "P193": "1440"}),
    ("discovery_pnp", "off", {"P20165": "0"}),
    ("discovery_dhcp", "off", {"P145": "0"}),
    ("discovery_dhcp_options", "66 43", {"P1145": "66"}),
    ("firmware_url", "https://fw.example.com/s/S500.rom", {"P192": "https://fw.example.com/s"}),
    ("trusted_ca_url", "https://fw.example.com/ca.pem", {"P20179": "https://fw.example.com/ca.pem"}),
    ("raw.P8951", "Company", {"P8951": "Company"}),
]
SECRETS = {"admin_password": "P2", "user_password": "P196", "ldap.password": "P5436", "provisioning_password": "P1361"}


@pytest.mark.parametrize(("setting", "value", "expected"), WRITTEN, ids=lambda item: str(item)[:40])
def test_a_setting_writes_its_parameters(setting: str, value: str, expected: dict[str, str]) -> None:
    assert BENCH.written({setting: value}) == expected


@pytest.mark.parametrize(("setting", "number"), SECRETS.items())
def test_a_secret_writes_its_parameter(setting: str, number: str) -> None:
    assert BENCH.written(secrets={f"setting.{setting}": "s3cret"}) == {number: "s3cret"}


def test_every_setting_of_the_maker_is_proven() -> None:
    proven = {catalogue_name(name) for name, _, _ in WRITTEN if not name.startswith("raw.")} | SECRETS.keys()

    assert proven == BENCH.supported()


def test_what_no_source_shows_for_these_phones_is_not_written() -> None:
    """Htek's table has it. The switches are on these phones' web page as well, under which numbers no source says."""
    assert "tls_verify" not in BENCH.supported()


def test_keys_above_the_36th_have_their_mode_between_type_and_value() -> None:
    found = BENCH.written({"key.37": "blf 1 A", "key.45": "blf 2 B", "blf_pickup_code": "**"}, model="S700")

    assert found == {
        "P23000": "3", "P23002": "1", "P23003": "A", "P23004": "0", "P23005": "**",
        "P23048": "3", "P23050": "2", "P23051": "B", "P23052": "0", "P23053": "**",
        "P4705": "**",
    }  # fmt: skip


def test_no_number_of_a_key_has_two_meanings() -> None:
    keys = [number for key in range(1, 46) for number in KEYS.numbers(key)]
    modules = [number for module in range(1, 7) for key in range(1, 41) for number in module_key_numbers(module, key)]

    assert len(set(keys + modules)) == len(keys + modules)


@pytest.mark.parametrize(
    ("number", "own", "server"),
    [
        (1, "P271 P20000 P35 P36 P34 P3 P33", "P47 P967 P48 P130 P31 P32 P57 P58 P20166 P79 P183 P99 P20053"),
        (2, "P401 P20001 P735 P736 P734 P703 P426",
         "P747 P987 P748 P830 P731 P732 P757 P758 P20167 P779 P443 P709 P20054"),
        (3, "P501 P20002 P504 P505 P506 P507 P526",
         "P502 P988 P503 P930 P510 P512 P551 P552 P20168 P579 P543 P515 P20055"),
        (4, "P601 P20003 P604 P605 P606 P607 P626",
         "P602 P989 P603 P1030 P610 P612 P651 P652 P20169 P679 P643 P615 P20056"),
        (5, "P20360 P20378 P1704 P1705 P1706 P1707 P1726",
         "P20362 P20364 P20370 P20374 P20384 P20388 P20392 P20394 P20170 P20416 P20432 P1715 P20474"),
        (6, "P20361 P20379 P1804 P1805 P1806 P1807 P1826",
         "P20363 P20365 P20371 P20375 P20385 P20389 P20393 P20395 P20171 P20417 P20433 P1815 P20475"),
    ],
)  # fmt: skip
def test_each_account_has_its_own_numbers_and_its_own_server(number: int, own: str, server: str) -> None:
    line = Line(
        number=number,
        user_name="u",
        label="l",
        auth_name="a",
        display_name="d",
        voicemail="v",
        registrar=Endpoint.parse("own.example.com;transport=tls"),
        backup_registrar=Endpoint.parse("backup.example.com;transport=tls"),
        outbound_proxy=Endpoint.parse("out.example.com;transport=tls"),
    )
    values = {"codecs": "g722 pcma", "dtmf": "info", "dtmf_payload": "101", "srtp": "mandatory"}
    view = BENCH.view(
        {**values, "mwi_subscribe": "on", "mac_in_register": "on"}, held=(f"line.{number}.password",), lines=(line,)
    )

    found = BENCH.settings(view, {f"line.{number}.password": "p"})

    words = "own.example.com:5061 backup.example.com:5061 out.example.com:5061 2 1 60 9 8 2 101 2 1 1"
    expected = dict(zip(own.split(), ["1", "l", "u", "a", "p", "d", "v"], strict=True))
    expected |= dict(zip(server.split(), words.split(), strict=True))
    assert {name: found.get(name) for name in expected} == expected
    assert not any(name.startswith("P2408") for name in found)  # no profiles


def test_accounts_without_a_line_are_switched_off() -> None:
    found = BENCH.settings(BENCH.view(lines=(replace(LINE, number=3),)))

    switches = ("P271", "P401", "P501", "P601", "P20360", "P20361")
    assert [found.get(name) for name in switches] == ["0", "0", "1", "0", "0", "0"]


def test_a_phone_is_told_its_own_url_and_no_password_that_is_not_held() -> None:
    found = BENCH.settings(BENCH.view())

    assert found["P237"] == URL
    assert not {"P34", "P2", "P196", "P5436", "P1361"} & found.keys()


def test_lines_without_numbers_and_raw_names_without_sense_are_refused() -> None:
    assert VENDOR.check is not None
    VENDOR.check(BENCH.view({"raw.P212": "3"}))
    with pytest.raises(InvalidValue, match="beyond 6"):
        VENDOR.check(BENCH.view(lines=(replace(LINE, number=7),)))
    with pytest.raises(InvalidValue, match="address of this server"):
        VENDOR.check(BENCH.view({"raw.P237": "https://elsewhere.example.com/"}))
    with pytest.raises(InvalidValue, match="not the number"):
        VENDOR.check(BENCH.view({"raw.Account1": "1"}))


@pytest.mark.parametrize("name", ZONES)
def test_the_place_that_is_named_has_the_clock_of_the_zone(name: str) -> None:
    """The phone knows the dates of its places; where it has none with this clock, it is told nothing."""
    found = BENCH.written({"timezone": name})

    if not found:
        assert name in {"Africa/Cairo", "America/Santiago", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe"}
        return
    zone = load_zone(name)
    places = PLACES if found["P75"] == "2" else STEADY_PLACES
    (place,) = (place for place, number in places.items() if number == found["P64"])
    said = load_zone(place)
    assert (found["P75"] == "2") is bool(zone.rule) is bool(said.rule)
    assert all(wrong_hours(said.offset_at, name, year) == 0 for year in YEARS)


def test_a_phone_asks_for_its_file_and_learns_its_accounts() -> None:
    lines = (
        replace(LINE, auth_name="a1"),
        Line(number=6, user_name="1006", registrar=Endpoint(host="other.example.org")),
    )
    view = BENCH.view(lines=lines, held=(PASSWORD, "line.6.password"))

    booted, asked = BENCH.play({OWN: BENCH.render(view, {PASSWORD: "pässword<&1", "line.6.password": "p6"})})

    assert asked == [OWN]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="pässword<&1", auth_name="a1", registrar=PBX.host),
            Account(number=6, user_name="1006", password="p6", auth_name="1006", registrar="other.example.org"),
        ),
        next_url=URL,
    )


@pytest.mark.parametrize(
    "text", ["", "no xml", '<!DOCTYPE x [<!ENTITY e "x">]><x/>', "<config><P271>1</P271></config>"]
)
def test_a_phone_that_gets_rubbish_keeps_what_it_has(text: str) -> None:
    assert BENCH.play({OWN: text})[0] == Booted()
    assert BENCH.play({})[0] == Booted()


def test_the_simulated_phone_is_recognised_by_its_agent() -> None:
    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(BENCH.phone()))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("sangoma", "S500", "2.0.4.67", BENCH.mac)


@pytest.mark.parametrize(
    ("model", "keys", "modules"),
    [("S205", None, None), ("S206", 2, None), ("S300", None, None), ("S305", 15, None), ("S400", 25, None),
     ("S405", 25, None), ("S406", 25, None), ("S500", 35, 6), ("S505", 35, 6), ("s700", 45, 6), ("S705", 45, 6)],
)  # fmt: skip
def test_models_have_the_keys_of_the_source(model: str, keys: int | None, modules: int | None) -> None:
    found = VENDOR.model(model)

    assert found is not None
    assert (found.keys, found.modules, found.softkeys) == (keys, modules, 4)


FIELDS = {
    "label": "P20000", "display_name": "P3", "auth_name": "P36", "voicemail": "P33", "user_name": "P35",
    "ldap.base": "P5434", "ldap.user": "P5435", "blf_pickup_code": "P4705", "phonebook.1.name": "P3316",
    "raw.P8951": "P8951", PASSWORD: "P34", "setting.admin_password": "P2", "setting.ldap.password": "P5436",
}  # fmt: skip
LINE_FIELDS = ("label", "display_name", "auth_name", "voicemail", "user_name")
HELD = tuple(name for name in FIELDS if name.endswith("password"))


@settings(deadline=None)  # thirteen texts and a parsing each: slow on a busy machine
@given(st.fixed_dictionaries({name: USERS if name == "user_name" else TEXTS for name in FIELDS}))
def test_every_legal_text_is_read_back_and_nothing_more(values: dict[str, str]) -> None:
    def found(texts: dict[str, str]) -> dict[str, str]:
        line = replace(LINE, **{name: texts[name] for name in LINE_FIELDS})  # type: ignore[arg-type]  # texts, all of them
        others = {name: text for name, text in texts.items() if name not in (*LINE_FIELDS, *HELD)}
        return BENCH.settings(BENCH.view(others, lines=(line,), held=HELD), {name: texts[name] for name in HELD})

    plain = found(dict.fromkeys(FIELDS, "plain"))

    assert found(values) == plain | {place: values[name] for name, place in FIELDS.items()}


@pytest.mark.parametrize("text", ILLEGAL)
def test_an_illegal_secret_that_got_in_stops_the_file(text: str) -> None:
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=(PASSWORD,)), {PASSWORD: text})

    assert caught.value.field == PASSWORD
    assert text.strip() not in str(caught.value)
