"""Grandstream: who asks, for which file, and how a device boots."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Endpoint
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.identify import Identified, take_apart
from provserver.vendors.grandstream import VENDOR
from tests.vendors.grandstream.device import CATALOGUE, CLASSIC, MAC, NAMED, URL, body, line, view_of


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Grandstream Model HW GXP2160 SW 1.0.9.69 DevId 000b82112233", "GXP2160", "1.0.9.69", "000b82112233"),
        ("Grandstream Model HW GXP1405 SW 1.0.4.23 DevId 000b8240d55c", "GXP1405", "1.0.4.23", "000b8240d55c"),
        ("Grandstream Model HW GXP2200 V2.2A SW 1.0.1.33 DevId 000b82462d97", "GXP2200", "1.0.1.33", "000b82462d97"),
        ("Grandstream Model HW GXV3350  V1.3A SW 1.0.1.8 DevId c074ad150b88", "GXV3350", "1.0.1.8", "c074ad150b88"),
        ("Grandstream Model HW GRP2614 SW 1.0.5.15 DevId C074AD0B63EE", "GRP2614", "1.0.5.15", "c074ad0b63ee"),
        ("Grandstream Model HW HT801 V1.1A SW 1.0.17.5 DevId c074ad273a10", "HT801", "1.0.17.5", "c074ad273a10"),
        (
            "Grandstream GXP2000 (gxp2000e.bin:1.2.5.3/boot55e.bin:1.1.6.9) DevId 000b822726c8",
            "GXP2000",
            "1.2.5.3",
            "000b822726c8",
        ),
        ("Grandstream GXP2170 1.0.11.48", "GXP2170", "1.0.11.48", None),
        ("Grandstream HT802 1.0.27.2", "HT802", "1.0.27.2", None),
    ],
)
def test_every_form_of_user_agent_tells_model_firmware_and_mac(
    text: str, model: str, firmware: str, mac: str | None
) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("grandstream", model, firmware, None)
    assert (agent.mac.value if agent.mac else None) == mac


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Grandstream",
        "Grandstream Model HW GXP2160",
        "Grandstream Model HW GXP2160 SW 1.0.9.69",
        "Grandstream Model HW GXP2160 SW 1.0.9.69 DevId 000b8211223",
        "Grandstream Model HW GXP2160 SW 1.0.9.69 DevId 000b821122334",
        "Grandstream Model HW GXP2160 SW 1.0.9.69 DevId 000b82112233 x",
        "Grandstream Model HW GXP2160 SW 1.0.9.69 DevId 000b82112233\n",
        "Grandstream Model GXP2160 SW 1.0.9.69 DevId 000b82112233",
        "grandstream Model HW GXP2160 SW 1.0.9.69 DevId 000b82112233",
        "Mozilla/5.0 Grandstream GXP2170 1.0.11.48",
        "Grandstream GXP2170 one",
        "Grandstream GXP2010 (gxp2010e.bin:1.2.5.3/boot55e.bin:1.1.6.9) DevId 000b822726c8",
        "NotGrandstream GXP2170 1.0.11.48",
    ],
)
def test_near_misses_are_no_agents_of_ours(text: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is None


FILES = [
    ("cfg000b82aabbcc", "binary", MAC, "GXP2170"),
    ("cfg000b82aabbcc.bin", "binary-bin", MAC, "GXP2170"),
    ("cfg000b82aabbcc.xml", "config", MAC, "GXP2170"),
    ("cfg000B82AABBCC.XML", "config", MAC, "GXP2170"),
    ("CFG000b82aabbcc.xml", "config", MAC, "GXP2170"),
    ("cfggxp2170.xml", "model", None, "GXP2170"),
    ("cfg.xml", "common", None, "GXP2170"),
    ("gxp2170fw.bin", "firmware", None, "GXP2170"),
    ("phonebook.xml", "phonebook", None, "GXP2170"),
    ("gs_phonebook.xml", "phonebook-gs", None, "GXP2170"),
    ("gxp.txt", "language", None, "GXP2170"),
]


@pytest.mark.parametrize("token", ["", "QUJDREVGR0hJSktMTU5PUFFS/"], ids=["no-token", "token"])
@pytest.mark.parametrize(("file", "rule", "mac", "model"), FILES, ids=[row[0] for row in FILES])
def test_every_file_name_finds_its_rule(token: str, file: str, rule: str, mac: MacAddress | None, model: str) -> None:
    agent = "Grandstream Model HW GXP2170 SW 1.0.11.85 DevId 000b82aabbcc"

    found = CATALOGUE.identify(ProvRequest(path=f"/{token}{file}", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac, found.agent_disagrees) == ("grandstream", model, MAC, False)
    assert found.asked is not None
    assert found.asked.mac == mac
    matched = CATALOGUE.file_rule("grandstream", found.asked)
    assert matched is not None
    assert matched.name == rule


@pytest.mark.parametrize("oui", ["000b82", "c074ad", "ec74d7", "144cff"])
def test_a_file_with_a_mac_of_ours_needs_no_agent(oui: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/cfg{oui}aabbcc.xml"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.mac) == ("grandstream", MacAddress(f"{oui}aabbcc"))


@pytest.mark.parametrize(
    "file",
    [
        "000b82aabbcc",
        "000b82aabbcc.xml",
        "000b82aabbcc.cfg",
        "cfg000b82aabbcc.cfg",
        "cfg000b82aabbcc.xml.gz",
        "cfg-000b82aabbcc.xml",
        "cfg000b82aabbc",
        "xcfg000b82aabbcc.xml",
        "cfg/000b82aabbcc.xml",
        "config.bin",
        "gxp2170fw.img",
        "phonebook.txt",
    ],
)
def test_near_misses_are_no_files_of_ours(file: str) -> None:
    asked = take_apart(f"/{file}")
    assert asked is not None

    assert CATALOGUE.file_rule("grandstream", asked) is None
    assert CATALOGUE.upload_rule("grandstream", asked) is None


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


OWN = f"cfg{MAC}.xml"
HELD = ("line.1.password", "line.2.password")
PASSWORDS = {"line.1.password": "<pässword>", "line.2.password": "&amp;"}


@pytest.mark.parametrize("model", [NAMED, CLASSIC])
def test_a_phone_boots_from_its_own_file_alone(model: str) -> None:
    lines = (line(1, auth_name="a1"), line(2, registrar=Endpoint(host="pbx2.example.com", port=5070)))
    view = view_of({}, *lines, held=HELD, model=model)

    booted, asked = play(SimulatedPhone(mac=MAC, model=model, firmware="1.0.11.85"), {OWN: body(view, PASSWORDS)})

    assert asked == [f"cfg{MAC}", OWN]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="<pässword>", auth_name="a1", registrar="pbx.example.com"),
            Account(number=2, user_name="1002", password="&amp;", auth_name="1002", registrar="pbx2.example.com:5070"),
        ),
        next_url=URL,
    )


@pytest.mark.parametrize("model", [NAMED, CLASSIC])
def test_after_deletion_a_phone_hears_of_its_accounts_but_not_of_their_passwords(model: str) -> None:
    view = view_of({}, line(1), line(2), model=model)

    booted, _ = play(SimulatedPhone(mac=MAC, model=model, firmware="1.0.11.85"), {OWN: body(view)})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1002", None)]
    assert booted.next_url == URL


def test_the_common_files_are_asked_only_when_its_own_is_refused() -> None:
    phone = SimulatedPhone(mac=MAC, model="GXP2170", firmware="1.0.11.85")

    booted, asked = play(phone, {})
    again, asked_again = play(phone, {"cfggxp2170.xml": b'<gs_provision><config version="1"/></gs_provision>'})

    assert (booted, asked) == (Booted(), [f"cfg{MAC}", OWN, "cfggxp2170.xml", "cfg.xml"])
    assert (again, asked_again) == (Booted(), asked[:3])


ACCOUNT_FILE = b'<gs_provision version="1">%b<config version="1"><P271>1</P271><P35>1</P35></config></gs_provision>'


def test_the_file_below_is_read_when_nothing_is_wrong_with_it() -> None:
    booted, _ = play(SimulatedPhone(mac=MAC, model="GXP2120", firmware="1.0.8.6"), {OWN: ACCOUNT_FILE % b""})

    assert booted == Booted(accounts=(Account(number=1, user_name="1"),))


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"<html>not found</html>",
        ACCOUNT_FILE.removesuffix(b"</gs_provision>"),
        ACCOUNT_FILE % b"<mac>000b82aabbcd</mac>",
        b"<!DOCTYPE gs_provision>" + ACCOUNT_FILE % b"",
    ],
)
def test_a_phone_passes_over_what_is_not_its_file(spoilt: bytes) -> None:
    booted, _ = play(SimulatedPhone(mac=MAC, model="GXP2120", firmware="1.0.8.6"), {OWN: spoilt})

    assert booted == Booted()


@pytest.mark.parametrize("model", ["GXP2170", "GXP1628", "GRP2614", "HT802", "DP750", "WP820"])
def test_simulated_phones_are_recognised_by_their_agent(model: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware="1.0.11.85")

    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(phone))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("grandstream", model, "1.0.11.85", MAC)
