"""A value comes out of a file as it went in, or does not go in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.artefact import TextFormat
from provserver.domain.formats import APPLICATION_XML, KEY_VALUE, XML, check_fits, escape_key_value, escape_xml
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.slot import SecretSlot
from provserver.domain.text import text_problem
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

ANY = st.text(alphabet=st.characters(), max_size=40)  # surrogates and control characters too
AWKWARD = st.text(alphabet="&<>\"'=;# \n\t\x00]!-a", max_size=12)


def written(escape: Callable[[str], str], value: str) -> str | None:
    """*value* as it stands in a file; None where it is refused, which is for what no file can carry only."""
    problem = text_problem(value)
    if problem is None:
        return escape(value)
    with pytest.raises(ValueError, match=problem):
        escape(value)
    return None


@given(ANY | AWKWARD)
def test_an_escaped_text_is_read_back_by_an_xml_parser_in_text_and_attribute(value: str) -> None:
    escaped = written(escape_xml, value)
    if escaped is None:
        return
    for quote in "\"'":
        element = ET.fromstring(f"<a b={quote}{escaped}{quote}><c>{escaped}</c><d/></a>")  # noqa: S314
        assert element.attrib == {"b": value}
        assert [child.tag for child in element] == ["c", "d"]
        assert (element[0].text or "") == value


@given(ANY | AWKWARD)
def test_a_value_fits_on_its_line_or_is_refused(value: str) -> None:
    text = written(escape_key_value, value)
    if text is None:
        return
    name, _, read = f"account.1.label = {text}".partition(" = ")
    assert (name, read) == ("account.1.label", value)
    assert len(f"account.1.label = {text}".splitlines()) == 1


@pytest.mark.parametrize("escape", [escape_xml, escape_key_value])
@pytest.mark.parametrize("value", ["a\nb", "a\r", "\x00", "a\u2028b", " Anna", "%NULL%", "x" * 2049, "\ud800"])
def test_what_breaks_a_file_is_refused_without_being_quoted(escape: Callable[[str], str], value: str) -> None:
    with pytest.raises(ValueError, match=r"^(holds|begins|is) ") as refused:
        escape(value)

    assert value not in str(refused.value)


def test_the_five_characters_are_escaped_everywhere() -> None:
    assert escape_xml("""a&b<c>d"e'f""") == "a&amp;b&lt;c&gt;d&quot;e&apos;f"
    assert escape_xml("]]>") == "]]&gt;"


def test_formats_say_their_content_type() -> None:
    assert XML.content_type == "text/xml; charset=utf-8"
    assert APPLICATION_XML.content_type == "application/xml; charset=utf-8"
    assert KEY_VALUE.content_type == "text/plain; charset=utf-8"
    assert {form.charset for form in (XML, APPLICATION_XML, KEY_VALUE)} == {"utf-8"}


def _refuse_stars(value: str) -> str:
    if "*" in value:
        raise ValueError("holds a star")
    return value


STARLESS = TextFormat(name="starless", content_type="text/plain", escape=_refuse_stars)
LINE = Line(number=1, user_name="1001", registrar=Endpoint(host="pbx.example.com"))


@pytest.mark.parametrize(
    ("view", "field"),
    [
        (DeviceView(mac=MacAddress("805ec0aabbcc"), settings={"ldap.base": "a*b"}), "ldap.base"),
        (DeviceView(mac=MacAddress("805ec0aabbcc"), raw={"x": "a*b"}), "raw.x"),
        (DeviceView(mac=MacAddress("805ec0aabbcc"), lines=(replace(LINE, voicemail="*97"),)), "voicemail"),
    ],
)
def test_a_text_that_a_format_cannot_carry_is_named_and_not_quoted(view: DeviceView, field: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_fits(view, STARLESS)

    assert (caught.value.field, caught.value.problem) == (field, "holds a star")


def test_everything_else_fits_and_so_does_what_is_not_known_yet() -> None:
    view = DeviceView(
        mac=MacAddress("805ec0aabbcc"),
        lines=(LINE,),
        settings={"vlan_id": 20, "ldap.password": SecretSlot("setting.*")},
        raw={"y": SecretSlot("*")},
    )

    check_fits(view, STARLESS)
