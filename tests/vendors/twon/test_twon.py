"""2N: who asks, for which file, what it is told, and how a device boots; no text changes the structure of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from defusedxml import ElementTree
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
from provserver.vendors.twon import VENDOR
from provserver.vendors.twon.boot import read_settings
from tests.vendors.workbench import CATALOGUE, ILLEGAL, LINE, PBX, TEXTS, URL, USERS, Workbench, catalogue_name

MAC = MacAddress("7c1eb3aabbcc")
SIP = "Phone/Sip@0/"
UPDATE = "AutoUpdate/Configuration/"


def read_database(text: str) -> dict[str, str]:
    """Read values by their paths, independently of the code that plays a device. Each is there once."""
    found: dict[str, str] = {}

    def walk(element: ElementTree.Element, path: tuple[str, ...]) -> None:  # type: ignore[name-defined]
        if len(element) == 0:
            name = "/".join(path)
            assert name not in found
            assert set(element.attrib) <= {"At"}, "Encryption marks the device's own cipher"
            found[name] = element.text or ""
        for child in element:
            walk(child, (*path, f"{child.tag}@{child.get('At')}" if "At" in child.attrib else child.tag))

    root = ElementTree.fromstring(text.encode())
    assert (root.tag, root.attrib) == ("DeviceDatabase", {})
    walk(root, ())
    return found


BENCH = Workbench(vendor=VENDOR, mac=MAC, model="IP Verso", read=read_database, file="settings")

WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "srtp": ("mandatory", {f"{SIP}Misc/IncomingSecureOnly": "1", f"{SIP}Misc/OutgoingSecure": "1"}),
    "codecs": (
        "g722 opus pcma",
        {
            f"{SIP}Audio/Codecs/G722/Priority": "1",
            f"{SIP}Audio/Codecs/G722/Enabled": "1",
            f"{SIP}Audio/Codecs/PCMA/Priority": "2",
            f"{SIP}Audio/Codecs/PCMA/Enabled": "1",
            f"{SIP}Audio/Codecs/PCMU/Enabled": "0",
            f"{SIP}Audio/Codecs/G729/Enabled": "0",
            f"{SIP}Audio/Codecs/L16/Enabled": "0",
        },
    ),
    "dtmf": (
        "inband",
        {f"{SIP}Dtmf/SendInRtp": "0", f"{SIP}Dtmf/SendInAudio": "1", f"{SIP}Dtmf/SendInSip": "0"},
    ),
    "stun_server": (
        "stun.example.com",
        {f"{SIP}Stun/Enabled": "1", f"{SIP}Stun/Address": "stun.example.com", f"{SIP}Stun/Port": "3478"},
    ),
    "tls_verify": ("on", {f"{SIP}Tls/VerifyServerCert": "1", f"{UPDATE}VerifyServerCert": "1"}),
    "tls_client_certificate": ("factory", {f"{UPDATE}ClientCert": "#factory"}),
    "ip_by_dhcp": ("on", {"Network/DhcpEnabled": "1"}),
    "provisioning_user": ("door", {f"{UPDATE}AuthEnabled": "1", f"{UPDATE}Username": "door"}),
    "resync_at_boot": ("off", {f"{UPDATE}CheckAtBootTime": "0"}),
    "resync_minutes": ("1440", {f"{UPDATE}Period": "86400"}),
    "resync_from": ("05:30", {f"{UPDATE}UpdateTime": "05:30"}),
    "firmware_url": (
        "https://fw.example.com:8443/2n/verso.bin?a=1",
        {
            "AutoUpdate/Firmware/Enabled": "1",
            "AutoUpdate/Firmware/ServerAddress": "https://fw.example.com:8443",
            "AutoUpdate/Firmware/FilePath": "/2n/verso.bin?a=1",
        },
    ),
}
SECRETS = {"provisioning_password": f"{UPDATE}Password"}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_values_and_nothing_else(name: str) -> None:
    text, expected = WRITTEN[name]

    assert BENCH.written({name: text}) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_value_and_nothing_else(name: str) -> None:
    assert BENCH.written(secrets={f"setting.{name}": "4711"}) == {SECRETS[name]: "4711"}


def test_the_tables_name_every_setting_that_is_supported() -> None:
    assert {catalogue_name(name) for name in WRITTEN} | set(SECRETS) == BENCH.supported()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"srtp": "off"}, {f"{SIP}Misc/IncomingSecureOnly": "0", f"{SIP}Misc/OutgoingSecure": "0"}),
        ({"srtp": "optional"}, {}),
        ({"codecs": "opus"}, {}),
        (
            {"dtmf": "rfc2833_info"},
            {f"{SIP}Dtmf/SendInRtp": "1", f"{SIP}Dtmf/SendInAudio": "0", f"{SIP}Dtmf/SendInSip": "1"},
        ),
        (
            {"dtmf": "info"},
            {f"{SIP}Dtmf/SendInRtp": "0", f"{SIP}Dtmf/SendInAudio": "0", f"{SIP}Dtmf/SendInSip": "1"},
        ),
        ({"ip_by_dhcp": "off"}, {}),
        ({"tls_client_certificate": "custom"}, {}),
        ({"timezone": "Europe/London"}, {}),
        ({"key.1": "line"}, {}),
        (
            {"firmware_url": "https://fw.example.com"},
            {
                "AutoUpdate/Firmware/Enabled": "1",
                "AutoUpdate/Firmware/ServerAddress": "https://fw.example.com",
                "AutoUpdate/Firmware/FilePath": "/",
            },
        ),
        ({"raw.Phone/Sip@0/Misc/KeepAlive": "1"}, {f"{SIP}Misc/KeepAlive": "1"}),
        ({"raw.WebServer/Language": "17"}, {"WebServer/Language": "17"}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(values: dict[str, str], expected: dict[str, str]) -> None:
    assert BENCH.written(values) == expected


def test_a_line_says_everything_it_has() -> None:
    line = Line(
        number=2,
        user_name="1002",
        auth_name="a2",
        label="Gate",
        display_name="Back door",
        registrar=Endpoint.parse("pbx.example.com:5070"),
        backup_registrar=Endpoint.parse("b.example.com:5099"),
        outbound_proxy=Endpoint.parse("[2001:db8::1]:5090"),
        expires_s=600,
    )

    found = BENCH.settings(BENCH.view(lines=(line,), held=("line.2.password",)), {"line.2.password": "s3cret"})

    assert {
        name.removeprefix("Phone/Sip@1/"): value for name, value in found.items() if name.startswith("Phone/Sip@1")
    } == {
        "Enabled": "1",
        "User/DisplayName": "Back door",
        "User/Id": "1002",
        "User/AuthId": "a2",
        "User/PasswordString": "s3cret",
        "Client/Domain": "pbx.example.com",
        "Registrar/Enabled": "1",
        "Registrar/Address": "pbx.example.com",
        "Registrar/Port": "5070",
        "Registrar/BackupAddress": "b.example.com",
        "Registrar/BackupPort": "5099",
        "Registrar/ExpireTime": "600",
        "Proxy/Address": "2001:db8::1",
        "Proxy/Port": "5090",
        "Proxy/BackupAddress": "",
        "Proxy/BackupPort": "0",
    }
    assert found["WebServer/DeviceName"] == "Gate"


def test_without_a_proxy_calls_go_by_the_registrar_and_its_backup() -> None:
    line = replace(LINE, backup_registrar=Endpoint.parse("b.example.com"))

    found = BENCH.settings(BENCH.view(lines=(line,)))

    assert (found[f"{SIP}Proxy/Address"], found[f"{SIP}Proxy/Port"]) == ("pbx.example.com", "0")
    assert (found[f"{SIP}Proxy/BackupAddress"], found[f"{SIP}Registrar/BackupAddress"]) == ("b.example.com",) * 2


@pytest.mark.parametrize(
    ("model", "off"),
    [("IP Solo", {0, 2, 3}), ("2N IP Style", {0, 2, 3}), ("IP Verso", set()), ("other", set()), (None, set())],
)
def test_accounts_without_a_line_are_switched_off_where_they_are_counted(model: str | None, off: set[int]) -> None:
    view = replace(BENCH.view(lines=(replace(LINE, number=2),)), model=model)

    found = BENCH.settings(view)

    assert {number for number in range(4) if found.get(f"Phone/Sip@{number}/Enabled") == "0"} == off
    assert found["Phone/Sip@1/Enabled"] == "1"


def test_a_device_without_lines_learns_where_to_ask_and_nothing_else() -> None:
    found = BENCH.settings(replace(BENCH.view(lines=()), model="IP Solo"))

    assert found == {
        f"{UPDATE}Enabled": "1",
        f"{UPDATE}PrefferedAddress": "1",
        f"{UPDATE}ServerAddress": "https://prov.example.net",
        f"{UPDATE}FilePath": "/QUJDREVGR0hJSktMTU5PUFFS/",
    }


@pytest.mark.parametrize(
    "name",
    [
        "WebServer",
        "WebServer/",
        "Phone/Sip@/Enabled",
        "Phone/Sip@x/Enabled",
        "Phone/1Sip/Enabled",
        "Phone Sip/Enabled",
        "AutoUpdate/Configuration/ServerAddress",
        "AutoUpdate/Configuration/FilePath",
        "Phone/Sip@0",
        "Phone/Sip@0/User/Id/Text",
    ],
)
def test_a_raw_parameter_without_a_place_is_refused(name: str) -> None:
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=r"^raw"):
        VENDOR.check(replace(BENCH.view(), raw={name: "x"}))


def test_more_lines_than_there_are_accounts_are_refused() -> None:
    assert VENDOR.check is not None

    VENDOR.check(BENCH.view({"raw.WebServer/Title": "x"}, lines=(replace(LINE, number=4),)))
    with pytest.raises(InvalidValue):
        VENDOR.check(BENCH.view(lines=(replace(LINE, number=5),)))


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/7c1eb3aabbcc.xml", "settings"),
        ("/7C1EB3AABBCC.xml", "settings"),
        ("/7c-1e-b3-aa-bb-cc.xml", "settings"),
        ("/hipv-7c-1e-b3-aa-bb-cc.xml", "private"),
        ("/hipve-7c1eb3aabbcc.xml", "private"),
        ("/HIPSO-7C-1E-B3-AA-BB-CC.XML", "private"),
        ("/hipf-7c-1e-b3-aa-bb-cc.xml", "private"),
        ("/hipu-7c-1e-b3-aa-bb-cc.xml", "private"),
        ("/hipsf-7c-1e-b3-aa-bb-cc.xml", "private"),
        ("/hipv.xml", "common-hipv"),
        ("/hipve.xml", "common-hipve"),
        ("/hipso.xml", "common-hipso"),
        ("/hipf.xml", "common-hipf"),
        ("/hipu.xml", "common-hipu"),
        ("/hipsf.xml", "common-hipsf"),
    ],
)
def test_every_file_name_tells_maker_and_mac(path: str, rule: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac) == ("twon", None, None if "common" in rule else MAC)
    assert found.asked is not None
    matched = CATALOGUE.file_rule("twon", found.asked)
    assert matched is not None
    assert (matched.name, matched.template is None) == (rule, "common" in rule)


@pytest.mark.parametrize(
    "path",
    [
        "/7c1eb3aabbcc.cfg",
        "/7c1eb3aabbcc.xml.gz",
        "/7c1eb3aabbc.xml",
        "/hip.xml",
        "/hipxyz.xml",
        "/hipve_7c1eb3aabbcc.xml",
        "/hap-7c1eb3aabbcc.xml",
        "/hipve/7c1eb3aabbcc.xml",
        "/hipve-805ec0aabbcc.xml",  # a block of Yealink's
    ],
)
def test_near_misses_of_the_path_are_not_2ns(path: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path))

    assert isinstance(found, Unidentified) or found.vendor != "twon"


def test_the_agent_tells_the_firmware() -> None:
    agent = CATALOGUE.read_agent("HIP2.10.0.19.2")

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("twon", None, "2.10.0.19.2", None)


@pytest.mark.parametrize(
    "text", ["", "HIP", "HIP2", "HIP2.10", "hip2.10.0.19.2", "HIP9.1.1.1", "HIP2.10.0 x", "2N HIP2.1.1"]
)
def test_near_misses_are_no_agents_of_2n(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


HELD = ("line.1.password", "line.3.password")
PASSWORDS = {"line.1.password": "pä<&>1", "line.3.password": "#2"}
TWO_LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=3, user_name="1002", registrar=PBX),
)
ACCOUNTS = (
    Account(number=1, user_name="1001", password="pä<&>1", auth_name="a1", registrar="pbx.example.com"),
    Account(number=3, user_name="1002", password="#2", auth_name="1002", registrar="pbx.example.com"),
)


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("IP Verso", ["hipve.xml", "hipve-7c-1e-b3-aa-bb-cc.xml"]),
        ("2N Helios IP Vario", ["hipv.xml", "hipv-7c-1e-b3-aa-bb-cc.xml"]),
        ("IP Style", ["7c1eb3aabbcc.xml"]),
    ],
)
def test_a_device_asks_for_its_models_file_and_then_its_own(model: str, names: list[str]) -> None:
    bench = replace(BENCH, model=model)
    text = bench.render(bench.view(lines=TWO_LINES, held=HELD), PASSWORDS, file="private")

    booted, asked = bench.play({names[-1]: text})

    assert asked == names
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL)


def test_a_device_that_gets_nothing_or_nonsense_keeps_what_it_has() -> None:
    for text in (None, "a = b", "<!DOCTYPE x><DeviceDatabase/>"):
        booted, _ = BENCH.play({"hipve.xml": text} if text else {})
        assert booted == Booted()


def test_a_forgotten_password_is_left_out_and_the_account_stays_on() -> None:
    assert VENDOR.after_deletion_of(BENCH.view()) is AfterDeletion.OMIT

    held = BENCH.settings(BENCH.view(held=HELD[:1]), PASSWORDS)
    without = BENCH.settings(BENCH.view())

    assert held.items() - without.items() == {(f"{SIP}User/PasswordString", "pä<&>1")}
    assert (without[f"{SIP}Enabled"], without[f"{SIP}Registrar/Enabled"]) == ("1", "1")


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_text_that_the_file_cannot_carry_stops_it(text: str) -> None:
    setting = replace(BENCH.view(), settings={"provisioning_user": text})
    raw = replace(BENCH.view(), raw={"WebServer/Title": text})

    for view, name in ((setting, "provisioning_user"), (raw, "raw.WebServer/Title")):
        with pytest.raises(UnfitValue) as caught:
            BENCH.render(view)
        assert caught.value.field == name
    with pytest.raises(UnfitValue) as caught:
        BENCH.render(BENCH.view(held=HELD[:1]), {"line.1.password": text})
    assert caught.value.field == "line.1.password"
    assert text.strip() not in str(caught.value)


FIELDS = {
    "label": "WebServer/DeviceName",
    "display_name": f"{SIP}User/DisplayName",
    "auth_name": f"{SIP}User/AuthId",
    "provisioning_user": f"{UPDATE}Username",
    "raw.WebServer/Title": "WebServer/Title",
    "line.1.password": f"{SIP}User/PasswordString",
    "setting.provisioning_password": f"{UPDATE}Password",
}
SECRET_FIELDS = tuple(name for name in FIELDS if name.startswith(("line.", "setting.")))


def file_with(texts: dict[str, str]) -> str:
    """The file of a device with a text of its own in every field that takes one."""
    line = Line(
        number=1,
        user_name=texts["user_name"],
        label=texts["label"],
        display_name=texts["display_name"],
        auth_name=texts["auth_name"],
        registrar=PBX,
        password=SecretSlot("line.1.password"),
    )
    values = {name: texts[name] for name in ("provisioning_user", "raw.WebServer/Title")}
    view = BENCH.view(values, held=SECRET_FIELDS, lines=(line,))
    return BENCH.render(view, {field: texts[field] for field in SECRET_FIELDS})


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({"user_name": USERS, **dict.fromkeys(FIELDS, TEXTS)}))
def test_legal_texts_come_back_as_they_went_in_and_add_nothing(texts: dict[str, str]) -> None:
    text = file_with(texts)

    found = read_database(text)
    assert list(found) == list(read_database(file_with(dict.fromkeys(("user_name", *FIELDS), "x"))))
    assert found[f"{SIP}User/Id"] == texts["user_name"]
    assert {field: found[name] for field, name in FIELDS.items()} == {field: texts[field] for field in FIELDS}
    assert read_settings(text) == found
