"""How Grandstream phones read a phone book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provserver.domain.formats import XML
from provserver.domain.phonebook import NumberKind, PhonebookEntry, PhonebookFormat
from provserver.vendors.grandstream.models import family
from provserver.vendors.grandstream.notation import PHONES

_TYPES = {NumberKind.WORK: "Work", NumberKind.HOME: "Home", NumberKind.MOBILE: "Cell", NumberKind.OTHER: "Other"}


def _variables(entries: Iterable[PhonebookEntry]) -> Mapping[str, object]:
    """Groups by name, numbered from 1; contacts name theirs by its number."""
    names = dict.fromkeys(entry.group for entry in entries if entry.group)
    return {"types": _TYPES, "groups": {name: number for number, name in enumerate(sorted(names), start=1)}}


PHONEBOOK = PhonebookFormat(
    format=XML,
    variables=_variables,
    appended=True,
    fits=lambda model: family(model) in PHONES,
    source="sheet grandstream 1, 5; fusionpbx grandstream phonebook.xml",
    confidence="H",
)
