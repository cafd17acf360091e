"""`monitor canary …` and `monitor sip-log`: traps are set, and a registrar's log says who has walked into one."""

from __future__ import annotations

import re
import sqlite3

from tests.cli.terminal import Terminal
from tests.cli.test_device_changes import MAC, add, revealed

TRAP = "805ec0aabbcd"


def line(account: str, address: str) -> str:
    return (
        f"[Nov 26 08:00:00] NOTICE[1] chan_sip.c: Registration from '<sip:{account}@pbx.example.com>' failed for "
        f"'{address}:5060' - Wrong password\n"
    )


def test_a_canary_is_added_watched_and_removed(terminal: Terminal) -> None:
    add(terminal)

    assert terminal.do("monitor", "canary", "add", TRAP, "--like", MAC).out == f"{TRAP} is a canary\n"
    assert terminal.do("monitor", "canary", "list").out == f"{TRAP}\n"
    assert terminal.do("monitor", "canary", "list", "--json").json == [TRAP]
    account = re.search(r"account\.1\.user_name = (\S+)", revealed(terminal, TRAP))
    assert account is not None

    said = terminal.do(
        "monitor", "sip-log", "-", stdin=line("1001", "192.0.2.1") + line(account[1], "198.51.100.7") + "other\n"
    )

    assert said.out == f"canary {account[1]} tried from 198.51.100.7\n"
    with sqlite3.connect(terminal.folder / "data" / "state.sqlite3") as state:
        assert state.execute("SELECT word, address, account FROM report").fetchall() == [
            ("canary_account", "198.51.100.7", account[1])
        ]
    assert terminal.do("monitor", "canary", "remove", TRAP).out == f"removed {TRAP}\n"
    assert terminal.do("monitor", "canary", "list", "--json").json == []
    assert terminal.run("monitor", "canary", "remove", MAC).complaint == "no canary '80:5e:c0:00:00:01'"


def test_another_servers_lines_are_read_by_a_pattern(terminal: Terminal) -> None:
    add(terminal)
    terminal.do("monitor", "canary", "add", TRAP, "--like", MAC)
    account = re.search(r"account\.1\.user_name = (\S+)", revealed(terminal, TRAP))
    assert account is not None
    file = terminal.write("kamailio.log", f"auth of {account[1]} failed, 198.51.100.7\n")

    pattern = r"auth of (?P<account>\S+) failed, (?P<address>\S+)"
    said = terminal.do("monitor", "sip-log", file, "--pattern", pattern)

    assert said.out == f"canary {account[1]} tried from 198.51.100.7\n"
    assert "no regular expression" in terminal.run("monitor", "sip-log", file, "--pattern", "(").complaint
