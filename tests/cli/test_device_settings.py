"""What a device's maker cannot do is said where it is set, and where each setting comes from on request."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_changes import MAC, add

UNKNOWN = "yealink: without effect, not supported by this maker: "


def settings(terminal: Terminal) -> dict[str, dict[str, Any]]:
    return {row["setting"]: row for row in terminal.do("device", "settings", MAC, "--json").json}


def shared(terminal: Terminal, *arguments: str, stdin: str = "") -> None:
    terminal.do("tenant", "set", "acme", *arguments, stdin=stdin)


def pretend_delivered(terminal: Terminal) -> None:
    """What the device holds was delivered, and its time is over."""
    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    with state:
        state.execute("update credential set first_delivered_at = 1, delete_after = 2 where owner like 'device:%'")
    state.close()


def test_each_setting_says_where_it_comes_from_and_what_it_hides(terminal: Terminal) -> None:
    add(terminal, "site=London", "vlan_id=20", "raw.some.name=5")
    shared(terminal, "vlan_id=10", "language=de", "lldp=on", "raw.some.name=4")
    shared(terminal, "--site", "London", "vlan_id=11", "language=fr")
    shared(terminal, "--vendor", "yealink", "--model", "T54W", "vlan_id=12")

    found = settings(terminal)

    assert found["vlan_id"] == {
        "setting": "vlan_id",
        "value": "20",
        "level": "device",
        "supported": True,
        "hides": [
            {"level": "model", "value": "12"},
            {"level": "site", "value": "11"},
            {"level": "tenant", "value": "10"},
        ],
    }
    assert (found["language"]["value"], found["language"]["level"]) == ("fr", "site")
    assert (found["lldp"]["value"], found["lldp"]["level"], found["lldp"]["hides"]) == ("on", "tenant", [])
    assert (found["raw.some.name"]["value"], found["raw.some.name"]["supported"]) == ("5", True)
    assert (found["ntp_server"]["value"], found["ntp_server"]["level"]) == (None, "default")
    assert found["key.N"]["level"] == "default"
    assert "syslog_server" not in found  # not set, and not the maker's


def test_what_is_said_is_what_the_phone_gets(terminal: Terminal) -> None:
    add(terminal, "site=London")
    shared(terminal, "vlan_id=10")
    shared(terminal, "--site", "London", "vlan_id=11")

    text = terminal.do("device", "render", MAC, f"{MAC}.cfg").out

    assert settings(terminal)["vlan_id"]["value"] == "11"
    assert "network.vlan.internet_port_vid = 11\n" in text


def test_secrets_are_stars_at_every_level(terminal: Terminal) -> None:
    add(terminal)
    terminal.do("device", "set", MAC, "--secret", "admin_password", stdin=f"{MARK}-device\n")
    shared(terminal, "--secret", "admin_password", "--secret", "user_password", stdin=f"{MARK}-1\n{MARK}-2\n")

    found = settings(terminal)

    assert (found["admin_password"]["value"], found["admin_password"]["level"]) == ("********", "device")
    assert found["admin_password"]["hides"] == [{"level": "tenant", "value": "********"}]
    assert (found["user_password"]["value"], found["user_password"]["level"]) == ("********", "tenant")


def test_a_deleted_secret_is_said_to_be_and_hides_what_is_farther(terminal: Terminal) -> None:
    """As in the device's files: what was deleted at it stays away."""
    add(terminal)
    terminal.do("device", "set", MAC, "--secret", "user_password", stdin=f"{MARK}-device\n")
    shared(terminal, "--secret", "user_password", stdin=f"{MARK}-1\n")
    pretend_delivered(terminal)
    terminal.do("retention", "run", "--at", "2030-01-01")

    found = settings(terminal)

    assert (found["user_password"]["value"], found["user_password"]["level"]) == (None, "device")
    assert found["user_password"]["hides"] == [{"level": "tenant", "value": "********"}]
    assert "user_password  deleted  device  ******** (tenant)\n" in terminal.do("device", "settings", MAC).out


def test_people_see_a_table_and_what_is_left_to_the_device(terminal: Terminal) -> None:
    add(terminal, "vlan_id=20")
    shared(terminal, "vlan_id=10", "syslog_server=10.0.0.1")

    head, syslog, vlan, default = terminal.do("device", "settings", MAC).out.splitlines()

    assert head.split() == ["setting", "value", "from", "hides"]
    assert syslog.split(maxsplit=4) == ["syslog_server", "10.0.0.1", "tenant", "-", "not supported by this maker"]
    assert vlan.split() == ["vlan_id", "20", "device", "10", "(tenant)"]
    assert default.startswith("maker's default: timezone, ntp_server, ")
    assert " vlan_id," not in default


def test_settings_of_no_device_are_one_line(terminal: Terminal) -> None:
    assert terminal.run("device", "settings", "805ec0ffffff").complaint == "no device '80:5e:c0:ff:ff:ff'"


def test_setting_what_the_maker_cannot_do_is_said_and_done(terminal: Terminal) -> None:
    add(terminal)

    said = terminal.run("device", "set", MAC, "syslog_server=10.0.0.1", "vlan_id=20", "raw.x=1", "line.1.label=Front")
    as_json = terminal.run("device", "set", MAC, "realm=r", "--secret", "dect_code", "--json", stdin=f"{MARK}\n")

    assert (said.code, said.err) == (0, f"{UNKNOWN}syslog_server\n")
    assert as_json.json["unsupported_settings"] == ["dect_code", "realm"]
    assert "realm" in terminal.do("device", "show", MAC, "--json").json["unsupported_settings"]
    shown = terminal.do("device", "show", MAC).out
    assert "dect_code, realm, syslog_server (not supported by this maker)\n" in shown


def test_taking_it_away_again_is_no_reason_to_say_so(terminal: Terminal) -> None:
    add(terminal)
    terminal.run("device", "set", MAC, "syslog_server=10.0.0.1")

    assert terminal.do("device", "set", MAC, "syslog_server=", "--json").json["unsupported_settings"] == []


def test_adding_and_sharing_say_it_too(terminal: Terminal) -> None:
    added = terminal.run(
        "device", "add", "--tenant", "acme", "--mac", MAC, "--model", "T54W", "syslog_server=10.0.0.1", "vlan_id=20"
    )
    model = terminal.run("tenant", "set", "acme", "--vendor", "yealink", "--model", "T54W", "realm=r", "vlan_id=1")

    assert added.err == f"{UNKNOWN}syslog_server\n"
    assert (model.code, model.err) == (0, f"{UNKNOWN}realm\n")
    shared(terminal, "realm=r")  # for devices of all makers


def test_an_import_says_it_by_maker(terminal: Terminal) -> None:
    rows = (
        "mac,user_name,password,registrar,set:syslog_server,set:vlan_id,set:dect_code\n"
        f"{MAC},1001,{MARK},pbx,10.0.0.1,20,\n"
        f"805ec0000002,1002,{MARK},pbx,,20,{MARK}\n"
        f"001fc1000001,1003,{MARK},pbx,,20,{MARK}\n"
    )

    dry = terminal.run("device", "import", "-", "--tenant", "acme", "--dry-run", stdin=rows)
    done = terminal.run("device", "import", "-", "--tenant", "acme", "--json", stdin=rows)

    assert dry.err == (
        f"htek: without effect, not supported by this maker: dect_code\n{UNKNOWN}dect_code, syslog_server\n"
    )
    assert (done.code, done.err) == (0, dry.err)
    assert done.json["unsupported_settings"] == {"htek": ["dect_code"], "yealink": ["dect_code", "syslog_server"]}
