"""`device arm|lock|unlock|resync`: what a device gets is decided here, and a phone is asked to come."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_changes import MAC, add, show
from tests.cli.test_device_views import actions


def test_an_armed_device_says_until_when(terminal: Terminal) -> None:
    add(terminal, "--no-arm")

    said = terminal.do("device", "arm", MAC, "--days", "2", "--json")
    again = terminal.do("device", "arm", MAC)

    assert set(said.json) == {"mac", "armed_until"}
    assert show(terminal)["state"] == "armed"
    assert again.out == f"{MAC} is armed until {show(terminal)['armed_until']}\n"
    assert said.json["armed_until"] < show(terminal)["armed_until"]  # seven days, as long as nobody says otherwise


def test_the_url_of_the_first_visit_is_shown_only_on_request_and_written_down(terminal: Terminal) -> None:
    add(terminal)
    quiet = terminal.do("device", "arm", MAC).out
    before = actions(terminal).count("token.revealed")

    url = terminal.do("device", "arm", MAC, "--show-url").out.splitlines()[1]
    other = terminal.do("device", "arm", MAC, "--show-url", "--json").json["url"]

    assert "http" not in quiet
    assert before == 0
    assert actions(terminal).count("token.revealed") == 2
    assert url.startswith("http://127.0.0.1:8080/")
    assert len(url.removeprefix("http://127.0.0.1:8080/").removesuffix("/")) == 24
    assert url != other, "arming again makes new tokens"
    assert token_is_nowhere(terminal, url.split("/")[3])


def token_is_nowhere(terminal: Terminal, token: str) -> bool:
    files = [file for file in (terminal.folder / "data").rglob("*") if file.is_file()]
    return bool(files) and not any(token.encode() in file.read_bytes() for file in files)


@pytest.mark.parametrize("days", ["0", "-1", "91", "x"])
def test_a_window_out_of_range_is_wrong_usage(terminal: Terminal, days: str) -> None:
    add(terminal)

    assert terminal.run("device", "arm", MAC, "--days", days).code == 2


def test_a_locked_device_says_why_until_it_is_unlocked(terminal: Terminal) -> None:
    add(terminal)

    terminal.do("device", "lock", MAC, "--reason", "stolen")
    locked = show(terminal)
    shown = terminal.do("device", "show", MAC).out
    terminal.do("device", "unlock", MAC)

    assert (locked["state"], locked["locked"]["reason"]) == ("locked", "stolen")
    assert "stolen" in shown
    assert show(terminal)["state"] == "armed"


@contextmanager
def registrar(answer: str | None) -> Iterator[tuple[int, list[str]]]:
    """A registrar on loopback that answers the first NOTIFY with *answer*; gives its port and what it was sent."""
    seen: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(20)

        def serve() -> None:
            data, address = listener.recvfrom(65_535)
            seen.append(data.decode())
            headers = [
                line for line in seen[0].split("\r\n") if line.split(":")[0] in {"Via", "From", "To", "Call-ID", "CSeq"}
            ]
            if answer:
                lines = [f"SIP/2.0 {answer}", *headers, "Content-Length: 0", "", ""]
                listener.sendto("\r\n".join(lines).encode(), address)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], seen
        thread.join()


def test_a_phone_is_asked_through_the_registrar_of_its_first_line(terminal: Terminal) -> None:
    with registrar("200 OK") as (port, seen):
        add(terminal, f"line.1.registrar=127.0.0.1:{port}")

        said = terminal.do("device", "resync", MAC)

    assert said.out.startswith(f"127.0.0.1:{port} took it: 200 OK; ")
    assert seen[0].startswith(f"NOTIFY sip:1001@127.0.0.1:{port} SIP/2.0\r\n")
    assert "Event: check-sync;reboot=false\r\n" in seen[0]
    assert "device.resync_asked" in actions(terminal)


def test_an_outbound_proxy_comes_first_and_a_restart_is_another_event(terminal: Terminal) -> None:
    with registrar("202 Accepted") as (port, seen):
        add(terminal, f"line.1.outbound_proxy=127.0.0.1:{port}")

        said = terminal.do("device", "resync", MAC, "--reboot", "--json")

    assert said.json == {"outcome": "accepted", "status": 202, "said": "Accepted"}
    assert "Event: check-sync;reboot=true\r\n" in seen[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("404 Not Found", "refused: 404 Not Found"),
        ("489 Bad Event", "unsupported: 489 Bad Event"),
        (None, "no answer: no answer within 4 s"),
    ],
)
def test_a_phone_that_was_not_reached_is_said_so(terminal: Terminal, answer: str | None, said: str) -> None:
    with registrar(answer) as (port, _):
        add(terminal, f"line.1.registrar=127.0.0.1:{port}")

        complaint = terminal.run("device", "resync", MAC).complaint

    assert complaint == f"not asked: 127.0.0.1:{port}: {said}"


def test_a_phone_that_cannot_be_asked_is_not(terminal: Terminal) -> None:
    add(terminal, mac="805ec0000002", secrets="")
    terminal.do(
        "device", "add", "--tenant", "acme", "--vendor", "linphone", "--mac", "02aabbccddee", "--line", "1@pbx",
        stdin=MARK,
    )  # fmt: skip

    without_line = terminal.run("device", "resync", "805ec0000002").complaint
    softphone = terminal.run("device", "resync", "02aabbccddee").complaint
    polycom = terminal.run("device", "resync", "02aabbccddee", "--reboot").complaint

    assert without_line == "device 80:5e:c0:00:00:02 has no line by which it could be reached"
    assert softphone == "Linphone devices know no NOTIFY that makes them ask again"
    assert polycom == "Linphone devices know no NOTIFY that makes them restart"


def test_changes_name_who_made_them(terminal: Terminal) -> None:
    add(terminal)

    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    actors = {row[0] for row in state.execute("SELECT actor FROM audit")}
    state.close()

    assert len(actors) == 1
    assert actors.pop().startswith("cli:")


def test_a_rotated_device_is_locked_and_needs_its_password_again(terminal: Terminal) -> None:
    add(terminal)
    before = terminal.do("device", "arm", MAC, "--show-url", "--json").json["url"]

    said = terminal.do("device", "rotate", MAC, "--reason", "sent to the wrong address").out

    assert said == f"locked {MAC}; its bootstrap URL is a new one, and it needs new passwords\n"
    assert show(terminal)["state"] == "locked"
    assert show(terminal)["locked"]["reason"] == "sent to the wrong address"
    assert [event["kind"] for event in show(terminal)["events"]] == ["needs_password"]
    assert terminal.do("device", "unlock", MAC, "--url", "end").out == f"unlocked {MAC}\n"
    assert show(terminal)["state"] == "needs_password"
    assert terminal.do("device", "arm", MAC, "--show-url", "--json").json["url"] != before
    assert actions(terminal).count("device.rotated") == 1
