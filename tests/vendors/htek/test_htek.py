"""Htek: who asks, for which file, and how a phone boots."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.hanlong.accounts import account_number
from provserver.domain.hanlong.keys import module_key_numbers
from provserver.domain.line import Endpoint, Line
from provserver.domain.request import ProvRequest
from provserver.errors import InvalidValue
from provserver.identify import Identified, take_apart
from provserver.vendors.htek import VENDOR
from provserver.vendors.htek.boot import ACCOUNTS
from provserver.vendors.htek.models import MODELS, device_code
from provserver.vendors.htek.vendor import KEYS
from tests.vendors.htek.phones import CATALOGUE, LINE, MAC, PBX, URL, render, view_of


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Htek UC926 2.0.4.2 00:1f:c1:1c:22:a9", "UC926", "2.0.4.2", "001fc11c22a9"),
        ("Htek UC903 2.0.4.6.41 00:1F:C1:1C:22:A9", "UC903", "2.0.4.6.41", "001fc11c22a9"),
        ("Htek UC912E 2.0.4.2 001fc11c22a9", "UC912E", "2.0.4.2", "001fc11c22a9"),
    ],
)
def test_every_form_of_user_agent_tells_model_firmware_and_mac(text: str, model: str, firmware: str, mac: str) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("htek", model, firmware, None)
    assert agent.mac is not None
    assert agent.mac.value == mac


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Htek",
        "Htek UC926",
        "Htek UC926 2.0.4.2",
        "Htek UC926 2.0.4.2 00:1f:c1:1c:22",
        "Htek UC926 2.0.4.2 00:1f:c1:1c:22:a9 x",
        "Htek UC926 2.0.4.2 00:1f:c1:1c:22:a9\n",
        "Htek  UC926 2.0.4.2 00:1f:c1:1c:22:a9",
        "Hteks UC926 2.0.4.2 00:1f:c1:1c:22:a9",
        "HTEK-UC926 2.0.4.2 00:1f:c1:1c:22:a9",
        "Mozilla/5.0 Htek UC926 2.0.4.2 00:1f:c1:1c:22:a9",
    ],
)
def test_near_misses_are_no_htek_agents(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule", "has_mac"),
    [
        ("cfg001fc11c22a9.xml", "config", True),
        ("CFG001FC11C22A9.XML", "config", True),
        ("cfg00:1f:c1:1c:22:a9.xml", "config", True),
        ("cfg001fc11c22a9", "binary", True),
        ("001fc11c22a9.cfg", "early", True),
        ("cfg0010.xml", "model", False),
        ("cfg0112.xml", "model", False),
        ("factory0010.bin", "factory", False),
    ],
)
def test_every_file_name_finds_its_rule(file: str, rule: str, *, has_mac: bool) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}", user_agent="Htek UC926 2.0.4.2 00:1f:c1:1c:22:a9"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac) == ("htek", "UC926", MAC)
    assert found.asked is not None
    assert (found.asked.mac is not None) is has_mac
    matched = CATALOGUE.file_rule("htek", found.asked)
    assert matched is not None
    assert matched.name == rule


def test_the_block_of_the_maker_names_it() -> None:
    found = CATALOGUE.identify(ProvRequest(path="/cfg001fc1aabbcc.xml"))

    assert isinstance(found, Identified)
    assert found.vendor == "htek"


@pytest.mark.parametrize("rule", [rule.name for rule in VENDOR.files if rule.name != "config"])
def test_there_is_exactly_one_file(rule: str) -> None:
    """Some firmware stops at the first file that it gets, and would never see the phone's own."""
    assert VENDOR.file(rule).template is None


@pytest.mark.parametrize(
    "file",
    [
        "cfg001fc11c22a.xml",
        "xcfg001fc11c22a9.xml",
        "cfg-001fc11c22a9.xml",
        "cfg001fc11c22a9.cfg",
        "001fc11c22a9.xml",
        "001fc11c22a9",
        "cfg.xml",
        "cfgUC926.xml",
        "factory.bin",
        "htek/cfg001fc11c22a9.xml",
    ],
)
def test_near_misses_are_no_htek_files(file: str) -> None:
    asked = take_apart(f"/{file}")

    assert asked is None or CATALOGUE.file_rule("htek", asked) is None


def _check(values: Mapping[str, str] | None = None, lines: tuple[Line, ...] = (LINE,)) -> None:
    assert VENDOR.check is not None
    VENDOR.check(view_of(values, lines=lines))


@pytest.mark.parametrize("name", ["47", "P", "P0", "p47", "P1234567", "P47x", "Account1_SipUserId"])
def test_a_raw_name_that_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue):
        _check({f"raw.{name}": "1"})


def test_the_way_back_to_us_cannot_be_replaced() -> None:
    with pytest.raises(InvalidValue, match="address of this server"):
        _check({"raw.P237": "https://elsewhere.example.com/"})
    _check({"raw.P212": "3"})


