"""Fanvil: who asks, for which file, and how a device boots."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Endpoint
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AfterDeletion
from provserver.identify import Identified, Unidentified, take_apart
from provserver.vendors.fanvil import VENDOR
from tests.vendors.fanvil.device import CATALOGUE, LEGACY, MAC, MODERN, URL, body, line, view_of


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Fanvil X4 2.10.2.6887 0c383e07e16c", "X4", "2.10.2.6887", "0c383e07e16c"),
        ("Fanvil X6U Pro 0.0.10 0c383e2cd782", "X6U Pro", "0.0.10", "0c383e2cd782"),
        ("Fanvil X5U-V2 2.12.16.17 0c383e557eb1", "X5U-V2", "2.12.16.17", "0c383e557eb1"),
        ("Fanvil V67 2.6.6.187 0c383e2b29e6", "V67", "2.6.6.187", "0c383e2b29e6"),
        ("Fanvil i10SV 2.12.10.1 0c383e2397f4", "i10SV", "2.12.10.1", "0c383e2397f4"),
        ("Fanvil i53W 2.12.9 0C383E10A440", "i53W", "2.12.9", "0c383e10a440"),
        ("Fanvil H2U-V2 2.12.0 0c383e32342e", "H2U-V2", "2.12.0", "0c383e32342e"),
        ("Fanvil W620W 2.16.10 0c383e7dd216", "W620W", "2.16.10", "0c383e7dd216"),
        ("Mozilla/5.0 (Fanvil X7C 2.12.16 00a859aabbcc)", "X7C", "2.12.16", "00a859aabbcc"),
        ("Mozilla/4.0 (compatible; Fanvil X210i 2.12.16 0c383eaabbcc)", "X210i", "2.12.16", "0c383eaabbcc"),
    ],
)
def test_every_form_of_user_agent_tells_model_firmware_and_mac(text: str, model: str, firmware: str, mac: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("fanvil", model, firmware, None)
    assert agent.mac == MacAddress(mac)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fanvil",
        "Fanvil X4",
        "Fanvil X4 2.10.2.6887",
        "Fanvil X4 2 0c383e07e16c",
        "Fanvil X4 2.10.2.6887 0c383e07e16",
        "Fanvil X4 2.10.2.6887 0c383e07e16c x",
        "Fanvil X4 2.10.2.6887 0c383e07e16c\n",
        "Fanvil X6U Pro Max 0.0.10 0c383e2cd782",
        "fanvil X4 2.10.2.6887 0c383e07e16c",
        "NotFanvil X4 2.10.2.6887 0c383e07e16c",
        "Mozilla/5.0 (X11; Linux x86_64)",
        "Mozilla/5.0 Fanvil X4 2.10.2.6887 0c383e07e16c",
    ],
)
def test_near_misses_are_no_agents_of_ours(text: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is None


FILES = [
    ("0c383eaabbcc.cfg", "config", MAC),
    ("0C383EAABBCC.CFG", "config", MAC),
    ("f0X2hw1.100.cfg", "common-numbered", None),
    ("f0X3sghw1.100.cfg", "common-numbered", None),
    ("F0V00X200000.cfg", "common", None),
    ("F0V5UV200000.cfg", "common", None),
    ("F0000X600000.cfg", "common", None),
    ("f0C00580000.cfg", "common", None),
    ("F0V10SV00000.cfg", "common", None),
    ("F0Vi51W00000.cfg", "common", None),
    ("F0V0i6100000.cfg", "common", None),
    ("fanvil_v67_hw1_1.txt", "firmware", None),
    ("fanvil_v61g_hwv1_0.txt", "firmware", None),
    ("fanvil_i10s_hwv1_0.txt", "firmware", None),
    ("fanvil_x210_v2_hwv2_0.txt", "firmware-variant", None),
    ("fanvil_x4u_pro_hwv2_0.txt", "firmware-variant", None),
]


@pytest.mark.parametrize("token", ["", "QUJDREVGR0hJSktMTU5PUFFS/"], ids=["no-token", "token"])
@pytest.mark.parametrize(("file", "rule", "mac"), FILES, ids=[row[0] for row in FILES])
def test_every_file_name_finds_its_rule(token: str, file: str, rule: str, mac: MacAddress | None) -> None:
    agent = "Fanvil X5U 2.12.22.2 0c383eaabbcc"

    found = CATALOGUE.identify(ProvRequest(path=f"/{token}{file}", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac, found.agent_disagrees) == ("fanvil", "X5U", MAC, False)
    assert found.asked is not None
    assert found.asked.mac == mac
    matched = CATALOGUE.file_rule("fanvil", found.asked)
    assert matched is not None
    assert matched.name == rule


@pytest.mark.parametrize("oui", ["0c383e", "00a859", "e0e656"])
def test_a_file_with_a_mac_of_ours_needs_no_agent(oui: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{oui}aabbcc.cfg"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("fanvil", MacAddress(f"{oui}aabbcc"))


def test_a_mac_of_nobodys_block_belongs_to_the_maker_that_the_agent_names() -> None:
    path = "/dcf0f0aabbcc.cfg"

    alone = CATALOGUE.identify(ProvRequest(path=path))
    named = CATALOGUE.identify(ProvRequest(path=path, user_agent="Fanvil X5U 2.12.22.2 dcf0f0aabbcc"))

    assert isinstance(alone, Unidentified)
    assert isinstance(named, Identified)
    assert named.vendor == "fanvil"


@pytest.mark.parametrize(
    "file",
    [
        "0c383eaabbcc",
        "0c383eaabbcc.txt",
        "0c383eaabbcc.xml",
        "0c383eaabbcc.cfg.bak",
        "0c383eaabbcc-local.cfg",
        "cfg0c383eaabbcc.xml",
        "y000000000028.cfg",
        "f1X5shw1.100.cfg",
        "f0X5shw1.200.cfg",
        "f0.cfg",
        "fanvil.txt",
        "fanvil_x5u.txt",
        "fanvil_x5u_hwv1.txt",
        "fanvil_x5u_v2_hwv2_0_1.txt",
        "fanvil_x5u_v2_hwv2_0.cfg",
        "Fanvil/0c383eaabbcc.cfg",
    ],
)
def test_near_misses_are_no_files_of_ours(file: str) -> None:
    asked = take_apart(f"/{file}")
    assert asked is not None

    assert CATALOGUE.file_rule("fanvil", asked) is None
    assert CATALOGUE.upload_rule("fanvil", asked) is None


def play(phone: SimulatedPhone, served: Mapping[str, bytes]) -> tuple[Booted, list[str]]:
    """Drive the boot script of *phone* against the files *served*; give what it knows then, and what it asked."""
    script = VENDOR.simulation.boot(phone)
    asked: list[str] = []
    fetch: Fetch = next(script)
    while True:
        asked.append(fetch.file)
        found = served.get(fetch.file)
        reply = Reply(404) if found is None else Reply(200, found)
        try:
            fetch = script.send(reply)
        except StopIteration as end:
            return end.value, asked


COMMON, OWN = "F0V5UV200000.cfg", f"{MAC}.cfg"
PHONE = SimulatedPhone(mac=MAC, model="X5U-V2", firmware="2.12.16.17")
HELD = ("line.1.password", "line.2.password")
PASSWORDS = {"line.1.password": "<pässword>", "line.2.password": "&amp;"}


@pytest.mark.parametrize("model", [MODERN, LEGACY])
def test_a_phone_boots_from_its_own_file_in_either_dialect(model: str) -> None:
    lines = (line(1, auth_name="a1"), line(2, registrar=Endpoint(host="pbx2.example.com", port=5070)))
    view = view_of({}, *lines, held=HELD, model=model)

    booted, asked = play(PHONE, {OWN: body(view, PASSWORDS)})

    assert asked == [COMMON, OWN]
    assert booted == Booted(
        accounts=(
            Account(
                number=1, user_name="1001", password="<pässword>", auth_name="a1", registrar="pbx.example.com:5060"
            ),
            Account(number=2, user_name="1002", password="&amp;", auth_name="1002", registrar="pbx2.example.com:5070"),
        ),
        next_url=f"{URL}{OWN}",
    )


@pytest.mark.parametrize("model", [MODERN, LEGACY])
def test_after_deletion_a_file_names_accounts_but_not_their_passwords(model: str) -> None:
    booted, _ = play(PHONE, {OWN: body(view_of({}, line(1), line(2), model=model))})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1002", None)]


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        (MODERN, AfterDeletion.OMIT),
        ("i10SV", AfterDeletion.OMIT),
        (None, AfterDeletion.OMIT),
        (LEGACY, AfterDeletion.NOT_FOUND),
        ("Fanvil C58", AfterDeletion.NOT_FOUND),
    ],
)
def test_older_phones_get_no_file_once_a_password_is_gone(model: str | None, answer: AfterDeletion) -> None:
    assert VENDOR.after_deletion_of(view_of(model=model)) is answer


def test_a_phone_looks_for_firmware_where_it_was_told() -> None:
    view = view_of({"firmware_url": "https://fw.example.com/fanvil/"}, model="X5U-V2")

    _, asked = play(PHONE, {OWN: body(view)})

    assert asked == [COMMON, OWN, "https://fw.example.com/fanvil/fanvil_x5u_v2_hwv2_0.txt"]


ACCOUNT = b'<sip><line index="1"><EnableReg>1</EnableReg><PhoneNumber>1</PhoneNumber></line></sip>'


def test_a_later_file_overrules_an_earlier_one() -> None:
    other = ACCOUNT.replace(b">1</Phone", b">2</Phone")

    booted, _ = play(PHONE, {COMMON: b"<sysConf>%b</sysConf>" % ACCOUNT, OWN: b"<sysConf>%b</sysConf>" % other})

    assert [account.user_name for account in booted.accounts] == ["2"]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"<html>not found</html>",
        b"<sysConf>%b" % ACCOUNT,
        b"<config>%b</config>" % ACCOUNT,
        b"<!DOCTYPE sysConf><sysConf>%b</sysConf>" % ACCOUNT,
    ],
)
def test_a_phone_passes_over_what_is_no_configuration(spoilt: bytes) -> None:
    booted, _ = play(PHONE, {OWN: spoilt})

    assert booted == Booted()


@pytest.mark.parametrize("model", ["X5U-V2", "X6U Pro", "V67", "i10SV", "W620W", "X4"])
def test_simulated_phones_are_recognised_by_their_agent(model: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware="2.12.16.17")

    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(phone))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("fanvil", model, "2.12.16.17", MAC)
