"""Linphone: who it says it is, what it asks for, what it is told, and that any legal text arrives as it was entered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.catalogue import find_spec
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress, local_mac
from provserver.domain.request import ProvRequest
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.text import text_problem
from provserver.domain.vendor import AfterDeletion
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue, UnfitValue
from provserver.identify import Catalogue, Identified, Unidentified
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from provserver.vendors.linphone import VENDOR

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
CONFIG = VENDOR.file("config")
MAC = MacAddress("0a1b2c3d4e5f")
TOKEN = "QUJDREVGR0hJSktMTU5PUFFS"
BASE = f"https://prov.example.net/{TOKEN}/"
LINE = Line(number=1, user_name="1001", registrar=Endpoint(host="pbx.example.com"))
NAMESPACE = "{http://www.linphone.org/xsds/lpconfig.xsd}"
PASSWORD = "line.1.password"


def view_of(*lines: Line, settings: Mapping[str, str] | None = None, held: tuple[str, ...] = (PASSWORD,)) -> DeviceView:
    return build_view(mac=MAC, model="Linphonec", lines=lines or (LINE,), settings=settings or {}, held=held)


def artefact(view: DeviceView, **secrets: str) -> bytes:
    filled = {field: Secret(value) for field, value in {PASSWORD: "s3cret", **secrets}.items()}
    return fill(RENDERER.render(VENDOR, CONFIG, view), {**filled, PROVISIONING_URL: Secret(BASE)})


def read(body: bytes) -> dict[str, str]:
    """Every entry as ``section/name``, with its value; each is there once and overwrites."""
    root = ElementTree.fromstring(body)
    assert root.tag == f"{NAMESPACE}config"
    found: dict[str, str] = {}
    for section in root:
        for entry in section:
            name = f"{section.get('name')}/{entry.get('name')}"
            assert name not in found
            assert entry.get("overwrite") == "true"
            assert len(entry) == 0
            found[name] = entry.text or ""
    return found


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("Linphonec/5.1.65", "Linphonec", "5.1.65"),
        ("Linphone/3.9.0 (belle-sip/1.4.2)", "Linphone", "3.9.0"),
        ("LinphoneiOS/4.3.0 (Bob's iPhone) LinphoneSDK/4.4.0", "LinphoneiOS", "4.3.0"),
        ("LinphoneIPhone/2.2.3 (belle-sip/1.3.3)", "LinphoneIPhone", "2.2.3"),
        ("LinphoneAndroid/5.2.5 ([LG-F750K (567)]0) LinphoneSDK/5.3.47 (tags/5.3.47^0)", "LinphoneAndroid", "5.2.5"),
        ("LinphoneAndroid/6.0.20 (Infinix ZERO 40 5G) LinphoneSDK/5.4.60", "LinphoneAndroid", "6.0.20"),
        ("Linphone-Desktop/5.0.17 (host) mageia/9 Qt/5.15.7 LinphoneSDK/5.2.70", "Linphone-Desktop", "5.0.17"),
        ("Linphone Desktop/ (Ubuntu 22.04.3 LTS, Qt 5.15.3) LinphoneCore/4.4.21", "Linphone Desktop", None),
    ],
)
def test_every_form_of_user_agent_is_read(text: str, model: str, firmware: str | None) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware) == ("linphone", model, firmware)
    assert (agent.mac, agent.serial) == (None, None)
    assert VENDOR.model(agent.model) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Unknown",  # what an unnamed core says; others say it too
        "Linphone",
        "linphonec/5.1.65",
        "LinphoneSDK/5.4.60",
        "LinphoneFake/1.0",
        "Linphonec/5.1.65/evil",
        "Linphonec 5.1.65",
        "My Linphonec/5.1.65",
        "",
    ],
)
def test_near_misses_of_the_user_agent_are_nobodys(text: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is None or agent.vendor != "linphone"


@pytest.mark.parametrize(
    "path",
    [
        "/0a1b2c3d4e5f.xml",
        "/0A1B2C3D4E5F.xml",
        "/0a:1b:2c:3d:4e:5f.xml",
        "/0a-1b-2c-3d-4e-5f.xml",
        f"/{TOKEN}/0a1b2c3d4e5f.xml",
    ],
)
@pytest.mark.parametrize("agent", ["Unknown", "Linphonec/5.1.65", ""])
def test_the_generated_id_in_the_path_decides(path: str, agent: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path, user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("linphone", MAC)
    assert found.asked is not None
    assert CATALOGUE.file_rule("linphone", found.asked) is CONFIG


@pytest.mark.parametrize(
    "path",
    [
        "/0a1b2c3d4e5f.xml.bak",
        "/0a1b2c3d4e5f.txt",
        "/x0a1b2c3d4e5f.xml",
        "/linphone.xml",
        "/0a1b2c3d4e5f/config.xml",
        "/0b1b2c3d4e5f.xml",  # a group address: nobody's
        "/0004f2aabbcc.xml",  # a desk phone's block
    ],
)
def test_near_misses_of_the_path_are_not_linphones(path: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=path, user_agent="Unknown"))

    assert isinstance(found, Unidentified) or found.vendor != "linphone"


def test_any_generated_id_is_asked_for() -> None:
    mac = local_mac(bytes(range(250, 256)))

    found = CATALOGUE.identify(ProvRequest(path=f"/{TOKEN}/{mac}.xml", user_agent="Unknown"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("linphone", mac)


SETTINGS = {
    ("srtp", "off"): {"sip/media_encryption": "none", "sip/media_encryption_mandatory": "0"},
    ("srtp", "optional"): {"sip/media_encryption": "srtp", "sip/media_encryption_mandatory": "0"},
    ("srtp", "mandatory"): {"sip/media_encryption": "srtp", "sip/media_encryption_mandatory": "1"},
    ("srtp", "zrtp"): {"sip/media_encryption": "zrtp", "sip/media_encryption_mandatory": "0"},
    ("srtp", "dtls"): {"sip/media_encryption": "dtls", "sip/media_encryption_mandatory": "0"},
    ("realm", "pbx & co"): {"auth_info_0/realm": "pbx & co"},
    ("presence_publish", "on"): {"proxy_0/publish": "1"},
    ("presence_publish", "off"): {"proxy_0/publish": "0"},
    ("dtmf", "rfc2833"): {"sip/use_rfc2833": "1", "sip/use_info": "0"},
    ("dtmf", "info"): {"sip/use_rfc2833": "0", "sip/use_info": "1"},
    ("dtmf", "rfc2833_info"): {"sip/use_rfc2833": "1", "sip/use_info": "1"},
    ("dtmf", "inband"): {},
    ("dtmf_payload", "98"): {"misc/telephone_event_pt": "98"},
    ("mwi_subscribe", "on"): {"proxy_0/mwi_server_uri": "sip:1001@pbx.example.com"},
    ("mwi_subscribe", "off"): {"proxy_0/mwi_server_uri": ""},
    ("stun_server", "stun.example.com"): {
        "nat_policy_0/ref": "provserver",
        "nat_policy_0/stun_server": "stun.example.com",
        "nat_policy_0/protocols": "stun",
        "net/nat_policy_ref": "provserver",
        "proxy_0/nat_policy_ref": "provserver",
    },
    ("ice", "on"): {
        "nat_policy_0/ref": "provserver",
        "nat_policy_0/stun_server": "",
        "nat_policy_0/protocols": "ice",
        "net/nat_policy_ref": "provserver",
        "proxy_0/nat_policy_ref": "provserver",
    },
    ("codecs", "opus pcma"): {
        "audio_codec_0/mime": "opus",
        "audio_codec_0/rate": "48000",
        "audio_codec_0/channels": "2",
        "audio_codec_0/recv_fmtp": "useinbandfec=1",
        "audio_codec_0/enabled": "1",
        "audio_codec_1/mime": "PCMA",
        "audio_codec_1/rate": "8000",
        "audio_codec_1/channels": "1",
        "audio_codec_1/recv_fmtp": "",
        "audio_codec_1/enabled": "1",
        "audio_codec_2/mime": "",
        "misc/add_missing_audio_codecs": "0",
    },
    ("tls_verify", "on"): {"sip/verify_server_certs": "1", "sip/verify_server_cn": "1"},
    ("tls_verify", "off"): {"sip/verify_server_certs": "0", "sip/verify_server_cn": "0"},
    ("resync_at_boot", "on"): {"misc/transient_provisioning": "0"},
    ("resync_at_boot", "off"): {"misc/transient_provisioning": "1"},
    ("raw.sip/root_ca", "/etc/ca.pem"): {"sip/root_ca": "/etc/ca.pem"},
    ("raw.proxy_0/avpf", "0"): {"proxy_0/avpf": "0"},
    ("vlan_id", "20"): {},
}


@pytest.mark.parametrize(("setting", "expected"), SETTINGS.items(), ids=[" ".join(pair) for pair in SETTINGS])
def test_a_setting_writes_its_entries_and_nothing_else(setting: tuple[str, str], expected: dict[str, str]) -> None:
    without = read(artefact(view_of()))

    with_it = read(artefact(view_of(settings=dict([setting]))))

    assert dict(with_it.items() - without.items()) == expected
    assert without.items() <= with_it.items()


def test_every_supported_setting_is_in_the_table_above() -> None:
    supported = {row.setting for row in VENDOR.parameters if not row.setting.startswith("line.")} - {"device"}

    assert supported == {name for (name, _), entries in SETTINGS.items() if entries and not name.startswith("raw.")}


@pytest.mark.parametrize(
    ("line", "entry", "value"),
    [
        (LINE, "proxy_0/reg_identity", "<sip:1001@pbx.example.com>"),
        (replace(LINE, display_name='A "B" \\'), "proxy_0/reg_identity", r'"A \"B\" \\" <sip:1001@pbx.example.com>'),
        (replace(LINE, user_name="10#1"), "proxy_0/reg_identity", "<sip:10%231@pbx.example.com>"),
        (LINE, "proxy_0/reg_proxy", "<sip:pbx.example.com;transport=udp>"),
        (LINE, "proxy_0/reg_route", ""),
        (LINE, "proxy_0/reg_sendregister", "1"),
        (LINE, "proxy_0/reg_expires", "3600"),
        (replace(LINE, expires_s=120), "proxy_0/reg_expires", "120"),
        (
            replace(LINE, registrar=Endpoint.parse("pbx.example.com:5061;transport=tls")),
            "proxy_0/reg_proxy",
            "<sip:pbx.example.com:5061;transport=tls>",
        ),
        (
            replace(LINE, registrar=Endpoint.parse("pbx.example.com;transport=dns")),
            "proxy_0/reg_proxy",
            "<sip:pbx.example.com>",
        ),
        (
            replace(LINE, outbound_proxy=Endpoint.parse("sbc.example.com;transport=tcp")),
            "proxy_0/reg_route",
            "<sip:sbc.example.com;transport=tcp;lr>",
        ),
        (replace(LINE, voicemail="*97"), "proxy_0/voicemail_uri", "sip:*97@pbx.example.com"),
        (replace(LINE, voicemail="sip:vm@example.com"), "proxy_0/voicemail_uri", "sip:vm@example.com"),
        (LINE, "auth_info_0/username", "1001"),
        (LINE, "auth_info_0/userid", ""),
        (replace(LINE, auth_name="auth1001"), "auth_info_0/userid", "auth1001"),
        (LINE, "auth_info_0/passwd", "s3cret"),
        (LINE, "auth_info_0/ha1", ""),
        (LINE, "auth_info_0/domain", "pbx.example.com"),
        (replace(LINE, registrar=Endpoint(host="2001:db8::5")), "auth_info_0/domain", "2001:db8::5"),
        (LINE, "sip/default_proxy", "0"),
        (LINE, "misc/config-uri", f"{BASE}0a1b2c3d4e5f.xml"),
    ],
)
def test_a_line_writes_its_account(line: Line, entry: str, value: str) -> None:
    assert read(artefact(view_of(line)))[entry] == value


def test_the_realm_stands_beside_every_password_that_is_held() -> None:
    lines = (LINE, replace(LINE, number=2, user_name="1002"), replace(LINE, number=3, user_name="1003"))
    held = (PASSWORD, "line.3.password")

    entries = read(artefact(view_of(*lines, settings={"realm": "voip"}, held=held), **{"line.3.password": "x"}))

    realms = {name: value for name, value in entries.items() if name.endswith("/realm")}
    assert realms == {"auth_info_0/realm": "voip", "auth_info_1/realm": "voip"}
    assert entries["auth_info_1/username"] == "1003"


def test_without_a_password_nothing_of_the_credentials_is_mentioned() -> None:
    settings = {"realm": "voip"}
    entries = read(artefact(view_of(replace(LINE, auth_name="auth1001"), settings=settings, held=())))

    assert not [name for name in entries if name.startswith("auth_info") or name.endswith(("/passwd", "/ha1"))]
    assert entries["misc/config-uri"] == f"{BASE}0a1b2c3d4e5f.xml"


def test_sections_have_no_gaps_whatever_the_lines_are_numbered() -> None:
    lines = (replace(LINE, number=2), replace(LINE, number=5, user_name="1002"))

    entries = read(artefact(view_of(*lines, held=("line.5.password",)), **{"line.5.password": "an0ther"}))

    assert {name.split("/")[0] for name in entries} == {"proxy_0", "proxy_1", "auth_info_0", "sip", "misc"}
    assert entries["auth_info_0/username"] == "1002"
    assert entries["proxy_1/reg_identity"] == "<sip:1002@pbx.example.com>"


def test_a_device_without_lines_only_learns_where_to_ask() -> None:
    view = build_view(mac=MAC, model=None, lines=(), settings={}, held=())

    assert read(artefact(view)) == {"misc/config-uri": f"{BASE}0a1b2c3d4e5f.xml"}


def test_a_forgotten_password_is_answered_by_not_found() -> None:
    assert CONFIG.configuration
    assert VENDOR.after_deletion_of(view_of(held=())) is AfterDeletion.NOT_FOUND


@pytest.mark.parametrize(
    ("agent", "answer"),
    [
        ("Linphonec/5.1.65", AfterDeletion.OMIT),
        ("LinphoneAndroid/5.2.5 ([LG-F750K (567)]0) LinphoneSDK/5.3.47 (tags/5.3.47^0)", AfterDeletion.OMIT),
        ("Linphone-Desktop/5.0.17 (host) mageia/9 Qt/5.15.7 LinphoneSDK/5.2.70", AfterDeletion.OMIT),
        ("LinphoneAndroid/5.1.0 (5.1) LinphoneSDK/5.4.60", AfterDeletion.NOT_FOUND),
        ("LinphoneAndroid/6.0.20 (Infinix ZERO 40 5G) LinphoneSDK/5.4.60", AfterDeletion.NOT_FOUND),
        ("Linphonec/5.4.0", AfterDeletion.NOT_FOUND),
        ("Linphonec/5.10.0", AfterDeletion.NOT_FOUND),
        ("Linphonec/6.1.0", AfterDeletion.NOT_FOUND),
        ("Linphonec/5.1x", AfterDeletion.NOT_FOUND),
        ("LinphoneiOS/4.3.0 (Bob's iPhone) LinphoneSDK/4.4.0", AfterDeletion.NOT_FOUND),  # not tried
        ("Linphone Desktop/ (Ubuntu 22.04.3 LTS, Qt 5.15.3) LinphoneCore/4.4.21", AfterDeletion.NOT_FOUND),
        ("Unknown", AfterDeletion.NOT_FOUND),
        ("", AfterDeletion.NOT_FOUND),
    ],
)
def test_the_library_that_a_client_names_decides_what_is_safe(agent: str, answer: AfterDeletion) -> None:
    assert VENDOR.after_deletion_of(view_of(held=()), CONFIG, user_agent=agent) is answer


def test_credentials_that_are_left_would_overwrite_anothers() -> None:
    view = view_of(LINE, replace(LINE, number=2, user_name="1002"), held=("line.2.password",))

    assert VENDOR.after_deletion_of(view, CONFIG, user_agent="Linphonec/5.1.65") is AfterDeletion.NOT_FOUND


@pytest.mark.parametrize(
    "name", ["root_ca", "sip/", "/root_ca", "a/b/c", "sip/1x", "misc/config-uri", "a@b/c", "sip/a@b"]
)
def test_a_raw_parameter_without_a_place_is_refused(name: str) -> None:
    view = view_of(settings={f"raw.{name}": "x"})
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=f"^raw.{name}: "):
        VENDOR.check(view)
    with pytest.raises(UnfitValue):
        artefact(view)


def test_raw_parameters_with_a_place_pass_the_check() -> None:
    assert VENDOR.check is not None

    VENDOR.check(view_of(settings={"raw.sip/root_ca": "/etc/ca.pem"}))

    assert VENDOR.raw("misc/config-uri-header_0", "x").place == "misc"


def boot(answers: Mapping[str, bytes]) -> tuple[list[Fetch], Booted]:
    phone = SimulatedPhone(mac=MAC, model=VENDOR.simulation.model, firmware=VENDOR.simulation.firmware)
    script = VENDOR.simulation.boot(phone)
    asked = [next(script)]
    try:
        while True:
            body = answers.get(asked[-1].file)
            asked.append(script.send(Reply(404) if body is None else Reply(200, body)))
    except StopIteration as end:
        return asked, end.value


def test_a_simulated_start_ends_with_the_accounts() -> None:
    first = replace(LINE, auth_name="auth1001", display_name='A "<sip:x@y>"', registrar=Endpoint.parse("[::1]:5070"))
    second = replace(LINE, number=4, user_name="10#2")
    view = view_of(first, second, held=(PASSWORD, "line.4.password"))
    body = artefact(view, **{PASSWORD: "p&<>\"'", "line.4.password": "an0ther"})

    asked, booted = boot({"0a1b2c3d4e5f.xml": body})

    assert asked == [Fetch("0a1b2c3d4e5f.xml")]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="p&<>\"'", auth_name="auth1001", registrar="[::1]:5070"),
            Account(number=2, user_name="10#2", password="an0ther", registrar="pbx.example.com"),
        ),
        next_url=f"{BASE}0a1b2c3d4e5f.xml",
    )


def test_a_simulated_start_without_a_password_knows_of_none() -> None:
    _, booted = boot({"0a1b2c3d4e5f.xml": artefact(view_of(held=()))})

    assert [account.password for account in booted.accounts] == [None]


def test_a_simulated_start_with_not_found_leaves_everything() -> None:
    assert boot({}) == ([Fetch("0a1b2c3d4e5f.xml")], Booted())


def test_the_simulated_user_agent_is_linphones_own() -> None:
    simulation = VENDOR.simulation
    phone = SimulatedPhone(mac=MAC, model=simulation.model, firmware=simulation.firmware)

    agent = CATALOGUE.read_agent(simulation.user_agent(phone))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware) == ("linphone", simulation.model, simulation.firmware)


legal = st.text(min_size=1, max_size=60).filter(lambda text: text_problem(text) is None)
users = legal.filter(lambda text: not re.search(r"[\s<>\"@:;,?&=\\/]", text))


@given(user_name=users, auth_name=legal, display_name=legal, label=legal, voicemail=legal, password=legal, raw=legal)
def test_any_legal_text_arrives_as_it_was_entered(
    *, user_name: str, auth_name: str, display_name: str, label: str, voicemail: str, password: str, raw: str
) -> None:
    line = replace(
        LINE,
        user_name=user_name,
        auth_name=auth_name,
        display_name=display_name,
        label=label,
        voicemail=voicemail,
    )
    plain = replace(LINE, auth_name="a", display_name="a", label="a", voicemail="a")

    entries = read(artefact(view_of(line, settings={"raw.app/note": raw}), **{PASSWORD: password}))

    assert entries.keys() == read(artefact(view_of(plain, settings={"raw.app/note": "a"}))).keys()
    assert entries["auth_info_0/passwd"] == password
    assert entries["auth_info_0/username"] == user_name
    assert entries["auth_info_0/userid"] == ("" if auth_name == user_name else auth_name)
    assert entries["app/note"] == raw
    name, _, address = entries["proxy_0/reg_identity"].rpartition(" ")
    assert re.fullmatch(r"<sip:[A-Za-z0-9%!$'()*+.~_-]+@pbx\.example\.com>", address)
    assert unquote(address.removeprefix("<sip:").removesuffix("@pbx.example.com>")) == user_name
    assert unquote_display_name(name) == display_name


def unquote_display_name(text: str) -> str:
    """Read a quoted-string of RFC 3261, character by character."""
    assert text[0] == text[-1] == '"'
    characters = iter(text[1:-1])
    found = []
    for character in characters:
        assert character != '"'
        found.append(next(characters) if character == "\\" else character)
    return "".join(found)


@pytest.mark.parametrize("text", ["two\nlines", "\x00", "tab\tin", " blank before", "%NULL%", "\ud800"])
def test_texts_that_an_ini_file_cannot_carry_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        replace(LINE, auth_name=text)
    with pytest.raises(InvalidValue):
        find_spec("raw.app/note").read(text)
    with pytest.raises(UnfitValue, match=r"^raw.app/note: ") as raised:
        artefact(replace(view_of(), raw={"app/note": text}))
    assert text not in str(raised.value)
    with pytest.raises(UnfitValue, match=r"^line.1.password: "):
        artefact(view_of(), **{PASSWORD: text})


def test_every_row_says_where_it_was_learnt() -> None:
    assert all(row.source and row.confidence in "HMLT" for row in VENDOR.parameters)
    assert Path(__file__).parent.name == VENDOR.slug
