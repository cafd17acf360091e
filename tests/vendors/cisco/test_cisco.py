"""Whose a request is, and which file: every User-Agent and every name that these phones are known to use."""

from __future__ import annotations

import pytest

from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AfterDeletion
from provserver.identify import Catalogue, Identified, take_apart
from provserver.vendors import load_vendors
from provserver.vendors.cisco import VENDOR
from provserver.vendors.cisco.models import Family, family_of, find_model, lines_of
from tests.vendors.cisco.phone import MAC, view_of

CATALOGUE = Catalogue(load_vendors())
SPA = "0002fdff2103"
TOKEN = "QUJDREVGR0hJSktMTU5PUFFS"


@pytest.mark.parametrize(
    ("agent", "model", "firmware", "mac", "serial"),
    [
        ("Linksys/SPA-942-6.1.5(a) (88019FA42805)", "SPA-942", "6.1.5(a)", None, "88019FA42805"),
        ("Linksys/SPA-962-6.1.5(a) (4MM00F903042)", "SPA-962", "6.1.5(a)", None, "4MM00F903042"),
        ("Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT141400UK)", "SPA508G", "7.4.8a", SPA, "CBT141400UK"),
        ("Cisco/SPA501G-7.4.4 (8843E157DDCC)(CBT141100HR)", "SPA501G", "7.4.4", "8843e157ddcc", "CBT141100HR"),
        ("Cisco/SPA525G-7.4.7 (CBT141900G7)", "SPA525G", "7.4.7", None, "CBT141900G7"),
        ("Cisco/ATA191-MPP-11-1-0-MSR4 (FCH2443D9R4)", "ATA191", "11-1-0-MSR4", None, "FCH2443D9R4"),
        ("Cisco-CP-8841-3PCC/11.0 (00562b043615)", "8841", "11.0", MAC, None),
        ("Cisco-CP-7832-3PCC/11.0.1 (00562B043615)", "7832", "11.0.1", MAC, None),
        ("Cisco-DP-9861/3.2.1 (00562b043615)", "9861", "3.2.1", MAC, None),
    ],
)
def test_every_user_agent_tells_what_it_carries(
    agent: str, model: str, firmware: str, mac: str | None, serial: str | None
) -> None:
    found = CATALOGUE.read_agent(agent)

    assert found is not None
    assert (found.vendor, found.model, found.firmware, found.serial) == ("cisco", model, firmware, serial)
    assert found.mac == (MacAddress(mac) if mac else None)


@pytest.mark.parametrize(
    "agent",
    [
        "Cisco",
        "Cisco/SPA508G-7.4.8a",
        "Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT141400UK) x",
        "Cisco/SPA508G 7.4.8a (CBT141400UK)",
        "Cisco-CP-8841/11.0 (00562b043615)",
        "Cisco-CP-884-3PCC/11.0 (00562b043615)",
        "Cisco-CP-8841-3PCC/11.0 (00562b04361)",
        "xCisco-CP-8841-3PCC/11.0 (00562b043615)",
        "Linksys SPA-942-6.1.5(a) (88019FA42805)",
        "Linksys/WRT54G",
        "Cisco-CP-8841-3PCC/11.0 (00562b043615)\n",
        "",
    ],
)
def test_near_misses_of_the_agent_are_nobodys(agent: str) -> None:
    assert CATALOGUE.read_agent(agent) is None


@pytest.mark.parametrize(
    ("file", "query", "rule", "mac", "model"),
    [
        (f"{MAC}.xml", "", "profile", MAC, None),
        (f"{MAC.upper()}.xml", "", "profile", MAC, None),
        ("00:56:2b:04:36:15.xml", "", "profile", MAC, None),
        (f"{MAC}.cfg", "", "profile-cfg", MAC, None),
        ("", f"mac={MAC}", "profile-query", MAC, None),
        ("", "mac=00:56:2B:04:36:15", "profile-query", MAC, None),
        (f"Cisco/CP-8841-3PCC/{MAC}.cfg", "", "profile-old-mpp", MAC, "8841"),
        ("spa508G.cfg", "", "default-spa", None, "SPA508G"),
        ("spa112.cfg", "", "default-spa", None, "SPA112"),
        ("spa122.cfg", "", "default-spa", None, "SPA122"),
        ("spa2102.cfg", "", "default-spa", None, "SPA2102"),
        ("spa525G2.cfg", "", "default-spa", None, "SPA525G2"),
        ("init.cfg", "", "default-pap", None, None),
        ("ata191.cfg", "", "default-ata", None, "ATA191"),
        ("ata192.cfg", "", "default-ata", None, "ATA192"),
        ("8841-3PCC.xml", "", "default-mpp", None, "8841"),
        ("ata191.cfg", f"mac={MAC}", "default-ata-query", MAC, "ATA191"),
        ("spa508G.cfg", f"mac={SPA}", "default-spa-query", SPA, "SPA508G"),
        ("8841-3PCC.xml", f"mac={MAC}", "default-mpp-query", MAC, "8841"),
        (f"CTLSEP{MAC.upper()}.tlv", "", "trust list", MAC, None),
        (f"ITLSEP{MAC.upper()}.tlv", "", "identity list", MAC, None),
        ("ITLFile.tlv", "", "common identity list", None, None),
        (f"SEP{MAC.upper()}.cnf.xml", "", "enterprise", MAC, None),
        (f"ATA{MAC.upper()}.cnf.xml", "", "adapter", MAC, None),
        ("ATA000E08AABBCC.cnf.xml", "", "adapter", "000e08aabbcc", None),
        ("XMLDefault.cnf.xml", "", "common default", None, None),
        ("dialplan.xml", "", "dial plan", None, None),
        ("SoftKeys.xml", "", "soft keys", None, None),
        ("OS79XX.TXT", "", "image of the old ones", None, None),
        ("SIPDefault.cnf", "", "default of the old ones", None, None),
        (f"SIP{MAC.upper()}.cnf", "", "cnf", MAC, None),
        ("RINGLIST.DAT", "", "list of rings", None, None),
    ],
)
@pytest.mark.parametrize("token", ["", f"{TOKEN}/"])
def test_every_file_of_the_start_is_known(
    *, token: str, file: str, query: str, rule: str, mac: str | None, model: str | None
) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{token}{file}", query=query))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model) == ("cisco", model)
    assert found.mac == (MacAddress(mac) if mac else None)
    assert found.asked is not None
    known = CATALOGUE.file_rule("cisco", found.asked)
    assert known is not None
    assert known.name == rule


