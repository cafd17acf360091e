"""What issue 2 lists as bad input: each is refused in one clear line that says where, and nothing is half-written."""

from __future__ import annotations

import sqlite3

import pytest

from provserver.storage import sqlite
from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_changes import HEADER, LINE_BREAK, ROW, add
from tests.local.folder import write_maker

TABLES = ("device", "line", "setting", "credential", "site", "audit")
GOOD = f"805ec0000002,1002,{MARK}-2,pbx.example.com"


def stored(terminal: Terminal) -> dict[str, int]:
    """How many rows of everything there are, data keys too."""
    counts = {}
    for kind, tables in {"state": TABLES, "keystore": ("wrapped_key",)}.items():
        database = sqlite3.connect(terminal.folder / "data" / f"{kind}.sqlite3")
        for table in tables:
            counts[table] = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - a name
        database.close()
    return counts


@pytest.mark.parametrize(
    ("sheet", "problems"),
    [
        ("", ["row 1: has no column names"]),
        (f"mac,user_name\n{ROW}", ["row 1, column password: is missing", "row 1, column registrar: is missing"]),
        (f"{HEADER}\n{GOOD},left over", ["row 2, column 5: has no name in the header, and there is something in it"]),
        (f"{HEADER}\nnot-a-mac,1001,{MARK},pbx.example.com", ["row 2, column mac: is not a MAC address"]),
        (f"{HEADER}\n{GOOD}\n805ec0000003,1003,{MARK},a b", ["row 3, column registrar: is not a host name or address"]),
        (
            f"{HEADER}\n{GOOD}\n805ec0000003,1003,{MARK},b.example:65536",
            ["row 3, column registrar: its port is not between 1 and 65535"],
        ),
        (f"{HEADER},port\n{GOOD},0", ["row 2, column port: is not a whole number from 1 to 65535"]),
        (f"{HEADER},model,line\n{GOOD},T33G,5", ["row 2, column line: 5 is more than the 4 lines of a T33G"]),
        (f"{HEADER},set:colour\n{GOOD},red", ["row 1, column set:colour: is not a known setting"]),
        (f"{HEADER},set:vlan_id\n{GOOD},4095", ["row 2, column set:vlan_id: is not a whole number from 1 to 4094"]),
        (
            f"{HEADER},display_name\n{GOOD},%NULL%",
            ["row 2, column display_name: is a keyword of a maker's file format, not a value"],
        ),
        (
            f'{HEADER},display_name\n{GOOD},"a\nb"',
            [f"row 2, column display_name: {LINE_BREAK}"],
        ),
    ],
)
def test_a_bad_sheet_is_refused_row_by_row_and_nothing_is_imported(
    terminal: Terminal, sheet: str, problems: list[str]
) -> None:
    before = stored(terminal)

    said = terminal.run("device", "import", "-", "--tenant", "acme", stdin=sheet)

    count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [*problems, f"{count}, nothing was imported"]
    assert stored(terminal) == before


def test_a_mac_in_use_by_another_tenant_is_refused_and_he_is_not_named(terminal: Terminal) -> None:
    add(terminal)
    before = stored(terminal)

    said = terminal.run("device", "import", "-", "--tenant", "rival", stdin=f"{HEADER}\n{GOOD}\n{ROW}")
    added = terminal.run("device", "add", "--tenant", "rival", "--mac", "805ec0000001", "--model", "T54W")

    assert said.err.splitlines() == ["row 3, column mac: belongs to another tenant", "1 problem, nothing was imported"]
    assert added.complaint == "mac 80:5e:c0:00:00:01 belongs to another tenant"
    assert stored(terminal) == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--line", "1001@a b"), "registrar: 'a b' is not a host name or address"),
        (("--line", "1001@pbx.example.com:70000"), "port: 70000 is not between 1 and 65535"),
        (("colour=red",), "colour: is not a known setting"),
        (("key.1=blf",), "key.1: 'blf' needs a value, such as 'blf 1002 Reception'"),
        (("vlan_id=x",), "vlan_id: 'x' is not a whole number from 1 to 4094"),
        (("ntp_server=a\nb",), "ntp_server: 'a\\nb' is not a host name or address"),
    ],
)
def test_a_bad_value_is_refused_with_its_field(terminal: Terminal, arguments: tuple[str, ...], complaint: str) -> None:
    before = stored(terminal)

    said = terminal.run(
        "device", "add", "--tenant", "acme", "--mac", "805ec0000001", "--model", "T54W", *arguments, stdin=f"{MARK}\n"
    )

    assert said.complaint == complaint
    assert stored(terminal) == before


def test_a_template_that_does_not_render_is_one_line_before_anything_is_served(terminal: Terminal) -> None:
    """Of an operator's own maker; built-in ones are rendered in every test."""
    terminal.write("settings.toml", "[vendors]\nfolder = 'makers'\n")
    write_maker(terminal.folder / "makers", config_cfg="one\n{{ nothing }}\n")

    complaints = [
        terminal.run(*command, "--config", "settings.toml").complaint for command in (("device", "search"), ("serve",))
    ]

    assert complaints == ["makers/acme/config.cfg.j2:2: 'nothing' is undefined"] * 2


def test_a_full_disk_is_one_line_and_changes_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite says it; a file that may not grow is what a full disk is to it."""
    add(terminal)
    before = stored(terminal)
    database = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.close()
    usual = sqlite.PRAGMAS["state"]
    monkeypatch.setitem(sqlite.PRAGMAS, "state", (*usual, f"PRAGMA max_page_count = {pages}"))
    rows = "\n".join(f"805ec00{number:05x},{number},{MARK},pbx.example.com" for number in range(16, 1_016))

    said = terminal.run("device", "import", "-", "--tenant", "acme", stdin=f"{HEADER}\n{rows}")

    assert said.complaint == "no room left to write to the data directory; nothing was changed"
    assert stored(terminal) == {**before, "wrapped_key": stored(terminal)["wrapped_key"]}
