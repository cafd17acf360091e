"""`device import|add|set|delete`: devices come, change and go; secrets never through an argument."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.terminal import MARK, Terminal

MAC = "805ec0000001"
HEADER = "mac,user_name,password,registrar"
LINE_BREAK = "holds a line break or control character, which would change the structure of the file"
ROW = f"80:5e:c0:00:00:01,1001,{MARK}-1,pbx.example.com"


def show(terminal: Terminal, mac: str = MAC) -> Any:  # noqa: ANN401 - an object of the contract
    return terminal.do("device", "show", mac, "--json").json


def add(terminal: Terminal, *arguments: str, mac: str = MAC, secrets: str = f"{MARK}\n") -> None:
    line = ("--line", "1001@pbx.example.com") if secrets else ()
    terminal.do("device", "add", "--tenant", "acme", "--mac", mac, "--model", "T54W", *line, *arguments, stdin=secrets)


def revealed(terminal: Terminal, mac: str = MAC) -> str:
    return terminal.do("device", "render", mac, f"{mac}.cfg", "--reveal", may_reveal=True).out


def test_a_file_is_imported(terminal: Terminal) -> None:
    file = terminal.write("devices.csv", "\r\n".join((HEADER, ROW, f"805ec0000002,1002,{MARK}-2,pbx.example.com")))

    said = terminal.do("device", "import", file, "--tenant", "acme")
    again = terminal.do("device", "import", file, "--tenant", "acme", "--json")

    assert said.out == "imported 2 lines: 2 new devices, 0 changed\n"
    assert again.json == {
        "dry_run": False, "new": 0, "changed": 2, "lines": 2, "left_out": 0,
        "unsupported_settings": {}, "generated": [],
    }  # fmt: skip
    assert show(terminal)["lines"][0]["user_name"] == "1001"
    assert f"account.1.password = {MARK}-1" in revealed(terminal)


def test_a_file_may_come_from_stdin_and_as_excel_writes_it(terminal: Terminal) -> None:
    content = f"{HEADER};vendor\r\n;1001;{MARK};pbx.example.com;linphone\r\n".replace(",", ";").encode("utf-8-sig")

    said = terminal.do("device", "import", "-", "--tenant", "acme", "--json", stdin=content)

    (generated,) = said.json["generated"]
    assert generated["row"] == 2
    assert show(terminal, generated["mac"])["vendor"] == "linphone"


def test_a_dry_run_changes_nothing(terminal: Terminal) -> None:
    said = terminal.do("device", "import", "-", "--tenant", "acme", "--dry-run", stdin=f"{HEADER}\n{ROW}\n")

    assert said.out == "would import 1 lines: 1 new devices, 0 changed\n"
    assert terminal.do("device", "search", "--json").json == []


def test_an_import_without_arming_waits(terminal: Terminal) -> None:
    terminal.do("device", "import", "-", "--tenant", "acme", "--no-arm", stdin=f"{HEADER}\n{ROW}\n")

    assert show(terminal)["state"] == "waiting"


@pytest.mark.parametrize(
    ("content", "complaints"),
    [
        ("", ["row 1: has no column names"]),
        (ROW, ["row 1: holds no column names; mac, user_name, password, registrar must be there"]),
        (f"mac,user_name,registrar\n{ROW}", ["row 1, column password: is missing"]),
        (f"{HEADER},colour\n{ROW}", ["row 1, column colour: is not known; settings are named set:<setting>"]),
        (
            f"{HEADER},line\n{ROW},0\n{ROW},1\nnonsense,,{MARK},?,x",
            [
                "row 2, column line: is not a whole number from 1 to 250",
                "row 4, column line: is not a whole number from 1 to 250",
                "row 4, column mac: is not a MAC address",
                "row 4, column registrar: is not a host name or address",
                "row 4, column user_name: is empty or has characters that a SIP URI cannot carry",
            ],
        ),
        (f"{HEADER},model,line\n{ROW},T31P,3", ["row 2, column line: 3 is more than the 2 lines of a T31P"]),
        (f"{HEADER},port\n{ROW},99999", ["row 2, column port: is not a whole number from 1 to 65535"]),
        (f"{HEADER},set:vlan_id\n{ROW},x", ["row 2, column set:vlan_id: is not a whole number from 1 to 4094"]),
        (f"{HEADER},set:colour\n{ROW},x", ["row 1, column set:colour: is not a known setting"]),
        (f'{HEADER}\n80:5e:c0:00:00:01,1001,"{MARK}\n{MARK}",pbx', [
            f"row 2, column password: {LINE_BREAK}",
        ]),
        (f"{HEADER}\n{MARK},1001,{MARK},{MARK}/", [
            "row 2, column mac: is not a MAC address",
            "row 2, column registrar: is not a host name or address",
        ]),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_row_by_row(terminal: Terminal, content: str, complaints: list[str]) -> None:
    """With the number of problems as the last line, and nothing imported."""
    said = terminal.run("device", "import", "-", "--tenant", "acme", stdin=content)

    *rows, summary = said.err.splitlines()
    assert said.code == 1
    assert said.out == ""
    assert rows == complaints
    assert summary == f"{len(rows)} problem{'s' if len(rows) > 1 else ''}, nothing was imported"
    assert terminal.do("device", "search", "--json").json == []


def test_a_mac_of_another_tenant_is_refused_without_telling_whose_it_is(terminal: Terminal) -> None:
    terminal.do("device", "import", "-", "--tenant", "rival", stdin=f"{HEADER}\n{ROW}\n")

    said = terminal.run("device", "import", "-", "--tenant", "acme", stdin=f"{HEADER}\n{ROW}\n")

    assert said.err.splitlines()[0] == "row 2, column mac: belongs to another tenant"
    assert "rival" not in said.err
    assert show(terminal)["tenant"] == "rival"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere.csv", "--tenant", "acme"), "file: cannot read nowhere.csv: No such file or directory"),
        (("-", "--tenant", "nobody"), "no tenant 'nobody'"),
    ],
)
def test_an_import_that_cannot_begin_is_one_line(
    terminal: Terminal, arguments: tuple[str, ...], complaint: str
) -> None:
    assert terminal.run("device", "import", *arguments, stdin=f"{HEADER}\n{ROW}\n").complaint == complaint


def test_a_disk_that_is_full_is_one_line_and_nothing_is_imported(terminal: Terminal) -> None:
    """A limit on the size of files stands for the disk; 600 blocks are 300 or 600 kB, 5,000 devices take more."""
    rows = [f"805ec0{number:06x},{number},{MARK}-{number},pbx" for number in range(1, 5_001)]
    terminal.write("devices.csv", "\n".join((HEADER, *rows)))
    command = 'ulimit -f 600; exec "$0" -m provserver device import devices.csv --tenant acme'

    done = subprocess.run(
        ["sh", "-c", command, sys.executable], cwd=terminal.folder, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no room left to write to the data directory; nothing was changed\n"
    assert terminal.do("device", "search", "--json").json == []
    assert terminal.do("db", "check").code == 0


def test_an_import_for_nobody_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.run("device", "import", "-").code == 2


def test_a_device_is_added_with_its_lines_settings_and_secrets(terminal: Terminal) -> None:
    said = terminal.do(
        "device", "add", "--tenant", "acme", "--mac", "80-5E-C0-00-00-01", "--model", "sip-t54w",
        "--line", "1001@pbx.example.com:5061;transport=tls", "--line", "1002@pbx.example.com",
        "line.1.display_name=Doe, John & Co", "vlan_id=20", "description=Desk", "site=London",
        "--secret", "admin_password", stdin=f"{MARK}-1\n{MARK}-2\n{MARK}-3\n",
    )  # fmt: skip

    device, artefact = show(terminal), revealed(terminal)
    assert said.out.startswith(f"added {MAC} (yealink T54W), armed until ")
    assert (device["description"], device["site"], device["settings"]) == ("Desk", "London", {"vlan_id": "20"})
    assert [line["user_name"] for line in device["lines"]] == ["1001", "1002"]
    assert device["lines"][0]["display_name"] == "Doe, John & Co"
    assert device["lines"][0]["registrar"] == {"host": "pbx.example.com", "port": 5061, "transport": "tls"}
    assert f"account.1.password = {MARK}-1\n" in artefact
    assert f"account.2.password = {MARK}-2\n" in artefact
    assert f"admin:{MARK}-3\n" in artefact


def test_a_softphone_is_added_without_a_mac(terminal: Terminal) -> None:
    said = terminal.do(
        "device", "add", "--tenant", "acme", "--vendor", "linphone", "--line", "1001@pbx", "--no-arm", "--json",
        stdin=f"{MARK}\n",
    )  # fmt: skip

    assert said.json["vendor"] == "linphone"
    assert said.json["armed_until"] is None
    assert show(terminal, said.json["mac"])["state"] == "waiting"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--mac", MAC), f"device {MAC[:2]}:5e:c0:00:00:01 exists already"),
        (("--mac", "805ec0"), "mac: '805ec0' is not a MAC address"),
        (("--mac", "ac1203000001"), "vendor: is needed: the maker of ac:12:03:00:00:01 is not known"),
        (("--mac", "805ec0000002", "--vendor", "colour"), "vendor: 'colour' is not one of "),
        ((), "vendor: is needed where there is no MAC"),
        (("--mac", "805ec0000002", "--line", "1001"), "line: '1001' is not of the form USER@REGISTRAR"),
        (("--mac", "805ec0000002", "--line", "a b@pbx"), "user_name: is empty or has characters"),
        (("--mac", "805ec0000002", "--line", "1@a b"), "registrar: 'a b' is not a host name or address"),
        (("--mac", "805ec0000002", "--line", "1@a:0"), "port: 0 is not between 1 and 65535"),
        (("--mac", "805ec0000002", "--line", "1@pbx"), "line.1.password: is missing: one line for each secret"),
        (("--mac", "805ec0000002", "colour=red"), "colour: is not a known setting"),
        (("--mac", "805ec0000002", f"line.1.password={MARK}"), "line.1.password: is a secret"),
        (("--mac", "805ec0000002", "--secret", "admin_password"), "admin_password: is missing"),
        (("--mac", "805ec0000002", "--tenant", "nobody"), "no tenant 'nobody'"),
    ],
)
def test_a_device_that_cannot_be_is_not_added(terminal: Terminal, arguments: tuple[str, ...], complaint: str) -> None:
    add(terminal)

    assert terminal.run("device", "add", "--tenant", "acme", *arguments).complaint.startswith(complaint)
    assert len(terminal.do("device", "search", "--json").json) == 1


def test_the_device_of_another_tenant_is_not_added_again(terminal: Terminal) -> None:
    add(terminal)

    complaint = terminal.run("device", "add", "--tenant", "rival", "--mac", MAC).complaint

    assert complaint == "mac 80:5e:c0:00:00:01 belongs to another tenant"


def test_fields_settings_and_secrets_are_set(terminal: Terminal) -> None:
    add(terminal)

    terminal.do("device", "set", MAC, "vlan_id=20", "line.1.label=Desk", "description=Reception", "model=T46U")
    terminal.do("device", "set", MAC, "--secret", "line.1.password", stdin=f"{MARK}-new\n")
    terminal.do("device", "set", MAC, "vlan_id=")

    device = show(terminal)
    assert (device["model"], device["description"], device["settings"]) == ("T46U", "Reception", {})
    assert device["lines"][0]["label"] == "Desk"
    assert f"account.1.password = {MARK}-new\n" in revealed(terminal)


def test_a_line_is_added_with_its_password(terminal: Terminal) -> None:
    add(terminal)
    secrets = terminal.write("secrets", f"{MARK}-2\n")

    terminal.do(
        "device", "set", MAC, "line.2.user_name=1002", "line.2.registrar=pbx", "--secret", "line.2.password",
        "--password-file", secrets,
    )  # fmt: skip
    both = show(terminal)["secrets"]
    terminal.do("device", "set", MAC, "line.2=")

    assert both == ["line.1.password", "line.2.password"]
    assert show(terminal)["secrets"] == ["line.1.password"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("805ec0ffffff", "vlan_id=1"), "no device '80:5e:c0:ff:ff:ff'"),
        (("nonsense", "vlan_id=1"), "mac: 'nonsense' is not a MAC address"),
        ((MAC, "colour=red"), "colour: is not a known setting"),
        ((MAC, f"admin_password={MARK}"), "admin_password: is a secret"),
        ((MAC, f"line.1.password={MARK}"), "line.1.password: is a secret"),
        ((MAC, "line.17.user_name=1", "line.17.registrar=a"), "line: 17 is more than the 16 lines of a T54W"),
        ((MAC, "key.99=dnd"), "key.99: 99 is more than a T54W has (27)"),
        ((MAC, "timezone=Europe/Atlantis"), "timezone: 'Europe/Atlantis' is not a time zone"),
        ((MAC, "line.1.label=a\nb"), "line.1.label: holds a line break or control character"),
        ((MAC, "--secret", "line.9.password"), "line.9.password: is missing"),
        ((MAC, "--secret", "line.1.password", "--password-file", "nowhere"), "password-file: cannot read nowhere"),
    ],
)
def test_a_change_that_cannot_be_is_refused(terminal: Terminal, arguments: tuple[str, ...], complaint: str) -> None:
    add(terminal)
    before = show(terminal)

    assert terminal.run("device", "set", *arguments).complaint.startswith(complaint)
    assert show(terminal) == before


@pytest.mark.parametrize("secret", [f" {MARK}", f"{MARK}\x07", f"{MARK}" * 400, "%NULL%"])
def test_a_password_that_no_file_can_carry_is_refused_unquoted(terminal: Terminal, secret: str) -> None:
    add(terminal)

    said = terminal.run("device", "set", MAC, "--secret", "line.1.password", stdin=f"{secret}\n")

    assert said.complaint.startswith("password: ")


def test_nothing_to_set_is_wrong_usage(terminal: Terminal) -> None:
    add(terminal)

    assert terminal.run("device", "set", MAC).code == 2


def test_a_deleted_device_is_gone_and_may_come_again(terminal: Terminal) -> None:
    add(terminal)

    said = terminal.do("device", "delete", MAC)

    assert said.out == "deleted 80:5e:c0:00:00:01\n"
    assert terminal.run("device", "show", MAC).complaint == "no device '80:5e:c0:00:00:01'"
    assert terminal.run("device", "delete", MAC).complaint == "no device '80:5e:c0:00:00:01'"
    add(terminal)


def test_on_a_terminal_a_password_is_typed_twice_and_not_shown(terminal: Terminal) -> None:
    add(terminal)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "provserver", "device", "set", MAC, "--secret", "line.1.password"]

    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=terminal.folder, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = b""
        for asked in (b"line.1.password: ", b"Repeat for confirmation: "):
            while not seen.endswith(asked):
                seen += os.read(ours, 1)
            os.write(ours, f"{MARK}-typed\n".encode())
        while True:
            try:
                piece = os.read(ours, 1024)
            except OSError:  # how Linux says that the other side has closed
                break
            if not piece:
                break
            seen += piece
        code = process.wait(timeout=30)
    os.close(ours)

    assert code == 0, seen
    assert MARK.encode() not in seen
    assert f"account.1.password = {MARK}-typed\n" in revealed(terminal)


def test_the_account_list_of_a_3cx_is_imported(terminal: Terminal) -> None:
    rows = (
        "Number,FirstName,LastName,AuthID,AuthPassword,PIN,MAC_0",
        f"101,Anna,Zott,aB3,{MARK}-1,{MARK}-2,805ec0000001",
        f"102,Ben,Zott,cD4,{MARK}-3,{MARK}-4,",
    )
    file = terminal.write("extensions.csv", "\ufeff" + "\r\n".join(rows))
    way = ("--format", "3cx", "--registrar", "acme.3cx.example", "--transport", "tls", "--outbound-proxy", "10.0.0.5")

    said = terminal.do("device", "import", file, "--tenant", "acme", *way)

    assert said.out.splitlines() == [
        "imported 1 lines: 1 new devices, 0 changed",
        "left out: 1 accounts without the MAC of a phone",
    ]
    line = show(terminal)["lines"][0]
    assert (line["user_name"], line["auth_name"], line["voicemail"]) == ("101", "aB3", "999")
    assert line["registrar"] == {"host": "acme.3cx.example", "port": 5061, "transport": "tls"}
    assert line["outbound_proxy"] == {"host": "10.0.0.5", "port": 5060, "transport": "tls"}
    assert f"account.1.password = {MARK}-1" in revealed(terminal)


def test_a_3cx_that_is_not_named_is_one_line(terminal: Terminal) -> None:
    said = terminal.run("device", "import", "-", "--tenant", "acme", "--format", "3cx", stdin=f"{HEADER}\n{ROW}\n")

    assert said.complaint == "registrar: is needed; a 3CX's list does not say where the 3CX is"


def test_a_preset_fills_in_the_lines_of_a_new_device(terminal: Terminal) -> None:
    add(terminal, "--pbx", "3cx", "line.1.auth_name=aB3")

    line = show(terminal)["lines"][0]

    assert (line["auth_name"], line["voicemail"], line["registrar"]["port"]) == ("aB3", "999", 5060)


def test_a_preset_without_a_line_is_wrong_usage(terminal: Terminal) -> None:
    said = terminal.run("device", "add", "--tenant", "acme", "--mac", MAC, "--pbx", "3cx")

    assert said.code == 2
    assert "--pbx needs a line" in said.err


def test_a_preset_fills_in_lines_that_are_given_field_by_field(terminal: Terminal) -> None:
    add(terminal, "--pbx", "sark", "line.2.user_name=102", "line.2.registrar=pbx.example.com")

    assert [line["voicemail"] for line in show(terminal)["lines"]] == ["*50*", "*50*"]


def test_a_preset_fills_in_a_line_that_is_changed_and_leaves_what_the_device_has(terminal: Terminal) -> None:
    add(terminal, "codecs=g722")

    terminal.do("device", "set", MAC, "line.1.pbx=sark")

    device = show(terminal)
    assert (device["lines"][0]["voicemail"], device["lines"][0]["registrar"]["port"]) == ("*50*", 5060)
    assert device["settings"] == {"codecs": "g722", "registrar_kind": "asterisk"}


@pytest.mark.parametrize(
    ("assignment", "complaint"),
    [
        ("line.1.pbx=3cx", "line.1.auth_name: is empty; 3CX authenticates by another name than the user name"),
        ("line.1.pbx=other", "line.1.pbx: 'other' is not one of 3cx, sark"),
    ],
)
def test_a_preset_that_does_not_fit_changes_nothing(terminal: Terminal, assignment: str, complaint: str) -> None:
    add(terminal)
    before = show(terminal)

    assert terminal.run("device", "set", MAC, assignment).complaint == complaint

    assert show(terminal) == before


def test_presets_are_listed_with_how_sure_they_are(bare: Terminal) -> None:
    table = bare.do("pbx", "list").out.splitlines()
    three_cx, sark = bare.do("pbx", "list", "--json").json

    assert table[0].split() == ["pbx", "what", "value", "sure", "source"]
    assert [row.split()[2:4] for row in table if row.startswith("3cx   voicemail")] == [["999", "L"]]
    assert (three_cx["pbx"], sark["pbx"]) == ("3cx", "sark")
    assert (sark["facts"][0]["what"], sark["facts"][0]["value"]) == ("auth name", "user_name")
