"""Who asks, and for what: every User-Agent and every file name of these phones, and names that only look like one."""

from __future__ import annotations

import pytest

from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.identify import Catalogue, Identified, take_apart
from provserver.vendors import load_vendors
from provserver.vendors.polycom import VENDOR

MAC = MacAddress("0004f2aabbcc")
CATALOGUE = Catalogue(load_vendors())


@pytest.mark.parametrize(
    ("agent", "model", "firmware", "mac"),
    [
        ("FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 Type/Application", "VVX_450", "6.4.0.1234", None),
        ("FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater", "SSIP_6000", None, None),
        ("FileTransport PolycomSoundPointIP-SPIP_450-UA/3.2.3.1734", "SPIP_450", "3.2.3.1734", None),
        (
            "FileTransport PolycomSoundStationIP-SSIP_5000-UA/4.0.3.7562 (SN:0004f2e765da) Type/Application",
            "SSIP_5000",
            "4.0.3.7562",
            "0004f2e765da",
        ),
        (
            "FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application",
            "CCX_600",
            "8.0.2.3267",
            "482567b5313f",
        ),
        ("FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567B5313F) Type/Updater", "CCX_600", None, "482567b5313f"),
        ("FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602 Type/Application", "Edge_E450", "8.0.0.15602", None),
        ("FileTransport PolycomRealPresenceTrio-Trio_8800-UA/5.9.0.11398", "Trio_8800", "5.9.0.11398", None),
        ("PolycomVVX-VVX_411-UA/6.4.7.1181", "VVX_411", "6.4.7.1181", None),
        ("PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59", "Edge_E350", "8.3.1.0614", "f04ea4691c59"),
        ("PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009", "SPIP_550", "4.0.15.1009", None),
    ],
)
def test_every_form_of_the_agent_tells_what_it_carries(
    agent: str, model: str, firmware: str | None, mac: str | None
) -> None:
    found = CATALOGUE.read_agent(agent)

    assert found is not None
    assert found.vendor == "polycom"
    assert (found.model, found.firmware, found.serial) == (model, firmware, None)
    assert found.mac == (MacAddress(mac) if mac else None)
    assert VENDOR.model(found.model) is not None


@pytest.mark.parametrize(
    "agent",
    [
        "FileTransport",
        "FileTransport PolycomVVX-VVX_450-UA/",
        "FileTransport PolycomVVX-VVX_450/6.4.0.1234",
        "FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 Type/Other",
        "FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 (SN:0004f2e765d) Type/Application",
        "FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 Type/Application; sqlmap",
        "FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 Type/Application\n",
        " FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234",
        "filetransport PolycomVVX-VVX_450-UA/6.4.0.1234",
        "FileTransport Yealink-T46G-UA/1.2.3",
        "PolycomVVX-VVX_411-UA/6.4.7.1181_f04ea4691c5",
        "PolycomVVX/6.4.7.1181",
        "PolyEdge-Edge_E350-UA/8.3.1.0614 f04ea4691c59",
        "Mozilla/5.0 PolycomVVX-VVX_411-UA/6.4.7.1181",
        "Polycom",
        "",
    ],
)
def test_near_misses_of_the_agent_are_nobodys(agent: str) -> None:
    assert CATALOGUE.read_agent(agent) is None


@pytest.mark.parametrize(
    ("file", "rule", "mac"),
    [
        ("0004f2aabbcc.cfg", "master", True),
        ("0004F2AABBCC.cfg", "master", True),
        ("0004f2aabbcc-user.cfg", "user", True),
        ("0004f2aabbcc-site.cfg", "site", True),
        ("0004f2aabbcc-phone.cfg", "overrides of the phone's menu", True),
        ("0004f2aabbcc-web.cfg", "overrides of the phone's web page", True),
        ("0004f2aabbcc-license.cfg", "licence", True),
        ("0004f2aabbcc-directory.xml", "directory", True),
        ("000000000000.cfg", "common master", False),
        ("000000000000-license.cfg", "common licence", False),
        ("000000000000-directory.xml", "seed of the directory", False),
        ("3111-48450-001.sip.ld", "firmware of the part number", False),
        ("2345-12345-001.sip.ld", "firmware of the part number", False),
        ("sip.ld", "firmware", False),
    ],
)
@pytest.mark.parametrize("token", ["", "QUJDREVGR0hJSktMTU5PUFFS/"])
def test_every_file_of_the_start_is_known(file: str, rule: str, mac: bool, token: str) -> None:  # noqa: FBT001
    agent = "FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 Type/Application"

    found = CATALOGUE.identify(ProvRequest(path=f"/{token}{file}", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.firmware) == ("polycom", "VVX_450", "6.4.0.1234")
    assert found.mac == (MAC if mac else None)
    assert not found.agent_disagrees
    assert found.asked is not None
    known = CATALOGUE.file_rule("polycom", found.asked)
    assert known is not None
    assert known.name == rule


@pytest.mark.parametrize(
    ("file", "credentials", "returned"),
    [
        ("0004f2aabbcc-phone.cfg", True, True),
        ("0004f2aabbcc-web.cfg", True, True),
        ("0004f2aabbcc-directory.xml", False, True),
        ("0004f2aabbcc-calls.xml", False, False),
        ("0004f2aabbcc-app.log", False, False),
        ("0004F2AABBCC-boot.log", False, False),
        ("0004f2aabbcc-now-app.log", False, False),
    ],
)
def test_every_upload_is_known_with_what_it_may_hold(file: str, credentials: bool, returned: bool) -> None:  # noqa: FBT001
    asked = take_apart(f"/{file}")

    assert asked is not None
    rule = CATALOGUE.upload_rule("polycom", asked)
    assert rule is not None
    assert (rule.may_hold_credentials, rule.returned) == (credentials, returned)


@pytest.mark.parametrize(
    "file",
    [
        "0004f2aabbcc-user.xml",
        "0004f2aabbcc-users.cfg",
        "0004f2aabbcc-app.txt",
        "0004f2aabbcc-now.log",
        "0004f2aabbc-user.cfg",
        "000000000000-user.cfg",
        "polycom/0004f2aabbcc-user.cfg",
        "sip.ldx",
        "a.b.sip.ld",
        "-directory.xml",
    ],
)
def test_near_misses_of_a_name_are_nobodys(file: str) -> None:
    asked = take_apart(f"/{file}")

    assert asked is not None
    assert CATALOGUE.file_rule("polycom", asked) is None
    assert CATALOGUE.upload_rule("polycom", asked) is None


def test_the_path_decides_even_when_the_agent_names_another_phone() -> None:
    agent = "FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application"

    found = CATALOGUE.identify(ProvRequest(path="/0004f2aabbcc-user.cfg", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.mac, found.model, found.agent_disagrees) == (MAC, None, True)


@pytest.mark.parametrize("block", ["0004f2", "64167f", "482567", "f04ea4"])
def test_the_makers_blocks_are_ours(block: str) -> None:
    assert "polycom" in CATALOGUE.makers_of(MacAddress(f"{block}000001"))


def test_the_block_of_the_obi_editions_is_not_ours() -> None:
    assert "polycom" not in CATALOGUE.makers_of(MacAddress("9cadefaabbcc"))
