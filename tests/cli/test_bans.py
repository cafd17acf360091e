"""`ban …`, `alert list` and `monitor replay`: people see what is in force, undo it, and try other numbers."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_device_changes import MAC, add
from tests.networks import write

ADDRESS = "192.0.2.7"


def line(second: float, mac: str, *, address: str = ADDRESS, proof: str | None = None) -> str:
    """A line of the log: an unknown MAC, or with *proof* a phone that was served."""
    whole = int(second)
    stamp = f"2026-11-20T10:{whole // 60:02d}:{whole % 60:02d}.{int(second * 1000) % 1000:03d}Z"
    return json.dumps(
        {
            "timestamp": stamp,
            "level": "info",
            "event": "request.answered",
            "outcome": "served" if proof else "refused",
            "reason": None if proof else "unknown_device",
            "status": 200 if proof else 404,
            "method": "GET",
            "path": f"/{mac}.cfg",
            "mac": mac,
            "vendor": "yealink",
            "proof": proof,
            "address": address,
            "user_agent": "",
            "size_bytes": 0,
            "duration_us": 5000,
        }
    )


def walk(count: int = 40) -> list[str]:
    return [line(n * 0.2, f"805ec0{n * 0x1001:06x}") for n in range(count)]


def test_bans_are_added_listed_and_removed(terminal: Terminal) -> None:
    added = terminal.do("ban", "add", "192.0.2.0/24", "--for", "12h", "--reason", "scanner")
    terminal.do("ban", "add", "80:5e:c0:12:3", "--measure", "refuse")

    (first, second) = terminal.do("ban", "list", "--json").json
    table = terminal.do("ban", "list").out.splitlines()
    ended = terminal.do("ban", "remove", "192.0.2.9/24").out

    assert added.out.startswith("ban: 192.0.2.0/24 until ")
    assert (first["scope"], first["value"], first["reason"], first["origin"]) == (
        "prefix", "192.0.2.0/24", "scanner", "operator",
    )  # fmt: skip
    assert (second["scope"], second["value"], second["measure"], second["until"]) == (
        "block",
        "805ec0123",
        "refuse",
        None,
    )
    assert len(table) == 3
    assert ended == "ended: ban of 192.0.2.0/24\n"
    assert len(terminal.do("ban", "list", "--json").json) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "example.com"), "target: 'example.com' is no address, network, or 6 or 9 digits of MACs"),
        (("add", "0.0.0.0/0"), "target: '0.0.0.0/0' is wider than /8"),
        (("add", "805ec0"), "measure: ban cannot be done to MACs, only refuse"),
        (("add", ADDRESS, "--measure", "lock"), "measure: lock is for devices: `device lock`"),
        (("add", ADDRESS, "--measure", "rotate"), "measure: rotate is for devices: `device rotate`"),
        (("remove", ADDRESS), "no decision about '192.0.2.7'"),
        (("list", "--tenant", "nobody"), "no tenant 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    terminal: Terminal, arguments: tuple[str, ...], complaint: str
) -> None:
    assert terminal.run("ban", *arguments).complaint == complaint
    assert terminal.do("ban", "list", "--json").json == []


def test_a_time_that_is_none_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.run("ban", "add", ADDRESS, "--for", "soon").code == 2


def test_without_alerts_there_is_nothing_to_list(terminal: Terminal) -> None:
    assert terminal.do("alert", "list", "--json").json == []
    assert terminal.do("alert", "list").out.split() == [
        "at",
        "detector",
        "confidence",
        "scope",
        "value",
        "count",
        "such",
        "as",
    ]


def test_a_log_is_replayed_without_a_data_directory(bare: Terminal) -> None:
    log = bare.write("yesterday.jsonl", "\n".join([*walk(), "no JSON", '{"event": "server.started"}', "[1]"]) + "\n")

    found = bare.do("monitor", "replay", log, "--json").json
    said = bare.do("monitor", "replay", log).out

    assert (found["read"], found["skipped"]) == (40, 3)
    assert [(d["reason"], d["value"], d["measure"]) for d in found["decisions"]] == [("unknown-macs", ADDRESS, "ban")]
    assert found["shut_out"] == 40 - 11
    assert (
        "40 requests read, 3 other lines; 2 alerts, 1 decisions; 29 requests shut out, 0 of them with a proof" in said
    )


def test_a_replay_knows_whose_networks_they_are(bare: Terminal) -> None:
    """Forty networks of one system, a MAC of another maker each; and a file that cannot be read is said."""
    record = {"autonomous_system_number": 64500}
    write(bare.folder / "asn.mmdb", {"198.18.0.0/16": record})
    lines = [line(n, f"{0x805EC0100000 + n * 0x1000000:012x}", address=f"198.18.{n}.7") for n in range(40)]
    for name in ("asn", "gone"):
        bare.write(f"{name}.toml", f'[whereabouts]\nasn = "{name}.mmdb"\n')

    knowing = bare.do("monitor", "replay", "-", "--json", "--config", "asn.toml", stdin="\n".join(lines)).json
    ignorant = bare.run("monitor", "replay", "-", "--json", "--config", "gone.toml", stdin="\n".join(lines))

    found = [(a["detector"], a["scope"], a["value"]) for a in knowing["alerts"] if a["detector"] == "system-pressure"]
    assert found == [("system-pressure", "system", "AS64500")]
    assert ignorant.err == "whereabouts.asn gone.mmdb: No such file or directory\n"
    assert all(alert["detector"] != "system-pressure" for alert in ignorant.json["alerts"])


def test_a_replay_knows_the_canaries_of_the_settings_and_says_what_it_cannot_see(bare: Terminal) -> None:
    bare.write("traps.toml", '[monitor]\ncanaries = ["80:5e:c0:00:00:00", "a-token-that-is-no-mac-24ch"]\n')
    lines = "\n".join(walk()[:1])

    found = bare.do("monitor", "replay", "-", "--json", "--config", "traps.toml", stdin=lines).json
    said = bare.do("monitor", "replay", "-", stdin=lines).out

    assert [alert["detector"] for alert in found["alerts"]] == ["canary"]
    assert {"tls-differs", "tenant-pressure", "guessed-login", "two-networks"} <= set(found["unseen"])
    assert not {"unknown-macs", "breach", "canary", "junk"} & set(found["unseen"])
    assert f"Not seen in a log: {', '.join(found['unseen'])}." in said


def test_other_numbers_can_be_tried_on_a_log(bare: Terminal) -> None:
    log = "\n".join(walk())
    numbers = bare.write(
        "numbers.toml", "[unknown-macs]\nfast = { capacity = 99, leak_s = 9 }\nslow = { capacity = 99, leak_s = 9 }\n"
    )

    found = bare.do("monitor", "replay", "-", "--detectors", numbers, "--json", stdin=log).json

    assert found["decisions"] == []


def test_a_replay_says_how_many_phones_a_ban_would_have_hit(bare: Terminal) -> None:
    phones = [line(60 + n, f"0004f2{n:06x}", proof="lasting_token") for n in range(5)]

    found = bare.do("monitor", "replay", "-", "--json", stdin="\n".join([*walk(), *phones])).json

    assert found["served"] == 5


@pytest.mark.parametrize(
    ("numbers", "complaint"),
    [
        ("[nobody]\n", "detector 'nobody': there is none of this name"),
        ("[unknown-macs]\ncolour = 1\n", "detector 'unknown-macs': no field 'colour'"),
        ("[unknown-macs\n", "detectors "),
    ],
)
def test_numbers_that_make_no_sense_are_refused_in_one_line(bare: Terminal, numbers: str, complaint: str) -> None:
    file = bare.write("numbers.toml", numbers)

    assert bare.run("monitor", "replay", "-", "--detectors", file).complaint.startswith(complaint)


def test_a_log_that_is_not_there_is_said(bare: Terminal) -> None:
    assert bare.run("monitor", "replay", "gone.jsonl").complaint == (
        "file: cannot read gone.jsonl: No such file or directory"
    )


def limited(terminal: Terminal, *, origin: str = "monitor") -> int:
    """The office where the device was last seen is limited, as a server has written it down; the decision's id."""
    add(terminal)
    data = terminal.folder / "data"
    with sqlite3.connect(data / "state.sqlite3") as state:
        (device_id,) = state.execute("SELECT id FROM device WHERE mac = ?", (MAC,)).fetchone()
        columns = "at, scope, value, measure, reason, origin, times, simulated, evidence"
        evidence = '{"count": 11, "known": 1, "since": 0}'
        made = state.execute(
            f"INSERT INTO decision ({columns}) VALUES (1, 'address', ?, 'ban', 'unknown-macs', ?, 1, 0, ?)",  # noqa: S608 - our own words
            (ADDRESS, origin, evidence),
        ).lastrowid
    with sqlite3.connect(data / "requests.sqlite3") as requests:
        requests.execute("INSERT INTO last_seen VALUES (?, 1, ?, '', NULL)", (device_id, ADDRESS))
    assert made is not None
    return made


