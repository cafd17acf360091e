"""`ban export`: who is banned, in forms that other programs read."""

from __future__ import annotations

import json

from tests.cli.terminal import Terminal


def test_bans_in_force_are_exported(terminal: Terminal) -> None:
    terminal.do("ban", "add", "192.0.2.0/24", "--for", "12h", "--reason", "scanner")
    terminal.do("ban", "add", "192.0.2.7")
    terminal.do("ban", "add", "198.51.100.1", "--measure", "refuse")
    terminal.do("ban", "add", "198.51.100.2")
    terminal.do("ban", "remove", "198.51.100.2")

    plain = terminal.do("ban", "export", "--format", "plain").out
    script = terminal.do("ban", "export", "--format", "nft").out
    entries = json.loads(terminal.do("ban", "export", "--format", "crowdsec").out)

    assert plain == "192.0.2.0/24\n192.0.2.7\n"
    assert "192.0.2.7," in script
    assert "198.51.100" not in script
    assert [(entry["value"], entry["reason"]) for entry in entries] == [
        ("192.0.2.0/24", "provserver/scanner"),
        ("192.0.2.7", "provserver/by hand"),
    ]


def test_a_form_that_nobody_reads_is_refused(terminal: Terminal) -> None:
    said = terminal.run("ban", "export", "--format", "iptables")

    assert said.code == 2
    assert "iptables" in said.err