@pytest.mark.parametrize(
    "file",
    [
        f"{MAC}.htm",
        f"SEP{MAC}.xml",
        f"SEP{MAC}.cnf",
        f"SIP{MAC}.cnf.xml",
        f"SEP{MAC[:-1]}.cnf.xml",
        f"CTLSEP{MAC}.cnf.xml",
        f"Cisco/CP-8841/{MAC}.cfg",
        f"CP-8841-3PCC/{MAC}.cfg",
        "spa508-G.cfg",
        "spa508G.xml",
        "spa.cfg",
        "8841-3PCC.cfg",
        "8841.xml",
        "init.xml",
        "OS79XX.TXT.bak",
        # the second socket of an ATA190 asks by a shifted address, which is no device's
        "ATA0E08AABBCC01.cnf",
    ],
)
def test_near_misses_of_a_name_are_nobodys(file: str) -> None:
    asked = take_apart(f"/{file}")

    assert asked is not None
    assert CATALOGUE.file_rule("cisco", asked) is None


def test_the_path_decides_even_when_the_agent_names_another_phone() -> None:
    agent = "Cisco-CP-8841-3PCC/11.0 (00562b043616)"

    found = CATALOGUE.identify(ProvRequest(path=f"/{MAC}.xml", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.mac, found.firmware, found.agent_disagrees) == (MacAddress(MAC), None, True)


def test_a_name_that_many_makers_use_is_cisco_s_by_its_block() -> None:
    found = CATALOGUE.identify(ProvRequest(path="/000e08aabbcc.cfg"))

    assert isinstance(found, Identified)
    assert found.vendor == "cisco"


@pytest.mark.parametrize("block", ["000e08", "0002fd", "00562b", "8843e1", "00000c"])
def test_the_makers_blocks_are_ours(block: str) -> None:
    assert CATALOGUE.makers_of(MacAddress(f"{block}000001")) == {"cisco"}


@pytest.mark.parametrize(
    ("name", "family", "found"),
    [
        ("8841", Family.MPP, "8841"),
        ("CP-8841-3PCC", Family.MPP, "8841"),
        ("8841-3PCC", Family.MPP, "8841"),
        ("DP-9861", Family.MPP, "9861"),
        ("SPA-942", Family.SPA, "SPA942"),
        ("Cisco SPA508G", Family.SPA, "SPA508G"),
        ("spa504", Family.SPA, "SPA504G"),
        ("SPA122", Family.ADAPTER, "SPA122"),
        ("PAP2T", Family.SPA, "PAP2T"),
        ("ATA191-MPP", Family.ATA, "ATA191"),
        ("ATA190", Family.ENTERPRISE, "ATA190"),
        ("CP-7941G", Family.ENTERPRISE, "7941G"),
        ("7945", Family.ENTERPRISE, "7945G"),
        ("CP-7960G", Family.CNF, "7960G"),
        ("SPA999", Family.SPA, None),
        ("1234", None, None),
        (None, None, None),
    ],
)
def test_a_model_is_found_by_every_spelling(name: str | None, family: Family | None, found: str | None) -> None:
    model = find_model(name)

    assert family_of(name) is family
    assert (model.name if model else None) == found


def test_every_model_is_found_with_the_lines_and_keys_of_its_row() -> None:
    for model in VENDOR.models:
        assert find_model(model.name) is model
        assert family_of(model.name) is not None
        assert lines_of(model.name) == (12 if model.lines is None else model.lines)
    phones = {name: find_model(name) for name in ("8861", "SPA509G", "SPA502G", "ATA192")}
    assert {name: (m.lines, m.keys, m.modules) for name, m in phones.items() if m} == {
        "8861": (10, 10, 3),
        "SPA509G": (12, 12, 2),
        "SPA502G": (1, 0, 2),
        "ATA192": (2, 0, 0),
    }


def test_profiles_leave_a_deleted_password_out_and_whole_files_are_not_found() -> None:
    answers = {rule.name: VENDOR.after_deletion_of(view_of(), rule) for rule in VENDOR.files if rule.configuration}

    withheld = {name for name, answer in answers.items() if answer is AfterDeletion.NOT_FOUND}
    assert withheld == {"enterprise", "adapter", "cnf"}


@pytest.mark.parametrize(
    ("subject", "mac"),
    [
        ("000e08abcdef", "000e08abcdef"),
        ("000E08ABCDEF", "000E08ABCDEF"),
        ("ciscogeneric", None),
        ("00:0e:08:ab:cd:ef", None),
    ],
)
def test_the_factory_certificate_names_the_phone(subject: str, mac: str | None) -> None:
    assert VENDOR.certificate is not None
    found = VENDOR.certificate.pattern.fullmatch(subject)

    assert (found["mac"] if found else None) == mac
    assert any(form.fullmatch("ciscogeneric") for form in VENDOR.certificate.generic)
