"""Numbers as people write them, the order of a book, and the shapes in which makers want it."""

from __future__ import annotations

import pytest

from provserver.domain.phonebook import MAX_NUMBERS, Number, NumberKind, PhonebookEntry, ordered, rows, spread
from provserver.errors import InvalidValue

WORK, MOBILE, HOME, OTHER = NumberKind


def entry(name: str, *numbers: tuple[NumberKind, str], group: str = "") -> PhonebookEntry:
    return PhonebookEntry(
        name=name, group=group, numbers=tuple(Number(kind=kind, digits=digits) for kind, digits in numbers)
    )


ANN = entry("Ann", (WORK, "1001"), (MOBILE, "+447700900001"), (MOBILE, "+447700900002"))
BOB = entry("bob", (HOME, "1002"), group="Sales")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+44 20 7946-0000", "+442079460000"),
        ("(020) 7946 0000", "02079460000"),
        ("020.7946/0000", "02079460000"),
        ("*21#", "*21#"),
        ("ann.lee-2@pbx.example.com", "ann.lee-2@pbx.example.com"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, digits: str) -> None:
    assert Number.read(WORK, text).digits == digits


@pytest.mark.parametrize("text", ["", " ", "12<34", 'x" onclick="', "1;2", "1&2", "1" * 65, "1\n2", "٣٣"])
def test_what_cannot_be_dialled_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="dial"):
        Number.read(WORK, text)


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 129, " a", "a\x00"])
def test_names_that_no_file_carries_are_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="name"):
        entry(name, (WORK, "1"))


def test_an_entry_has_a_number_and_not_too_many() -> None:
    for count in (0, MAX_NUMBERS + 1):
        with pytest.raises(InvalidValue, match="numbers"):
            entry("Ann", *[(WORK, "1")] * count)


def test_a_book_is_in_the_order_of_names_whatever_order_it_came_in() -> None:
    assert ordered([BOB, ANN, BOB]) == ordered([ANN, BOB]) == (ANN, BOB)


def test_phones_with_one_number_an_entry_get_one_for_each() -> None:
    assert [tuple(row) for row in rows([ANN, BOB])] == [
        ("Ann (work)", "1001"),
        ("Ann (mobile)", "+447700900001"),
        ("Ann (mobile)", "+447700900002"),
        ("bob", "1002"),
    ]


def test_phones_with_a_place_a_kind_get_somebody_twice_who_has_two() -> None:
    places = {"telephone": (WORK,), "mobile": (MOBILE,), "other": (HOME, OTHER)}

    assert spread([ANN, BOB], places) == [
        {"name": "Ann", "group": "", "telephone": "1001", "mobile": "+447700900001", "other": ""},
        {"name": "Ann", "group": "", "telephone": "", "mobile": "+447700900002", "other": ""},
        {"name": "bob", "group": "Sales", "telephone": "", "mobile": "", "other": "1002"},
    ]
