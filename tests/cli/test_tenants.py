"""`tenant …`: resellers are added and listed, and what their devices share is set."""

from __future__ import annotations

import json

import pytest

from tests.cli.terminal import MARK, Terminal


def render(terminal: Terminal, *, site: str = "", model: str = "T54W", number: int = 1) -> str:
    """The file of a new phone, secrets as stars."""
    mac = f"805ec000000{number}"
    site_value = (f"site={site}",) if site else ()
    terminal.do(
        "device", "add", "--tenant", "acme", "--mac", mac, "--model", model, "--line", "1001@pbx", *site_value,
        stdin=f"{MARK}\n",
    )  # fmt: skip
    return terminal.do("device", "render", mac, f"{mac}.cfg").out


def test_tenants_are_added_and_listed(terminal: Terminal) -> None:
    terminal.do("tenant", "add", "strict one", "--policy", "strict", "--window-days", "2", "--retention-days", "30")

    tenants = terminal.do("tenant", "list", "--json").json
    table = terminal.do("tenant", "list").out

    assert [tenant["name"] for tenant in tenants] == ["acme", "rival", "strict one"]
    own = {"window_days": None, "legacy_tls": False, "fixed_networks": False, "quota": None, "retention_days": None}
    assert tenants[0] == {"name": "acme", "policy": "window", **own}
    assert tenants[2] == {"name": "strict one", "policy": "strict", **own, "window_days": 2, "retention_days": 30}
    assert table.splitlines()[-1].split("  ")[0] == "strict one"


def test_an_added_tenant_is_an_object(terminal: Terminal) -> None:
    said = terminal.do("tenant", "add", "new", "--json")

    assert said.json["name"] == "new"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("acme",), "tenant 'acme' exists already"),
        (("",), "name: is not between 1 and 100 characters"),
        (("a\nb",), "name: holds a line break or control character"),
        (("new", "--window-days", "91"), "window: 91 days is not between 0 and 90"),
        (("new", "--retention-days", "-1"), "retention: -1 days is not between 0 and 3650"),
    ],
)
def test_a_tenant_that_cannot_be_is_refused(terminal: Terminal, arguments: tuple[str, ...], complaint: str) -> None:
    assert terminal.run("tenant", "add", *arguments).complaint.startswith(complaint)
    assert len(terminal.do("tenant", "list", "--json").json) == 2


def test_a_policy_that_does_not_exist_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.run("tenant", "add", "new", "--policy", "lax").code == 2


def test_devices_inherit_what_is_set_for_their_tenant_site_and_model(terminal: Terminal) -> None:
    terminal.do("tenant", "set", "acme", "vlan_id=10", "pc_vlan_id=11")
    terminal.do("tenant", "set", "acme", "--site", "London", "vlan_id=20")
    terminal.do("tenant", "set", "acme", "--vendor", "yealink", "--model", "sip-t54w", "pc_vlan_id=30")

    elsewhere, london, other_model = (
        render(terminal, number=1),
        render(terminal, number=2, site="London"),
        render(terminal, number=3, model="T46U"),
    )

    assert "vlan.internet_port_vid = 10" in elsewhere
    assert "vlan.pc_port_vid = 30" in elsewhere
    assert "vlan.internet_port_vid = 20" in london
    assert "vlan.pc_port_vid = 11" in other_model


def test_an_empty_value_takes_a_setting_away(terminal: Terminal) -> None:
    terminal.do("tenant", "set", "acme", "vlan_id=10")
    terminal.do("tenant", "set", "acme", "vlan_id=")

    assert "vid = 10" not in render(terminal)


def test_a_shared_secret_is_read_from_stdin_or_a_file(terminal: Terminal) -> None:
    said = terminal.do("tenant", "set", "acme", "--secret", "admin_password", stdin=f"{MARK}-a\n")
    terminal.do(
        "tenant", "set", "acme", "--secret", "user_password", "--password-file", terminal.write("pw", f"{MARK}-u\r\n")
    )
    render(terminal)
    artefact = terminal.do("device", "render", "805ec0000001", "805ec0000001.cfg", "--reveal", may_reveal=True).out

    assert said.out == "set admin_password\n"
    assert f"admin:{MARK}-a\n" in artefact
    assert f"{MARK}-u\n" in artefact


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody", "vlan_id=1"), "no tenant 'nobody'"),
        (("acme", "colour=red"), "colour: is not a known setting"),
        (("acme", "vlan_id=9999"), "vlan_id: '9999' is not a whole number from 1 to 4094"),
        (("acme", "vlan_id"), "argument: one is not of the form NAME=VALUE"),
        (("acme", "vlan_id=1", "vlan_id=2"), "vlan_id: is there twice"),
        (("acme", f"admin_password={MARK}"), "admin_password: is a secret; it is not given as a plain value"),
        (("acme", "--vendor", "colour", "--model", "x", "vlan_id=1"), "vendor: 'colour' is not one of "),
        (("acme", "--secret", "admin_password"), "admin_password: is missing: one line for each secret"),
        (("acme", "--secret", "admin_password", "--password-file", "nowhere"), "password-file: cannot read nowhere"),
    ],
)
def test_a_shared_setting_that_cannot_be_is_refused(
    terminal: Terminal, arguments: tuple[str, ...], complaint: str
) -> None:
    assert terminal.run("tenant", "set", *arguments).complaint.startswith(complaint)


@pytest.mark.parametrize(
    "arguments",
    [("--site", "a", "--vendor", "yealink", "--model", "b", "vlan_id=1"), ("--model", "b", "x=1"), ("--vendor", "b")],
)
def test_scopes_that_exclude_each_other_are_wrong_usage(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert terminal.run("tenant", "set", "acme", *arguments).code == 2


def test_a_secret_named_for_a_plain_setting_is_refused(terminal: Terminal) -> None:
    said = terminal.run("tenant", "set", "acme", "--secret", "vlan_id", stdin=f"{MARK}\n")

    assert said.complaint == "vlan_id: is not a secret setting"


def test_a_tenant_changes_its_mind(terminal: Terminal) -> None:
    terminal.do("tenant", "add", "careful", "--policy", "strict")

    assert terminal.do("tenant", "policy", "careful").out == (
        "tenant careful: policy strict, old TLS not accepted, networks any, quota -\n"
    )
    terminal.do(
        "tenant", "policy", "careful", "--release", "window", "--legacy-tls", "--fixed-networks", "--quota", "9"
    )
    assert terminal.do("tenant", "policy", "careful").out == (
        "tenant careful: policy window, old TLS accepted, networks fixed, quota 9\n"
    )
    terminal.do("tenant", "policy", "careful", "--no-legacy-tls")
    (facts,) = [one for one in json.loads(terminal.do("tenant", "list", "--json").out) if one["name"] == "careful"]
    assert (facts["policy"], facts["legacy_tls"], facts["fixed_networks"]) == ("window", False, True)
    assert terminal.run("tenant", "policy", "nobody", "--legacy-tls").code == 1