def test_a_line_beyond_the_fourth_needs_the_server_of_an_earlier_one() -> None:
    fifth = Line(number=5, user_name="1005", registrar=PBX)
    stranger = Line(number=6, user_name="1006", registrar=Endpoint(host="other.example.org"))

    _check(lines=(LINE, fifth))
    with pytest.raises(InvalidValue, match="line 6"):
        _check(lines=(LINE, fifth, stranger))
    with pytest.raises(InvalidValue, match="beyond 8"):
        _check(lines=(LINE, Line(number=9, user_name="1009", registrar=PBX)))


def play(phone: SimulatedPhone, served: Mapping[str, bytes]) -> tuple[Booted, list[str]]:
    """Drive the boot script of *phone* against the files *served*; give what it knows then, and what it asked."""
    script = VENDOR.simulation.boot(phone)
    asked: list[str] = []
    fetch: Fetch = next(script)
    while True:
        asked.append(fetch.file)
        body = served.get(fetch.file)
        try:
            fetch = script.send(Reply(404) if body is None else Reply(200, body))
        except StopIteration as end:
            return end.value, asked


PHONE = SimulatedPhone(mac=MAC, model="UC926", firmware="2.0.4.6.41")
LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=2, user_name="1002", registrar=Endpoint(host="other.example.org")),
    Line(number=7, user_name="1007", registrar=PBX),
)
HELD = ("line.1.password", "line.2.password", "line.7.password")
PASSWORDS = {"line.1.password": "pässword<&1", "line.2.password": "#2'", "line.7.password": "p7"}


def test_a_phone_asks_in_the_makers_order_and_learns_its_accounts() -> None:
    body = render(view_of(lines=LINES, held=HELD), PASSWORDS)

    booted, asked = play(PHONE, {"cfg001fc11c22a9.xml": body})

    assert asked == [
        "factory0010.bin", "cfg0010.xml", "001fc11c22a9.cfg", "cfg001fc11c22a9", "cfg001fc11c22a9.xml",
    ]  # fmt: skip
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="pässword<&1", auth_name="a1", registrar="pbx.example.com"),
            Account(number=2, user_name="1002", password="#2'", auth_name="1002", registrar="other.example.org"),
            Account(number=7, user_name="1007", password="p7", auth_name="1007", registrar="pbx.example.com"),
        ),
        next_url=URL,
    )


def test_a_phone_whose_code_is_not_known_asks_for_its_own_files() -> None:
    _, asked = play(SimulatedPhone(mac=MAC, model="UC901", firmware="2.0"), {})

    assert asked == ["001fc11c22a9.cfg", "cfg001fc11c22a9", "cfg001fc11c22a9.xml"]


def test_after_deletion_a_phone_hears_of_its_accounts_but_not_of_their_passwords() -> None:
    booted, _ = play(PHONE, {"cfg001fc11c22a9.xml": render(view_of(lines=LINES))})

    assert [(account.user_name, account.password) for account in booted.accounts] == [
        ("1001", None), ("1002", None), ("1007", None),
    ]  # fmt: skip
    assert booted.next_url == URL


@pytest.mark.parametrize(
    "body", [b"", b"no xml", b'<!DOCTYPE x [<!ENTITY e "x">]><x/>', b"<config><P271>1</P271></config>"]
)
def test_a_phone_that_gets_rubbish_keeps_what_it_has(body: bytes) -> None:
    booted, _ = play(PHONE, {"cfg001fc11c22a9.xml": body})

    assert booted == Booted()


def test_the_simulated_phone_is_recognised_by_its_agent() -> None:
    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(PHONE))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("htek", "UC926", "2.0.4.6.41", MAC)


@pytest.mark.parametrize(
    ("model", "code", "keys"),
    [
        ("UC926", "0010", 36), ("UC924", "0012", 28), ("UC923", "0013", 20), ("UC903", "0016", 20),
        ("UC902", "0017", None), ("UC912", "0019", 12), ("UC926E", "0110", 36), ("UC924E", "0112", 28),
        ("UC862", "0000", 14), ("UC842", "0001", 4), ("UC860", "0002", 14), ("UC840", "0003", 4),
        ("UC806", "0004", 4), ("UC804", "0005", 4), ("UC803", "0006", 0), ("uc-802", "0007", 0),
    ],
)  # fmt: skip
def test_models_have_the_codes_of_the_sheet(model: str, code: str, keys: int | None) -> None:
    found = VENDOR.model(model)

    assert found is not None
    assert (found.number, found.keys) == (code, keys)
    assert device_code(model) == code


def test_no_parameter_has_two_meanings() -> None:
    names = ("active", "profile", "label", "user", "auth", "password", "display", "voicemail", "pickup")
    accounts = [account_number(name, account) for account in range(1, ACCOUNTS.accounts + 1) for name in names]
    keys = [number for key in range(1, 61) for number in KEYS.numbers(key)]
    modules = [number for module in range(1, 7) for key in range(1, 41) for number in module_key_numbers(module, key)]

    everything = accounts + keys + modules
    assert len(set(everything)) == len(everything)


def test_no_model_is_listed_twice() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)
