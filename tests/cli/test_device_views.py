"""`device show|search|render|diff|log`: devices are looked at, and secrets are seen only by whoever is written down."""

from __future__ import annotations

import asyncio
import re
import sqlite3

import pytest

from provserver.app import build
from provserver.domain.request import ProvRequest
from provserver.settings import load
from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_changes import MAC, add, show


def test_a_device_is_shown_as_the_contract_says(terminal: Terminal) -> None:
    add(terminal, "site=London", "description=Desk")

    device = show(terminal)

    assert {name: device[name] for name in ("mac", "vendor", "model", "tenant", "site", "state")} == {
        "mac": MAC, "vendor": "yealink", "model": "T54W", "tenant": "acme", "site": "London", "state": "armed",
    }  # fmt: skip
    assert device["lines"][0]["password"] == "held"
    assert device["credentials"] == {
        "held": True, "first_delivered_at": None, "delete_after": None, "deleted_at": None,
    }  # fmt: skip
    assert device["last_seen"] == {"at": None, "address": None, "user_agent": None, "firmware": None}


def test_a_device_is_shown_to_people_line_by_line(terminal: Terminal) -> None:
    add(terminal, "vlan_id=20", "phonebook.1.name=Staff")

    shown = terminal.do("device", "show", "80:5E:C0:00:00:01").out

    assert "mac" in shown.splitlines()[0]
    assert "  registrar  pbx.example.com (udp)\n" in shown
    assert "set vlan_id" in shown


@pytest.mark.parametrize("command", [("show",), ("diff",), ("arm",), ("lock",), ("unlock",), ("resync",), ("delete",)])
@pytest.mark.parametrize(
    ("mac", "complaint"),
    [("805ec0ffffff", "no device '80:5e:c0:ff:ff:ff'"), ("nonsense", "mac: 'nonsense' is not a MAC address")],
)
def test_a_device_that_does_not_exist_is_one_line(
    terminal: Terminal, command: tuple[str, ...], mac: str, complaint: str
) -> None:
    assert terminal.run("device", *command, mac).complaint == complaint


def test_devices_are_found_by_words(terminal: Terminal) -> None:
    add(terminal, "description=Reception", "site=London")
    add(terminal, "description=Workshop", mac="805ec0000002")
    terminal.do("device", "add", "--tenant", "rival", "--mac", "805ec0000003", "description=Reception")

    def found(*arguments: str) -> list[str]:
        return [device["mac"] for device in terminal.do("device", "search", *arguments, "--json").json]

    assert found() == [MAC, "805ec0000002", "805ec0000003"]
    assert found("reception") == [MAC, "805ec0000003"]
    assert found("reception", "london") == [MAC]
    assert found("reception", "--tenant", "rival") == ["805ec0000003"]
    assert found("80:5e:c0:00:00:02") == ["805ec0000002"]
    assert found("nothing") == []


def test_found_devices_are_a_table_that_says_when_there_may_be_more(terminal: Terminal) -> None:
    add(terminal)
    add(terminal, mac="805ec0000002")

    said = terminal.run("device", "search", "--limit", "1")

    assert [line.split()[0] for line in said.out.splitlines()] == ["mac", MAC]
    assert said.err == "there may be more than these 1\n"


def test_a_search_among_the_devices_of_nobody_is_refused(terminal: Terminal) -> None:
    assert terminal.run("device", "search", "--tenant", "nobody").complaint == "no tenant 'nobody'"


def test_a_rendered_file_has_stars_unless_its_secrets_are_asked_for(terminal: Terminal) -> None:
    add(terminal)

    masked = terminal.do("device", "render", MAC, f"{MAC}.cfg").out
    revealed = terminal.do("device", "render", MAC, f"/{MAC}.cfg", "--reveal", may_reveal=True).out

    assert "account.1.password = ********\n" in masked
    assert f"account.1.password = {MARK}\n" in revealed
    assert actions(terminal).count("credential.revealed") == 1


