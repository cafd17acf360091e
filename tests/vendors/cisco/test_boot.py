"""A played phone asks in the maker's order and understands what it is given."""

from __future__ import annotations

import pytest

from provserver.domain.boot import Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Endpoint
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import model_key
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue, take_apart
from provserver.vendors.cisco import VENDOR
from tests.vendors.cisco.phone import MAC, URL, line, view_of, write

UPPER = MAC.upper()
CATALOGUE = Catalogue([VENDOR])
HELD = ("line.1.password", "line.2.password")
SECRETS = {"line.1.password": "p<1>&'\"", "line.2.password": "zwei ü"}


def start(model: str, files: dict[str, bytes]) -> tuple[Booted, list[str]]:
    """Drive the boot script over *files*; everything else is a miss."""
    phone = SimulatedPhone(mac=MacAddress(MAC), model=model, firmware="1.2.3")
    script, asked = VENDOR.simulation.boot(phone), []
    fetch: Fetch = next(script)
    while True:
        asked.append(fetch.file)
        body = files.get(fetch.file)
        try:
            fetch = script.send(Reply(404 if body is None else 200, body or b""))
        except StopIteration as done:
            return done.value, asked


def two_lines(model: str) -> DeviceView:
    second = line(2, auth_name="auth2", registrar=Endpoint.parse("sip.example.org:5061;transport=tls"))
    return view_of({"provisioning_user": "phone"}, line(1, label="<Desk>"), second, held=HELD, model=model)


def assert_both_accounts(booted: Booted) -> None:
    first, second = booted.accounts
    assert (first.number, first.user_name, first.auth_name, first.password) == (1, "1001", "1001", SECRETS[HELD[0]])
    assert (second.number, second.user_name, second.auth_name, second.password) == (
        2,
        "1002",
        "auth2",
        SECRETS[HELD[1]],
    )
    assert first.registrar is not None
    assert first.registrar.startswith("pbx.example.com")
    assert second.registrar is not None
    assert second.registrar.startswith("sip.example.org")


@pytest.mark.parametrize(
    ("model", "default"),
    [
        ("8841", "8841-3PCC.xml"),
        ("CP-8841-3PCC", "8841-3PCC.xml"),
        ("SPA508G", "spa508G.cfg"),
        ("SPA122", "spa122.cfg"),
        ("PAP2T", "init.cfg"),
        ("ATA191", "ata191.cfg"),
        ("unheard of", "unheard of-3PCC.xml"),
    ],
)
def test_a_phone_with_a_profile_learns_its_accounts_and_where_to_ask_next(model: str, default: str) -> None:
    profile = write(two_lines(model), "profile", SECRETS)

    by_default, first = start(model, {default: profile})
    by_hand, second = start(model, {f"{MAC}.xml": profile})

    assert first == [default]
    assert second == [default, f"{MAC}.xml"]
    for booted in (by_default, by_hand):
        assert_both_accounts(booted)
        assert booted.next_url == f"{URL}{MAC}.xml"


def test_an_enterprise_phone_learns_its_accounts_and_no_url() -> None:
    booted, asked = start("7941G", {f"SEP{UPPER}.cnf.xml": write(two_lines("7941G"), "enterprise", SECRETS)})

    assert_both_accounts(booted)
    assert booted.next_url is None
    assert asked == [f"CTLSEP{UPPER}.tlv", f"ITLSEP{UPPER}.tlv", "ITLFile.tlv", f"SEP{UPPER}.cnf.xml"]


def test_an_enterprise_phone_asks_for_a_default_after_a_miss() -> None:
    booted, asked = start("7941G", {})

    assert booted == Booted()
    assert asked[-2:] == [f"SEP{UPPER}.cnf.xml", "XMLDefault.cnf.xml"]


def test_an_old_adapter_asks_by_a_name_of_its_own() -> None:
    booted, asked = start("ATA190", {f"ATA{UPPER}.cnf.xml": write(two_lines("ATA190"), "adapter", SECRETS)})

    assert_both_accounts(booted)
    assert asked == [f"ATA{UPPER}.cnf.xml"]


def test_the_oldest_phones_learn_their_accounts() -> None:
    booted, asked = start(
        "7960G",
        {f"SIP{UPPER}.cnf": write(two_lines("7960G"), "cnf", SECRETS | {"line.1.password": "p<1>&'"})},
    )

    assert [account.password for account in booted.accounts] == ["p<1>&'", "zwei ü"]
    assert asked == ["OS79XX.TXT", "SIPDefault.cnf", f"SIP{UPPER}.cnf", "RINGLIST.DAT", "dialplan.xml"]


def test_after_deletion_no_profile_mentions_a_password() -> None:
    profile = write(view_of({}, line(1), model="8841"), "profile")

    booted, _ = start("8841", {f"{MAC}.xml": profile})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None)]
    assert b"Password_1_" not in profile


@pytest.mark.parametrize("model", ["8841", "SPA508G", "SPA122", "PAP2T", "ATA191", "ATA190", "7941G", "7960G"])
def test_every_name_that_is_asked_is_one_of_ours(model: str) -> None:
    _, asked = start(model, {})

    for file in asked:
        found = take_apart(f"/{file}")
        assert found is not None
        assert CATALOGUE.file_rule("cisco", found) is not None, file


@pytest.mark.parametrize("model", ["8841", "SPA508G", "SPA122", "ATA191"])
def test_a_played_phone_names_itself_as_real_ones_do(model: str) -> None:
    agent = VENDOR.simulation.user_agent(SimulatedPhone(mac=MacAddress(MAC), model=model, firmware="1.2.3"))

    found = CATALOGUE.read_agent(agent)
    assert found is not None
    assert (model_key(found.model or ""), found.firmware) == (model_key(model), "1.2.3")


def test_phones_of_the_enterprise_kind_say_nothing_of_use() -> None:
    for model in ("7941G", "7960G"):
        assert VENDOR.simulation.user_agent(SimulatedPhone(mac=MacAddress(MAC), model=model, firmware="9.4")) == ""