def test_a_tenant_sees_why_its_office_is_limited_and_lifts_that_once(terminal: Terminal) -> None:
    decision = str(limited(terminal))
    terminal.do("tenant", "add", "neighbour")

    (shown,) = terminal.do("ban", "list", "--tenant", "acme", "--json").json
    assert (str(shown["id"]), shown["reason"], shown["evidence"]["count"]) == (decision, "unknown-macs", 11)
    assert MAC not in terminal.do("ban", "list", "--tenant", "acme").out
    assert terminal.do("ban", "list", "--tenant", "neighbour", "--json").json == []
    assert terminal.run("ban", "lift", decision, "--tenant", "neighbour").code == 1

    assert terminal.do("ban", "lift", decision, "--tenant", "acme").out == f"ended: ban of {ADDRESS}\n"
    assert terminal.do("ban", "list", "--json").json == []
    again = limited_again(terminal)
    assert "was ended once already" in terminal.run("ban", "lift", again, "--tenant", "acme").complaint


def limited_again(terminal: Terminal) -> str:
    with sqlite3.connect(terminal.folder / "data" / "state.sqlite3") as state:
        columns = "scope, value, measure, reason, origin, times, simulated, evidence"
        made = state.execute(f"INSERT INTO decision (at, {columns}) SELECT 2, {columns} FROM decision").lastrowid  # noqa: S608 - our own words
    return str(made)


def test_what_a_person_has_decided_is_not_a_tenants_to_lift(terminal: Terminal) -> None:
    decision = str(limited(terminal, origin="operator"))

    assert "was not made by the monitor" in terminal.run("ban", "lift", decision, "--tenant", "acme").complaint
