"""Gigaset: who asks, for which file, and how a device boots."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Endpoint, Line
from provserver.domain.request import ProvRequest
from provserver.errors import InvalidValue
from provserver.identify import Identified, take_apart
from provserver.vendors.gigaset import VENDOR
from provserver.vendors.gigaset.models import Family, family, product_id
from tests.vendors.gigaset.phones import (
    CATALOGUE,
    LINE,
    MAC,
    MAXWELL,
    MODELS,
    N510,
    N720,
    N870,
    OWN_URL,
    PBX,
    render,
    view_of,
)


@pytest.mark.parametrize(
    ("text", "model", "firmware", "mac"),
    [
        ("Gigaset N870 IP PRO/83.V2.43.0+build.5f0a106;7C2F80112233", "N870 IP PRO", "83.V2.43.0+build.5f0a106",
         "7c2f80112233"),
        ("Gigaset N870 IP PRO/83.V2.43.0+build.5f0a106;7C2F80112233;Handset=50", "N870 IP PRO",
         "83.V2.43.0+build.5f0a106", "7c2f80112233"),
        ("Gigaset N610 IP PRO/83.V2.64.0-160-g758db0bf;589EC67C2479;Handset=20", "N610 IP PRO",
         "83.V2.64.0-160-g758db0bf", "589ec67c2479"),
        ("Gigaset N870E IP PRO/83.V2.62.1;7C2F80112233;Handset=250", "N870E IP PRO", "83.V2.62.1", "7c2f80112233"),
        ("Gigaset N720 DM PRO/70.089.00.000.000;7C2F80CA21E4", "N720 DM PRO", "70.089.00.000.000", "7c2f80ca21e4"),
        ("Gigaset N720 DM PRO/70.108.00.000.000", "N720 DM PRO", "70.108.00.000.000", None),
        ("N720-DM-PRO/70.040.00.000.000", "N720-DM-PRO", "70.040.00.000.000", None),
        ("N510 IP PRO/42.245.00.000.000;7C2F804DF9A9", "N510 IP PRO", "42.245.00.000.000", "7c2f804df9a9"),
        ("N510 IP PRO/42.258.00.000.000", "N510 IP PRO", "42.258.00.000.000", None),
        ("Gigaset Maxwell 3/2.22.4;7C2F80112233", "Maxwell 3", "2.22.4", "7c2f80112233"),
        ("Maxwell Basic/2.22.4;7C2F80112233", "Maxwell Basic", "2.22.4", "7c2f80112233"),
    ],
)  # fmt: skip
def test_every_form_of_user_agent_tells_model_firmware_and_mac(
    text: str, model: str, firmware: str, mac: str | None
) -> None:
    agent = CATALOGUE.read_agent(text)

    assert agent is not None
    assert (agent.vendor, agent.model, agent.firmware, agent.serial) == ("gigaset", model, firmware, None)
    assert (agent.mac.value if agent.mac else None) == mac


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Gigaset",
        "Gigaset N870 IP PRO",
        "Gigaset N870 IP PRO/",
        "Gigaset N870/83.V2.43.0;7C2F80112233",
        "Gigaset N870 IP PRO/83.V2.43.0;7C2F801122",
        "Gigaset N870 IP PRO/83.V2.43.0;7C2F80112233;Handset=",
        "Gigaset N870 IP PRO/83.V2.43.0;7C2F80112233 x",
        "Gigaset N870 IP PRO/83.V2.43.0\n",
        "GigasetN870 IP PRO/83.V2.43.0",
        "N720_DM_PRO/70.040.00.000.000",
        "Mozilla/5.0 Gigaset N870 IP PRO/83.V2.43.0",
        "Gigaset A510/1.0",
    ],
)
def test_near_misses_are_no_gigaset_agents(text: str) -> None:
    assert CATALOGUE.read_agent(text) is None


@pytest.mark.parametrize(
    ("file", "rule", "has_mac"),
    [
        ("7C2F80AABBCC.xml", "config", True),
        ("7c2f80aabbcc.xml", "config", True),
        ("7c2f80aabbcc.XML", "config", True),
        ("7C-2F-80-AA-BB-CC.xml", "config", True),
        ("7C2F80AABBCC", "config-bare", True),
        ("provisioning.xml", "common", False),
        ("42/2/master.bin", "firmware-n510", False),
        ("70/2/master.bin", "firmware-n720", False),
    ],
)
def test_every_file_name_finds_its_rule(file: str, rule: str, *, has_mac: bool) -> None:
    agent = "Gigaset N870 IP PRO/83.V2.43.0;7C2F80AABBCC"

    found = CATALOGUE.identify(ProvRequest(path=f"/{file}", user_agent=agent))

    assert isinstance(found, Identified)
    assert (found.vendor, found.model, found.mac) == ("gigaset", N870, MAC)
    assert found.asked is not None
    assert (found.asked.mac is not None) is has_mac
    matched = CATALOGUE.file_rule("gigaset", found.asked)
    assert matched is not None
    assert matched.name == rule


@pytest.mark.parametrize("block", ["7c2f80", "589ec6", "002104", "14b370"])
def test_every_block_of_the_maker_names_it(block: str) -> None:
    found = CATALOGUE.identify(ProvRequest(path=f"/{block}aabbcc.xml"))

    assert isinstance(found, Identified)
    assert found.vendor == "gigaset"


@pytest.mark.parametrize(
    "file",
    [
        "7c2f80aabbc.xml",
        "x7c2f80aabbcc.xml",
        "7c2f80aabbcc.xml.bak",
        "7c2f80aabbcc.cfg",
        "cfg7c2f80aabbcc.xml",
        "%MACD.xml",
        "provisioning.xml.gz",
        "xprovisioning.xml",
        "42/master.bin",
        "43/2/master.bin",
        "folder/7c2f80aabbcc.xml",
    ],
)
def test_near_misses_are_no_gigaset_files(file: str) -> None:
    asked = take_apart(f"/{file.replace('%', '%25')}")

    assert asked is None or CATALOGUE.file_rule("gigaset", asked) is None


@pytest.mark.parametrize(
    ("model", "expected", "product"),
    [
        ("N510", Family.N510, None),
        ("Gigaset N510 IP PRO", Family.N510, None),
        ("N720-DM-PRO", Family.N720, None),
        ("n720 ip pro", Family.N720, None),
        ("N530", Family.DECT, "e2"),
        ("N610 IP PRO", Family.DECT, "e2"),
        ("N670", Family.DECT, "e2"),
        ("N870E IP PRO", Family.DECT, "e2"),
        (None, Family.DECT, "e2"),
        ("N999", Family.DECT, "e2"),
        ("Maxwell Basic", Family.MAXWELL, None),
        ("Gigaset Maxwell 3", Family.MAXWELL, "mx3b"),
        ("maxwell4", Family.MAXWELL, "mx3b"),
        ("P850", Family.SNOM, None),
        ("Gigaset P710", Family.SNOM, None),
    ],
)
def test_a_model_says_which_language_it_reads(model: str | None, expected: Family, product: str | None) -> None:
    assert (family(model), product_id(model)) == (expected, product)


def test_the_p_series_is_served_as_what_it_is() -> None:
    """Snom's firmware asks for Snom's files, from addresses of Snom's block."""
    snom = CATALOGUE.vendors["snom"]

    found = CATALOGUE.identify(ProvRequest(path="/000413e50001.xml"))

    assert isinstance(found, Identified)
    assert found.vendor == "snom"
    assert snom.model("P850") is not None
    with pytest.raises(InvalidValue, match="its maker is snom"):
        _check(model="P850")


