"""`device qr`: the first visit as a QR code. What the code says is compared module by module, as a camera sees it."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import segno

from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_release import token_is_nowhere
from tests.cli.test_device_views import actions

ID = "02aabbccddee"
URL = "https://prov.example.net"
BORDER, PIXELS = 4, 8

Modules = list[list[bool]]  # by row; dark ones are True


@pytest.fixture
def softphone(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and a Linphone whose bootstrap URL nobody has used."""
    monkeypatch.setenv("PROVSERVER_PHONE__URL", URL)
    add(terminal, "linphone")
    return terminal


def add(terminal: Terminal, vendor: str, mac: str = ID) -> None:
    terminal.do("device", "add", "--tenant", "acme", "--vendor", vendor, "--mac", mac, "--line", "1001@pbx", stdin=MARK)


def of_text(text: str) -> Modules:
    return [[bool(module) for module in row] for row in segno.make_qr(text, error="m").matrix]


def without_border(rows: Sequence[Sequence[bool]]) -> Modules:
    assert not any(module for row in (*rows[:BORDER], *rows[-BORDER:]) for module in row)
    assert not any(module for row in rows for module in (*row[:BORDER], *row[-BORDER:]))
    return [list(row[BORDER:-BORDER]) for row in rows[BORDER:-BORDER]]


def printed(out: str) -> Modules:
    """Two rows of modules a line: light is printed, so that it is light on a dark terminal."""
    halves = {" ": (True, True), "▀": (False, True), "▄": (True, False), "█": (False, False)}
    rows: Modules = []
    for line in out.splitlines():
        pairs = [halves[character] for character in line]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    return without_border(rows[: len(rows[0])])


def painted(png: bytes) -> Modules:
    """Read a grey PNG of one bit a pixel, whose rows are plain or differences to the one above (filters 0 and 2)."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert png[24:26] == b"\x01\x00"
    packed, at = b"", 8
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        packed += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    content, stride = zlib.decompress(packed), (width + 7) // 8
    rows = [bytes(stride)]
    for at in range(0, height * (stride + 1), stride + 1):
        how, row = content[at], content[at + 1 : at + 1 + stride]
        assert how in (0, 2)
        rows.append(bytes((byte + above * (how == 2)) & 0xFF for byte, above in zip(row, rows[-1], strict=True)))
    middle = range(PIXELS // 2, width, PIXELS)
    return without_border([[not rows[1 + y][x // 8] >> (7 - x % 8) & 1 for x in middle] for y in middle])


def shown_url(terminal: Terminal, mac: str = ID) -> str:
    """The bootstrap URL as it is after arming anew."""
    return terminal.do("device", "arm", mac, "--show-url").out.splitlines()[1]


def test_a_linphone_scans_the_url_of_its_own_file(softphone: Terminal) -> None:
    url = shown_url(softphone)
    before = actions(softphone).count("token.revealed")

    said = softphone.do("device", "qr", ID)

    assert printed(said.out) == of_text(f"{url}{ID}.xml")
    assert actions(softphone).count("token.revealed") == before + 1
    assert token_is_nowhere(softphone, url.split("/")[3])


def test_an_acrobits_app_scans_a_link_of_its_own_scheme(softphone: Terminal) -> None:
    add(softphone, "acrobits", "02aabbccddef")
    url = shown_url(softphone, "02aabbccddef")

    said = softphone.do("device", "qr", "02aabbccddef")

    assert printed(said.out) == of_text(f"provlinkbs://{url.removeprefix('https://')}02aabbccddef-account.xml")


def test_a_code_is_painted_into_a_file_of_the_owners_own(softphone: Terminal) -> None:
    file = softphone.folder / "code.png"
    url = shown_url(softphone)

    said = softphone.do("device", "qr", ID, "--output", str(file))

    assert said.out == f"wrote {file}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert painted(file.read_bytes()) == of_text(f"{url}{ID}.xml")


def test_a_code_is_drawn_into_a_file(softphone: Terminal) -> None:
    file = softphone.folder / "code.SVG"
    url = shown_url(softphone)

    softphone.do("device", "qr", ID, "--output", str(file))

    drawing = segno.make_qr(f"{url}{ID}.xml", error="m").svg_inline(scale=PIXELS, border=BORDER)
    (path,) = ET.fromstring(file.read_bytes())  # noqa: S314 - it was written here
    assert path.get("d") == re.findall(r' d="([^"]+)"', drawing)[0]


@pytest.mark.parametrize("name", ["code.jpg", "code", "there.png", "nowhere/code.png"])
def test_a_file_that_cannot_be_is_refused_before_anything_is_shown(softphone: Terminal, name: str) -> None:
    there = softphone.write("there.png", b"mine")

    said = softphone.run("device", "qr", ID, "--output", str(softphone.folder / name))

    assert said.code == 2
    assert Path(there).read_bytes() == b"mine"
    assert "token.revealed" not in actions(softphone)


def test_a_device_that_scans_none_is_said_so(softphone: Terminal) -> None:
    add(softphone, "counterpath", "02aabbccddef")
    softphone.do("device", "add", "--tenant", "acme", "--mac", "805ec0000001")

    bria = softphone.run("device", "qr", "02aabbccddef").complaint
    phone = softphone.run("device", "qr", "805ec0000001").complaint
    nobody = softphone.run("device", "qr", "02aabbccddf0").complaint

    assert bria == "CounterPath (Bria) devices scan no QR code that is known here"
    assert phone == "Yealink devices scan no QR code that is known here"
    assert "02:aa:bb:cc:dd:f0" in nobody
    assert "token.revealed" not in actions(softphone)


def test_a_url_that_has_been_used_up_is_not_shown(softphone: Terminal) -> None:
    state = sqlite3.connect(softphone.folder / "data" / "state.sqlite3")
    with state:  # as the first request under the lasting URL leaves it
        state.execute("UPDATE device SET bootstrap_token = NULL, lasting_used_at = 1")
    state.close()

    complaint = softphone.run("device", "qr", ID).complaint

    assert complaint == "device 02:aa:bb:cc:dd:ee has used its lasting URL, and the one for its first visit is gone"
    assert "token.revealed" not in actions(softphone)


def test_a_scheme_that_means_https_is_not_used_for_http(terminal: Terminal) -> None:
    add(terminal, "acrobits")

    complaint = terminal.run("device", "qr", ID).complaint

    assert complaint == "phone.url: is no https URL, and provlinkbs:// means one"
    assert "token.revealed" not in actions(terminal)
