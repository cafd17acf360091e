"""`retention …`, `key …`, `db …`: what an operator looks after."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from provserver.clock import SystemClock
from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_changes import MAC, add, revealed, show

DAY_MS = 86_400_000
NEVER = "2020-01-01T00:00:00Z"
LATER = "2999-01-01"


def deliver(terminal: Terminal, *, delete_after_ms: int) -> None:
    """As if the phone had been served: its clock runs until then."""
    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    state.execute("UPDATE credential SET first_delivered_at = 1, released_at = 1, delete_after = ?", (delete_after_ms,))
    state.commit()
    state.close()


def test_the_status_counts_credentials_and_names_the_next(terminal: Terminal) -> None:
    empty = terminal.do("retention", "status", "--json").json
    add(terminal)
    held = terminal.do("retention", "status", "--json").json
    deliver(terminal, delete_after_ms=SystemClock().wall_ms() + DAY_MS)
    running = terminal.do("retention", "status", "--json").json

    assert empty == {
        "held": 0, "running": 0, "overdue": 0, "deleted": 0, "oldest_overdue_seconds": 0.0, "clock": None,
        "next": None,
    }  # fmt: skip
    assert (held["held"], held["running"], held["next"]) == (1, 0, None)
    assert (running["held"], running["running"], running["overdue"]) == (1, 1, 0)
    assert (running["next"]["mac"], running["next"]["field"]) == (MAC, "line.1.password")


def test_the_status_for_people_has_the_same(terminal: Terminal) -> None:
    add(terminal)
    deliver(terminal, delete_after_ms=SystemClock().wall_ms() - DAY_MS)

    lines = dict(line.rsplit("  ", 1) for line in terminal.do("retention", "status").out.splitlines())

    assert {name.strip(): value.strip() for name, value in lines.items()}["overdue"] == "1"
    assert float(next(value for name, value in lines.items() if name.startswith("oldest"))) > 86_000


def test_a_dry_run_lists_what_is_due_and_leaves_it(terminal: Terminal) -> None:
    add(terminal)
    deliver(terminal, delete_after_ms=SystemClock().wall_ms() + DAY_MS)

    now = terminal.do("retention", "run", "--dry-run", "--json").json
    later = terminal.do("retention", "run", "--dry-run", "--json", "--at", LATER).json
    table = terminal.do("retention", "run", "--dry-run", "--at", LATER).out

    assert now == []
    assert [(due["mac"], due["field"]) for due in later] == [(MAC, "line.1.password")]
    assert table.splitlines()[1].split()[1:] == [MAC, "line.1.password"]
    assert show(terminal)["credentials"]["held"]
    assert MARK in revealed(terminal)


def test_a_run_deletes_what_is_due(terminal: Terminal) -> None:
    add(terminal)
    deliver(terminal, delete_after_ms=SystemClock().wall_ms() + DAY_MS)

    early = terminal.do("retention", "run", "--at", NEVER)
    late = terminal.do("retention", "run", "--at", LATER)
    again = terminal.do("retention", "run", "--at", LATER, "--json")

    credentials = show(terminal)["credentials"]
    assert early.out == "deleted 0 credentials\n"
    assert late.out == "deleted 1 credential\n"
    assert again.json == {"deleted": 0}
    assert not credentials["held"]
    assert credentials["deleted_at"]


@pytest.mark.parametrize("moment", ["tomorrow", "2026-13-01", "", "2026-02-30"])
def test_a_time_that_is_none_is_refused(terminal: Terminal, moment: str) -> None:
    complaint = terminal.run("retention", "run", "--at", moment).complaint

    assert complaint == f"at: {moment!r} is not a time such as 2026-12-24T18:00:00Z"


def test_a_rotated_key_wraps_everything_and_secrets_stay_readable(terminal: Terminal) -> None:
    add(terminal)

    rotated = terminal.do("key", "rotate", "--json").json
    keys = terminal.do("key", "list", "--json").json
    table = terminal.do("key", "list").out

    assert rotated == {"generation": 2, "data_keys": 1}
    assert [(key["generation"], key["state"], key["data_keys"]) for key in keys] == [
        (1, "retired", 0),
        (2, "in use", 1),
    ]
    assert table.splitlines()[2].startswith("2 ")
    assert MARK in revealed(terminal)
    assert terminal.do("key", "rotate").out == "generation 3 wraps 1 data key\n"


def test_no_key_is_ever_printed(terminal: Terminal) -> None:
    terminal.do("key", "rotate")
    terminal.do("key", "list")
    keys = [file.read_text().split()[3] for file in (terminal.folder / "data" / "keys").iterdir()]

    assert len(keys) == 3
    assert not any(key in said.out + said.err for said in terminal.said for key in keys)


def test_a_key_that_is_another_one_than_before_is_refused_by_name(terminal: Terminal) -> None:
    directory = terminal.folder / "data" / "keys"
    (file,) = directory.glob("kek-*.key")
    other = other_key(terminal, file.name)
    file.unlink()
    other.rename(file)

    for command in (("key", "list"), ("key", "rotate"), ("db", "check"), ("serve",)):
        assert terminal.run(*command).complaint.startswith(f"key file data/keys/{file.name}: ")


def other_key(terminal: Terminal, name: str) -> Path:
    """The key of another data directory."""
    terminal.patch.setenv("PROVSERVER_DATA__DIRECTORY", "elsewhere")
    terminal.do("init")
    terminal.patch.delenv("PROVSERVER_DATA__DIRECTORY")
    return terminal.folder / "elsewhere" / "keys" / name


def test_databases_are_of_this_version(terminal: Terminal) -> None:
    said = terminal.do("db", "upgrade", "--json")

    assert set(said.json) == {"state", "requests", "keystore"}
    assert "state is at version " in terminal.do("db", "upgrade").out


def test_a_database_of_another_version_is_refused_until_it_is_upgraded(terminal: Terminal) -> None:
    """An empty one stands for an old one."""
    file = terminal.folder / "data" / "requests.sqlite3"
    file.unlink()

    before = terminal.run("tenant", "list").complaint
    terminal.do("db", "upgrade")

    assert before.endswith("requests.sqlite3 is of another version than this program; run: provserver db upgrade")
    assert terminal.do("tenant", "list").code == 0


def test_a_clock_that_has_leapt_is_said_and_can_be_confirmed(terminal: Terminal) -> None:
    """The store was last written to a year ago, on another start of the machine."""
    add(terminal)
    year_ago_ms = SystemClock().wall_ms() - 365 * DAY_MS
    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    state.execute(
        "UPDATE credential SET created_at = 1, first_delivered_at = 1, delete_after = ?", (year_ago_ms + DAY_MS,)
    )
    state.execute("INSERT OR REPLACE INTO meta VALUES ('steady_time', ?)", (str(year_ago_ms),))
    state.execute("DELETE FROM meta WHERE name = 'seen'")
    state.commit()
    state.close()

    doubted = terminal.do("retention", "status", "--json").json
    terminal.do("retention", "believe-clock")
    believed = terminal.do("retention", "status", "--json").json

    ahead = "the machine's clock is 8760.0 h ahead of the time that has passed; deletion waits"
    assert (doubted["clock"], doubted["overdue"]) == (ahead, 0)
    assert (believed["clock"], believed["overdue"]) == (None, 1)
    again = terminal.run("retention", "believe-clock").complaint
    assert again == "the machine's clock is believed already"


def test_a_sound_directory_is_called_sound(terminal: Terminal) -> None:
    add(terminal)

    assert terminal.do("db", "check").out == "files, audit trail and keys are sound\n"
    assert terminal.do("db", "check", "--json").json == {"sound": True, "problems": []}


def test_what_is_not_sound_is_listed(terminal: Terminal) -> None:
    add(terminal)
    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    state.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1")
    state.execute("UPDATE credential SET tenant_id = 'another'")
    state.commit()
    state.close()

    said = terminal.run("db", "check")
    as_json = terminal.run("db", "check", "--json")

    *problems, summary = said.err.splitlines()
    assert said.code == as_json.code == 1
    assert problems[0] == "audit trail: entry 1 does not follow from the one before"
    assert problems[1].startswith("line.1.password of device:")
    assert summary == "2 problems"
    assert as_json.json == {"sound": False, "problems": problems}
