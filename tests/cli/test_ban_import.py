"""`ban import`: lists of others become decisions, under the name of the list."""

from __future__ import annotations

import json

import pytest

from tests.cli.terminal import Terminal


def banned(terminal: Terminal) -> list[tuple[str, str, str]]:
    return [(one["value"], one["origin"], one["reason"]) for one in terminal.do("ban", "list", "--json").json]


def test_a_list_replaces_what_it_brought_before_and_nothing_else(terminal: Terminal) -> None:
    terminal.do("ban", "add", "203.0.113.1")
    terminal.do("ban", "import", terminal.write("other", "198.51.100.1\n"), "--name", "drop2")
    terminal.do("ban", "import", terminal.write("old", "192.0.2.1\n192.0.2.2\n"), "--name", "drop")
    entry = {"value": "2001:db8::1", "scope": "Ip", "type": "ban", "duration": "4h", "scenario": "ssh-bf"}

    said = terminal.do("ban", "import", terminal.write("new", json.dumps([entry])), "--name", "drop")

    assert said.out == "1 banned, 2 of before ended, 0 problems\n"
    assert banned(terminal) == [
        ("203.0.113.1", "operator", "by hand"),
        ("198.51.100.1", "import", "drop2"),
        ("2001:db8::/64", "import", "drop ssh-bf"),
    ]


def test_bad_lines_are_named_and_the_others_are_taken(terminal: Terminal) -> None:
    said = terminal.run("ban", "import", "-", "--name", "drop", "--for", "1h", stdin="192.0.2.1\nnothing\n")

    assert said.code == 0
    assert said.err == "line 2: 'nothing' is no address or network\n"
    assert [value for value, _, _ in banned(terminal)] == ["192.0.2.1"]


def test_a_list_without_anything_to_use_changes_nothing(terminal: Terminal) -> None:
    terminal.do("ban", "import", terminal.write("good", "192.0.2.1\n"), "--name", "drop")

    said = terminal.run("ban", "import", terminal.write("bad", "<html>not found</html>\n"), "--name", "drop")

    assert said.code == 1
    assert "line 1: " in said.err
    assert [value for value, _, _ in banned(terminal)] == ["192.0.2.1"]


def test_networks_that_nothing_is_decided_about_are_not_banned(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVSERVER_MONITOR__ALLOW", "192.0.2.0/24")

    said = terminal.run("ban", "import", "-", "--name", "drop", stdin="192.0.0.0/16\n198.51.100.1\n")

    assert said.err == "192.0.0.0/16: in monitor.allow\n"
    assert [value for value, _, _ in banned(terminal)] == ["198.51.100.1"]


def test_an_empty_list_ends_what_was_on_it(terminal: Terminal) -> None:
    terminal.do("ban", "import", terminal.write("full", "192.0.2.1\n"), "--name", "drop")

    said = terminal.do("ban", "import", terminal.write("empty", "# nobody today\n"), "--name", "drop")

    assert said.out == "0 banned, 1 of before ended, 0 problems\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("missing", "--name", "x"), "file: cannot read missing: No such file or directory"),
        (("-", "--name", "a b"), "name: 'a b' is not 1 to 32 letters"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(terminal: Terminal, arguments: tuple[str, ...], complaint: str) -> None:
    said = terminal.run("ban", "import", *arguments, stdin="192.0.2.1\n")

    assert said.code == 1
    assert said.err.startswith(complaint)
    assert banned(terminal) == []
