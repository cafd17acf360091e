"""`asset` and `phonebook` as a person uses them: bad input gets one clear line and changes nothing."""

from __future__ import annotations

import hashlib

import pytest

from tests.cli.terminal import Said, Terminal

CONTENT = b"firmware of a phone"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
BOOK = "name,work\nAnn,1001\n"


def add(terminal: Terminal, *more: str, sha256: str = SHA256, name: str = "T54W.rom") -> Said:
    file = terminal.write(name, CONTENT)
    what = ("--vendor", "yealink", "--kind", "firmware", "--version", "96.86")
    return terminal.run("asset", "add", file, *what, "--sha256", sha256, *more)


def test_a_file_is_added_listed_pinned_and_removed(terminal: Terminal) -> None:
    assert add(terminal).out.startswith("added T54W.rom, 19 bytes, at http://127.0.0.1:8080/assets/")
    (row,) = terminal.do("asset", "list", "--json").json
    assert (row["name"], row["version"], row["sha256"], row["tenant"]) == ("T54W.rom", "96.86", SHA256, None)
    assert "T54W.rom" in terminal.do("asset", "list", "--vendor", "yealink").out

    what = ("--vendor", "yealink", "--kind", "firmware")
    said = terminal.do("asset", "pin", *what, "--version", "96.86", "--for-tenant", "acme", "--percent", "25")
    assert said.out == "pinned firmware 96.86 of yealink, 25 %\n"
    (pin,) = terminal.do("asset", "pins", "--json").json
    assert (pin["for"], pin["percent"], pin["file"], pin["before"]) == ("tenant acme", 25, "T54W.rom", None)
    assert "tenant acme" in terminal.do("asset", "pins").out
    refusal = terminal.run("asset", "remove", row["id"])
    assert refusal.complaint == "version 96.86 of yealink is pinned for devices"

    terminal.do("asset", "unpin", *what, "--for-tenant", "acme")
    assert terminal.do("asset", "remove", row["id"]).out == "removed T54W.rom\n"
    assert terminal.do("asset", "list", "--json").json == []


def test_a_wrong_checksum_is_one_line_and_nothing_is_kept(terminal: Terminal) -> None:
    said = add(terminal, sha256="0" * 64)

    assert said.complaint == f"sha256: the file's is {SHA256}"
    assert terminal.do("asset", "list", "--json").json == []
    assert not [path for path in (terminal.folder / "data" / "assets").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--tenant", "nobody"), "no tenant 'nobody'"),
        (("--name", "../x"), "name: is not a file's name: letters, digits and any of . _ ( ) + -, 127 at most"),
        (("--sha256", "12"), "sha256: is not 64 hex digits"),
    ],
)
def test_what_cannot_be_added_is_said_in_one_line(
    terminal: Terminal, arguments: tuple[str, str], complaint: str
) -> None:
    assert add(terminal, *arguments).complaint == complaint


def test_whom_something_is_pinned_for_has_to_make_sense(terminal: Terminal) -> None:
    add(terminal)
    pin = ("asset", "pin", "--vendor", "yealink", "--kind", "firmware", "--version", "96.86")

    assert terminal.run(*pin, "--for-site", "HQ").complaint == "tenant: is needed to say whose site or model it is"
    both = terminal.run(*pin, "--for-tenant", "acme", "--for-site", "HQ", "--for-device", "805ec0aabbcc")
    assert both.complaint == "target: site, model and device exclude each other"
    assert terminal.run(*pin, "--for-device", "805ec0aabbcc").complaint == "no device '80:5e:c0:aa:bb:cc'"
    assert terminal.run(*pin, "--percent", "101").code == 2


def test_a_phone_book_is_imported_shown_exported_and_removed(terminal: Terminal) -> None:
    of = ("--tenant", "acme", "--site", "HQ")
    file = terminal.write("book.csv", BOOK)

    assert terminal.do("phonebook", "import", file, *of).out == "imported 1 entry\n"
    assert terminal.do("phonebook", "list", "--json").json == [{"tenant": "acme", "site": "HQ", "entries": 1}]
    assert "acme" in terminal.do("phonebook", "list", "--tenant", "acme").out
    assert "1001 (work)" in terminal.do("phonebook", "show", *of).out
    shown = terminal.do("phonebook", "show", *of, "--json").json
    assert shown == [{"name": "Ann", "group": "", "numbers": [["work", "1001"]]}]
    exported = terminal.do("phonebook", "export", *of).out
    assert exported == "name,group,work\r\nAnn,,1001\r\n"
    assert terminal.do("phonebook", "import", "-", "--tenant", "rival", stdin=exported).out == "imported 1 entry\n"
    assert terminal.do("phonebook", "remove", *of).out == "removed 1 entry\n"
    assert terminal.run("phonebook", "export", *of).complaint == "no phone book of 'HQ'"


def test_bad_rows_are_all_named_and_nothing_is_imported(terminal: Terminal) -> None:
    file = terminal.write("book.csv", "name,work\nAnn,12<\n,1\n")

    said = terminal.run("phonebook", "import", file, "--tenant", "acme")

    assert said.code == 1
    assert said.err.splitlines() == [
        "row 2, column work: is not a number that a phone could dial",
        "row 3, column name: is empty",
        "2 problems, nothing was imported",
    ]
    assert terminal.do("phonebook", "list", "--json").json == []
