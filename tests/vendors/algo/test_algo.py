"""Algo: who asks, for which file, what it is told, and how a device boots; no text changes the structure of a file."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import AfterDeletion
from provserver.errors import InvalidValue, UnfitValue
from provserver.identify import Identified, Unidentified
from provserver.vendors.algo import VENDOR
from provserver.vendors.algo.boot import read_settings
from tests.vendors.summers import ZONES
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, PBX, TEXTS, URL, USERS, Workbench, catalogue_name

MAC = MacAddress("0022eeaabbcc")
BENCH = Workbench(vendor=VENDOR, mac=MAC, model="8301", read=read_settings, file="settings")

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "srtp": ("off", {"sip.srtp": ""}),
    "codecs": ("g722 pcma", {"audio.codec.g722": "1", "audio.g722": "1"}),
    "stun_server": ("stun.example.com", {"sip.stun.server": "stun.example.com"}),
    "timezone": ("Canada/Pacific", {"admin.timezone": "Canada/Pacific"}),
    "ntp_server": ("ntp.example.com", {"net.time": "ntp.example.com", "net.time1": "ntp.example.com"}),
    "ntp_server_backup": ("192.0.2.1", {"net.time2": "192.0.2.1"}),
    "language": ("en", {"admin.lang": "en"}),
    "lldp": ("off", {"net.ll.lldp": "0"}),
    "cdp": ("on", {"net.ll.cdp": "1"}),
    "vlan_id": ("20", {"net.vlan.use": "1", "net.vlan.id": "20"}),
    "vlan_priority": ("5", {"net.vlan.priority": "5"}),
    "provisioning_user": ("speaker", {"prov.auth.user": "speaker"}),
    "tls_verify": ("on", {"prov.download.cert": "1"}),
    "resync_from": (
        "02:00",
        {
            "prov.sync.frequency": "daily",
            "prov.sync.wdays": "1,2,3,4,5,6,7,",
            "prov.sync.time": "02:00",
            "prov.sync.endtime": "",
        },
    ),
    "resync_until": (
        "04:30",
        {
            "prov.sync.frequency": "daily",
            "prov.sync.wdays": "1,2,3,4,5,6,7,",
            "prov.sync.time": "04:30",
            "prov.sync.endtime": "",
        },
    ),
    "discovery_redirect": ("off", {"prov.ztp.use": "0"}),
}
SECRETS = {"admin_password": "admin.pwd", "provisioning_password": "prov.auth.pwd"}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert BENCH.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    assert BENCH.written(secrets={f"setting.{name}": "4711"}) == {SECRETS[name]: "4711"}


def test_the_tables_name_every_setting_that_is_supported() -> None:
    assert {catalogue_name(name) for name in WRITTEN} | set(SECRETS) == BENCH.supported()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"srtp": "mandatory"}, {}),
        ({"srtp": "optional"}, {}),
        ({"codecs": "pcmu"}, {"audio.codec.g722": "0", "audio.g722": "0"}),
        ({"language": "fr"}, {}),
        (
            {"resync_from": "02:00", "resync_until": "04:30"},
            {
                "prov.sync.frequency": "daily",
                "prov.sync.wdays": "1,2,3,4,5,6,7,",
                "prov.sync.time": "02:00",
                "prov.sync.endtime": "04:30",
            },
        ),
        ({"raw.audio.page.vol": "4"}, {"audio.page.vol": "4"}),
        ({"raw.audio.page.tone": ""}, {"audio.page.tone": ""}),
        ({"key.1": "line"}, {}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(values) == expected


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_zone_is_told_by_its_name_and_the_device_knows_the_rest(zone: str) -> None:
    assert BENCH.written({"timezone": zone}) == {"admin.timezone": zone}


FULL = Line(
    number=1,
    user_name="1001",
    auth_name="a1",
    display_name="Workshop",
    registrar=Endpoint.parse("pbx.example.com:5061;transport=tls"),
    backup_registrar=Endpoint.parse("b.example.com"),
    outbound_proxy=Endpoint.parse("[2001:db8::1]:5070"),
    expires_s=600,
)


def test_the_first_line_is_paged_and_those_behind_it_alert() -> None:
    lines = (
        FULL,
        replace(FULL, number=2, user_name="2001", auth_name=None),
        replace(FULL, number=3, user_name="2002"),
    )
    held = {f"line.{number}.password": f"p{number}" for number in (1, 2, 3)}

    found = BENCH.settings(BENCH.view(lines=lines, held=tuple(held)), held)

    assert {name: value for name, value in found.items() if name.startswith("sip.") and value != "0"} == {
        "sip.page.use": "1",
        "sip.u1.user": "1001",
        "sip.u1.auth": "a1",
        "sip.u1.pwd": "p1",
        "sip.u1.dname": "Workshop",
        "sip.alert1.user": "2001",
        "sip.alert1.auth": "2001",
        "sip.alert1.pwd": "p2",
        "sip.alert2.use": "1",
        "sip.alert2.user": "2002",
        "sip.alert2.auth": "a1",
        "sip.alert2.pwd": "p3",
        "sip.register.use": "1",
        "sip.proxy": "pbx.example.com:5061",
        "sip.registrar": "",
        "sip.bkproxy1": "b.example.com",
        "sip.obproxy": "[2001:db8::1]:5070",
        "sip.regexp": "600",
        "sip.transp": "tls",
        "sip.interop.checksync": "conditional-reboot",
    }


@pytest.mark.parametrize(("transport", "word"), [("udp", "udp"), ("tcp", "tcp"), ("tls", "tls"), ("dns", None)])
def test_a_transport_has_its_word(transport: str, word: str | None) -> None:
    line = replace(LINE, registrar=Endpoint.parse(f"pbx.example.com;transport={transport}"))

    assert BENCH.settings(BENCH.view(lines=(line,))).get("sip.transp") == word


@pytest.mark.parametrize(
    ("model", "off"),
    [("8301", set(range(3, 11))), ("8180", {3, 4, 5}), ("Algo 8180", {3, 4, 5}), ("8188", set()), (None, set())],
)
def test_extensions_without_a_line_are_switched_off_where_they_are_counted(model: str | None, off: set[int]) -> None:
    view = replace(BENCH.view(lines=(replace(LINE, number=3),)), model=model)

    found = BENCH.settings(view)

    assert {number for number in range(1, 11) if found.get(f"sip.alert{number}.use") == "0"} == off
    assert (found["sip.alert2.use"], found["sip.page.use"]) == ("1", "0")


def test_a_device_without_lines_is_told_nothing_about_extensions() -> None:
    found = BENCH.settings(BENCH.view(lines=()))

    assert [name for name in found if name.startswith("sip.")] == ["sip.interop.checksync"]


@pytest.mark.parametrize(
    "change",
    [
        {"registrar": Endpoint.parse("other.example.com")},
        {"registrar": Endpoint.parse("pbx.example.com;transport=tls")},
        {"outbound_proxy": PBX},
        {"backup_registrar": PBX},
        {"expires_s": 60},
        {"number": 12},
    ],
    ids=lambda change: next(iter(change)),
)
def test_lines_that_the_device_cannot_have_are_refused(change: dict[str, object]) -> None:
    assert VENDOR.check is not None
    other = replace(LINE, number=2, user_name="1002")

    VENDOR.check(BENCH.view(lines=(LINE, other)))
    with pytest.raises(InvalidValue):
        VENDOR.check(BENCH.view(lines=(LINE, replace(other, **change))))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["audio", "audio.", "1audio.x", "audio page", "prov.server.static", "PROV.use"])
def test_a_raw_parameter_that_is_none_is_refused(name: str) -> None:
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=r"^raw"):
        VENDOR.check(replace(BENCH.view(), raw={name: "x"}))


@pytest.mark.parametrize(
    ("path", "rule", "model"),
    [
        ("/algom0022EEAABBCC.conf", "settings", None),
        ("/algom0022eeaabbcc.conf", "settings", None),
        ("/Algom00-22-EE-AA-BB-CC.conf", "settings", None),
        ("/algom0022EEAABBCC-i.conf", "incremental", None),
        ("/algom0022EEAABBCC.md5", "settings-md5", None),
        ("/algom0022EEAABBCC-i.md5", "incremental-md5", None),
        ("/algop8180.conf", "model", "8180"),
        ("/algop8301.md5", "model-md5", "8301"),
        ("/algop8301-i.conf", "model-incremental", "8301"),
        ("/algop8301-i.md5", "model-incremental-md5", "8301"),
    ],
)
def test_every_file_name_tells_maker_model_and_mac(path: str, rule: str, model: str | None) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac) == ("algo", model, None if model else MAC)
    assert found.asked is not None
    matched = CATALOGUE.file_rule("algo", found.asked)
    assert matched is not None
    assert (matched.name, matched.template is None) == (rule, model is not None)


@pytest.mark.parametrize(
    "path",
    [
        "/algo0022EEAABBCC.conf",
        "/algom-0022EEAABBCC.conf",
        "/algom0022EEAABBC.conf",
        "/algom0022EEAABBCC.cfg",
        "/algom0022EEAABBCC-x.conf",
        "/algom0022EEAABBCC.conf.md5",
        "/0022EEAABBCC.conf",
        "/algop.conf",
        "/algox8180.conf",
        "/algom805EC0AABBCC.conf",  # a block of Yealink's
    ],
)
def test_near_misses_of_the_path_are_not_algos(path: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Unidentified) or found.vendor != "algo"


def test_the_agent_tells_model_and_firmware() -> None:
    agent = CATALOGUE.read_agent("Algo-8180/1.7.6")

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("algo", "8180", "1.7.6", None)


@pytest.mark.parametrize(
    "text", ["", "Algo", "Algo-8180", "Algo-8180/", "Algo 8180/1.7", "algo-x/1", "My Algo-8180/1.7"]
)
def test_near_misses_are_no_agents_of_algo(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


HELD = ("line.1.password", "line.3.password")
PASSWORDS = {"line.1.password": "pä= #1", "line.3.password": "#2"}
TWO_LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=3, user_name="1002", registrar=PBX),
)
ACCOUNTS = (
    Account(number=1, user_name="1001", password="pä= #1", auth_name="a1", registrar="pbx.example.com"),
    Account(number=3, user_name="1002", password="#2", auth_name="1002", registrar="pbx.example.com"),
)


@pytest.mark.parametrize("incremental", [False, True])
def test_a_device_takes_its_whole_file_or_its_incremental_one(*, incremental: bool) -> None:
    text = BENCH.render(BENCH.view(lines=TWO_LINES, held=HELD), PASSWORDS)
    own, other = "algom0022EEAABBCC.conf", "algom0022EEAABBCC-i.conf"

    booted, asked = BENCH.play({other if incremental else own: text})

    assert asked == ([own, "algop8301.conf", other] if incremental else [own, other])
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL)


def test_a_device_that_gets_nothing_keeps_what_it_has() -> None:
    booted, _ = BENCH.play({})

    assert booted == Booted()


def test_a_checksum_is_that_of_the_file_with_its_secrets() -> None:
    view = BENCH.view(held=HELD[:1])
    for file in ("settings", "incremental"):
        whole = BENCH.render(view, PASSWORDS, file=file)

        checksum = BENCH.render(view, PASSWORDS, file=f"{file}-md5")

        assert checksum == hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest() + "\n"
        assert BENCH.render(view, {**PASSWORDS, "line.1.password": "x"}, file=f"{file}-md5") != checksum


def test_after_deletion_only_the_incremental_file_is_served() -> None:
    answers = {rule.name: VENDOR.after_deletion_of(BENCH.view(), rule) for rule in VENDOR.files if rule.template}

    assert answers == {
        "settings": AfterDeletion.NOT_FOUND,
        "settings-md5": AfterDeletion.NOT_FOUND,
        "incremental": AfterDeletion.OMIT,
        "incremental-md5": AfterDeletion.OMIT,
    }
    assert all(rule.configuration for rule in VENDOR.files if rule.template)
    held = BENCH.settings(BENCH.view(held=HELD[:1]), PASSWORDS)
    assert held.items() - BENCH.settings(BENCH.view()).items() == {("sip.u1.pwd", "pä= #1")}


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    setting = replace(BENCH.view(), settings={"provisioning_user": text})
    raw = replace(BENCH.view(), raw={"audio.page.tone": text})

    for view, name in ((setting, "provisioning_user"), (raw, "raw.audio.page.tone")):
        with pytest.raises(UnfitValue) as caught:
            BENCH.render(view)
        assert caught.value.field == name
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=HELD[:1]), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)


FIELDS = {
    "display_name": "sip.u1.dname",
    "auth_name": "sip.u1.auth",
    "provisioning_user": "prov.auth.user",
    "raw.audio.page.tone": "audio.page.tone",
    "line.1.password": "sip.u1.pwd",
    "setting.admin_password": "admin.pwd",
    "setting.provisioning_password": "prov.auth.pwd",
}
SECRET_FIELDS = tuple(name for name in FIELDS if name.startswith(("line.", "setting.")))


def file_with(texts: dict[str, str]) -> str:
    """The file of a device with a text of its own in every field that takes one."""
    line = Line(
        number=1,
        user_name=texts["user_name"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        registrar=PBX,
        password=SecretSlot("line.1.password"),
    )
    values = {name: texts[name] for name in ("provisioning_user", "raw.audio.page.tone")}
    view = BENCH.view(values, held=SECRET_FIELDS, lines=(line,))
    return BENCH.render(view, {field: texts[field] for field in SECRET_FIELDS})


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS)}))
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    text = file_with(texts)

    plain = file_with(dict.fromkeys(("user_name", *FIELDS), "x"))
    names = [[line.partition(" =")[0] for line in one.splitlines()] for one in (text, plain)]
    assert names[0] == names[1]
    found = read_settings(text)
    assert found["sip.u1.user"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}
