"""Names in parts become nested elements and come back from them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provserver.domain.parameters import Entry
from provserver.domain.xml_tree import Mark, read_tree, tree_marks
from provserver.errors import InvalidValue


def element(part: str) -> tuple[str, str]:
    return ("item", part) if part.isdecimal() else (part, "")


def part(name: str, attributes: Mapping[str, str]) -> str:
    return attributes.get("id", name)


def test_groups_stand_where_their_first_entry_does() -> None:
    entries = [Entry("a.1.x", "1"), Entry("b", "2"), Entry("a.2", "3"), Entry("a.1.y", "4")]

    assert list(tree_marks(entries, separator=".", element=element)) == [
        Mark("open", "a"),
        Mark("open", "item", "1"),
        Mark("value", "x", "", "1"),
        Mark("value", "y", "", "4"),
        Mark("close", "item"),
        Mark("value", "item", "2", "3"),
        Mark("close", "a"),
        Mark("value", "b", "", "2"),
    ]


@pytest.mark.parametrize("names", [("a", "a.b"), ("a.b", "a"), ("a.b.c", "a.b")])
def test_a_setting_is_no_group(names: tuple[str, str]) -> None:
    with pytest.raises(InvalidValue, match=f"^raw.{names[1]}: "):
        tree_marks([Entry(name, "x") for name in names], separator=".", element=element)


def test_values_come_back_by_their_names() -> None:
    text = '<s>\n<a>\n<item id="1"><x>1&amp;</x><y/></item>\n<item id="2">ä</item>\n</a>\n</s>'

    expected = {"a/1/x": "1&", "a/1/y": "", "a/2": "ä"}
    assert read_tree(text, separator="/", part=part) == expected
    assert read_tree(text.encode(), separator="/", part=part) == expected


@pytest.mark.parametrize("text", ["", "a = b", "<s><a>1</a>", '<!DOCTYPE s [<!ENTITY e "x">]><s><a>&e;</a></s>'])
def test_what_is_not_whole_or_has_a_document_type_gives_nothing(text: str) -> None:
    assert read_tree(text, separator="/", part=part) == {}
