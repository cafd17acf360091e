"""Yealink: who asks, for which file, with which words; and how a phone boots."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.view import DeviceView
from provserver.identify import Identified, take_apart
from provserver.vendors.yealink import VENDOR
from provserver.vendors.yealink.boot import HEADER
from tests.vendors.yealink.phones import (
    CATALOGUE,
    MAC,
    PBX,
    URL,
    render,
    view_of,
)


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Yealink SIP-T54W 96.86.0.70 80:5e:c0:11:22:33", "T54W", "96.86.0.70", "805ec0112233"),
        ("yealink SIP-T28P 2.70.0.140 00:15:65:11:22:33", "T28P", "2.70.0.140", "001565112233"),
        ("Yealink SIP VP-T49G 51.80.0.100 00:15:65:11:22:33", "T49G", "51.80.0.100", "001565112233"),
        ("VP530P 23.70.0.40 00:15:65:11:22:33", "VP530P", "23.70.0.40", "001565112233"),
        ("VP530 23.70.0.40 001565112233", "VP530", "23.70.0.40", "001565112233"),
        ("W52P 25.30.0.2 00:15:65:11:22:33", "W52P", "25.30.0.2", "001565112233"),
        ("Yealink CP860 37.72.0.5 00:15:65:11:22:33", "CP860", "37.72.0.5", "001565112233"),
        ("Yealink W60B 77.81.0.35 80:5E:C0:11:22:33", "W60B", "77.81.0.35", "805ec0112233"),
        ("Yealink W90DM 130.87.0.10 80:5e:c0:d9:c7:44", "W90DM", "130.87.0.10", "805ec0d9c744"),
        ("Yealink AX83H 180.86.0.5 80:5e:c0:11:22:33", "AX83H", "180.86.0.5", "805ec0112233"),
        ("Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0", "T46G", "28.71.0.81", None),
        ("Yealink SIP-T57W 96.86.0.70 805ec0112233", "T57W", "96.86.0.70", "805ec0112233"),
        ("Yealink SIP-T21P_E2 52.84.0.125 80:5e:c0:11:22:33", "T21P_E2", "52.84.0.125", "805ec0112233"),
        ("Yealink SIP-T54W 96.86.0.70", "T54W", "96.86.0.70", None),
    ],
)
def test_every_form_of_user_agent_tells_model_firmware_and_mac(
    text: str, model: str, firmware: str, mac: str | None
) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("yealink", model, firmware, None)
    assert (agent.mac.value if agent.mac else None) == mac


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yealink",
        "Yealink SIP-T54W",
        "Yealink SIP-T54W 96",
        "Yealink SIP-T54W 96.86.0.70 80:5e:c0:11:22",
        "Yealink SIP-T54W 96.86.0.70 80:5ec0:11:22:33",
        "Yealink SIP-T54W 96.86.0.70 80:5e:c0:11:22:33 x",
        "Yealink SIP-T54W 96.86.0.70\n",
        "Yealink SIP-T54W v86",
        "YEALINK SIP-T54W 96.86.0.70",
        "NotYealink SIP-T54W 96.86.0.70 80:5e:c0:11:22:33",
        "Mozilla/5.0 Yealink SIP-T54W 96.86.0.70",
        "Yealinks SIP-T54W 96.86.0.70",
        "VP530X 23.70.0.40 00:15:65:11:22:33",
        "W52P 25.30.0.2",
        "Yealink-T46G 28.71.0.81",
    ],
)
def test_near_misses_are_no_yealink_agents(text: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is None


@pytest.mark.parametrize(
    ("file", "rule", "mac"),
    [
        ("805ec0aabbcc.boot", "boot", MAC),
        ("805ec0aabbcc.cfg", "config", MAC),
        ("805EC0AABBCC.CFG", "config", MAC),
        ("80-5e-c0-aa-bb-cc.cfg", "config", MAC),
        ("805ec0aabbcc.enc", "key", MAC),
        ("805ec0aabbcc_Security.enc", "key_security", MAC),
        ("y000000000000.boot", "common_boot", None),
        ("y000000000096.boot", "common_boot", None),
        ("y000000000000.cfg", "common", None),
        ("y000000000028.cfg", "common", None),
        ("y000000000188.cfg", "common", None),
        ("Y000000000096.cfg", "common", None),
        ("y000000000096.enc", "common_key", None),
        ("y000000000096_Security.enc", "common_key_security", None),
    ],
)
def test_every_file_name_finds_its_rule(file: str, rule: str, mac: MacAddress | None) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}", user_agent="Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cc"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac, found.agent_disagrees) == ("yealink", "T54W", MAC, False)
    assert found.asked is not None
    assert found.asked.mac == mac
    matched = CATALOGUE.file_rule("yealink", found.asked)
    assert matched is not None
    assert matched.name == rule


@pytest.mark.parametrize(
    ("file", "rule", "returned", "secret"),
    [
        ("805ec0aabbcc-local.cfg", "local", True, True),
        ("805ec0aabbcc-contact.xml", "contacts", True, False),
        ("805ec0aabbcc-calllog.xml", "calls", False, False),
        ("805ec0aabbcc-boot.log", "boot_log", False, True),
        ("805ec0aabbcc-sys.log", "system_log", False, True),
    ],
)
def test_uploads_have_their_own_rules_and_are_no_files_of_ours(
    file: str, rule: str, *, returned: bool, secret: bool
) -> None:
    asked = take_apart(f"/{file}")
    assert asked is not None

    found = CATALOGUE.upload_rule("yealink", asked)

    assert found is not None
    assert (found.name, found.returned, found.may_hold_credentials) == (rule, returned, secret)
    assert CATALOGUE.file_rule("yealink", asked) is None


@pytest.mark.parametrize(
    "file",
    [
        "805ec0aabbcc",
        "805ec0aabbc.cfg",
        "x805ec0aabbcc.cfg",
        "805ec0aabbcc.cfg.bak",
        "805ec0aabbcc_cfg",
        "805ec0aabbcc.xml",
        "805ec0aabbcc-locals.cfg",
        "cfg805ec0aabbcc.xml",
        "y00000000002x.cfg",
        "y805ec0aabbcc.cfg",
        "y.cfg",
        "z000000000028.cfg",
        "config/y000000000028.cfg",
    ],
)
def test_near_misses_are_no_yealink_files(file: str) -> None:
    asked = take_apart(f"/{file}")
    assert asked is not None

    assert CATALOGUE.file_rule("yealink", asked) is None
    assert CATALOGUE.upload_rule("yealink", asked) is None


def test_the_common_file_alone_belongs_to_the_phone_of_the_agent() -> None:
    found = CATALOGUE.identify(
        ProvRequest(path="/y000000000066.cfg", user_agent="Yealink SIP-T46S 66.85.0.5 00:15:65:01:02:03")
    )

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("yealink", MacAddress("001565010203"))


def play(phone: SimulatedPhone, served: Mapping[str, str]) -> tuple[Booted, list[str]]:
    """Drive the boot script of *phone* against the files *served*; give what it knows then, and what it asked."""
    script = VENDOR.simulation.boot(phone)
    asked: list[str] = []
    fetch: Fetch = next(script)
    while True:
        asked.append(fetch.file)
        text = served.get(fetch.file)
        reply = Reply(404) if text is None else Reply(200, text.encode())
        try:
            fetch = script.send(reply)
        except StopIteration as end:
            return end.value, asked


PHONE = SimulatedPhone(mac=MAC, model="T54W", firmware="96.86.0.70")
TWO_LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=2, user_name="1002", registrar=PBX),
)
HELD = ("line.1.password", "line.2.password")
PASSWORDS = {"line.1.password": "pässword = 1", "line.2.password": "#2"}


def served_files(view: DeviceView, secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        "805ec0aabbcc.boot": render(view, secrets, file="boot"),
        "805ec0aabbcc.cfg": render(view, secrets),
        "y000000000096.cfg": render(view, secrets, file="common"),
    }


ACCOUNTS = (
    Account(number=1, user_name="1001", password="pässword = 1", auth_name="a1", registrar="pbx.example.com"),
    Account(number=2, user_name="1002", password="#2", auth_name="1002", registrar="pbx.example.com"),
)


def test_a_phone_boots_from_its_boot_file() -> None:
    booted, asked = play(PHONE, served_files(view_of(lines=TWO_LINES, held=HELD), PASSWORDS))

    assert asked == ["805ec0aabbcc.boot", "805ec0aabbcc.cfg"]
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL)


def test_a_phone_without_boot_file_falls_back_to_the_old_names() -> None:
    served = served_files(view_of(lines=TWO_LINES, held=HELD), PASSWORDS)
    del served["805ec0aabbcc.boot"]

    booted, asked = play(PHONE, served)

    assert asked == ["805ec0aabbcc.boot", "y000000000000.boot", "y000000000096.cfg", "805ec0aabbcc.cfg"]
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL)


def test_an_old_phone_knows_no_boot_files_and_reads_the_old_names() -> None:
    view = view_of(lines=TWO_LINES, held=HELD, model="T28P")
    served = served_files(view, PASSWORDS)

    booted, asked = play(SimulatedPhone(mac=MAC, model="T28P", firmware="2.70.0.140"), served)

    assert asked == ["y000000000000.cfg", "805ec0aabbcc.cfg"]
    assert booted == Booted(accounts=ACCOUNTS, next_url=URL)


def test_after_deletion_a_phone_hears_of_its_accounts_but_not_of_their_passwords() -> None:
    booted, _ = play(PHONE, served_files(view_of(lines=TWO_LINES), {}))

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1002", None)]
    assert booted.next_url == URL


@pytest.mark.parametrize("spoilt", ["\ufeff{}", "\n{}", "# comment\n{}"])
def test_a_file_that_does_not_begin_with_the_header_is_rejected(spoilt: str) -> None:
    served = served_files(view_of(lines=TWO_LINES, held=HELD), PASSWORDS)
    served["805ec0aabbcc.cfg"] = spoilt.format(served["805ec0aabbcc.cfg"])

    booted, _ = play(PHONE, served)

    assert booted == Booted()


def test_a_boot_file_can_name_files_for_some_models_only() -> None:
    lines = (
        HEADER,
        "[T46S,T48S]include:config <a.cfg>",
        '[T53W,T54W]include:config "mine.cfg"',
        "#include:config <b.cfg>",
    )
    boot = "\n".join(lines) + "\n"

    _, asked = play(PHONE, {"y000000000000.boot": boot})

    assert asked == ["805ec0aabbcc.boot", "y000000000000.boot", "mine.cfg"]


def test_a_phone_that_gets_nothing_keeps_what_it_has() -> None:
    booted, _ = play(PHONE, {})

    assert booted == Booted()


@pytest.mark.parametrize(
    ("model", "firmware"),
    [
        ("T54W", "96.86.0.70"),
        ("T21P_E2", "52.84.0.125"),
        ("W60B", "77.81.0.35"),
        ("VP530P", "23.70.0.40"),
        ("CP925", "148.86.0.5"),
    ],
)
def test_simulated_phones_are_recognised_by_their_agent(model: str, firmware: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware=firmware)

    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(phone))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("yealink", model, firmware, MAC)