def _check(*, model: str, values: Mapping[str, str] | None = None, lines: tuple[Line, ...] = (LINE,)) -> None:
    assert VENDOR.check is not None
    VENDOR.check(view_of(values, model=model, lines=lines))


@pytest.mark.parametrize("model", MODELS)
def test_usual_settings_are_accepted_by_every_family(model: str) -> None:
    _check(model=model, values={"timezone": "Europe/Berlin", "raw.X.Y": "1"})


def test_a_maxwell_has_one_transport() -> None:
    other = Line(number=2, user_name="1002", registrar=Endpoint.parse("pbx.example.com;transport=tls"))

    with pytest.raises(InvalidValue, match="one for all accounts"):
        _check(model=MAXWELL, lines=(LINE, other))
    _check(model=N870, lines=(LINE, other))


@pytest.mark.parametrize("model", [N870, MAXWELL])
def test_firmware_without_a_version_in_its_name_is_refused(model: str) -> None:
    with pytest.raises(InvalidValue, match="names no version"):
        _check(model=model, values={"firmware_url": "https://fw.example.com/2.62.1/latest.bin"})
    _check(model=model, values={"firmware_url": "https://fw.example.com/x-V2.62.1-build.d1d6a22.bin"})
    _check(model=N510, values={"firmware_url": "https://fw.example.com/fw262.bin"})


