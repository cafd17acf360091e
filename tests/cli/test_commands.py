"""How every command ends: 0, 1 with one line, 2 with its usage; and what they all take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from provserver import __version__
from provserver.vendors import load_vendors
from tests.cli.terminal import Terminal

COMMANDS = {
    "init", "serve", "device", "tenant", "vendor", "pbx", "asset", "phonebook", "identify", "redirect", "retention",
    "key", "audit", "ban", "alert", "monitor", "db", "dhcp", "pnp", "simulate",
}  # fmt: skip
WITHOUT_DATA = (
    ("init",),
    ("serve",),
    ("identify",),
    ("simulate",),
    ("dhcp",),
    ("pnp",),
    ("vendor", "list"),
    ("pbx", "list"),
)
WORKING = (
    ("tenant", "add", "x"), ("tenant", "list"), ("tenant", "set", "acme", "vlan_id=2"),
    ("device", "import", "-", "--tenant", "acme"), ("device", "add", "--tenant", "acme"),
    ("device", "set", "805ec0000001", "vlan_id=2"), ("device", "show", "805ec0000001"), ("device", "search"),
    ("device", "render", "805ec0000001", "805ec0000001.cfg"), ("device", "diff", "805ec0000001"),
    ("device", "log", "805ec0000001"),
    ("device", "arm", "805ec0000001"), ("device", "lock", "805ec0000001"), ("device", "unlock", "805ec0000001"),
    ("device", "resync", "805ec0000001"), ("device", "delete", "805ec0000001"),
    ("redirect", "status"), ("redirect", "sync"), ("redirect", "withdraw", "805ec0000001"), ("redirect", "check"),
    ("redirect", "portal", "cisco", "--tenant", "acme"),
    ("retention", "status"), ("retention", "run"), ("key", "list"), ("key", "rotate"),
    ("retention", "believe-clock"), ("key", "start-over", "--yes"),
    ("audit", "verify"), ("audit", "anchor"), ("audit", "accept", "--reason", "x"),
    ("db", "upgrade"), ("db", "check"),
)  # fmt: skip


def test_all_commands_are_listed_with_a_line_of_help(bare: Terminal) -> None:
    listed = bare.do("--help").out.partition("Commands:")[2].strip().splitlines()

    assert {line.split()[0] for line in listed if not line.startswith("   ")} == COMMANDS
    assert all(len(line.split()) > 1 for line in listed)


@pytest.mark.parametrize("command", [*((name,) for name in sorted(COMMANDS)), *(one[:2] for one in WORKING)])
def test_every_command_explains_itself(bare: Terminal, command: tuple[str, ...]) -> None:
    said = bare.do(*command, "--help")

    assert said.out.startswith(f"Usage: provserver {' '.join(command)} ")


@pytest.mark.parametrize("command", [*WITHOUT_DATA, *(one[:2] for one in WORKING)])
def test_every_command_takes_a_configuration(bare: Terminal, command: tuple[str, ...]) -> None:
    assert "--config FILE" in bare.do(*command, "--help").out


def test_the_version_is_printed(bare: Terminal) -> None:
    assert bare.do("--version").out == f"{__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("colour",), ("device",), ("device", "colour"), ("tenant", "add")])
def test_wrong_usage_is_2(bare: Terminal, arguments: tuple[str, ...]) -> None:
    said = bare.run(*arguments)

    assert said.code == 2
    assert "Usage: provserver" in said.err


@pytest.mark.parametrize("command", WORKING)
def test_without_a_data_directory_nothing_works_and_nothing_is_made(bare: Terminal, command: tuple[str, ...]) -> None:
    complaint = bare.run(*command).complaint

    assert complaint == "data holds no data yet; run: provserver init"
    assert list(bare.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[phone\n", "configuration settings.toml: "),
        ("[phone]\nport = 70000\n", "configuration settings.toml: phone.port: "),
        ("[phone]\ncolour = 'red'\n", "configuration settings.toml: phone.colour: "),
        ("[colour]\nred = 1\n", "configuration settings.toml: colour: "),
        (b"\xff\xfe\x00", "configuration settings.toml: "),
        (None, "configuration settings.toml: No such file or directory"),
    ],
)
@pytest.mark.parametrize("command", [("init",), ("serve",), ("tenant", "list")])
def test_a_configuration_that_cannot_be_used_is_one_line(
    bare: Terminal, command: tuple[str, ...], content: str | bytes | None, problem: str
) -> None:
    if content is not None:
        bare.write("settings.toml", content)

    assert bare.run(*command, "--config", "settings.toml").complaint.startswith(problem)
    assert not (bare.folder / "data").exists()


def test_the_configuration_can_be_named_by_the_environment_and_single_settings_overridden(bare: Terminal) -> None:
    bare.write("settings.toml", "[data]\ndirectory = 'elsewhere'\n")
    bare.patch.setenv("PROVSERVER_CONFIG", "settings.toml")
    bare.do("init")
    bare.patch.setenv("PROVSERVER_DATA__DIRECTORY", "nowhere")

    assert (bare.folder / "elsewhere" / "state.sqlite3").exists()
    assert bare.run("tenant", "list").complaint == "nowhere holds no data yet; run: provserver init"


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "provserver", "--version"], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert done.stdout == f"{__version__}\n"


def test_a_reader_that_goes_away_is_no_error_worth_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m provserver vendor list --json | true', sys.executable],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip

    assert "Traceback" not in done.stderr


def test_keys_that_are_gone_are_named_and_nothing_is_made_in_their_place(terminal: Terminal) -> None:
    (terminal.folder / "data" / "keys" / "token.key").unlink()

    assert terminal.run("tenant", "list").complaint.startswith("key file data/keys/token.key: ")
    assert terminal.run("init").complaint.startswith("key file data/keys/token.key: ")
    assert not (terminal.folder / "data" / "keys" / "token.key").exists()


def test_a_damaged_database_is_one_line(terminal: Terminal) -> None:
    file = terminal.folder / "data" / "state.sqlite3"
    file.write_bytes(b"not a database at all" * 1000)

    assert "damaged" in terminal.run("db", "check").complaint


def test_makers_are_listed_with_what_makes_their_phones_ask_again(bare: Terminal) -> None:
    rows = bare.do("vendor", "list").out.splitlines()

    assert rows[0].split()[-2:] == ["resync", "origin"]
    assert [row.split()[0] for row in rows[1:]] == [vendor.slug for vendor in load_vendors()]
    assert [row.removesuffix("built in").split()[-1] for row in rows[1:]] == [
        vendor.notify.resync or "-" for vendor in load_vendors()
    ]
