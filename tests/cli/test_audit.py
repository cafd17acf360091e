"""`audit …`: an operator and an auditor look at the trail."""

from __future__ import annotations

import sqlite3

from tests.cli.terminal import Terminal
from tests.cli.test_device_changes import add

HASH = "0" * 64


def _cut(terminal: Terminal) -> None:
    """Somebody takes the last entry away, past the program."""
    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    state.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    state.commit()
    state.close()


def test_a_whole_trail_is_called_whole(terminal: Terminal) -> None:
    add(terminal)

    assert terminal.do("audit", "verify").out == "the audit trail is whole\n"
    assert terminal.do("audit", "verify", "--json").json == {"whole": True, "problems": []}


def test_every_command_anchors_what_it_did(terminal: Terminal) -> None:
    """So the very next one notices when the last entry is gone, in one line, until somebody accepts it."""
    add(terminal)
    terminal.do("tenant", "add", "other")  # the first one only said that there is an anchor
    seq = int(terminal.do("audit", "anchor").out.split()[0])
    _cut(terminal)

    complaint = terminal.run("audit", "verify").complaint
    checked = terminal.run("db", "check").err.splitlines()
    terminal.do("audit", "accept", "--reason", "a test")

    assert complaint.startswith(f"audit trail: it ends at entry {seq - 1}, and the anchor of ")
    assert complaint.endswith(f" says that there was an entry {seq}")
    assert checked == [complaint, "1 problem"]
    assert terminal.do("audit", "verify").out == "the audit trail is whole\n"
    refused = terminal.run("audit", "accept", "--reason", "again").complaint
    assert refused == "the audit trail fits its anchor; there is nothing to accept"


def test_anchors_that_an_auditor_kept_are_compared(terminal: Terminal) -> None:
    add(terminal)
    first = terminal.do("audit", "anchor").out
    terminal.do("tenant", "add", "other")
    second = terminal.do("audit", "anchor").out
    file = terminal.folder / "anchors"
    file.write_text(f"{first}\n{second}")

    terminal.do("audit", "verify", "--anchors", str(file))
    file.write_text(f"{first}1 {HASH}\n")
    other = terminal.run("audit", "verify", "--anchors", str(file)).complaint
    piped = terminal.run("audit", "verify", "--anchors", "-", stdin=f"99 {HASH}\n").complaint

    assert other == "audit trail: entry 1 is another than the anchor kept outside says"
    assert piped.endswith("and the anchor kept outside says that there was an entry 99")


def test_what_is_no_anchor_is_refused_with_its_line(terminal: Terminal) -> None:
    add(terminal)
    complaint = terminal.run("audit", "verify", "--anchors", "-", stdin=f"1 {HASH}\nx\n").complaint

    assert complaint == "anchors: line 2 is not a number and a hash of 64 digits"
    assert "cannot read" in terminal.run("audit", "verify", "--anchors", "missing").complaint
