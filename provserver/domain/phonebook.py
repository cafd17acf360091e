"""Phone books: who is in them, and the `PhonebookFormat` in which a maker's phones read one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from provserver.domain.artefact import TextFormat
from provserver.domain.parameters import Confidence
from provserver.domain.text import check_text
from provserver.errors import InvalidValue

MAX_ENTRIES = 5_000  # of one book; remote phone books of current phones hold 1,000 to 5,000 (L)
MAX_NUMBERS = 8  # of one entry
MAX_NAME_CHARS = 128
_MAX_DIGITS = 64  # a SIP address may stand where a number does
_DIALLED = frozenset("0123456789+*#.:@_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_FORMATTING = str.maketrans("", "", " ()/\t\u00a0")  # how people write numbers; no phone dials it


class NumberKind(StrEnum):
    """Which of somebody's numbers it is."""

    WORK = "work"
    MOBILE = "mobile"
    HOME = "home"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number as it is dialled: digits with ``+ * #``, an extension, or a SIP address without ``sip:``."""

    kind: NumberKind
    digits: str

    def __post_init__(self) -> None:
        if not self.digits or len(self.digits) > _MAX_DIGITS or not _DIALLED.issuperset(self.digits):
            raise InvalidValue(self.kind.value, "is not a number that a phone could dial")

    @classmethod
    def read(cls, kind: NumberKind, text: str) -> Number:
        """Read a number as people write it, ``+44 (0)20 7946-0000``. Raises InvalidValue."""
        compact = text.translate(_FORMATTING)
        if compact and "@" not in compact:
            compact = compact.replace("-", "").replace(".", "")
        return cls(kind=kind, digits=compact)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonebookEntry:
    """Somebody, or something, with at least one number. *group* may be empty."""

    name: str
    group: str = ""
    numbers: tuple[Number, ...]

    def __post_init__(self) -> None:
        for field, text in (("name", self.name), ("group", self.group)):
            check_text(field, text)
            if len(text) > MAX_NAME_CHARS:
                raise InvalidValue(field, f"is longer than {MAX_NAME_CHARS} characters")
        if not self.name:
            raise InvalidValue("name", "is empty")
        if not 1 <= len(self.numbers) <= MAX_NUMBERS:
            raise InvalidValue("numbers", f"are not between 1 and {MAX_NUMBERS}")

    def of_kinds(self, *kinds: str) -> tuple[str, ...]:
        """The digits of its numbers of these kinds, in its own order."""
        return tuple(number.digits for number in self.numbers if number.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonebookFormat:
    """
    How a maker's phones read a remote phone book.

    *template* writes ``title`` and ``entries`` in *format*, or ``rows`` (see `rows`) where an entry has one number, or
    what *variables* makes of the entries. *file* is what phones ask for below their own URL; *appended* means that they
    put it there by themselves, and are told of the folder. *fits* says for which models all this holds.
    """

    template: str = "phonebook.xml.j2"
    format: TextFormat
    variables: Callable[[tuple[PhonebookEntry, ...]], Mapping[str, object]] | None = None
    file: str = "phonebook.xml"
    appended: bool = False
    fits: Callable[[str | None], bool] = lambda _model: True
    source: str
    confidence: Confidence


class PhonebookRow(NamedTuple):
    """One number with a label of its own."""

    label: str
    digits: str


def rows(entries: Iterable[PhonebookEntry]) -> tuple[PhonebookRow, ...]:
    """*entries* for phones that know one number each: who has several comes as ``Ann (mobile)``, ``Ann (work)``."""
    return tuple(
        PhonebookRow(entry.name if len(entry.numbers) == 1 else f"{entry.name} ({number.kind})", number.digits)
        for entry in entries
        for number in entry.numbers
    )


def spread(entries: Iterable[PhonebookEntry], places: Mapping[str, Collection[NumberKind]]) -> list[dict[str, str]]:
    """
    *entries* for phones that have one place a kind: by the maker's name of the place, and ``name`` and ``group``.

    A place that is not needed is empty; somebody with two numbers for one place comes twice.
    """
    found = []
    for entry in entries:
        numbers = {place: entry.of_kinds(*kinds) for place, kinds in places.items()}
        for turn in range(max(map(len, numbers.values()))):
            placed = {place: digits[turn] if turn < len(digits) else "" for place, digits in numbers.items()}
            found.append({"name": entry.name, "group": entry.group, **placed})
    return found


def ordered(entries: Iterable[PhonebookEntry]) -> tuple[PhonebookEntry, ...]:
    """*entries* by name, whatever order they came in: the same people give the same bytes. Doubles are one."""
    unique = dict.fromkeys(entries)
    return tuple(sorted(unique, key=lambda entry: (entry.name.casefold(), entry.name, entry.group, str(entry.numbers))))
