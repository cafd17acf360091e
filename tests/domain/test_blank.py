"""What is left blank can be handed on and written; whoever looks at it is told, and never gets a wrong answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast
from urllib.parse import quote

import pytest

from provserver.domain.blank import Blank, OfTheDevice, left_blank, own_mac, shape_of, spelled
from provserver.domain.evolved import evolved
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.view import DeviceView

LINE = Line(number=1, user_name="1001", display_name="Anna", registrar=Endpoint(host="pbx.example.com"))
VIEW = DeviceView(mac=MacAddress("0a0000000001"), lines=(LINE,))

LOOKS: dict[str, Callable[[str], object]] = {
    "equal": lambda text: text == "1001",
    "equal, the other way": lambda text: "1001" == text,  # noqa: SIM300
    "among others": lambda text: text in ("1", "2"),
    "a part": lambda text: "1" in text,
    "in a table": {"1001": "x"}.get,
    "length": len,
    "order": lambda text: sorted([text, "1"]),
    "one by one": list,
    "sum": lambda text: text + "x",
    "sum, the other way": lambda text: "x" + text,
    "joined": lambda text: str.join(",", [text]),
    "formatted": lambda text: f"sip:{text}",
    "percent": lambda text: "%s" % text,  # noqa: UP031 - rows may do it
    "str": str,
    "repr": repr,
    "number": int,
    "method": lambda text: text.upper(),
    "pattern": lambda text: re.fullmatch(r"\d+", text),
    "quoted": quote,
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_whoever_looks_at_a_text_is_told(look: Callable[[str], object]) -> None:
    with pytest.raises((OfTheDevice, TypeError)):
        look(left_blank(VIEW).lines[0].user_name)


@pytest.mark.parametrize(
    "look", [str, hash, lambda mac: mac == VIEW.mac, lambda mac: mac.oui, lambda mac: mac.is_local]
)
def test_whoever_looks_at_the_mac_is_told(look: Callable[[MacAddress], object]) -> None:
    with pytest.raises(OfTheDevice):
        look(left_blank(VIEW).mac)


def test_a_blank_passes_for_a_text_and_knows_its_own() -> None:
    line = left_blank(VIEW).lines[0]

    assert isinstance(line.shown_label, str)
    assert cast("Blank", line.shown_label).text_of(VIEW) == "Anna"
    assert cast("Blank", line.auth_user).text_of(VIEW) == "1001"
    assert line.label is None


def test_what_a_row_makes_of_a_text_waits_for_the_text() -> None:
    def spell(user: str, line: Line) -> str:
        return f"sip:{user}@{line.registrar.uri_host}"

    line = left_blank(VIEW).lines[0]
    blank = spelled(line.user_name, spell, line)

    assert cast("Blank", blank).text_of(VIEW) == "sip:1001@pbx.example.com"
    assert spelled(LINE.user_name, spell, LINE) == "sip:1001@pbx.example.com"
    with pytest.raises(OfTheDevice):
        spelled(blank, spell, line)


def test_a_text_is_the_same_as_itself_and_may_be_any_other() -> None:
    line = left_blank(evolved(VIEW, lines=(evolved(LINE, auth_name="a"),))).lines[0]

    assert line.shown_name == line.display_name
    with pytest.raises(OfTheDevice):
        assert line.auth_user == line.user_name


@pytest.mark.parametrize(("spelling", "written"), [("value", "0a000000ab01"), ("upper", "0A000000AB01")])
def test_a_mac_may_be_put_into_the_name_of_a_file(spelling: str, written: str) -> None:
    name = f"snom-{getattr(left_blank(VIEW).mac, spelling)}.htm"

    assert own_mac(name, MacAddress("0a000000ab01")) == f"snom-{written}.htm"


def test_the_shape_is_everything_but_the_texts() -> None:
    def shape(**changes: object) -> object:
        return shape_of(evolved(VIEW, lines=(evolved(LINE, **changes),)))

    assert shape() == shape(user_name="2", display_name="Bob")
    for changes in (
        {"number": 2},
        {"registrar": Endpoint(host="other.example.com")},
        {"outbound_proxy": Endpoint(host="other.example.com")},
        {"expires_s": 60},
        {"label": "there is one now"},
        {"display_name": None},
        {"display_name": ""},
    ):
        assert shape() != shape(**changes), changes
