"""Panasonic: who asks, for which file, and how a phone boots."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Line
from provserver.domain.request import ProvRequest
from provserver.errors import InvalidValue
from provserver.identify import Identified, take_apart
from provserver.vendors.panasonic import VENDOR
from provserver.vendors.panasonic.models import Family, family, header
from tests.vendors.panasonic.phones import (
    CATALOGUE,
    HDV,
    MAC,
    MODELS,
    OWN_URL,
    PBX,
    TGP,
    UT,
    read,
    render,
    view_of,
)


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Panasonic_KX-UT113/01.133 (0080f0c8c381)", "KX-UT113", "01.133", "0080f0c8c381"),
        ("Panasonic_KX-UT670/01.022 (0080F0C8C381)", "KX-UT670", "01.022", "0080f0c8c381"),
        ("Panasonic_KX-HDV230/07.150 (bcc342010203)", "KX-HDV230", "07.150", "bcc342010203"),
        ("Panasonic_KX-TGP600CEB/07.50 (080023010203)", "KX-TGP600CEB", "07.50", "080023010203"),
        ("Panasonic_KX-UT670/01.022 (0080f000000)", "KX-UT670", "01.022", None),  # a MAC of eleven digits is none
    ],
)
def test_every_form_of_user_agent_tells_model_firmware_and_mac(
    text: str, model: str, firmware: str, mac: str | None
) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("panasonic", model, firmware, None)
    assert (agent.mac.value if agent.mac else None) == mac


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Panasonic",
        "Panasonic_KX-UT113",
        "Panasonic_KX-UT113/01.133",
        "Panasonic_KX-UT113/01.133 ()",
        "Panasonic_KX-UT113/01.133 (xyz)",
        "Panasonic_/01.133 (0080f0c8c381)",
        "Panasonic KX-UT113/01.133 (0080f0c8c381)",
        "Panasonics_KX-UT113/01.133 (0080f0c8c381)",
        "Mozilla/5.0 Panasonic_KX-UT113/01.133 (0080f0c8c381)",
    ],
)
def test_near_misses_are_no_panasonic_agents(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule", "has_mac"),
    [
        ("Config0080F0C8C381.cfg", "standard", True),
        ("config0080f0c8c381.cfg", "standard", True),
        ("0080F0C8C381.cfg", "standard-bare", True),
        ("0080f0c8c381.cfg", "standard-bare", True),
        ("KX-HDV230.cfg", "first", False),
        ("KX-UT113.cfg", "first", False),
        ("KX-TGP600CEB.cfg", "first", False),
        ("kx-hdv230.cfg", "first", False),
        ("ConfigCommon.cfg", "master", False),
        ("ConfigKX-HDV230.cfg", "product", False),
    ],
)
def test_every_file_name_finds_its_rule(file: str, rule: str, *, has_mac: bool) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{file}", user_agent="Panasonic_KX-HDV230/07.150 (0080f0c8c381)"))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac) == ("panasonic", HDV, MAC)
    assert found.asked is not None
    assert (found.asked.mac is not None) is has_mac
    matched = CATALOGUE.file_rule("panasonic", found.asked)
    assert matched is not None
    assert matched.name == rule


@pytest.mark.parametrize("block", ["0080f0", "080023", "bcc342"])
def test_every_block_of_the_maker_names_it(block: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{block.upper()}AABBCC.cfg"))

    assert isinstance(found, Identified)
    assert found.vendor == "panasonic"


@pytest.mark.parametrize(
    "file",
    [
        "Config0080F0C8C38.cfg",
        "xConfig0080F0C8C381.cfg",
        "Config-0080F0C8C381.cfg",
        "Config0080F0C8C381.xml",
        "Config0080F0C8C381.e1c",
        "Config{MAC}.cfg",
        "KX-HDV230",
        "KX-.cfg",
        "KX-HDV-230.cfg",
        "KXHDV230.cfg",
        "Common.cfg",
        "Panasonic/Config0080F0C8C381.cfg",
    ],
)
def test_near_misses_are_no_panasonic_files(file: str) -> None:
    asked = take_apart(f"/{file}")

    assert asked is None or CATALOGUE.file_rule("panasonic", asked) is None


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("KX-UT113", Family.UT),
        ("ut670", Family.UT),
        ("KX-HDV430", Family.HDV),
        ("hdv130", Family.HDV),
        ("KX-TGP600CEB", Family.TGP),
        ("Panasonic KX-TGP500", Family.TGP),
        (None, Family.HDV),
        ("KX-NEW1", Family.HDV),
    ],
)
def test_a_model_belongs_to_a_family(model: str | None, expected: Family) -> None:
    assert family(model) is expected


@pytest.mark.parametrize(("model", "size"), [(HDV, 44), (UT, 44), (TGP, 28)])
def test_a_file_begins_with_the_makers_line_and_ends_with_an_empty_one(model: str, size: int) -> None:
    body = render(view_of(model=model))

    assert len(header(model)) == size
    assert body.startswith(header(model).encode() + b"\r\n")
    assert body.endswith(b'"\r\n\r\n')
    assert body.count(b"\n") == body.count(b"\r\n")


@pytest.mark.parametrize("name", ["lower", "WITH-DASH", "WITH.DOT", "1ST", "A" * 33])
def test_a_raw_name_that_is_none_is_refused(name: str) -> None:
    assert VENDOR.check is not None
    with pytest.raises(InvalidValue, match="is not a name"):
        VENDOR.check(view_of({f"raw.{name}": "1"}))


@pytest.mark.parametrize("name", ["CFG_STANDARD_FILE_PATH", "CFG_PRODUCT_FILE_PATH", "CFG_MASTER_FILE_PATH"])
def test_the_way_back_to_us_cannot_be_replaced(name: str) -> None:
    assert VENDOR.check is not None
    with pytest.raises(InvalidValue, match="address at this server"):
        VENDOR.check(view_of({f"raw.{name}": "https://elsewhere.example.com/"}))


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


TWO_LINES = (
    Line(number=1, user_name="1001", auth_name="a1", registrar=PBX),
    Line(number=2, user_name="1002", registrar=PBX),
)
HELD = ("line.1.password", "line.2.password")
PASSWORDS = {"line.1.password": "pässword=1", "line.2.password": "#2'"}


@pytest.mark.parametrize("model", MODELS)
def test_a_phone_is_led_from_the_file_of_its_model_to_its_own(model: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware="01.133")
    view = view_of(model=model, lines=TWO_LINES, held=HELD)
    served = {f"{model}.cfg": render(view, PASSWORDS, file="first"), OWN_URL: render(view, PASSWORDS)}

    booted, asked = play(phone, served)

    assert asked == [f"{model}.cfg", OWN_URL]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="pässword=1", auth_name="a1", registrar="pbx.example.com"),
            Account(number=2, user_name="1002", password="#2'", auth_name="1002", registrar="pbx.example.com"),
        ),
        next_url=OWN_URL,
    )


def test_the_file_of_the_model_holds_the_addresses_and_nothing_else() -> None:
    view = view_of({"vlan_id": "20", "raw.X": "1"}, lines=TWO_LINES, held=HELD)

    assert read(render(view, PASSWORDS, file="first")) == {
        "CFG_STANDARD_FILE_PATH": OWN_URL,
        "CFG_PRODUCT_FILE_PATH": "",
        "CFG_MASTER_FILE_PATH": "",
    }


def test_after_deletion_a_phone_hears_of_its_accounts_but_not_of_their_passwords() -> None:
    view = view_of(lines=TWO_LINES)
    served = {f"{HDV}.cfg": render(view, file="first"), OWN_URL: render(view)}

    booted, _ = play(SimulatedPhone(mac=MAC, model=HDV, firmware="07.150"), served)

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1002", None)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b"\r\n" + body,
        lambda body: body.replace(b" #\r\n", b" # DO NOT CHANGE THIS LINE!\r\n"),
        lambda body: body.removesuffix(b"\r\n"),
        lambda body: body.replace(b"\r\n", b"\n"),
        lambda _body: b"",
    ],
)
def test_a_file_of_another_form_is_not_read(spoil: object) -> None:
    assert callable(spoil)
    body = spoil(render(view_of(), file="first"))

    booted, asked = play(SimulatedPhone(mac=MAC, model=HDV, firmware="07.150"), {f"{HDV}.cfg": body})

    assert (booted, asked) == (Booted(), [f"{HDV}.cfg"])


def test_a_phone_puts_itself_into_an_address() -> None:
    first = f'{header(HDV)}\r\nCFG_STANDARD_FILE_PATH="http://x/{{MAC}}-{{mac}}-{{MODEL}}.cfg"\r\n\r\n'

    _, asked = play(SimulatedPhone(mac=MAC, model=HDV, firmware="07.150"), {f"{HDV}.cfg": first.encode()})

    assert asked == [f"{HDV}.cfg", "http://x/0080F0C8C381-0080f0c8c381-KX-HDV230.cfg"]


@pytest.mark.parametrize("model", MODELS)
def test_simulated_phones_are_recognised_by_their_agent(model: str) -> None:
    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(SimulatedPhone(mac=MAC, model=model, firmware="07.1")))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.mac) == ("panasonic", model, "07.1", MAC)