@pytest.mark.parametrize(
    "name", ["Provisioning.global.ProvisioningServer", "System.Provision.ProvisioningServer", "S_CONFIGFILE_URL"]
)
def test_the_way_back_to_us_cannot_be_replaced(name: str) -> None:
    with pytest.raises(InvalidValue, match="address of this server"):
        _check(model=N870, values={f"raw.{name}": "https://elsewhere.example.com/"})


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
    Line(number=3, user_name="1003", registrar=Endpoint(host="other.example.org")),
)
HELD = ("line.1.password", "line.3.password")
PASSWORDS = {"line.1.password": "pässword<&1", "line.3.password": "#3'"}


@pytest.mark.parametrize("model", MODELS)
def test_a_device_of_every_family_boots_and_learns_its_accounts(model: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware="1.2.3")
    body = render(view_of(model=model, lines=TWO_LINES, held=HELD), PASSWORDS)

    booted, asked = play(phone, {"7C2F80AABBCC.xml": body})

    assert asked == ["42/2/master.bin" if model == N510 else "provisioning.xml", "7C2F80AABBCC.xml"]
    assert booted == Booted(
        accounts=(
            Account(number=1, user_name="1001", password="pässword<&1", auth_name="a1", registrar="pbx.example.com"),
            Account(number=3, user_name="1003", password="#3'", auth_name="1003", registrar="other.example.org"),
        ),
        next_url=OWN_URL,
    )


@pytest.mark.parametrize("model", MODELS)
def test_after_deletion_a_device_hears_of_its_accounts_but_not_of_their_passwords(model: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware="1.2.3")

    booted, _ = play(phone, {"7C2F80AABBCC.xml": render(view_of(model=model, lines=TWO_LINES))})

    assert [(account.user_name, account.password) for account in booted.accounts] == [("1001", None), ("1003", None)]
    assert booted.next_url == OWN_URL


@pytest.mark.parametrize("model", [N510, N720])
def test_an_old_base_applies_nothing_of_anothers_file(model: str) -> None:
    body = render(view_of(model=model, lines=TWO_LINES)).replace(b"7C2F80AABBCC", b"7C2F80AABBCD")

    booted, _ = play(SimulatedPhone(mac=MAC, model=model, firmware="1.2.3"), {"7C2F80AABBCC.xml": body})

    assert booted == Booted()


@pytest.mark.parametrize("body", [b"", b"no xml", b'<!DOCTYPE x [<!ENTITY e "x">]><x/>'])
def test_a_device_that_gets_rubbish_keeps_what_it_has(body: bytes) -> None:
    booted, _ = play(SimulatedPhone(mac=MAC, model=N870, firmware="1.2.3"), {"7C2F80AABBCC.xml": body})

    assert booted == Booted()


@pytest.mark.parametrize("model", MODELS)
def test_simulated_devices_are_recognised_by_their_agent(model: str) -> None:
    phone = SimulatedPhone(mac=MAC, model=model, firmware="83.V2.62.1")

    agent = CATALOGUE.read_agent(VENDOR.simulation.user_agent(phone))

    assert agent is not None
    assert (agent.vendor, agent.model, agent.mac) == ("gigaset", model, MAC)


def test_the_old_bases_are_n510_and_n720() -> None:
    skeletons = {model: render(view_of(model=model)) for model in MODELS}

    assert [model for model, body in skeletons.items() if b"ISO-8859-1" in body] == [N510, N720]