@pytest.mark.parametrize("file", ["nothing.cfg", "805ec0000002.cfg", f"000413{MAC[6:]}.xml", "../keys/token.key", ""])
def test_a_file_that_the_phone_does_not_get_is_refused(terminal: Terminal, file: str) -> None:
    add(terminal)

    assert terminal.run("device", "render", MAC, file).complaint.startswith("no file of a Yealink device called")


def test_the_log_of_a_device_is_empty_before_it_asked(terminal: Terminal) -> None:
    add(terminal)

    assert terminal.do("device", "log", MAC, "--json").json == []
    assert len(terminal.do("device", "log", MAC).out.splitlines()) == 1


def test_requests_are_listed_and_what_strangers_wrote_cannot_move_the_cursor(terminal: Terminal) -> None:
    add(terminal)
    with sqlite3.connect(terminal.folder / "data" / "requests.sqlite3") as log:
        log.execute(
            "INSERT INTO request (at, address, port, method, path, mac, user_agent, outcome, reason, status,"
            " size_bytes, duration_us)"
            " VALUES (1000, '192.0.2.1', 7, 'GET', '/x', ?, ?, 'refused', 'locked', 404, 0, 9)",
            (MAC, "evil\x1b[2J\r\nagent"),
        )
    log.close()

    (row,) = terminal.do("device", "log", MAC, "--json").json
    table = terminal.do("device", "log", MAC).out

    assert (row["at"], row["reason"], row["status"]) == ("1970-01-01T00:00:01Z", "locked", 404)
    assert "\x1b" not in table
    assert len(table.splitlines()) == 2


def actions(terminal: Terminal) -> list[str]:
    """What the audit trail says, oldest first."""
    state = sqlite3.connect(terminal.folder / "data" / "state.sqlite3")
    try:
        return [row[0] for row in state.execute("SELECT action FROM audit ORDER BY seq")]
    finally:
        state.close()


def test_what_would_change_at_a_device_is_shown_with_stars_for_secrets(terminal: Terminal) -> None:
    add(terminal)
    asyncio.run(fetch(f"{MAC}.cfg"))
    same = terminal.do("device", "diff", MAC).out
    terminal.do("device", "set", MAC, "vlan_id=30", "--secret", "line.1.password", stdin=f"{MARK}-another\n")

    shown = terminal.do("device", "diff", MAC, f"{MAC}.cfg").out.splitlines()
    (found,) = terminal.do("device", "diff", MAC, "--json").json

    assert re.fullmatch(rf"{MAC}\.cfg fetched \S+Z: nothing would change\n", same)
    assert re.fullmatch(rf"--- {MAC}\.cfg fetched \S+Z", shown[0])
    assert shown[1] == f"+++ {MAC}.cfg now"
    passwords = [line for line in shown if line[1:].startswith("account.1.password = ")]
    assert [line[0] for line in passwords] == ["-", "+"]
    assert all(re.fullmatch(r".account\.1\.password = \*{8}-[0-9a-f]{8}", line) for line in passwords)
    assert found["lines"] == shown
    assert (found["file"], found["standing"]) == (f"{MAC}.cfg", "changed")


def test_nothing_to_compare_with_is_one_line(terminal: Terminal) -> None:
    add(terminal)

    assert terminal.run("device", "diff", MAC).complaint == "no copy of what was fetched by '80:5e:c0:00:00:01'"


async def fetch(file: str) -> None:
    """Let the phone fetch *file*, as a server on the data directory of this folder would serve it."""
    async with build(load(None)) as services, asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(services.storage.group.run())
        answer = await services.provisioning.answer(ProvRequest(path=f"/{file}", address="192.0.2.10"))
        assert answer.delivery is not None
        await services.deliveries.complete(answer.delivery, file)
        services.copies.note(answer, at_ms=services.context.clock.now_ms())
        await services.copies.flush()
        writer.cancel()
