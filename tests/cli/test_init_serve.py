"""`init` makes a data directory once, with a demo that can be tried; `serve` runs on it, one at a time."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.terminal import Terminal

START_S = 60  # a slow machine, and nothing compiled yet
DEMO = ("000413de0002", "02de00de0004", "64167fde0003", "805ec0de0001")


def ports(terminal: Terminal) -> tuple[int, int]:
    """Let the configuration name two ports that are free."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        phone, ops = one.getsockname()[1], other.getsockname()[1]
    terminal.write("settings.toml", f"[phone]\nport = {phone}\nurl = 'http://127.0.0.1:{phone}'\n[ops]\nport = {ops}\n")
    return phone, ops


@contextmanager
def serving(terminal: Terminal) -> Iterator[subprocess.Popen[str]]:
    """The server as a process of its own, in the terminal's folder; ended by Ctrl-C, and cleanly."""
    command = [sys.executable, "-m", "provserver", "serve", "--config", "settings.toml"]
    with subprocess.Popen(
        command, cwd=terminal.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert "server.started" in line, line + process.stderr.read()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            said, complaint = process.communicate(timeout=START_S)
        assert (process.returncode, complaint) == (0, "")
        assert "server.stopped" in said


def test_a_data_directory_is_made_once(bare: Terminal) -> None:
    first = bare.do("init").out
    keys = {file.name: file.read_bytes() for file in (bare.folder / "data" / "keys").iterdir()}
    second = bare.do("init").out

    assert [line.split(" in ")[0] for line in first.splitlines()] == [
        "made key-encryption key",
        "made token key",
        "made databases",
    ]
    assert second == "data is there already: same data, same keys\n"
    assert {file.name: file.read_bytes() for file in (bare.folder / "data" / "keys").iterdir()} == keys


def test_what_is_made_is_nobody_elses_to_read(bare: Terminal) -> None:
    bare.do("init")

    for file in [bare.folder / "data", *(bare.folder / "data").rglob("*")]:
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    for key in (bare.folder / "data" / "keys").iterdir():
        assert stat.S_IMODE(key.stat().st_mode) == 0o400


def test_a_directory_that_cannot_be_made_is_one_line(bare: Terminal) -> None:
    bare.write("data", "a file where the directory belongs")

    assert bare.run("init").complaint == "data directory data: File exists"


def test_the_demo_has_one_device_of_each_maker_and_is_made_once(bare: Terminal) -> None:
    first = bare.do("init", "--demo").out
    second = bare.do("init", "--demo").out

    devices = bare.do("device", "search", "--json").json
    assert [device["mac"] for device in devices] == list(DEMO)
    assert {device["vendor"] for device in devices} == {"snom", "linphone", "polycom", "yealink"}
    assert {device["state"] for device in devices} == {"armed"}
    assert "made tenant 'demo' with 4 devices" in first
    assert "there are tenants already: starting on the same data" in second
    assert bare.do("device", "show", DEMO[3], "--json").json["unsupported_settings"] == []


def test_the_demo_has_passwords_of_its_own(bare: Terminal) -> None:
    """A default password in a published program is everybody's password."""
    found = []
    for folder in ("one", "two"):
        bare.patch.setenv("PROVSERVER_DATA__DIRECTORY", folder)
        bare.do("init", "--demo")
        artefact = bare.do("device", "render", DEMO[3], f"{DEMO[3]}.cfg", "--reveal").out
        found += re.findall(r"password = (\S+)", artefact)

    assert len(found) >= 4
    assert len(set(found)) == len(found)


def test_a_directory_with_tenants_gets_no_demo(terminal: Terminal) -> None:
    said = terminal.do("init", "--demo").out

    assert "there are tenants already" in said
    assert terminal.do("device", "search", "--json").json == []


def test_the_hints_work_when_they_are_pasted(bare: Terminal) -> None:
    """Each with exit code 0, and what a hint promises is there."""
    ports(bare)
    hints = bare.do("init", "--demo", "--config", "settings.toml").out
    commands = [line.strip() for line in hints.splitlines() if line.startswith("  ") and not line.startswith("  #")]

    with serving(bare):
        said = [run_hint(command, bare.folder) for command in commands]

    assert [command.split()[0] for command in commands].count("curl") == 3
    booted, stranger, shown, log, simulated, metrics = said
    assert "account.1.password = " in booted
    assert " 404" in stranger
    assert re.search(r"first delivered at +20", shown)
    assert "delivered" in log
    assert "password held" in simulated
    assert "provserver_requests_total" in metrics


def run_hint(command: str, folder: Path) -> str:
    """What a pasted command prints; curl is played, it need not be installed."""
    words = shlex.split(command)
    if words[0] == "curl":
        return fetch(words[-1], agent=words[words.index("-A") + 1] if "-A" in words else "curl/8")
    start = next(position for position, word in enumerate(words) if word.endswith("provserver"))
    done = subprocess.run(
        [sys.executable, "-m", "provserver", *words[start + 1 :]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout


def fetch(url: str, *, agent: str) -> str:
    request = urllib.request.Request(url, headers={"User-Agent": agent})  # noqa: S310 - a hint's own address
    try:
        with urllib.request.urlopen(request, timeout=START_S) as answer:  # noqa: S310
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return f"HTTP/1.1 {error.code}"


def test_a_second_server_on_the_same_data_is_refused(bare: Terminal) -> None:
    ports(bare)
    with serving(bare) as first:
        second = bare.run("serve", "--config", "settings.toml")

    assert second.complaint == f"data: another server (process {first.pid}) works on this data directory"


def test_a_server_starts_again_on_the_same_data(bare: Terminal) -> None:
    ports(bare)
    with serving(bare):
        bare.do("tenant", "add", "kept")
    with serving(bare):
        tenants = bare.do("tenant", "list", "--json").json

    assert [tenant["name"] for tenant in tenants] == ["kept"]


def test_a_port_that_is_taken_is_one_line(bare: Terminal) -> None:
    phone, _ = ports(bare)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", phone))
        taken.listen()

        complaint = bare.run("serve", "--config", "settings.toml").complaint

    assert complaint.startswith(f"cannot listen on 127.0.0.1 port {phone}: ")


def test_a_key_that_others_can_read_is_refused(terminal: Terminal) -> None:
    (key,) = (terminal.folder / "data" / "keys").glob("kek-*.key")
    key.chmod(0o444)

    assert terminal.run("serve").complaint.startswith(f"key file data/keys/{key.name}: ")
