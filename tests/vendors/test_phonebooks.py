"""Every maker's phone book can be parsed, carries any name as it is, and is where its phones are told it is."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring

from provserver.domain.mac import MacAddress
from provserver.domain.phonebook import Number, NumberKind, PhonebookEntry, PhonebookFormat, ordered, rows
from provserver.domain.slot import PROVISIONING_URL, SecretSlot
from provserver.domain.vendor import Vendor
from provserver.domain.view import DeviceView
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors

URL = "https://phones.example.com/TOKENTOKENTOKENTOKENTOKE/"
MAC = MacAddress("805ec0aabbcc")
MAKERS = {vendor.slug: vendor for vendor in load_vendors()}
WITH_BOOK = sorted(slug for slug, vendor in MAKERS.items() if vendor.phonebook is not None)
# A model of each maker whose phones read one, and one whose phones do not.
MODELS = {
    "cisco": ("SPA504G", None),
    "fanvil": ("X5U", None),
    "gigaset": ("N870", "Maxwell4"),
    "grandstream": ("GXP2170", "HT802"),
    "htek": ("UC926", None),
    "polycom": ("VVX450", None),
    "snom": ("D785", "M700"),
    "vtech": ("vsp726", "m500kle"),
    "yealink": ("T54W", None),
}
HOSTILE = (
    "</Name><Telephone>666</Telephone><Name>",
    "]]> & <!-- -->",
    'O\'Neil "Ltd" <x@y>',
    "&lt;script&gt;",
    "{{ 7 * 7 }} {% raw %}",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "Zoë Łukasz 山田 😀",
)
each_maker = pytest.mark.parametrize("slug", WITH_BOOK)


def people(*names: str) -> tuple[PhonebookEntry, ...]:
    return ordered(
        PhonebookEntry(
            name=name,
            group=name[:9].strip(),
            numbers=tuple(Number(kind=kind, digits=f"+4420{place}{n}") for n, kind in enumerate(NumberKind)),
        )
        for place, name in enumerate(names)
    )


def written(slug: str, entries: tuple[PhonebookEntry, ...]) -> bytes:
    book = book_of(MAKERS[slug])
    values: dict[str, object] = {"title": "Directory", "entries": entries, "rows": rows(entries)}
    values |= dict(book.variables(entries)) if book.variables else {}
    return Renderer().page(f"{slug}/{book.template}", book.format, values)


def book_of(maker: Vendor) -> PhonebookFormat:
    assert maker.phonebook is not None
    return maker.phonebook


def texts(root: ET.Element) -> set[str]:
    return {(element.text or "").strip() for element in root.iter()} - {""}


def test_the_models_above_are_of_all_makers_with_a_phone_book() -> None:
    assert sorted(MODELS) == WITH_BOOK


@each_maker
def test_a_book_is_parsed_back_with_everybody_in_it(slug: str) -> None:
    entries = people("Ann Lee", "Bob")

    root = fromstring(written(slug, entries))

    said = texts(root) | {element.get("href", "").removeprefix("tel://") for element in root.iter()}
    assert {number.digits for entry in entries for number in entry.numbers} <= said
    for name in ("Ann Lee", "Bob"):
        assert any(text.startswith(name) for text in said)


@each_maker
def test_hostile_names_stay_names(slug: str) -> None:
    plain = fromstring(written(slug, people(*(f"{n} Somebody" for n in range(len(HOSTILE))))))
    hostile = fromstring(written(slug, people(*HOSTILE)))

    def shape(root: ET.Element) -> list[str]:
        return sorted(element.tag for element in root.iter())

    assert shape(hostile) == shape(plain), "no name adds or closes an element"
    for name in HOSTILE:
        assert any(text == name or text.startswith(f"{name} (") for text in texts(hostile)), name


@each_maker
def test_the_same_people_give_the_same_bytes_in_whatever_order(slug: str) -> None:
    assert written(slug, people("Ann", "Bob")) == written(slug, ordered(reversed(people("Ann", "Bob"))))
    assert b"\r" not in written(slug, people("Ann"))


@each_maker
def test_an_empty_book_is_whole(slug: str) -> None:
    fromstring(written(slug, ()))


@each_maker
def test_phones_are_told_where_it_is(slug: str) -> None:
    """The file the phone will ask for, as its maker's own rows write it, is the one that is served."""
    maker, book = MAKERS[slug], book_of(MAKERS[slug])
    model, other = MODELS[slug]
    slot = SecretSlot(PROVISIONING_URL, after="" if book.appended else book.file)
    view = DeviceView(mac=MAC, model=model, settings={"phonebook.1.name": "Directory", "phonebook.1.url": slot})

    files = [
        fill(Renderer().render(maker, rule, view), {PROVISIONING_URL: Secret(URL)}).decode("utf-8", "replace")
        for rule in maker.files
        if rule.template is not None and rule.format is not None and not rule.checksum
    ]

    place = URL.partition("://")[2]
    wanted = place if book.appended else place + book.file
    assert any(re.search(rf"{re.escape(wanted)}(?![\w/.])", text) for text in files), wanted
    assert book.fits(model)
    assert other is None or not book.fits(other)


@pytest.mark.parametrize("slug", WITH_BOOK)
def test_each_format_has_a_source_and_a_mark(slug: str) -> None:
    book = book_of(MAKERS[slug])

    assert book.source
    assert book.confidence in ("H", "M", "L", "T")


def test_the_page_of_phone_books_says_what_the_makers_declare() -> None:
    """Which makers have a format, how sure that is, and whose phones are told of LDAP."""
    page = (Path(__file__).parents[2] / "docs" / "phonebooks.md").read_text(encoding="utf-8")
    marks = re.findall(r"^\| (\w+)[^|]*\|.*\| ([HMLT]) \|$", page, flags=re.MULTILINE)
    section = page.partition("## LDAP")[2].partition("passed on by")[2].partition(";")[0]
    ldap = {word.lower() for word in re.findall(r"[A-Z]\w+", section)} - {"maxwell", "desk"}

    assert {maker.lower(): mark for maker, mark in marks} == {
        slug: book_of(MAKERS[slug]).confidence for slug in WITH_BOOK
    }
    assert ldap == {slug for slug, maker in MAKERS.items() if maker.supports("ldap.server")}
