"""Devices that take no SIP configuration: entered, found and described, and refused all else with the reason."""

from __future__ import annotations

import pytest

from provserver.domain.vendor import Vendor
from provserver.vendors import load_vendors
from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_changes import HEADER, show

UNSERVED = [vendor for vendor in load_vendors() if vendor.refuses]
EPOS = "001694000001"

each_unserved = pytest.mark.parametrize("vendor", UNSERVED, ids=lambda vendor: vendor.slug)


def test_these_makers_are_known_and_given_nothing() -> None:
    assert {vendor.slug for vendor in UNSERVED} == {"asus", "draytek", "sennheiser"}
    for vendor in UNSERVED:
        assert (vendor.files, vendor.uploads, vendor.parameters, vendor.login) == ((), (), (), None)


@each_unserved
def test_a_device_is_entered_by_its_block_found_and_described(terminal: Terminal, vendor: Vendor) -> None:
    mac, model = f"{min(vendor.ouis)}000001", vendor.models[0].name

    said = terminal.do("device", "add", "--tenant", "acme", "--mac", mac, "--model", model)
    terminal.do("device", "set", mac, "description=Front desk", "site=Head office")

    assert (
        said.out == f"added {mac} ({vendor.slug} {model})\n"
    )  # not armed: there is nothing that a window would let out
    found = terminal.do("device", "search", "Front desk", "--json").json
    assert [device["mac"] for device in found] == [mac]
    assert (show(terminal, mac)["vendor"], show(terminal, mac)["site"]) == (vendor.slug, "Head office")


@each_unserved
def test_a_line_or_a_setting_is_refused_in_one_line_with_the_reason(terminal: Terminal, vendor: Vendor) -> None:
    mac = f"{min(vendor.ouis)}000001"
    add = ("device", "add", "--tenant", "acme", "--mac", mac)

    line = terminal.run(*add, "--line", "1001@pbx.example.com", stdin=f"{MARK}\n")
    setting = terminal.run(*add, "vlan_id=20")
    terminal.do(*add)
    later = terminal.run("device", "set", mac, "line.1.user_name=1001", "line.1.registrar=pbx.example.com")
    secret = terminal.run("device", "set", mac, "--secret", "admin_password", stdin=f"{MARK}\n")

    assert {said.code for said in (line, setting, later, secret)} == {1}
    assert line.complaint == later.complaint == f"line: is refused: {vendor.refuses}"
    assert setting.complaint == f"vlan_id: is refused: {vendor.refuses}"
    assert secret.complaint == f"admin_password: is refused: {vendor.refuses}"
    assert show(terminal, mac)["lines"] == []


def test_an_import_takes_such_devices_without_a_line_and_phones_with_one(terminal: Terminal) -> None:
    rows = f"{EPOS},,,,Headset\n805ec0000001,1001,{MARK},pbx.example.com,Reception\n"

    said = terminal.do("device", "import", "-", "--tenant", "acme", stdin=f"{HEADER},description\n{rows}")

    assert said.out == "imported 1 lines: 2 new devices, 0 changed\n"
    assert show(terminal, EPOS)["description"] == "Headset"


def test_an_import_refuses_their_lines_and_settings_and_phones_without_a_line(terminal: Terminal) -> None:
    rows = f"{EPOS},1001,{MARK},pbx.example.com,\n001694000002,,,,20\n805ec0000001,,,,\n"

    said = terminal.run("device", "import", "-", "--tenant", "acme", stdin=f"{HEADER},set:vlan_id\n{rows}")

    reason = next(vendor.refuses for vendor in UNSERVED if vendor.slug == "sennheiser")
    assert said.err.splitlines() == [
        f"row 2, column line: is refused: {reason}",
        f"row 3, column set:vlan_id: is refused: {reason}",
        "row 4, column password: is empty",
        "row 4, column registrar: is empty",
        "row 4, column user_name: is empty",
        "5 problems, nothing was imported",
    ]
    assert terminal.do("device", "search", "--json").json == []


@each_unserved
def test_none_of_them_is_played(terminal: Terminal, vendor: Vendor) -> None:
    said = terminal.run("simulate", vendor.slug, "--mac", f"{min(vendor.ouis)}000001")

    assert said.complaint == f"{vendor.name} devices ask for no files: {vendor.refuses}"
